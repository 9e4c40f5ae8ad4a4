/* What both directions of flow.h share; private to src/python. */
#ifndef HFFIX_PYTHON_FLOW_PRIVATE_H
#define HFFIX_PYTHON_FLOW_PRIVATE_H

#include "python/flow.h"
#include "python/local.h"

/* Values followed in one question before the answer is "not known". */
enum { FLOW_STEPS_LIMIT = 10000, FLOW_WHOLE = -1 };

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
    int steps;
} Worklist;

/* Adds a carrier unless it was added before. */
void worklist_add(Worklist *work, Node node, int index);
/* Next carrier to look at; false at the end, or when the limit of steps is reached. */
bool worklist_next(Worklist *work, Carrier *carrier);

/* Number in a subscript with one plain index: `pair[1]`; -1 for all others. */
int subscript_index(const Module *module, Node subscript);

/* Child of a display or a list of targets by position; 0 when a splat stands before it. */
Node element_at(const Tree *tree, Node list, int index);

#endif
