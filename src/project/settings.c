/* Numbers that a run is given, by the names that transforms and the command line use, and how what
 * is said in one place goes over what is said in another. */
#include "project/settings.h"

#include <stdlib.h>

/* What holds when nobody says otherwise. */
#define DEFAULTS {.device_map_above = 7, .gpu_memory = 80, .batch_size = 8, .max_new_tokens = 256}

const Settings settings_default = DEFAULTS;
const UserSettings config_default = {.settings = DEFAULTS, .hub_cache = true};

const SettingsFile settings_command_line = {.path = {"command line", 12}};

bool settings_number(const Settings *settings, Str name, double *number) {
    /* To add a number: a field of Settings, its defaults above, a row here, a Setting. */
    const struct {
        Str name;
        double number;
    } table[] = {{S("device-map-above"), settings->device_map_above},
                 {S("gpu-memory"), settings->gpu_memory},
                 {S("batch-size"), settings->batch_size},
                 {S("max-new-tokens"), settings->max_new_tokens}};
    for (ptrdiff_t i = 0; i < COUNT(table); i++)
        if (str_eq(name, table[i].name)) {
            *number = table[i].number;
            return true;
        }
    return false;
}

Str setting_name(Setting setting) {
    static const char *const names[] = {[SETTING_SELECT] = "select",
                                        [SETTING_IGNORE] = "ignore",
                                        [SETTING_APPLY] = "apply",
                                        [SETTING_TRANSFORMS] = "transforms",
                                        [SETTING_DOCS] = "docs",
                                        [SETTING_HUB_CACHE] = "hub-cache",
                                        [SETTING_PREVIEW] = "preview",
                                        [SETTING_EXCLUDE] = "exclude",
                                        [SETTING_DEVICE] = "device",
                                        [SETTING_GPU_MEMORY] = "gpu-memory",
                                        [SETTING_DEVICE_MAP_ABOVE] = "device-map-above",
                                        [SETTING_BATCH_SIZE] = "batch-size",
                                        [SETTING_MAX_NEW_TOKENS] = "max-new-tokens",
                                        [SETTING_REQUIRED_VERSION] = "required-version"};
    _Static_assert(sizeof names / sizeof *names == SETTING_COUNT, "every setting has a name");
    return str_from(names[setting]);
}

double *setting_number(UserSettings *config, Setting setting) {
    Settings *settings = &config->settings;
    return setting == SETTING_GPU_MEMORY         ? &settings->gpu_memory
           : setting == SETTING_DEVICE_MAP_ABOVE ? &settings->device_map_above
           : setting == SETTING_BATCH_SIZE       ? &settings->batch_size
           : setting == SETTING_MAX_NEW_TOKENS   ? &settings->max_new_tokens
                                                 : NULL;
}

bool setting_size(Str text, double *gigabytes) {
    static const struct {
        const char *unit;
        double gigabytes;
    } units[] = {{"", 1},
                 {"MB", 1e-3},
                 {"GB", 1},
                 {"TB", 1e3},
                 {"MiB", 1048576e-9},
                 {"GiB", 1073741824e-9},
                 {"TiB", 1099511627776e-9}};
    char number[32] = "";
    ptrdiff_t n = 0;
    while (n < text.n && n < (ptrdiff_t)sizeof number - 1 &&
           str_find_byte(S("0123456789._"), text.p[n]) >= 0)
        n++;
    ptrdiff_t length = 0;
    for (ptrdiff_t i = 0; i < n; i++)
        if (text.p[i] != '_')
            number[length++] = text.p[i];
    char *end = number;
    double value = strtod(number, &end);
    Str unit = str_trim(str_slice(text, n, text.n));
    for (ptrdiff_t i = 0; length && !*end && value > 0 && i < COUNT(units); i++)
        if (str_eq(unit, str_from(units[i].unit))) {
            *gigabytes = value * units[i].gigabytes;
            return true;
        }
    return false;
}

/* ---- the command line ---- */

/* What transforms a run looks at: when the command line names some, files have no say. */
static void lay_selection(Arena *arena, UserSettings *config, const UserSettings *over) {
    bool selects = over->places[SETTING_SELECT].file != NULL;
    bool tries = over->places[SETTING_TRANSFORMS].file != NULL; /* --patch */
    if (selects || tries) {
        config->select = over->select;
        config->places[SETTING_SELECT] = over->places[SETTING_SELECT];
        config->ignore = (SettingWords){0};
        config->places[SETTING_IGNORE] = (SettingPlace){0};
    }
    ptrdiff_t n = config->per_path.n;
    PathSettings *entries = n ? new (arena, PathSettings, n) : NULL;
    for (ptrdiff_t i = 0; i < n; i++) {
        entries[i] = config->per_path.v[i];
        if (selects || tries)
            entries[i].select = (SettingWords){0};
    }
    config->per_path.v = entries;
    config->per_path.capacity = n;
    if (tries && !selects)
        config->transforms = (SettingWords){0};
}

static void add_words(Arena *arena, SettingWords *words, const SettingWords *more) {
    SettingWords both = {0};
    for (ptrdiff_t i = 0; i < words->n; i++)
        *list_push(arena, &both) = words->v[i];
    for (ptrdiff_t i = 0; i < more->n; i++)
        *list_push(arena, &both) = more->v[i];
    *words = both;
}

void config_lay_over(Arena *arena, UserSettings *config, const UserSettings *over) {
    lay_selection(arena, config, over);
    add_words(arena, &config->ignore, &over->ignore);
    add_words(arena, &config->apply, &over->apply);
    if (over->docs)
        config->docs = true;
    if (!over->hub_cache)
        config->hub_cache = false;
    if (over->preview)
        config->preview = true;
    for (int i = 0; i < SETTING_COUNT; i++) {
        double *number = setting_number(config, (Setting)i);
        if (!over->places[i].file)
            continue;
        if (number)
            *number = *setting_number(&(UserSettings){.settings = over->settings}, (Setting)i);
        if (i != SETTING_TRANSFORMS)
            config->places[i] = over->places[i];
    }
}

/* ---- paths ---- */

/* The path below the folder of a file that settings stand in; empty when it is not below. */
static Str below(const SettingPlace *place, Str path) {
    if (!place->file || !str_starts(path, place->file->folder))
        return (Str){0};
    return str_slice(path, place->file->folder.n, path.n);
}

bool config_excludes(const UserSettings *config, Str path, bool folder) {
    Str rest = below(&config->places[SETTING_EXCLUDE], path);
    return rest.n && ignore_verdict(&config->excluded, rest, folder) == IGNORE_OUT;
}

/* Whether the rules name the path or a folder above it. */
static bool names_path(const IgnoreRules *rules, Str path) {
    for (ptrdiff_t at = 1; at < path.n; at++)
        if (path.p[at] == '/' && ignore_verdict(rules, str_slice(path, 0, at), true) == IGNORE_OUT)
            return true;
    return path.n && ignore_verdict(rules, path, false) == IGNORE_OUT;
}

uint64_t config_paths(const UserSettings *config, Str path) {
    uint64_t found = 0;
    for (ptrdiff_t i = 0; i < config->per_path.n; i++) {
        const PathSettings *entry = &config->per_path.v[i];
        if (names_path(&entry->rules, below(&entry->place, path)))
            found |= (uint64_t)1 << i;
    }
    return found;
}
