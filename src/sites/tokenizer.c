/* The tokenizer that goes with a model: the one whose result feeds it, else one of the same
 * checkpoint, else the only one beside the only model of the file. */
#include "sites/read.h"

static bool is_tokenizer_load(const FactContext *context, Node node) {
    const Module *module = context->module;
    return module->tree->rows[node].kind == NODE_CALL &&
           str_eq(call_last_name(module, node), S("from_pretrained")) &&
           class_is(context, class_of_call(context, node),
                    S("transformers.PreTrainedTokenizerBase")) == TRI_YES;
}

static bool feeds(const FactContext *context, Node tokenizer, Node model) {
    const Uses *uses = value_uses(context->module, tokenizer, library_returns_self);
    for (ptrdiff_t i = 0; i < uses->n; i++) {
        if (uses->v[i].kind != USE_CALLED)
            continue;
        Feeds found = feeds_of(context, uses->v[i].node);
        for (ptrdiff_t k = 0; k < found.list.n; k++)
            if (subject_origin(context, found.list.v[k].model) == model)
                return true;
    }
    return false;
}

static Node only_model(const FactContext *context) {
    Node first = next_model_load(context, 0);
    return first && !next_model_load(context, first) ? first : 0;
}

static Node tokenizer_of(const FactContext *context, const LoadSite *site) {
    const Module *module = context->module;
    Node same = 0, last = 0;
    int n = 0;
    for (Node node = 1; node < module->tree->n; node++) {
        if (!is_tokenizer_load(context, node))
            continue;
        if (feeds(context, node, site->call))
            return node;
        if (!same && same_checkpoint(context, node, site->call))
            same = node;
        last = node;
        n++;
    }
    return same ? same : n == 1 && only_model(context) == site->call ? last : 0;
}

/* ---- what the file sets ---- */

static void set_side(const FactContext *context, Node value, SiteTokenizer *out) {
    Str side;
    if (value && known_string(context, value, &side))
        out->side = str_eq(side, S("left"))    ? PAD_SIDE_LEFT
                    : str_eq(side, S("right")) ? PAD_SIDE_RIGHT
                                               : out->side;
}

/* The right side of `tokenizer.pad_token = …`. */
static void set_pad(const FactContext *context, Node value, SiteTokenizer *out) {
    const Module *module = context->module;
    Node node = strip_parentheses(module, value);
    Str text, last = last_part(dotted_name(module, node));
    int64_t id;
    out->pad_token = out->pad_from = (Str){0};
    out->pad_id = -1;
    if (known_string(context, node, &text))
        out->pad_token = text;
    else if (known_number(context, node, &id))
        out->pad_id = id;
    else if (str_starts(last, S("eos_token")) || str_starts(last, S("unk_token")) ||
             str_starts(last, S("bos_token")))
        out->pad_from = str_slice(last, 0, 9);
}

static void read_store(const FactContext *context, const Use *use, SiteTokenizer *out) {
    const Tree *tree = context->module->tree;
    Node value = node_field(tree, use->node, FIELD_RIGHT);
    if (str_eq(use->name, S("padding_side")))
        set_side(context, value, out);
    if (!str_eq(use->name, S("pad_token")) && !str_eq(use->name, S("pad_token_id")))
        return;
    set_pad(context, value, out);
    Node statement = statement_of(context->module, use->node);
    Node branch = node_ancestor(tree, statement, NODE_IF_STATEMENT);
    Node condition = node_field(tree, branch, FIELD_CONDITION);
    out->pad_if_missing =
        branch && str_find(module_text(context->module, condition), S("pad_token")) >= 0;
}

/* add_special_tokens({"pad_token": "[PAD]"}) */
static void read_added(const FactContext *context, Node call, SiteTokenizer *out) {
    const Module *module = context->module;
    const Arg *given = call_positional(call_view(module, call), 0);
    if (!given)
        given = call_keyword(call_view(module, call), S("special_tokens_dict"));
    Node dict = given ? resolve(context, given->value) : 0;
    Str key;
    if (node_kind(module->tree, dict) != NODE_DICTIONARY)
        return;
    for (Node pair = node_child_named(module->tree, dict); pair;
         pair = node_next_named(module->tree, pair)) {
        if (!known_string(context, node_field(module->tree, pair, FIELD_KEY), &key) ||
            !str_eq(key, S("pad_token")))
            continue;
        set_pad(context, node_field(module->tree, pair, FIELD_VALUE), out);
        out->adds_token = true;
        Node branch = node_ancestor(module->tree, call, NODE_IF_STATEMENT);
        Node condition = node_field(module->tree, branch, FIELD_CONDITION);
        out->pad_if_missing =
            branch && str_find(module_text(module, condition), S("pad_token")) >= 0;
    }
}

static void read_encoding(const FactContext *context, Node call, SiteTokenizer *out) {
    const Arg *padding = argument(context, call, S("padding"), NULL);
    const Arg *side = argument(context, call, S("padding_side"), NULL);
    Str text;
    if (padding && known_string(context, padding->value, &text))
        out->pads |= !str_eq(text, S("do_not_pad"));
    else if (padding)
        out->pads |= value_truth(context->module, padding->value) == TRUTH_TRUE;
    if (side)
        set_side(context, side->value, out);
}

static bool resizes_embedding(const FactContext *context) {
    static const char *const calls[] = {"resize_token_embeddings"};
    return file_calls(context, calls, COUNT(calls)) != 0;
}

static void read_load(const FactContext *context, Node load, const LoadSite *site,
                      SiteTokenizer *out) {
    const Arg *side = argument(context, load, S("padding_side"), NULL);
    const Arg *pad = argument(context, load, S("pad_token"), NULL);
    Node id = load_id(context, load);
    Str text;
    if (side)
        set_side(context, side->value, out);
    if (pad)
        set_pad(context, pad->value, out);
    if (id && !same_checkpoint(context, load, site->call) && known_string(context, id, &text) &&
        !str_eq(text, site->id))
        out->id = text;
}

void read_tokenizer(const FactContext *context, LoadSite *site) {
    SiteTokenizer *out = &site->tokenizer;
    out->pad_id = -1;
    Node load = site->pipeline ? 0 : tokenizer_of(context, site);
    if (!load)
        return;
    out->found = true;
    read_load(context, load, site, out);
    const Uses *uses = value_uses(context->module, load, library_returns_self);
    for (ptrdiff_t i = 0; i < uses->n; i++) {
        const Use *use = &uses->v[i];
        if (use->kind == USE_STORE)
            read_store(context, use, out);
        else if (use->kind == USE_METHOD && str_eq(use->name, S("add_special_tokens")))
            read_added(context, use->node, out);
        else if (use->kind == USE_CALLED || use->kind == USE_METHOD)
            read_encoding(context, use->node, out);
    }
    out->resizes = resizes_embedding(context);
}
