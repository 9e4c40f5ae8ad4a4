/* Unified diffs that `git apply` and `patch -p1` take. */
#ifndef HFFIX_EDIT_DIFF_H
#define HFFIX_EDIT_DIFF_H

#include "base/str.h"

/* A name that the header of the hunk around an old line ends with. */
typedef struct DiffMark {
    uint32_t line; /* from 1, of the old text, lines ending at LF alone */
    Str name;
} DiffMark;

/* Appends the diff of two texts: `--- a/PATH`, `+++ b/PATH`, hunks with three lines of context,
 * headers `@@ -3,6 +3,10 @@ load/bf16, load/device-map` (names sorted, each once). Lines end at LF
 * alone, so CR and CRLF travel as bytes; `\ No newline at end of file` where due; paths with
 * blanks, quotes or control characters as git quotes them. Nothing for equal texts. Shortest
 * difference by lines (Myers), changes slid down to where a reader expects them. Large texts fall
 * back to a coarser but correct diff in bounded time. */
void diff_print(Buf *out, Str path, Str old_text, Str new_text, const DiffMark *marks,
                ptrdiff_t n_marks);

#endif
