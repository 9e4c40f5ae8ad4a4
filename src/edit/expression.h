/* Expressions as documents for the printer (edit/pretty.h), in the layout of black and ruff format.
 * Private to edit/format.c and its parts. */
#ifndef HFFIX_EDIT_EXPRESSION_H
#define HFFIX_EDIT_EXPRESSION_H

#include "edit/pretty.h"
#include "syntax/syntax.h"

/* Where an expression stands: what it may do when it is too long. */
typedef enum Level {
    LEVEL_BARE,     /* in no brackets: it cannot break by itself */
    LEVEL_OPTIONAL, /* in parentheses that appear when group `parentheses` is broken */
    LEVEL_BRACKETS  /* in brackets */
} Level;

typedef struct Build {
    Arena *arena;
    const Tree *tree;
    bool magic_trailing_comma;
    int groups; /* ids given out */
    Level level;
    int parentheses;
    ptrdiff_t comments; /* that found their place */
    bool one_line;      /* some part has a layout that is known only while it stays on one line */
    bool failed;        /* something that has no document: the line keeps its author's layout */
} Build;

/* A list of nodes under construction: `Nodes nodes = {0}`. */
typedef struct Nodes {
    Pretty *first, *last;
} Nodes;

Pretty *build_add(Build *build, Nodes *nodes, PrettyKind kind);
void build_put(Build *build, Nodes *nodes, const char *text); /* text that is not in the source */
void build_text(Build *build, Nodes *nodes, Node node);       /* the node's bytes, if on one line */

void build_expression(Build *build, Nodes *nodes, Node node);

/* Whether the author's parentheses around the whole expression are kept. */
typedef enum Parentheses { PARENTHESES_OPTIONAL, PARENTHESES_IF_BREAKS } Parentheses;
/* An expression that is a value or condition of its own: in parentheses where that helps. */
void build_value(Build *build, Nodes *nodes, Node node, Parentheses parentheses);
/* Elements of a tuple without parentheses, or of `with`, in parentheses when too long. */
void build_bare_tuple(Build *build, Nodes *nodes, Node node, bool returned);
/* Names of an import, the first of which (or the bracket before it) is `from`. */
void build_import_names(Build *build, Nodes *nodes, Node from);
/* What was collected in `content`, with parentheses around when it does not fit; the content must
 * have been built between build_enter() and this. */
typedef struct Entered {
    Level level;
    int parentheses, id;
} Entered;
Entered build_enter(Build *build, Level level);
void build_leave(Build *build, Entered entered, Nodes content, Nodes *nodes);

/* Answers of edit/chain.c about the shape of an expression. */
typedef enum Needs { NEEDS_NEVER, NEEDS_MULTILINE, NEEDS_BEST_FIT } Needs;
Needs expression_needs(const Tree *tree, Node node);
bool expression_is_fluent(const Tree *tree, Node node); /* at least two calls on results */
bool expression_omits_parentheses(const Tree *tree, Node node);
int operator_rank(const Tree *tree, Node operator_token, Kind kind); /* higher binds less */
Node expression_value(const Tree *tree, Node node); /* of an attribute or subscript, func of call */

#endif
