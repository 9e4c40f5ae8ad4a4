/* `git diff --unified=0` says which lines of a file are not those of the commit. Where HEAD has
 * parted from the commit, what counts is what was changed on this side: the comparison is with the
 * commit that both have in common.
 *
 * A file that git does not hold counts as changed whole, also one that it ignores: who names it
 * wants it looked at. */
#define _XOPEN_SOURCE 700 /* realpath */

#include "cli/changes.h"

#include <stdlib.h>

#include "base/byte.h"
#include "cli/git.h"

typedef struct ChangedFile {
    Str path; /* below the root */
    List(LineRange) lines;
    LineRanges ranges; /* the same, once all are known */
} ChangedFile;

struct Changes {
    Arena *arena;
    Str root;                /* of the repository, with a slash at its end */
    List(ChangedFile) files; /* by path */
    List(Str) held;          /* paths of all files that git holds below the arguments, sorted */
    Str folder, real;        /* the folder that was resolved last, and what it is */
};

/* ---- git's diff ---- */

/* "+++ b/PATH" as git writes it: quoted as in C where it holds odd bytes, else with a tab behind it
 * where it holds a blank. */
static Str path_of_header(Arena *arena, Str text) {
    if (!str_starts(text, S("\""))) {
        text = str_slice(text, 0, text.n - str_ends(text, S("\t")));
        return str_starts(text, S("b/")) ? str_slice(text, 2, text.n) : (Str){0};
    }
    Buf path = {.arena = arena};
    static const char letters[] = "abtnvfr", bytes[] = "\a\b\t\n\v\f\r";
    for (ptrdiff_t i = 1; i < text.n && text.p[i] != '"'; i++) {
        char c = text.p[i];
        if (c == '\\' && ++i < text.n) {
            c = text.p[i];
            ptrdiff_t letter = str_find_byte(str_from(letters), c);
            if (letter >= 0) {
                c = bytes[letter];
            } else if (c >= '0' && c <= '3' && i + 2 < text.n) {
                c = (char)((c - '0') * 64 + (text.p[i + 1] - '0') * 8 + (text.p[i + 2] - '0'));
                i += 2;
            }
        }
        buf_add_byte(&path, c);
    }
    Str found = buf_str(&path);
    return str_starts(found, S("b/")) ? str_slice(found, 2, found.n) : (Str){0};
}

/* "12,3" or "12": first line and how many. */
static void read_range(Str text, uint32_t *first, uint32_t *n) {
    uint32_t numbers[2] = {0, 1};
    int at = 0;
    for (ptrdiff_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == ',' && at == 0)
            numbers[++at] = 0;
        else if (byte_is_digit(c))
            numbers[at] = numbers[at] * 10 + (uint32_t)(c - '0');
    }
    *first = numbers[0];
    *n = numbers[1];
}

/* "@@ -a,b +c,d @@ …"; the answer is how many lines follow. */
static uint32_t read_hunk(Arena *arena, ChangedFile *file, Str line) {
    Str old, new, rest;
    uint32_t old_first, old_n, first, n;
    str_cut(str_slice(line, S("@@ -").n, line.n), ' ', &old, &rest);
    str_cut(rest, ' ', &new, &rest);
    read_range(old, &old_first, &old_n);
    read_range(new, &first, &n);
    /* Of lines that were only taken out, git names the line before them. */
    if (file)
        *list_push(arena, &file->lines) =
            n ? (LineRange){first, first + n - 1} : (LineRange){first + 1, first};
    return old_n + n;
}

static void read_diff(Changes *changes, Str diff) {
    ChangedFile *file = NULL;
    uint32_t skip = 0;
    while (diff.n) {
        Str line;
        str_cut(diff, '\n', &line, &diff);
        if (skip && !str_starts(line, S("\\"))) {
            skip--;
        } else if (str_starts(line, S("diff --git "))) {
            file = NULL;
        } else if (str_starts(line, S("+++ "))) {
            Str path = path_of_header(changes->arena, str_slice(line, 4, line.n));
            file = path.n ? list_push(changes->arena, &changes->files) : NULL;
            if (file)
                *file = (ChangedFile){.path = path};
        } else if (str_starts(line, S("@@ -"))) {
            skip = read_hunk(changes->arena, file, line);
        }
    }
}

static int by_path(const void *a, const void *b) {
    return str_compare(((const ChangedFile *)a)->path, ((const ChangedFile *)b)->path);
}

static void read_held(Changes *changes, Str listing) {
    while (listing.n) {
        Str path;
        str_cut(listing, '\0', &path, &listing);
        *list_push(changes->arena, &changes->held) = path;
    }
    if (changes->held.n)
        qsort(changes->held.v, (size_t)changes->held.n, sizeof *changes->held.v, str_order);
    if (changes->files.n)
        qsort(changes->files.v, (size_t)changes->files.n, sizeof *changes->files.v, by_path);
    for (ptrdiff_t i = 0; i < changes->files.n; i++) {
        ChangedFile *file = &changes->files.v[i];
        file->ranges = (LineRanges){file->lines.v, file->lines.n};
    }
}

/* ---- public ---- */

/* The commit that HEAD has in common with the given one, or that itself: a tree has none. */
static Str common(Arena *arena, Str commit) {
    Str answer;
    const char *words[] = {"merge-base", "HEAD", str_c(arena, commit), NULL};
    return git_ask(arena, words, NULL, 0, &answer) && answer.n ? str_trim(answer) : commit;
}

static bool is_commit(Arena *arena, Str commit) {
    Str answer;
    const char *words[] = {"rev-parse", "--verify", "--quiet",
                           str_c(arena, str_format(arena, "%.*s^{tree}", STR_ARG(commit))), NULL};
    return commit.n && commit.p[0] != '-' && git_ask(arena, words, NULL, 0, &answer);
}

Changes *changes_open(Arena *arena, Str commit, const Str *paths, ptrdiff_t n,
                      Diagnostics *diagnostics) {
    static const char *const root[] = {"rev-parse", "--show-toplevel", NULL};
    static const char *const held[] = {"--literal-pathspecs", "ls-files", "-z",
                                       "--full-name",         "--",       NULL};
    Changes *changes = new (arena, Changes, 1);
    changes->arena = arena;
    Str answer;
    if (!git_ask(arena, root, NULL, 0, &answer)) {
        diag_add(diagnostics, SEVERITY_ERROR, (Str){0}, 0, 0,
                 "--changed-since needs git, and the working directory inside a repository");
        return NULL;
    }
    answer.n -= str_ends(answer, S("\n"));
    changes->root =
        str_format(arena, "%.*s%s", STR_ARG(answer), str_ends(answer, S("/")) ? "" : "/");
    if (!is_commit(arena, commit)) {
        diag_add(diagnostics, SEVERITY_ERROR, (Str){0}, 0, 0,
                 "--changed-since: git knows no commit %.*s", STR_ARG(commit));
        return NULL;
    }
    /* Whatever the user has set about diffs: lines as they are, of any file, by these prefixes. */
    const char *diff[] = {"--literal-pathspecs",
                          "-c",
                          "core.quotePath=false",
                          "-c",
                          "diff.relative=false",
                          "diff",
                          "--unified=0",
                          "--no-color",
                          "--no-ext-diff",
                          "--no-textconv",
                          "--text",
                          "--find-renames",
                          "--src-prefix=a/",
                          "--dst-prefix=b/",
                          "--ignore-submodules",
                          str_c(arena, common(arena, commit)),
                          "--",
                          NULL};
    Str listing;
    if (!git_ask(arena, diff, paths, n, &answer) || !git_ask(arena, held, paths, n, &listing)) {
        diag_add(diagnostics, SEVERITY_ERROR, (Str){0}, 0, 0,
                 "--changed-since: git can't compare these paths; are all of them in the "
                 "repository of the working directory?");
        return NULL;
    }
    read_diff(changes, answer);
    read_held(changes, listing);
    return changes;
}

/* The path below the repository's root, links in its folder resolved; empty outside of it. */
static Str below_root(Changes *changes, Str path) {
    ptrdiff_t slash = str_rfind_byte(path, '/');
    Str folder = slash < 0 ? S(".") : str_slice(path, 0, slash ? slash : 1);
    if (!changes->real.n || !str_eq(folder, changes->folder)) {
        char *resolved = realpath(str_c(changes->arena, folder), NULL);
        changes->real = str_copy(changes->arena, str_from(resolved));
        changes->folder = folder;
        free(resolved);
    }
    Str real = str_format(changes->arena, "%.*s/%.*s", STR_ARG(changes->real),
                          STR_ARG(str_slice(path, slash + 1, path.n)));
    return str_starts(real, changes->root) ? str_slice(real, changes->root.n, real.n) : (Str){0};
}

bool changes_of(Changes *changes, Str path, const LineRanges **ranges) {
    ChangedFile key = {.path = below_root(changes, path)};
    *ranges = NULL;
    const ChangedFile *file =
        changes->files.n && key.path.n
            ? bsearch(&key, changes->files.v, (size_t)changes->files.n, sizeof key, by_path)
            : NULL;
    if (file) {
        *ranges = &file->ranges;
        return file->ranges.n > 0;
    }
    return !changes->held.n || !bsearch(&key.path, changes->held.v, (size_t)changes->held.n,
                                        sizeof key.path, str_order);
}

const LineRanges *changes_in_piece(Arena *arena, const Document *document, ptrdiff_t piece,
                                   const LineRanges *ranges) {
    uint32_t n = document->pieces[piece]->lines;
    uint32_t *lines = new (arena, uint32_t, n + 1);
    document_file_lines(document, arena, piece, lines);
    List(LineRange) own = {0};
    ptrdiff_t at = 0;
    for (uint32_t line = 1; line <= n; line++) {
        uint32_t file_line = lines[line - 1];
        for (; at < ranges->n && ranges->v[at].last < file_line; at++)
            ;
        for (ptrdiff_t i = at; i < ranges->n && ranges->v[i].first <= file_line + 1; i++) {
            const LineRange *range = &ranges->v[i];
            if (range->first <= file_line && file_line <= range->last)
                *list_push(arena, &own) = (LineRange){line, line};
            else if (range->last < range->first && range->last == file_line)
                *list_push(arena, &own) = (LineRange){line + 1, line};
        }
    }
    LineRanges *found = new (arena, LineRanges, 1);
    *found = (LineRanges){own.v, own.n};
    return found;
}
