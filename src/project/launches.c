/* A root's tree is listed once, up to the limits of tree.h.
 *
 * A command's script is looked for where the command would find it: below the folder that `cd` has
 * gone to, the folder of the file, the root. Where none of these has it (the path begins with a
 * variable or the path of a container), the longest end of the path that names a Python file of the
 * tree counts, if it names only one. */
#include "project/launches.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "project/folders.h"
#include "project/launch_read.h"
#include "project/small_file.h"
#include "project/tree.h"

enum { MOST_BYTES = 256 * 1024 };

typedef struct LaunchedFile {
    Str path; /* below the root */
    Launch launch;
} LaunchedFile;

typedef struct Root {
    Str folder;                    /* absolute, without a slash at its end unless it is "/" */
    List(LaunchedFile) launched;   /* by path; of several launches the first */
    List(LaunchedFile) configured; /* folders, with a slash at their end, or empty: the root */
} Root;

struct Launches {
    pthread_mutex_t lock;
    Arena arena;
    Str working;
    List(Root) roots;
};

typedef struct Found {
    Str folder, name; /* the folder with a slash at its end, or empty */
    LaunchFile kind;
} Found;

/* A root's tree while it is read. */
typedef struct Reading {
    Arena *arena;  /* what stays */
    Arena scratch; /* the rest */
    Root *root;
    int descriptor;    /* of the root */
    List(Str) scripts; /* .py files; by path once all are known */
    List(Found) files;
} Reading;

/* ---- tree ---- */

static void found_file(void *context, Str folder, Str name) {
    Reading *reading = context;
    Arena *scratch = &reading->scratch;
    if (str_ends(name, S(".py"))) {
        *list_push(scratch, &reading->scripts) =
            str_format(scratch, "%.*s%.*s", STR_ARG(folder), STR_ARG(name));
        return;
    }
    LaunchFile kind = launch_file(str_slice(folder, 0, folder.n - 1), name);
    if (kind != LAUNCH_NONE)
        *list_push(scratch, &reading->files) = (Found){folder, str_copy(scratch, name), kind};
}

static int compare_found(const void *a, const void *b) {
    const Found *one = a, *two = b;
    int order = str_compare(one->folder, two->folder);
    return order ? order : str_compare(one->name, two->name);
}

/* ---- scripts ---- */

/* Without "." and ".." parts; false when it leads out of the root. */
static bool join(Arena *arena, Str folder, Str path, Str *joined) {
    Buf out = {.arena = arena};
    Str parts[] = {folder, path};
    for (int i = 0; i < 2; i++)
        for (Str part, rest = parts[i]; rest.n;) {
            str_cut(rest, '/', &part, &rest);
            if (!part.n || str_eq(part, S(".")))
                continue;
            if (str_eq(part, S(".."))) {
                if (!out.n)
                    return false;
                ptrdiff_t slash = str_rfind_byte(buf_str(&out), '/');
                out.n = slash < 0 ? 0 : slash;
                continue;
            }
            if (out.n)
                buf_add_byte(&out, '/');
            buf_add(&out, part);
        }
    *joined = buf_str(&out);
    return true;
}

static bool is_known(const Reading *reading, Str path) {
    return reading->scripts.n &&
           bsearch(&path, reading->scripts.v, (size_t)reading->scripts.n, sizeof path, str_order);
}

static bool is_below(Reading *reading, Str folder, Str path, Str *script) {
    return join(&reading->scratch, folder, path, script) && is_known(reading, *script);
}

/* The one script whose path ends so. */
static bool by_ending(const Reading *reading, Str path, Str *script) {
    for (;;) {
        ptrdiff_t n = 0;
        for (ptrdiff_t i = 0; i < reading->scripts.n; i++) {
            Str known = reading->scripts.v[i];
            ptrdiff_t before = known.n - path.n;
            if (str_ends(known, path) && (!before || known.p[before - 1] == '/')) {
                *script = known;
                n++;
            }
        }
        ptrdiff_t slash = str_find_byte(path, '/');
        if (n || slash < 0)
            return n == 1;
        path = str_slice(path, slash + 1, path.n);
    }
}

static bool find_script(Reading *reading, Str of, const LaunchedScript *launched, Str *script) {
    Arena *scratch = &reading->scratch;
    Str path = launched->path, base;
    if (path.p[0] != '/' && path.p[0] != '$') {
        if (launched->folder.n && ((join(scratch, of, launched->folder, &base) &&
                                    is_below(reading, base, path, script)) ||
                                   is_below(reading, launched->folder, path, script)))
            return true;
        if (is_below(reading, of, path, script) || is_below(reading, S(""), path, script))
            return true;
    }
    while (str_starts(path, S("../")) || str_starts(path, S("./")))
        path = str_slice(path, str_find_byte(path, '/') + 1, path.n);
    return by_ending(reading, path, script);
}

static LaunchedFile *launched_file(const Root *root, Str path) {
    for (ptrdiff_t i = 0; i < root->launched.n; i++)
        if (str_eq(root->launched.v[i].path, path))
            return &root->launched.v[i];
    return NULL;
}

static void read_file(Reading *reading, const Found *found) {
    Arena *scratch = &reading->scratch;
    Str text, path = str_format(scratch, "%.*s%.*s", STR_ARG(found->folder), STR_ARG(found->name));
    if (!small_file_read(scratch, reading->descriptor, str_c(scratch, path), MOST_BYTES, &text))
        return;
    if (launch_configuration(found->kind, text))
        *list_push(reading->arena, &reading->root->configured) = (LaunchedFile){
            str_copy(reading->arena, found->folder), {str_copy(reading->arena, path), false}};
    LaunchedScripts scripts = {0};
    launches_read(scratch, found->kind, text, &scripts);
    for (ptrdiff_t i = 0; i < scripts.n; i++) {
        Str script;
        if (!find_script(reading, found->folder, &scripts.v[i], &script) ||
            launched_file(reading->root, script))
            continue;
        Str by = str_format(reading->arena, "%.*s:%u", STR_ARG(path), scripts.v[i].line);
        *list_push(reading->arena, &reading->root->launched) =
            (LaunchedFile){str_copy(reading->arena, script), {by, true}};
    }
}

static void read_root(Arena *arena, Root *root, bool guessed) {
    Reading reading = {.arena = arena, .root = root};
    reading.descriptor =
        open(str_c(&reading.scratch, root->folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (reading.descriptor >= 0) {
        tree_visit(&reading.scratch, reading.descriptor, guessed, found_file, &reading);
        if (reading.scripts.n)
            qsort(reading.scripts.v, (size_t)reading.scripts.n, sizeof(Str), str_order);
        if (reading.files.n)
            qsort(reading.files.v, (size_t)reading.files.n, sizeof(Found), compare_found);
        for (ptrdiff_t i = 0; i < reading.files.n; i++)
            read_file(&reading, &reading.files.v[i]);
        close(reading.descriptor);
    }
    arena_close(&reading.scratch);
}

/* ---- roots ---- */

static const Root *find_root(Launches *launches, Str folder, bool guessed) {
    for (ptrdiff_t i = 0; i < launches->roots.n; i++)
        if (str_eq(launches->roots.v[i].folder, folder))
            return &launches->roots.v[i];
    Root root = {.folder = str_copy(&launches->arena, folder)};
    read_root(&launches->arena, &root, guessed);
    *list_push(&launches->arena, &launches->roots) = root;
    return &launches->roots.v[launches->roots.n - 1];
}

static const Launch *look_up(const Root *root, Str path) {
    const LaunchedFile *file = launched_file(root, path);
    if (file)
        return &file->launch;
    for (ptrdiff_t i = 0; i < root->configured.n; i++)
        if (str_starts(path, root->configured.v[i].path))
            return &root->configured.v[i].launch;
    return NULL;
}

/* ---- public ---- */

Launches *launches_open(Arena *arena) {
    Launches *launches = new (arena, Launches, 1);
    pthread_mutex_init(&launches->lock, NULL);
    launches->working = folder_working(&launches->arena);
    return launches;
}

void launches_close(Launches *launches) {
    pthread_mutex_destroy(&launches->lock);
    arena_close(&launches->arena);
}

const Launch *launch_of(const Project *project, Str path) {
    Launches *launches = project->launches;
    if (!launches)
        return NULL;
    pthread_mutex_lock(&launches->lock);
    Str folder = folder_of_file(&launches->arena, launches->working, path);
    bool guessed;
    Str top = tree_root(&launches->arena, launches->working, project, folder, &guessed);
    const Root *root = find_root(launches, top, guessed);
    Str name = path_name(path);
    Str below = str_slice(folder, root->folder.n, folder.n), inside;
    const Launch *launch = NULL;
    if (join(&launches->arena, below, name, &inside)) {
        const Launch *found = look_up(root, inside);
        if (found) {
            Launch *copy = new (&launches->arena, Launch, 1);
            *copy = *found; /* lists move when they grow */
            launch = copy;
        }
    }
    pthread_mutex_unlock(&launches->lock);
    return launch;
}
