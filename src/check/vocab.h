/* From a token's text to its number, and from a pair of numbers to their merge. Open addressing in
 * tables of a power of two; the texts are not copied. */
#ifndef HFFIX_CHECK_VOCAB_H
#define HFFIX_CHECK_VOCAB_H

#include "base/str.h"

typedef struct VocabEntry {
    Str text;
    int32_t id;
    uint32_t hash; /* 0: free */
} VocabEntry;

typedef struct Vocab {
    VocabEntry *slots;
    size_t mask;
    ptrdiff_t n;        /* entries */
    ptrdiff_t longest;  /* bytes */
    int32_t largest_id; /* -1: none */
} Vocab;

void vocab_init(Arena *arena, Vocab *vocab, ptrdiff_t n); /* for at most n entries */
void vocab_add(Vocab *vocab, Str text, int32_t id);       /* of equal texts the last counts */
int32_t vocab_find(const Vocab *vocab, Str text);         /* -1: not in it */

typedef struct Merge {
    uint64_t pair; /* left id << 32 | right id, plus 1 */
    int32_t rank, id;
} Merge;

typedef struct Merges {
    Merge *slots;
    size_t mask;
} Merges;

void merges_init(Arena *arena, Merges *merges, ptrdiff_t n);
void merges_add(Merges *merges, int32_t left, int32_t right, int32_t rank, int32_t id);
const Merge *merges_find(const Merges *merges, int32_t left, int32_t right); /* NULL: none */

#endif
