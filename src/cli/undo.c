/* `git restore` brings a file back to what git's index holds. That undoes our edits exactly when
 * the file equalled the index before; a file with changes of its own would lose those, so it is
 * never named. One `git ls-files` tells the two apart.
 *
 * The written files are named one by one, or, where that is shorter, by the paths of the command
 * line with the files that had changes excluded. Anything that git can't answer means: no
 * command. */
#include "cli/undo.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/git.h"

enum {
    NAMED = 8 /* files that a command names one by one */
};

typedef struct GitFile {
    Str path; /* relative to the working directory */
    bool changed;
} GitFile;

struct Undo {
    List(Str) arguments;
    GitFile *files; /* sorted by path, no path twice */
    ptrdiff_t n;
    ptrdiff_t changed; /* how many of them are */
    Str folder;        /* working directory, with a '/' at its end */
};

static int by_path(const void *a, const void *b) {
    return str_compare(((const GitFile *)a)->path, ((const GitFile *)b)->path);
}

/* Reads "H path" and "C path" records, the second beside the first for a changed file, to those
 * that are known. */
static void read_files(Arena *arena, Undo *undo, Str listing) {
    List(GitFile) files = {0};
    for (ptrdiff_t i = 0; i < undo->n; i++)
        *list_push(arena, &files) = undo->files[i];
    for (Str rest = listing; rest.n;) {
        Str record, tail;
        str_cut(rest, '\0', &record, &tail);
        rest = tail;
        if (record.n > 2)
            *list_push(arena, &files) =
                (GitFile){.path = str_slice(record, 2, record.n), .changed = record.p[0] != 'H'};
    }
    if (files.n)
        qsort(files.v, (size_t)files.n, sizeof *files.v, by_path);
    undo->files = files.v;
    undo->n = undo->changed = 0;
    for (ptrdiff_t i = 0; i < files.n; i++) {
        GitFile *last = undo->n ? &undo->files[undo->n - 1] : NULL;
        if (last && str_eq(last->path, files.v[i].path))
            last->changed |= files.v[i].changed;
        else
            undo->files[undo->n++] = files.v[i];
    }
    for (ptrdiff_t i = 0; i < undo->n; i++)
        undo->changed += undo->files[i].changed;
}

static bool ask_git(Arena *arena, const Str *paths, ptrdiff_t n, Str *listing) {
    static const char *const words[] = {"ls-files",   "-z", "-t", "--cached",
                                        "--modified", "--", NULL};
    return git_ask(arena, words, paths, n, listing);
}

Undo *undo_open(Arena *arena, const Str *paths, ptrdiff_t n) {
    char folder[4096];
    Str listing;
    if (!getcwd(folder, sizeof folder) || !ask_git(arena, paths, n, &listing))
        return NULL;
    Undo *undo = new (arena, Undo, 1);
    undo->folder = str_format(arena, "%s/", folder);
    for (ptrdiff_t i = 0; i < n; i++)
        *list_push(arena, &undo->arguments) = paths[i];
    read_files(arena, undo, listing);
    return undo;
}

/* A word as the shell reads it. */
static void add_word(Buf *buf, const char *before, Str word) {
    Str plain = S("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-+=,@");
    bool quote = *before || !word.n;
    for (ptrdiff_t i = 0; i < word.n; i++)
        quote |= str_find_byte(plain, word.p[i]) < 0;
    buf_format(buf, quote ? " '%s" : " %s", before);
    for (ptrdiff_t i = 0; i < word.n; i++) {
        if (word.p[i] == '\'')
            buf_add(buf, S("'\\''"));
        else
            buf_add_byte(buf, word.p[i]);
    }
    if (quote)
        buf_add_byte(buf, '\'');
}

static const GitFile *find_file(const Undo *undo, Str path) {
    GitFile key = {.path = path};
    if (str_starts(path, undo->folder))
        key.path = str_slice(path, undo->folder.n, path.n);
    return undo->n ? bsearch(&key, undo->files, (size_t)undo->n, sizeof key, by_path) : NULL;
}

void undo_add(Arena *arena, Undo *undo, Str path) {
    Str listing;
    if (find_file(undo, path) || !ask_git(arena, &path, 1, &listing))
        return;
    read_files(arena, undo, listing);
    *list_push(arena, &undo->arguments) = path;
}

Str undo_command(Arena *arena, const Undo *undo, const Str *written, ptrdiff_t n) {
    if (!undo)
        return (Str){0};
    List(Str) clean = {0};
    for (ptrdiff_t i = 0; i < n; i++) {
        const GitFile *file = find_file(undo, written[i]);
        if (file && !file->changed)
            *list_push(arena, &clean) = written[i];
    }
    if (!clean.n)
        return (Str){0};
    Buf buf = {.arena = arena};
    buf_add(&buf, S("git restore --"));
    bool by_name = clean.n <= NAMED || clean.n <= undo->arguments.n + undo->changed;
    for (ptrdiff_t i = 0; by_name && i < clean.n; i++)
        add_word(&buf, "", clean.v[i]);
    for (ptrdiff_t i = 0; !by_name && i < undo->arguments.n; i++)
        add_word(&buf, "", undo->arguments.v[i]);
    for (ptrdiff_t i = 0; !by_name && i < undo->n; i++) {
        if (undo->files[i].changed)
            add_word(&buf, ":(exclude)", undo->files[i].path);
    }
    if (clean.n < n)
        buf_format(&buf, "  # leaves %td: not in git, or changed before", n - clean.n);
    return buf_str(&buf);
}
