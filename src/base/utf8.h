/* Characters of UTF-8 text (Unicode 15, table 3-7: no surrogates, nothing longer than needed). */
#ifndef HFFIX_BASE_UTF8_H
#define HFFIX_BASE_UTF8_H

#include "base/str.h"

int utf8_length(Str text, ptrdiff_t at); /* of the character at `at`; 0: there is none */
/* The character at `*at`, which moves behind it; bytes that are no UTF-8 count as U+FFFD each. */
int32_t utf8_next(Str text, ptrdiff_t *at);
void utf8_add(Buf *out, int32_t character);

#endif
