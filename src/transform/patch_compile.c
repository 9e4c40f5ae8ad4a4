/* The tree before and the tree after a change become actions on the first.
 *
 * A token on a context line stands in both trees, at one and the same byte of the patch, and ties
 * them together. What has no such tie is new or gone, at the largest part that can be said: a whole
 * statement (here), a whole argument (patch_arguments.c), else tokens (patch_tokens.c). Small
 * actions matter: what a hole or `...` has matched stays byte for byte, and other transforms can
 * edit inside of it in the same pass. */
#include "transform/draft.h"

/* ---- shared by the three files ---- */

Action *compiler_add(Compiler *compiler, ActionKind kind, uint32_t line) {
    Action *action = list_push(compiler->rule->draft->arena, &compiler->actions);
    *action = (Action){.kind = kind, .line = line};
    return action;
}

void compiler_fail(Compiler *compiler, Span at, const char *message) {
    draft_error(compiler->rule->draft, at, "%s", message);
    compiler->failed = true;
}

uint32_t compiler_line(const Compiler *compiler, const Sheet *sheet, Node node) {
    return draft_line(compiler->rule->draft, sheet_patch_node(sheet, node).at);
}

Node after_leaf(const Compiler *compiler, Node before_leaf) {
    const Sheet *before = compiler->before, *after = compiler->after;
    if (before->mark[before_leaf] != ' ')
        return 0;
    uint32_t patch = sheet_patch_node(before, before_leaf).at;
    /* Rows are in preorder, so leaves ascend. */
    for (ptrdiff_t i = 0; i < after->n_lines; i++) {
        const struct SheetLine *line = &after->lines[i];
        uint32_t end = i + 1 < after->n_lines ? line[1].at : (uint32_t)after->text.n;
        if (patch < line->patch || patch - line->patch >= end - line->at)
            continue;
        uint32_t at = line->at + (patch - line->patch);
        Node node = node_at(after->tree, at);
        Span span = node_span(after->tree, node);
        Span wanted = node_span(before->tree, before_leaf);
        bool same = is_leaf(after->tree, node) && span.at == at &&
                    span.end - span.at == wanted.end - wanted.at;
        return same ? node : 0;
    }
    return 0;
}

Node after_partner(const Compiler *compiler, Node before, Node container) {
    const Tree *tree = compiler->before->tree, *after = compiler->after->tree;
    for (Node node = before; node < tree->rows[before].past; node++) {
        Node leaf = is_leaf(tree, node) && !tree->rows[node].extra ? after_leaf(compiler, node) : 0;
        while (leaf && node_parent(after, leaf) != container)
            leaf = node_parent(after, leaf);
        if (leaf)
            return leaf;
    }
    return 0;
}

static bool has_context(const Sheet *sheet, Node node) {
    for (Node n = node; n < sheet->tree->rows[node].past; n++) {
        const NodeRow *row = &sheet->tree->rows[n];
        if (is_leaf(sheet->tree, n) && !row->extra && row->end > row->at && sheet->mark[n] == ' ')
            return true;
    }
    return false;
}

/* ---- statements ---- */

/* Statements of one block of the text before with their partners after. */
typedef struct Block {
    Compiler *compiler;
    Node *before, *after; /* children of the two blocks */
    ptrdiff_t n_before, n_after;
    ptrdiff_t *partner; /* by before: index in `after`, -1: none */
} Block;

/* What stands between two statements that stay. */
typedef struct Gap {
    ptrdiff_t before, before_end; /* indices */
    ptrdiff_t after, after_end;
} Gap;

static Node *children(Arena *arena, const Tree *tree, Node node, ptrdiff_t *n) {
    Node *list = new (arena, Node, node_count_named(tree, node) + 1);
    for (Node child = node_child_named(tree, node); child; child = node_next_named(tree, child))
        list[(*n)++] = child;
    return list;
}

static bool is_compound(const Tree *tree, Node statement) {
    for (Node node = statement; node < tree->rows[statement].past; node++) {
        if (node_kind(tree, node) == NODE_BLOCK)
            return true;
    }
    return false;
}

/* Bytes of the statements with the comments on '+' lines that belong to them. */
static Span statements_span(const Compiler *compiler, Node first, Node last) {
    const Sheet *after = compiler->after;
    const Tree *tree = after->tree;
    Node above = node_previous(tree, first);
    while (above && tree->rows[above].extra && after->mark[above] == '+' &&
           (uint32_t)str_line_start(after->text, tree->rows[above].at) +
                   (tree->rows[first].at -
                    (uint32_t)str_line_start(after->text, tree->rows[first].at)) ==
               tree->rows[above].at) {
        first = above;
        above = node_previous(tree, first);
    }
    Span span = {tree->rows[first].at, tree->rows[last].end};
    Node beside = node_next(tree, last);
    if (beside && tree->rows[beside].extra &&
        (uint32_t)str_line_start(after->text, tree->rows[beside].at) <= tree->rows[last].at)
        span.end = tree->rows[beside].end;
    return span;
}

static void insert(Block *block, ActionKind kind, Node anchor, ptrdiff_t first, ptrdiff_t end) {
    Compiler *compiler = block->compiler;
    Node from = block->after[first], to = block->after[end - 1];
    Action *action = compiler_add(compiler, kind, compiler_line(compiler, compiler->after, from));
    Template text = {0};
    action->statement = anchor;
    if (!template_build(compiler, statements_span(compiler, from, to), false, &text))
        return;
    action->text = text;
    for (ptrdiff_t i = first; i < end; i++)
        compiler->gone_after[block->after[i]] = true;
}

static void remove_statement(Block *block, Node statement) {
    Compiler *compiler = block->compiler;
    compiler_add(compiler, ACTION_REMOVE_STATEMENT,
                 compiler_line(compiler, compiler->before, statement))
        ->statement = statement;
    compiler->gone_before[statement] = true;
}

/* Where statements without a '-' line above them go: after the statement above, else before the one
 * below; `...` has no place of its own. */
static void insert_in_context(Block *block, ptrdiff_t above, ptrdiff_t first, ptrdiff_t end) {
    const Sheet *sheet = block->compiler->before;
    ptrdiff_t below = above + 1;
    while (above >= 0 && sheet->mark[block->before[above]] == '?')
        above--;
    while (below < block->n_before && sheet->mark[block->before[below]] == '?')
        below++;
    if (above >= 0 && !is_dots_statement(sheet->tree, block->before[above]))
        insert(block, ACTION_INSERT_AFTER, block->before[above], first, end);
    else if (below < block->n_before && !is_dots_statement(sheet->tree, block->before[below]))
        insert(block, ACTION_INSERT_BEFORE, block->before[below], first, end);
    else
        compiler_fail(block->compiler,
                      sheet_patch_node(block->compiler->after, block->after[first]),
                      "a new statement needs a line beside it that is no '...'");
}

/* A run of '-' statements, and the run of '+' statements that directly follows it. */
static void replace_run(Block *block, ptrdiff_t before, ptrdiff_t before_end, ptrdiff_t after,
                        ptrdiff_t after_end) {
    Compiler *compiler = block->compiler;
    ptrdiff_t next = after;
    bool simple = true;
    for (ptrdiff_t i = before; i < before_end; i++)
        simple &= !is_compound(compiler->before->tree, block->before[i]);
    for (ptrdiff_t i = after; i < after_end; i++)
        simple &= !is_compound(compiler->after->tree, block->after[i]);
    Node last = 0;
    if (!simple && after < after_end)
        insert(block, ACTION_INSERT_BEFORE, block->before[before], after, after_end);
    for (ptrdiff_t i = before; i < before_end; i++) {
        Node statement = block->before[i];
        bool required = compiler->before->mark[statement] != '?';
        if (required && simple && next < after_end) {
            arguments_align_replaced(compiler, statement, block->after[next++]);
            last = statement;
        } else {
            remove_statement(block, statement);
        }
    }
    if (simple && next < after_end)
        insert(block, ACTION_INSERT_AFTER, last, next, after_end);
}

static uint32_t patch_at(const Sheet *sheet, Node node) {
    return sheet_patch_node(sheet, node).at;
}

/* Runs of '-' and '+' statements in the order of their lines. */
static void align_gap(Block *block, Gap gap) {
    const Compiler *compiler = block->compiler;
    ptrdiff_t i = gap.before, k = gap.after;
    while (i < gap.before_end || k < gap.after_end) {
        ptrdiff_t i_end = i, k_end = k;
        bool required = false;
        uint32_t next_after =
            k < gap.after_end ? patch_at(compiler->after, block->after[k]) : UINT32_MAX;
        while (i_end < gap.before_end &&
               patch_at(compiler->before, block->before[i_end]) < next_after)
            required |= compiler->before->mark[block->before[i_end++]] != '?';
        uint32_t next_before =
            i_end < gap.before_end ? patch_at(compiler->before, block->before[i_end]) : UINT32_MAX;
        while (k_end < gap.after_end &&
               patch_at(compiler->after, block->after[k_end]) < next_before)
            k_end++;
        if (required || k_end == k) {
            replace_run(block, i, i_end, k, k_end);
        } else {
            insert_in_context(block, i_end - 1, k, k_end);
            replace_run(block, i, i_end, k, k);
        }
        i = i_end;
        k = k_end;
    }
}

/* Finds partners; false when context lines have no place in both texts. */
static bool find_partners(Block *block, Node container) {
    Compiler *compiler = block->compiler;
    const Sheet *before = compiler->before, *after = compiler->after;
    ptrdiff_t next = 0;
    bool *taken = new (compiler->rule->draft->arena, bool, block->n_after + 1);
    for (ptrdiff_t i = 0; i < block->n_before; i++) {
        Node partner = after_partner(compiler, block->before[i], container);
        block->partner[i] = -1;
        for (ptrdiff_t k = next; partner && k < block->n_after; k++) {
            if (block->after[k] == partner)
                block->partner[i] = k;
        }
        if (block->partner[i] >= 0) {
            next = block->partner[i] + 1;
            taken[block->partner[i]] = true;
        } else if (has_context(before, block->before[i])) {
            compiler_fail(compiler, sheet_patch_node(before, block->before[i]),
                          "these context lines are part of another statement after the change: "
                          "write the statements on '-' and '+' lines");
            return false;
        }
    }
    for (ptrdiff_t k = 0; k < block->n_after; k++) {
        if (taken[k] || !has_context(after, block->after[k]))
            continue;
        compiler_fail(compiler, sheet_patch_node(after, block->after[k]),
                      "these context lines are part of another statement before the change: "
                      "write the statements on '-' and '+' lines");
        return false;
    }
    return true;
}

static void align_blocks(Compiler *compiler, Node before, Node after);

/* The i-th block of a statement, blocks in blocks not counted; 0: none. */
static Node block_number(const Tree *tree, Node statement, ptrdiff_t i) {
    for (Node node = statement, past; node < tree->rows[statement].past; node = past) {
        past = node + 1;
        if (node_kind(tree, node) != NODE_BLOCK)
            continue;
        if (i-- == 0)
            return node;
        past = tree->rows[node].past;
    }
    return 0;
}

/* The block after that has context lines of this one; else the one at the same place. */
static Node block_partner(const Compiler *compiler, Node block, Node after, ptrdiff_t i) {
    const Tree *tree = compiler->before->tree, *tree_after = compiler->after->tree;
    for (Node leaf = block; leaf < tree->rows[block].past; leaf++) {
        if (!is_leaf(tree, leaf) || node_ancestor(tree, leaf, NODE_BLOCK) != block)
            continue;
        Node other = node_ancestor(tree_after, after_leaf(compiler, leaf), NODE_BLOCK);
        if (other)
            return other;
    }
    return block_number(tree_after, after, i);
}

/* Blocks inside two statements that are one. */
static void align_inner(Compiler *compiler, Node before, Node after) {
    if (compiler->before->mark[before] == ' ' && compiler->after->mark[after] == ' ')
        return;
    for (ptrdiff_t i = 0;; i++) {
        Node block = block_number(compiler->before->tree, before, i);
        Node other = block ? block_partner(compiler, block, after, i) : 0;
        if (!block)
            return;
        if (other)
            align_blocks(compiler, block, other);
    }
}

static void align_blocks(Compiler *compiler, Node before, Node after) {
    Arena *arena = compiler->rule->draft->arena;
    Block block = {.compiler = compiler};
    block.before = children(arena, compiler->before->tree, before, &block.n_before);
    block.after = children(arena, compiler->after->tree, after, &block.n_after);
    block.partner = new (arena, ptrdiff_t, block.n_before + 1);
    if (!find_partners(&block, after))
        return;
    Gap gap = {0};
    for (ptrdiff_t i = 0; i <= block.n_before; i++) {
        if (i < block.n_before && block.partner[i] < 0)
            continue;
        gap.before_end = i;
        gap.after_end = i < block.n_before ? block.partner[i] : block.n_after;
        align_gap(&block, gap);
        gap.before = i + 1;
        gap.after = gap.after_end + 1;
        if (i < block.n_before)
            align_inner(compiler, block.before[i], block.after[block.partner[i]]);
    }
    /* Tokens of a nested block are compared with the statement around it. */
    if (before != 1)
        return;
    arguments_align_context(compiler);
    ptrdiff_t next = 0;
    for (ptrdiff_t i = 0; i < block.n_before; i++) {
        if (compiler->gone_before[block.before[i]])
            continue;
        if (block.partner[i] >= 0)
            next = block.partner[i];
        while (next < block.n_after && compiler->gone_after[block.after[next]])
            next++;
        if (next < block.n_after)
            tokens_compile(compiler, block.before[i], block.after[next++]);
    }
}

/* ---- whole rules ---- */

/* The qualified name, or the one plain name of a module, that the whole text is; else 0. */
static Node whole_name(const Sheet *sheet) {
    const Tree *tree = sheet->tree;
    Node statement = node_child_named(tree, 1);
    Node expression = bare_expression(tree, statement);
    bool module =
        node_kind(tree, expression) == NODE_IDENTIFIER && !sheet_is_hole(sheet, expression);
    return node_next_named(tree, statement) == 0 &&
                   (module || sheet_is_qualified(sheet, expression))
               ? expression
               : 0;
}

/* `M.$x` that becomes `N.$x`, whatever $x is, says that the module moves: so do imports of it. */
static bool moves_module(const Compiler *compiler, Node from, Node to) {
    const Sheet *before = compiler->before, *after = compiler->after;
    const Rule *rule = compiler->rule->rule;
    Node name = node_field(before->tree, from, FIELD_ATTRIBUTE);
    Node other = node_field(after->tree, to, FIELD_ATTRIBUTE);
    if (!name || !other || before->hole[name] < 0 || before->hole[name] != after->hole[other] ||
        rule->n_conditions)
        return false;
    const RuleDraft *draft = compiler->rule;
    bool alone = !draft->holes.v[before->hole[name]].regex.n;
    for (Node node = 1; node < before->tree->n; node++)
        alone &= node == name || before->hole[node] != before->hole[name];
    for (Node node = 1; node < after->tree->n; node++)
        alone &= node == other || after->hole[node] != after->hole[other];
    for (ptrdiff_t i = 0; i < draft->body.n; i++)
        alone &= draft->body.v[i].mark != '!';
    for (ptrdiff_t i = 0; i < draft->holes.n; i++)
        alone &= !draft->holes.v[i].computed;
    return alone;
}

/* `- A` / `+ B` of qualified names and no more. */
static bool compile_rename(Compiler *compiler) {
    RuleDraft *rule = compiler->rule;
    Node from = whole_name(compiler->before), to = whole_name(compiler->after);
    if (!from || !to || compiler->before->mark[from] != '-' || compiler->after->mark[to] != '+')
        return false;
    if (moves_module(compiler, from, to)) {
        from = node_field(compiler->before->tree, from, FIELD_OBJECT);
        to = node_field(compiler->after->tree, to, FIELD_OBJECT);
    }
    rule->rule->symbol = from;
    Span patch = sheet_patch_node(compiler->after, to);
    Template text = {0};
    Action *action =
        compiler_add(compiler, ACTION_RENAME_SYMBOL, draft_line(rule->draft, patch.at));
    action->keyword = str_span(rule->draft->text, patch);
    compiler->failed |= !template_of_text(rule, patch, &text);
    action->text = text;
    return true;
}

/* A qualified name alone, of which a note is told. */
static bool compile_symbol_note(Compiler *compiler) {
    const RuleDraft *rule = compiler->rule;
    Node name = whole_name(compiler->before);
    bool noted = false, more = false;
    for (ptrdiff_t i = 0; i < rule->body.n; i++) {
        noted |= rule->body.v[i].mark == '!';
        more |= rule->body.v[i].mark == '+' || rule->body.v[i].mark == '?';
    }
    if (!name || !noted || more || rule->rule->tier != TIER_ADVICE)
        return false;
    compiler->rule->rule->symbol = name;
    return true;
}

/* A lone expression that goes, or makes place for something that is none, is a statement. */
static void settle_expression(Compiler *compiler) {
    Pattern *before = &compiler->rule->rule->before;
    const Tree *after = compiler->after->tree;
    if (!before->is_expression)
        return;
    Node statement = node_parent(before->tree, before->statements[0]);
    Node partner = has_context(compiler->before, statement) ? after_partner(compiler, statement, 1)
                                                            : node_child_named(after, 1);
    Node expression = bare_expression(after, partner);
    compiler->rule->rule->becomes = precedence_of(node_kind(after, expression));
    if (expression)
        return;
    before->is_expression = false;
    before->statements[0] = statement;
}

/* Actions name the expression where it, and not its statement, is the pattern. */
static void name_expression(Compiler *compiler) {
    const Pattern *before = &compiler->rule->rule->before;
    if (!before->is_expression)
        return;
    Node statement = node_parent(before->tree, before->statements[0]);
    for (ptrdiff_t i = 0; i < compiler->actions.n; i++) {
        if (compiler->actions.v[i].statement == statement)
            compiler->actions.v[i].statement = before->statements[0];
    }
}

/* The outermost node that starts on the last line before this one of the patch. */
static Node note_place(const Compiler *compiler, uint32_t patch) {
    const Sheet *before = compiler->before;
    const Tree *tree = before->tree;
    ptrdiff_t line = -1;
    while (line + 1 < before->n_lines && before->lines[line + 1].patch < patch)
        line++;
    if (line < 0)
        return 0;
    uint32_t at = before->lines[line].at;
    Node found = 0;
    for (Node node = 2; node < tree->n; node++) {
        if (tree->rows[node].at < at || tree->rows[node].extra || !tree->rows[node].named)
            continue;
        Span place = sheet_patch_node(before, node);
        if (place.at < patch && tree->rows[node].kind != NODE_ELLIPSIS)
            found = node;
        break;
    }
    /* A line that only closes what a line above opened tells nothing of its own. */
    if (found)
        return found;
    for (Node node = node_child_named(tree, 1); node; node = node_next_named(tree, node))
        found = tree->rows[node].at <= at ? node : found;
    return found;
}

static void compile_notes(Compiler *compiler) {
    RuleDraft *rule = compiler->rule;
    for (ptrdiff_t i = 0; i < rule->body.n; i++) {
        BodyLine line = rule->body.v[i];
        if (line.mark != '!')
            continue;
        Template text = {0};
        compiler->failed |= !template_of_text(rule, line.at, &text);
        bool follows = i > 0 && rule->body.v[i - 1].mark == '!' && compiler->actions.n > 0;
        if (!follows) {
            Action *action = compiler_add(compiler, ACTION_NOTE, line.line);
            action->statement = note_place(compiler, line.at.at);
            action->text = text;
            continue;
        }
        /* Lines of one note are one text. */
        Action *action = &compiler->actions.v[compiler->actions.n - 1];
        Piece *pieces = new (rule->draft->arena, Piece, action->text.n + 1 + text.n);
        ptrdiff_t n = 0;
        for (ptrdiff_t k = 0; k < action->text.n; k++)
            pieces[n++] = action->text.v[k];
        pieces[n++] = (Piece){.kind = PIECE_TEXT, .text = S(" "), .hole = -1};
        for (ptrdiff_t k = 0; k < text.n; k++)
            pieces[n++] = text.v[k];
        action->text = (Template){pieces, n};
    }
}

bool rule_compile(RuleDraft *rule) {
    Arena *arena = rule->draft->arena;
    Compiler compiler = {.rule = rule, .before = &rule->before, .after = &rule->after};
    compiler.gone_before = new (arena, bool, rule->before.tree->n);
    compiler.gone_after = new (arena, bool, rule->after.tree->n);
    compiler.tied = new (arena, Node, rule->before.tree->n);
    rule->rule->becomes = PRECEDENCE_PRIMARY;
    if (rule->rule->header_of.n) {
        method_compile(&compiler);
    } else if (!compile_rename(&compiler) && !compile_symbol_note(&compiler)) {
        settle_expression(&compiler);
        align_blocks(&compiler, 1, 1);
    }
    compile_notes(&compiler);
    name_expression(&compiler);
    rule->rule->kept = compiler.kept.v;
    rule->rule->n_kept = compiler.kept.n;
    rule->rule->actions = compiler.actions.v;
    rule->rule->n_actions = compiler.actions.n;
    return !compiler.failed;
}
