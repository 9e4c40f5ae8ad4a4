/* Reaching bindings inside one unit of code; private to src/python. */
#ifndef HFFIX_PYTHON_REACH_H
#define HFFIX_PYTHON_REACH_H

#include "python/scope_private.h"

/* Bindings of one name in one unit, as bits. Names with more are looked at through a window around
 * the use. */
enum { REACH_BITS = 64, REACH_BITS_BEHIND = 16 };

typedef struct ReachQuery {
    const Module *module;
    const Tree *tree;
    const Scope *scope;             /* that the name is bound in */
    const Binding *own[REACH_BITS]; /* bindings in the unit of the use, in source order */
    int n;
    bool cut_before, cut_behind; /* the window leaves out bindings of the unit */
    int nesting;                 /* of statements at work */
} ReachQuery;

typedef struct Reach {
    uint64_t own; /* bits of ReachQuery.own */
    bool open;    /* what stood before the unit's own bindings reaches the use too */
    bool lost;    /* something outside of the window may reach it */
} Reach;

Reach reach_of(ReachQuery *query, Node use);
/* The same for the end of the code of `unit`, the module. */
Reach reach_at_end(ReachQuery *query, Node unit);

#endif
