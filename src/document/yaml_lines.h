/* Lines of YAML, and the entries of mappings on them. */
#ifndef HFFIX_DOCUMENT_YAML_LINES_H
#define HFFIX_DOCUMENT_YAML_LINES_H

#include "shell/shell.h"

typedef struct YamlLines {
    Str source;
    Span *v; /* without their newlines */
    ptrdiff_t n;
} YamlLines;

/* `key: value` on a line. */
typedef struct YamlEntry {
    Str key;
    Span key_at;
    Span value;       /* empty: what follows is below */
    ptrdiff_t column; /* of the key */
    bool item;        /* behind a `-` */
} YamlEntry;

YamlLines yaml_lines(Arena *arena, Str source);
Str yaml_line(const YamlLines *lines, ptrdiff_t i);
bool yaml_entry(const YamlLines *lines, ptrdiff_t i, YamlEntry *entry);

ptrdiff_t yaml_indentation(Str line);
ptrdiff_t yaml_behind_marks(Str line); /* offset behind the `- ` marks of the line's items */
bool yaml_is_empty(Str line);
bool yaml_is_comment(Str line);
bool yaml_is_block_mark(Str value);
Span yaml_value(Str source, Span span); /* the value's text without a comment and blanks */
/* Whether the scalar at line `i` under a key at `column` goes on on the next line. */
bool yaml_goes_on(const YamlLines *lines, ptrdiff_t i, ptrdiff_t column);

/* Adds the mappings as tables. */
void yaml_tables(ShellReader *reader, const YamlLines *lines);

#endif
