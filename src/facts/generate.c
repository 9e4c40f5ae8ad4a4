/* Calls of generate: whether a length is told, there or elsewhere. */
#include "facts/checkpoints.h"
#include "facts/words.h"

static const char *const length_names[] = {"max_new_tokens",    "max_length",
                                           "min_new_tokens",    "max_time",
                                           "stopping_criteria", "generation_config"};

ASK(ask_length_given) {
    (void)n;
    Node call = args[0].node;
    if (node_kind(context->module->tree, call) != NODE_CALL)
        return answer_unknown("no call");
    bool opaque = false;
    for (ptrdiff_t i = 0; i < COUNT(length_names); i++)
        if (argument(context, call, str_from(length_names[i]), &opaque))
            return answer_yes("a length or a stop is given");
    /* generate(inputs, generation_config, …) */
    if (call_positional(call_view(context->module, call), 1))
        return answer_yes("a generation config is given by position");
    return opaque ? answer_unknown("a length may hide in `**`") : answer_no("no length is given");
}

static bool sets_generation(const FactContext *context, Node assignment, const void *data) {
    (void)data;
    const Module *module = context->module;
    Str left = module_text(module, node_field(module->tree, assignment, FIELD_LEFT));
    return str_find(left, S(".generation_config")) >= 0 || str_ends(left, S(".max_length")) ||
           str_ends(left, S(".max_new_tokens"));
}

ASK(ask_generation_config_elsewhere) {
    (void)args, (void)n;
    static const char *const updates[] = {"update"};
    if (file_find(context, NODE_ASSIGNMENT, sets_generation, NULL))
        return answer_yes("the file sets the model's generation config");
    for (Node call = 1; call < context->module->tree->n; call++)
        if (node_kind(context->module->tree, call) == NODE_CALL &&
            glob_any(call_last_name(context->module, call), updates, COUNT(updates)) &&
            str_find(dotted_name(context->module, call_receiver(context->module, call)),
                     S("generation_config")) >= 0)
            return answer_yes("the file updates the model's generation config");
    return answer_no("nothing in the file sets the model's generation config");
}

/* Whether the subscript takes the first of something: x[0], x[:, n], x[..., n:n+1]. */
static bool is_index_zero(const FactContext *context, Node subscript) {
    const Tree *tree = context->module->tree;
    double number;
    Node index = node_field(tree, subscript, FIELD_SUBSCRIPT);
    return value_number(context->module, index, &number) && number == 0;
}

/* Only scores[0] or logits[0] of the result is used: the first new token. */
ASK(ask_first_token_only) {
    (void)n;
    const Module *module = context->module;
    const Tree *tree = module->tree;
    Node call = args[0].node;
    if (!call)
        return answer_unknown("no call");
    const Uses *uses = value_uses(module, call, library_returns_self);
    bool first = false, other = false;
    for (ptrdiff_t i = 0; i < uses->n; i++) {
        const Use *use = &uses->v[i];
        Node part = use->node;
        bool scores = use->kind == USE_ATTRIBUTE &&
                      (str_eq(use->name, S("scores")) || str_eq(use->name, S("logits")));
        if (use->kind == USE_SUBSCRIPT) {
            Str key;
            scores = string_literal(module, node_field(tree, part, FIELD_SUBSCRIPT), &key) &&
                     (str_eq(key, S("scores")) || str_eq(key, S("logits")));
        }
        Node parent = node_parent(tree, part);
        if (scores && node_kind(tree, parent) == NODE_SUBSCRIPT &&
            node_field(tree, parent, FIELD_VALUE) == part && is_index_zero(context, parent))
            first = true;
        else
            other = true;
    }
    if (first && other)
        return answer_unknown("the first token's scores are read, and more");
    return first ? answer_yes("only the first new token is used") : answer_no("the text is used");
}

/* ---- attention masks ---- */

static bool is_store(const FactContext *context, Node target) {
    const Tree *tree = context->module->tree;
    Node parent = node_parent(tree, target);
    Kind kind = node_kind(tree, parent);
    if (kind == NODE_DELETE_STATEMENT)
        return true;
    return (kind == NODE_ASSIGNMENT || kind == NODE_AUGMENTED_ASSIGNMENT) &&
           node_field(tree, parent, FIELD_LEFT) == target;
}

/* Whether a use changes the tensors of a tokenizer's result, so that ids and mask may differ. */
static bool changes_encoding(const FactContext *context, const Use *use) {
    static const char *const changes[] = {"pop", "update", "setdefault", "clear", "popitem"};
    switch (use->kind) {
    case USE_STORE:
        return true;
    case USE_SUBSCRIPT:
        return is_store(context, use->node);
    case USE_METHOD:
        return glob_any(use->name, changes, COUNT(changes));
    default:
        return false;
    }
}

ASK(ask_mask_kept) {
    (void)n;
    const Module *module = context->module;
    Node call = subject_origin(context, args[0].node);
    if (node_kind(module->tree, call) != NODE_CALL)
        return answer_unknown("where the result comes from is not known");
    bool opaque = false;
    const Arg *mask = argument(context, call, S("return_attention_mask"), &opaque);
    if (mask && value_truth(module, mask->value) != TRUTH_TRUE)
        return answer_no("the tokenizer is told whether to give a mask");
    if (opaque && !mask)
        return answer_unknown("an argument may hide in `**`");
    const Uses *uses = value_uses(module, call, library_returns_self);
    for (ptrdiff_t i = 0; i < uses->n; i++)
        if (changes_encoding(context, &uses->v[i]))
            return answer_no("the file changes a tensor of the result");
    return answer_yes("the mask fits the ids");
}

/* ---- sampling ---- */

static Answer no_sampling_of(const FactContext *context, Node origin) {
    static const char *const ids[] = {"gpt2*",
                                      "openai-community/gpt2*",
                                      "distilgpt2*",
                                      "distilbert/distilgpt2",
                                      "EleutherAI/gpt-*",
                                      "EleutherAI/pythia-*",
                                      "facebook/opt-*",
                                      "bigscience/bloom*",
                                      "google/flan-t5-*",
                                      "google-t5/t5-*",
                                      "t5-*",
                                      "facebook/bart-*"};
    StringValue id;
    Node load = keeps_model(context, origin) ? base_load(context, origin) : origin;
    Node named = load && is_load(context, load) ? load_id(context, load) : 0;
    if (!named || !value_string(context->module, named, &id) || id.is_default)
        return answer_unknown("the model's id is not known");
    const Checkpoint *files = checkpoint_of(context, id.text);
    if (files)
        return files->files.samples ? answer_no("its generation config samples")
                                    : answer_yes("its generation config does not sample");
    return glob_any(id.text, ids, COUNT(ids))
               ? answer_yes("its generation config does not sample")
               : answer_unknown("what its generation config says is not known");
}

ASK(ask_ships_no_sampling) {
    (void)n;
    return subject_each(context, args[0], no_sampling_of);
}
