/* Which lines of the files have changed since a commit: --changed-since. */
#ifndef HFFIX_CLI_CHANGES_H
#define HFFIX_CLI_CHANGES_H

#include "base/diag.h"
#include "document/document.h"
#include "transform/suppress.h"

typedef struct Changes Changes;

/* Asks git about the paths. NULL after an error: no git, no repository, no such commit. */
Changes *changes_open(Arena *arena, Str commit, const Str *paths, ptrdiff_t n,
                      Diagnostics *diagnostics);

/* False when nothing in the file has changed; else `ranges` are lines of the file, NULL for all of
 * it: a file that git does not hold. */
bool changes_of(Changes *changes, Str path, const LineRanges **ranges);

/* Lines of a file as those of a piece of its document. */
const LineRanges *changes_in_piece(Arena *arena, const Document *document, ptrdiff_t piece,
                                   const LineRanges *ranges);

#endif
