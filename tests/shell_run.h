/* For unit tests of rules outside Python: PATCH() sets the patches, and GIVES() and its like run
 * them on a text. Within folder_open() of unit_folder.h. */
#ifndef HFFIX_TESTS_SHELL_RUN_H
#define HFFIX_TESTS_SHELL_RUN_H

#include "document/scripts.h"
#include "tests/unit_folder.h"
#include "transform/shell_run.h"

static Arena arena;
static Outcome *outcome;
static Str explained;
static const char *const *patches;
static ptrdiff_t n_patches;
static Str source_path = S("run.sh");

static inline void script(ShellReader *reader) {
    shell_add(reader, reader->source, 0);
}

static inline Registry *open_patches(Diagnostics *diagnostics) {
    Str paths[4];
    for (ptrdiff_t i = 0; i < n_patches; i++) {
        char name[] = "a.patch";
        name[0] = (char)('a' + i);
        folder_write(name, patches[i]);
        paths[i] = str_copy(&arena, str_from(name));
    }
    Selection selection = {0};
    return registry_open(&arena, &selection, paths, n_patches, diagnostics);
}

static inline Str run_with(ShellCut *cut, const char *text) {
    Diagnostics diagnostics = {.arena = &arena};
    Registry *registry = open_patches(&diagnostics);
    if (!registry) {
        Buf talk = {.arena = &arena};
        for (ptrdiff_t i = 0; i < diagnostics.list.n; i++)
            diag_print(&talk, &diagnostics.list.v[i]);
        return buf_str(&talk);
    }
    Projects *projects = projects_open(&arena, NULL, 0, settings_default);
    Parser *parser = parser_open();
    ptrdiff_t n;
    const Entry *entries = registry_entries(registry, &n);
    bool *candidates = new (&arena, bool, n + 1);
    for (ptrdiff_t i = 0; i < n; i++)
        candidates[i] = entries[i].selected;
    Engine engine = {.registry = registry, .projects = projects};
    Source *source = source_read(&arena, source_path, str_from(text), &diagnostics);
    outcome = shell_run(&engine, parser, &arena, source, cut, candidates, &diagnostics);
    explained =
        shell_explain(&engine, parser, &arena, source, cut, registry_find(registry, S("a")), 1);
    parser_close(parser);
    projects_close(projects);
    registry_close(registry);
    return outcome->text;
}

static inline void patch(const char *const *texts, ptrdiff_t n) {
    patches = texts;
    n_patches = n;
}

#define PATCH(...) \
    patch((const char *const[]){__VA_ARGS__}, COUNT(((const char *const[]){__VA_ARGS__})))
#define GIVES(text, want)  CHECK_STR(run_with(script, text), S(want))
#define STAYS(text)        CHECK_STR(run_with(script, text), S(text))
#define DOCKER(text, want) CHECK_STR(run_with(docker_cut, text), S(want))
#define YAML(text, want)   CHECK_STR(run_with(yaml_cut, text), S(want))

#endif
