/* Settings by folder, found upwards as project.c finds versions: a folder that says nothing shares
 * the answer of the folder above, and the way up ends at the same places.
 *
 * A folder is asked for two files by name. A pyproject.toml without the word "hffix" is not parsed.
 * All threads share one table under one lock; the run has read what it meets before they start. */
#include "project/settings_files.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "project/folders.h"
#include "project/ignore_files.h"
#include "project/small_file.h"

/* A place of the table of folders. */
typedef struct Place {
    Str folder;                /* empty: free */
    const UserSettings *said;  /* by the files of the folder and those above */
    const UserSettings *holds; /* with the command line over it */
} Place;

struct SettingsFiles {
    pthread_mutex_t lock;
    Arena arena; /* its own: threads use the arena that it was opened with */
    Diagnostics diagnostics;
    Parser *parser; /* NULL until a file is parsed */
    Str working;
    bool working_in_repository;
    const UserSettings *command_line;
    Place base;
    Place *places; /* open addressing */
    ptrdiff_t n, capacity;
};

bool is_settings_name(Str name) {
    return str_eq(name, S("hffix.toml")) || str_eq(name, S("pyproject.toml"));
}

static bool exists(SettingsFiles *files, Str folder, const char *name) {
    Str path = str_format(&files->arena, "%.*s/%s", STR_ARG(folder), name);
    return access(str_c(&files->arena, path), F_OK) == 0;
}

/* A file that stands in the folder and may hold settings; NULL: none. */
static const SettingsFile *find_file(SettingsFiles *files, Str folder, bool *pyproject) {
    static const char *const names[] = {"hffix.toml", "pyproject.toml"};
    Arena *arena = &files->arena;
    const char *slash = str_ends(folder, S("/")) ? "" : "/";
    for (int i = 0; i < COUNT(names); i++) {
        ArenaMark mark = arena_mark(arena);
        Str path = str_format(arena, "%.*s%s%s", STR_ARG(folder), slash, names[i]), text;
        bool read = small_file_read(arena, AT_FDCWD, str_c(arena, path), -1, &text);
        *pyproject = i > 0;
        if (!read || (*pyproject && str_find(text, S("hffix")) < 0)) {
            arena_reset(arena, mark);
            continue;
        }
        SettingsFile *file = new (arena, SettingsFile, 1);
        file->text = text;
        file->folder = str_format(arena, "%.*s%s", STR_ARG(folder), slash);
        file->shown = folder_shown(arena, files->working, folder);
        file->path = str_format(arena, "%.*s%s", STR_ARG(file->shown), names[i]);
        return file;
    }
    return NULL;
}

static bool has_table(const Toml *toml) {
    for (ptrdiff_t i = 0; i < toml->n; i++)
        if (toml->entries[i].n > 2 && str_eq(toml->entries[i].keys[0], S("tool")) &&
            str_eq(toml->entries[i].keys[1], S("hffix")))
            return true;
    return false;
}

/* The settings of the folder over those above; NULL when it has none. */
static const UserSettings *read_config(SettingsFiles *files, Str folder,
                                       const UserSettings *above) {
    bool pyproject;
    const SettingsFile *file = find_file(files, folder, &pyproject);
    if (!file)
        return NULL;
    if (!files->parser)
        files->parser = parser_open();
    uint32_t error_at = 0;
    const Toml *toml =
        files->parser ? toml_parse(files->parser, &files->arena, file->text, &error_at) : NULL;
    if (!toml) {
        /* That a pyproject.toml without settings can't be read is project.c's to say. */
        if (!pyproject || str_find(file->text, S("tool.hffix")) >= 0)
            diag_at(&files->diagnostics, file->path, file->text, (Span){error_at, error_at + 1},
                    "this is no TOML, so its settings can't be read");
        return NULL;
    }
    if (pyproject && !has_table(toml))
        return NULL;
    UserSettings *config = new (&files->arena, UserSettings, 1);
    *config = *above;
    config_from_toml(&files->arena, config, file, toml, pyproject, &files->diagnostics);
    return config;
}

static const UserSettings *laid_over(SettingsFiles *files, const UserSettings *said) {
    UserSettings *config = new (&files->arena, UserSettings, 1);
    *config = *said;
    config_lay_over(&files->arena, config, files->command_line);
    return config;
}

/* ---- table ---- */

static Place *slot_of(Place *places, ptrdiff_t capacity, Str folder) {
    ptrdiff_t at = (ptrdiff_t)(str_hash(folder) & (uint64_t)(capacity - 1));
    while (places[at].folder.n && !str_eq(places[at].folder, folder))
        at = (at + 1) & (capacity - 1);
    return &places[at];
}

static void grow(SettingsFiles *files) {
    ptrdiff_t capacity = files->capacity ? 2 * files->capacity : 64;
    Place *places = new (&files->arena, Place, capacity);
    for (ptrdiff_t i = 0; i < files->capacity; i++)
        if (files->places[i].folder.n)
            *slot_of(places, capacity, files->places[i].folder) = files->places[i];
    files->places = places;
    files->capacity = capacity;
}

static Place find_place(SettingsFiles *files, Str folder) {
    if (files->capacity) {
        const Place *known = slot_of(files->places, files->capacity, folder);
        if (known->folder.n)
            return *known;
    }
    Place place = files->base;
    bool outermost = folder_is_outermost(folder, files->working, files->working_in_repository,
                                         exists(files, folder, ".git"));
    ptrdiff_t slash = str_rfind_byte(folder, '/');
    if (!outermost)
        place = find_place(files, str_slice(folder, 0, slash ? slash : 1));
    const UserSettings *said = read_config(files, folder, place.said);
    if (said)
        place = (Place){.said = said, .holds = laid_over(files, said)};
    place.folder = str_copy(&files->arena, folder);
    if (2 * (files->n + 1) > files->capacity)
        grow(files);
    *slot_of(files->places, files->capacity, place.folder) = place;
    files->n++;
    return place;
}

/* ---- public ---- */

SettingsFiles *settings_open(Arena *arena, const UserSettings *command_line) {
    SettingsFiles *files = new (arena, SettingsFiles, 1);
    pthread_mutex_init(&files->lock, NULL);
    files->diagnostics.arena = &files->arena;
    files->working = folder_working(&files->arena);
    files->working_in_repository = ignore_repository(&files->arena, files->working).n > 0;
    UserSettings *copy = new (&files->arena, UserSettings, 1);
    *copy = *command_line;
    files->command_line = copy;
    files->base = (Place){.said = &config_default, .holds = laid_over(files, &config_default)};
    return files;
}

void settings_close(SettingsFiles *files) {
    if (files->parser)
        parser_close(files->parser);
    pthread_mutex_destroy(&files->lock);
    arena_close(&files->arena);
}

const UserSettings *settings_of(SettingsFiles *files, Str folder) {
    pthread_mutex_lock(&files->lock);
    const UserSettings *config = find_place(files, folder).holds;
    pthread_mutex_unlock(&files->lock);
    return config;
}

Diagnostics *settings_diagnostics(SettingsFiles *files) {
    return &files->diagnostics;
}
