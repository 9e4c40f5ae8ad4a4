/* Text that takes the place of an expression may be of another kind than what stood there:
 * `a.use_fp16 is True` with `a.mixed_precision == "fp16"` in it would be a chain of comparisons.
 * Operators of one level are not told apart, so now and then parentheses are written that Python
 * could do without; never the other way round. */
#include "transform/precedence.h"

Precedence precedence_of(Kind kind) {
    switch (kind) {
    case NODE_NAMED_EXPRESSION:
    case NODE_YIELD:
        return PRECEDENCE_ANY;
    case NODE_LAMBDA:
    case NODE_CONDITIONAL_EXPRESSION:
        return PRECEDENCE_CONDITIONAL;
    case NODE_BOOLEAN_OPERATOR:
        return PRECEDENCE_BOOLEAN;
    case NODE_NOT_OPERATOR:
        return PRECEDENCE_NOT;
    case NODE_COMPARISON_OPERATOR:
        return PRECEDENCE_COMPARISON;
    case NODE_BINARY_OPERATOR:
        return PRECEDENCE_BINARY;
    case NODE_UNARY_OPERATOR:
        return PRECEDENCE_UNARY;
    case NODE_AWAIT:
        return PRECEDENCE_AWAIT;
    default:
        return PRECEDENCE_PRIMARY;
    }
}

Precedence precedence_needed(const Tree *tree, Node node) {
    Node parent = node_parent(tree, node);
    switch (node_kind(tree, parent)) {
    case NODE_ATTRIBUTE:
        return PRECEDENCE_PRIMARY;
    case NODE_CALL:
        return node_field(tree, parent, FIELD_FUNCTION) == node ? PRECEDENCE_PRIMARY
                                                                : PRECEDENCE_CONDITIONAL;
    case NODE_SUBSCRIPT:
        return node_field(tree, parent, FIELD_VALUE) == node ? PRECEDENCE_PRIMARY
                                                             : PRECEDENCE_CONDITIONAL;
    case NODE_AWAIT:
        return PRECEDENCE_PRIMARY;
    case NODE_UNARY_OPERATOR:
        return PRECEDENCE_UNARY;
    case NODE_BINARY_OPERATOR:
        return PRECEDENCE_UNARY;
    case NODE_COMPARISON_OPERATOR:
    case NODE_LIST_SPLAT:
    case NODE_DICTIONARY_SPLAT:
        return PRECEDENCE_BINARY;
    case NODE_NOT_OPERATOR:
    case NODE_BOOLEAN_OPERATOR:
        return PRECEDENCE_NOT;
    case NODE_CONDITIONAL_EXPRESSION:
    case NODE_IF_CLAUSE:
    case NODE_FOR_IN_CLAUSE:
        return PRECEDENCE_BOOLEAN;
    case NODE_PARENTHESIZED_EXPRESSION:
        return PRECEDENCE_ANY;
    default:
        return PRECEDENCE_CONDITIONAL;
    }
}
