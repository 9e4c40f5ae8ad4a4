/* The transforms of a run, sorted by name, with those that the user wants marked.
 *
 * Built-in transforms come as text with what the build has read from them, and are parsed when a
 * file first needs them: most runs need few. They are parsed into an arena of the registry's own,
 * because any thread may be the first to ask. Patches of the user's are parsed at once: their
 * errors are told before anything else. */
#include "transform/registry.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"

struct Registry {
    Arena *arena; /* of names and entries */
    Arena parsed; /* of transforms; under `lock` once the registry is open */
    Entry *entries;
    ptrdiff_t n;
    _Atomic(Transform *) *transforms; /* by entry; NULL: not parsed yet */
    pthread_mutex_t lock;
};

/* ---- parsing ---- */

/* NULL when it has errors, which only a patch of the user's can have. */
static Transform *parse(Registry *registry, ptrdiff_t index, Diagnostics *diagnostics) {
    const Entry *entry = &registry->entries[index];
    Parser *parser = entry->tape.trees ? parser_replay(&entry->tape) : parser_open();
    Transform *transform = parser ? patch_parse(&registry->parsed, parser, entry->name, entry->path,
                                                entry->text, diagnostics)
                                  : NULL;
    parser_close(parser);
    return transform;
}

const Transform *registry_transform(Registry *registry, ptrdiff_t index) {
    Transform *transform = atomic_load_explicit(&registry->transforms[index], memory_order_acquire);
    if (transform)
        return transform;
    pthread_mutex_lock(&registry->lock);
    transform = atomic_load_explicit(&registry->transforms[index], memory_order_relaxed);
    if (!transform) {
        Diagnostics diagnostics = {.arena = &registry->parsed};
        transform = parse(registry, index, &diagnostics);
        atomic_store_explicit(&registry->transforms[index], transform, memory_order_release);
    }
    pthread_mutex_unlock(&registry->lock);
    assert(transform && "the build has parsed every transform that is built in");
    return transform;
}

/* ---- patches ---- */

static bool read_file(Arena *arena, Str path, Str *bytes, Diagnostics *diagnostics) {
    FILE *file = fopen(str_c(arena, path), "rb");
    Buf buf = {.arena = arena};
    char chunk[8192];
    bool good = file != NULL;
    for (size_t n = 1; good && n > 0;) {
        n = fread(chunk, 1, sizeof chunk, file);
        buf_add(&buf, (Str){chunk, (ptrdiff_t)n});
        good = !ferror(file);
    }
    if (!good)
        diag_add(diagnostics, SEVERITY_ERROR, path, 0, 0, "the patch can't be read: %s",
                 strerror(errno));
    if (file)
        fclose(file);
    *bytes = buf_str(&buf);
    return good;
}

/* "load/bf16" of ".../transforms/load/bf16.patch", else the file's own name without its ending. */
static Str name_of_path(Str path) {
    Str name = str_ends(path, S(".patch")) ? str_slice(path, 0, path.n - 6) : path;
    static const Str folder = {"transforms/", 11};
    for (ptrdiff_t i = name.n - folder.n; i >= 0; i--) {
        if ((i == 0 || name.p[i - 1] == '/') && str_starts(str_slice(name, i, name.n), folder))
            return str_slice(name, i + folder.n, name.n);
    }
    return path_name(name);
}

static const char *const *words_of(Arena *arena, const struct WordList *lists, ptrdiff_t n_lists) {
    ptrdiff_t n = 1;
    for (ptrdiff_t i = 0; i < n_lists; i++)
        n += lists[i].n + 1;
    const char **words = new (arena, const char *, n);
    n = 0;
    for (ptrdiff_t i = 0; i < n_lists; i++) {
        for (ptrdiff_t k = 0; k < lists[i].n; k++)
            words[n++] = str_c(arena, lists[i].v[k]);
        words[n++] = NULL;
    }
    return words;
}

/* Fills the entry of a patch from its transform; false after errors. */
static bool open_patch(Registry *registry, ptrdiff_t index, Diagnostics *diagnostics) {
    Entry *entry = &registry->entries[index];
    Transform *transform = parse(registry, index, diagnostics);
    if (!transform)
        return false;
    atomic_init(&registry->transforms[index], transform);
    entry->title = transform->title;
    entry->link = transform->link;
    entry->since = transform->since;
    entry->preview = transform->preview;
    entry->removed = transform->removed;
    entry->tier = transform->tier;
    entry->words = words_of(registry->arena, transform->words, transform->n_words);
    entry->shell_words =
        words_of(registry->arena, transform->shell_words, transform->n_shell_words);
    entry->has_python = transform->has_python;
    entry->has_shell = transform->has_shell;
    entry->has_keys = transform->has_keys;
    entry->probes = probes_of(registry->arena, transform, &entry->n_probes);
    return true;
}

static const Transform *find_transform(void *context, Str name) {
    Registry *registry = context;
    ptrdiff_t index = registry_find(registry, name);
    return index < 0 ? NULL : registry_transform(registry, index);
}

/* ---- entries ---- */

static int by_name(const void *a, const void *b) {
    return str_compare(((const Entry *)a)->name, ((const Entry *)b)->name);
}

static Entry entry_of(Arena *arena, const Builtin *builtin) {
    Str name = str_from(builtin->name);
    return (Entry){
        .name = name,
        .title = str_from(builtin->title),
        .link = str_from(builtin->link),
        .since = str_from(builtin->since),
        .preview = str_from(builtin->preview),
        .removed = str_from(builtin->removed),
        .tier = builtin->tier,
        .text = {builtin->text, builtin->n},
        .words = builtin->words,
        .shell_words = builtin->shell_words,
        .has_python = builtin->has_python,
        .has_shell = builtin->has_shell,
        .has_keys = builtin->has_keys,
        .probes = builtin->probes,
        .n_probes = builtin->n_probes,
        .tape = builtin->tape,
        .path = str_format(arena, "transforms/%.*s.patch", STR_ARG(name)),
    };
}

/* The entry of the name, a new one if there is none. */
static Entry *entry_slot(Registry *registry, Str name) {
    for (ptrdiff_t i = 0; i < registry->n; i++) {
        if (str_eq(registry->entries[i].name, name))
            return &registry->entries[i];
    }
    return &registry->entries[registry->n++];
}

/* ---- selection ---- */

/* Whether the word is the name, or a folder that the name lies in. */
static bool name_within(Str name, Str word) {
    if (str_ends(word, S("/")))
        word.n--;
    return str_eq(name, word) ||
           (str_starts(name, word) && name.n > word.n && name.p[word.n] == '/');
}

bool registry_knows(const Registry *registry, Str word, Str *nearest) {
    List(Str) names = {0};
    for (ptrdiff_t i = 0; i < registry->n; i++) {
        Str name = registry->entries[i].name;
        if (name_within(name, word))
            return true;
        *list_push(registry->arena, &names) = name;
        for (ptrdiff_t k = 0; k < name.n; k++) {
            if (name.p[k] == '/')
                *list_push(registry->arena, &names) = str_slice(name, 0, k);
        }
    }
    *nearest = str_nearest(word, names.v, names.n);
    return false;
}

static void unknown_name(Str word, Str near, Diagnostics *diagnostics) {
    if (near.n)
        diag_add(diagnostics, SEVERITY_ERROR, (Str){0}, 0, 0,
                 "there is no transform or area '%.*s' (did you mean '%.*s'?)", STR_ARG(word),
                 STR_ARG(near));
    else
        diag_add(diagnostics, SEVERITY_ERROR, (Str){0}, 0, 0,
                 "there is no transform or area '%.*s': --list shows what there is", STR_ARG(word));
}

/* A transform under trial waits for --preview, unless it is named itself or given as a patch. */
static void select_entry(Entry *entry, bool held) {
    entry->held_back = held && !entry->selected;
    entry->selected |= !held;
}

typedef enum Mark { MARK_SELECT, MARK_IGNORE, MARK_APPLY, MARK_ADVICE } Mark;

/* Marks what the words name; an unknown word is an error. */
static bool mark_named(Registry *registry, const Str *words, ptrdiff_t n, Mark mark, bool preview,
                       Diagnostics *diagnostics) {
    bool good = true;
    for (ptrdiff_t i = 0; i < n; i++) {
        Str nearest;
        bool known = registry_knows(registry, words[i], &nearest);
        for (ptrdiff_t k = 0; known && k < registry->n; k++) {
            Entry *entry = &registry->entries[k];
            if (!name_within(entry->name, words[i]))
                continue;
            bool held = entry->preview.n && !preview && !str_eq(entry->name, words[i]);
            if (mark == MARK_SELECT || mark == MARK_APPLY)
                select_entry(entry, held);
            if (mark == MARK_IGNORE)
                entry->selected = entry->held_back = false;
            entry->applied_advice |= mark == MARK_APPLY || mark == MARK_ADVICE;
        }
        if (!known)
            unknown_name(words[i], nearest, diagnostics);
        good &= known;
    }
    return good;
}

bool registry_select(Registry *registry, const Selection *selection, Diagnostics *diagnostics) {
    bool tried = false;
    for (ptrdiff_t i = 0; i < registry->n; i++)
        tried |= registry->entries[i].tried;
    for (ptrdiff_t i = 0; i < registry->n; i++) {
        Entry *entry = &registry->entries[i];
        entry->selected = entry->tried;
        entry->held_back = false;
        if ((entry->own && selection->and_own) || (!selection->n_select && !tried))
            select_entry(entry, entry->preview.n && !selection->preview);
        entry->applied_advice = false;
    }
    bool good = mark_named(registry, selection->select, selection->n_select, MARK_SELECT,
                           selection->preview, diagnostics);
    good &= mark_named(registry, selection->apply, selection->n_apply, MARK_APPLY,
                       selection->preview, diagnostics);
    good &= mark_named(registry, selection->advice, selection->n_advice, MARK_ADVICE,
                       selection->preview, diagnostics);
    good &= mark_named(registry, selection->ignore, selection->n_ignore, MARK_IGNORE,
                       selection->preview, diagnostics);
    return good;
}

/* ---- the registry ---- */

/* Adds the entry of a patch file, which is not parsed yet. */
static bool add_patch(Registry *registry, Str path, bool tried, Diagnostics *diagnostics) {
    Str text = {0}, name = name_of_path(path);
    if (!read_file(registry->arena, path, &text, diagnostics))
        return false;
    Entry *entry = entry_slot(registry, name);
    if (entry->own && !tried && !str_eq(entry->path, path)) {
        diag_add(diagnostics, SEVERITY_ERROR, path, 0, 0,
                 "there is another transform of the name '%.*s': %.*s", STR_ARG(name),
                 STR_ARG(entry->path));
        return false;
    }
    *entry = (Entry){.name = name, .path = path, .text = text, .own = true, .tried = tried};
    return true;
}

Registry *registry_open(Arena *arena, const Selection *selection, const Str *patch_paths,
                        ptrdiff_t n_patches, Diagnostics *diagnostics) {
    Registry *registry = new (arena, Registry, 1);
    registry->arena = arena;
    pthread_mutex_init(&registry->lock, NULL);
    registry->entries = new (arena, Entry, builtin_count + n_patches + selection->n_transforms);
    for (ptrdiff_t i = 0; i < builtin_count; i++)
        registry->entries[registry->n++] = entry_of(arena, &builtin_transforms[i]);
    bool good = true;
    for (ptrdiff_t i = 0; i < selection->n_transforms; i++)
        good &= add_patch(registry, selection->transforms[i], false, diagnostics);
    for (ptrdiff_t i = 0; i < n_patches; i++)
        good &= add_patch(registry, patch_paths[i], true, diagnostics);
    qsort(registry->entries, (size_t)registry->n, sizeof *registry->entries, by_name);
    registry->transforms = new (arena, _Atomic(Transform *), registry->n);
    for (ptrdiff_t i = 0; good && i < registry->n; i++)
        if (registry->entries[i].own)
            good = open_patch(registry, i, diagnostics);
    for (ptrdiff_t i = 0; good && i < registry->n; i++) {
        if (registry->entries[i].own)
            good =
                patch_check_fires(registry->transforms[i], find_transform, registry, diagnostics);
    }
    good = good && registry_select(registry, selection, diagnostics);
    if (good)
        return registry;
    registry_close(registry);
    return NULL;
}

void registry_close(Registry *registry) {
    if (!registry)
        return;
    for (ptrdiff_t i = 0; registry->transforms && i < registry->n; i++)
        patch_close(registry->transforms[i]);
    arena_close(&registry->parsed);
    pthread_mutex_destroy(&registry->lock);
}

bool registry_has_shell(const Registry *registry) {
    for (ptrdiff_t i = 0; i < registry->n; i++)
        if (registry->entries[i].selected && registry->entries[i].has_shell)
            return true;
    return false;
}

bool registry_has_keys(const Registry *registry) {
    for (ptrdiff_t i = 0; i < registry->n; i++)
        if (registry->entries[i].selected && registry->entries[i].has_keys)
            return true;
    return false;
}

const Entry *registry_entries(const Registry *registry, ptrdiff_t *n) {
    *n = registry->n;
    return registry->entries;
}

ptrdiff_t registry_find(const Registry *registry, Str name) {
    ptrdiff_t low = 0, high = registry->n;
    while (low < high) {
        ptrdiff_t middle = low + (high - low) / 2;
        int order = str_compare(registry->entries[middle].name, name);
        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return -1;
}
