/* What both directions of flow.h share; private to src/python. */
#ifndef HFFIX_PYTHON_FLOW_PRIVATE_H
#define HFFIX_PYTHON_FLOW_PRIVATE_H

#include "python/flow.h"
#include "python/local.h"

/* Steps of one question before the answer is "not known". All questions about one module share a
 * budget that grows with its size; when that is spent, only what is near is looked at, so that many
 * questions about a long chain of names do not take the square of its length. */
enum { FLOW_STEPS_LIMIT = 10000, FLOW_STEPS_NEAR = 100, FLOW_WHOLE = -1 };

/* An expression, and which element of it is meant when it is a tuple. */
typedef struct Carrier {
    Node node;
    int index; /* FLOW_WHOLE: the value itself */
} Carrier;

/* Carriers to look at and those seen, in the order of their coming. */
typedef struct Worklist {
    Arena *arena;
    List(Carrier) list;
    ptrdiff_t done;
    uint64_t *seen; /* open addressing; capacity is a power of two */
    ptrdiff_t capacity;
    int steps, limit;
} Worklist;

/* An empty worklist, with the steps that are left to it. */
Worklist worklist_start(const Module *module);
/* Takes the steps of a question that is answered from the module's budget. */
void worklist_finish(const Module *module, const Worklist *work);
/* Counts a step besides those of worklist_next(); false beyond the limit. */
bool worklist_step(Worklist *work);
/* Whether the limit was reached, so that not everything was looked at. */
bool worklist_is_cut(const Worklist *work);

/* Adds a carrier unless it was added before. */
void worklist_add(Worklist *work, Node node, int index);
/* Next carrier to look at; false at the end, or when the limit of steps is reached. */
bool worklist_next(Worklist *work, Carrier *carrier);

/* Number in a subscript with one plain index: `pair[1]`; -1 for all others. */
int subscript_index(const Module *module, Node subscript);

/* Child of a display or a list of targets by position; 0 when a splat stands before it. */
Node element_at(const Tree *tree, Node list, int index);

#endif
