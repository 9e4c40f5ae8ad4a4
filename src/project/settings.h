/* What users set: the keys of `[tool.hffix]` in a pyproject.toml or of an hffix.toml, the same
 * things on the command line, and where each was said. */
#ifndef HFFIX_PROJECT_SETTINGS_H
#define HFFIX_PROJECT_SETTINGS_H

#include "base/wrapper.h"
#include "project/ignore.h"
#include "project/project.h"
#include "project/toml.h"

/* A file that settings were read from. */
typedef struct SettingsFile {
    Str path;   /* as messages name it */
    Str shown;  /* its folder in such paths: empty, or with a slash at its end */
    Str folder; /* absolute, with a slash at its end: what globs are below */
    Str text;
} SettingsFile;

extern const SettingsFile settings_command_line; /* its path says so */

typedef struct SettingPlace {
    const SettingsFile *file; /* NULL: nobody has set it */
    Span span;                /* of the value in the file's text */
} SettingPlace;

/* To add a setting: a row here, its name and its kind of value in settings.c and settings_read.c, a
 * row in the README's table. */
typedef enum Setting {
    SETTING_SELECT,
    SETTING_IGNORE,
    SETTING_APPLY,
    SETTING_TRANSFORMS,
    SETTING_DOCS,
    SETTING_HUB_CACHE,
    SETTING_PREVIEW,
    SETTING_EXCLUDE,
    SETTING_DEVICE,
    SETTING_GPU_MEMORY,
    SETTING_DEVICE_MAP_ABOVE,
    SETTING_BATCH_SIZE,
    SETTING_MAX_NEW_TOKENS,
    SETTING_REQUIRED_VERSION,
    SETTING_COUNT
} Setting;

typedef struct SettingWord {
    Str text;
    SettingPlace place;
} SettingWord;

typedef List(SettingWord) SettingWords;

/* An entry of per-path. */
typedef struct PathSettings {
    Str glob;
    IgnoreRules rules; /* the glob, read as a line of a .gitignore */
    SettingPlace place;
    SettingWords select; /* none: as elsewhere */
    SettingWords ignore; /* beside what is ignored elsewhere */
} PathSettings;

typedef struct TargetSetting {
    Target target;
    Str text; /* the range as written */
    SettingPlace place;
} TargetSetting;

typedef struct WrapperSetting {
    Wrapper wrapper;
    SettingPlace place;
} WrapperSetting;

enum { PER_PATH_MAX = 64 }; /* entries, so that a set of them is one word of bits */

/* All that is set for the files of a folder. Lists may be shared with other folders' and are
 * replaced, never added to. */
typedef struct UserSettings {
    Settings settings;
    Hardware hardware;
    bool docs;
    bool hub_cache; /* checkpoints in the hub's cache are evidence */
    bool preview;   /* transforms with `preview:` run */
    SettingWords select, ignore, apply, transforms, exclude;
    IgnoreRules excluded; /* `exclude`, read as a .gitignore in the folder of its file */
    List(PathSettings) per_path;
    List(TargetSetting) targets;   /* by library */
    List(WrapperSetting) wrappers; /* by name */
    Wrapper *wrapping;             /* the same without places */
    Str required_version;
    SettingPlace places[SETTING_COUNT];
} UserSettings;

extern const UserSettings config_default;

Str setting_name(Setting setting); /* "gpu-memory" */
/* The number of a setting, for those that have one; else NULL. */
double *setting_number(UserSettings *config, Setting setting);
/* "24GiB", "80 GB", "0.5 TB", "80": in GB (10^9 bytes). False: no size above 0. */
bool setting_size(Str text, double *gigabytes);

/* Puts the settings of a TOML file over those of the folders above, key by key; per-path, targets
 * and wrappers entry by entry. False after adding errors: unknown keys, values of another kind, a
 * required version that this program is not. `pyproject`: the keys stand in `[tool.hffix]`. */
bool config_from_toml(Arena *arena, UserSettings *config, const SettingsFile *file,
                      const Toml *toml, bool pyproject, Diagnostics *diagnostics);

/* Puts the command line over what files say: names that it selects replace all that files select
 * and ignore, names that it ignores or applies come to theirs, other values replace theirs. */
void config_lay_over(Arena *arena, UserSettings *config, const UserSettings *command_line);

/* Whether a path, absolute, is left out by `exclude`; the folders above it are the caller's to ask
 * about. */
bool config_excludes(const UserSettings *config, Str path, bool folder);
/* Which entries of per-path are about a file, by absolute path: bit i for per_path.v[i]. */
uint64_t config_paths(const UserSettings *config, Str path);

#endif
