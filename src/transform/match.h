/* A rule against the tree of a file. */
#ifndef HFFIX_TRANSFORM_MATCH_H
#define HFFIX_TRANSFORM_MATCH_H

#include "transform/patch.h"

typedef struct HoleValue {
    bool bound;
    Node node;        /* the expression or statement; 0 for a computed text and for sets */
    Str text;         /* its bytes; for HOLE_STR of a literal its bytes with quotes */
    const Arg **args; /* HOLE_KWARGS: the set */
    ptrdiff_t n;
} HoleValue;

/* One occurrence of a '-?' statement. */
typedef struct Occurrence {
    Node pattern;   /* the statement of the pattern */
    Node statement; /* that goes; 0 when the occurrence is a link of a chain: */
    Span chain;     /* then the bytes ".to("cuda")" */
} Occurrence;

typedef struct Match {
    const Transform *transform;
    const Rule *rule;
    Node site;        /* what the anchor matched */
    Node *bound;      /* by node of rule->before.tree: the node that it matched, 0: none */
    const Arg **args; /* by node of rule->before.tree: the argument that an element of an argument
                         list matched */
    const CallView **calls; /* by node: the view of the call that a call matched */
    HoleValue *holes;       /* by hole */
    Str symbol;             /* of a symbol rule: the name that is met, holes filled */
    const Node *places;     /* what else its edits touch: of a symbol rule uses of the name, of one
                               about a header the calls of super() that hand the argument on */
    ptrdiff_t n_places;
    Occurrence *occurrences;
    ptrdiff_t n_occurrences;
    const struct Match *
        *with; /* matches of `fires` that made a condition yes: applied together or not at all */
    ptrdiff_t n_with;
    Node *also; /* calls that get an edited argument too: the rule must match them all */
    ptrdiff_t n_also;
} Match;

#endif
