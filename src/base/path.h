/* Paths as text; '/' parts them. */
#ifndef HFFIX_BASE_PATH_H
#define HFFIX_BASE_PATH_H

#include "base/str.h"

/* "c" of "a/b/c" and of "c"; of a hub id the name without its owner. */
static inline Str path_name(Str path) {
    return str_slice(path, str_rfind_byte(path, '/') + 1, path.n);
}

bool path_is_folder(Arena *arena, Str path); /* on the disk, behind links */

#endif
