/* One pass through the decoder, with a cache of keys and values. */
#ifndef HFFIX_CHECK_FORWARD_H
#define HFFIX_CHECK_FORWARD_H

#include "check/model.h"

/* What a batch of rows has seen so far: `length` places of at most `capacity`, for every row. */
typedef struct Cache {
    ptrdiff_t rows, capacity, length;
    float **keys, **values; /* per layer: [rows][capacity][kv_heads * head_dim] */
    unsigned char *visible; /* [rows][capacity]: 0 for padding */
    int64_t *position;      /* [rows][capacity] */
} Cache;

Cache cache_new(Arena *arena, const Model *model, ptrdiff_t rows, ptrdiff_t capacity);

/* Runs `n` new places of every row, ids[rows][n]; `visible` and `position` of them are set in the
 * cache before. logits[rows][vocab] are those of each row's last place. When only some layers are
 * loaded, logits is NULL and the answer is whether all hidden values are finite. */
bool forward(Model *model, Cache *cache, const int32_t *ids, ptrdiff_t n, float *logits);

#endif
