/* The files of a run, each with what is to be done in it. */
#ifndef HFFIX_CLI_JOBS_H
#define HFFIX_CLI_JOBS_H

#include "cli/rulesets.h"
#include "project/settings_files.h"
#include "transform/suppress.h"

typedef struct Job {
    Str path;   /* as it is shown; "-" is standard input */
    bool named; /* on the command line */
    const Ruleset *ruleset;
    const LineRanges *only; /* lines of the file, all others stay as they are; NULL: all of it */
} Job;

typedef struct Jobs {
    Job *v;
    ptrdiff_t n;
    ptrdiff_t ignored, excluded; /* files that ignore rules and the settings left out */
    ptrdiff_t unreadable;        /* paths that were no files; each has its error, which was told */
} Jobs;

/* Standard input is one job; none when its name is given and left out by ignore rules that
 * --force-exclude asks. False after adding errors about which nothing can be done: settings that
 * can't be understood, and what rulesets and changes_open() find. */
bool jobs_list(Program *program, SettingsFiles *settings, Rulesets *rulesets, Jobs *jobs);

/* Whether settings could be understood so far; if not, their errors are the program's. */
bool settings_are_good(Program *program, SettingsFiles *settings);

/* A folder's path with "/." behind it, so that it is looked at from inside; a file's as it is. */
Str path_inside(Program *program, Str path);

/* What is set for a path, as a user writes it: a file, which need not be there, or a folder. */
const UserSettings *settings_of_path(Program *program, SettingsFiles *settings, Str path,
                                     uint64_t *config_paths);

#endif
