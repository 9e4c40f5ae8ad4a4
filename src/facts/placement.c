/* Where a model and its inputs live, and how wide its numbers are.
 *
 * What an author wrote about devices is a decision ("cuda:1", a rank, a device map) or the usual
 * phrase ("cuda", "cuda" if torch.cuda.is_available() else "cpu"), and the words tell the two
 * apart. */
#include "facts/words.h"

/* ---- devices ---- */

static Device device_named(Str name) {
    static const char *const maps[] = {"auto", "balanced", "balanced_low_0", "sequential"};
    if (str_eq(name, S("cuda")) || str_eq(name, S("gpu")))
        return DEVICE_CUDA;
    if (str_starts(name, S("cuda:")))
        return DEVICE_CUDA_INDEX;
    if (str_eq(name, S("cpu")))
        return DEVICE_CPU;
    if (str_eq(name, S("mps")))
        return DEVICE_MPS;
    return glob_any(name, maps, COUNT(maps)) ? DEVICE_AUTO : DEVICE_UNKNOWN;
}

static Device either(Device a, Device b) {
    if (a == b)
        return a;
    if ((a == DEVICE_CUDA && b == DEVICE_CPU) || (a == DEVICE_CPU && b == DEVICE_CUDA))
        return DEVICE_CUDA_OR_CPU;
    /* cuda:0 or the CPU, or 0 and -1 of a pipeline. */
    if ((a == DEVICE_CUDA_INDEX && b == DEVICE_CPU) || (a == DEVICE_CPU && b == DEVICE_CUDA_INDEX))
        return DEVICE_CUDA_INDEX;
    return DEVICE_UNKNOWN;
}

static Device device_within(const FactContext *context, Node expression, int depth);

/* A name with several bindings: `device = "cpu"`, then `device = "cuda"` under an if. */
static Device device_of_bindings(const FactContext *context, Node expression, int depth) {
    Device all = DEVICE_UNKNOWN;
    bool any = false;
    for (const Binding *b = name_bindings(context->module, expression); b; b = b->next) {
        if (b->kind != BIND_ASSIGN || !b->value || b->value == expression)
            return DEVICE_UNKNOWN;
        Device one = device_within(context, b->value, depth + 1);
        all = any ? either(all, one) : one;
        if (all == DEVICE_UNKNOWN)
            return all;
        any = true;
    }
    return all;
}

static bool is_dtype(const FactContext *context, Node node) {
    static const char *const types[] = {"*dtype*", "float16", "bfloat16", "float32", "half",
                                        "float64", "float",   "long",     "int64",   "float8*",
                                        "int8",    "uint8",   "bool",     "double",  "int32"};
    Str last = last_part(dotted_name(context->module, node));
    return last.n && glob_any(last, types, COUNT(types));
}

static Device device_of_call(const FactContext *context, Node call, int depth) {
    const CallView *view = call_view(context->module, call);
    Str name = callee_name(context, call);
    const Arg *first = call_positional(view, 0);
    if (!qualified_matches(name, S("torch.device")) || !first)
        return DEVICE_UNKNOWN;
    return view->n > 1 ? DEVICE_CUDA_INDEX : device_within(context, first->value, depth + 1);
}

static Device device_of_number(const FactContext *context, Node node) {
    double number;
    Str text = str_trim(module_text(context->module, node));
    if (str_starts(text, S("-")))
        return DEVICE_CPU; /* of a pipeline */
    return value_number(context->module, node, &number) ? DEVICE_CUDA_INDEX : DEVICE_UNKNOWN;
}

static Device device_within(const FactContext *context, Node expression, int depth) {
    const Module *module = context->module;
    const Tree *tree = module->tree;
    if (depth > 4)
        return DEVICE_UNKNOWN;
    Node node = value_of(module, expression);
    StringValue string;
    switch (node_kind(tree, node)) {
    case NODE_STRING:
    case NODE_CONCATENATED_STRING:
        if (value_string(module, node, &string))
            return device_named(string.text);
        return str_find_fold(module_text(module, node), S("cuda:")) >= 0 ? DEVICE_CUDA_INDEX
                                                                         : DEVICE_UNKNOWN;
    case NODE_CONDITIONAL_EXPRESSION: {
        Node yes = node_child_named(tree, node);
        Node condition = node_next_named(tree, yes);
        return either(device_within(context, yes, depth + 1),
                      device_within(context, node_next_named(tree, condition), depth + 1));
    }
    case NODE_CALL:
        return device_of_call(context, node, depth);
    case NODE_INTEGER:
    case NODE_UNARY_OPERATOR:
        return device_of_number(context, node);
    case NODE_DICTIONARY: {
        /* {"": "cpu"}; a map with more rows is a placement of its own. */
        Node pair = node_child_named(tree, node);
        if (!pair || node_next_named(tree, pair) || node_kind(tree, pair) != NODE_PAIR)
            return pair ? DEVICE_AUTO : DEVICE_UNKNOWN;
        return device_within(context, node_field(tree, pair, FIELD_VALUE), depth + 1);
    }
    case NODE_IDENTIFIER:
    case NODE_ATTRIBUTE:
        if (is_dtype(context, node) || is_dtype(context, expression))
            return DEVICE_DTYPE;
        return device_of_bindings(context, node, depth);
    default:
        return DEVICE_UNKNOWN;
    }
}

Device device_of(const FactContext *context, Node expression) {
    return expression ? device_within(context, expression, 0) : DEVICE_UNKNOWN;
}

bool moves_to(const FactContext *context, Node call, Str method, Device *device) {
    const CallView *view = call_view(context->module, call);
    const Arg *first = call_positional(view, 0);
    if (!first)
        first = call_keyword(view, S("device"));
    if (str_eq(method, S("cuda"))) {
        *device = first ? DEVICE_CUDA_INDEX : DEVICE_CUDA;
        return true;
    }
    if (str_eq(method, S("cpu"))) {
        *device = DEVICE_CPU;
        return true;
    }
    if (!str_eq(method, S("to")) || !first)
        return false;
    *device = device_of(context, first->value);
    return *device != DEVICE_DTYPE;
}

/* ---- where a model is ---- */

typedef struct Place {
    bool cuda, cpu, mps;
    bool moved;     /* to anything but the CPU */
    bool chosen;    /* by an argument, or to a device other than the usual phrase */
    bool entangled; /* moved where the move can't go: inside another expression */
    bool opaque;    /* an argument may hide in a splat */
    bool elsewhere; /* moved in another function than it is loaded in */
} Place;

static void place_at(Place *place, Device device) {
    place->cuda |= device == DEVICE_CUDA || device == DEVICE_CUDA_OR_CPU ||
                   device == DEVICE_CUDA_INDEX || device == DEVICE_AUTO;
    place->cpu |= device == DEVICE_CPU;
    place->mps |= device == DEVICE_MPS;
    place->moved |= device != DEVICE_CPU;
}

/* `m.to(…)` as a statement, `m = m.to(…)`, or a link of the chain that loads m. */
static bool is_plain_move(const FactContext *context, Node call) {
    const Module *module = context->module;
    const Tree *tree = module->tree;
    Node statement = statement_of(module, call);
    Node inner = node_child_named(tree, statement);
    Node top = call;
    /* Up through further links: load().to("cuda").eval(). */
    while (node_kind(tree, node_parent(tree, top)) == NODE_ATTRIBUTE &&
           node_kind(tree, node_parent(tree, node_parent(tree, top))) == NODE_CALL)
        top = node_parent(tree, node_parent(tree, top));
    if (inner == top)
        return true;
    if (node_kind(tree, inner) != NODE_ASSIGNMENT || node_field(tree, inner, FIELD_RIGHT) != top)
        return false;
    Node base = call;
    while (base && node_kind(tree, base) == NODE_CALL && call_receiver(module, base)) {
        if (is_load(context, base))
            return true;
        base = call_receiver(module, base);
    }
    return str_eq(module_text(module, node_field(tree, inner, FIELD_LEFT)),
                  module_text(module, base));
}

static void place_arguments(const FactContext *context, Node load, Place *place) {
    static const char *const names[] = {"device_map", "device", "max_memory", "tp_plan"};
    for (ptrdiff_t i = 0; i < COUNT(names); i++) {
        const Arg *arg = argument(context, load, str_from(names[i]), &place->opaque);
        if (!arg || value_is_none(context->module, arg->value))
            continue;
        place->chosen = true;
        if (i < 2) {
            Device device = device_of(context, arg->value);
            place_at(place, device == DEVICE_UNKNOWN && i == 0 ? DEVICE_AUTO : device);
        }
    }
}

static Place place_of(const FactContext *context, Node load) {
    Place place = {0};
    const Module *module = context->module;
    if (node_kind(module->tree, load) != NODE_CALL)
        return place;
    const Arg *kept =
        keeps_model(context, load) ? call_positional(call_view(module, load), 0) : NULL;
    if (kept) {
        Node inner = subject_origin(context, kept->value);
        /* Its uses are listed through the calls that keep it. */
        if (inner && inner != load && !keeps_model(context, inner))
            return place_of(context, inner);
    }
    place_arguments(context, load, &place);
    UseList uses = model_uses(context, load);
    for (ptrdiff_t i = 0; i < uses.n; i++) {
        const Use *use = &uses.v[i];
        Device device;
        if (use->kind == USE_METHOD && moves_to(context, use->node, use->name, &device)) {
            place_at(&place, device);
            place.chosen |= device != DEVICE_CUDA && device != DEVICE_CUDA_OR_CPU;
            place.entangled |= !is_plain_move(context, use->node);
            place.elsewhere |= function_of(module, use->node) != function_of(module, load);
        } else if (use->kind == USE_ARGUMENT &&
                   qualified_matches(callee_name(context, use->node), S("transformers.pipeline"))) {
            Place pipe = {0};
            place_arguments(context, use->node, &pipe);
            place.cuda |= pipe.cuda;
            place.cpu |= pipe.cpu;
            place.moved |= pipe.moved;
            place.chosen |= pipe.chosen;
        } else if (use->kind == USE_ARGUMENT &&
                   str_find(call_last_name(module, use->node), S("dispatch")) >= 0) {
            place.cuda = place.moved = place.chosen = true; /* accelerate.dispatch_model */
        }
    }
    return place;
}

static bool moves_to_cuda(const FactContext *context, Node call, const void *data) {
    (void)data;
    Device device;
    return call_receiver(context->module, call) &&
           moves_to(context, call, call_last_name(context->module, call), &device) &&
           (device == DEVICE_CUDA || device == DEVICE_CUDA_OR_CPU || device == DEVICE_CUDA_INDEX);
}

static bool chooses_cuda(const FactContext *context, Node conditional, const void *data) {
    (void)data;
    Device device = device_of(context, conditional);
    return device == DEVICE_CUDA_OR_CPU || device == DEVICE_CUDA_INDEX;
}

/* The file's own devices, when the model's are not told: only where it loads one model. */
static Answer gpu_of_file(const FactContext *context, Node load) {
    Node first = next_model_load(context, 0);
    bool only = first == load && !next_model_load(context, first);
    if (only && (file_find(context, NODE_CALL, moves_to_cuda, NULL) ||
                 file_find(context, NODE_CONDITIONAL_EXPRESSION, chooses_cuda, NULL)))
        return answer_yes("the file uses a GPU where there is one");
    return answer_unknown("no device is named");
}

static Answer gpu_of(const FactContext *context, Node load) {
    Place place = place_of(context, load);
    if (place.cuda)
        return answer_yes("the model is put on a GPU");
    if (place.cpu || place.mps)
        return answer_no("the model is put on the CPU or MPS");
    Answer answer = gpu_of_file(context, load);
    if (answer.tri == TRI_UNKNOWN && context->project->hardware == HARDWARE_GPU)
        return answer_yes("the settings say device = \"gpu\"");
    if (answer.tri == TRI_UNKNOWN && context->project->hardware == HARDWARE_CPU)
        return answer_no("the settings say device = \"cpu\"");
    return answer;
}

static Answer moved_of(const FactContext *context, Node load) {
    Place place = place_of(context, load);
    if (place.moved && (place.cpu || place.mps) && !place.cuda && place.cpu)
        return answer_unknown("moved to the CPU and elsewhere");
    if (place.moved)
        return answer_yes("the model is moved or mapped to a device");
    return place.opaque ? answer_unknown("an argument may hide in `**`")
                        : answer_no("nothing moves the model");
}

static Answer placed_of(const FactContext *context, Node load) {
    Place place = place_of(context, load);
    if (place.chosen)
        return answer_yes("its place is chosen in the file");
    if (place.entangled || place.elsewhere)
        return answer_yes("it is moved where the move can't go");
    return place.opaque ? answer_unknown("an argument may hide in `**`")
                        : answer_no("no place is chosen for it");
}

static Answer cpu_of(const FactContext *context, Node load) {
    Place place = place_of(context, load);
    if (place.cuda)
        return answer_no("the model is put on a GPU");
    if (place.cpu || place.mps)
        return answer_yes("the model is put on the CPU or MPS");
    static const char *const cuda[] = {"*cuda*", "gpu", "device_map"};
    static const char *const cpu[] = {"cpu", "mps"};
    if (!file_mentions(context, cuda, COUNT(cuda)) && file_mentions(context, cpu, COUNT(cpu)))
        return answer_yes("the file names no device but the CPU or MPS");
    return place.moved ? answer_unknown("its device is not known")
                       : answer_no("no CPU is asked for");
}

ASK(ask_gpu) {
    (void)n;
    return subject_each(context, args[0], gpu_of);
}

ASK(ask_moved) {
    (void)n;
    return subject_each(context, args[0], moved_of);
}

ASK(ask_placed) {
    (void)n;
    return subject_each(context, args[0], placed_of);
}

ASK(ask_cpu_only) {
    (void)n;
    return subject_each(context, args[0], cpu_of);
}

ASK(ask_cuda_device) {
    (void)n;
    Device device = device_of(context, args[0].node);
    if (device == DEVICE_CUDA || device == DEVICE_CUDA_OR_CPU)
        return answer_yes("\"cuda\", or the CPU where there is none");
    return device == DEVICE_UNKNOWN ? answer_unknown("the device is not known")
                                    : answer_no("a device of its own choice");
}

ASK(ask_gpu_device) {
    (void)n;
    Device device = device_of(context, args[0].node);
    if (device == DEVICE_CUDA || device == DEVICE_CUDA_OR_CPU || device == DEVICE_CUDA_INDEX)
        return answer_yes("a GPU");
    return device == DEVICE_UNKNOWN ? answer_unknown("the device is not known")
                                    : answer_no("no GPU");
}

ASK(ask_device) {
    (void)n;
    Device device = device_of(context, args[0].node);
    if (device == DEVICE_DTYPE)
        return answer_no("a dtype");
    return device == DEVICE_UNKNOWN ? answer_unknown("the device is not known")
                                    : answer_yes("a device");
}

/* Whether the model is bound before the place on every path that reaches it. */
ASK(ask_bound_before) {
    const Module *module = context->module;
    const Tree *tree = module->tree;
    if (n < 2 || !args[0].node || !args[1].node)
        return answer_unknown("asked without a place");
    Node place = statement_of(module, args[1].node);
    const Binding *binding = name_bindings(module, args[0].node);
    if (!binding)
        return answer_unknown("the name is not bound in the file");
    bool attribute = node_kind(tree, args[0].node) == NODE_ATTRIBUTE;
    for (; binding; binding = binding->next) {
        if (binding->kind == BIND_PARAMETER)
            return answer_yes("a parameter");
        if (binding->value && value_is_none(module, binding->value))
            continue;
        if (function_of(module, binding->at) != function_of(module, place)) {
            Node outer = function_of(module, binding->at);
            Str name = module_text(module, node_field(tree, outer, FIELD_NAME));
            if (attribute ? str_eq(name, S("__init__")) : outer == 0)
                return answer_yes("bound before the function runs");
            continue;
        }
        Node block = block_of(module, statement_of(module, binding->at));
        if (node_within(tree, place, block) &&
            node_span(tree, statement_of(module, binding->at)).end <= node_span(tree, place).at)
            return answer_yes("bound above, on every path");
    }
    return answer_no("not bound before on every path");
}

/* Likewise, for the place where a value comes from. */
ASK(ask_bound_when_made) {
    Node made = n > 1 ? subject_origin(context, args[1].node) : 0;
    if (!made)
        return answer_unknown("where the value is made is not known");
    FactArg at_origin[] = {args[0], {.node = made}};
    return ask_bound_before(context, at_origin, 2);
}

/* A model that hooks move from device to device: a move of its own breaks that. */
static Answer dispatched_of(const FactContext *context, Node origin) {
    Node load = keeps_model(context, origin) ? base_load(context, origin) : origin;
    if (!load || !is_load(context, load))
        return answer_unknown("where the model is loaded is not known");
    if (!str_starts(callee_name(context, load), S("transformers.")) &&
        !str_starts(callee_name(context, load), S("peft.")))
        return answer_unknown("another library loads it");
    bool opaque = false;
    const Arg *map = argument(context, load, S("device_map"), &opaque);
    if (!map)
        return opaque ? answer_unknown("an argument may hide in `**`")
                      : answer_no("the load gets no device map");
    Device device = device_of(context, map->value);
    UseList uses = model_uses(context, load);
    for (ptrdiff_t i = 0; i < uses.n; i++) {
        Device to;
        if (uses.v[i].kind == USE_METHOD &&
            moves_to(context, uses.v[i].node, uses.v[i].name, &to) &&
            (to == DEVICE_CPU || to == DEVICE_MPS))
            return answer_unknown("it also goes to the CPU and may come back");
    }
    if (device == DEVICE_AUTO)
        return answer_yes("a device map lays it over devices");
    return device == DEVICE_UNKNOWN && !value_is_none(context->module, map->value)
               ? answer_unknown("the device map is not known")
               : answer_no("the device map names one device");
}

ASK(ask_dispatched) {
    (void)n;
    return subject_each(context, args[0], dispatched_of);
}

/* ---- width of numbers ---- */

/* Whether the config may also be None: `config if args.quantize else None`. */
static bool may_be_none(const FactContext *context, Node value) {
    const Origins *origins = value_origins(context->module, value, library_returns_self);
    for (ptrdiff_t i = 0; i < origins->n; i++)
        if (node_kind(context->module->tree, origins->v[i]) == NODE_NONE_LITERAL)
            return true;
    return false;
}

static Answer quantized_of(const FactContext *context, Node origin) {
    static const char *const names[] = {"quantization_config", "load_in_4bit", "load_in_8bit"};
    Node load = keeps_model(context, origin) ? base_load(context, origin) : origin;
    bool opaque = false;
    if (!load)
        return answer_unknown("where the model is loaded is not known");
    for (ptrdiff_t i = 0; i < COUNT(names); i++) {
        const Arg *arg = argument(context, load, str_from(names[i]), &opaque);
        if (!arg || value_is_none(context->module, arg->value))
            continue;
        Truth truth = i                                  ? value_truth(context->module, arg->value)
                      : may_be_none(context, arg->value) ? TRUTH_UNKNOWN
                                                         : TRUTH_TRUE;
        if (truth == TRUTH_TRUE)
            return answer_yes("the load quantizes");
        if (truth == TRUTH_UNKNOWN)
            return answer_unknown("whether the load quantizes is not known");
    }
    const Arg *options = argument(context, load, S("model_kwargs"), NULL);
    if (options)
        return answer_unknown("the load may quantize through model_kwargs");
    return opaque ? answer_unknown("an argument may hide in `**`")
                  : answer_no("the load does not quantize");
}

static Answer bitsandbytes_of(const FactContext *context, Node origin) {
    Answer quantized = quantized_of(context, origin);
    Node load = keeps_model(context, origin) ? base_load(context, origin) : origin;
    const Arg *config = argument(context, load, S("quantization_config"), NULL);
    if (quantized.tri != TRI_YES || !config)
        return quantized;
    Tri tri = type_is(context, config->value, S("transformers.BitsAndBytesConfig"));
    return answer_of(tri, tri == TRI_YES ? "a bitsandbytes config" : "another quantization");
}

static Answer dtype_of(const FactContext *context, Node load) {
    static const char *const names[] = {"torch_dtype", "dtype", "fp16", "bf16", "model_kwargs"};
    static const char *const methods[] = {"half", "bfloat16", "float", "double"};
    static const char *const defaults[] = {"set_default_dtype"};
    bool opaque = false;
    for (ptrdiff_t i = 0; i < COUNT(names); i++)
        if (argument(context, load, str_from(names[i]), &opaque))
            return answer_yes("a dtype is given to the load");
    if (file_calls(context, defaults, COUNT(defaults)))
        return answer_yes("the file sets a default dtype");
    UseList uses = model_uses(context, load);
    for (ptrdiff_t i = 0; i < uses.n; i++) {
        const Use *use = &uses.v[i];
        if (use->kind != USE_METHOD)
            continue;
        if (glob_any(use->name, methods, COUNT(methods)))
            return answer_yes("the model is cast after the load");
        if (!str_eq(use->name, S("to")))
            continue;
        const CallView *view = call_view(context->module, use->node);
        for (ptrdiff_t k = 0; k < view->n; k++)
            if (str_eq(view->args[k].name, S("dtype")) ||
                device_of(context, view->args[k].value) == DEVICE_DTYPE)
                return answer_yes("the model is cast after the load");
    }
    return opaque ? answer_unknown("an argument may hide in `**`") : answer_no("no dtype is given");
}

ASK(ask_quantized) {
    (void)n;
    return subject_each(context, args[0], quantized_of);
}

ASK(ask_bitsandbytes) {
    (void)n;
    return subject_each(context, args[0], bitsandbytes_of);
}

ASK(ask_dtype_written) {
    (void)n;
    return subject_each(context, args[0], dtype_of);
}

static bool is_float16(const FactContext *context, Node value) {
    StringValue text;
    if (value_string(context->module, value, &text))
        return str_eq(text.text, S("float16")) && !text.is_default;
    Str last = last_part(dotted_name(context->module, value_of(context->module, value)));
    return str_eq(last, S("float16")) || str_eq(last, S("half"));
}

static Answer float16_of(const FactContext *context, Node load) {
    static const char *const names[] = {"torch_dtype", "dtype"};
    for (ptrdiff_t i = 0; i < COUNT(names); i++) {
        const Arg *arg = argument(context, load, str_from(names[i]), NULL);
        if (arg && is_float16(context, arg->value))
            return answer_yes("it is loaded in float16");
    }
    UseList uses = model_uses(context, load);
    for (ptrdiff_t i = 0; i < uses.n; i++)
        if (uses.v[i].kind == USE_METHOD && str_eq(uses.v[i].name, S("half")))
            return answer_yes("it is cast to float16");
    return answer_no("no sign that it is loaded in float16");
}

ASK(ask_loads_float16) {
    (void)n;
    return subject_each(context, args[0], float16_of);
}

ASK(ask_float16_evidence) {
    (void)args, (void)n;
    static const char *const words[] = {"float16", "fp16", "*float16*gpu*", "half"};
    static const char *const cards[] = {"T4", "V100", "P100", "2080", "1080", "P40"};
    for (ptrdiff_t i = 0; i < COUNT(cards); i++)
        if (file_has_word(context, cards[i]))
            return answer_yes("the file names a GPU without bfloat16");
    if (file_mentions(context, words, COUNT(words)))
        return answer_yes("the file uses float16");
    return answer_no("no sign of float16");
}

/* ---- what a bfloat16 model meets ---- */

static bool numpy_call(const FactContext *context, Node call, const void *data) {
    (void)data;
    Str last = call_last_name(context->module, call);
    return (call_receiver(context->module, call) && str_eq(last, S("numpy"))) ||
           str_eq(last, S("allclose"));
}

static bool array_call(const FactContext *context, Node call, const void *data) {
    (void)data;
    Str name = callee_name(context, call);
    return str_starts(name, S("numpy.")) && !str_starts(name, S("numpy.random."));
}

ASK(ask_outputs_numpy) {
    (void)args, (void)n;
    if (file_find(context, NODE_CALL, numpy_call, NULL))
        return answer_yes("the file reads tensors through numpy");
    if (file_find(context, NODE_CALL, array_call, NULL))
        return answer_unknown("the file uses numpy, perhaps on what the model gives");
    return answer_no("nothing in the file reads tensors through numpy");
}

static bool float_feed(const FactContext *context, Node call, const void *data) {
    (void)data;
    return type_is(context, call, S("transformers.BatchFeature")) == TRI_YES;
}

ASK(ask_float_inputs) {
    (void)args, (void)n;
    static const char *const names[] = {"pixel_values*",    "input_features",     "input_values",
                                        "AutoProcessor",    "AutoImageProcessor", "*ImageProcessor",
                                        "*FeatureExtractor"};
    if (file_mentions(context, names, COUNT(names)) ||
        file_find(context, NODE_CALL, float_feed, NULL))
        return answer_yes("the file makes inputs of floats");
    return answer_no("no inputs of floats in the file");
}
