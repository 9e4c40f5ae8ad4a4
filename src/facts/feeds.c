/* Where a tokenizer's result goes: which models it feeds, and in what shape.
 *
 * The result is followed through names, functions of the file and its own methods, then each tensor
 * taken out of it (`x["input_ids"]`, `x.input_ids`) likewise. What leaves the view is told as
 * `unknown`; whoever asks decides whether that matters. */
#include "facts/words.h"

enum { TENSOR_DEPTH = 4 };

static const char *const tensor_ids[] = {"input_ids"};
static const char *const moving_functions[] = {"*move*", "*to_device*", "*to_gpu*", "*to_cuda*",
                                               "*cast*"};
static const char *const reading_functions[] = {
    "print",        "len",  "type",  "isinstance", "hasattr", "decode",
    "batch_decode", "info", "debug", "log",        "repr",    "str",
    "dir",          "id",   "list",  "sorted",     "set",     "convert_ids_to_tokens"};

static void follow_tensor(const FactContext *context, Node tensor, Str key, Feeds *feeds,
                          int depth);

static bool is_move(Str method) {
    return str_eq(method, S("to")) || str_eq(method, S("cuda")) || str_eq(method, S("cpu")) ||
           str_eq(method, S("xpu")) || str_eq(method, S("npu"));
}

static bool is_numpy_call(const FactContext *context, Node call) {
    Str name = callee_name(context, call);
    return str_starts(name, S("numpy.")) || str_starts(name, S("sklearn.")) ||
           str_starts(name, S("pandas.")) || str_starts(name, S("scipy."));
}

/* Whether the subtree holds a call of .to() or .cuda(). */
static bool moves_inside(const FactContext *context, Node node) {
    const Tree *tree = context->module->tree;
    for (Node i = node; i && i < tree->rows[node].past; i++)
        if (node_kind(tree, i) == NODE_CALL && call_receiver(context->module, i) &&
            is_move(call_last_name(context->module, i)))
            return true;
    return false;
}

/* The loop, comprehension or statement that reads the parts of a result. */
static Node loop_around(const FactContext *context, Node node) {
    const Tree *tree = context->module->tree;
    for (Node up = node; up; up = node_parent(tree, up)) {
        switch (node_kind(tree, up)) {
        case NODE_FOR_STATEMENT:
        case NODE_DICTIONARY_COMPREHENSION:
        case NODE_LIST_COMPREHENSION:
        case NODE_GENERATOR_EXPRESSION:
            return up;
        default:
            break;
        }
    }
    return 0;
}

/* `f(x)`: a call of a model, or of its generate, is a feed; anything else is not followed. */
static bool add_feed(const FactContext *context, const Use *use, Str key, bool whole,
                     Feeds *feeds) {
    const Module *module = context->module;
    Node receiver = call_receiver(module, use->node);
    Str method = call_last_name(module, use->node);
    bool generate = receiver && str_eq(method, S("generate"));
    bool forward = receiver && (str_eq(method, S("forward")) || str_starts(method, S("get_")));
    Node model = generate || forward ? receiver : call_function(module, use->node);
    if (is_model(context, model) != TRI_YES) {
        bool splat = node_kind(module->tree, use->argument) == NODE_DICTIONARY_SPLAT;
        if (!generate && (!splat || receiver || callee_name(context, use->node).n))
            return false;
        feeds->unknown = true; /* something that acts like a model */
    }
    if (str_eq(use->name, S("labels"))) {
        feeds->labels = true;
        return true;
    }
    /* eos_token_id=tok("x").input_ids[-1] is an option and no input. */
    static const char *const inputs[] = {"input*", "*_ids", "*mask*", "text", "x", "prompt*"};
    static const char *const options[] = {"*_token_id", "bad_words_ids", "force_words_ids"};
    if (use->name.n && (!glob_any(use->name, inputs, COUNT(inputs)) ||
                        glob_any(use->name, options, COUNT(options))))
        return true;
    const Arg *labels = argument(context, use->node, S("labels"), NULL);
    *list_push(module->arena, &feeds->list) = (Feed){
        .call = use->node,
        .model = model,
        .generate = generate,
        .only_ids = !whole && glob_any(key, tensor_ids, COUNT(tensor_ids)) &&
                    !argument(context, use->node, S("attention_mask"), NULL),
        .with_labels = labels != NULL,
    };
    return true;
}

static void tensor_method(const FactContext *context, const Use *use, Str key, Feeds *feeds,
                          int depth) {
    static const char *const shaping[] = {
        "clone",      "detach",  "unsqueeze",         "squeeze", "view",
        "repeat",     "expand",  "reshape",           "long",    "int",
        "contiguous", "flatten", "repeat_interleave", "t"};
    if (is_move(use->name))
        feeds->moved = true;
    else if (str_eq(use->name, S("numpy")))
        feeds->numpy = true;
    else if (glob_any(use->name, shaping, COUNT(shaping)))
        follow_tensor(context, use->node, key, feeds, depth + 1);
}

/* The tensor is stored as the labels: `x["labels"] = x["input_ids"].clone()`, `labels = …`. */
static bool stored_as_labels(const FactContext *context, Node tensor) {
    const Module *module = context->module;
    Node statement = statement_of(module, tensor);
    Node assignment = node_child_named(module->tree, statement);
    if (node_kind(module->tree, assignment) != NODE_ASSIGNMENT)
        return false;
    Node left = node_field(module->tree, assignment, FIELD_LEFT);
    return !node_within(module->tree, tensor, left) &&
           str_find_fold(module_text(module, left), S("label")) >= 0;
}

static void follow_tensor(const FactContext *context, Node tensor, Str key, Feeds *feeds,
                          int depth) {
    if (depth > TENSOR_DEPTH)
        return;
    const Module *module = context->module;
    feeds->labels |= stored_as_labels(context, tensor);
    const Uses *uses = value_uses(module, tensor, library_returns_self);
    for (ptrdiff_t i = 0; i < uses->n; i++) {
        const Use *use = &uses->v[i];
        switch (use->kind) {
        case USE_METHOD:
            tensor_method(context, use, key, feeds, depth);
            break;
        case USE_SUBSCRIPT:
            follow_tensor(context, use->node, key, feeds, depth + 1);
            break;
        case USE_ARGUMENT:
            if (add_feed(context, use, key, false, feeds))
                break;
            feeds->numpy |= is_numpy_call(context, use->node);
            if (glob_any(call_last_name(module, use->node), moving_functions,
                         COUNT(moving_functions)))
                feeds->moved = true;
            break;
        case USE_RETURNED:
            feeds->returned = true;
            break;
        case USE_ESCAPED:
            feeds->unknown = true;
            break;
        case USE_CALLED:
        case USE_ATTRIBUTE:
        case USE_STORE:
        case USE_ITERATED:
        case USE_OTHER:
            break;
        }
    }
}

static void take_part(const FactContext *context, Node part, Str key, Feeds *feeds) {
    feeds->ids_read |= str_eq(key, S("input_ids"));
    feeds->mask_read |= str_eq(key, S("attention_mask"));
    follow_tensor(context, part, key, feeds, 0);
}

static void encoding_method(const FactContext *context, const Use *use, Feeds *feeds) {
    static const char *const reading[] = {
        "keys", "values", "items",     "word_ids",   "tokens",       "get",    "convert_to_*",
        "copy", "pop",    "char_to_*", "token_to_*", "sequence_ids", "update", "eval"};
    if (is_move(use->name)) {
        feeds->moved = true;
    } else if (str_eq(use->name, S("items")) || str_eq(use->name, S("keys")) ||
               str_eq(use->name, S("values"))) {
        Node loop = loop_around(context, use->node);
        feeds->moved |= loop && moves_inside(context, loop);
        feeds->mask_read = true;
    } else if (!glob_any(use->name, reading, COUNT(reading))) {
        feeds->unknown = true;
    }
}

static void encoding_argument(const FactContext *context, const Use *use, Feeds *feeds) {
    const Module *module = context->module;
    Str last = call_last_name(module, use->node);
    bool splat = node_kind(module->tree, use->argument) == NODE_DICTIONARY_SPLAT;
    if (add_feed(context, use, (Str){0}, true, feeds)) {
        feeds->mask_read |= splat;
        return;
    }
    Str name = callee_name(context, use->node);
    if (glob_any(last, moving_functions, COUNT(moving_functions)))
        feeds->moved = true;
    else if (is_numpy_call(context, use->node))
        feeds->numpy = true;
    else if (!(name.n && name.p[0] == '.') &&
             !glob_any(last, reading_functions, COUNT(reading_functions)))
        feeds->unknown = true;
}

static void encoding_use(const FactContext *context, const Use *use, Feeds *feeds) {
    const Module *module = context->module;
    const Tree *tree = module->tree;
    Str key = use->name;
    switch (use->kind) {
    case USE_METHOD:
        encoding_method(context, use, feeds);
        return;
    case USE_ARGUMENT:
        encoding_argument(context, use, feeds);
        return;
    case USE_ATTRIBUTE:
        take_part(context, use->node, key, feeds);
        return;
    case USE_SUBSCRIPT: {
        Node index = node_field(tree, use->node, FIELD_SUBSCRIPT);
        Node parent = node_parent(tree, use->node);
        if (!string_literal(module, index, &key)) {
            /* x[k] in a loop over its keys: `x[k] = x[k].to(device)`. */
            Node loop = loop_around(context, use->node);
            feeds->moved |= loop && moves_inside(context, loop);
            return;
        }
        bool store = node_kind(tree, parent) == NODE_ASSIGNMENT &&
                     node_field(tree, parent, FIELD_LEFT) == use->node;
        if (!store)
            take_part(context, use->node, key, feeds);
        else if (str_eq(key, S("labels")))
            feeds->labels = true;
        return;
    }
    case USE_ITERATED: {
        Node loop = loop_around(context, use->node);
        feeds->moved |= loop && moves_inside(context, loop);
        return;
    }
    case USE_RETURNED:
        feeds->returned = feeds->unknown = true;
        return;
    case USE_CALLED:
    case USE_ESCAPED:
        feeds->unknown = true;
        return;
    case USE_STORE:
    case USE_OTHER:
        return;
    }
}

Feeds feeds_of(const FactContext *context, Node encoding) {
    Feeds feeds = {0};
    Node origin = subject_origin(context, encoding);
    const Uses *uses =
        value_uses(context->module, origin ? origin : encoding, library_returns_self);
    for (ptrdiff_t i = 0; i < uses->n; i++)
        encoding_use(context, &uses->v[i], &feeds);
    return feeds;
}

/* ---- words ---- */

static Answer feeds_answer(bool yes, const Feeds *feeds, const char *why_yes, const char *why_no) {
    if (yes)
        return answer_yes(why_yes);
    return feeds->unknown ? answer_unknown("the result also goes where it can't be followed")
                          : answer_no(why_no);
}

ASK(ask_feeds_generate) {
    (void)n;
    Feeds feeds = feeds_of(context, args[0].node);
    bool yes = false;
    for (ptrdiff_t i = 0; i < feeds.list.n; i++) {
        Node load = subject_origin(context, feeds.list.v[i].model);
        yes |= feeds.list.v[i].generate &&
               ask_decoder_only(context, &(FactArg){.node = feeds.list.v[i].model}, 1).tri ==
                   TRI_YES &&
               load;
    }
    return feeds_answer(yes, &feeds, "feeds generate of a decoder-only model",
                        "does not feed generate of a decoder-only model");
}

ASK(ask_feeds_forward) {
    (void)n;
    Feeds feeds = feeds_of(context, args[0].node);
    bool yes = false;
    for (ptrdiff_t i = 0; i < feeds.list.n; i++)
        yes |= !feeds.list.v[i].generate;
    return feeds_answer(yes, &feeds, "a model is called with it", "no model is called with it");
}

ASK(ask_feeds_loss) {
    (void)n;
    Feeds feeds = feeds_of(context, args[0].node);
    bool yes = feeds.labels;
    for (ptrdiff_t i = 0; i < feeds.list.n; i++)
        yes |= feeds.list.v[i].with_labels;
    return feeds_answer(yes, &feeds, "feeds a loss", "feeds no loss");
}

/* An encoder, a classifier or an encoder-decoder: what reads the text from its start. */
ASK(ask_feeds_encoder) {
    (void)n;
    Feeds feeds = feeds_of(context, args[0].node);
    bool yes = false, other = false;
    for (ptrdiff_t i = 0; i < feeds.list.n; i++) {
        Node load = subject_origin(context, feeds.list.v[i].model);
        Str loaded = last_part(class_of_call(context, load));
        Family family = load ? family_of_load(context, load) : FAMILY_UNKNOWN;
        bool reads = family == FAMILY_ENCODER || family == FAMILY_ENCODER_DECODER ||
                     glob_matches(loaded, S("*For*Classification"));
        yes |= reads;
        other |= !reads;
    }
    if (other && yes)
        return answer_unknown("feeds models of several kinds");
    return feeds_answer(yes, &feeds, "feeds an encoder, a classifier or an encoder-decoder",
                        "feeds nothing that reads a text from its start");
}

ASK(ask_feeds_model) {
    (void)n;
    Feeds feeds = feeds_of(context, args[0].node);
    bool yes = false;
    for (ptrdiff_t i = 0; i < feeds.list.n; i++)
        yes |= is_model(context, feeds.list.v[i].model) == TRI_YES;
    return feeds_answer(yes, &feeds, "feeds a model", "feeds no model");
}

ASK(ask_only_input_ids) {
    (void)n;
    Feeds feeds = feeds_of(context, args[0].node);
    if (feeds.ids_read && !feeds.mask_read && !feeds.unknown)
        return answer_yes("only input_ids is used");
    return feeds_answer(false, &feeds, "", "more than input_ids is used");
}

ASK(ask_labels_from) {
    (void)n;
    Feeds feeds = feeds_of(context, args[0].node);
    return feeds_answer(feeds.labels, &feeds, "labels are taken from the ids", "no labels from it");
}

ASK(ask_already_moved) {
    (void)n;
    static const char *const defaults[] = {"set_default_device", "set_default_tensor_type"};
    Feeds feeds = feeds_of(context, args[0].node);
    if (!feeds.moved && file_calls(context, defaults, COUNT(defaults)))
        return answer_yes("the file sets a default device");
    return feeds_answer(feeds.moved, &feeds, "it is moved in the file", "nothing moves it");
}

ASK(ask_reads_numpy) {
    (void)n;
    Feeds feeds = feeds_of(context, args[0].node);
    return feeds_answer(feeds.numpy, &feeds, "it is read through numpy", "not read through numpy");
}

/* Whether the call gives PyTorch tensors; lists have no device. */
static bool gives_tensors(const FactContext *context, Node call) {
    const Arg *type = argument(context, call, S("return_tensors"), NULL);
    StringValue value;
    if (!type)
        return false;
    if (value_string(context->module, type->value, &value))
        return str_eq(value.text, S("pt"));
    return str_ends(dotted_name(context->module, type->value), S(".PYTORCH"));
}

/* The one model that a tokenizer's result feeds in its own function. */
ASK(ask_consumer) {
    (void)n;
    const Module *module = context->module;
    Node origin = subject_origin(context, args[0].node);
    Node encoding = origin ? origin : args[0].node;
    Feeds feeds = feeds_of(context, args[0].node);
    if (feeds.unknown)
        return answer_unknown("the result also goes where it can't be followed");
    if (!gives_tensors(context, encoding))
        return answer_unknown("not known to give PyTorch tensors");
    Node model = 0;
    for (ptrdiff_t i = 0; i < feeds.list.n; i++) {
        Node next = feeds.list.v[i].model;
        if (is_model(context, next) != TRI_YES || !dotted_name(module, next).n)
            return answer_unknown("fed to something that is not known to be a model");
        if (function_of(module, next) != function_of(module, encoding))
            return answer_unknown("fed to a model in another function");
        if (model && (!str_eq(dotted_name(module, next), dotted_name(module, model)) ||
                      !same_place(module, next, model)))
            return answer_unknown("fed to several models");
        model = model ? model : next;
    }
    if (!model)
        return answer_unknown("feeds no model in this scope");
    return (Answer){.tri = TRI_YES,
                    .text = dotted_name(module, model),
                    .node = model,
                    .why = "the model that it feeds"};
}
