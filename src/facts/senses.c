/* Whether a checkpoint is about images, as the file around its preprocessor shows.
 *
 * The checkpoint's name says little, so what is asked is what the file does: which class or
 * pipeline loads the same checkpoint, what the preprocessor is called with, and what is read from
 * it and from what it gives. One sign is enough, unless another says audio: then the file serves
 * both, and the answer is unknown. */
#include "facts/words.h"

typedef struct Senses {
    bool sees, hears;
} Senses;

#define PATTERN(pattern) pattern,
static const char *const sees_classes[] = {
#define SEES_CLASS PATTERN
#include "facts/senses.def"
};
static const char *const hears_classes[] = {
#define HEARS_CLASS PATTERN
#include "facts/senses.def"
};
static const char *const sees_tasks[] = {
#define SEES_TASK PATTERN
#include "facts/senses.def"
};
static const char *const hears_tasks[] = {
#define HEARS_TASK PATTERN
#include "facts/senses.def"
};
static const char *const sees_names[] = {
#define SEES_NAME PATTERN
#include "facts/senses.def"
};
static const char *const hears_names[] = {
#define HEARS_NAME PATTERN
#include "facts/senses.def"
};

static void read_name(Senses *senses, Str name) {
    senses->sees |= glob_any(name, sees_names, COUNT(sees_names));
    senses->hears |= glob_any(name, hears_names, COUNT(hears_names));
}

/* ---- what loads the checkpoint ---- */

static bool is_pipeline(const FactContext *context, Node call) {
    return qualified_matches(callee_name(context, call), S("transformers.pipeline"));
}

static void read_pipeline(const FactContext *context, Node call, Senses *senses) {
    const CallView *view = call_view(context->module, call);
    const Arg *task = call_keyword(view, S("task"));
    StringValue value;
    if (!task)
        task = call_positional(view, 0);
    if (!task || !value_string(context->module, task->value, &value) || value.is_default)
        return;
    senses->sees |= glob_any(value.text, sees_tasks, COUNT(sees_tasks));
    senses->hears |= glob_any(value.text, hears_tasks, COUNT(hears_tasks));
}

static void read_load(const FactContext *context, Node load, Senses *senses) {
    Str name = class_of_call(context, load);
    if (is_pipeline(context, load))
        read_pipeline(context, load, senses);
    if (!name.n || name.p[0] == '.')
        return;
    senses->sees |= glob_any(last_part(name), sees_classes, COUNT(sees_classes));
    senses->hears |= glob_any(last_part(name), hears_classes, COUNT(hears_classes));
}

/* Whether the id is the other one, or `name or id`, `id if x else name` may be it. */
static bool may_be(const FactContext *context, Node id, Node other, int depth) {
    const Tree *tree = context->module->tree;
    id = strip_parentheses(context->module, id);
    if (same_id(context, id, other))
        return true;
    Kind kind = node_kind(tree, id);
    if (depth > 2 || (kind != NODE_BOOLEAN_OPERATOR && kind != NODE_CONDITIONAL_EXPRESSION))
        return false;
    for (Node part = node_child_named(tree, id); part; part = node_next_named(tree, part))
        if (may_be(context, part, other, depth + 1))
            return true;
    return false;
}

static void read_other_loads(const FactContext *context, Node load, Senses *senses) {
    const Tree *tree = context->module->tree;
    Node id = load_id(context, load);
    for (Node node = 1; id && node < tree->n; node++) {
        if (node == load || tree->rows[node].kind != NODE_CALL || !is_load(context, node))
            continue;
        Node other = load_id(context, node);
        if (other && may_be(context, id, other, 0))
            read_load(context, node, senses);
    }
}

/* ---- what is done with the preprocessor ---- */

static void read_keywords(const FactContext *context, Node call, Senses *senses) {
    const CallView *view = call_view(context->module, call);
    for (ptrdiff_t i = 0; i < view->n; i++)
        read_name(senses, view->args[i].name);
}

/* Reads of `inputs.pixel_values` and `inputs["pixel_values"]`. */
static void read_result(const FactContext *context, Node call, Senses *senses) {
    const Module *module = context->module;
    const Uses *uses = value_uses(module, call, library_returns_self);
    for (ptrdiff_t i = 0; i < uses->n; i++) {
        const Use *use = &uses->v[i];
        Str key;
        if (use->kind == USE_ATTRIBUTE || use->kind == USE_METHOD)
            read_name(senses, use->name);
        if (use->kind == USE_SUBSCRIPT &&
            string_literal(module, node_field(module->tree, use->node, FIELD_SUBSCRIPT), &key))
            read_name(senses, key);
    }
}

static void read_uses(const FactContext *context, Node load, Senses *senses) {
    const Uses *uses = value_uses(context->module, load, library_returns_self);
    for (ptrdiff_t i = 0; i < uses->n; i++) {
        const Use *use = &uses->v[i];
        if (use->kind == USE_ATTRIBUTE || use->kind == USE_METHOD)
            read_name(senses, use->name);
        if (use->kind == USE_CALLED || use->kind == USE_METHOD)
            read_keywords(context, use->node, senses);
        if (use->kind == USE_CALLED)
            read_result(context, use->node, senses);
        if (use->kind == USE_ARGUMENT && is_pipeline(context, use->node))
            read_pipeline(context, use->node, senses);
    }
}

ASK(ask_sees) {
    (void)n;
    Node load = subject_origin(context, subject_expression(context, args[0]));
    if (!load || node_kind(context->module->tree, load) != NODE_CALL)
        return answer_unknown("where it is loaded is not known");
    Senses senses = {0};
    read_load(context, load, &senses);
    read_other_loads(context, load, &senses);
    read_uses(context, load, &senses);
    if (senses.sees && senses.hears)
        return answer_unknown("the file has signs of images and of audio");
    return senses.sees    ? answer_yes("it takes images")
           : senses.hears ? answer_no("it takes audio")
                          : answer_unknown("nothing shows whether it takes images");
}
