/* The git command that takes back what a run has written. */
#ifndef HFFIX_CLI_UNDO_H
#define HFFIX_CLI_UNDO_H

#include "base/list.h"
#include "base/str.h"

typedef struct Undo Undo;

/* Asks git, before anything is written, which files below the paths it holds and which of those
 * differ from what it holds. NULL outside a working tree, or without git. */
Undo *undo_open(Arena *arena, const Str *paths, ptrdiff_t n);

/* Asks about one more file, before it is written. */
void undo_add(Arena *arena, Undo *undo, Str path);

/* The command that restores the written files and nothing else: files with changes of their own are
 * left out, since git would take those back too. Empty when no file can be restored. */
Str undo_command(Arena *arena, const Undo *undo, const Str *written, ptrdiff_t n);

#endif
