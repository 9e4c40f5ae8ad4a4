/* Characters of UTF-8 text, as tokenizers look at them. */
#ifndef HFFIX_CHECK_UNICODE_H
#define HFFIX_CHECK_UNICODE_H

#include "base/utf8.h"

Str text_join(Arena *arena, Str a, Str b); /* texts may hold NUL, which %.*s would end at */

bool unicode_is_space(int32_t c);       /* White_Space */
bool unicode_is_punctuation(int32_t c); /* P*, and the ASCII symbols that BERT counts */
bool unicode_is_mark(int32_t c);        /* Mn */
bool unicode_is_any_mark(int32_t c);    /* Mn, Mc, Me */
bool unicode_is_control(int32_t c);     /* C* but tab and line ends */
bool unicode_is_number(int32_t c);      /* Nd, Nl, No */
bool unicode_is_word(int32_t c);        /* \w */
bool unicode_is_cjk(int32_t c);         /* the blocks that BERT sets spaces around */

typedef enum NormalForm { FORM_NFC, FORM_NFD, FORM_NFKC, FORM_NFKD } NormalForm;
Str unicode_normalize(Arena *arena, Str text, NormalForm form);
Str unicode_lower(Arena *arena, Str text);
ptrdiff_t unicode_grapheme(Str text, ptrdiff_t at); /* end of the cluster that begins at `at` */

#endif
