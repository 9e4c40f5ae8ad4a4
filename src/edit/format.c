/* Logical lines as documents: statements and heads of compound statements, around the expressions
 * of edit/expression.c.
 *
 * A line is parsed alone, so that the same code lays out a line of the file (to learn whether its
 * author's layout is the formatters') and the line that edits make of it. `elif` is read as `if`
 * behind two blanks, a head gets a body, a decorator a function; offsets stay those of the line. */
#include "edit/format.h"

#include "edit/expression.h"

/* ---- the line as a statement of its own ---- */

static Str parsable(Arena *arena, const FormatLine *line) {
    Buf buf = {.arena = arena};
    if (str_starts(line->text, S("elif"))) {
        buf_add(&buf, S("  if"));
        buf_add(&buf, str_slice(line->text, 4, line->text.n));
    } else {
        buf_add(&buf, line->text);
    }
    if (line->is_head)
        buf_add(&buf, S(" pass"));
    else if (str_starts(line->text, S("@")))
        buf_add(&buf, S("\ndef f(): pass"));
    buf_add_byte(&buf, '\n');
    return buf_str(&buf);
}

static ptrdiff_t count_comments(const Tree *tree, bool *other_extras) {
    ptrdiff_t n = 0;
    for (Node node = 1; node < tree->n; node++) {
        if (!tree->rows[node].extra)
            continue;
        if (node_kind(tree, node) == NODE_COMMENT)
            n++;
        else
            *other_extras = true;
    }
    return n;
}

/* ---- statements ---- */

/* The value of an assignment, or what is returned. */
static void build_result(Build *build, Nodes *nodes, Node value, bool returned) {
    Kind kind = node_kind(build->tree, value);
    if (kind == NODE_EXPRESSION_LIST)
        build_bare_tuple(build, nodes, value, returned);
    else if (kind == NODE_YIELD || kind == NODE_LAMBDA)
        build->failed = true;
    else
        build_value(build, nodes, value, PARENTHESES_IF_BREAKS);
}

static bool has_call(const Tree *tree, Node node) {
    for (Node inner = node; inner < tree->rows[node].past; inner++)
        if (node_kind(tree, inner) == NODE_CALL)
            return true;
    return false;
}

static void build_assignment(Build *build, Nodes *nodes, Node node) {
    const Tree *tree = build->tree;
    Node right = node_field(tree, node, FIELD_RIGHT);
    if (!right) {
        build->failed = true;
        return;
    }
    for (Node child = node_child(tree, node); child && child != right;
         child = node_next(tree, child)) {
        if (child != node_child(tree, node) && !node_is_token(tree, child, S(":")))
            build_put(build, nodes, " ");
        if (node_kind(tree, child) == NODE_SUBSCRIPT && has_call(tree, child))
            build_expression(build, nodes, child);
        else
            build_text(build, nodes, child);
    }
    build_put(build, nodes, " ");
    if (node_kind(tree, right) == NODE_ASSIGNMENT)
        build_assignment(build, nodes, right);
    else
        build_result(build, nodes, right, false);
}

static bool is_sum(const Tree *tree, Node node) {
    if (node_kind(tree, node) != NODE_BINARY_OPERATOR)
        return false;
    Str text = node_text(tree, node_field(tree, node, FIELD_OPERATOR));
    return str_eq(text, S("+")) || str_eq(text, S("-")) || str_eq(text, S("|")) ||
           str_eq(text, S("^")) || str_eq(text, S("<<")) || str_eq(text, S(">>"));
}

static void build_yield(Build *build, Nodes *nodes, Node node) {
    const Tree *tree = build->tree;
    Node value = node_child_named(tree, node);
    if (!value || node_next(tree, value) || node_kind(tree, value) == NODE_EXPRESSION_LIST)
        build->failed = true;
    for (Node child = node_child(tree, node); child && child != value;
         child = node_next(tree, child)) {
        build_text(build, nodes, child);
        build_put(build, nodes, " ");
    }
    if (value)
        build_value(build, nodes, value, PARENTHESES_OPTIONAL);
}

static void build_expression_statement(Build *build, Nodes *nodes, Node statement) {
    const Tree *tree = build->tree;
    Node child = node_child_named(tree, statement);
    Kind kind = node_kind(tree, child);
    if (node_next_named(tree, child))
        build->failed = true;
    else if (kind == NODE_YIELD)
        build_yield(build, nodes, child);
    else if (kind == NODE_ASSIGNMENT || kind == NODE_AUGMENTED_ASSIGNMENT)
        build_assignment(build, nodes, child);
    else if (is_sum(tree, child))
        build_value(build, nodes, child, PARENTHESES_OPTIONAL);
    else
        build_expression(build, nodes, child);
}

/* `return x`, `raise x`, `assert x`; `if x:`, `while x:` and the colon. */
static void build_keyword(Build *build, Nodes *nodes, Node statement, Parentheses parentheses) {
    const Tree *tree = build->tree;
    bool named = false;
    for (Node child = node_child(tree, statement); child; child = node_next(tree, child)) {
        Kind kind = node_kind(tree, child);
        if (tree->rows[child].field == FIELD_CONSEQUENCE || kind == NODE_BLOCK)
            return;
        if (kind == NODE_TOKEN) {
            if (named && !node_is_token(tree, child, S(":")))
                build_put(build, nodes, " ");
            build_text(build, nodes, child);
            if (!node_is_token(tree, child, S(":")))
                build_put(build, nodes, " ");
            continue;
        }
        if (tree->rows[child].extra)
            continue;
        if (named && node_kind(tree, statement) != NODE_RAISE_STATEMENT)
            build->failed = true;
        named = true;
        if (node_kind(tree, statement) == NODE_RETURN_STATEMENT)
            build_result(build, nodes, child, true);
        else
            build_value(build, nodes, child, parentheses);
    }
    if (!named)
        build->failed = true;
}

static void build_for(Build *build, Nodes *nodes, Node statement) {
    const Tree *tree = build->tree;
    Node right = node_field(tree, statement, FIELD_RIGHT);
    for (Node child = node_child(tree, statement); child; child = node_next(tree, child)) {
        if (tree->rows[child].extra)
            continue;
        if (node_kind(tree, child) == NODE_BLOCK)
            return;
        if (child == right) {
            build_value(build, nodes, child, PARENTHESES_IF_BREAKS);
            continue;
        }
        build_text(build, nodes, child);
        if (!node_is_token(tree, child, S(":")))
            build_put(build, nodes, " ");
    }
}

static void build_with_item(Build *build, Nodes *nodes, Node item, bool alone) {
    const Tree *tree = build->tree;
    Node value = node_child_named(tree, item);
    if (node_kind(tree, value) != NODE_AS_PATTERN) {
        if (alone)
            build_value(build, nodes, value, PARENTHESES_IF_BREAKS);
        else
            build_expression(build, nodes, value);
        return;
    }
    for (Node child = node_child(tree, value); child; child = node_next(tree, child)) {
        if (child == node_child(tree, value)) {
            build_expression(build, nodes, child);
        } else {
            build_put(build, nodes, " ");
            build_text(build, nodes, child);
        }
    }
}

/* `a as b, c`: without the parentheses that the items may stand in, which are optional. */
static void build_with_items(Build *build, Nodes *nodes, Node clause) {
    const Tree *tree = build->tree;
    int n = node_count_named(tree, clause);
    Node item = node_child_named(tree, clause), value = node_child_named(tree, item);
    bool named = node_kind(tree, value) == NODE_AS_PATTERN;
    if (node_kind(tree, value) == NODE_TUPLE ||
        node_kind(tree, value) == NODE_PARENTHESIZED_EXPRESSION)
        build->failed = true;
    if (n == 1 && !named) {
        build_with_item(build, nodes, item, true);
        return;
    }
    Node context = node_child_named(tree, value);
    bool optional = n == 1 && expression_omits_parentheses(tree, context);
    Entered entered = build_enter(build, optional ? LEVEL_OPTIONAL : LEVEL_BRACKETS);
    Nodes content = {0};
    for (; item; item = node_next_named(tree, item)) {
        build_with_item(build, &content, item, false);
        if (node_next_named(tree, item)) {
            build_put(build, &content, ",");
            build_add(build, &content, PRETTY_LINE);
        }
    }
    Node last = node_last_child(tree, clause);
    bool magic =
        node_is_token(tree, last, S(")")) && node_is_token(tree, node_previous(tree, last), S(","));
    if (magic && build->magic_trailing_comma)
        build_add(build, &content, PRETTY_BREAK_PARENT);
    if (n > 1) {
        Nodes comma = {0};
        build_put(build, &comma, ",");
        build_add(build, &content, PRETTY_IF_BROKEN)->child = comma.first;
    }
    build_leave(build, entered, content, nodes);
}

static void build_with(Build *build, Nodes *nodes, Node statement) {
    const Tree *tree = build->tree;
    for (Node child = node_child(tree, statement); child; child = node_next(tree, child)) {
        if (tree->rows[child].extra)
            continue;
        if (node_kind(tree, child) == NODE_BLOCK)
            return;
        if (node_kind(tree, child) == NODE_WITH_CLAUSE) {
            build_with_items(build, nodes, child);
            continue;
        }
        build_text(build, nodes, child);
        if (!node_is_token(tree, child, S(":")))
            build_put(build, nodes, " ");
    }
}

static void build_decorator(Build *build, Nodes *nodes, Node statement) {
    const Tree *tree = build->tree;
    Node decorator = node_child_named(tree, statement);
    build_text(build, nodes, node_child(tree, decorator));
    build_value(build, nodes, node_child_named(tree, decorator), PARENTHESES_OPTIONAL);
}

/* Names in parentheses, which are optional, one a line when they do not fit. */
static void build_import(Build *build, Nodes *nodes, Node statement) {
    const Tree *tree = build->tree;
    Node child = node_child(tree, statement);
    for (; child && !node_is_token(tree, child, S("import")); child = node_next(tree, child)) {
        build_text(build, nodes, child);
        build_put(build, nodes, " ");
    }
    build_text(build, nodes, child);
    build_put(build, nodes, " ");
    Node after = node_next(tree, child);
    if (node_kind(tree, after) == NODE_WILDCARD_IMPORT)
        build->failed = true;
    build_import_names(build, nodes, after);
}

static void build_statement(Build *build, Nodes *nodes, Node statement) {
    switch (node_kind(build->tree, statement)) {
    case NODE_EXPRESSION_STATEMENT:
        build_expression_statement(build, nodes, statement);
        return;
    case NODE_RETURN_STATEMENT:
    case NODE_ASSERT_STATEMENT:
    case NODE_IF_STATEMENT:
    case NODE_WHILE_STATEMENT:
        build_keyword(build, nodes, statement, PARENTHESES_IF_BREAKS);
        return;
    case NODE_RAISE_STATEMENT:
        build_keyword(build, nodes, statement, PARENTHESES_OPTIONAL);
        return;
    case NODE_FOR_STATEMENT:
        build_for(build, nodes, statement);
        return;
    case NODE_WITH_STATEMENT:
        build_with(build, nodes, statement);
        return;
    case NODE_IMPORT_FROM_STATEMENT:
        build_import(build, nodes, statement);
        return;
    case NODE_DECORATED_DEFINITION:
        build_decorator(build, nodes, statement);
        return;
    default:
        build->failed = true;
        return;
    }
}

/* ---- the result ---- */

static bool is_layout_byte(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ',' || c == '(' || c == ')';
}

/* Nothing may get lost or doubled, whatever the documents say: apart from blanks, commas and
 * parentheses the bytes are those of the line. */
static bool keeps_bytes(const PrettyText *text, Str line) {
    ptrdiff_t at = 0;
    for (ptrdiff_t i = 0; i < text->n; i++) {
        for (ptrdiff_t k = 0; k < text->v[i].text.n; k++) {
            char c = text->v[i].text.p[k];
            if (is_layout_byte(c))
                continue;
            while (at < line.n && is_layout_byte(line.p[at]))
                at++;
            if (at == line.n || line.p[at++] != c)
                return false;
        }
    }
    while (at < line.n && is_layout_byte(line.p[at]))
        at++;
    return at == line.n;
}

static bool stays_on_one_line(const FormatContext *context, const FormatLine *line,
                              const PrettyText *text) {
    int column = line->column + line->reserved;
    for (ptrdiff_t i = 0; i < text->n; i++) {
        if (str_find_byte(text->v[i].text, '\n') >= 0)
            return false;
        column += pretty_width(text->v[i].text);
    }
    return column <= context->style.line_length;
}

/* The parser saw `  if` where the line has `elif`. */
static void restore_elif(Nodes *nodes, const FormatLine *line) {
    if (!nodes->first || !str_starts(line->text, S("elif")))
        return;
    nodes->first->text = str_slice(line->text, 0, 4);
    nodes->first->from = 0;
}

static bool print(const FormatContext *context, Build *build, Nodes nodes, const FormatLine *line,
                  PrettyText *out) {
    bool other_extras = false;
    if (build->failed || count_comments(build->tree, &other_extras) != build->comments ||
        other_extras)
        return false;
    build_add(build, &nodes, PRETTY_SUFFIX)->width = line->reserved;
    *out = (PrettyText){.arena = context->arena};
    PrettyPage page = {.line_length = context->style.line_length,
                       .newline = context->newline,
                       .margin = line->margin,
                       .unit = context->unit,
                       .column = line->column,
                       .groups = build->groups};
    pretty_print(&page, nodes.first, out);
    return keeps_bytes(out, line->text) &&
           (!build->one_line || stays_on_one_line(context, line, out));
}

bool format_line(const FormatContext *context, const FormatLine *line, PrettyText *out) {
    Arena *arena = context->arena;
    Tree *tree = syntax_parse(context->parser, arena, GRAMMAR_PYTHON, parsable(arena, line));
    if (!tree || tree->rows[1].has_error)
        return false;
    Node statement = node_child_named(tree, 1);
    if (!statement || node_next_named(tree, statement))
        return false;
    Build build = {
        .arena = arena, .tree = tree, .magic_trailing_comma = context->style.magic_trailing_comma};
    Nodes nodes = {0};
    build_statement(&build, &nodes, statement);
    restore_elif(&nodes, line);
    return print(context, &build, nodes, line, out);
}

bool format_argument(const FormatContext *context, const FormatLine *line, PrettyText *out) {
    Arena *arena = context->arena;
    Str text = str_format(arena, "_(%.*s)", STR_ARG(line->text));
    Tree *tree = syntax_parse(context->parser, arena, GRAMMAR_PYTHON, text);
    if (!tree || tree->rows[1].has_error)
        return false;
    Node call = node_child_named(tree, node_child_named(tree, 1));
    Node list = node_field(tree, call, FIELD_ARGUMENTS);
    if (node_count_named(tree, list) != 1)
        return false;
    Build build = {.arena = arena,
                   .tree = tree,
                   .magic_trailing_comma = context->style.magic_trailing_comma,
                   .level = LEVEL_BRACKETS};
    Nodes nodes = {0};
    build_expression(&build, &nodes, node_child_named(tree, list));
    return print(context, &build, nodes, line, out);
}

Str format_text(Arena *arena, const PrettyText *text) {
    Buf buf = {.arena = arena};
    for (ptrdiff_t i = 0; i < text->n; i++)
        buf_add(&buf, text->v[i].text);
    return buf_str(&buf);
}

bool format_is(const PrettyText *text, Str bytes) {
    ptrdiff_t at = 0;
    for (ptrdiff_t i = 0; i < text->n; i++) {
        if (!str_starts(str_slice(bytes, at, bytes.n), text->v[i].text))
            return false;
        at += text->v[i].text.n;
    }
    return at == bytes.n;
}
