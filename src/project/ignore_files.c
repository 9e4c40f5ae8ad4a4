/* Where git keeps its rules: .gitignore in each folder, and info/exclude in the folder that all
 * work trees of a repository share. In a linked work tree or a submodule `.git` is a file, "gitdir:
 * PATH", and PATH may hold a file `commondir` (https://git-scm.com/docs/gitrepository-layout). */
#include "project/ignore_files.h"

#include <fcntl.h>
#include <unistd.h>

#include "project/small_file.h"

/* `path` as seen from `folder`. */
static Str joined(Arena *arena, Str folder, Str path) {
    if (str_starts(path, S("/")) || !folder.n)
        return path;
    return str_format(arena, "%.*s/%.*s", STR_ARG(folder), STR_ARG(path));
}

static IgnoreRules rules_read(Arena *arena, int folder, const char *path) {
    Str text;
    if (!small_file_read(arena, folder, path, -1, &text))
        return (IgnoreRules){0};
    return ignore_parse(arena, text);
}

static IgnoreRules exclude_read(Arena *arena, int root) {
    Str text, common;
    if (!small_file_read(arena, root, ".git", -1, &text))
        return rules_read(arena, root, ".git/info/exclude");
    if (!str_starts(text, S("gitdir:")))
        return (IgnoreRules){0};
    Str git_folder = str_trim(str_slice(text, S("gitdir:").n, text.n));
    Str pointer = joined(arena, git_folder, S("commondir"));
    if (small_file_read(arena, root, str_c(arena, pointer), -1, &common))
        git_folder = joined(arena, git_folder, str_trim(common));
    return rules_read(arena, root, str_c(arena, joined(arena, git_folder, S("info/exclude"))));
}

const IgnoreLevel *ignore_enter(Arena *arena, int folder, IgnoreNames names, ptrdiff_t base,
                                const IgnoreLevel *outer) {
    if (!names.ignore && !names.gitignore && !names.repository)
        return outer;
    IgnoreLevel *level = new (arena, IgnoreLevel, 1);
    *level = (IgnoreLevel){.outer = outer, .base = base, .repository = names.repository};
    if (names.ignore)
        level->ignore = rules_read(arena, folder, ".ignore");
    if (names.gitignore)
        level->gitignore = rules_read(arena, folder, ".gitignore");
    if (names.repository)
        level->exclude = exclude_read(arena, folder);
    return level;
}

/* The folder above; the empty Str above "/". */
static Str parent(Str folder) {
    ptrdiff_t slash = str_rfind_byte(folder, '/');
    if (folder.n <= 1 || slash < 0)
        return (Str){0};
    return str_slice(folder, 0, slash ? slash : 1);
}

Str ignore_repository(Arena *arena, Str folder) {
    for (; folder.n; folder = parent(folder)) {
        ArenaMark mark = arena_mark(arena);
        Str git = joined(arena, folder, S(".git"));
        bool found = access(str_c(arena, git), F_OK) == 0;
        arena_reset(arena, mark);
        if (found)
            return folder;
    }
    return (Str){0};
}

static const IgnoreLevel *enter_path(Arena *arena, Str folder, bool is_root,
                                     const IgnoreLevel *outer) {
    int fd = open(str_c(arena, folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return outer;
    ptrdiff_t base = folder.n + !str_ends(folder, S("/"));
    IgnoreNames names = {.ignore = true, .gitignore = true, .repository = is_root};
    const IgnoreLevel *level = ignore_enter(arena, fd, names, base, outer);
    close(fd);
    return level;
}

const IgnoreLevel *ignore_levels(Arena *arena, Str root, Str folder, bool inclusive) {
    const IgnoreLevel *level = NULL;
    for (ptrdiff_t at = root.n; at < folder.n + inclusive; at++)
        if (at == root.n || at == folder.n || folder.p[at] == '/')
            level = enter_path(arena, str_slice(folder, 0, at), at == root.n, level);
    return level;
}
