/* Ignore files on disk: which of them hold in a folder. */
#ifndef HFFIX_PROJECT_IGNORE_FILES_H
#define HFFIX_PROJECT_IGNORE_FILES_H

#include "project/ignore.h"

/* What a folder's listing shows. */
typedef struct IgnoreNames {
    bool ignore, gitignore, repository; /* .ignore, .gitignore, .git */
} IgnoreNames;

/* The level of an open folder inside `outer`; `outer` itself when the folder adds nothing. `base`
 * is the length of its path with the slash. Files that can't be read count as empty, as in git. */
const IgnoreLevel *ignore_enter(Arena *arena, int folder, IgnoreNames names, ptrdiff_t base,
                                const IgnoreLevel *outer);

/* The repository's root that a folder lies in or is, by absolute path without "." and ".." parts: a
 * slice of it. Empty: none. */
Str ignore_repository(Arena *arena, Str folder);

/* The levels of the folders from `root` down to `folder`, with `folder` itself if `inclusive`. */
const IgnoreLevel *ignore_levels(Arena *arena, Str root, Str folder, bool inclusive);

#endif
