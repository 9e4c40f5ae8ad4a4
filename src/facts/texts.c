/* The texts that a tokenizer gets: how many, and where they come from.
 *
 * "One text" and "many texts" are told apart by how the input is written; a name that nothing in
 * the file explains is neither. A parameter is what all calls in the file give it. Copies of one
 * text are many, but equally long: there is nothing to pad. */
#include "facts/texts.h"

#include "facts/checkpoints.h"
#include "facts/words.h"
#include "python/local.h"

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

/* Whether two items of a list are surely the same text. */
static bool same_text(const FactContext *context, Node a, Node b) {
    const Module *module = context->module;
    Str x, y;
    if (string_literal(module, a, &x) && string_literal(module, b, &y))
        return str_eq(x, y);
    return dotted_name(module, a).n && same_place(module, a, b);
}

static Count count_of_display(const FactContext *context, Node list) {
    const Tree *tree = context->module->tree;
    if (holds_dict(tree, list))
        return COUNT_ONE; /* a conversation */
    int items = 0;
    bool same = true;
    Node first = node_child_named(tree, list);
    for (Node item = first; item; item = node_next_named(tree, item)) {
        if (node_kind(tree, item) == NODE_LIST_SPLAT)
            return COUNT_LIST;
        same = same && (item == first || same_text(context, first, item));
        items++;
    }
    if (items > 1)
        return same ? COUNT_COPIES : COUNT_MANY;
    return items == 1 ? COUNT_ONE : COUNT_LIST;
}

/* `[prompt for _ in range(4)]`: what is said of each item does not depend on it. A call may give
 * another text each time. */
static bool repeats(const FactContext *context, Node comprehension) {
    const Module *module = context->module;
    const Tree *tree = module->tree;
    Node body = node_field(tree, comprehension, FIELD_BODY);
    for (Node in = body; in < tree->rows[body].past; in++) {
        Kind kind = node_kind(tree, in);
        const Binding *bound = kind == NODE_IDENTIFIER ? name_bindings(module, in) : NULL;
        if (kind == NODE_CALL || (bound && bound->scope->kind == SCOPE_COMPREHENSION))
            return false;
    }
    return true;
}

static Count count_of_comprehension(const FactContext *context, Node comprehension) {
    const Tree *tree = context->module->tree;
    Node body = node_field(tree, comprehension, FIELD_BODY);
    if (node_kind(tree, body) == NODE_DICTIONARY)
        return COUNT_UNKNOWN;
    return repeats(context, comprehension) ? COUNT_COPIES : COUNT_LIST;
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

/* What both may be, where one name has two values. */
static Count either_count(Count a, Count b) {
    if (a == b)
        return a;
    return a >= COUNT_COPIES && b >= COUNT_COPIES ? COUNT_LIST : COUNT_UNKNOWN;
}

/* What the calls in the file give a parameter; unknown where others may call the function. */
static Count count_of_given(const FactContext *context, const Binding *parameter, int depth) {
    const Module *module = context->module;
    Node function = parameter->scope->node;
    bool method =
        method_class(module, function) && !has_decorator(module, function, S("staticmethod"));
    const Callers *callers = callers_of(module, function);
    Count all = COUNT_UNKNOWN;
    if (callers->elsewhere || callers->property)
        return COUNT_UNKNOWN;
    for (ptrdiff_t i = 0; i < callers->n; i++) {
        bool sure = true;
        Node given = argument_for(module, parameter, method, callers->calls[i], &sure);
        if (!given && sure)
            given = parameter->value;
        Count one = given && sure ? count_of(context, given, depth + 1) : COUNT_UNKNOWN;
        all = i ? either_count(all, one) : one;
    }
    return all;
}

static Count count_of_parameter(const FactContext *context, const Binding *binding, int depth) {
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
    return count_of_given(context, binding, depth);
}

static bool is_slice(const Tree *tree, Node subscript) {
    return node_kind(tree, subscript) == NODE_SUBSCRIPT &&
           node_kind(tree, node_field(tree, subscript, FIELD_SUBSCRIPT)) == NODE_SLICE;
}

/* A generator of the file whose every yield is a slice: `yield items[i : i + n]`. */
static bool yields_slices(const FactContext *context, Node call) {
    const Module *module = context->module;
    const Tree *tree = module->tree;
    Callees callees = callees_of(module, call_function(module, call));
    if (callees.n != 1 || callees.class_definition)
        return false;
    Node function = callees.v[0].function;
    bool found = false;
    for (Node in = function; in < tree->rows[function].past; in++) {
        if (node_kind(tree, in) != NODE_YIELD)
            continue;
        if (!is_slice(tree, node_child_named(tree, in)))
            return false;
        found = true;
    }
    return found;
}

/* `for text in texts`: one text, where texts are known to be strings; a list where they are slices
 * of one. */
static Count count_of_item(const FactContext *context, Node iterable) {
    const Module *module = context->module;
    const Tree *tree = module->tree;
    Node list = value_of(module, iterable);
    Kind kind = node_kind(tree, list);
    if (kind == NODE_CALL && str_eq(call_last_name(module, list), S("tqdm"))) {
        const Arg *inner = call_positional(call_view(module, list), 0);
        list = inner ? value_of(module, inner->value) : 0;
        kind = node_kind(tree, list);
    }
    if (kind == NODE_CALL)
        return yields_slices(context, list) ? COUNT_LIST : COUNT_UNKNOWN;
    if (kind == NODE_LIST_COMPREHENSION || kind == NODE_GENERATOR_EXPRESSION)
        return is_slice(tree, node_field(tree, list, FIELD_BODY)) ? COUNT_LIST : COUNT_UNKNOWN;
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
            one = count_of_parameter(context, b, depth);
        else if (b->kind == BIND_FOR && b->index < 0)
            one = count_of_item(context, b->value);
        else if (b->kind == BIND_ASSIGN && b->value)
            one = count_of(context, b->value, depth + 1);
        else if (b->kind == BIND_AUGMENT && any)
            one = all >= COUNT_COPIES ? COUNT_LIST : all;
        if (any && one != all)
            return either_count(all, one);
        all = one;
        any = true;
    }
    return (all == COUNT_MANY || all == COUNT_COPIES) && is_grown(context, name) ? COUNT_LIST : all;
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
            of_left == NODE_LIST || of_right == NODE_LIST || a >= COUNT_COPIES || b >= COUNT_COPIES;
        if (!lists)
            return a == COUNT_ONE || b == COUNT_ONE ? COUNT_ONE : COUNT_UNKNOWN;
        return a == COUNT_MANY || b == COUNT_MANY ? COUNT_MANY : COUNT_LIST;
    }
    Node list = value_of(context->module, left);
    if (str_eq(symbol, S("*")) && node_kind(tree, list) == NODE_LIST) {
        if (node_count_named(tree, list) == 1 || a == COUNT_COPIES)
            return a == COUNT_LIST ? COUNT_LIST : COUNT_COPIES;
        return value_number(context->module, right, &times) && times > 1 && a != COUNT_LIST
                   ? COUNT_MANY
                   : COUNT_LIST;
    }
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
        return count_of_comprehension(context, node);
    case NODE_CALL:
        return count_of_call(context, node);
    case NODE_BINARY_OPERATOR:
        return count_of_operator(context, node, depth);
    case NODE_SUBSCRIPT: {
        Node index = node_field(tree, node, FIELD_SUBSCRIPT);
        Node value = node_field(tree, node, FIELD_VALUE);
        Count whole = count_of(context, value, depth + 1);
        if (node_kind(tree, index) == NODE_SLICE)
            return whole == COUNT_ONE      ? COUNT_UNKNOWN
                   : whole == COUNT_COPIES ? COUNT_COPIES
                                           : COUNT_LIST;
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

Node text_argument(const FactContext *context, Node call) {
    static const char *const names[] = {"text", "batch_text_or_text_pairs", "text_inputs"};
    const CallView *view = call_view(context->module, call);
    const Arg *first = call_positional(view, 0);
    for (ptrdiff_t i = 0; !first && i < COUNT(names); i++)
        first = call_keyword(view, str_from(names[i]));
    return first ? first->value : 0;
}

/* The tokenizer call that the argument stands for, moves and items taken off. */
Node tokenizer_call(const FactContext *context, FactArg arg) {
    Node node = subject_expression(context, arg);
    if (node_kind(context->module->tree, node) != NODE_CALL)
        return 0;
    Node origin = subject_origin(context, node);
    return node_kind(context->module->tree, origin) == NODE_CALL ? origin : node;
}

Count texts_of(const FactContext *context, Node call) {
    bool opaque = false;
    const Arg *words = argument(context, call, S("is_split_into_words"), &opaque);
    if (!words)
        words = argument(context, call, S("is_pretokenized"), NULL); /* its name before 4.0 */
    Node text = text_argument(context, call);
    if (words && value_truth(context->module, words->value) == TRUTH_TRUE)
        return COUNT_ONE;
    Count count = text ? count_of(context, text, 0) : COUNT_UNKNOWN;
    if (count != COUNT_COPIES)
        return count;
    /* Pairs of one text with several are not equally long. */
    const Arg *pair = argument(context, call, S("text_pair"), &opaque);
    if (!pair)
        pair = call_positional(call_view(context->module, call), 1);
    return pair ? count_of(context, pair->value, 0) : count;
}

ASK(ask_one_text) {
    (void)n;
    Node call = tokenizer_call(context, args[0]);
    switch (call ? texts_of(context, call) : COUNT_UNKNOWN) {
    case COUNT_ONE:
        return answer_yes("one text");
    case COUNT_COPIES:
        return answer_yes("copies of one text, equally long");
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
    case COUNT_COPIES:
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
