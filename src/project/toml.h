/* A TOML file as a flat list of values under dotted keys. */
#ifndef HFFIX_PROJECT_TOML_H
#define HFFIX_PROJECT_TOML_H

#include "syntax/syntax.h"

/* `[tool.ruff]` with `format = { quote-style = "single" }` is tool, ruff, format, quote-style. */
typedef struct TomlEntry {
    Str *keys;
    int n;
    Node value; /* no inline table: those are entries of their own */
} TomlEntry;

typedef struct Toml {
    const Tree *tree;
    TomlEntry *entries; /* in the order of the file */
    ptrdiff_t n;
} Toml;

/* NULL when the text is no TOML; `*error_at` is then where that shows. */
Toml *toml_parse(Parser *parser, Arena *arena, Str text, uint32_t *error_at);

/* Whether the entry's keys are those of the dotted path; `*` stands for any one key. */
bool toml_is(const TomlEntry *entry, const char *path);

/* The value of a string with its escapes resolved; the empty Str for other values. */
Str toml_string(const Toml *toml, Arena *arena, Node value);

/* Where the entry's key of that index stands; in a table's header, perhaps. */
Span toml_key_span(const Toml *toml, Arena *arena, const TomlEntry *entry, int index);

#endif
