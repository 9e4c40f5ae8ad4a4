/* Mappings of YAML as tables of keys, told by the columns of their keys. What stands deeper than a
 * key that has a value on its line is the rest of that value and holds no keys. A mapping in braces
 * is none of these tables, and a tab, a merged mapping or a key of its own syntax only makes less
 * of the file known. */
#include "document/yaml_lines.h"

enum { MOST_DEPTH = 32 };

typedef struct Open {
    ptrdiff_t column, table;
} Open;

typedef struct Mappings {
    ShellReader *reader;
    const YamlLines *lines;
    Open open[MOST_DEPTH];
    int depth;
} Mappings;

static Str python_of(Arena *arena, Str value) {
    char first = value.n ? value.p[0] : 0;
    if (first == '"' || first == '\'')
        return value.n > 1 && value.p[value.n - 1] == first &&
                       str_find_byte(str_slice(value, 1, value.n - 1), first) < 0
                   ? table_string(arena, str_slice(value, 1, value.n - 1))
                   : (Str){0};
    if (first && str_find_byte(S("[]{},|>&*!%@`?-"), first) >= 0 &&
        !(first == '-' && value.n > 1 && value.p[1] != ' '))
        return (Str){0};
    return table_word(arena, value);
}

/* The table that the entry's key belongs to. */
static Table *table_of(Mappings *mappings, const YamlEntry *entry) {
    ShellReader *reader = mappings->reader;
    while (mappings->depth &&
           (mappings->open[mappings->depth - 1].column > entry->column ||
            (entry->item && mappings->open[mappings->depth - 1].column == entry->column)))
        mappings->depth--;
    Open *top = mappings->depth ? &mappings->open[mappings->depth - 1] : NULL;
    if (top && top->column == entry->column)
        return &reader->tables.v[top->table];
    if (mappings->depth == MOST_DEPTH)
        return NULL;
    Table *table = list_push(reader->arena, &reader->tables);
    *table = (Table){.syntax = TABLE_YAML, .root = reader->tables.n - 1};
    mappings->open[mappings->depth++] = (Open){entry->column, reader->tables.n - 1};
    table->root = mappings->open[0].table;
    return table;
}

/* First line behind what the entry on line `i` has below itself as the rest of its value. */
static ptrdiff_t past_value(const YamlLines *lines, ptrdiff_t i, const YamlEntry *entry) {
    ptrdiff_t past = i + 1;
    bool scalar = entry->value.end > entry->value.at;
    for (ptrdiff_t k = i + 1; scalar && k < lines->n; k++) {
        Str line = yaml_line(lines, k);
        if (yaml_is_empty(line))
            continue;
        if (yaml_indentation(line) <= entry->column)
            break;
        past = k + 1;
    }
    return past;
}

static void add_key(Mappings *mappings, ptrdiff_t i, const YamlEntry *entry, bool single) {
    ShellReader *reader = mappings->reader;
    Table *table = table_of(mappings, entry);
    if (!table)
        return;
    Str value = str_span(reader->source, entry->value);
    Span line = mappings->lines->v[i];
    line.end += line.end < reader->source.n && reader->source.p[line.end] == '\r';
    line.end += line.end < reader->source.n;
    bool below = !value.n && yaml_goes_on(mappings->lines, i, entry->column);
    bool known = single && !below && !yaml_is_block_mark(value);
    *list_push(reader->arena, &table->keys) =
        (TableKey){.name = entry->key,
                   .at = entry->key_at,
                   .value = known ? entry->value : (Span){0},
                   .python = known ? python_of(reader->arena, value) : (Str){0},
                   .whole = known && !entry->item ? line : (Span){0}};
}

void yaml_tables(ShellReader *reader, const YamlLines *lines) {
    Mappings mappings = {.reader = reader, .lines = lines};
    for (ptrdiff_t i = 0; i < lines->n;) {
        YamlEntry entry;
        Str line = yaml_line(lines, i);
        if (str_starts(line, S("---")) || str_starts(line, S("...")))
            mappings.depth = 0;
        if (yaml_is_comment(line) || !yaml_entry(lines, i, &entry)) {
            i++;
            continue;
        }
        ptrdiff_t past = past_value(lines, i, &entry);
        add_key(&mappings, i, &entry, past == i + 1);
        i = past;
    }
}
