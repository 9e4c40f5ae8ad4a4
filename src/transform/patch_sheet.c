/* Lines of a patch as a text that Python reads.
 *
 * `$` becomes `_`, byte for byte, and its offsets are kept: an identifier that starts at one is a
 * hole. A `$` that turns out to stand inside a string or a comment is put back. Every line of the
 * text is a slice of a line of the patch, so a node's place in the patch is a subtraction away, and
 * a token on a context line has one and the same place for the text before and the one after. */
#include "transform/draft.h"

#include <string.h>

/* ---- the text ---- */

static void sheet_open(Draft *draft, Sheet *sheet, ptrdiff_t lines, ptrdiff_t bytes) {
    *sheet = (Sheet){0};
    sheet->lines = new (draft->arena, struct SheetLine, lines + 1);
    sheet->text.p = new (draft->arena, char, bytes + 1);
    sheet->dollars = new (draft->arena, uint32_t, bytes + 1);
}

/* The text is built, and `$` put back, through this; for all others it is constant. */
static char *sheet_bytes(const Sheet *sheet) {
    return (char *)(uintptr_t)sheet->text.p;
}

static void sheet_add(const Draft *draft, Sheet *sheet, Span at, char mark) {
    uint32_t start = (uint32_t)sheet->text.n;
    sheet->lines[sheet->n_lines++] = (struct SheetLine){start, at.at, mark};
    for (uint32_t i = at.at; i < at.end; i++) {
        char c = draft->text.p[i];
        if (c == '$')
            sheet->dollars[sheet->n_dollars++] = (uint32_t)sheet->text.n;
        sheet_bytes(sheet)[sheet->text.n++] = c == '$' ? '_' : c;
    }
    sheet_bytes(sheet)[sheet->text.n++] = '\n';
}

void sheet_of_body(RuleDraft *rule, Sheet *sheet, const char *marks) {
    ptrdiff_t bytes = 0;
    for (ptrdiff_t i = 0; i < rule->body.n; i++)
        bytes += rule->body.v[i].at.end - rule->body.v[i].at.at + 1;
    sheet_open(rule->draft, sheet, rule->body.n, bytes);
    for (ptrdiff_t i = 0; i < rule->body.n; i++) {
        BodyLine line = rule->body.v[i];
        if (strchr(marks, line.mark))
            sheet_add(rule->draft, sheet, line.at, line.mark);
    }
}

void sheet_of_span(Draft *draft, Sheet *sheet, Span span) {
    sheet_open(draft, sheet, 1, span.end - span.at + 1);
    sheet_add(draft, sheet, span, ' ');
}

/* Index of the line that holds the offset. */
static ptrdiff_t sheet_line(const Sheet *sheet, uint32_t at) {
    ptrdiff_t low = 0, high = sheet->n_lines;
    while (high - low > 1) {
        ptrdiff_t middle = low + (high - low) / 2;
        if (sheet->lines[middle].at <= at)
            low = middle;
        else
            high = middle;
    }
    return low;
}

Span sheet_patch(const Sheet *sheet, Span span) {
    const struct SheetLine *first = &sheet->lines[sheet_line(sheet, span.at)];
    Span patch = {first->patch + (span.at - first->at), 0};
    if (span.end <= span.at) {
        patch.end = patch.at;
        return patch;
    }
    const struct SheetLine *last = &sheet->lines[sheet_line(sheet, span.end - 1)];
    patch.end = last->patch + (span.end - last->at);
    return patch;
}

Span sheet_patch_node(const Sheet *sheet, Node node) {
    return sheet_patch(sheet, node_span(sheet->tree, node));
}

bool sheet_is_hole(const Sheet *sheet, Node node) {
    return sheet->hole[node] >= 0;
}

/* ---- what does not parse ---- */

/* The bracket that is never closed, or closes nothing: what is most often wrong, and what the
 * parser's own errors show least well. `*at` gets its offset. */
static bool find_loose_bracket(Arena *arena, Str text, uint32_t *at, bool *opens) {
    uint32_t *stack = new (arena, uint32_t, text.n + 1);
    ptrdiff_t n = 0;
    char quote = 0;
    for (ptrdiff_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (quote) {
            i += c == '\\';
            quote = c == quote || c == '\n' ? 0 : quote;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '#') {
            ptrdiff_t end = str_find_byte(str_slice(text, i, text.n), '\n');
            i = end < 0 ? text.n : i + end;
        } else if (strchr("([{", c) && c) {
            stack[n++] = (uint32_t)i;
        } else if (strchr(")]}", c) && c) {
            *at = (uint32_t)i;
            *opens = false;
            const char *pair = n ? strchr("()[]{}", text.p[stack[n - 1]]) : NULL;
            if (!pair || pair[1] != c)
                return true;
            n--;
        }
    }
    *opens = true;
    *at = n ? stack[n - 1] : 0;
    return n > 0;
}

static void report_error(RuleDraft *rule, const Sheet *sheet, const char *what) {
    uint32_t at;
    bool opens;
    if (find_loose_bracket(rule->draft->arena, sheet->text, &at, &opens)) {
        draft_error(rule->draft, sheet_patch(sheet, ((Span){at, at + 1})),
                    opens ? "%s is no Python: '%c' is never closed"
                          : "%s is no Python: '%c' closes nothing",
                    what, sheet->text.p[at]);
        return;
    }
    const Tree *tree = sheet->tree;
    for (Node node = 1; node < tree->n; node++) {
        const NodeRow *row = &tree->rows[node];
        if (!row->missing && row->kind != NODE_ERROR)
            continue;
        Span span = {row->at, row->end};
        if (span.end == span.at && span.at > 0)
            span.at--; /* a missing token: the byte before it */
        draft_error(rule->draft, sheet_patch(sheet, span), "%s is no Python", what);
        return;
    }
    draft_error(rule->draft, sheet_patch(sheet, ((Span){0, 1})), "%s is no Python", what);
}

/* ---- holes and marks ---- */

static bool read_holes(RuleDraft *rule, Sheet *sheet, bool binds) {
    const Tree *tree = sheet->tree;
    bool good = true;
    ptrdiff_t next = 0;
    for (Node node = 1; node < tree->n; node++) {
        sheet->hole[node] = -1;
        uint32_t at = tree->rows[node].at;
        if (tree->rows[node].kind != NODE_IDENTIFIER || tree->rows[node].missing)
            continue;
        while (next < sheet->n_dollars && sheet->dollars[next] < at)
            sheet_bytes(sheet)[sheet->dollars[next++]] = '$';
        if (next >= sheet->n_dollars || sheet->dollars[next] != at)
            continue;
        next++;
        Str name = str_slice(node_text(tree, node), 1, PTRDIFF_MAX);
        /* What a context line gets wrong has been told for the text before. */
        if (sheet == &rule->after && sheet->mark[node] == ' ' && rule_hole(rule, name) < 0) {
            good = false;
            continue;
        }
        sheet->hole[node] = rule_hole_used(rule, name, sheet_patch_node(sheet, node), binds);
        good &= sheet->hole[node] >= 0;
    }
    while (next < sheet->n_dollars)
        sheet_bytes(sheet)[sheet->dollars[next++]] = '$';
    return good;
}

bool is_leaf(const Tree *tree, Node node) {
    return tree->rows[node].past == node + 1;
}

static char span_mark(const Sheet *sheet, Span span) {
    char mark = 0;
    for (ptrdiff_t i = sheet_line(sheet, span.at); i < sheet->n_lines; i++) {
        if (mark && sheet->lines[i].at >= span.end)
            break;
        if (mark && sheet->lines[i].mark != mark)
            return '*';
        mark = sheet->lines[i].mark;
    }
    return mark;
}

/* Leaves have the mark of their lines, all others the one that their parts agree on. Rows are in
 * preorder, so from the back every node comes after its parts. */
static void read_marks(Sheet *sheet) {
    const Tree *tree = sheet->tree;
    for (Node node = tree->n - 1; node >= 1; node--) {
        if (is_leaf(tree, node)) {
            Span span = node_span(tree, node);
            sheet->mark[node] = span.end > span.at ? span_mark(sheet, span) : 0;
            continue;
        }
        char mark = 0;
        for (Node child = node_child(tree, node); child; child = node_next(tree, child)) {
            char part = sheet->mark[child];
            if (tree->rows[child].extra || !part)
                continue;
            mark = !mark || mark == part ? part : '*';
        }
        sheet->mark[node] = mark;
    }
    for (Node node = 1; node < tree->n; node++)
        sheet->mark[node] = sheet->mark[node] ? sheet->mark[node] : ' ';
}

bool sheet_parse(RuleDraft *rule, Sheet *sheet, const char *what, bool binds) {
    Draft *draft = rule->draft;
    sheet->tree = syntax_parse(draft->parser, draft->arena, GRAMMAR_PYTHON, sheet->text);
    if (!sheet->tree) {
        draft_error(draft, sheet_patch(sheet, ((Span){0, 1})), "%s cannot be parsed", what);
        return false;
    }
    sheet->hole = new (draft->arena, int, sheet->tree->n);
    sheet->mark = new (draft->arena, char, sheet->tree->n);
    sheet->hole[0] = -1;
    if (sheet->tree->rows[1].has_error) {
        report_error(rule, sheet, what);
        sheet->tree = NULL;
        return false;
    }
    read_marks(sheet);
    return read_holes(rule, sheet, binds);
}

/* Whether a comprehension or a lambda around the node binds the name. */
static bool is_bound(const Tree *tree, Node node, Str name) {
    for (Node up = node_parent(tree, node); up; up = node_parent(tree, up)) {
        for (Node part = node_child_named(tree, up); part; part = node_next_named(tree, part)) {
            Node binds = node_kind(tree, part) == NODE_FOR_IN_CLAUSE
                             ? node_field(tree, part, FIELD_LEFT)
                             : part;
            if (binds == part && node_kind(tree, part) != NODE_LAMBDA_PARAMETERS)
                continue;
            for (Node row = binds; row < tree->rows[binds].past; row++)
                if (node_kind(tree, row) == NODE_IDENTIFIER && str_eq(node_text(tree, row), name))
                    return true;
        }
    }
    return false;
}

bool sheet_is_qualified(const Sheet *sheet, Node node) {
    const Tree *tree = sheet->tree;
    Node parent = node_parent(tree, node);
    if (node_kind(tree, node) != NODE_ATTRIBUTE ||
        (node_kind(tree, parent) == NODE_ATTRIBUTE && tree->rows[node].field == FIELD_OBJECT))
        return false;
    Node first = node;
    while (node_kind(tree, first) == NODE_ATTRIBUTE)
        first = node_field(tree, first, FIELD_OBJECT);
    Str name = node_text(tree, first);
    return node_kind(tree, first) == NODE_IDENTIFIER && !sheet_is_hole(sheet, first) &&
           !str_eq(name, S("self")) && !str_eq(name, S("cls")) && !is_bound(tree, node, name);
}
