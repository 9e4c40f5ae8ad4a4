/* Frequencies of rotary positions, for every scaling that transformers knows. */
#ifndef HFFIX_CHECK_ROPE_H
#define HFFIX_CHECK_ROPE_H

#include "check/numbers.h"
#include "checkpoint/config.h"

typedef struct RopeTable {
    ptrdiff_t pairs; /* rotated pairs: dim / 2 */
    float *frequency;
    float factor; /* of cos and sin */
} RopeTable;

/* `length` is the largest position + 1 of the whole batch: dynamic and longrope depend on it. */
RopeTable rope_table(Arena *arena, const Rope *rope, int64_t head_dim, double maximum,
                     int64_t length);

/* Turns x[head_dim] in place: pair i is (i, i + pairs). cos and sin are of `pairs` numbers. */
void rope_turn(float *x, const float *cosine, const float *sine, ptrdiff_t pairs,
               Precision precision);
void rope_angles(const RopeTable *table, int64_t position, Precision precision, float *cosine,
                 float *sine);

#endif
