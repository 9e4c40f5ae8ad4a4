/* A piece of Python that stands inside another kind of file. */
#ifndef HFFIX_DOCUMENT_PIECE_H
#define HFFIX_DOCUMENT_PIECE_H

#include "python/source.h"

/* The Source of text that is UTF-8 whatever its first lines name. NULL for what no Python file may
 * hold (bytes that are not UTF-8, NUL). */
Source *piece_source(Arena *arena, Str path, Str text);

/* A word that stands nowhere in the texts: `stem` with as many letters behind it as that takes. */
Str piece_unused_word(Arena *arena, Str stem, const Str *texts, ptrdiff_t n);

#endif
