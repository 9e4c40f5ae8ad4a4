/* What the files around a file say: supported versions of libraries, formatter, settings. Read once
 * a folder, shared by all files and threads. */
#ifndef HFFIX_PROJECT_PROJECT_H
#define HFFIX_PROJECT_PROJECT_H

#include "base/diag.h"
#include "base/wrapper.h"
#include "project/versions.h"

/* Numbers that rules are asked with (`billions(id) > device-map-above`); the command line and the
 * project's settings set them. */
typedef struct Settings {
    double device_map_above; /* 7: parameters in 10^9 above which a load gets device_map="auto" */
    double gpu_memory;       /* 80: GB (10^9 bytes) of one device */
    double batch_size;       /* 8 */
    double max_new_tokens;   /* 256 */
} Settings;

extern const Settings settings_default;
bool settings_number(const Settings *settings, Str name, double *number); /* "device-map-above" */

typedef struct Launches Launches;
typedef struct KeyUses KeyUses;
typedef struct Reexports Reexports;
typedef struct OwnModules OwnModules;
typedef struct Checkpoints Checkpoints;

typedef struct Target {
    Str library; /* normalized distribution name: "transformers", "huggingface-hub" */
    Range range;
    Str said; /* as --target has it; empty: declared by a file */
} Target;

/* What the project's code runs on, if its settings say (`device`). */
typedef enum Hardware { HARDWARE_UNSAID, HARDWARE_GPU, HARDWARE_CPU } Hardware;

typedef struct Project {
    Str folder; /* that declares the targets, as it is shown: "." or a path; empty: none does */
    const Target *targets; /* by name; declared by the nearest folder up the tree that declares any
                              dependencies */
    ptrdiff_t n_targets;
    const Str *files; /* that declare them, below `folder`; a name tells the kind */
    ptrdiff_t n_files;
    const struct Project *outer; /* of a folder above, which declares dependencies too; or NULL */
    Settings settings;
    Hardware hardware;
    const Wrapper *wrappers;
    ptrdiff_t n_wrappers;
    const struct UserSettings *config; /* what is set, with places (settings.h); NULL: files are not
                                    read for settings */
    int line_length; /* 88 unless [tool.ruff] / [tool.black] (line-length), or setup.cfg, say
                        otherwise */
    bool magic_trailing_comma; /* false under skip-magic-trailing-comma */
    Checkpoints *checkpoints;  /* of the run (facts/checkpoints.h); NULL: none is looked for */
    bool hub_cache;            /* those in the hub's cache count too */
    Reexports *reexports;      /* of the run (reexports.h); NULL: modules are not looked into */
    OwnModules *own_modules;   /* of the run (own_modules.h); NULL: all names are libraries' */
    Launches *launches;        /* of the run (launches.h); NULL: nothing is known to be launched */
    KeyUses *key_uses;         /* of the run (key_use.h); NULL: no code is looked at for them */
    char quote; /* quote-style of ruff format: '"' unless "single"; black -S keeps '"' */
} Project;

typedef struct SettingsFiles SettingsFiles; /* settings_files.h */
typedef struct Projects Projects;           /* all that this run has read */

/* `overrides` (from --target) replace what projects declare. */
Projects *projects_open(Arena *arena, const Target *overrides, ptrdiff_t n, Settings settings);
/* Has `[tool.hffix]` and hffix.toml read, under what `settings` was opened with. */
void projects_use(Projects *projects, SettingsFiles *settings);
/* Has checkpoints on this machine looked at. Before project_of(). */
void projects_use_checkpoints(Projects *projects, Checkpoints *checkpoints);
/* The project of a file, by its path ("-" and paths without files: the working directory's).
 * Thread-safe; never NULL. A declaration that can't be read adds a warning once, and counts as
 * absent. */
const Project *project_of(Projects *projects, Str path);
/* Not while project_of() may run. */
Diagnostics *projects_diagnostics(Projects *projects);
void projects_close(Projects *projects); /* what it holds beside the arena it was opened with */

/* The range of a library in the project; .known is false when nothing declares it. Underscores and
 * case in the name do not matter. */
Range project_range(const Project *project, Str library);
/* The oldest version of a library that nothing declares, told from the declared transformers; 0.0
 * where that says nothing. */
Version project_companion_floor(const Project *project, Str library);
/* Whether anything declares it, with a range or not: lists, extras, lock files. */
bool project_declares(const Project *project, Str library);

#endif
