/* The commands that print something other than diffs: --list, --explain, --version. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>

#include "checkpoint/json.h"
#include "cli/commands.h"
#include "cli/jobs.h"
#include "document/document.h"
#include "transform/shell_run.h"

void tell_diagnostics(Program *program) {
    const Diagnostics *diagnostics = program->diagnostics;
    while (program->told < diagnostics->list.n)
        report_diagnostic(stderr, &program->style, &diagnostics->list.v[program->told++]);
}

/* The transforms that are wanted for a path. */
typedef struct Wanted {
    SettingsFiles *settings;
    Rulesets *rulesets;
    Registry *registry; /* NULL after errors */
} Wanted;

static Wanted wanted_for(Program *program, Str path) {
    Wanted wanted = {.settings = settings_open(program->arena, &program->options->said),
                     .rulesets = rulesets_open(program)};
    uint64_t paths;
    const UserSettings *config = settings_of_path(program, wanted.settings, path, &paths);
    if (settings_are_good(program, wanted.settings)) {
        const Ruleset *ruleset = ruleset_of(wanted.rulesets, config, paths);
        wanted.registry = ruleset ? ruleset->registry : NULL;
    }
    return wanted;
}

static void wanted_close(Program *program, Wanted *wanted) {
    tell_diagnostics(program);
    rulesets_close(wanted->rulesets);
    settings_close(wanted->settings);
}

ExitStatus command_list(Program *program) {
    Wanted wanted = wanted_for(program, S("."));
    if (wanted.registry)
        report_list(stdout, &program->style, wanted.registry);
    wanted_close(program, &wanted);
    return wanted.registry ? EXIT_DONE : EXIT_TROUBLE;
}

/* Index of the transform that --explain names; -1 after adding an error. */
static ptrdiff_t find_transform(Program *program, const Registry *registry) {
    Str name = program->options->explain;
    ptrdiff_t index = registry_find(registry, name), n;
    if (index >= 0)
        return index;
    const Entry *entries = registry_entries(registry, &n);
    Str *names = new (program->arena, Str, n);
    for (ptrdiff_t i = 0; i < n; i++)
        names[i] = entries[i].name;
    Str nearest = str_nearest(name, names, n);
    diag_add(program->diagnostics, SEVERITY_ERROR, (Str){0}, 0, 0,
             nearest.n ? "no transform is called %.*s; did you mean %.*s?"
                       : "no transform is called %.*s; `hffix --list` prints them%.*s",
             STR_ARG(name), STR_ARG(nearest));
    return -1;
}

/* Prints what the engine says about a piece, with the places that its lines have for the reader. */
static void print_explanation(Arena *arena, const Document *document, ptrdiff_t piece, Str text) {
    while (text.n) {
        Str line, rest, number, column;
        bool ended = str_cut(text, '\n', &line, &rest);
        text = rest;
        if (document->kind != DOCUMENT_PYTHON && str_starts(line, document->path) &&
            str_cut(str_slice(line, document->path.n + 1, line.n), ':', &number, &column)) {
            uint32_t n = (uint32_t)strtoul(str_c(arena, number), NULL, 10);
            DocumentPlace place = document_place(document, arena, piece, n);
            Str told = document_join_path(arena, document->path, place.part);
            printf("%.*s:%u:", STR_ARG(told), place.line);
            line = column;
        }
        fwrite(line.p ? line.p : "", 1, (size_t)line.n, stdout);
        fputs(ended ? "\n" : "", stdout);
    }
}

/* --explain NAME FILE:LINE */
static bool explain_line(Program *program, const Wanted *wanted, ptrdiff_t transform) {
    const Options *options = program->options;
    Arena *arena = program->arena;
    Str path, part, bytes;
    document_split_path(options->explain_path, &path, &part);
    if (!document_load(arena, path, &bytes, program->diagnostics))
        return false;
    Document *document = document_read(arena, path, bytes, program->diagnostics);
    if (!document)
        return false;
    ptrdiff_t piece;
    uint32_t line;
    if (!document_find(document, part, options->explain_line, &piece, &line)) {
        diag_add(
            program->diagnostics, SEVERITY_ERROR, options->explain_path, options->explain_line, 0,
            document->kind == DOCUMENT_NOTEBOOK ? "no such line of code; write FILE:cell N:LINE"
                                                : "no such line of code in the file");
        return false;
    }
    Engine engine = {
        .registry = wanted->registry,
        .projects = projects_open(arena, options->targets, options->n_targets, options->settings),
        .safe_only = options->selection.safe_only,
    };
    projects_use(engine.projects, wanted->settings);
    Parser *parser = parser_open();
    Str text = {0};
    DocumentPiece holds = document->holds[piece];
    const Source *source = document->pieces[piece];
    if (parser && holds.cut)
        text = shell_explain(&engine, parser, arena, source, holds.cut, transform, line);
    if (parser && !text.n && document->kind == DOCUMENT_NOTEBOOK && document->n > 1)
        text = shell_explain(&engine, parser, arena, document->pieces[1], document->holds[1].cut,
                             transform, line);
    if (parser && holds.python && !text.n)
        text = engine_explain(&engine, parser, arena, source, transform, line);
    if (!parser)
        diag_add(program->diagnostics, SEVERITY_ERROR, path, 0, 0, "out of memory");
    if (parser)
        parser_close(parser);
    projects_close(engine.projects);
    print_explanation(arena, document, piece, text);
    if (parser && !text.n)
        printf("%.*s:%u: nothing here that %.*s looks at\n", STR_ARG(path), options->explain_line,
               STR_ARG(options->explain));
    return parser != NULL;
}

ExitStatus command_explain(Program *program) {
    Str place = program->options->explain_path, path = S("."), part;
    if (place.n)
        document_split_path(place, &path, &part);
    Wanted wanted = wanted_for(program, path);
    Registry *registry = wanted.registry;
    ptrdiff_t index = registry ? find_transform(program, registry) : -1, n;
    const Transform *transform = index < 0 ? NULL : registry_transform(registry, index);
    bool ok = transform != NULL;
    if (ok && place.n)
        ok = explain_line(program, &wanted, index);
    else if (ok)
        report_explain(stdout, &program->style, &registry_entries(registry, &n)[index], transform);
    wanted_close(program, &wanted);
    return ok ? EXIT_DONE : EXIT_TROUBLE;
}

ExitStatus command_version(Program *program) {
    (void)program;
    char version[64] = "";
    uint32_t jit = 0;
    if (pcre2_config(PCRE2_CONFIG_VERSION, NULL) < (int)sizeof version)
        pcre2_config(PCRE2_CONFIG_VERSION, version);
    pcre2_config(PCRE2_CONFIG_JIT, &jit);
    printf("hffix %s\n%s\n", HFFIX_VERSION, syntax_library_version());
    for (int grammar = 0; grammar < GRAMMAR_COUNT; grammar++)
        printf("%s\n", syntax_grammar_version((Grammar)grammar));
    printf("PCRE2 %s%s\n%s\n", version, jit ? " with JIT" : "", json_library_version());
    return EXIT_DONE;
}
