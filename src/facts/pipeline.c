/* Pipelines: what they give for one input and for a list, and what they are called with.
 *
 * For one text some tasks give a list of one and for a list of texts a flat list; the others give
 * one value an input either way. Tasks whose answer depends on more than that are in neither list,
 * and text generation needs a pad token to take a batch at all. */
#include "facts/words.h"

static const char *const flat_tasks[] = {"text-classification", "sentiment-analysis",
                                         "summarization", "translation*", "text2text-generation"};
static const char *const even_tasks[] = {"feature-extraction",
                                         "token-classification",
                                         "ner",
                                         "image-classification",
                                         "automatic-speech-recognition",
                                         "audio-classification",
                                         "object-detection",
                                         "depth-estimation",
                                         "zero-shot-classification",
                                         "image-to-text"};

static Node pipeline_of(const FactContext *context, FactArg arg) {
    Node call = subject_origin(context, arg.node);
    return qualified_matches(callee_name(context, call), S("transformers.pipeline")) ? call : 0;
}

/* The task that is written at the pipeline's construction, else that of its checkpoint; empty when
 * it is not known. */
static Str task_of(const FactContext *context, Node call) {
    const CallView *view = call_view(context->module, call);
    const Arg *task = call_keyword(view, S("task"));
    const Arg *model = argument(context, call, S("model"), NULL);
    StringValue value;
    if (!task)
        task = call_positional(view, 0);
    if (!task && model && value_string(context->module, model->value, &value) && !value.is_default)
        return task_of_id(value.text);
    if (!task || !value_string(context->module, task->value, &value) || value.is_default)
        return (Str){0};
    return value.text;
}

static Answer task_answer(const FactContext *context, FactArg arg, const char *const *tasks,
                          ptrdiff_t n, const char *yes) {
    Node call = pipeline_of(context, arg);
    Str task = call ? task_of(context, call) : (Str){0};
    if (!task.n)
        return answer_unknown("the pipeline's task is not known");
    /* With these a classifier gives a list for each text. */
    static const char *const lists[] = {"top_k", "return_all_scores", "return_tensors"};
    bool opaque = false;
    for (ptrdiff_t i = 0; i < COUNT(lists); i++)
        if (argument(context, call, str_from(lists[i]), &opaque))
            return answer_unknown("an argument of the pipeline changes what it gives");
    if (opaque)
        return answer_unknown("an argument may hide in `**`");
    return glob_any(task, tasks, n) ? answer_yes(yes) : answer_no("a pipeline of another task");
}

ASK(ask_pipe_flat) {
    (void)n;
    return task_answer(context, args[0], flat_tasks, COUNT(flat_tasks),
                       "gives a list of one for one text and a flat list for many");
}

ASK(ask_pipe_even) {
    (void)n;
    return task_answer(context, args[0], even_tasks, COUNT(even_tasks),
                       "gives one value for each input");
}

ASK(ask_pipe_batches) {
    (void)n;
    Node call = pipeline_of(context, args[0]);
    bool opaque = false;
    if (!call)
        return answer_unknown("where the pipeline is made is not known");
    if (argument(context, call, S("batch_size"), &opaque))
        return answer_yes("the pipeline has a batch size");
    return opaque ? answer_unknown("an argument may hide in `**`")
                  : answer_no("the pipeline has no batch size");
}

/* ---- what it is called with ---- */

static Tri listed(const FactContext *context, Node origin, int depth);

static Tri listed_call(const FactContext *context, Node call) {
    static const char *const methods[] = {"tolist", "to_list", "split", "splitlines", "readlines"};
    static const char *const functions[] = {"list", "sorted"};
    Str last = call_last_name(context->module, call);
    bool method = call_receiver(context->module, call) != 0;
    return (method ? glob_any(last, methods, COUNT(methods))
                   : glob_any(last, functions, COUNT(functions)))
               ? TRI_YES
               : TRI_UNKNOWN;
}

static Tri listed_parameter(const FactContext *context, Node name) {
    const Binding *binding = name_bindings(context->module, name);
    if (!binding || binding->kind != BIND_PARAMETER)
        return TRI_UNKNOWN;
    Str text = module_text(context->module, binding->annotation);
    return str_eq(text, S("list")) || str_starts(text, S("list[str")) ||
                   str_starts(text, S("List[str"))
               ? TRI_YES
               : TRI_UNKNOWN;
}

static Tri listed_origins(const FactContext *context, Node expression, int depth) {
    const Origins *origins = value_origins(context->module, expression, NULL);
    for (ptrdiff_t i = 0; i < origins->n; i++) {
        Tri tri = listed(context, origins->v[i], depth + 1);
        if (tri != TRI_YES)
            return tri;
    }
    return origins->n ? TRI_YES : TRI_UNKNOWN;
}

static Tri listed(const FactContext *context, Node origin, int depth) {
    const Tree *tree = context->module->tree;
    if (depth > 4)
        return TRI_UNKNOWN;
    switch (node_kind(tree, origin)) {
    case NODE_LIST:
        /* An empty one is filled later; one text alone is no batch. */
        return node_count_named(tree, origin) == 1 ? TRI_NO : TRI_YES;
    case NODE_LIST_COMPREHENSION:
        return TRI_YES;
    case NODE_CALL:
        return listed_call(context, origin);
    case NODE_SUBSCRIPT: {
        Node index = node_field(tree, origin, FIELD_SUBSCRIPT);
        return node_kind(tree, index) == NODE_SLICE
                   ? listed_origins(context, node_field(tree, origin, FIELD_VALUE), depth)
                   : TRI_UNKNOWN;
    }
    case NODE_IDENTIFIER:
        return listed_parameter(context, origin);
    case NODE_STRING:
    case NODE_CONCATENATED_STRING:
    case NODE_DICTIONARY:
        return TRI_NO;
    default:
        return TRI_UNKNOWN;
    }
}

ASK(ask_a_list) {
    (void)n;
    Node node = strip_parentheses(context->module, args[0].node);
    Tri tri = node ? listed_origins(context, node, 0) : TRI_UNKNOWN;
    return answer_of(tri, tri == TRI_YES  ? "a list"
                          : tri == TRI_NO ? "no list of several"
                                          : "not known to be a list");
}

/* A column of a table or data set, or a tuple: pipelines want a list of it. */
ASK(ask_a_column) {
    (void)n;
    const Module *module = context->module;
    const Tree *tree = module->tree;
    Node node = value_of(module, args[0].node);
    Str key;
    if (node_kind(tree, node) == NODE_TUPLE)
        return answer_yes("a tuple");
    if (node_kind(tree, node) != NODE_SUBSCRIPT ||
        !string_literal(module, node_field(tree, node, FIELD_SUBSCRIPT), &key))
        return answer_unknown("not known to be a column");
    Str name = callee_name(context, subject_origin(context, node_field(tree, node, FIELD_VALUE)));
    static const char *const tables[] = {"pandas.read_*", "pandas.DataFrame*",
                                         "datasets.load_dataset", "datasets.Dataset.*"};
    return glob_any(name, tables, COUNT(tables)) ? answer_yes("a column")
                                                 : answer_unknown("not known to be a column");
}

/* ---- loops ---- */

static Node loop_of(const FactContext *context, Node target) {
    const Tree *tree = context->module->tree;
    Node up = node_parent(tree, target);
    while (up && node_kind(tree, up) != NODE_FOR_STATEMENT && node_kind(tree, up) != NODE_BLOCK)
        up = node_parent(tree, up);
    return node_kind(tree, up) == NODE_FOR_STATEMENT ? up : 0;
}

/* Whether nothing reads the loop's variable when the loop is over. */
ASK(ask_only_in_loop) {
    (void)n;
    const Module *module = context->module;
    Node loop = loop_of(context, args[0].node);
    if (!loop)
        return answer_unknown("no variable of a loop");
    for (const Binding *b = name_bindings(module, args[0].node); b; b = b->next) {
        ptrdiff_t count;
        const Node *uses = binding_uses(module, b, &count);
        if (!node_within(module->tree, b->at, loop))
            continue;
        for (ptrdiff_t i = 0; i < count; i++)
            if (!node_within(module->tree, uses[i], loop) && binding_may_reach(module, b, uses[i]))
                return answer_no("it is read outside of the loop");
    }
    return answer_yes("only the loop reads it");
}

/* Whether the loop around does nothing but append what comes of the node to a list. */
static bool only_appends(const FactContext *context, Node node) {
    const Module *module = context->module;
    const Tree *tree = module->tree;
    Node statement = statement_of(module, node);
    Node block = block_of(module, statement);
    Node call = node_child_named(tree, statement);
    return node_kind(tree, node_parent(tree, block)) == NODE_FOR_STATEMENT &&
           node_count_named(tree, block) == 1 && node_kind(tree, call) == NODE_CALL &&
           str_eq(call_last_name(module, call), S("append"));
}

/* One item of what a `for` goes through, or a part of it: `row["text"]`. */
ASK(ask_loop_item) {
    (void)n;
    const Module *module = context->module;
    const Tree *tree = module->tree;
    static const char *const groups[] = {"*batch*", "*chunk*", "DataLoader", "range",
                                         "iter",    "count",   "zip_longest"};
    Node node = strip_parentheses(module, args[0].node);
    while (node_kind(tree, node) == NODE_SUBSCRIPT || node_kind(tree, node) == NODE_ATTRIBUTE)
        node = node_field(tree, node,
                          node_kind(tree, node) == NODE_SUBSCRIPT ? FIELD_VALUE : FIELD_OBJECT);
    const Binding *binding = binding_reaching(module, node);
    if (!binding || binding->kind != BIND_FOR)
        return answer_unknown("no item of a loop");
    Node items = strip_parentheses(module, binding->value);
    for (Node in = items; in < tree->rows[items].past; in++)
        if (node_kind(tree, in) == NODE_IDENTIFIER &&
            glob_any(module_text(module, in), groups, COUNT(groups)))
            return answer_unknown("the loop may go through batches");
    FactArg list = {.node = items};
    if (only_appends(context, args[0].node) && (ask_a_list(context, &list, 1).tri == TRI_YES ||
                                                ask_a_column(context, &list, 1).tri == TRI_YES))
        return answer_unknown("the loop can become one call");
    return answer_yes("one item after the other");
}
