/* Growing by doubling: the copies left behind in the arena are together no larger than the list. */
#include "base/list.h"

#include <string.h>

void *list_grow(Arena *arena, const void *v, ptrdiff_t n, ptrdiff_t *capacity, size_t size,
                size_t align) {
    ptrdiff_t wanted = *capacity ? *capacity * 2 : 8;
    void *grown = arena_alloc(arena, wanted, size, align);
    if (n)
        memcpy(grown, v, (size_t)n * size);
    *capacity = wanted;
    return grown;
}
