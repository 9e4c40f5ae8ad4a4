/* All that depends on settings is settled here, before a file is read or written: a mistake in one
 * of the settings files stops the run, because it is not known what its author wanted. */
#include "cli/jobs.h"

#include <unistd.h>

#include "base/parallel.h"
#include "base/path.h"
#include "cli/changes.h"
#include "document/scripts.h"
#include "project/folders.h"
#include "project/walk.h"

bool settings_are_good(Program *program, SettingsFiles *settings) {
    const Diagnostics *found = settings_diagnostics(settings);
    for (ptrdiff_t i = 0; i < found->list.n; i++)
        *list_push(program->diagnostics->arena, &program->diagnostics->list) = found->list.v[i];
    program->diagnostics->errors += found->errors;
    tell_diagnostics(program);
    return !found->errors;
}

Str path_inside(Program *program, Str path) {
    while (path.n > 1 && str_ends(path, S("/")))
        path.n--;
    return path_is_folder(program->arena, path)
               ? str_format(program->arena, "%.*s/.", STR_ARG(path))
               : path;
}

const UserSettings *settings_of_path(Program *program, SettingsFiles *settings, Str path,
                                     uint64_t *config_paths_found) {
    Arena *arena = program->arena;
    Str full = folder_of_file(arena, folder_working(arena), path_inside(program, path));
    const UserSettings *config = settings_of(settings, full);
    *config_paths_found = 0;
    if (!path_is_folder(program->arena, path))
        *config_paths_found = config_paths(
            config, str_format(arena, "%.*s/%.*s", STR_ARG(full), STR_ARG(path_name(path))));
    return config;
}

/* --force-exclude asks about the name that standard input goes by, if such a file is there. */
static bool stdin_is_excluded(Program *program, SettingsFiles *settings) {
    const Options *options = program->options;
    if (!options->force_exclude || !options->stdin_filename.n ||
        access(str_c(program->arena, options->stdin_filename), F_OK) != 0)
        return false;
    WalkOptions how = {
        .force_exclude = true, .no_ignore = options->no_ignore, .threads = 1, .settings = settings};
    Diagnostics unheard = {.arena = program->arena};
    return walk(program->arena, &options->stdin_filename, 1, &how, &unheard).n == 0;
}

static bool stdin_job(Program *program, SettingsFiles *settings, Rulesets *rulesets, Jobs *jobs) {
    const Options *options = program->options;
    if (stdin_is_excluded(program, settings))
        return settings_are_good(program, settings);
    uint64_t paths;
    Str name = options->stdin_filename.n ? options->stdin_filename : S("-");
    const UserSettings *config = settings_of_path(program, settings, name, &paths);
    if (!settings_are_good(program, settings))
        return false;
    jobs->v = new (program->arena, Job, 1);
    jobs->n = 1;
    *jobs->v = (Job){.path = S("-"), .named = true, .ruleset = ruleset_of(rulesets, config, paths)};
    return jobs->v->ruleset != NULL;
}

/* Takes out the files that have not changed. */
static bool keep_changed(Program *program, Jobs *jobs) {
    const Options *options = program->options;
    Changes *changes = changes_open(program->arena, options->changed_since, options->paths,
                                    options->n_paths, program->diagnostics);
    if (!changes)
        return false;
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < jobs->n; i++) {
        Job job = jobs->v[i];
        if (changes_of(changes, job.path, &job.only))
            jobs->v[n++] = job;
    }
    jobs->n = n;
    return true;
}

enum { MOST_SETTINGS_FILES = 200 }; /* of a folder that does not hold data */

/* Whether the folder of file `i` holds JSON as records of data, from that file on. Their number is
 * what a walk would notice. */
static bool begins_data(const WalkResult *walked, ptrdiff_t i) {
    Str path = walked->files[i].path;
    Str folder = str_slice(path, 0, str_rfind_byte(path, '/') + 1);
    ptrdiff_t n = 0;
    for (; i < walked->n && n <= MOST_SETTINGS_FILES; i++, n++) {
        path = walked->files[i].path;
        if (!str_eq(str_slice(path, 0, path.n - path_name(path).n), folder) ||
            !script_is_settings(path_name(path)))
            return false;
    }
    return n > MOST_SETTINGS_FILES;
}

/* Whether some wanted rule may be about the file. `data`: the folder that holds data. */
static bool is_asked(const Ruleset *ruleset, const WalkResult *walked, ptrdiff_t i, Str *data) {
    Str path = walked->files[i].path, name = path_name(path);
    Str folder = str_slice(path, 0, path.n - name.n);
    if (!script_is_settings(name))
        *data = (Str){0};
    else if (!data->p || !str_eq(*data, folder))
        *data = !begins_data(walked, i) ? (Str){0} : folder.n ? folder : S("");
    return script_is_settings(name) ? !data->p && ruleset->has_keys
                                    : ruleset->shell_prefilter || !script_is_named(name);
}

bool jobs_list(Program *program, SettingsFiles *settings, Rulesets *rulesets, Jobs *jobs) {
    const Options *options = program->options;
    *jobs = (Jobs){0};
    if (str_eq(options->paths[0], S("-")))
        return stdin_job(program, settings, rulesets, jobs);
    WalkOptions how = {.force_exclude = options->force_exclude,
                       .no_ignore = options->no_ignore,
                       .docs = options->docs,
                       .also = script_is_named,
                       .threads = options->threads ? options->threads : parallel_cores(),
                       .settings = settings};
    WalkResult walked =
        walk(program->arena, options->paths, options->n_paths, &how, program->diagnostics);
    jobs->unreadable = program->diagnostics->errors;
    jobs->ignored = walked.ignored;
    jobs->excluded = walked.excluded;
    tell_diagnostics(program);
    if (!settings_are_good(program, settings))
        return false;
    jobs->v = new (program->arena, Job, walked.n);
    Str data = {0};
    for (ptrdiff_t i = 0; i < walked.n; i++) {
        const WalkFile *file = &walked.files[i];
        const Ruleset *ruleset = ruleset_of(rulesets, file->config, file->config_paths);
        if (!ruleset)
            return false;
        if (file->named || is_asked(ruleset, &walked, i, &data))
            jobs->v[jobs->n++] =
                (Job){.path = file->path, .named = file->named, .ruleset = ruleset};
    }
    if (!jobs->n) /* what is set is checked even so */
        return ruleset_of(rulesets, settings_of(settings, folder_working(program->arena)), 0);
    return !options->changed_since.n || keep_changed(program, jobs);
}
