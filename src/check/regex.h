/* Regular expressions of tokenizer.json, which are Oniguruma's, run by PCRE2. */
#ifndef HFFIX_CHECK_REGEX_H
#define HFFIX_CHECK_REGEX_H

#include "checkpoint/reason.h"

typedef struct Regex Regex;

/* NULL after a reject. regex_close() gives it back. */
Regex *regex_compile(Arena *arena, Str pattern, Reasons *reasons);
void regex_close(Regex *regex);

/* The first match at or behind `from` that is not empty. False also when matching took too many
 * steps; regex_gave_up() tells. */
bool regex_find(Regex *regex, Str text, ptrdiff_t from, ptrdiff_t *start, ptrdiff_t *end);
bool regex_gave_up(const Regex *regex);

#endif
