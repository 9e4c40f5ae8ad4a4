/* Padding, pad tokens and sides: what a tokenizer is asked to do, and what the file sets. */
#include "facts/texts.h"
#include "facts/words.h"

/* ---- padding ---- */

static Tri truthy(const FactContext *context, Node value) {
    const Module *module = context->module;
    StringValue text;
    if (value_string(module, value, &text))
        return str_eq(text.text, S("do_not_pad")) ? TRI_NO : TRI_YES;
    if (value_is_none(module, value))
        return TRI_NO;
    switch (value_truth(module, value)) {
    case TRUTH_TRUE:
        return TRI_YES;
    case TRUTH_FALSE:
        return TRI_NO;
    case TRUTH_UNKNOWN:
        break;
    }
    return TRI_UNKNOWN;
}

/* Whether the call of a tokenizer pads; `opaque` when an argument may hide. */
static Tri call_pads(const FactContext *context, Node call) {
    static const char *const names[] = {"padding", "pad_to_max_length"};
    bool opaque = false;
    if (call_receiver(context->module, call) &&
        str_eq(call_last_name(context->module, call), S("pad")))
        return TRI_YES;
    for (ptrdiff_t i = 0; i < COUNT(names); i++) {
        const Arg *arg = argument(context, call, str_from(names[i]), &opaque);
        if (arg)
            return truthy(context, arg->value);
    }
    return opaque ? TRI_UNKNOWN : TRI_NO;
}

/* Many texts without padding that a generate gets: it needs padding, whether it is there or not. */
static bool is_generated_batch(const FactContext *context, Node call) {
    return texts_of(context, call) >= COUNT_LIST &&
           argument(context, call, S("return_tensors"), NULL) &&
           ask_feeds_generate(context, &(FactArg){.node = call}, 1).tri == TRI_YES;
}

static Tri use_pads(const FactContext *context, const Use *use) {
    static const char *const encoders[] = {"encode_plus", "batch_encode_plus", "encode",
                                           "__call__"};
    switch (use->kind) {
    case USE_CALLED: {
        Tri tri = call_pads(context, use->node);
        return tri != TRI_YES && is_generated_batch(context, use->node) ? TRI_YES : tri;
    }
    case USE_METHOD:
        if (str_eq(use->name, S("pad")))
            return TRI_YES;
        if (str_eq(use->name, S("apply_chat_template")) ||
            glob_any(use->name, encoders, COUNT(encoders)))
            return call_pads(context, use->node);
        return TRI_NO;
    case USE_ARGUMENT: {
        Str last = call_last_name(context->module, use->node);
        Str name = callee_name(context, use->node);
        if (glob_matches(last, S("DataCollator*")))
            return TRI_YES;
        if (qualified_matches(name, S("transformers.pipeline"))) {
            const Arg *batch = argument(context, use->node, S("batch_size"), NULL);
            double size;
            if (batch)
                return value_number(context->module, batch->value, &size) && size <= 1 ? TRI_NO
                                                                                       : TRI_YES;
            return TRI_NO;
        }
        if (glob_matches(last, S("*Trainer")))
            return TRI_UNKNOWN;
        return TRI_NO;
    }
    case USE_RETURNED:
    case USE_ESCAPED:
        return TRI_UNKNOWN;
    case USE_ATTRIBUTE:
    case USE_STORE:
    case USE_SUBSCRIPT:
    case USE_ITERATED:
    case USE_OTHER:
        break;
    }
    return TRI_NO;
}

static Answer pads_of(const FactContext *context, Node load) {
    if (node_kind(context->module->tree, load) != NODE_CALL)
        return answer_unknown("where the tokenizer is loaded is not known");
    const Uses *uses = value_uses(context->module, load, library_returns_self);
    bool unknown = false;
    for (ptrdiff_t i = 0; i < uses->n; i++) {
        Tri tri = use_pads(context, &uses->v[i]);
        if (tri == TRI_YES)
            return answer_yes("something pads with it");
        unknown |= tri == TRI_UNKNOWN;
    }
    return unknown ? answer_unknown("whether something pads with it is not known")
                   : answer_no("nothing pads with it");
}

ASK(ask_pads) {
    (void)n;
    return subject_each(context, args[0], pads_of);
}

ASK(ask_padded) {
    (void)n;
    Node call = tokenizer_call(context, args[0]);
    if (!call)
        return answer_unknown("no call of a tokenizer");
    Tri tri = call_pads(context, call);
    return answer_of(tri, tri == TRI_YES  ? "the call pads"
                          : tri == TRI_NO ? "the call does not pad"
                                          : "whether the call pads is not known");
}

/* Texts of an unknown number that the author pads and calls by a plural. */
static bool is_called_batch(const FactContext *context, Node call) {
    static const char *const plurals[] = {"*prompts",      "*texts",     "*sentences",
                                          "*questions",    "*queries",   "batch",
                                          "*instructions", "*documents", "batch_*"};
    Str name = last_part(dotted_name(context->module, text_argument(context, call)));
    return call_pads(context, call) == TRI_YES && glob_any(name, plurals, COUNT(plurals));
}

/* Whether some padded or many-texted call of the tokenizer feeds generate. */
static Answer batch_generated_of(const FactContext *context, Node load) {
    const Uses *uses = value_uses(context->module, load, library_returns_self);
    bool unknown = false;
    for (ptrdiff_t i = 0; i < uses->n; i++) {
        bool encodes =
            uses->v[i].kind == USE_METHOD && str_eq(uses->v[i].name, S("batch_encode_plus"));
        if (uses->v[i].kind != USE_CALLED && !encodes)
            continue;
        Node call = uses->v[i].node;
        Count texts = texts_of(context, call);
        Tri feeds = ask_feeds_generate(context, &(FactArg){.node = call}, 1).tri;
        if (texts == COUNT_ONE || texts == COUNT_COPIES || feeds == TRI_NO)
            continue;
        bool batch = texts >= COUNT_LIST || (!texts && is_called_batch(context, call));
        if (feeds == TRI_YES && batch)
            return answer_yes("a batch from it feeds generate");
        unknown = true;
    }
    return unknown ? answer_unknown("whether a batch from it feeds generate is not known")
                   : answer_no("no batch from it feeds generate");
}

ASK(ask_batch_generated) {
    (void)n;
    return subject_each(context, args[0], batch_generated_of);
}

/* ---- pad tokens and sides that the file sets ---- */

/* A store to an attribute of one of the names, a string of it (a dict's key, setattr), or a keyword
 * argument of it. */
static bool names_setting(const FactContext *context, const char *const *names, ptrdiff_t n) {
    const Module *module = context->module;
    const Tree *tree = module->tree;
    for (Node node = 1; node < tree->n; node++) {
        Node parent = node_parent(tree, node);
        switch ((Kind)tree->rows[node].kind) {
        case NODE_ATTRIBUTE: {
            Node top = node_kind(tree, parent) == NODE_PATTERN_LIST ? parent : node;
            Node statement = node_parent(tree, top);
            bool left = (node_kind(tree, statement) == NODE_ASSIGNMENT ||
                         node_kind(tree, statement) == NODE_AUGMENTED_ASSIGNMENT) &&
                        node_field(tree, statement, FIELD_LEFT) == top;
            if (left &&
                glob_any(module_text(module, node_field(tree, node, FIELD_ATTRIBUTE)), names, n))
                return true;
            break;
        }
        case NODE_STRING_CONTENT:
            if (glob_any(module_text(module, node), names, n))
                return true;
            break;
        case NODE_KEYWORD_ARGUMENT:
            if (glob_any(module_text(module, node_field(tree, node, FIELD_NAME)), names, 1))
                return true;
            break;
        default:
            break;
        }
    }
    return false;
}

ASK(ask_pad_token_set) {
    (void)args, (void)n;
    static const char *const names[] = {"pad_token", "pad_token_id"};
    static const char *const calls[] = {"add_special_tokens"};
    if (names_setting(context, names, COUNT(names)) || file_calls(context, calls, COUNT(calls)))
        return answer_yes("the file sets a pad token");
    return answer_no("nothing in the file sets a pad token");
}

ASK(ask_padding_side_set) {
    (void)args, (void)n;
    static const char *const names[] = {"padding_side"};
    if (names_setting(context, names, COUNT(names)))
        return answer_yes("the file sets a padding side");
    return answer_no("nothing in the file sets a padding side");
}

/* ---- collators and maps ---- */

ASK(ask_collator) {
    (void)args, (void)n;
    static const char *const names[] = {"DataCollator*", "default_data_collator", "collate_fn",
                                        "data_collator", "*Collator"};
    if (file_mentions(context, names, COUNT(names)))
        return answer_yes("the file pads in a collator");
    return answer_no("no collator in the file");
}

ASK(ask_lm_collator) {
    (void)args, (void)n;
    static const char *const names[] = {
        "DataCollatorForLanguageModeling", "DataCollatorForCompletionOnlyLM",
        "DataCollatorForWholeWordMask", "DataCollatorForPermutationLanguageModeling"};
    if (file_mentions(context, names, COUNT(names)))
        return answer_yes("the file has a language-modelling collator");
    return answer_no("no language-modelling collator in the file");
}

ASK(ask_label_collator) {
    (void)args, (void)n;
    static const char *const names[] = {"DataCollatorForSeq2Seq",
                                        "DataCollatorForTokenClassification"};
    if (file_mentions(context, names, COUNT(names)))
        return answer_yes("a collator of the file pads labels with -100");
    return answer_no("no collator of the file pads labels");
}

/* `x["labels"] = x["input_ids"]`, `{"labels": ids["input_ids"]}`, `labels=x.input_ids`. */
static bool takes_ids(const FactContext *context, Node node, const void *data) {
    const Module *module = context->module;
    const Field *fields = data;
    Str target = module_text(module, node_field(module->tree, node, fields[0]));
    Str value = module_text(module, node_field(module->tree, node, fields[1]));
    /* Where labels of pads are made -100 in the same breath, a mask or a choice is named. */
    return str_find(target, S("labels")) >= 0 && str_find(value, S("input_ids")) >= 0 &&
           str_find(value, S("mask")) < 0 && str_find(value, S("where")) < 0 &&
           str_find(value, S("-100")) < 0;
}

ASK(ask_copies_labels) {
    (void)args, (void)n;
    static const Field assigned[] = {FIELD_LEFT, FIELD_RIGHT};
    static const Field paired[] = {FIELD_KEY, FIELD_VALUE}, given[] = {FIELD_NAME, FIELD_VALUE};
    if (file_find(context, NODE_ASSIGNMENT, takes_ids, assigned) ||
        file_find(context, NODE_PAIR, takes_ids, paired) ||
        file_find(context, NODE_KEYWORD_ARGUMENT, takes_ids, given))
        return answer_yes("the file takes labels from the input ids");
    return answer_no("nothing in the file takes labels from the input ids");
}

static bool is_ignored_label(const FactContext *context, Node number, const void *data) {
    (void)data;
    return str_eq(module_text(context->module, number), S("-100"));
}

/* `labels == tokenizer.pad_token_id`, either way around. */
static bool compares_pad(const FactContext *context, Node comparison, const void *data) {
    (void)data;
    const Module *module = context->module;
    static const char *const names[] = {"*pad_token_id", "pad_id"};
    for (Node side = node_child_named(module->tree, comparison); side;
         side = node_next_named(module->tree, side))
        if (glob_any(last_part(module_text(module, side)), names, COUNT(names)))
            return true;
    return false;
}

ASK(ask_masks_pad_labels) {
    (void)args, (void)n;
    if (file_find(context, NODE_COMPARISON_OPERATOR, compares_pad, NULL) &&
        file_find(context, NODE_UNARY_OPERATOR, is_ignored_label, NULL))
        return answer_yes("the file takes pads out of the labels by their id");
    return answer_no("nothing in the file takes pads out of the labels by their id");
}

static bool is_mapped_in(const FactContext *context, Node node) {
    static const char *const maps[] = {"map", "with_transform", "set_transform", "filter",
                                       "map_batches"};
    const Tree *tree = context->module->tree;
    for (Node up = node; up; up = node_parent(tree, up))
        if (node_kind(tree, up) == NODE_ARGUMENT_LIST &&
            glob_any(call_last_name(context->module, node_parent(tree, up)), maps, COUNT(maps)))
            return true;
    return false;
}

ASK(ask_in_map) {
    (void)n;
    const Module *module = context->module;
    const Tree *tree = module->tree;
    Node node = args[0].node;
    if (!node)
        return answer_unknown("asked about no value of the file");
    if (is_mapped_in(context, node))
        return answer_yes("inside an argument of map");
    for (Node f = function_of(module, node); f; f = function_of(module, f)) {
        Node name = node_field(tree, f, FIELD_NAME);
        if (!name)
            continue;
        Str text = module_text(module, name);
        for (Node use = 1; use < tree->n; use++) {
            if (tree->rows[use].kind != NODE_IDENTIFIER || use == name ||
                !str_eq(module_text(module, use), text))
                continue;
            if (is_mapped_in(context, use))
                return answer_yes("in a function that map gets");
        }
    }
    return answer_no("not in a function that map gets");
}
