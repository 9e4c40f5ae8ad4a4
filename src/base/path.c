/* What the file system knows of a path. */
#include "base/path.h"

#include <sys/stat.h>

bool path_is_folder(Arena *arena, Str path) {
    struct stat info;
    return path.n > 0 && stat(str_c(arena, path), &info) == 0 && S_ISDIR(info.st_mode);
}
