/* Python, a notebook or a page of text, as the first byte says: read, fixed with all transforms
 * that are built in, put back. */
#define _XOPEN_SOURCE 700 /* mkdtemp() */
#include "document/document.h"
#include "tests/fuzz/fuzz.h"
#include "transform/engine.h"

static Arena program;
static Registry *registry;
static Prefilter *prefilter;
static Projects *projects;
static Parser *parser;

static void open_once(void) {
    if (registry)
        return;
    Diagnostics diagnostics = {.arena = &program};
    Selection selection = {0};
    registry = registry_open(&program, &selection, NULL, 0, &diagnostics);
    prefilter = prefilter_open(&program, registry);
    projects = projects_open(&program, NULL, 0, settings_default);
    parser = parser_open();
}

static void fix(Arena *arena, const Document *document, Diagnostics *diagnostics) {
    Engine engine = {.registry = registry, .projects = projects};
    Str *texts = new (arena, Str, document->n), bytes;
    ptrdiff_t n;
    registry_entries(registry, &n);
    bool *candidates = new (arena, bool, n + 1);
    for (ptrdiff_t i = 0; i < document->n; i++) {
        const Source *source = document->pieces[i];
        bool any = prefilter_scan(prefilter, source->text, candidates) == GATE_OPEN;
        texts[i] = any ? engine_run(&engine, parser, arena, source, candidates, diagnostics)->text
                       : source->text;
    }
    (void)document_render(document, arena, texts, &bytes, diagnostics);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    open_once();
    Arena arena = {.limit = (size_t)LIMIT * 8};
    jmp_buf exhausted;
    arena.on_exhausted = &exhausted;
    if (setjmp(exhausted) == 0) {
        Diagnostics diagnostics = {.arena = &arena};
        Str bytes = {(const char *)data, (ptrdiff_t)size};
        Str path = size && data[0] == '{'   ? S("a.ipynb")
                   : size && data[0] == '#' ? S("a.md")
                                            : S("a.py");
        Document *document = document_read(&arena, path, bytes, &diagnostics);
        if (document)
            fix(&arena, document, &diagnostics);
    }
    fuzz_close(&arena);
    return 0;
}
