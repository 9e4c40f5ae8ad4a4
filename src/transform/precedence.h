/* How tightly Python's operators bind, to tell where an expression needs parentheses. */
#ifndef HFFIX_TRANSFORM_PRECEDENCE_H
#define HFFIX_TRANSFORM_PRECEDENCE_H

#include "syntax/syntax.h"

/* Python Language Reference 6.17, loosest first; what has brackets or no operator is primary. */
typedef enum Precedence {
    PRECEDENCE_ANY,
    PRECEDENCE_CONDITIONAL, /* and lambda */
    PRECEDENCE_BOOLEAN,
    PRECEDENCE_NOT,
    PRECEDENCE_COMPARISON,
    PRECEDENCE_BINARY,
    PRECEDENCE_UNARY,
    PRECEDENCE_AWAIT,
    PRECEDENCE_PRIMARY
} Precedence;

Precedence precedence_of(Kind kind); /* of an expression of that kind */
/* The least that an expression in the place of the node must have to stand there by itself. */
Precedence precedence_needed(const Tree *tree, Node node);

#endif
