/* Patches on a text, for unit tests of the engine: PATCH() gives the patches of the runs that
 * follow (a.patch, b.patch, …), GIVES() and STAYS() say what becomes of a text. Includers define
 * _XOPEN_SOURCE 700, and stand in a folder of their own (tests/unit_folder.h). */
#ifndef HFFIX_TESTS_ENGINE_H
#define HFFIX_TESTS_ENGINE_H

#include "tests/unit.h"
#include "tests/unit_folder.h"

#include "transform/engine.h"

static Arena arena;
static const char *patches[4]; /* of the next run; NULL ends them */
static bool by_words;          /* only patches with words in the text run, as in a file of a run */
static Outcome *outcome;

static inline Registry *open_patches(Diagnostics *diagnostics) {
    Str paths[COUNT(patches)];
    ptrdiff_t n = 0;
    for (; n < COUNT(patches) && patches[n]; n++) {
        char name[] = "a.patch";
        name[0] = (char)('a' + n);
        folder_write(name, patches[n]);
        paths[n] = str_copy(&arena, str_from(name));
    }
    Selection selection = {0};
    return registry_open(&arena, &selection, paths, n, diagnostics);
}

static inline Str run_in(const char *path, const char *text) {
    Diagnostics diagnostics = {.arena = &arena};
    Registry *registry = open_patches(&diagnostics);
    for (ptrdiff_t i = 0; i < diagnostics.list.n; i++)
        fprintf(stderr, "%.*s\n", STR_ARG(diagnostics.list.v[i].text));
    if (!registry)
        return S("the patch does not parse");
    Projects *projects = projects_open(&arena, NULL, 0, settings_default);
    Parser *parser = parser_open();
    ptrdiff_t n;
    registry_entries(registry, &n);
    bool *candidates = new (&arena, bool, n + 1);
    for (ptrdiff_t i = 0; i < n; i++)
        candidates[i] = true;
    Engine engine = {.registry = registry, .projects = projects};
    if (by_words) {
        engine.prefilter = prefilter_open(&arena, registry);
        prefilter_scan(engine.prefilter, str_from(text), candidates);
    }
    Source *source = source_read(&arena, str_from(path), str_from(text), &diagnostics);
    outcome = engine_run(&engine, parser, &arena, source, candidates, &diagnostics);
    parser_close(parser);
    projects_close(projects);
    registry_close(registry);
    return outcome->text;
}

static inline Str run(const char *text) {
    return run_in("file.py", text);
}

static inline void patch(const char *const texts[], ptrdiff_t n) {
    for (ptrdiff_t i = 0; i < COUNT(patches); i++)
        patches[i] = i < n ? texts[i] : NULL;
}

#define PATCH(...) \
    patch((const char *const[]){__VA_ARGS__}, COUNT(((const char *const[]){__VA_ARGS__})))
#define GIVES(text, want) CHECK_STR(run(text), S(want))
#define STAYS(text)       CHECK_STR(run(text), S(text))

#endif
