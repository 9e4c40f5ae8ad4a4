/* Settings may differ by folder and, with per-path, by file; what follows from them for transforms
 * is worked out before any file is read: each different choice gets a registry, a prefilter and a
 * sieve of its own, found again by a text that spells the choice out. A run without settings files
 * has one.
 *
 * Names are checked here and not where the files are read, because only now is known which
 * transforms there are, those of the user's own among them. */
#include "cli/rulesets.h"

#include <glob.h>

typedef List(Str) Names;

/* A choice and what came of it. */
typedef struct Kept {
    Str choice;
    Ruleset ruleset;
    bool good;
} Kept;

/* The answer that was given last for settings without entries of per-path. */
typedef struct Given {
    const UserSettings *config;
    uint64_t paths;
    const Ruleset *ruleset;
} Given;

struct Rulesets {
    Program *program;
    List(Kept *) kept;
    List(Given) given;
    ptrdiff_t last; /* of `given`, asked first: files come by folder */
};

Rulesets *rulesets_open(Program *program) {
    Rulesets *rulesets = new (program->arena, Rulesets, 1);
    rulesets->program = program;
    return rulesets;
}

void rulesets_close(Rulesets *rulesets) {
    for (ptrdiff_t i = 0; i < rulesets->kept.n; i++) {
        sieve_close(rulesets->kept.v[i]->ruleset.sieve);
        registry_close(rulesets->kept.v[i]->ruleset.registry);
    }
}

ptrdiff_t rulesets_largest(const Rulesets *rulesets) {
    ptrdiff_t most = 0;
    for (ptrdiff_t i = 0; i < rulesets->kept.n; i++)
        most = rulesets->kept.v[i]->ruleset.n > most ? rulesets->kept.v[i]->ruleset.n : most;
    return most;
}

/* ---- what is chosen ---- */

typedef struct Choice {
    SettingWords select, ignore, apply, transforms;
    bool preview;
    bool and_own; /* `transforms` are selected: files of settings list them to have them used */
} Choice;

static void add_words(Arena *arena, SettingWords *words, const SettingWords *more) {
    for (ptrdiff_t i = 0; i < more->n; i++)
        *list_push(arena, words) = more->v[i];
}

/* The last entry that selects decides; what several ignore is ignored. */
static Choice choice_of(Arena *arena, const UserSettings *config, uint64_t paths) {
    Choice choice = {
        .select = config->select, .apply = config->apply, .transforms = config->transforms};
    choice.preview = config->preview;
    choice.and_own = config->places[SETTING_SELECT].file != &settings_command_line;
    add_words(arena, &choice.ignore, &config->ignore);
    for (ptrdiff_t i = 0; i < config->per_path.n; i++) {
        const PathSettings *entry = &config->per_path.v[i];
        if (!(paths >> i & 1))
            continue;
        if (entry->select.n) {
            choice.select = entry->select;
            choice.and_own = false;
        }
        add_words(arena, &choice.ignore, &entry->ignore);
    }
    return choice;
}

static void spell_words(Buf *buf, const SettingWords *words, bool with_folder) {
    for (ptrdiff_t i = 0; i < words->n; i++) {
        if (with_folder)
            buf_add(buf, words->v[i].place.file->folder);
        buf_add(buf, words->v[i].text);
        buf_add_byte(buf, '\n');
    }
    buf_add_byte(buf, '\n');
}

static Str spelled(Arena *arena, const Choice *choice, const UserSettings *config) {
    Buf buf = {.arena = arena};
    buf_add(&buf, choice->preview ? S("preview\n") : S("\n"));
    spell_words(&buf, &choice->select, false);
    spell_words(&buf, &choice->ignore, false);
    spell_words(&buf, &choice->apply, false);
    spell_words(&buf, &choice->transforms, true);
    buf_add(&buf, choice->and_own ? S("own\n") : S("\n"));
    for (ptrdiff_t i = 0; i < config->wrappers.n; i++)
        buf_format(&buf, "%.*s=%.*s\n", STR_ARG(config->wrappers.v[i].wrapper.name),
                   STR_ARG(config->wrappers.v[i].wrapper.means));
    return buf_str(&buf);
}

/* ---- registries ---- */

static void wrong(Program *program, const SettingWord *word, const char *format, Str more) {
    const SettingsFile *file = word->place.file;
    diag_at(program->diagnostics, file->path, file->text, word->place.span, format,
            STR_ARG(word->text), STR_ARG(more));
}

/* The paths of patches that globs name; false after errors. */
static bool find_patches(Program *program, const SettingWords *globs, Names *paths) {
    Arena *arena = program->arena;
    bool good = true;
    for (ptrdiff_t i = 0; i < globs->n; i++) {
        const SettingWord *word = &globs->v[i];
        bool absolute = str_starts(word->text, S("/"));
        Str pattern =
            str_format(arena, "%.*s%.*s", STR_ARG(absolute ? S("") : word->place.file->shown),
                       STR_ARG(word->text));
        glob_t found = {0};
        if (glob(str_c(arena, pattern), 0, NULL, &found) != 0 || !found.gl_pathc) {
            wrong(program, word, "no file matches '%.*s'%.*s", S(""));
            good = false;
        }
        for (size_t k = 0; k < found.gl_pathc; k++)
            *list_push(arena, paths) = str_copy(arena, str_from(found.gl_pathv[k]));
        globfree(&found);
    }
    return good;
}

/* Whether the registry knows the names; those of the command line are its own to check. */
static bool check_names(Program *program, const Registry *registry, const SettingWords *words) {
    bool good = true;
    for (ptrdiff_t i = 0; i < words->n; i++) {
        const SettingWord *word = &words->v[i];
        Str nearest;
        if (word->place.file == &settings_command_line ||
            registry_knows(registry, word->text, &nearest))
            continue;
        good = false;
        if (nearest.n)
            wrong(program, word, "there is no transform or area '%.*s' (did you mean '%.*s'?)",
                  nearest);
        else
            wrong(program, word,
                  "there is no transform or area '%.*s': --list shows what there is%.*s", S(""));
    }
    return good;
}

static Names texts(Arena *arena, const SettingWords *words, bool from_command_line,
                   bool from_files) {
    Names names = {0};
    for (ptrdiff_t i = 0; i < words->n; i++) {
        bool told = words->v[i].place.file == &settings_command_line;
        if (told ? from_command_line : from_files)
            *list_push(arena, &names) = words->v[i].text;
    }
    return names;
}

static Registry *open_registry(Program *program, const Choice *choice) {
    const Options *options = program->options;
    Arena *arena = program->arena;
    Names patches = {0};
    if (!find_patches(program, &choice->transforms, &patches))
        return NULL;
    Selection selection = {.safe_only = options->selection.safe_only,
                           .preview = choice->preview,
                           .and_own = choice->and_own,
                           .transforms = patches.v,
                           .n_transforms = patches.n};
    Registry *registry = registry_open(arena, &selection, options->patches, options->n_patches,
                                       program->diagnostics);
    if (!registry)
        return NULL;
    Names select = texts(arena, &choice->select, true, true);
    Names ignore = texts(arena, &choice->ignore, true, true);
    Names apply = texts(arena, &choice->apply, true, false);
    Names advice = texts(arena, &choice->apply, false, true);
    selection.select = select.v, selection.n_select = select.n;
    selection.ignore = ignore.v, selection.n_ignore = ignore.n;
    selection.apply = apply.v, selection.n_apply = apply.n;
    selection.advice = advice.v, selection.n_advice = advice.n;
    bool good = check_names(program, registry, &choice->select);
    good &= check_names(program, registry, &choice->ignore);
    good &= check_names(program, registry, &choice->apply);
    if (good && registry_select(registry, &selection, program->diagnostics))
        return registry;
    registry_close(registry);
    return NULL;
}

static const Ruleset *make_ruleset(Rulesets *rulesets, const Choice *choice, Str spelling,
                                   const UserSettings *config) {
    Program *program = rulesets->program;
    Kept *kept = new (program->arena, Kept, 1);
    kept->choice = spelling;
    *list_push(program->arena, &rulesets->kept) = kept;
    Ruleset *ruleset = &kept->ruleset;
    ruleset->registry = open_registry(program, choice);
    if (!ruleset->registry)
        return NULL;
    registry_entries(ruleset->registry, &ruleset->n);
    ruleset->prefilter = prefilter_open(program->arena, ruleset->registry);
    ruleset->shell_prefilter = prefilter_open_shell(program->arena, ruleset->registry);
    ruleset->has_keys = registry_has_keys(ruleset->registry);
    ruleset->sieve = sieve_open(program->arena, ruleset->registry);
    ruleset->wrappers = config->wrappers.v;
    ruleset->n_wrappers = config->wrappers.n;
    kept->good = true;
    return ruleset;
}

const Ruleset *ruleset_of(Rulesets *rulesets, const UserSettings *config, uint64_t paths) {
    Arena *arena = rulesets->program->arena;
    for (ptrdiff_t i = 0; i < rulesets->given.n; i++) {
        ptrdiff_t at = (rulesets->last + i) % rulesets->given.n;
        const Given *given = &rulesets->given.v[at];
        if (given->config != config || given->paths != paths)
            continue;
        rulesets->last = at;
        return given->ruleset;
    }
    Choice choice = choice_of(arena, config, paths);
    Str spelling = spelled(arena, &choice, config);
    const Ruleset *ruleset = NULL;
    bool known = false;
    for (ptrdiff_t i = 0; i < rulesets->kept.n && !known; i++) {
        known = str_eq(rulesets->kept.v[i]->choice, spelling);
        if (known)
            ruleset = rulesets->kept.v[i]->good ? &rulesets->kept.v[i]->ruleset : NULL;
    }
    if (!known)
        ruleset = make_ruleset(rulesets, &choice, spelling, config);
    rulesets->last = rulesets->given.n;
    *list_push(arena, &rulesets->given) = (Given){config, paths, ruleset};
    return ruleset;
}

/* ---- words ---- */

Gate ruleset_scan(const Ruleset *ruleset, Arena *arena, Str text, bool *candidates, bool *wrapped) {
    *wrapped = false;
    Buf more = {.arena = arena};
    for (ptrdiff_t i = 0; i < ruleset->n_wrappers; i++) {
        const Wrapper *wrapper = &ruleset->wrappers[i].wrapper;
        ptrdiff_t dot = str_rfind_byte(wrapper->name, '.');
        if (str_find(text, str_slice(wrapper->name, dot + 1, wrapper->name.n)) < 0)
            continue;
        if (!*wrapped)
            buf_add(&more, text);
        *wrapped = true;
        buf_format(&more, "\n%.*s", STR_ARG(wrapper->means));
    }
    return prefilter_scan(ruleset->prefilter, *wrapped ? buf_str(&more) : text, candidates);
}
