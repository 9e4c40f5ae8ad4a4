/* Texts, padding and pad tokens: what a tokenizer is asked to do.
 *
 * "One text" and "many texts" are told apart by how the input is written; a name that nothing in
 * the file explains is neither. */
#include "facts/checkpoints.h"
#include "facts/words.h"

typedef enum Count { COUNT_UNKNOWN, COUNT_ONE, COUNT_LIST, COUNT_MANY } Count;

static Count count_of(const FactContext *context, Node expression, int depth);

/* ---- how many texts ---- */

static bool holds_dict(const Tree *tree, Node list) {
    for (Node item = node_child_named(tree, list); item; item = node_next_named(tree, item)) {
        Kind kind = node_kind(tree, item);
        if (kind == NODE_DICTIONARY)
            return true;
    }
    return false;
}

static Count count_of_display(const FactContext *context, Node list) {
    const Tree *tree = context->module->tree;
    if (holds_dict(tree, list))
        return COUNT_ONE; /* a conversation */
    int items = 0;
    for (Node item = node_child_named(tree, list); item; item = node_next_named(tree, item)) {
        if (node_kind(tree, item) == NODE_LIST_SPLAT)
            return COUNT_LIST;
        items++;
    }
    return items > 1 ? COUNT_MANY : items == 1 ? COUNT_ONE : COUNT_LIST;
}

/* Names that are grown step by step: `texts = []`, then texts.append(…). */
static bool is_grown(const FactContext *context, Node expression) {
    const Module *module = context->module;
    Node binding = value_of(module, expression);
    const Uses *uses = value_uses(module, binding, NULL);
    for (ptrdiff_t i = 0; i < uses->n; i++)
        if (uses->v[i].kind == USE_METHOD &&
            (str_eq(uses->v[i].name, S("append")) || str_eq(uses->v[i].name, S("extend")) ||
             str_eq(uses->v[i].name, S("insert")) || str_eq(uses->v[i].name, S("pop")) ||
             str_eq(uses->v[i].name, S("remove")) || str_eq(uses->v[i].name, S("clear"))))
            return true;
    return false;
}

static Count count_of_call(const FactContext *context, Node call) {
    static const char *const lists[] = {"list",  "sorted",     "tolist",    "to_list",
                                        "split", "splitlines", "readlines", "batch_decode"};
    static const char *const texts[] = {"input",        "format",       "join",    "strip",
                                        "lower",        "read",         "str",     "rstrip",
                                        "lstrip",       "upper",        "replace", "read_text",
                                        "removeprefix", "removesuffix", "decode",  "dumps"};
    const Module *module = context->module;
    Str last = call_last_name(module, call);
    if (glob_any(last, lists, COUNT(lists)))
        return COUNT_LIST;
    if (str_eq(last, S("apply_chat_template"))) {
        const Arg *tokenize = argument(context, call, S("tokenize"), NULL);
        bool text = tokenize && value_truth(module, tokenize->value) == TRUTH_FALSE;
        const Arg *first = call_positional(call_view(module, call), 0);
        /* One conversation gives one string; a list of conversations gives a list. */
        return text && first && count_of(context, first->value, 1) == COUNT_ONE ? COUNT_ONE
                                                                                : COUNT_UNKNOWN;
    }
    return glob_any(last, texts, COUNT(texts)) ? COUNT_ONE : COUNT_UNKNOWN;
}

static Count count_of_parameter(const FactContext *context, const Binding *binding) {
    Node annotation = binding->annotation;
    Str text = module_text(context->module, annotation);
    if (str_eq(text, S("str")) || str_eq(text, S("Optional[str]")) || str_eq(text, S("str | None")))
        return COUNT_ONE;
    if (str_starts(text, S("list[")) || str_starts(text, S("List[")) ||
        str_starts(text, S("Sequence[")) || str_eq(text, S("list")))
        return str_find_fold(text, S("dict")) >= 0 ? COUNT_UNKNOWN : COUNT_LIST;
    StringValue value;
    if (!annotation && binding->value && value_string(context->module, binding->value, &value))
        return COUNT_ONE;
    return COUNT_UNKNOWN;
}

/* `for text in texts`: one text, where texts are known to be strings. */
static Count count_of_item(const FactContext *context, Node iterable) {
    const Tree *tree = context->module->tree;
    Node list = value_of(context->module, iterable);
    Kind kind = node_kind(tree, list);
    if (kind != NODE_LIST && kind != NODE_TUPLE)
        return COUNT_UNKNOWN;
    Node item = node_child_named(tree, list);
    for (Node i = item; i; i = node_next_named(tree, i)) {
        Kind element = node_kind(tree, i);
        if (element != NODE_STRING && element != NODE_CONCATENATED_STRING)
            return COUNT_UNKNOWN;
    }
    return item ? COUNT_ONE : COUNT_UNKNOWN;
}

static Count count_of_name(const FactContext *context, Node name, int depth) {
    Count all = COUNT_UNKNOWN;
    bool any = false;
    const Binding *reaching = binding_reaching(context->module, name);
    for (const Binding *b = reaching ? reaching : name_bindings(context->module, name); b;
         b = reaching ? NULL : b->next) {
        Count one = COUNT_UNKNOWN;
        if (b->kind == BIND_PARAMETER)
            one = count_of_parameter(context, b);
        else if (b->kind == BIND_FOR && b->index < 0)
            one = count_of_item(context, b->value);
        else if (b->kind == BIND_ASSIGN && b->value)
            one = count_of(context, b->value, depth + 1);
        else if (b->kind == BIND_AUGMENT && any)
            one = all == COUNT_MANY || all == COUNT_LIST ? COUNT_LIST : all;
        if (any && one != all)
            return one != COUNT_ONE && all != COUNT_ONE && one && all ? COUNT_LIST : COUNT_UNKNOWN;
        all = one;
        any = true;
    }
    return all == COUNT_MANY && is_grown(context, name) ? COUNT_LIST : all;
}

static Count count_of_operator(const FactContext *context, Node node, int depth) {
    const Tree *tree = context->module->tree;
    Node left = node_field(tree, node, FIELD_LEFT), right = node_field(tree, node, FIELD_RIGHT);
    Str symbol = node_text(tree, node_field(tree, node, FIELD_OPERATOR));
    Count a = count_of(context, left, depth + 1), b = count_of(context, right, depth + 1);
    double times;
    if (str_eq(symbol, S("%")))
        return a == COUNT_ONE ? COUNT_ONE : COUNT_UNKNOWN;
    if (str_eq(symbol, S("+"))) {
        Kind of_left = node_kind(tree, value_of(context->module, left));
        Kind of_right = node_kind(tree, value_of(context->module, right));
        bool lists =
            of_left == NODE_LIST || of_right == NODE_LIST || a >= COUNT_LIST || b >= COUNT_LIST;
        if (!lists)
            return a == COUNT_ONE || b == COUNT_ONE ? COUNT_ONE : COUNT_UNKNOWN;
        return a == COUNT_MANY || b == COUNT_MANY ? COUNT_MANY : COUNT_LIST;
    }
    if (str_eq(symbol, S("*")) && node_kind(tree, value_of(context->module, left)) == NODE_LIST)
        return value_number(context->module, right, &times) && times > 1 && a != COUNT_LIST
                   ? COUNT_MANY
                   : COUNT_LIST;
    return COUNT_UNKNOWN;
}

static Count count_of(const FactContext *context, Node expression, int depth) {
    const Module *module = context->module;
    const Tree *tree = module->tree;
    if (depth > 6)
        return COUNT_UNKNOWN;
    Node node = strip_parentheses(module, expression);
    switch (node_kind(tree, node)) {
    case NODE_STRING:
    case NODE_CONCATENATED_STRING:
        return COUNT_ONE;
    case NODE_LIST:
        return count_of_display(context, node);
    case NODE_LIST_COMPREHENSION:
        return node_kind(tree, node_field(tree, node, FIELD_BODY)) == NODE_DICTIONARY
                   ? COUNT_UNKNOWN
                   : COUNT_LIST;
    case NODE_CALL:
        return count_of_call(context, node);
    case NODE_BINARY_OPERATOR:
        return count_of_operator(context, node, depth);
    case NODE_SUBSCRIPT: {
        Node index = node_field(tree, node, FIELD_SUBSCRIPT);
        Node value = node_field(tree, node, FIELD_VALUE);
        Count whole = count_of(context, value, depth + 1);
        if (node_kind(tree, index) == NODE_SLICE)
            return whole == COUNT_ONE ? COUNT_UNKNOWN : COUNT_LIST;
        /* texts[0] of a display of strings. */
        return whole >= COUNT_LIST ? count_of_item(context, value) : COUNT_UNKNOWN;
    }
    case NODE_IDENTIFIER:
    case NODE_ATTRIBUTE:
        return count_of_name(context, node, depth);
    default:
        return COUNT_UNKNOWN;
    }
}

static Node text_argument(const FactContext *context, Node call) {
    static const char *const names[] = {"text", "batch_text_or_text_pairs", "text_inputs"};
    const CallView *view = call_view(context->module, call);
    const Arg *first = call_positional(view, 0);
    for (ptrdiff_t i = 0; !first && i < COUNT(names); i++)
        first = call_keyword(view, str_from(names[i]));
    return first ? first->value : 0;
}

/* The tokenizer call that the argument stands for, moves and items taken off. */
static Node tokenizer_call(const FactContext *context, FactArg arg) {
    Node node = subject_expression(context, arg);
    if (node_kind(context->module->tree, node) != NODE_CALL)
        return 0;
    Node origin = subject_origin(context, node);
    return node_kind(context->module->tree, origin) == NODE_CALL ? origin : node;
}

static Count texts_of(const FactContext *context, Node call) {
    bool opaque = false;
    const Arg *words = argument(context, call, S("is_split_into_words"), &opaque);
    if (!words)
        words = argument(context, call, S("is_pretokenized"), NULL); /* its name before 4.0 */
    Node text = text_argument(context, call);
    if (words && value_truth(context->module, words->value) == TRUTH_TRUE)
        return COUNT_ONE;
    return text ? count_of(context, text, 0) : COUNT_UNKNOWN;
}

ASK(ask_one_text) {
    (void)n;
    Node call = tokenizer_call(context, args[0]);
    switch (call ? texts_of(context, call) : COUNT_UNKNOWN) {
    case COUNT_ONE:
        return answer_yes("one text");
    case COUNT_LIST:
    case COUNT_MANY:
        return answer_no("a list of texts");
    case COUNT_UNKNOWN:
        break;
    }
    return answer_unknown("how many texts there are is not known");
}

ASK(ask_many_texts) {
    (void)n;
    Node call = tokenizer_call(context, args[0]);
    switch (call ? texts_of(context, call) : COUNT_UNKNOWN) {
    case COUNT_MANY:
        return answer_yes("a list of more than one text");
    case COUNT_ONE:
        return answer_no("one text");
    case COUNT_LIST:
    case COUNT_UNKNOWN:
        break;
    }
    return answer_unknown("how many texts there are is not known");
}

ASK(ask_chat_text) {
    (void)n;
    const Module *module = context->module;
    const Tree *tree = module->tree;
    Node call = tokenizer_call(context, args[0]);
    Node text = call ? text_argument(context, call) : 0;
    if (!text)
        return answer_unknown("the text is not known");
    const Origins *origins = value_origins(module, text, library_returns_self);
    for (ptrdiff_t i = 0; i < origins->n; i++)
        for (Node in = origins->v[i]; in < tree->rows[origins->v[i]].past; in++)
            if (node_kind(tree, in) == NODE_CALL &&
                str_eq(call_last_name(module, in), S("apply_chat_template")))
                return answer_yes("a chat template gives the text");
    return origins->complete ? answer_no("no chat template gives the text")
                             : answer_unknown("where the text comes from is not known");
}

/* Only families whose tokenizers carry a maximum of their own count; those of most decoders say
 * 10^30, and truncation without max_length then does nothing. */
ASK(ask_max_length_known) {
    (void)n;
    Node call = tokenizer_call(context, args[0]);
    if (!call)
        return answer_unknown("no call of a tokenizer");
    bool opaque = false;
    if (argument(context, call, S("max_length"), &opaque))
        return answer_yes("the call gives a maximum");
    Node load = subject_origin(context, call_function(context->module, call));
    if (!load || node_kind(context->module->tree, load) != NODE_CALL)
        return answer_unknown("where the tokenizer is loaded is not known");
    if (argument(context, load, S("model_max_length"), NULL))
        return answer_yes("the tokenizer's load gives a maximum");
    StringValue id;
    Node named = load_id(context, load);
    bool known = named && value_string(context->module, named, &id) && !id.is_default;
    const Checkpoint *files = known ? checkpoint_of(context, id.text) : NULL;
    if (files && files->files.longest > 0)
        return answer_yes("the tokenizer's own files give a maximum");
    Family family = family_of_load(context, load);
    return family == FAMILY_ENCODER || family == FAMILY_ENCODER_DECODER
               ? answer_yes("a tokenizer of its family has a maximum")
               : answer_unknown("whether the tokenizer has a maximum is not known");
}

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

/* Whether some padded or many-texted call of the tokenizer feeds generate. */
static Answer batch_generated_of(const FactContext *context, Node load) {
    const Uses *uses = value_uses(context->module, load, library_returns_self);
    bool unknown = false;
    for (ptrdiff_t i = 0; i < uses->n; i++) {
        if (uses->v[i].kind != USE_CALLED)
            continue;
        Node call = uses->v[i].node;
        Count texts = texts_of(context, call);
        Tri feeds = ask_feeds_generate(context, &(FactArg){.node = call}, 1).tri;
        if (texts == COUNT_ONE || feeds == TRI_NO)
            continue;
        bool batch = texts >= COUNT_LIST;
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
