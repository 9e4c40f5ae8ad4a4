/* Tables of named values in files of settings: a mapping of YAML, an object of JSON, a table of
 * TOML, and the flags of a command, which are read as one. */
#ifndef HFFIX_SHELL_TABLE_H
#define HFFIX_SHELL_TABLE_H

#include "base/list.h"
#include "base/str.h"

typedef enum TableSyntax { TABLE_FLAGS, TABLE_YAML, TABLE_JSON, TABLE_TOML } TableSyntax;

typedef struct TableKey {
    Str name;   /* without quotes; of a flag without `--`, with `_` for `-` */
    Span at;    /* the same as written */
    Span value; /* as written; empty: there is none, or it does not stand on the key's line */
    Str python; /* a scalar as Python writes it ("x", 3, True, None); empty: not known */
    Span whole; /* what goes when the key goes; empty: it can't be cut out */
} TableKey;

typedef struct Table {
    TableSyntax syntax;
    ptrdiff_t root; /* index of the outermost table of the document that this one is part of */
    List(TableKey) keys;
} Table;

/* What Python would write for a word without quotes: YAML's and flags' idea of one. */
Str table_word(Arena *arena, Str word);
/* For the text of a string; empty when that would need escapes. */
Str table_string(Arena *arena, Str text);

#endif
