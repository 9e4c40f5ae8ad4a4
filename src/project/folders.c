/* Paths as users write them (relative, with "./" or "..") become the absolute ones that answers are
 * kept under, and come back as short as messages want them. */
#define _XOPEN_SOURCE 700 /* realpath */

#include "project/folders.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

Str folder_working(Arena *arena) {
    char working[PATH_MAX];
    return getcwd(working, sizeof working) ? str_copy(arena, str_from(working)) : S("/");
}

Str folder_of_file(Arena *arena, Str working, Str path) {
    ptrdiff_t slash = str_rfind_byte(path, '/');
    if (slash < 0)
        return working;
    Str folder = str_slice(path, 0, slash ? slash : 1);
    while (str_starts(folder, S("./")))
        folder = str_slice(folder, 2, folder.n);
    if (str_eq(folder, S(".")))
        return working;
    bool dotted = str_starts(folder, S("..")) || str_find(folder, S("/.")) >= 0;
    if (folder.p[0] != '/')
        folder = str_format(arena, "%.*s%s%.*s", STR_ARG(working),
                            str_ends(working, S("/")) ? "" : "/", STR_ARG(folder));
    char *resolved = dotted ? realpath(str_c(arena, folder), NULL) : NULL;
    if (resolved)
        folder = str_copy(arena, str_from(resolved));
    free(resolved);
    return folder;
}

Str folder_shown(Arena *arena, Str working, Str folder) {
    if (str_eq(folder, working))
        return S("");
    Str rest = str_slice(folder, working.n, folder.n);
    if (str_starts(folder, working) && str_starts(rest, S("/")))
        folder = str_slice(rest, 1, rest.n);
    return str_ends(folder, S("/")) ? folder : str_format(arena, "%.*s/", STR_ARG(folder));
}

bool folder_is_outermost(Str folder, Str working, bool working_in_repository, bool is_repository) {
    return is_repository || folder.n <= 1 || str_rfind_byte(folder, '/') < 0 ||
           (str_eq(folder, working) && !working_in_repository);
}
