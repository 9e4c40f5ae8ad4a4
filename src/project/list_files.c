/* Files are read anew when they are to be edited: what project.c remembers of them is only what
 * they declare. A run edits the lists of few projects, if any. */
#include "project/list_files.h"

#include <fcntl.h>
#include <unistd.h>

#include "project/small_file.h"

static Str shown_path(Arena *arena, Str folder, Str file) {
    if (str_eq(folder, S(".")))
        return str_copy(arena, file);
    return str_format(arena, "%.*s%s%.*s", STR_ARG(folder), str_ends(folder, S("/")) ? "" : "/",
                      STR_ARG(file));
}

/* A lock of pyproject.toml; what is compiled from a .in file. */
static Str stale_file(Arena *arena, const Project *project, Str file) {
    if (str_ends(file, S(".in")))
        return str_format(arena, "%.*s.txt", STR_ARG(str_slice(file, 0, file.n - 3)));
    for (ptrdiff_t i = 0; str_eq(file, S("pyproject.toml")) && i < project->n_files; i++)
        if (str_ends(project->files[i], S(".lock")))
            return project->files[i];
    return (Str){0};
}

/* NULL: it can't be read. */
static const ListFile *add_file(Arena *arena, Parser *parser, const Project *project, int folder,
                                Str name, ListFiles *files) {
    Str text;
    if (!small_file_read(arena, folder, str_c(arena, name), -1, &text))
        return NULL;
    Str stale = stale_file(arena, project, name);
    ListFile *added = list_push(arena, files);
    *added = (ListFile){.path = shown_path(arena, project->folder, name),
                        .file = requirement_file(arena, parser, name, text),
                        .stale = stale.n ? shown_path(arena, project->folder, stale) : stale};
    return added;
}

ListFiles list_files(Arena *arena, Parser *parser, const Project *project) {
    ListFiles files = {0};
    int folder = open(str_c(arena, project->folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (ptrdiff_t i = 0; folder >= 0 && i < project->n_files; i++) {
        Str name = project->files[i];
        const ListFile *file = add_file(arena, parser, project, folder, name, &files);
        if (!file || !file->file.frozen || !str_ends(name, S(".txt")))
            continue;
        Str source = str_format(arena, "%.*s.in", STR_ARG(str_slice(name, 0, name.n - 4)));
        bool known = false;
        for (ptrdiff_t k = 0; k < project->n_files; k++)
            known |= str_eq(project->files[k], source);
        if (!known)
            add_file(arena, parser, project, folder, source, &files);
    }
    if (folder >= 0)
        close(folder);
    return files;
}
