/* Conversations: what a chat template writes, and what becomes of it. */
#include "facts/words.h"

/* Checkpoints whose template writes the token that begins a text, and whose tokenizer adds one to
 * every text as well. Of others either the template or the tokenizer leaves it out. */
static const char *const begins[] = {
    "meta-llama/*-chat*", "meta-llama/*-Instruct", "mistralai/*Instruct*", "google/gemma-*it",
    "deepseek-ai/*",      "CohereForAI/*",         "CohereLabs/*"};

static Answer begins_of(const FactContext *context, Node load) {
    StringValue id;
    Node named = is_load(context, load) ? load_id(context, load) : 0;
    if (!named || !value_string(context->module, named, &id) || id.is_default)
        return answer_unknown("the tokenizer's id is not known");
    return glob_any(id.text, begins, COUNT(begins))
               ? answer_yes("its template writes the first token")
               : answer_unknown("what its template writes is not known");
}

ASK(ask_chat_begins) {
    (void)n;
    return subject_each(context, args[0], begins_of);
}

/* ---- what is continued ---- */

/* Whether the call's first argument is, or is made of, what the template gave. */
static bool reads_from(const FactContext *context, Node call, Node template) {
    const Module *module = context->module;
    const CallView *view = call_view(module, call);
    const Arg *text = call_positional(view, 0);
    if (!text)
        text = call_keyword(view, S("text"));
    if (!text)
        return false;
    const Origins *origins = value_origins(module, text->value, library_returns_self);
    for (ptrdiff_t i = 0; i < origins->n; i++) {
        if (origins->v[i] == template)
            return true;
        /* [text], or [text] of a name that holds it. */
        Node list = origins->v[i];
        Node item =
            node_kind(module->tree, list) == NODE_LIST ? node_child_named(module->tree, list) : 0;
        for (; item; item = node_next_named(module->tree, item))
            if (subject_origin(context, item) == template)
                return true;
    }
    return false;
}

ASK(ask_chat_rendered) {
    (void)n;
    const Module *module = context->module;
    Node call = args[0].node;
    if (!call || node_kind(module->tree, call) != NODE_CALL)
        return answer_unknown("no call");
    for (Node template = 1; template <module->tree->n; template ++)
        if (node_kind(module->tree, template) == NODE_CALL &&
            str_eq(call_last_name(module, template), S("apply_chat_template")) &&
            reads_from(context, call, template))
            return answer_yes("a chat template gives its text");
    return answer_no("no chat template gives its text");
}

static bool feeds_a_generate(const FactContext *context, Node encoding) {
    Feeds feeds = feeds_of(context, encoding);
    for (ptrdiff_t i = 0; i < feeds.list.n; i++)
        if (feeds.list.v[i].generate)
            return true;
    return false;
}

ASK(ask_chat_continued) {
    (void)n;
    const Module *module = context->module;
    Node template = args[0].node;
    if (!template || node_kind(module->tree, template) != NODE_CALL)
        return answer_unknown("no call");
    if (feeds_a_generate(context, template))
        return answer_yes("generate gets what it gives");
    for (Node call = 1; call < module->tree->n; call++) {
        if (node_kind(module->tree, call) != NODE_CALL || !reads_from(context, call, template))
            continue;
        Node callee = call_function(module, call);
        if (type_is(context, callee, S("transformers.Pipeline")) == TRI_YES)
            return answer_yes("a pipeline gets the text");
        if (is_tokenizer(context, callee) == TRI_YES && feeds_a_generate(context, call))
            return answer_yes("the text is tokenized, and generate gets it");
    }
    return answer_no("nothing in the file continues it");
}

/* ---- who spoke last ---- */

static Answer role_of(const FactContext *context, Node message) {
    const Tree *tree = context->module->tree;
    Node node = value_of(context->module, message);
    for (Node pair = node_child_named(tree, node); pair; pair = node_next_named(tree, pair)) {
        Str key, role;
        if (node_kind(tree, pair) == NODE_PAIR &&
            string_literal(context->module, node_field(tree, pair, FIELD_KEY), &key) &&
            str_eq(key, S("role")) &&
            string_literal(context->module, node_field(tree, pair, FIELD_VALUE), &role))
            return str_eq(role, S("assistant")) ? answer_yes("the last message is an answer")
                                                : answer_no("the last message is no answer");
    }
    return answer_unknown("who spoke last is not known");
}

/* Only of messages that are written out; those that grow are a chat that goes on. */
ASK(ask_answered) {
    (void)n;
    const Tree *tree = context->module->tree;
    Node list = value_of(context->module, args[0].node);
    Node last = 0;
    if (node_kind(tree, list) != NODE_LIST)
        return answer_unknown("the messages are not known");
    for (Node item = node_child_named(tree, list); item; item = node_next_named(tree, item))
        last = item;
    if (node_kind(tree, last) == NODE_LIST) { /* a batch of conversations */
        Node first = last;
        last = 0;
        for (Node item = node_child_named(tree, first); item; item = node_next_named(tree, item))
            last = item;
    }
    return last ? role_of(context, last) : answer_unknown("the messages come later");
}
