/* Questions about the shape of an expression that decide where black and ruff format break it:
 * whether parentheses around the whole may be left out, and whether a chain of calls is broken
 * before its dots. The conditions are those of ruff's formatter
 * (https://github.com/astral-sh/ruff/tree/main/crates/ruff_python_formatter), with which
 * the result is compared by tests. */
#include "edit/expression.h"

enum {
    RANK_NONE,
    RANK_ATTRIBUTE,
    RANK_POWER,
    RANK_INVERSION,
    RANK_PRODUCT,
    RANK_SUM,
    RANK_SHIFT,
    RANK_BIT_AND,
    RANK_BIT_XOR,
    RANK_BIT_OR,
    RANK_COMPARISON,
    RANK_BOOLEAN,
    RANK_CONDITIONAL
};

int operator_rank(const Tree *tree, Node operator_token, Kind kind) {
    if (kind == NODE_BOOLEAN_OPERATOR)
        return RANK_BOOLEAN;
    if (kind == NODE_COMPARISON_OPERATOR)
        return RANK_COMPARISON;
    Str text = node_text(tree, operator_token);
    if (str_eq(text, S("**")))
        return RANK_POWER;
    if (str_eq(text, S("+")) || str_eq(text, S("-")))
        return RANK_SUM;
    if (str_eq(text, S("<<")) || str_eq(text, S(">>")))
        return RANK_SHIFT;
    if (str_eq(text, S("&")))
        return RANK_BIT_AND;
    if (str_eq(text, S("^")))
        return RANK_BIT_XOR;
    if (str_eq(text, S("|")))
        return RANK_BIT_OR;
    return RANK_PRODUCT;
}

Node expression_value(const Tree *tree, Node node) {
    switch (node_kind(tree, node)) {
    case NODE_CALL:
        return node_field(tree, node, FIELD_FUNCTION);
    case NODE_ATTRIBUTE:
        return node_field(tree, node, FIELD_OBJECT);
    case NODE_SUBSCRIPT:
        return node_field(tree, node, FIELD_VALUE);
    default:
        return 0;
    }
}

static bool is_call_like(const Tree *tree, Node node) {
    return node_kind(tree, node) == NODE_CALL || node_kind(tree, node) == NODE_SUBSCRIPT;
}

bool expression_is_fluent(const Tree *tree, Node node) {
    int attributes = 0;
    for (Node at = node; at;) {
        Node value = expression_value(tree, at);
        bool parenthesized = node_kind(tree, value) == NODE_PARENTHESIZED_EXPRESSION;
        if (node_kind(tree, at) == NODE_ATTRIBUTE)
            attributes += parenthesized || is_call_like(tree, value);
        if (parenthesized)
            break;
        at = value;
    }
    return attributes >= 2;
}

Needs expression_needs(const Tree *tree, Node node) {
    Kind kind = node_kind(tree, node);
    switch (kind) {
    case NODE_BINARY_OPERATOR: {
        Node left = node_child_named(tree, node);
        bool text = node_kind(tree, left) == NODE_STRING;
        return text && expression_needs(tree, left) == NEEDS_NEVER ? NEEDS_NEVER : NEEDS_MULTILINE;
    }
    case NODE_BOOLEAN_OPERATOR:
    case NODE_COMPARISON_OPERATOR:
    case NODE_CONDITIONAL_EXPRESSION:
    case NODE_LAMBDA:
    case NODE_CONCATENATED_STRING:
    case NODE_NAMED_EXPRESSION:
        return NEEDS_MULTILINE;
    case NODE_NOT_OPERATOR:
    case NODE_UNARY_OPERATOR:
    case NODE_AWAIT: {
        Node operand = node_child_named(tree, node);
        bool parenthesized = node_kind(tree, operand) == NODE_PARENTHESIZED_EXPRESSION;
        return parenthesized ? NEEDS_NEVER : expression_needs(tree, operand);
    }
    case NODE_CALL:
    case NODE_ATTRIBUTE:
    case NODE_SUBSCRIPT: {
        Node value = expression_value(tree, node);
        if (expression_is_fluent(tree, node))
            return NEEDS_MULTILINE;
        bool parenthesized = node_kind(tree, value) == NODE_PARENTHESIZED_EXPRESSION;
        return parenthesized ? NEEDS_NEVER : expression_needs(tree, value);
    }
    case NODE_STRING:
        return str_find_byte(node_text(tree, node), '\n') < 0 ? NEEDS_BEST_FIT : NEEDS_NEVER;
    case NODE_IDENTIFIER:
    case NODE_INTEGER:
    case NODE_FLOAT:
    case NODE_TRUE:
    case NODE_FALSE:
    case NODE_NONE_LITERAL:
    case NODE_ELLIPSIS:
        return NEEDS_BEST_FIT;
    default:
        return NEEDS_NEVER;
    }
}

/* ---- may parentheses around the whole be left out? ---- */

typedef struct Shape {
    const Tree *tree;
    int rank, count;  /* of the operators that bind least */
    bool brackets;    /* something can be broken inside brackets */
    Node first, last; /* operands at the ends; first 0: a token stands there */
    bool first_is_known;
} Shape;

static void shape_visit(Shape *shape, Node node);

static void shape_rank(Shape *shape, int rank, int count) {
    if (rank > shape->rank) {
        shape->rank = rank;
        shape->count = count;
    } else if (rank == shape->rank) {
        shape->count += count;
    }
}

static void shape_children(Shape *shape, Node node) {
    for (Node child = node_child_named(shape->tree, node); child;
         child = node_next_named(shape->tree, child))
        shape_visit(shape, child);
}

static void shape_first_token(Shape *shape) {
    shape->first_is_known = true;
}

/* Brackets that the expression has itself: 0 none, 1 empty ones, 2 with something in them. */
static int brackets_of(const Tree *tree, Node node) {
    switch (node_kind(tree, node)) {
    case NODE_PARENTHESIZED_EXPRESSION:
    case NODE_LIST_COMPREHENSION:
    case NODE_SET_COMPREHENSION:
    case NODE_DICTIONARY_COMPREHENSION:
    case NODE_GENERATOR_EXPRESSION:
    case NODE_SUBSCRIPT:
        return 2;
    case NODE_LIST:
    case NODE_SET:
    case NODE_DICTIONARY:
    case NODE_TUPLE:
        return node_child_named(tree, node) ? 2 : 1;
    case NODE_CALL:
        return node_child_named(tree, node_field(tree, node, FIELD_ARGUMENTS)) ? 2 : 1;
    default:
        return 0;
    }
}

static void shape_inside(Shape *shape, Node node) {
    const Tree *tree = shape->tree;
    Kind kind = node_kind(tree, node);
    switch (kind) {
    case NODE_BINARY_OPERATOR:
    case NODE_BOOLEAN_OPERATOR:
        shape_rank(shape, operator_rank(tree, node_field(tree, node, FIELD_OPERATOR), kind), 1);
        shape_children(shape, node);
        return;
    case NODE_COMPARISON_OPERATOR:
        shape_rank(shape, RANK_COMPARISON, node_count_named(tree, node) - 1);
        shape_children(shape, node);
        return;
    case NODE_CONDITIONAL_EXPRESSION:
        shape_rank(shape, RANK_CONDITIONAL, 2);
        shape_children(shape, node);
        return;
    case NODE_CALL:
    case NODE_SUBSCRIPT:
        shape->brackets = true;
        shape_visit(shape, expression_value(tree, node));
        shape->last = node;
        return;
    case NODE_ATTRIBUTE:
        shape_visit(shape, expression_value(tree, node));
        if (brackets_of(tree, expression_value(tree, node)))
            shape_rank(shape, RANK_ATTRIBUTE, 1);
        shape->last = node;
        return;
    case NODE_UNARY_OPERATOR:
        if (node_is_token(tree, node_child(tree, node), S("~")))
            shape_rank(shape, RANK_INVERSION, 1);
        shape_first_token(shape);
        shape_children(shape, node);
        return;
    case NODE_NOT_OPERATOR:
    case NODE_AWAIT:
    case NODE_YIELD:
    case NODE_LIST_SPLAT:
        shape_first_token(shape);
        shape_children(shape, node);
        return;
    case NODE_LAMBDA:
        shape_first_token(shape);
        shape_visit(shape, node_field(tree, node, FIELD_BODY));
        return;
    case NODE_NAMED_EXPRESSION:
    case NODE_EXPRESSION_LIST:
        shape_children(shape, node);
        return;
    default:
        if (brackets_of(tree, node))
            shape->brackets = true;
        return;
    }
}

static void shape_visit(Shape *shape, Node node) {
    shape->last = node;
    if (node_kind(shape->tree, node) == NODE_PARENTHESIZED_EXPRESSION)
        shape->brackets = true;
    else
        shape_inside(shape, node);
    if (!shape->first_is_known)
        shape->first = node;
    shape->first_is_known = true;
}

static bool can_break_at(const Tree *tree, Node operand) {
    return node_kind(tree, operand) != NODE_SUBSCRIPT && brackets_of(tree, operand) == 2;
}

bool expression_omits_parentheses(const Tree *tree, Node node) {
    Shape shape = {.tree = tree};
    shape_inside(&shape, node);
    if (!shape.brackets || shape.count > 1)
        return false;
    if (shape.rank <= RANK_ATTRIBUTE)
        return true;
    return can_break_at(tree, shape.last) || can_break_at(tree, shape.first);
}
