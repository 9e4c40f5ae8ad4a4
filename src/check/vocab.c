/* A vocabulary has up to some 260,000 texts and 500,000 merges, which are looked up a few times
 * each: building the tables is what has to be fast. */
#include "check/vocab.h"

static size_t power_above(ptrdiff_t n) {
    size_t size = 16;
    while (size < (size_t)n * 2)
        size *= 2;
    return size;
}

static uint32_t hash_of(Str text) {
    uint64_t hash = str_hash(text);
    return (uint32_t)(hash ^ hash >> 32) | 1;
}

void vocab_init(Arena *arena, Vocab *vocab, ptrdiff_t n) {
    size_t size = power_above(n);
    *vocab = (Vocab){
        .slots = new (arena, VocabEntry, (ptrdiff_t)size), .mask = size - 1, .largest_id = -1};
}

void vocab_add(Vocab *vocab, Str text, int32_t id) {
    uint32_t hash = hash_of(text);
    size_t at = hash >> 1 & vocab->mask;
    while (vocab->slots[at].hash &&
           !(vocab->slots[at].hash == hash && str_eq(vocab->slots[at].text, text)))
        at = (at + 1) & vocab->mask;
    vocab->n += !vocab->slots[at].hash;
    vocab->slots[at] = (VocabEntry){text, id, hash};
    vocab->longest = text.n > vocab->longest ? text.n : vocab->longest;
    vocab->largest_id = id > vocab->largest_id ? id : vocab->largest_id;
}

int32_t vocab_find(const Vocab *vocab, Str text) {
    if (!vocab->slots || text.n > vocab->longest)
        return -1;
    uint32_t hash = hash_of(text);
    for (size_t at = hash >> 1 & vocab->mask; vocab->slots[at].hash; at = (at + 1) & vocab->mask)
        if (vocab->slots[at].hash == hash && str_eq(vocab->slots[at].text, text))
            return vocab->slots[at].id;
    return -1;
}

static uint64_t pair_of(int32_t left, int32_t right) {
    return ((uint64_t)(uint32_t)left << 32 | (uint32_t)right) + 1;
}

static size_t pair_slot(const Merges *merges, uint64_t pair) {
    uint64_t hash = pair * 0x9E3779B97F4A7C15u;
    return (size_t)(hash >> 24) & merges->mask;
}

void merges_init(Arena *arena, Merges *merges, ptrdiff_t n) {
    size_t size = power_above(n);
    *merges = (Merges){.slots = new (arena, Merge, (ptrdiff_t)size), .mask = size - 1};
}

void merges_add(Merges *merges, int32_t left, int32_t right, int32_t rank, int32_t id) {
    uint64_t pair = pair_of(left, right);
    size_t at = pair_slot(merges, pair);
    while (merges->slots[at].pair && merges->slots[at].pair != pair)
        at = (at + 1) & merges->mask;
    merges->slots[at] = (Merge){pair, rank, id};
}

const Merge *merges_find(const Merges *merges, int32_t left, int32_t right) {
    uint64_t pair = pair_of(left, right);
    for (size_t at = pair_slot(merges, pair); merges->slots[at].pair; at = (at + 1) & merges->mask)
        if (merges->slots[at].pair == pair)
            return &merges->slots[at];
    return NULL;
}
