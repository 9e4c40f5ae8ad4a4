/* Documents for expressions.
 *
 * Every token of an expression becomes a text of its document with the offset that it had, except
 * commas between elements and optional parentheses, which the layout decides about. A construct
 * that is not handled is taken as it stands when it is on one line; else `failed` is set, and the
 * line is left in its author's layout (edit/layout.c). So is a line with a comment at a place other
 * than between the elements of brackets: format_line() counts them.
 *
 * The shapes of the documents follow ruff's formatter
 * (https://github.com/astral-sh/ruff/tree/main/crates/ruff_python_formatter), whose
 * output tests compare with. */
#include "edit/expression.h"

#include <string.h>

#include "base/list.h"

/* How a chain of attributes, calls and subscripts is laid out; handed down from its end. */
typedef enum Chain { CHAIN_UNDECIDED, CHAIN_FLUENT, CHAIN_PLAIN } Chain;

static void build_chained(Build *build, Nodes *nodes, Node node, Chain chain);

/* ---- small parts ---- */

Pretty *build_add(Build *build, Nodes *nodes, PrettyKind kind) {
    Pretty *node = new (build->arena, Pretty, 1);
    node->kind = kind;
    node->from = -1;
    if (nodes->last)
        nodes->last->next = node;
    else
        nodes->first = node;
    nodes->last = node;
    return node;
}

void build_put(Build *build, Nodes *nodes, const char *text) {
    build_add(build, nodes, PRETTY_TEXT)->text = str_from(text);
}

static void put_span(Build *build, Nodes *nodes, Span span) {
    Str text = str_span(build->tree->text, span);
    while (text.n && text.p[text.n - 1] == '\r') /* the grammar's comments go up to LF */
        text.n--;
    Pretty *node = build_add(build, nodes, PRETTY_TEXT);
    node->text = text;
    node->from = (int32_t)span.at;
}

static bool has_lines(const Build *build, Node node) {
    return str_find_byte(node_text(build->tree, node), '\n') >= 0;
}

void build_text(Build *build, Nodes *nodes, Node node) {
    if (has_lines(build, node) && node_kind(build->tree, node) != NODE_STRING)
        build->failed = true;
    put_span(build, nodes, node_span(build->tree, node));
}

static void append(Nodes *nodes, Nodes content) {
    if (!content.first)
        return;
    if (nodes->last)
        nodes->last->next = content.first;
    else
        nodes->first = content.first;
    nodes->last = content.last;
}

static Pretty *add_group(Build *build, Nodes *nodes, Nodes content) {
    Pretty *group = build_add(build, nodes, PRETTY_GROUP);
    group->child = content.first;
    return group;
}

/* A group that is one only where the expression may break. */
static void add_loose_group(Build *build, Nodes *nodes, Nodes content) {
    if (build->level == LEVEL_BRACKETS) {
        add_group(build, nodes, content);
    } else if (build->level == LEVEL_OPTIONAL) {
        Pretty *group = build_add(build, nodes, PRETTY_GROUP_IF);
        group->id = build->parentheses;
        group->child = content.first;
    } else {
        append(nodes, content);
    }
}

/* A break where the expression may break; else `flat`. */
static void add_loose_break(Build *build, Nodes *nodes, PrettyKind kind) {
    bool space = kind == PRETTY_LINE;
    if (build->level == LEVEL_BRACKETS) {
        build_add(build, nodes, kind);
    } else if (build->level == LEVEL_OPTIONAL) {
        Nodes broken = {0}, flat = {0};
        build_add(build, &broken, kind);
        Pretty *choice = build_add(build, nodes, PRETTY_IF_BROKEN);
        choice->id = build->parentheses;
        choice->child = broken.first;
        if (!space)
            return;
        build_put(build, &flat, " ");
        choice = build_add(build, nodes, PRETTY_IF_FLAT);
        choice->id = build->parentheses;
        choice->child = flat.first;
    } else if (space) {
        build_put(build, nodes, " ");
    }
}

static void add_soft_indent(Build *build, Nodes *nodes, Nodes content) {
    Nodes inner = {0};
    build_add(build, &inner, PRETTY_SOFT)->next = content.first;
    build_add(build, nodes, PRETTY_INDENT)->child = inner.first;
    build_add(build, nodes, PRETTY_SOFT);
}

/* ---- brackets ---- */

Entered build_enter(Build *build, Level level) {
    Entered entered = {build->level, build->parentheses, ++build->groups};
    build->level = level;
    build->parentheses = entered.id;
    return entered;
}

static void restore(Build *build, Entered entered) {
    build->level = entered.level;
    build->parentheses = entered.parentheses;
}

void build_leave(Build *build, Entered entered, Nodes content, Nodes *nodes) {
    restore(build, entered);
    Nodes open = {0}, inner = {0}, close = {0}, all = {0};
    build_put(build, &open, "(");
    build_put(build, &close, ")");
    build_add(build, &inner, PRETTY_SOFT)->next = content.first;
    build_add(build, &all, PRETTY_IF_BROKEN)->child = open.first;
    Pretty *indent = build_add(build, &all, PRETTY_INDENT_IF);
    indent->id = entered.id;
    indent->child = inner.first;
    build_add(build, &all, PRETTY_SOFT);
    build_add(build, &all, PRETTY_IF_BROKEN)->child = close.first;
    add_group(build, nodes, all)->id = entered.id;
}

static void add_suffix(Build *build, Nodes *nodes, Node comment) {
    Pretty *suffix = build_add(build, nodes, PRETTY_SUFFIX);
    suffix->text = str_trim(node_text(build->tree, comment));
    suffix->from = (int32_t)node_span(build->tree, comment).at;
    suffix->width = pretty_comment_width(suffix->text);
}

/* What stands in brackets. `comment`: one behind the opening bracket, 0 if none. */
static void add_bracketed(Build *build, Nodes *nodes, Entered entered, Node open, Node comment,
                          Nodes content, Node close) {
    restore(build, entered);
    Nodes inner = {0}, grouped = {0};
    if (comment)
        add_suffix(build, &inner, comment);
    add_soft_indent(build, &inner, content);
    add_group(build, &grouped, inner);
    build_text(build, nodes, open);
    if (build->level == LEVEL_OPTIONAL) {
        Pretty *fits = build_add(build, nodes, PRETTY_FITS_BROKEN);
        fits->id = build->parentheses;
        fits->child = grouped.first;
    } else {
        append(nodes, grouped);
    }
    build_text(build, nodes, close);
}

static bool starts_line(const Build *build, Node node) {
    Str text = build->tree->text;
    ptrdiff_t at = node_span(build->tree, node).at;
    while (at > 0 && (text.p[at - 1] == ' ' || text.p[at - 1] == '\t'))
        at--;
    return at == 0 || text.p[at - 1] == '\n';
}

typedef struct Elements {
    Nodes nodes;
    Node open, close, open_comment;
    int n;
    bool comma_after_last;
} Elements;

static void end_elements(Build *build, Elements *elements, Node list) {
    bool magic = build->magic_trailing_comma && elements->comma_after_last;
    Kind kind = node_kind(build->tree, list);
    if (kind == NODE_TUPLE && elements->n == 1) {
        build_put(build, &elements->nodes, ","); /* makes it a tuple, so it is no trailing comma */
        return;
    }
    if (magic || elements->n > 1 || kind == NODE_IMPORT_FROM_STATEMENT) {
        Nodes comma = {0};
        build_put(build, &comma, ",");
        build_add(build, &elements->nodes, PRETTY_IF_BROKEN)->child = comma.first;
    }
    if (magic)
        build_add(build, &elements->nodes, PRETTY_BREAK_PARENT);
}

/* A comment among elements: behind the bracket, behind an element, or (the answer is true) on a
 * line of its own. */
static bool take_comment(Build *build, Elements *elements, Node comment, bool any_above) {
    build->comments++;
    if (starts_line(build, comment))
        return true;
    if (elements->n == 0 && !any_above && !elements->open_comment)
        elements->open_comment = comment;
    else
        add_suffix(build, &elements->nodes, comment);
    return false;
}

/* The elements between a node's brackets, with commas, breaks and comments. */
static Elements build_elements(Build *build, Node list, Node from) {
    const Tree *tree = build->tree;
    Elements elements = {0};
    Nodes above = {0}; /* comments on lines of their own before the next element */
    Nodes below = {0}; /* the same, as they stand when no element follows */
    for (Node child = from; child; child = node_next(tree, child)) {
        if (node_kind(tree, child) == NODE_COMMENT) {
            if (!take_comment(build, &elements, child, above.first != NULL))
                continue;
            build_text(build, &above, child);
            build_add(build, &above, PRETTY_HARD);
            build_add(build, &below, PRETTY_HARD);
            build_text(build, &below, child);
        } else if (node_is_token(tree, child, S(","))) {
            elements.comma_after_last = true;
        } else if (!tree->rows[child].named) {
            elements.open = elements.open ? elements.open : child;
            elements.close = child;
        } else {
            if (elements.n++ > 0) {
                build_put(build, &elements.nodes, ",");
                build_add(build, &elements.nodes, PRETTY_LINE);
            }
            append(&elements.nodes, above);
            above = below = (Nodes){0};
            elements.comma_after_last = false;
            build_expression(build, &elements.nodes, child);
        }
    }
    end_elements(build, &elements, list);
    append(&elements.nodes, below);
    return elements;
}

/* A text of several lines that is a call's only argument stands directly in its parentheses, if its
 * author put it there. */
static bool is_hugged(const Build *build, Node list, const Elements *elements) {
    const Tree *tree = build->tree;
    Node only = node_child_named(tree, list);
    return node_kind(tree, list) == NODE_ARGUMENT_LIST && elements->n == 1 &&
           !elements->comma_after_last && node_kind(tree, only) == NODE_STRING &&
           has_lines(build, only) && !starts_line(build, only);
}

static void build_display(Build *build, Nodes *nodes, Node list) {
    const Tree *tree = build->tree;
    if (!node_child_named(tree, list)) {
        Node open = node_child(tree, list);
        build_text(build, nodes, open);
        build_text(build, nodes, node_last_child(tree, list));
        return;
    }
    Entered entered = build_enter(build, LEVEL_BRACKETS);
    Elements elements = build_elements(build, list, node_child(tree, list));
    if (node_kind(tree, list) == NODE_ARGUMENT_LIST) {
        Nodes group = {0};
        add_group(build, &group, elements.nodes);
        elements.nodes = group;
    }
    if (is_hugged(build, list, &elements)) {
        restore(build, entered);
        build_text(build, nodes, elements.open);
        append(nodes, elements.nodes);
        build_text(build, nodes, elements.close);
        return;
    }
    add_bracketed(build, nodes, entered, elements.open, elements.open_comment, elements.nodes,
                  elements.close);
}

static void build_parenthesized(Build *build, Nodes *nodes, Node node) {
    const Tree *tree = build->tree;
    Entered entered = build_enter(build, LEVEL_BRACKETS);
    Nodes content = {0};
    build_expression(build, &content, node_child_named(tree, node));
    add_bracketed(build, nodes, entered, node_child(tree, node), 0, content,
                  node_last_child(tree, node));
}

/* ---- comprehensions ---- */

static void build_clause(Build *build, Nodes *nodes, Node clause) {
    const Tree *tree = build->tree;
    bool first = true;
    for (Node child = node_child(tree, clause); child; child = node_next(tree, child)) {
        if (tree->rows[child].extra)
            continue;
        if (!first)
            build_put(build, nodes, " ");
        first = false;
        Kind kind = node_kind(tree, child);
        if (kind == NODE_PATTERN_LIST || kind == NODE_TOKEN)
            build_text(build, nodes, child);
        else
            build_expression(build, nodes, child);
    }
}

static void build_comprehension(Build *build, Nodes *nodes, Node node) {
    const Tree *tree = build->tree;
    Entered entered = build_enter(build, LEVEL_BRACKETS);
    Nodes content = {0}, grouped = {0};
    for (Node child = node_child_named(tree, node); child; child = node_next_named(tree, child)) {
        Kind kind = node_kind(tree, child);
        if (kind == NODE_FOR_IN_CLAUSE || kind == NODE_IF_CLAUSE) {
            build_add(build, &content, PRETTY_LINE);
            build_clause(build, &content, child);
        } else {
            Nodes element = {0};
            build_expression(build, &element, child);
            if (kind == NODE_PAIR) /* a pair of a comprehension is no group of its own */
                content = (Nodes){element.first->child, element.first->child};
            else
                add_group(build, &content, element);
            while (content.last && content.last->next)
                content.last = content.last->next;
        }
    }
    add_group(build, &grouped, content);
    add_bracketed(build, nodes, entered, node_child(tree, node), 0, grouped,
                  node_last_child(tree, node));
}

/* ---- operators ---- */

typedef struct Part {
    Node node; /* operand, or the operator's token */
    int rank;  /* of an operator; 0: an operand */
} Part;

typedef List(Part) Parts;

static void flatten(Build *build, Node node, Parts *parts) {
    const Tree *tree = build->tree;
    Kind kind = node_kind(tree, node);
    if (kind != NODE_BINARY_OPERATOR && kind != NODE_BOOLEAN_OPERATOR &&
        kind != NODE_COMPARISON_OPERATOR) {
        *list_push(build->arena, parts) = (Part){node, 0};
        return;
    }
    for (Node child = node_child(tree, node); child; child = node_next(tree, child)) {
        if (tree->rows[child].extra)
            continue;
        if (tree->rows[child].named)
            flatten(build, child, parts);
        else
            *list_push(build->arena, parts) = (Part){child, operator_rank(tree, child, kind)};
    }
}

static void build_operands(Build *build, Nodes *nodes, const Part *parts, ptrdiff_t n);

static void build_side(Build *build, Nodes *nodes, const Part *parts, ptrdiff_t n) {
    if (n == 1) {
        build_expression(build, nodes, parts->node);
        return;
    }
    Nodes content = {0};
    build_operands(build, &content, parts, n);
    add_loose_group(build, nodes, content);
}

/* The operator with the break before it. Powers of simple operands have no blanks around it, unless
 * they are broken. */
static void build_operator(Build *build, Nodes *nodes, const Part *part) {
    const Tree *tree = build->tree;
    bool tight = str_eq(node_text(tree, part->node), S("**")) &&
                 node_span(tree, part[-1].node).end == node_span(tree, part->node).at;
    add_loose_break(build, nodes, tight ? PRETTY_SOFT : PRETTY_LINE);
    build_text(build, nodes, part->node);
    if (!tight) {
        build_put(build, nodes, " ");
    } else if (build->level != LEVEL_BARE) {
        Nodes space = {0};
        build_put(build, &space, " ");
        Pretty *broken = build_add(build, nodes, PRETTY_IF_BROKEN);
        broken->id = build->level == LEVEL_OPTIONAL ? build->parentheses : 0;
        broken->child = space.first;
    }
}

/* A string in parts, and one operator and operand: these stay behind its last part if they fit. */
static bool build_string_first(Build *build, Nodes *nodes, const Part *parts, ptrdiff_t n) {
    if (n != 3 || node_kind(build->tree, parts[0].node) != NODE_CONCATENATED_STRING)
        return false;
    Nodes right = {0};
    build_expression(build, nodes, parts[0].node);
    build_operator(build, &right, &parts[1]);
    build_expression(build, &right, parts[2].node);
    add_loose_group(build, nodes, right);
    return true;
}

/* Operands and operators, broken before those operators that bind least. */
static void build_operands(Build *build, Nodes *nodes, const Part *parts, ptrdiff_t n) {
    int lowest = 0;
    for (ptrdiff_t i = 1; i < n; i += 2)
        lowest = parts[i].rank > lowest ? parts[i].rank : lowest;
    ptrdiff_t from = 0;
    for (ptrdiff_t i = 1; i < n; i += 2) {
        if (parts[i].rank != lowest)
            continue;
        build_side(build, nodes, parts + from, i - from);
        build_operator(build, nodes, &parts[i]);
        from = i + 1;
    }
    build_side(build, nodes, parts + from, n - from);
}

static void build_operators(Build *build, Nodes *nodes, Node node) {
    Parts parts = {0};
    flatten(build, node, &parts);
    Nodes content = {0};
    /* Strings in parts have a layout of their own among several operands. */
    for (ptrdiff_t i = 0; i < parts.n && parts.n > 3; i++)
        if (node_kind(build->tree, parts.v[i].node) == NODE_CONCATENATED_STRING)
            build->failed = true;
    if (parts.n % 2 == 0)
        build->failed = true;
    else if (!build_string_first(build, &content, parts.v, parts.n))
        build_operands(build, &content, parts.v, parts.n);
    add_loose_group(build, nodes, content);
}

static void build_conditional(Build *build, Nodes *nodes, Node node) {
    const Tree *tree = build->tree;
    Node body = node_child_named(tree, node);
    Node test = node_next_named(tree, body), other = node_next_named(tree, test);
    build_expression(build, nodes, body);
    for (Node child = node_next(tree, body); child && child != other;
         child = node_next(tree, child)) {
        if (child == test) {
            build_expression(build, nodes, test);
        } else if (!tree->rows[child].extra) {
            add_loose_break(build, nodes, PRETTY_LINE);
            build_text(build, nodes, child);
            build_put(build, nodes, " ");
        }
    }
    Nodes last = {0};
    if (node_kind(tree, other) == NODE_CONDITIONAL_EXPRESSION) {
        build_conditional(build, nodes, other);
    } else {
        build_expression(build, &last, other);
        add_loose_group(build, nodes, last);
    }
}

/* ---- chains ---- */

static void build_chain_value(Build *build, Nodes *nodes, Node value, Chain chain) {
    Kind kind = node_kind(build->tree, value);
    if (kind == NODE_CALL || kind == NODE_ATTRIBUTE || kind == NODE_SUBSCRIPT)
        build_chained(build, nodes, value, chain);
    else
        build_expression(build, nodes, value);
}

static void build_attribute(Build *build, Nodes *nodes, Node node, Chain chain) {
    const Tree *tree = build->tree;
    Node value = expression_value(tree, node);
    Kind kind = node_kind(tree, value);
    build_chain_value(build, nodes, value, chain);
    if (chain == CHAIN_FLUENT &&
        (kind == NODE_CALL || kind == NODE_SUBSCRIPT || kind == NODE_PARENTHESIZED_EXPRESSION))
        build_add(build, nodes, PRETTY_SOFT);
    Node name = node_field(tree, node, FIELD_ATTRIBUTE);
    for (Node child = node_next(tree, value); child && child != name;
         child = node_next(tree, child))
        if (!tree->rows[child].extra)
            build_text(build, nodes, child);
    build_text(build, nodes, name);
}

static void build_subscript(Build *build, Nodes *nodes, Node node, Chain chain) {
    const Tree *tree = build->tree;
    Node value = expression_value(tree, node);
    build_chain_value(build, nodes, value, chain);
    Entered entered = build_enter(build, LEVEL_BRACKETS);
    Nodes content = {0};
    Node open = node_next(tree, value), index = node_next_named(tree, value);
    if (node_next_named(tree, index) || !node_is_token(tree, open, S("["))) {
        Elements elements = build_elements(build, node, open);
        if (elements.open_comment || elements.n < 2)
            build->failed = true;
        add_group(build, &content, elements.nodes);
    } else {
        build_expression(build, &content, index);
    }
    add_bracketed(build, nodes, entered, open, 0, content, node_last_child(tree, node));
}

static void build_chained(Build *build, Nodes *nodes, Node node, Chain given) {
    Chain chain = given;
    if (given == CHAIN_UNDECIDED)
        chain = build->level != LEVEL_BARE && expression_is_fluent(build->tree, node) ? CHAIN_FLUENT
                                                                                      : CHAIN_PLAIN;
    Nodes content = {0};
    switch (node_kind(build->tree, node)) {
    case NODE_CALL: {
        build_chain_value(build, &content, expression_value(build->tree, node), chain);
        Node list = node_field(build->tree, node, FIELD_ARGUMENTS);
        if (node_kind(build->tree, list) == NODE_GENERATOR_EXPRESSION)
            build_comprehension(build, &content, list);
        else
            build_display(build, &content, list);
        break;
    }
    case NODE_ATTRIBUTE:
        build_attribute(build, &content, node, chain);
        break;
    default:
        build_subscript(build, &content, node, chain);
        break;
    }
    if (chain == CHAIN_FLUENT && given == CHAIN_UNDECIDED) {
        add_group(build, nodes, content);
    } else {
        append(nodes, content);
    }
}

/* ---- other expressions ---- */

static void build_lambda(Build *build, Nodes *nodes, Node node) {
    const Tree *tree = build->tree;
    Node body = node_field(tree, node, FIELD_BODY);
    Node colon = node_previous(tree, body);
    Span head = {node_span(tree, node).at, node_span(tree, colon).end};
    if (str_find_byte(str_span(tree->text, head), '\n') >= 0)
        build->failed = true;
    put_span(build, nodes, head);
    build_put(build, nodes, " ");
    Needs needs = expression_needs(tree, body);
    Kind kind = node_kind(tree, body);
    bool plain = kind == NODE_CALL || kind == NODE_SUBSCRIPT || needs == NEEDS_NEVER;
    if (needs != NEEDS_MULTILINE && plain) {
        build_expression(build, nodes, body);
        return;
    }
    Entered entered = build_enter(build, LEVEL_BRACKETS);
    Nodes content = {0};
    build_expression(build, &content, body);
    build_leave(build, entered, content, nodes);
}

static void build_pair(Build *build, Nodes *nodes, Node node) {
    const Tree *tree = build->tree;
    Nodes content = {0};
    Node key = node_field(tree, node, FIELD_KEY);
    build_expression(build, &content, key);
    build_text(build, &content, node_next(tree, key));
    build_put(build, &content, " ");
    build_expression(build, &content, node_field(tree, node, FIELD_VALUE));
    add_group(build, nodes, content);
}

/* Token and operand: `await x`, `*x`, `name=x`, `not x`. */
static void build_prefixed(Build *build, Nodes *nodes, Node node, bool space) {
    const Tree *tree = build->tree;
    Node last = node_last_child(tree, node);
    for (Node child = node_child(tree, node); child && child != last;
         child = node_next(tree, child))
        build_text(build, nodes, child);
    if (space)
        build_put(build, nodes, " ");
    if (node_kind(tree, node) == NODE_AWAIT)
        build_value(build, nodes, last, PARENTHESES_IF_BREAKS);
    else
        build_expression(build, nodes, last);
}

static void build_named(Build *build, Nodes *nodes, Node node) {
    const Tree *tree = build->tree;
    Node name = node_child(tree, node), value = node_last_child(tree, node);
    Nodes target = {0};
    build_text(build, &target, name);
    add_loose_break(build, &target, PRETTY_LINE);
    add_group(build, nodes, target);
    build_text(build, nodes, node_next(tree, name));
    build_put(build, nodes, " ");
    build_expression(build, nodes, value);
}

/* Parts that stand on lines of their own stay there: they did not fit on one. */
static void build_strings(Build *build, Nodes *nodes, Node node) {
    const Tree *tree = build->tree;
    if (!has_lines(build, node)) {
        build->one_line = true;
        build_text(build, nodes, node);
        return;
    }
    if (build->level == LEVEL_BARE)
        build->failed = true;
    for (Node child = node_child(tree, node); child; child = node_next(tree, child)) {
        if (node_kind(tree, child) != NODE_STRING || has_lines(build, child))
            build->failed = true;
        if (child != node_child(tree, node))
            build_add(build, nodes, PRETTY_HARD);
        build_text(build, nodes, child);
    }
}

/* With blanks where the author has them: formatters put some around colons beside long operands. */
static void build_slice(Build *build, Nodes *nodes, Node node) {
    const Tree *tree = build->tree;
    uint32_t end = node_span(tree, node).at;
    for (Node child = node_child(tree, node); child; child = node_next(tree, child)) {
        Span span = node_span(tree, child);
        if (span.at > end)
            build_put(build, nodes, " ");
        end = span.end;
        build_expression(build, nodes, child);
    }
}

static void build_other(Build *build, Nodes *nodes, Node node) {
    switch (node_kind(build->tree, node)) {
    case NODE_LIST_COMPREHENSION:
    case NODE_SET_COMPREHENSION:
    case NODE_DICTIONARY_COMPREHENSION:
    case NODE_GENERATOR_EXPRESSION:
        build_comprehension(build, nodes, node);
        return;
    case NODE_LAMBDA:
        build_lambda(build, nodes, node);
        return;
    case NODE_PAIR:
        build_pair(build, nodes, node);
        return;
    case NODE_SLICE:
        build_slice(build, nodes, node);
        return;
    case NODE_KEYWORD_ARGUMENT:
    case NODE_LIST_SPLAT:
    case NODE_DICTIONARY_SPLAT:
    case NODE_UNARY_OPERATOR:
        build_prefixed(build, nodes, node, false);
        return;
    case NODE_NOT_OPERATOR:
    case NODE_AWAIT:
        build_prefixed(build, nodes, node, true);
        return;
    case NODE_NAMED_EXPRESSION:
        build_named(build, nodes, node);
        return;
    case NODE_CONCATENATED_STRING:
        build_strings(build, nodes, node);
        return;
    default:
        build_text(build, nodes, node);
        return;
    }
}

void build_expression(Build *build, Nodes *nodes, Node node) {
    Nodes content = {0};
    switch (node_kind(build->tree, node)) {
    case NODE_PARENTHESIZED_EXPRESSION:
        build_parenthesized(build, nodes, node);
        return;
    case NODE_CALL:
    case NODE_ATTRIBUTE:
    case NODE_SUBSCRIPT:
        build_chained(build, nodes, node, CHAIN_UNDECIDED);
        return;
    case NODE_LIST:
    case NODE_SET:
    case NODE_DICTIONARY:
    case NODE_TUPLE:
        build_display(build, nodes, node);
        return;
    case NODE_BINARY_OPERATOR:
    case NODE_BOOLEAN_OPERATOR:
    case NODE_COMPARISON_OPERATOR:
        build_operators(build, nodes, node);
        return;
    case NODE_CONDITIONAL_EXPRESSION:
        build_conditional(build, &content, node);
        add_loose_group(build, nodes, content);
        return;
    default:
        build_other(build, nodes, node);
        return;
    }
}

void build_bare_tuple(Build *build, Nodes *nodes, Node node, bool returned) {
    bool pair = returned && node_count_named(build->tree, node) == 2;
    Entered entered = build_enter(build, pair ? LEVEL_OPTIONAL : LEVEL_BRACKETS);
    Elements elements = build_elements(build, node, node_child(build->tree, node));
    if (elements.n < 2)
        build->failed = true;
    build_leave(build, entered, elements.nodes, nodes);
}

void build_import_names(Build *build, Nodes *nodes, Node from) {
    Entered entered = build_enter(build, LEVEL_BRACKETS);
    Elements elements = build_elements(build, node_parent(build->tree, from), from);
    if (elements.open_comment)
        build->failed = true;
    build_leave(build, entered, elements.nodes, nodes);
}

/* A call or name in parentheses of its own where not even its start fits on the line. */
static void build_best_fit(Build *build, Nodes *nodes, Node node) {
    Nodes content = {0}, inner = {0}, other = {0};
    Entered entered = build_enter(build, LEVEL_OPTIONAL);
    build_expression(build, &content, node);
    restore(build, entered);
    build_add(build, &inner, PRETTY_HARD)->next = content.first;
    build_put(build, &other, "(");
    build_add(build, &other, PRETTY_INDENT)->child = inner.first;
    build_add(build, &other, PRETTY_HARD);
    build_put(build, &other, ")");
    Pretty *fit = build_add(build, nodes, PRETTY_BEST_FIT);
    fit->id = entered.id;
    fit->child = content.first;
    fit->other = other.first;
}

void build_value(Build *build, Nodes *nodes, Node node, Parentheses parentheses) {
    const Tree *tree = build->tree;
    bool kept = parentheses == PARENTHESES_OPTIONAL;
    if (node_kind(tree, node) == NODE_PARENTHESIZED_EXPRESSION && !kept) {
        node = node_child_named(tree, node);
        Kind kind = node_kind(tree, node);
        if (kind == NODE_NAMED_EXPRESSION || kind == NODE_YIELD ||
            kind == NODE_PARENTHESIZED_EXPRESSION)
            build->failed = true;
    }
    Needs needs = expression_needs(tree, node);
    if (build->level == LEVEL_BARE && needs == NEEDS_BEST_FIT && !kept) {
        if (!node_child_named(tree, node) || node_kind(tree, node) == NODE_STRING) {
            build->one_line = true; /* a comment behind a name goes into its parentheses */
            build_text(build, nodes, node);
            return;
        }
        build_best_fit(build, nodes, node);
        return;
    }
    if (build->level != LEVEL_BARE || needs != NEEDS_MULTILINE) {
        build_expression(build, nodes, node);
        return;
    }
    bool omits = expression_omits_parentheses(tree, node);
    Entered entered = build_enter(build, omits ? LEVEL_OPTIONAL : LEVEL_BRACKETS);
    Nodes content = {0};
    build_expression(build, &content, node);
    build_leave(build, entered, content, nodes);
}
