/* A filter that looks at every second place, and a table of words behind it.
 *
 * The filter asks of four bytes at once, by a hash, whether they can belong to a word. It need not
 * ask everywhere: of two neighbouring places one is at an even distance from where an occurrence
 * begins and the other at an odd distance. So every word gives the filter four of its bytes from an
 * even place and four from an odd one, of those that it could give the ones that code has least
 * often. A word too short for that also gives the byte before or behind it, which is any that is no
 * part of an identifier. The lookups do not depend on each other, which is what makes this faster
 * than algorithms that skip by the last lookup's result; it needs no vector instructions.
 *
 * Where the filter says maybe, the identifier around is looked up. The search goes on behind it, so
 * each identifier is read once at most, and the time is linear whatever the bytes are. */
#include "base/words.h"

#include <string.h>

#include "base/byte.h"

enum {
    FILTER_BITS = 17, /* 16 KiB: fewer collisions, and still half of a small first-level cache */
    WINDOW = 4,
    STRIDE = 2
};

struct WordSet {
    uint32_t filter[1 << FILTER_BITS >> 5]; /* a bit by hash of WINDOW bytes */
    ptrdiff_t stride;                       /* STRIDE; 1 when a word has less than 3 bytes */
    ptrdiff_t n;
    const Str *words;
    uint16_t *slots; /* open hash of numbers + 1; 0: empty */
    size_t slot_mask;
};

/* ---- the filter ---- */

static inline unsigned window_hash(const char *p) {
    uint32_t window;
    memcpy(&window, p, sizeof window);
    return window * 0x9E3779B1U >> (32 - FILTER_BITS);
}

/* The lowest bit tells whether the bytes at p may belong to a word. */
static inline uint32_t filter_ask(const WordSet *set, const char *p) {
    unsigned hash = window_hash(p);
    return set->filter[hash >> 5] >> (hash & 31);
}

/* How often a byte of an identifier stands in Python code, per mille of letters, roughly. */
static uint32_t frequency(unsigned char c) {
    static const uint8_t letters[26] = {70, 15, 36, 38, 105, 26, 20, 18, 62, 2, 8,  45, 30,
                                        60, 58, 32, 3,  60,  66, 80, 26, 10, 9, 12, 12, 3};
    if (byte_is_lower((char)c))
        return letters[c - 'a'];
    return c == '_' ? 60 : 8;
}

/* Adds the bytes of the word from `at` on; before its start and behind its end stands any byte that
 * is not of an identifier. */
static void filter_add(WordSet *set, Str word, ptrdiff_t at, int n, char *window) {
    if (n == WINDOW) {
        unsigned hash = window_hash(window);
        set->filter[hash >> 5] |= 1U << (hash & 31);
        return;
    }
    if (at + n >= 0 && at + n < word.n) {
        window[n] = word.p[at + n];
        filter_add(set, word, at, n + 1, window);
        return;
    }
    for (int byte = 0; byte < 128; byte++) {
        window[n] = (char)byte;
        if (!byte_is_identifier((char)byte))
            filter_add(set, word, at, n + 1, window);
    }
}

static void filter_add_word(WordSet *set, Str word) {
    if (word.n < 2) { /* with both boundaries it says next to nothing: let all pass */
        memset(set->filter, 0xFF, sizeof set->filter);
        return;
    }
    for (ptrdiff_t first = -1; first < set->stride - 1; first++) {
        ptrdiff_t best = first;
        uint32_t best_score = UINT32_MAX;
        for (ptrdiff_t at = first; at <= word.n + 1 - WINDOW; at += set->stride) {
            uint32_t score = 1;
            for (ptrdiff_t i = at; i < at + WINDOW; i++)
                score *= i < 0 || i >= word.n ? 200 : frequency((unsigned char)word.p[i]);
            if (score < best_score) {
                best_score = score;
                best = at;
            }
        }
        char window[WINDOW];
        filter_add(set, word, best, 0, window);
    }
}

/* First place that the filter lets through, of i, i + stride, …; the last bytes, of which it cannot
 * be asked, pass. */
static inline ptrdiff_t filter_skip(const WordSet *set, Str bytes, ptrdiff_t i, ptrdiff_t stride) {
    for (; bytes.n - i >= 8 * stride + WINDOW; i += 8 * stride) {
        const char *p = bytes.p + i, *q = p + 4 * stride;
        uint32_t low = filter_ask(set, p) | filter_ask(set, p + stride) |
                       filter_ask(set, p + 2 * stride) | filter_ask(set, p + 3 * stride);
        uint32_t high = filter_ask(set, q) | filter_ask(set, q + stride) |
                        filter_ask(set, q + 2 * stride) | filter_ask(set, q + 3 * stride);
        if ((low | high) & 1)
            break;
    }
    while (bytes.n - i >= WINDOW && !(filter_ask(set, bytes.p + i) & 1))
        i += stride;
    return i;
}

/* ---- the words ---- */

static size_t word_hash(Str word) {
    const unsigned char *w = (const unsigned char *)word.p;
    size_t n = (size_t)word.n;
    size_t mixed = n * 0x9E3779B1U ^ w[0] * 0x85EBCA6BU ^ w[n / 2] * 0xC2B2AE35U ^
                   w[n - 1] * 0x27D4EB2FU ^ w[n / 3] * 0x165667B1U;
    return mixed ^ mixed >> 15;
}

static uint16_t *slot_of(const WordSet *set, Str word) {
    size_t i = word_hash(word) & set->slot_mask;
    while (set->slots[i] && !str_eq(set->words[set->slots[i] - 1], word))
        i = (i + 1) & set->slot_mask;
    return &set->slots[i];
}

/* ---- public ---- */

WordSet *words_build(Arena *arena, const Str *words, ptrdiff_t n) {
    n = n < WORDS_MAX ? n : WORDS_MAX;
    ptrdiff_t slots = 16;
    while (slots < n * 3)
        slots *= 2;
    WordSet *set = new (arena, WordSet, 1);
    set->slots = new (arena, uint16_t, slots);
    set->slot_mask = (size_t)slots - 1;
    set->words = words;
    set->n = n;
    set->stride = STRIDE;
    for (ptrdiff_t i = 0; i < n; i++)
        set->stride = words[i].n < 3 ? 1 : set->stride;
    for (ptrdiff_t i = 0; i < n; i++) {
        uint16_t *slot = slot_of(set, words[i]);
        if (*slot)
            continue;
        *slot = (uint16_t)(i + 1);
        filter_add_word(set, words[i]);
    }
    return set;
}

ptrdiff_t words_number(const WordSet *set, Str word) {
    return word.n ? *slot_of(set, word) - 1 : -1;
}

ptrdiff_t words_next(const WordSet *set, Str bytes, ptrdiff_t *from) {
    for (ptrdiff_t i = *from; set->n && i < bytes.n;) {
        if (i) /* a word at the very start has no byte before it for the filter to see */
            i = set->stride == STRIDE ? filter_skip(set, bytes, i, STRIDE)
                                      : filter_skip(set, bytes, i, 1);
        if (i >= bytes.n)
            break;
        ptrdiff_t start = i, end;
        if (!byte_is_identifier(bytes.p[i]))
            start = i + 1;
        else
            while (start > 0 && byte_is_identifier(bytes.p[start - 1]))
                start--;
        for (end = start; end < bytes.n && byte_is_identifier(bytes.p[end]);)
            end++;
        i = end > i ? end : i + 1;
        ptrdiff_t number = words_number(set, str_slice(bytes, start, end));
        if (number >= 0) {
            *from = end;
            return number;
        }
    }
    *from = bytes.n;
    return -1;
}
