/* Python looks for a module in the folder of the script and in what PYTHONPATH or an editable
 * installation adds before it looks among the installed ones. Which of these a program is started
 * with is not written in its files, so any folder from the file's own up to the repository's root
 * counts, with src/ below it, and so does a copy of the library's repository that lies in one
 * (transformers/src/transformers). A name too many costs an edit; one too few changes code that
 * means something else.
 *
 * A folder that is a package itself does not count: what lies in it is imported as part of it. Nor
 * does a folder without __init__.py: an installed package goes before it. */
#define _XOPEN_SOURCE 700 /* access */

#include "project/own_modules.h"

#include <pthread.h>
#include <unistd.h>

#include "base/path.h"
#include "project/folders.h"
#include "project/ignore_files.h"

enum { BUCKETS = 1024, MOST_FOLDERS = 32 };

typedef enum Reach { REACH_HERE, REACH_ABOVE } Reach; /* a folder alone; and those above it */

typedef struct Answered {
    Str folder, name;
    Reach reach;
    bool own;
    struct Answered *next;
} Answered;

struct OwnModules {
    pthread_mutex_t lock;
    Arena arena;
    Str working;
    Answered *bucket[BUCKETS];
};

OwnModules *own_modules_open(Arena *arena) {
    OwnModules *modules = new (arena, OwnModules, 1);
    pthread_mutex_init(&modules->lock, NULL);
    modules->working = folder_working(&modules->arena);
    return modules;
}

void own_modules_close(OwnModules *modules) {
    pthread_mutex_destroy(&modules->lock);
    arena_close(&modules->arena);
}

static bool is_there(Arena *arena, Str folder, const char *format, Str name) {
    ArenaMark mark = arena_mark(arena);
    Buf path = {.arena = arena};
    buf_add(&path, folder);
    for (; *format; format++)
        if (*format == '@')
            buf_add(&path, name);
        else
            buf_add_byte(&path, *format);
    bool found = access(str_c(arena, buf_str(&path)), F_OK) == 0;
    arena_reset(arena, mark);
    return found;
}

static bool has_module(Arena *arena, Str folder, Str name) {
    static const char *const packages[] = {"/@/__init__.py", "/src/@/__init__.py",
                                           "/@/src/@/__init__.py", "/@/@/__init__.py"};
    if (is_there(arena, folder, "/__init__.py", name))
        return false;
    if (is_there(arena, folder, "/@.py", name))
        return true;
    for (ptrdiff_t i = 0; i < COUNT(packages); i++)
        if (is_there(arena, folder, packages[i], name))
            return true;
    return false;
}

static Answered **bucket_of(OwnModules *modules, Str folder, Str name) {
    return &modules->bucket[(str_hash(folder) ^ str_hash(name)) % BUCKETS];
}

/* NULL: it was not asked yet. */
static const Answered *answered(OwnModules *modules, Str folder, Str name, Reach reach) {
    const Answered *known = *bucket_of(modules, folder, name);
    while (known &&
           !(known->reach == reach && str_eq(known->name, name) && str_eq(known->folder, folder)))
        known = known->next;
    return known;
}

static bool remember(OwnModules *modules, Str folder, Str name, Reach reach, bool own) {
    Answered **bucket = bucket_of(modules, folder, name);
    Answered *answer = new (&modules->arena, Answered, 1);
    *answer = (Answered){.folder = str_copy(&modules->arena, folder),
                         .name = str_copy(&modules->arena, name),
                         .reach = reach,
                         .own = own,
                         .next = *bucket};
    *bucket = answer;
    return own;
}

static bool ask_folder(OwnModules *modules, Str folder, Str name) {
    const Answered *known = answered(modules, folder, name, REACH_HERE);
    return known ? known->own
                 : remember(modules, folder, name, REACH_HERE,
                            has_module(&modules->arena, folder, name));
}

static bool ask_above(OwnModules *modules, Str folder, Str name) {
    Str top = ignore_repository(&modules->arena, folder);
    if (!top.n)
        top = str_starts(folder, modules->working) ? modules->working : folder;
    bool own = false;
    for (int i = 0; i < MOST_FOLDERS && folder.n >= top.n && folder.n && !own; i++) {
        own = ask_folder(modules, folder, name);
        folder = str_slice(folder, 0, str_rfind_byte(folder, '/'));
    }
    return own;
}

/* "datasets" for DIR/datasets.py: a script of that name means the library by it. */
static bool is_named(Str path, Str name) {
    Str file = path_name(path);
    return str_starts(file, name) && str_eq(str_slice(file, name.n, file.n), S(".py"));
}

bool own_module(const Project *project, Str path, Str name) {
    OwnModules *modules = project->own_modules;
    if (!modules || is_named(path, name))
        return false;
    pthread_mutex_lock(&modules->lock);
    ArenaMark mark = arena_mark(&modules->arena);
    Str folder = folder_of_file(&modules->arena, modules->working, path);
    const Answered *known = answered(modules, folder, name, REACH_ABOVE);
    bool own = known ? known->own : ask_above(modules, folder, name);
    if (known)
        arena_reset(&modules->arena, mark);
    else
        remember(modules, folder, name, REACH_ABOVE, own);
    pthread_mutex_unlock(&modules->lock);
    return own;
}
