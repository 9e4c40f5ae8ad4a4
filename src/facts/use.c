/* What becomes of a model in the file: does it answer, learn, or is it only copied.
 *
 * Each use of the loaded value is looked up in methods.def or in the functions below. A use that
 * nothing here knows makes the answer unknown: the model may be trained there. So does a model that
 * is a part of a torch module of the file, because that is trained as a whole, elsewhere. */
#include "facts/words.h"
#include "project/launches.h"

typedef enum Effect { EFFECT_NONE, EFFECT_NEUTRAL, EFFECT_INFER, EFFECT_TRAIN, EFFECT_COPY } Effect;

static const struct {
    const char *method;
    Effect effect;
} effect_rows[] = {
#define EFFECT(method, effect) {method, EFFECT_##effect},
#include "facts/methods.def"
};

static Effect effect_of(Str method) {
    for (ptrdiff_t i = 0; i < COUNT(effect_rows); i++)
        if (str_eq(method, str_from(effect_rows[i].method)))
            return effect_rows[i].effect;
    return EFFECT_NONE;
}

static const char *const trainer_names[] = {"*Trainer", "*TrainerWithEval"};
static const char *const optimizer_names[] = {
    "Adam*",     "SGD",         "*Optimizer*", "Adafactor",       "RMSprop", "Lion*",
    "*Adam8bit", "*optimizer*", "PagedA*",     "clip_grad_norm_", "Adagrad", "LAMB"};

static const char *const neutral_functions[] = {"print",
                                                "type",
                                                "isinstance",
                                                "len",
                                                "id",
                                                "hasattr",
                                                "getattr",
                                                "str",
                                                "repr",
                                                "callable",
                                                "bool",
                                                "vars",
                                                "summary",
                                                "display",
                                                "get_model_size",
                                                "print_trainable_parameters",
                                                "count_parameters",
                                                "set_seed",
                                                "set_peft_model_state_dict",
                                                "log",
                                                "info",
                                                "debug"};

static const char *const exporters[] = {
    "torch.onnx.*",        "torch.jit.*",         "torch.export.*", "torch.save", "safetensors.*",
    "transformers.onnx.*", "optimum.exporters.*", "*.save_model",   "*.export"};

static const char *const distributors[] = {
    "*DataParallel", "*DistributedDataParallel",  "FSDP",
    "DDP",           "*FullyShardedDataParallel", "*DeepSpeed*"};

static void unknown_use(ModelUse *use, const char *why) {
    use->unknown = true;
    use->why_unknown = why;
}

static bool has_backward(const FactContext *context) {
    static const char *const names[] = {"backward", "manual_backward"};
    return file_calls(context, names, COUNT(names)) != 0;
}

/* Whether the node stands in an argument of a call whose last name is one of the patterns. */
static bool inside_call(const FactContext *context, Node node, const char *const *names,
                        ptrdiff_t n) {
    const Module *module = context->module;
    const Tree *tree = module->tree;
    Node statement = statement_of(module, node);
    for (Node up = node; up && up != statement; up = node_parent(tree, up))
        if (node_kind(tree, up) == NODE_ARGUMENT_LIST &&
            glob_any(call_last_name(module, node_parent(tree, up)), names, n))
            return true;
    return false;
}

/* `with torch.no_grad():`, `@torch.inference_mode()` and their like around the node. */
static bool under_no_grad(const FactContext *context, Node node) {
    const Module *module = context->module;
    const Tree *tree = module->tree;
    for (Node up = node; up; up = node_parent(tree, up)) {
        Node head = 0;
        if (node_kind(tree, up) == NODE_WITH_STATEMENT)
            head = node_child_named(tree, up);
        else if (node_kind(tree, node_parent(tree, up)) == NODE_DECORATED_DEFINITION)
            head = node_child_named(tree, node_parent(tree, up));
        Str text = module_text(module, head);
        if (str_find(text, S("no_grad")) >= 0 || str_find(text, S("inference_mode")) >= 0)
            return true;
    }
    return false;
}

bool keeps_model(const FactContext *context, Node call) {
    static const char *const keepers[] = {"torch.compile",
                                          "typing.cast",
                                          "peft.get_peft_model",
                                          "peft.prepare_model_for_*",
                                          "peft.PeftModel*.from_pretrained",
                                          "peft.PeftMixedModel.from_pretrained",
                                          "optimum.bettertransformer.BetterTransformer.transform"};
    return glob_any(callee_name(context, call), keepers, COUNT(keepers));
}

static void add_uses(const FactContext *context, Node value, UseList *list, int depth) {
    const Uses *uses = value_uses(context->module, value, library_returns_self);
    for (ptrdiff_t i = 0; i < uses->n; i++) {
        *list_push(context->module->arena, list) = uses->v[i];
        if (uses->v[i].kind == USE_ARGUMENT && depth < 4 && keeps_model(context, uses->v[i].node))
            add_uses(context, uses->v[i].node, list, depth + 1);
    }
}

UseList model_uses(const FactContext *context, Node load) {
    UseList list = {0};
    add_uses(context, load, &list, 0);
    return list;
}

static void read_method(const FactContext *context, const Use *u, ModelUse *use) {
    const Module *module = context->module;
    if (str_eq(u->name, S("parameters"))) {
        use->trains |= inside_call(context, u->node, optimizer_names, COUNT(optimizer_names)) ||
                       has_backward(context);
        return;
    }
    if (str_eq(u->name, S("train"))) {
        /* train(False) is eval(). */
        const CallView *view = call_view(module, u->node);
        const Arg *mode = call_positional(view, 0);
        if (!mode)
            mode = call_keyword(view, S("mode"));
        if (mode && value_truth(module, mode->value) == TRUTH_FALSE)
            return;
    }
    switch (effect_of(u->name)) {
    case EFFECT_INFER:
        use->infers = true;
        return;
    case EFFECT_TRAIN:
        use->trains = true;
        return;
    case EFFECT_COPY:
        use->copies = true;
        return;
    case EFFECT_NEUTRAL:
        return;
    case EFFECT_NONE:
        unknown_use(use, "a method of the model whose effect is not known");
        return;
    }
}

static void read_argument(const FactContext *context, const Use *u, ModelUse *use) {
    Str name = callee_name(context, u->node);
    Str last = call_last_name(context->module, u->node);
    if (glob_any(last, trainer_names, COUNT(trainer_names))) {
        use->trains = true;
        use->adapts |= argument(context, u->node, S("peft_config"), NULL) != NULL;
    } else if (str_eq(last, S("get_peft_model")) || str_eq(last, S("inject_adapter_in_model"))) {
        use->trains = use->adapts = true;
    } else if (str_starts(last, S("prepare"))) {
        use->trains = use->wrapped = true;
    } else if (keeps_model(context, u->node)) {
        const Arg *trainable = argument(context, u->node, S("is_trainable"), NULL);
        use->trains |= trainable && value_truth(context->module, trainable->value) != TRUTH_FALSE;
        use->adapts |= str_starts(name, S("peft."));
    } else if (qualified_matches(name, S("transformers.pipeline")) ||
               class_is(context, name, S("transformers.Pipeline")) == TRI_YES) {
        use->infers = use->piped = true;
    } else if (glob_any(last, distributors, COUNT(distributors)) ||
               str_starts(name, S("deepspeed."))) {
        use->distributes = use->wrapped = true;
    } else if (glob_any(name, exporters, COUNT(exporters))) {
        use->copies = true;
    } else if (glob_any(last, optimizer_names, COUNT(optimizer_names))) {
        use->trains = true;
    } else if (name.n && name.p[0] == '.') {
        Node definition = class_in_file(context, name);
        if (definition && is_torch_module(context, definition)) {
            use->wrapped = true;
            unknown_use(use, "a part of a torch module of the file");
        }
    } else if (!glob_any(last, neutral_functions, COUNT(neutral_functions))) {
        unknown_use(use, "given to a function of another file");
    }
}

/* A trainer of the file whose constructor is the library's takes it out of sight, to train it. */
static void read_escaped(const FactContext *context, const Use *u, ModelUse *use) {
    const Tree *tree = context->module->tree;
    Node list = u->node;
    if (node_kind(tree, list) == NODE_KEYWORD_ARGUMENT)
        list = node_parent(tree, list);
    Node call = node_kind(tree, list) == NODE_ARGUMENT_LIST ? node_parent(tree, list) : 0;
    if (call &&
        (glob_any(call_last_name(context->module, call), trainer_names, COUNT(trainer_names)) ||
         class_is(context, callee_name(context, call), S("transformers.Trainer")) == TRI_YES))
        use->trains = true;
    else
        unknown_use(use, "put where it can't be followed");
}

static void read_called(const FactContext *context, const Use *u, ModelUse *use) {
    if (has_backward(context)) {
        use->trains = true;
        return;
    }
    bool opaque = false;
    if (argument(context, u->node, S("labels"), &opaque) && !under_no_grad(context, u->node))
        unknown_use(use, "called with labels where gradients are kept");
    use->infers = true;
}

static void read_store(const Use *u, ModelUse *use) {
    static const char *const harmless[] = {"config",      "generation_config", "tokenizer", "name*",
                                           "device_name", "pad_token*",        "eos_token*"};
    if (!glob_any(u->name, harmless, COUNT(harmless)))
        unknown_use(use, "a part of the model is replaced");
}

ModelUse model_use(const FactContext *context, Node load) {
    const Module *module = context->module;
    ModelUse found = {0}, *use = &found;
    UseList uses = model_uses(context, load);
    for (ptrdiff_t i = 0; i < uses.n; i++) {
        const Use *u = &uses.v[i];
        Node holder = class_of(module, u->value);
        if (holder && is_torch_module(context, holder)) {
            use->wrapped = true;
            unknown_use(use, "a part of a torch module of the file");
        }
        switch (u->kind) {
        case USE_CALLED:
            read_called(context, u, use);
            break;
        case USE_METHOD:
            read_method(context, u, use);
            break;
        case USE_ATTRIBUTE:
            use->infers |= str_eq(u->name, S("generate")); /* Thread(target=model.generate) */
            break;
        case USE_STORE:
            read_store(u, use);
            break;
        case USE_ARGUMENT:
            read_argument(context, u, use);
            break;
        case USE_RETURNED:
            unknown_use(use, "returned to another file");
            break;
        case USE_ESCAPED:
            read_escaped(context, u, use);
            break;
        case USE_SUBSCRIPT:
        case USE_ITERATED:
        case USE_OTHER:
            break;
        }
    }
    return found;
}

/* ---- the whole file ---- */

static const char *const launchers[] = {"deepspeed",
                                        "deepspeed.*",
                                        "torch.distributed",
                                        "torch.distributed.*",
                                        "horovod*",
                                        "ray",
                                        "ray.*",
                                        "multiprocessing",
                                        "multiprocessing.*",
                                        "torch.multiprocessing",
                                        "torch.multiprocessing.*",
                                        "fairscale*",
                                        "*.DataParallel",
                                        "*.DistributedDataParallel",
                                        "*.ProcessPoolExecutor",
                                        "*.FullyShardedDataParallel",
                                        "accelerate.Accelerator",
                                        "accelerate.PartialState",
                                        "accelerate.utils.gather_object",
                                        "accelerate.notebook_launcher",
                                        "mpi4py*",
                                        "submitit*",
                                        "colossalai*",
                                        "torch_xla*",
                                        "accelerate.accelerator*",
                                        "accelerate.state*",
                                        "megatron*"};

static const char *const launcher_words[] = {"*CUDA_VISIBLE_DEVICES*",
                                             "*LOCAL_RANK*",
                                             "*local_rank*",
                                             "*WORLD_SIZE*",
                                             "world_size",
                                             "*torchrun*",
                                             "*deepspeed*",
                                             "fsdp",
                                             "fsdp_*",
                                             "FSDP*",
                                             "*accelerate launch*",
                                             "init_process_group",
                                             "DataParallel",
                                             "DistributedDataParallel",
                                             "Accelerator",
                                             "*torch.distributed*"};

static bool is_plain_accelerate(const FactContext *context) {
    return file_imports(context, "accelerate") &&
           file_mentions(context, (const char *const[]){"Accelerator", "PartialState"}, 2);
}

static Answer ask_launchers(const FactContext *context) {
    if (file_imports_any(context, launchers, COUNT(launchers)) || is_plain_accelerate(context))
        return answer_yes("imports a library of several devices or processes");
    if (file_mentions(context, launcher_words, COUNT(launcher_words)) ||
        file_has_word(context, "torchrun") || file_has_word(context, "deepspeed") ||
        file_has_word(context, "accelerate launch"))
        return answer_yes("names a launcher, a rank or the visible devices");
    const Launch *launch = launch_of(context->project, context->module->source->path);
    if (!launch)
        return answer_no("no sign of several processes in the file or around it");
    const char *form = launch->certain ? "%.*s starts it on several devices or processes"
                                       : "%.*s is for launches of several processes";
    Arena *arena = context->module->arena;
    const char *why = str_c(arena, str_format(arena, form, STR_ARG(launch->by)));
    return launch->certain ? answer_yes(why) : answer_unknown(why);
}

static const char *const training_modules[] = {"lightning*",
                                               "pytorch_lightning*",
                                               "trl",
                                               "trl.*",
                                               "accelerate.Accelerator",
                                               "composer*",
                                               "transformers.*Trainer",
                                               "transformers.*TrainingArguments",
                                               "transformers.trainer*",
                                               "peft.get_peft_model",
                                               "peft.prepare_model_for_*",
                                               "unsloth*",
                                               "*.get_*schedule*"};

static Answer ask_training_steps(const FactContext *context) {
    static const char *const steps[] = {"backward",          "manual_backward",
                                        "get_peft_model",    "prepare_model_for_*",
                                        "TrainingArguments", "*Trainer"};
    if (file_imports_any(context, training_modules, COUNT(training_modules)))
        return answer_yes("imports what trains");
    if (file_calls(context, steps, COUNT(steps)))
        return answer_yes("the file trains");
    return answer_no("nothing in the file trains");
}

static Answer file_distributed(const FactContext *context) {
    static const char owner = 0;
    return file_answer(context, &owner, ask_launchers);
}

static Answer file_trains(const FactContext *context) {
    static const char owner = 0;
    return file_answer(context, &owner, ask_training_steps);
}

ASK(ask_distributed) {
    (void)args, (void)n;
    return file_distributed(context);
}

ASK(ask_training_file) {
    (void)args, (void)n;
    return file_trains(context);
}

ASK(ask_trl) {
    (void)args, (void)n;
    if (file_imports(context, "trl"))
        return answer_yes("the file imports trl");
    return answer_no("the file does not import trl");
}

/* ---- one model ---- */

static Answer inference_of(const FactContext *context, Node load) {
    if (node_kind(context->module->tree, load) != NODE_CALL)
        return answer_unknown("where the model is loaded is not known");
    if (qualified_matches(callee_name(context, load), S("transformers.pipeline")))
        return answer_yes("a pipeline");
    ModelUse use = model_use(context, load);
    if (use.trains)
        return answer_no("the model is trained");
    if (use.copies)
        return answer_no("the model is saved, exported or read weight by weight");
    Answer distributed = file_distributed(context);
    if (use.distributes || distributed.tri == TRI_YES)
        return answer_no("the file runs on several devices or processes");
    if (use.unknown || distributed.tri == TRI_UNKNOWN)
        return answer_unknown(use.unknown ? use.why_unknown : distributed.why);
    if (use.infers)
        return answer_yes("the model generates or is called");
    return answer_unknown("no use of the model in the file");
}

static Answer training_of(const FactContext *context, Node load) {
    if (node_kind(context->module->tree, load) != NODE_CALL)
        return answer_unknown("where the model is loaded is not known");
    ModelUse use = model_use(context, load);
    if (use.trains)
        return answer_yes("the model is trained");
    if (use.unknown)
        return answer_unknown(use.why_unknown);
    return answer_no("nothing trains the model");
}

static Answer copied_of(const FactContext *context, Node load) {
    ModelUse use = model_use(context, load);
    if (use.infers || use.trains)
        return answer_no("the model also answers or learns");
    if (use.copies)
        return answer_yes("the model is only saved, exported or read weight by weight");
    return use.unknown ? answer_unknown(use.why_unknown) : answer_no("the model is not copied");
}

static Answer lora_of(const FactContext *context, Node load) {
    ModelUse use = model_use(context, load);
    if (use.adapts)
        return answer_yes("an adapter is put on the model");
    return use.unknown ? answer_unknown(use.why_unknown) : answer_no("no adapter");
}

static Answer wrapped_of(const FactContext *context, Node load) {
    if (node_kind(context->module->tree, load) != NODE_CALL)
        return answer_unknown("where the model is loaded is not known");
    Str loaded = class_of_call(context, load);
    if (loaded.n && loaded.p[0] == '.')
        return answer_yes("a class of the file");
    ModelUse use = model_use(context, load);
    if (use.wrapped || use.distributes)
        return answer_yes("something wraps the model");
    return answer_no("nothing in the file wraps the model");
}

ASK(ask_inference) {
    (void)n;
    return subject_each(context, args[0], inference_of);
}

ASK(ask_training) {
    (void)n;
    Node expression = subject_expression(context, args[0]);
    if (expression && is_model(context, expression) == TRI_YES)
        return subject_each(context, args[0], training_of);
    return file_trains(context);
}

ASK(ask_copied_only) {
    (void)n;
    return subject_each(context, args[0], copied_of);
}

ASK(ask_lora) {
    (void)n;
    return subject_each(context, args[0], lora_of);
}

ASK(ask_wrapped) {
    (void)n;
    return subject_each(context, args[0], wrapped_of);
}
