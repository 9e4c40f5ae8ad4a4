/* Arguments that come, go or change, as whole arguments: the file may have them in another order,
 * or in a dict, so they cannot be told as tokens.
 *
 * Two argument lists are one when a parenthesis of theirs stands on a context line, or when their
 * calls stand at the same place of a statement on '-' lines and of the one that replaces it. Of one
 * list, arguments of the same keyword are one argument; then a run of '-' directly followed by a
 * run of '+' pairs first with first. A positional argument that becomes another is left to the
 * tokens. */
#include "transform/draft.h"

typedef struct Argument {
    Node node;
    Node name, value; /* of a keyword argument; else 0 and the node */
    uint32_t patch;   /* its place in the patch */
    bool settled;     /* nothing more to do: stays, or has its action */
    bool context;     /* stays as a part of both texts; breaks runs */
} Argument;

typedef struct Lists {
    Compiler *compiler;
    Node call;       /* of the before-tree */
    Node list_after; /* its argument_list in the after-tree */
    bool on_context; /* the two lists share a parenthesis */
    Argument *before, *after;
    ptrdiff_t n_before, n_after;
} Lists;

/* ---- reading ---- */

static Argument *arguments_read(Arena *arena, const Sheet *sheet, Node list, ptrdiff_t *n) {
    const Tree *tree = sheet->tree;
    Argument *out = new (arena, Argument, node_count_named(tree, list) + 1);
    for (Node node = node_child_named(tree, list); node; node = node_next_named(tree, node)) {
        Argument *argument = &out[(*n)++];
        *argument = (Argument){.node = node, .value = node};
        argument->patch = sheet_patch_node(sheet, node).at;
        if (node_kind(tree, node) != NODE_KEYWORD_ARGUMENT)
            continue;
        argument->name = node_field(tree, node, FIELD_NAME);
        argument->value = node_field(tree, node, FIELD_VALUE);
    }
    return out;
}

static bool is_positional(const Sheet *sheet, const Argument *argument) {
    Kind kind = node_kind(sheet->tree, argument->node);
    return kind != NODE_KEYWORD_ARGUMENT && kind != NODE_DICTIONARY_SPLAT &&
           kind != NODE_LIST_SPLAT && kind != NODE_ELLIPSIS;
}

static bool is_dots(const Sheet *sheet, const Argument *argument) {
    return node_kind(sheet->tree, argument->node) == NODE_ELLIPSIS;
}

/* The hole of `**$set`, -1 when the argument is anything else. */
static int set_hole(const Compiler *compiler, const Sheet *sheet, Node node) {
    if (node_kind(sheet->tree, node) != NODE_DICTIONARY_SPLAT)
        return -1;
    int hole = sheet->hole[node_child_named(sheet->tree, node)];
    return hole >= 0 && compiler->rule->holes.v[hole].kind == HOLE_KWARGS ? hole : -1;
}

static void fail_at(Lists *lists, const Sheet *sheet, Node node, const char *message) {
    compiler_fail(lists->compiler, sheet_patch_node(sheet, node), message);
}

/* ---- actions ---- */

static void settle(Lists *lists, Argument *before, Argument *after) {
    if (before) {
        before->settled = true;
        lists->compiler->gone_before[before->node] = true;
    }
    if (after) {
        after->settled = true;
        lists->compiler->gone_after[after->node] = true;
    }
}

static void remove_argument(Lists *lists, Argument *before) {
    Compiler *compiler = lists->compiler;
    settle(lists, before, NULL);
    if (is_dots(compiler->before, before)) {
        fail_at(lists, compiler->before, before->node,
                "'...' stands for any arguments and cannot go");
        return;
    }
    Action *action = compiler_add(compiler, ACTION_REMOVE_ARGUMENT,
                                  compiler_line(compiler, compiler->before, before->node));
    action->argument = before->node;
    action->call = lists->call;
}

static void add_argument(Lists *lists, Argument *after) {
    Compiler *compiler = lists->compiler;
    const Sheet *sheet = compiler->after;
    settle(lists, NULL, after);
    if (!after->name && set_hole(compiler, sheet, after->node) < 0) {
        fail_at(lists, sheet, after->node, "a new argument needs a keyword");
        return;
    }
    if (after->name && sheet_is_hole(sheet, after->name)) {
        fail_at(lists, sheet, after->name, "the keyword of a new argument cannot be a hole");
        return;
    }
    Template text = {0};
    Action *action =
        compiler_add(compiler, ACTION_ADD_ARGUMENT, compiler_line(compiler, sheet, after->node));
    action->call = lists->call;
    action->keyword = node_text(sheet->tree, after->name);
    if (template_build(compiler, node_span(sheet->tree, after->value), true, &text))
        action->text = text;
}

static void replace_argument(Lists *lists, Argument *before, Argument *after) {
    Compiler *compiler = lists->compiler;
    const Sheet *sheet = compiler->after;
    if (is_dots(compiler->before, before) ||
        node_kind(compiler->before->tree, before->node) == NODE_DICTIONARY_SPLAT ||
        node_kind(compiler->before->tree, before->node) == NODE_LIST_SPLAT ||
        set_hole(compiler, sheet, after->node) >= 0) {
        remove_argument(lists, before);
        add_argument(lists, after);
        return;
    }
    settle(lists, before, after);
    if (!after->name) {
        fail_at(lists, sheet, after->node, "an argument with a keyword cannot become one without");
        return;
    }
    if (sheet_is_hole(sheet, after->name) && !same_text(compiler, before->name, after->name)) {
        fail_at(lists, sheet, after->name, "the keyword of a new argument cannot be a hole");
        return;
    }
    Action *action = compiler_add(compiler, ACTION_REPLACE_ARGUMENT,
                                  compiler_line(compiler, sheet, after->node));
    action->argument = before->node;
    action->call = lists->call;
    action->keyword = node_text(sheet->tree, after->name);
    action->keeps_value = same_text(compiler, before->value, after->value);
    Template text = {0};
    if (action->keeps_value && sheet->hole[after->value] < 0)
        return; /* the value's bytes stay, `...` in it too */
    if (template_build(compiler, node_span(sheet->tree, after->value), true, &text))
        action->text = text;
}

/* ---- alignment ---- */

static void align_call(Compiler *compiler, Node before, Node after);

/* Arguments of one keyword, `...` and sets that stand in both lists. */
static void pair_alike(Lists *lists, Argument *from, Argument *to) {
    Compiler *compiler = lists->compiler;
    const Tree *before = compiler->before->tree, *after = compiler->after->tree;
    bool named = from->name && to->name && same_text(compiler, from->name, to->name);
    bool whole =
        !is_positional(compiler->before, from) && same_text(compiler, from->node, to->node);
    if (whole) {
        settle(lists, from, to);
    } else if (named && node_kind(before, from->value) == NODE_CALL &&
               node_kind(after, to->value) == NODE_CALL &&
               same_text(compiler, node_field(before, from->value, FIELD_FUNCTION),
                         node_field(after, to->value, FIELD_FUNCTION))) {
        from->settled = to->settled = true;
        align_call(compiler, from->value, to->value);
    } else if (named) {
        replace_argument(lists, from, to);
    }
}

static void pair_equal(Lists *lists) {
    for (ptrdiff_t i = 0; i < lists->n_before; i++) {
        Argument *from = &lists->before[i];
        Node partner = after_partner(lists->compiler, from->node, lists->list_after);
        for (ptrdiff_t k = 0; partner && k < lists->n_after; k++) {
            Argument *to = &lists->after[k];
            if (to->node == partner)
                from->settled = to->settled = from->context = to->context = true;
        }
    }
    for (ptrdiff_t i = 0; i < lists->n_before; i++) {
        for (ptrdiff_t k = 0; k < lists->n_after && !lists->before[i].settled; k++) {
            if (!lists->after[k].settled)
                pair_alike(lists, &lists->before[i], &lists->after[k]);
        }
    }
}

/* A run of '-' arguments, and the run of '+' arguments directly behind it. */
static void pair_run(Lists *lists, Argument **from, ptrdiff_t n_from, Argument **to,
                     ptrdiff_t n_to) {
    const Compiler *compiler = lists->compiler;
    for (ptrdiff_t i = 0; i < n_from || i < n_to; i++) {
        if (i >= n_to) {
            remove_argument(lists, from[i]);
        } else if (i >= n_from) {
            /* Of a call that is written anew, tokens can say where it goes. */
            if (lists->on_context || !is_positional(compiler->after, to[i]))
                add_argument(lists, to[i]);
        } else if (is_positional(compiler->before, from[i]) &&
                   is_positional(compiler->after, to[i])) {
            arguments_align_replaced(lists->compiler, from[i]->node, to[i]->node);
        } else {
            replace_argument(lists, from[i], to[i]);
        }
    }
}

/* Finds the runs, in the order of the patch's lines; context lines end them. */
static void pair_runs(Lists *lists) {
    Arena *arena = lists->compiler->rule->draft->arena;
    Argument **from = new (arena, Argument *, lists->n_before + 1);
    Argument **to = new (arena, Argument *, lists->n_after + 1);
    ptrdiff_t n_from = 0, n_to = 0, i = 0, k = 0;
    while (i < lists->n_before || k < lists->n_after) {
        Argument *before = i < lists->n_before ? &lists->before[i] : NULL;
        Argument *after = k < lists->n_after ? &lists->after[k] : NULL;
        if (after && after->settled) {
            k++;
        } else if (before && (!after || before->patch < after->patch)) {
            i++;
            if (before->settled && !before->context)
                continue;
            if (n_to || before->settled) {
                pair_run(lists, from, n_from, to, n_to);
                n_from = n_to = 0;
            }
            if (!before->settled)
                from[n_from++] = before;
        } else {
            k++;
            to[n_to++] = after;
        }
    }
    pair_run(lists, from, n_from, to, n_to);
}

/* A comma goes with the argument before it, or when no argument is left behind it. */
static void mark_commas(const Sheet *sheet, Node list, bool *gone) {
    const Tree *tree = sheet->tree;
    bool gone_before = true, left = false;
    for (Node node = node_child(tree, list); node; node = node_next(tree, node)) {
        if (node_is_token(tree, node, S(",")))
            gone[node] = gone_before;
        else if (tree->rows[node].named && !tree->rows[node].extra)
            gone_before = gone[node];
    }
    for (Node node = node_last_child(tree, list); node; node = node_previous(tree, node)) {
        if (node_is_token(tree, node, S(",")))
            gone[node] |= !left;
        else if (tree->rows[node].named && !tree->rows[node].extra)
            left |= !gone[node];
    }
}

static void align_lists(Compiler *compiler, Node before, Node after, bool on_context) {
    Arena *arena = compiler->rule->draft->arena;
    Lists lists = {.compiler = compiler,
                   .call = node_parent(compiler->before->tree, before),
                   .list_after = after,
                   .on_context = on_context};
    lists.before = arguments_read(arena, compiler->before, before, &lists.n_before);
    lists.after = arguments_read(arena, compiler->after, after, &lists.n_after);
    for (ptrdiff_t i = 0; i < lists.n_before; i++) {
        if (compiler->before->mark[lists.before[i].node] == '?')
            remove_argument(&lists, &lists.before[i]);
    }
    pair_equal(&lists);
    pair_runs(&lists);
    /* What comes inside a list must not be taken for what comes behind it. */
    compiler->tied[node_child(compiler->before->tree, before)] =
        node_child(compiler->after->tree, after);
    compiler->tied[node_last_child(compiler->before->tree, before)] =
        node_last_child(compiler->after->tree, after);
    mark_commas(compiler->before, before, compiler->gone_before);
    mark_commas(compiler->after, after, compiler->gone_after);
}

void arguments_align_context(Compiler *compiler) {
    const Tree *tree = compiler->before->tree, *after = compiler->after->tree;
    for (Node node = 1; node < tree->n; node++) {
        if (compiler->gone_before[node]) {
            node = tree->rows[node].past - 1;
            continue;
        }
        if (node_kind(tree, node) != NODE_ARGUMENT_LIST)
            continue;
        Node leaf = after_leaf(compiler, node_child(tree, node));
        if (!leaf)
            leaf = after_leaf(compiler, node_last_child(tree, node));
        Node list = node_parent(after, leaf);
        if (node_kind(after, list) == NODE_ARGUMENT_LIST)
            align_lists(compiler, node, list, true);
    }
}

static void align_call(Compiler *compiler, Node before, Node after) {
    Node from = node_field(compiler->before->tree, before, FIELD_ARGUMENTS);
    Node to = node_field(compiler->after->tree, after, FIELD_ARGUMENTS);
    if (node_kind(compiler->before->tree, from) == NODE_ARGUMENT_LIST &&
        node_kind(compiler->after->tree, to) == NODE_ARGUMENT_LIST)
        align_lists(compiler, from, to, false);
    arguments_align_replaced(compiler, node_field(compiler->before->tree, before, FIELD_FUNCTION),
                             node_field(compiler->after->tree, after, FIELD_FUNCTION));
}

/* A call within the after-tree's node of what the before-tree's call calls, or the other way round:
 * what wraps a call, or no longer does. */
static Node find_call(const Compiler *compiler, Node call, Node within, bool in_after) {
    const Tree *tree = in_after ? compiler->after->tree : compiler->before->tree;
    const Tree *other = in_after ? compiler->before->tree : compiler->after->tree;
    Node function = node_field(other, call, FIELD_FUNCTION);
    for (Node node = within; node < tree->rows[within].past; node++) {
        if (node_kind(tree, node) != NODE_CALL)
            continue;
        Node candidate = node_field(tree, node, FIELD_FUNCTION);
        if (in_after ? same_text(compiler, function, candidate)
                     : same_text(compiler, candidate, function))
            return node;
    }
    return 0;
}

/* A call that stands elsewhere in what replaces it: `[f($x) for $x in $xs]` becomes `[y for y in
 * f($xs)]`. */
static bool align_moved(Compiler *compiler, Node before, Node after) {
    const Tree *tree = compiler->before->tree;
    for (Node node = before; node < tree->rows[before].past; node++) {
        Node moved =
            node_kind(tree, node) == NODE_CALL ? find_call(compiler, node, after, true) : 0;
        if (!moved)
            continue;
        align_call(compiler, node, moved);
        return true;
    }
    return false;
}

/* Whether some calls of the two were aligned. */
static bool align_replaced(Compiler *compiler, Node before, Node after) {
    const Tree *tree = compiler->before->tree, *tree_after = compiler->after->tree;
    bool call = node_kind(tree, before) == NODE_CALL;
    bool call_after = node_kind(tree_after, after) == NODE_CALL;
    Node inner = call ? find_call(compiler, before, after, true) : 0;
    Node outer = call_after && !inner ? find_call(compiler, after, before, false) : 0;
    bool aligned = true;
    if (inner) {
        align_call(compiler, before, inner);
    } else if (outer) {
        align_call(compiler, outer, after);
    } else if (call && call_after) {
        align_call(compiler, before, after);
    } else if (tree->rows[before].symbol == tree_after->rows[after].symbol &&
               node_count_named(tree, before) == node_count_named(tree_after, after)) {
        Node to = node_child_named(tree_after, after);
        aligned = false;
        for (Node from = node_child_named(tree, before); from; from = node_next_named(tree, from)) {
            aligned |= align_replaced(compiler, from, to);
            to = node_next_named(tree_after, to);
        }
        aligned = aligned || align_moved(compiler, before, after);
    } else {
        aligned = align_moved(compiler, before, after);
    }
    return aligned;
}

void arguments_align_replaced(Compiler *compiler, Node before, Node after) {
    align_replaced(compiler, before, after);
}
