/* The command line, as one table of options with their help. */
#ifndef HFFIX_CLI_OPTIONS_H
#define HFFIX_CLI_OPTIONS_H

#include "check/check.h"
#include "project/settings.h"
#include "transform/registry.h"

typedef enum Command {
    COMMAND_FIX,
    COMMAND_LIST,
    COMMAND_EXPLAIN,
    COMMAND_SETTINGS,
    COMMAND_CHECK_MODEL,
    COMMAND_CHECK_CACHE,
    COMMAND_VERSION,
    COMMAND_HELP
} Command;

typedef enum ColorWhen { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER } ColorWhen;

/* Of --verify and --check-model. */
typedef struct CheckOptions {
    bool verify, all_sites, json, logits, hashes;
    CheckLevel level;
    Str model; /* of --check-model: a folder or an id */
    Str load, texts, models, revision;
    ptrdiff_t max_new_tokens;
    uint64_t memory; /* bytes that a check may take */
    const uint64_t *gpus;
    ptrdiff_t n_gpus;
} CheckOptions;

typedef struct Options {
    Command command;
    bool write, diff, raw_diff, check, strict, plan, bump, docs, force_exclude, no_ignore;
    int verbosity; /* -1, 0, 1 */
    int threads;   /* 0: as many as there are cores */
    ColorWhen color;
    Str stdin_filename;
    Str changed_since; /* a commit; empty: all lines */
    Str explain;       /* transform */
    Str explain_path;  /* FILE of FILE:LINE, empty without */
    uint32_t explain_line;
    Selection selection;
    Str *patches;
    ptrdiff_t n_patches;
    Target *targets; /* each library once */
    ptrdiff_t n_targets;
    CheckOptions checks;
    Settings settings;
    UserSettings said; /* the same as settings that go over those of files, settings_command_line as
                    their place */
    Str *paths;        /* at least one under COMMAND_FIX; "-" only alone */
    ptrdiff_t n_paths;
} Options;

/* False after adding an error that says what to type instead. */
bool options_parse(Arena *arena, int argc, char **argv, Options *options, Diagnostics *diagnostics);
Str options_help(Arena *arena); /* fits 80 columns and a tall screen */

#endif
