/* A folder is a package when it holds an __init__.py; its dotted name starts at the outermost such
 * folder without a gap. Namespace packages (PEP 420) have no mark on disk that tells them from any
 * folder, so they count as outside. */
#define _XOPEN_SOURCE 700 /* realpath() */

#include "document/package.h"

#include <stdlib.h>
#include <unistd.h>

static bool has_init(Arena *arena, Str folder) {
    ArenaMark mark = arena_mark(arena);
    char *init = str_c(arena, str_format(arena, "%.*s/__init__.py", STR_ARG(folder)));
    bool has = access(init, F_OK) == 0;
    arena_reset(arena, mark);
    return has;
}

/* A folder with another name (`my-project`) can hold an __init__.py but cannot be imported. */
static bool is_identifier(Str name) {
    for (ptrdiff_t i = 0; i < name.n; i++) {
        unsigned char c = (unsigned char)name.p[i];
        bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        if (!letter && c != '_' && c < 0x80 && (i == 0 || c < '0' || c > '9'))
            return false;
    }
    return name.n > 0;
}

Str package_of(Arena *arena, Str path) {
    ptrdiff_t slash = str_rfind_byte(path, '/');
    Str folder = slash < 0 ? S(".") : slash == 0 ? S("/") : str_slice(path, 0, slash);
    if (str_eq(path, S("-")) || !has_init(arena, folder))
        return (Str){0};
    /* A relative path says nothing of the folders above where it starts. */
    char *resolved = realpath(str_c(arena, folder), NULL);
    if (!resolved)
        return (Str){0};
    folder = str_copy(arena, str_from(resolved));
    free(resolved);
    Str package = {0};
    while (has_init(arena, folder)) {
        ptrdiff_t at = str_rfind_byte(folder, '/');
        Str name = str_slice(folder, at + 1, folder.n);
        if (!is_identifier(name))
            break;
        package =
            package.n ? str_format(arena, "%.*s.%.*s", STR_ARG(name), STR_ARG(package)) : name;
        folder = str_slice(folder, 0, at);
    }
    return package;
}
