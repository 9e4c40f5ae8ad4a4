/* Folders are read one at a time: the whole listing first, because it tells whether the folder is a
 * virtual environment, a repository, or has ignore files, without asking for any of these names.
 * What is left, in the order of full paths, is walked by openat() below the open folder.
 *
 * The type of an entry comes with its name where the system tells it (d_type on Linux, macOS and
 * the BSDs); else, and where a file system doesn't know, it is asked for. The same holds for the
 * inode: d_ino only finds candidates for a file met twice, which stat() then confirms, so no file
 * is asked for its status as long as no two have the same number.
 *
 * What can't be read becomes an error in the list, and the walk goes on. */
#if defined(__linux__)
#define _DEFAULT_SOURCE /* DT_REG and its like */
#elif defined(__APPLE__)
#define _DARWIN_C_SOURCE
#endif

#include "project/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "project/ignore_files.h"
#include "project/small_file.h"

/* Folders that hold no code of the project's own. To add one: a row. */
static const Str outside[] = {
    S(".git"),    S(".hg"),           S(".svn"),         S(".bzr"),         S("_darcs"),
    S("CVS"),     S(".tox"),          S(".nox"),         S(".venv"),        S(".direnv"),
    S(".pyenv"),  S("site-packages"), S("node_modules"), S("__pycache__"),  S("__pypackages__"),
    S(".eggs"),   S("buck-out"),      S(".mypy_cache"),  S(".ruff_cache"),  S(".pytest_cache"),
    S(".pytype"), S(".pants.d"),      S(".hypothesis"),  S(".git-rewrite"), S(".ipynb_checkpoints"),
    S("_build")};

/* Folders that builds write, unless they are packages (hold an __init__.py). */
static const Str build_folders[] = {S("build"), S("dist")};

/* Endings of files that hold code. To add one: a row, and what document/document.h makes of it. */
static const struct Ending {
    Str ending;
    bool docs; /* only with WalkOptions.docs */
} endings[] = {{{".py", 3}, false},      {{".pyi", 4}, false}, {{".pyw", 4}, false},
               {{".ipynb", 6}, false},   {{".md", 3}, true},   {{".mdx", 4}, true},
               {{".markdown", 9}, true}, {{".rst", 4}, true}};

typedef struct Entry {
    Str name;
    ino_t inode;
    bool folder;
} Entry;

/* What a folder holds, as far as it matters. */
typedef struct Listing {
    List(Entry) entries;
    IgnoreNames names;
    bool settings;    /* a file that may hold some */
    bool environment; /* pyvenv.cfg */
    bool package;     /* __init__.py */
} Listing;

/* A place of the table of inodes. */
typedef struct Inode {
    ino_t inode;
    ptrdiff_t file; /* index from 1; 0: free */
} Inode;

typedef struct Walk {
    Arena *arena;  /* what outlives the walk */
    Arena scratch; /* listings, given back folder by folder */
    Arena buffers;
    const WalkOptions *options;
    Diagnostics *diagnostics;
    List(WalkFile) files;
    ptrdiff_t ignored, excluded;
    Buf path;        /* absolute path of the folder in work, with a slash at its end */
    ptrdiff_t below; /* bytes of `path` that the argument stands for */
    Str shown;       /* what is shown for them: empty, or with a slash at its end */
    bool exact;      /* inodes come from stat(), because arguments may overlap */
    Inode *inodes;   /* open addressing */
    ptrdiff_t n_inodes, inode_places;
} Walk;

/* ---- names ---- */

bool walk_is_outside(Str name) {
    return str_among(name, outside, COUNT(outside)) || str_ends(name, S(".egg-info")) ||
           str_ends(name, S(".dist-info"));
}

static bool is_build_folder(Str name) {
    return str_among(name, build_folders, COUNT(build_folders));
}

static const struct Ending *ending_of(Str name) {
    for (ptrdiff_t i = 0; i < COUNT(endings); i++)
        if (str_ends(name, endings[i].ending))
            return &endings[i];
    return NULL;
}

/* "#!/usr/bin/env python3"; with `shells` also "#!/bin/bash" */
static bool first_line_names_python(Arena *scratch, int folder, Str name, bool shells) {
    ArenaMark mark = arena_mark(scratch);
    Str text, line, rest;
    bool names = false;
    if (small_file_read(scratch, folder, str_c(scratch, name), 128, &text)) {
        str_cut(text, '\n', &line, &rest);
        names = str_starts(line, S("#!")) &&
                (str_find(line, S("python")) >= 0 ||
                 (shells && (str_ends(line, S("/sh")) || str_find(line, S("bash")) >= 0)));
    }
    arena_reset(scratch, mark);
    return names;
}

/* The argument without "./" and doubled slashes; "." stays. */
static Str tidy(Arena *arena, Str argument) {
    Buf out = {.arena = arena};
    bool absolute = str_starts(argument, S("/"));
    if (absolute)
        buf_add_byte(&out, '/');
    while (argument.n) {
        Str part;
        str_cut(argument, '/', &part, &argument);
        if (!part.n || str_eq(part, S(".")))
            continue;
        if (out.n > absolute)
            buf_add_byte(&out, '/');
        buf_add(&out, part);
    }
    return out.n ? buf_str(&out) : S(".");
}

/* ---- inodes ---- */

static ptrdiff_t inode_place(const Inode *inodes, ptrdiff_t places, ino_t inode) {
    uint64_t hash = (uint64_t)inode * 0x9e3779b97f4a7c15U;
    ptrdiff_t at = (ptrdiff_t)(hash >> 32) & (places - 1);
    while (inodes[at].file && inodes[at].inode != inode)
        at = (at + 1) & (places - 1);
    return at;
}

static void inodes_grow(Walk *walk) {
    ptrdiff_t places = walk->inode_places ? walk->inode_places * 2 : 1024;
    Inode *inodes = new (&walk->buffers, Inode, places);
    for (ptrdiff_t i = 0; i < walk->inode_places; i++)
        if (walk->inodes[i].file)
            inodes[inode_place(inodes, places, walk->inodes[i].inode)] = walk->inodes[i];
    walk->inodes = inodes;
    walk->inode_places = places;
}

static bool same_file(Walk *walk, Str a, Str b) {
    struct stat one, two;
    return stat(str_c(&walk->buffers, a), &one) == 0 && stat(str_c(&walk->buffers, b), &two) == 0 &&
           one.st_dev == two.st_dev && one.st_ino == two.st_ino;
}

/* Adds a file unless it is there already, by this or another path. */
static void add_file(Walk *walk, WalkFile file, ino_t inode) {
    if (2 * (walk->n_inodes + 1) > walk->inode_places)
        inodes_grow(walk);
    Inode *place = &walk->inodes[inode_place(walk->inodes, walk->inode_places, inode)];
    if (place->file) {
        WalkFile *known = &walk->files.v[place->file - 1];
        if (same_file(walk, known->path, file.path)) {
            known->named |= file.named;
            return;
        }
    } else {
        walk->n_inodes++;
    }
    *list_push(walk->arena, &walk->files) = file;
    *place = (Inode){inode, walk->files.n};
}

/* ---- folders ---- */

static Str shown_path(Walk *walk, Arena *arena, Str name) {
    Str folder = str_slice(buf_str(&walk->path), walk->below, walk->path.n);
    Buf out = {.arena = arena};
    buf_add(&out, walk->shown);
    buf_add(&out, folder);
    buf_add(&out, name);
    return out.n ? buf_str(&out) : S(".");
}

static void cannot_read(Walk *walk, Str path, int reason) {
    diag_add(walk->diagnostics, SEVERITY_ERROR, path, 0, 0, "can't be read: %s", strerror(reason));
}

typedef enum EntryKind { ENTRY_FILE, ENTRY_FOLDER, ENTRY_OTHER } EntryKind;

static EntryKind entry_kind(int folder, const struct dirent *entry) {
#ifdef DT_UNKNOWN
    if (entry->d_type != DT_UNKNOWN)
        return entry->d_type == DT_REG   ? ENTRY_FILE
               : entry->d_type == DT_DIR ? ENTRY_FOLDER
                                         : ENTRY_OTHER;
#endif
    struct stat info;
    if (fstatat(folder, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0)
        return ENTRY_OTHER;
    return S_ISREG(info.st_mode) ? ENTRY_FILE : S_ISDIR(info.st_mode) ? ENTRY_FOLDER : ENTRY_OTHER;
}

/* Sorts as full paths do: a folder's name counts with its slash. */
static int compare_entries(const void *a, const void *b) {
    const Entry *one = a, *two = b;
    ptrdiff_t n = one->name.n < two->name.n ? one->name.n : two->name.n;
    int order = memcmp(one->name.p, two->name.p, (size_t)n);
    if (order)
        return order;
    int next_one = one->name.n > n ? (unsigned char)one->name.p[n] : one->folder ? '/' : -1;
    int next_two = two->name.n > n ? (unsigned char)two->name.p[n] : two->folder ? '/' : -1;
    return next_one - next_two;
}

static void list_name(Walk *walk, Listing *listing, DIR *stream, const struct dirent *entry) {
    Str name = str_from(entry->d_name);
    if (name.p[0] == '.') {
        if (name.n == 1 || str_eq(name, S("..")))
            return;
        listing->names.gitignore |= str_eq(name, S(".gitignore"));
        listing->names.ignore |= str_eq(name, S(".ignore"));
        listing->names.repository |= str_eq(name, S(".git"));
    }
    const struct Ending *ending = ending_of(name);
    bool code = ending && (!ending->docs || walk->options->docs || walk->options->settings);
    code |= !ending && walk->options->also && walk->options->also(name);
    bool bare = str_find_byte(name, '.') < 0;
    listing->settings |= is_settings_name(name);
    listing->environment |= str_eq(name, S("pyvenv.cfg"));
    listing->package |= str_eq(name, S("__init__.py"));
    EntryKind kind = entry_kind(dirfd(stream), entry);
    if (kind == ENTRY_FOLDER ? walk_is_outside(name) : kind != ENTRY_FILE || (!code && !bare))
        return;
    *list_push(&walk->scratch, &listing->entries) = (Entry){.name = str_copy(&walk->scratch, name),
                                                            .inode = entry->d_ino,
                                                            .folder = kind == ENTRY_FOLDER};
}

static Listing list_folder(Walk *walk, DIR *stream) {
    Listing listing = {0};
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(stream);
        if (!entry)
            break;
        list_name(walk, &listing, stream, entry);
    }
    if (errno)
        cannot_read(walk, shown_path(walk, walk->arena, S("")), errno);
    if (walk->options->no_ignore)
        listing.names = (IgnoreNames){0};
    if (listing.entries.n)
        qsort(listing.entries.v, (size_t)listing.entries.n, sizeof *listing.entries.v,
              compare_entries);
    return listing;
}

/* What of the folder in work is known to its entries. */
typedef struct Surroundings {
    const IgnoreLevel *level;   /* NULL: none */
    const UserSettings *config; /* NULL: settings are not asked for */
} Surroundings;

static void found_file(Walk *walk, int folder, const Entry *entry, bool ignored, bool excluded,
                       const UserSettings *config) {
    const struct Ending *ending = ending_of(entry->name);
    bool also = !ending && walk->options->also && walk->options->also(entry->name);
    if (ending ? ending->docs && !walk->options->docs && !(config && config->docs)
               : !also && !first_line_names_python(&walk->scratch, folder, entry->name,
                                                   walk->options->also != NULL))
        return;
    if (ignored || excluded) {
        walk->ignored += ignored;
        walk->excluded += !ignored;
        return;
    }
    struct stat info;
    ino_t inode = entry->inode;
    if (walk->exact && fstatat(folder, str_c(&walk->scratch, entry->name), &info, 0) == 0)
        inode = info.st_ino;
    WalkFile file = {.path = shown_path(walk, walk->arena, entry->name), .config = config};
    if (config && config->per_path.n) {
        ptrdiff_t n = walk->path.n;
        buf_add(&walk->path, entry->name);
        file.config_paths = config_paths(config, buf_str(&walk->path));
        walk->path.n = n;
    }
    add_file(walk, file, inode);
}

static void walk_folder(Walk *walk, int folder, bool named, Surroundings around);

/* Walks or takes one entry of the folder that `walk->path` names. */
static void walk_entry(Walk *walk, int folder, const Entry *entry, Surroundings around) {
    ptrdiff_t n = walk->path.n;
    buf_add(&walk->path, entry->name);
    bool ignored =
        around.level && ignore_excludes(around.level, buf_str(&walk->path), entry->folder);
    bool excluded =
        around.config && config_excludes(around.config, buf_str(&walk->path), entry->folder);
    walk->path.n = n;
    if (!entry->folder) {
        found_file(walk, folder, entry, ignored, excluded, around.config);
        return;
    }
    if (ignored || excluded)
        return;
    int inner = openat(folder, str_c(&walk->scratch, entry->name),
                       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (inner < 0) {
        cannot_read(walk, shown_path(walk, walk->arena, entry->name), errno);
        return;
    }
    buf_add(&walk->path, entry->name);
    buf_add_byte(&walk->path, '/');
    walk_folder(walk, inner, false, around);
    walk->path.n = n;
}

/* Takes over the open folder. */
static void walk_folder(Walk *walk, int folder, bool named, Surroundings around) {
    DIR *stream = fdopendir(folder);
    if (!stream) {
        cannot_read(walk, shown_path(walk, walk->arena, S("")), errno);
        close(folder);
        return;
    }
    ArenaMark mark = arena_mark(&walk->scratch);
    Listing listing = list_folder(walk, stream);
    Str path = str_slice(buf_str(&walk->path), 0, walk->path.n - 1);
    Str name = path_name(path);
    if (named || (!listing.environment && (listing.package || !is_build_folder(name)))) {
        around.level =
            ignore_enter(&walk->scratch, folder, listing.names, walk->path.n, around.level);
        if (listing.settings && walk->options->settings)
            around.config = settings_of(walk->options->settings, path);
        for (ptrdiff_t i = 0; i < listing.entries.n; i++)
            walk_entry(walk, folder, &listing.entries.v[i], around);
    }
    arena_reset(&walk->scratch, mark);
    closedir(stream);
}

/* ---- arguments ---- */

/* The absolute path of an argument's folder, links resolved; empty when there is none. */
static Str physical(Walk *walk, Str path) {
    char *resolved = realpath(str_c(&walk->buffers, path), NULL);
    Str copy = str_copy(&walk->buffers, str_from(resolved));
    free(resolved);
    return copy;
}

static bool path_exists(Walk *walk, Str folder, const char *name) {
    Str path = str_format(&walk->buffers, "%.*s/%s", STR_ARG(folder), name);
    return access(str_c(&walk->buffers, path), F_OK) == 0;
}

/* Whether a folder is on the fixed list, by name or by what it holds. */
static bool folder_is_outside(Walk *walk, Str folder) {
    Str name = path_name(folder);
    return walk_is_outside(name) || path_exists(walk, folder, "pyvenv.cfg") ||
           (is_build_folder(name) && !path_exists(walk, folder, "__init__.py"));
}

/* What is set for an argument in an absolute folder. */
static const UserSettings *config_of(const Walk *walk, Str folder) {
    return walk->options->settings ? settings_of(walk->options->settings, folder) : NULL;
}

/* Outside a repository: the working folder, from which a walk would have come down here, else the
 * folder alone. */
static Str top_of(Walk *walk, Str folder) {
    Str here = physical(walk, S("."));
    bool below = str_starts(folder, here) && (folder.n == here.n || folder.p[here.n] == '/');
    return below ? here : folder;
}

/* With force_exclude: whether the argument, or a folder above it up to the repository's root (where
 * there is none, as far as the argument is written out), is left out. */
static bool argument_is_out(Walk *walk, Str shown, bool is_folder) {
    ptrdiff_t slash = str_rfind_byte(shown, '/');
    Str name = str_slice(shown, slash + 1, shown.n);
    if (str_eq(shown, S(".")) || str_eq(name, S("..")))
        return false;
    Str above = slash < 0 ? S(".") : str_slice(shown, 0, slash ? slash : 1);
    Str folder = physical(walk, above);
    Str root = ignore_repository(&walk->buffers, folder);
    const UserSettings *config = config_of(walk, folder);
    const IgnoreLevel *level = NULL;
    if (!walk->options->no_ignore)
        level = ignore_levels(&walk->buffers, root.n ? root : top_of(walk, folder), folder, true);
    Str path = str_format(&walk->buffers, "%.*s%s%.*s", STR_ARG(folder),
                          str_ends(folder, S("/")) ? "" : "/", STR_ARG(name));
    ptrdiff_t from = root.n;
    if (!root.n)
        from = str_ends(path, shown) ? path.n - shown.n : path.n - name.n;
    for (ptrdiff_t at = from + 1; at <= path.n; at++) {
        bool part_is_folder = at < path.n || is_folder;
        if (at < path.n && path.p[at] != '/')
            continue;
        Str part = str_slice(path, 0, at);
        if ((part_is_folder && folder_is_outside(walk, part)) ||
            (level && ignore_excludes(level, part, part_is_folder)) ||
            (config && config_excludes(config, part, part_is_folder)))
            return true;
    }
    return false;
}

static void walk_argument_folder(Walk *walk, Str shown) {
    int fd = open(str_c(&walk->buffers, shown), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        cannot_read(walk, shown, errno);
        return;
    }
    Str folder = physical(walk, shown);
    Surroundings around = {.config = config_of(walk, folder)};
    if (!walk->options->no_ignore) {
        Str root = ignore_repository(&walk->buffers, folder);
        if (root.n)
            around.level = ignore_levels(&walk->buffers, root, folder, false);
    }
    walk->path.n = 0;
    buf_add(&walk->path, folder);
    if (!str_ends(folder, S("/")))
        buf_add_byte(&walk->path, '/');
    walk->below = walk->path.n;
    walk->shown = str_eq(shown, S(".")) ? S("") : shown;
    if (walk->shown.n && !str_ends(shown, S("/")))
        walk->shown = str_format(&walk->buffers, "%.*s/", STR_ARG(shown));
    walk_folder(walk, fd, true, around);
}

static void walk_argument_file(Walk *walk, Str shown, ino_t inode) {
    WalkFile file = {.path = shown, .named = true};
    if (walk->options->settings) {
        ptrdiff_t slash = str_rfind_byte(shown, '/');
        Str folder = physical(walk, slash < 0 ? S(".") : str_slice(shown, 0, slash ? slash : 1));
        file.config = config_of(walk, folder);
        if (file.config->per_path.n)
            file.config_paths = config_paths(
                file.config, str_format(&walk->buffers, "%.*s/%.*s", STR_ARG(folder),
                                        STR_ARG(str_slice(shown, slash + 1, shown.n))));
    }
    add_file(walk, file, inode);
}

static void walk_argument(Walk *walk, Str argument) {
    Str shown = tidy(walk->arena, argument);
    struct stat info;
    if (stat(str_c(&walk->buffers, argument.n ? shown : S("")), &info) != 0) {
        diag_add(walk->diagnostics, SEVERITY_ERROR, shown, 0, 0, "can't be opened: %s",
                 strerror(errno));
        return;
    }
    bool is_folder = S_ISDIR(info.st_mode);
    if (!is_folder && !S_ISREG(info.st_mode)) {
        diag_add(walk->diagnostics, SEVERITY_ERROR, shown, 0, 0, "is neither a file nor a folder");
        return;
    }
    if (walk->options->force_exclude && argument_is_out(walk, shown, is_folder)) {
        walk->ignored += !is_folder;
        return;
    }
    if (is_folder)
        walk_argument_folder(walk, shown);
    else
        walk_argument_file(walk, shown, info.st_ino);
}

WalkResult walk(Arena *arena, const Str *arguments, ptrdiff_t n, const WalkOptions *options,
                Diagnostics *diagnostics) {
    Walk work = {.arena = arena, .options = options, .diagnostics = diagnostics, .exact = n > 1};
    work.path.arena = &work.buffers;
    for (ptrdiff_t i = 0; i < n; i++)
        walk_argument(&work, arguments[i]);
    arena_close(&work.scratch);
    arena_close(&work.buffers);
    return (WalkResult){.files = work.files.v,
                        .n = work.files.n,
                        .ignored = work.ignored,
                        .excluded = work.excluded};
}
