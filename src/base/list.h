/* A growable array in an arena: `List(Edit) edits = {0}; *list_push(arena, &edits) = (Edit){…};`
 * Growing copies to a new place and leaves the old bytes to the arena; pointers into `v` are valid
 * until the next push. */
#ifndef HFFIX_BASE_LIST_H
#define HFFIX_BASE_LIST_H

#include "base/arena.h"

#define List(T)                \
    struct {                   \
        T *v;                  \
        ptrdiff_t n, capacity; \
    }

/* Address of a new, zeroed element at the end. */
#define list_push(arena, list)                                                      \
    ((list)->n < (list)->capacity                                                   \
         ? (list)->v + (list)->n++                                                  \
         : ((list)->v = list_grow((arena), (list)->v, (list)->n, &(list)->capacity, \
                                  sizeof *(list)->v, _Alignof(max_align_t)),        \
            (list)->v + (list)->n++))

void *list_grow(Arena *arena, const void *v, ptrdiff_t n, ptrdiff_t *capacity, size_t size,
                size_t align);

#endif
