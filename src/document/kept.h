/* Which lines of a text are still there in its new version. */
#ifndef HFFIX_DOCUMENT_KEPT_H
#define HFFIX_DOCUMENT_KEPT_H

#include "base/str.h"

/* Lines with the LF that ends them; what follows the last LF counts when it is not empty. */
typedef struct TextLines {
    Str *v;
    ptrdiff_t n;
} TextLines;

TextLines lines_of(Arena *arena, Str text);

/* For each new line the index of the old line that it is, or -1. The indexes rise. As many lines
 * are kept as can be, in texts so large that this would take long nearly as many. */
ptrdiff_t *lines_kept(Arena *arena, TextLines old_lines, TextLines new_lines);

#endif
