/* Snippets of Python for unit tests: a module read from text, and nodes found by their text. */
#ifndef HFFIX_TESTS_SNIPPET_H
#define HFFIX_TESTS_SNIPPET_H

#include <string.h>

#include "python/names.h"
#include "tests/unit.h"

static Arena snippet_arena;
static Parser *snippet_parser;

static inline const Module *snippet_in(const char *text, const char *package) {
    if (!snippet_parser)
        snippet_parser = parser_open();
    Diagnostics diagnostics = {.arena = &snippet_arena};
    Source *source = source_read(&snippet_arena, S("snippet.py"), str_from(text), &diagnostics);
    source->package = str_from(package);
    Tree *tree = syntax_parse(snippet_parser, &snippet_arena, GRAMMAR_PYTHON, source->parse_text);
    return module_read(&snippet_arena, source, tree);
}

static inline const Module *snippet(const char *text) {
    return snippet_in(text, "");
}

/* The n-th expression of that text, from 1; from the end with negative n. 0 if there is none. */
static inline Node nth(const Module *module, const char *text, int n) {
    Node found = 0;
    int count = 0;
    uint32_t end = 0;
    for (Node node = 1; node < module->tree->n; node++) {
        const NodeRow *row = &module->tree->rows[node];
        if (!row->named || !str_eq(module_text(module, node), str_from(text)))
            continue;
        /* Of nodes with one span (a name that is a statement) the innermost. */
        bool inside = found && row->end <= end;
        if (n > 0 && count == n && !inside)
            break;
        count += !inside;
        found = node;
        end = row->end;
    }
    if (n < 0 && n != -1)
        return nth(module, text, count + 1 + n);
    return n > count ? 0 : found;
}

static inline uint32_t line_of(const Module *module, Node node) {
    return source_line(module->source, node_span(module->tree, node).at);
}

/* A snippet in which one expression stands between dollar signs: "x = 1\nf($x$)". */
static inline const Module *snippet_marked(const char *code, Node *marked) {
    Buf text = {.arena = &snippet_arena};
    ptrdiff_t at[2] = {0}, n = 0;
    for (const char *c = code; *c; c++)
        if (*c == '$' && n < 2)
            at[n++] = text.n;
        else
            buf_add_byte(&text, *c);
    const Module *module = snippet(str_c(&snippet_arena, buf_str(&text)));
    *marked = 0;
    for (Node node = 1; node < module->tree->n; node++) {
        const NodeRow *row = &module->tree->rows[node];
        if (row->named && row->at == at[0] && row->end == at[1])
            *marked = node;
    }
    return module;
}

/* Line of the binding that the marked expression reads; 0 when there is no one. */
static inline long reached(const char *code) {
    Node use;
    const Module *module = snippet_marked(code, &use);
    const Binding *binding = use ? binding_reaching(module, use) : NULL;
    return !use ? -1 : binding ? (long)line_of(module, binding->at) : 0;
}

/* As the last of the tests: gives back what the snippets hold. */
static inline void snippet_close(void) {
    parser_close(snippet_parser);
    snippet_parser = NULL;
    arena_close(&snippet_arena);
}

#endif
