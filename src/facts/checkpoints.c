/* An id is looked up only when a rule asks about it, and nothing outside of the folders that it can
 * mean is touched. A folder of the project comes first, as in transformers, so that a project gives
 * the same diff on each machine that has it; the hub's cache is a matter of the machine, and a
 * setting (hub-cache) takes it out. */
#include "facts/checkpoints.h"

#include <pthread.h>

#include "base/path.h"
#include "cache/hub.h"
#include "project/folders.h"
#include "project/ignore_files.h"

/* What an id stands for in the files of a folder. */
typedef struct Known {
    Str folder, id;
    bool hub_cache;
    const Checkpoint *checkpoint; /* NULL: none */
} Known;

struct Checkpoints {
    pthread_mutex_t lock;
    Arena arena;
    Str working;
    List(Known) known;
    List(Checkpoint *) list;
};

enum { LONGEST_ID = 512 };

Checkpoints *checkpoints_open(Arena *arena) {
    Checkpoints *checkpoints = new (arena, Checkpoints, 1);
    pthread_mutex_init(&checkpoints->lock, NULL);
    checkpoints->working = folder_working(&checkpoints->arena);
    return checkpoints;
}

void checkpoints_close(Checkpoints *checkpoints) {
    pthread_mutex_destroy(&checkpoints->lock);
    arena_close(&checkpoints->arena);
}

static const Checkpoint *read_folder(Checkpoints *checkpoints, Str folder, Str commit) {
    for (ptrdiff_t i = 0; i < checkpoints->list.n; i++)
        if (str_eq(checkpoints->list.v[i]->files.folder, folder))
            return checkpoints->list.v[i];
    Checkpoint found = {0};
    if (!checkpoint_summarize(&checkpoints->arena, folder, &found.files))
        return NULL;
    Checkpoint *checkpoint = new (&checkpoints->arena, Checkpoint, 1);
    *checkpoint = found;
    checkpoint->commit = str_copy(&checkpoints->arena, commit);
    *list_push(&checkpoints->arena, &checkpoints->list) = checkpoint;
    return checkpoint;
}

static const Checkpoint *find_folder(Checkpoints *checkpoints, Str folder, Str id) {
    Arena *arena = &checkpoints->arena;
    if (str_starts(id, S("/")))
        return read_folder(checkpoints, id, S(""));
    Str places[] = {folder, checkpoints->working, ignore_repository(arena, folder)};
    for (ptrdiff_t i = 0; i < COUNT(places); i++) {
        Str path = str_format(arena, "%.*s/%.*s", STR_ARG(places[i]), STR_ARG(id));
        const Checkpoint *found = places[i].n ? read_folder(checkpoints, path, S("")) : NULL;
        if (found)
            return found;
    }
    return NULL;
}

static const Checkpoint *find_cached(Checkpoints *checkpoints, Str id) {
    Str folder;
    if (!hub_find(&checkpoints->arena, id, S("main"), (Str){0}, &folder) || str_eq(folder, id))
        return NULL;
    Str commit = path_name(folder);
    return read_folder(checkpoints, folder, commit);
}

const Checkpoint *checkpoint_of(const FactContext *context, Str id) {
    Checkpoints *checkpoints = context->project->checkpoints;
    if (!checkpoints || !id.n || id.n > LONGEST_ID)
        return NULL;
    bool hub_cache = context->project->hub_cache;
    pthread_mutex_lock(&checkpoints->lock);
    Arena *arena = &checkpoints->arena;
    Str folder = folder_of_file(arena, checkpoints->working, context->module->source->path);
    Known known = {.folder = folder, .id = id, .hub_cache = hub_cache};
    ptrdiff_t i = 0;
    for (; i < checkpoints->known.n; i++) {
        const Known *other = &checkpoints->known.v[i];
        if (str_eq(other->id, id) && str_eq(other->folder, folder) && other->hub_cache == hub_cache)
            break;
    }
    if (i < checkpoints->known.n) {
        known = checkpoints->known.v[i];
    } else {
        known.folder = str_copy(arena, folder);
        known.id = str_copy(arena, id);
        known.checkpoint = find_folder(checkpoints, known.folder, known.id);
        if (!known.checkpoint && hub_cache)
            known.checkpoint = find_cached(checkpoints, known.id);
        *list_push(arena, &checkpoints->known) = known;
    }
    pthread_mutex_unlock(&checkpoints->lock);
    return known.checkpoint;
}
