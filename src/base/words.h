/* Finding any of many words in bytes, fast where there are none.
 *
 * A word is an identifier, and an occurrence is a whole one: not preceded or followed by a letter,
 * digit, underscore or byte of a non-ASCII character. */
#ifndef HFFIX_BASE_WORDS_H
#define HFFIX_BASE_WORDS_H

#include "base/str.h"

typedef struct WordSet WordSet;

/* A set of at most WORDS_MAX words (more are ignored), each of 1 to 255 bytes. A word's number is
 * its index in `words`, of equal ones the first. The bytes of the words must outlive the set. */
enum { WORDS_MAX = 16384 };
WordSet *words_build(Arena *arena, const Str *words, ptrdiff_t n);

ptrdiff_t words_number(const WordSet *set, Str word); /* -1: not in the set */

/* Number of the first occurrence behind `*from`, which must be 0 or what the last call left there;
 * -1 if there is none. `*from` becomes the occurrence's end. */
ptrdiff_t words_next(const WordSet *set, Str bytes, ptrdiff_t *from);

#endif
