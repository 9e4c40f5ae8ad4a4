/* Projects by folder, found upwards.
 *
 * A folder inherits the project of the folder above it and replaces in it what its own files say:
 * the versions if they declare any dependency, the formatter if they configure one. The way up ends
 * at a repository's root, at the file system's, and, where no repository encloses the working
 * directory, there. Each folder is listed once; files that none of them has cost nothing.
 *
 * All threads share one Projects under one lock: it is asked once for a file that is looked at
 * closely, and nearly always answers from its table. What can't be read is a warning and counts as
 * absent. */
#include "project/project.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/byte.h"
#include "project/declared.h"
#include "project/folders.h"
#include "project/formatter.h"
#include "project/ignore_files.h"
#include "project/key_use.h"
#include "project/launches.h"
#include "project/own_modules.h"
#include "project/reexports.h"
#include "project/settings_files.h"

/* A place of the table of folders. */
typedef struct Place {
    Str folder; /* absolute; empty: free */
    const Project *project;
} Place;

struct Projects {
    pthread_mutex_t lock;
    Arena arena; /* its own: other threads use the arena that it was opened with */
    Diagnostics diagnostics;
    Parser *parser;
    Str working; /* the working directory, absolute */
    bool working_in_repository;
    Project base;            /* what holds where no folder says anything */
    SettingsFiles *settings; /* NULL: files are not read for settings */
    const Target *overrides;
    ptrdiff_t n_overrides;
    Place *places; /* open addressing */
    ptrdiff_t n, capacity;
};

/* Which files of interest a folder has. */
typedef struct Names {
    bool repository, pyproject, setup_cfg, setup_py, uv_lock, poetry_lock, requirements_folder;
    Str ruff, environment; /* the name that it has; empty: none */
    List(Str) requirements;
} Names;

/* ---- folders ---- */

static bool is_requirements(Str name) {
    return str_starts(name, S("requirements")) && str_ends(name, S(".txt"));
}

static void sort_names(Names *names) {
    if (names->requirements.n)
        qsort(names->requirements.v, (size_t)names->requirements.n, sizeof *names->requirements.v,
              str_order);
}

static void note_name(Arena *arena, Names *names, Str name) {
    const struct {
        Str name;
        bool *has;
    } table[] = {{S(".git"), &names->repository},
                 {S("pyproject.toml"), &names->pyproject},
                 {S("setup.cfg"), &names->setup_cfg},
                 {S("setup.py"), &names->setup_py},
                 {S("uv.lock"), &names->uv_lock},
                 {S("poetry.lock"), &names->poetry_lock},
                 {S("requirements"), &names->requirements_folder}};
    for (ptrdiff_t i = 0; i < COUNT(table); i++)
        *table[i].has |= str_eq(name, table[i].name);
    if (str_eq(name, S(".ruff.toml")))
        names->ruff = S(".ruff.toml");
    else if (str_eq(name, S("ruff.toml")) && !names->ruff.n)
        names->ruff = S("ruff.toml");
    else if (str_eq(name, S("environment.yml")))
        names->environment = S("environment.yml");
    else if (str_eq(name, S("environment.yaml")) && !names->environment.n)
        names->environment = S("environment.yaml");
    else if (is_requirements(name))
        *list_push(arena, &names->requirements) = str_copy(arena, name);
}

static Names list_names(Arena *arena, DIR *stream) {
    Names names = {0};
    for (struct dirent *entry; (entry = readdir(stream));)
        note_name(arena, &names, str_from(entry->d_name));
    return names;
}

/* The .txt files of requirements/. */
static void list_requirements_folder(Arena *arena, int folder, Names *names) {
    int fd = openat(folder, "requirements", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = fd < 0 ? NULL : fdopendir(fd);
    if (!stream) {
        if (fd >= 0)
            close(fd);
        return;
    }
    for (struct dirent *entry; (entry = readdir(stream));)
        if (str_ends(str_from(entry->d_name), S(".txt")))
            *list_push(arena, &names->requirements) =
                str_format(arena, "requirements/%s", entry->d_name);
    closedir(stream);
}

static Formatter read_declarations(Declared *declared, Names *names) {
    Formatter formatter = formatter_default;
    const Toml *toml = names->pyproject ? declared_toml(declared, S("pyproject.toml")) : NULL;
    if (toml) {
        read_pyproject(declared, S("pyproject.toml"), toml);
        formatter = formatter_from_pyproject(declared, S("pyproject.toml"), toml);
    }
    toml = names->ruff.n ? declared_toml(declared, names->ruff) : NULL;
    if (toml)
        formatter = formatter_from_ruff(declared, names->ruff, toml);
    if (names->setup_cfg)
        read_setup_cfg(declared);
    if (names->setup_py)
        read_setup_py(declared);
    if (names->requirements_folder)
        list_requirements_folder(declared->arena, declared->folder, names);
    sort_names(names);
    for (ptrdiff_t i = 0; i < names->requirements.n; i++)
        read_requirements(declared, names->requirements.v[i]);
    if (names->environment.n)
        read_environment(declared, names->environment);
    if (names->uv_lock)
        read_lock(declared, S("uv.lock"));
    if (names->poetry_lock)
        read_lock(declared, S("poetry.lock"));
    return formatter;
}

/* ---- projects ---- */

static int compare_targets(const void *a, const void *b) {
    return str_compare(((const Target *)a)->library, ((const Target *)b)->library);
}

static const Target *target_find(const Target *targets, ptrdiff_t n, Str library) {
    Target key = {.library = library};
    return n ? bsearch(&key, targets, (size_t)n, sizeof *targets, compare_targets) : NULL;
}

/* What the folder declares, under what the command line overrides, by name. */
static void set_targets(Projects *projects, Declared *declared, Project *project) {
    Target *targets = new (&projects->arena, Target, declared->list.n + projects->n_overrides);
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < projects->n_overrides; i++)
        targets[n++] = projects->overrides[i];
    for (ptrdiff_t i = 0; i < declared->list.n; i++) {
        const Declaration *declaration = &declared->list.v[i];
        if (target_find(projects->overrides, projects->n_overrides, declaration->library))
            continue;
        Range range = range_intersect(declaration->all, declaration->any);
        if (range_is_empty(range)) {
            declared_warn(declared, declared->shown.n ? S("") : S("."), 0,
                          "the ranges declared for %.*s exclude each other; they count as absent",
                          STR_ARG(declaration->library));
            range = (Range){0};
        }
        targets[n++] = (Target){.library = declaration->library, .range = range};
    }
    if (n)
        qsort(targets, (size_t)n, sizeof *targets, compare_targets);
    project->targets = targets;
    project->n_targets = n;
    project->files = declared->files.v;
    project->n_files = declared->files.n;
    ptrdiff_t shown = declared->shown.n;
    project->folder = shown ? str_slice(declared->shown, 0, shown > 1 ? shown - 1 : 1) : S(".");
}

static const Project *find_project(Projects *projects, Str folder);

/* The project of the folder above, or the base where the way up ends. */
static const Project *project_above(Projects *projects, Str folder, bool is_repository) {
    if (folder_is_outermost(folder, projects->working, projects->working_in_repository,
                            is_repository))
        return &projects->base;
    ptrdiff_t slash = str_rfind_byte(folder, '/');
    return find_project(projects, str_slice(folder, 0, slash ? slash : 1));
}

/* Puts what the settings say about versions over what the project has declared; the command line is
 * over both already. */
static void set_configured_targets(Projects *projects, Project *project,
                                   const UserSettings *config) {
    const Target *declared = project->targets;
    ptrdiff_t n_declared = project->n_targets, n = 0;
    Target *targets = new (&projects->arena, Target, n_declared + config->targets.n);
    for (ptrdiff_t i = 0; i < n_declared; i++)
        targets[n++] = declared[i];
    for (ptrdiff_t i = 0; i < config->targets.n; i++) {
        const Target *target = &config->targets.v[i].target;
        if (target_find(projects->overrides, projects->n_overrides, target->library))
            continue;
        const Target *known = target_find(declared, n_declared, target->library);
        targets[known ? known - declared : n++] = *target;
    }
    if (n)
        qsort(targets, (size_t)n, sizeof *targets, compare_targets);
    project->targets = targets;
    project->n_targets = n;
}

/* The project with the settings of its folder; itself when they are those it has. */
static const Project *with_settings(Projects *projects, const Project *project,
                                    const UserSettings *config) {
    if (project->config == config)
        return project;
    Project *own = new (&projects->arena, Project, 1);
    *own = *project;
    own->config = config;
    own->settings = config->settings;
    own->hardware = config->hardware;
    own->hub_cache = config->hub_cache;
    own->wrappers = config->wrapping;
    own->n_wrappers = config->wrappers.n;
    if (config->targets.n)
        set_configured_targets(projects, own, config);
    return own;
}

static const Project *read_project(Projects *projects, Str folder) {
    Arena *arena = &projects->arena;
    int fd = open(str_c(arena, folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = fd < 0 ? NULL : fdopendir(fd);
    if (!stream) {
        if (fd >= 0)
            close(fd);
        return project_above(projects, folder, false);
    }
    Names names = list_names(arena, stream);
    Declared declared = {.arena = arena,
                         .diagnostics = &projects->diagnostics,
                         .parser = projects->parser,
                         .folder = fd,
                         .shown = folder_shown(arena, projects->working, folder)};
    Formatter formatter = read_declarations(&declared, &names);
    closedir(stream);
    const Project *above = project_above(projects, folder, names.repository);
    if (!declared.list.n && !formatter.found)
        return above;
    Project *project = new (arena, Project, 1);
    *project = *above;
    if (declared.list.n) {
        project->outer = above->folder.n ? above : NULL;
        set_targets(projects, &declared, project);
        project->config = NULL; /* what settings say about versions goes over these, too */
    }
    if (formatter.found) {
        project->line_length = formatter.line_length;
        project->magic_trailing_comma = formatter.magic_trailing_comma;
        project->quote = formatter.quote;
    }
    return project;
}

static Place *place_of(Place *places, ptrdiff_t capacity, Str folder) {
    ptrdiff_t at = (ptrdiff_t)(str_hash(folder) & (uint64_t)(capacity - 1));
    while (places[at].folder.n && !str_eq(places[at].folder, folder))
        at = (at + 1) & (capacity - 1);
    return &places[at];
}

static void places_grow(Projects *projects) {
    ptrdiff_t capacity = projects->capacity ? 2 * projects->capacity : 64;
    Place *places = new (&projects->arena, Place, capacity);
    for (ptrdiff_t i = 0; i < projects->capacity; i++)
        if (projects->places[i].folder.n)
            *place_of(places, capacity, projects->places[i].folder) = projects->places[i];
    projects->places = places;
    projects->capacity = capacity;
}

static const Project *find_project(Projects *projects, Str folder) {
    if (projects->capacity) {
        const Place *place = place_of(projects->places, projects->capacity, folder);
        if (place->folder.n)
            return place->project;
    }
    folder = str_copy(&projects->arena, folder);
    const Project *project = read_project(projects, folder);
    if (projects->settings)
        project = with_settings(projects, project, settings_of(projects->settings, folder));
    if (2 * (projects->n + 1) > projects->capacity)
        places_grow(projects);
    *place_of(projects->places, projects->capacity, folder) = (Place){folder, project};
    projects->n++;
    return project;
}

static const Target *project_target(const Project *project, Str library) {
    char name[128];
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < library.n && n < (ptrdiff_t)sizeof name; i++) {
        char c = library.p[i];
        bool separator = c == '-' || c == '_' || c == '.';
        if (separator && n && name[n - 1] == '-')
            continue;
        name[n++] = separator ? '-' : byte_lower(c);
    }
    return target_find(project->targets, project->n_targets, (Str){name, n});
}

/* ---- public ---- */

Projects *projects_open(Arena *arena, const Target *overrides, ptrdiff_t n, Settings settings) {
    Projects *projects = new (arena, Projects, 1);
    pthread_mutex_init(&projects->lock, NULL);
    projects->diagnostics.arena = &projects->arena;
    projects->parser = parser_open();
    projects->working = folder_working(&projects->arena);
    projects->working_in_repository = ignore_repository(&projects->arena, projects->working).n > 0;
    Target *sorted = new (&projects->arena, Target, n);
    for (ptrdiff_t i = 0; i < n; i++)
        sorted[i] = (Target){.library = library_normalized(&projects->arena, overrides[i].library),
                             .range = overrides[i].range};
    if (n)
        qsort(sorted, (size_t)n, sizeof *sorted, compare_targets);
    projects->overrides = sorted;
    projects->n_overrides = n;
    projects->base = (Project){.targets = sorted,
                               .n_targets = n,
                               .settings = settings,
                               .launches = launches_open(arena),
                               .key_uses = key_uses_open(arena),
                               .reexports = reexports_open(arena),
                               .own_modules = own_modules_open(arena),
                               .hub_cache = true,
                               .line_length = formatter_default.line_length,
                               .magic_trailing_comma = formatter_default.magic_trailing_comma,
                               .quote = formatter_default.quote};
    return projects;
}

void projects_use(Projects *projects, SettingsFiles *settings) {
    projects->settings = settings;
}

void projects_use_checkpoints(Projects *projects, Checkpoints *checkpoints) {
    projects->base.checkpoints = checkpoints;
}

const Project *project_of(Projects *projects, Str path) {
    pthread_mutex_lock(&projects->lock);
    const Project *project =
        find_project(projects, folder_of_file(&projects->arena, projects->working, path));
    pthread_mutex_unlock(&projects->lock);
    return project;
}

Diagnostics *projects_diagnostics(Projects *projects) {
    return &projects->diagnostics;
}

void projects_close(Projects *projects) {
    if (projects->parser)
        parser_close(projects->parser);
    launches_close(projects->base.launches);
    key_uses_close(projects->base.key_uses);
    reexports_close(projects->base.reexports);
    own_modules_close(projects->base.own_modules);
    pthread_mutex_destroy(&projects->lock);
    arena_close(&projects->arena);
}

Range project_range(const Project *project, Str library) {
    const Target *target = project_target(project, library);
    return target ? target->range : (Range){0};
}

bool project_declares(const Project *project, Str library) {
    return project_target(project, library) != NULL;
}
