/* Files that are read for what they say about others: ignore files, pyproject.toml,
 * requirements. */
#ifndef HFFIX_PROJECT_SMALL_FILE_H
#define HFFIX_PROJECT_SMALL_FILE_H

#include "base/str.h"

/* Reads a regular file, by a path relative to the open folder (AT_FDCWD: the working directory),
 * into the arena: at most the first `limit` bytes. False with errno set when there is none or it
 * can't be read; EFBIG when `limit` is -1 and it is too large (16 MiB) to be of the kind. */
bool small_file_read(Arena *arena, int folder, const char *path, ptrdiff_t limit, Str *text);

#endif
