/* Tables of TOML, those in braces too. Dotted keys say what is in a table further in, and are left
 * out: their table is then known in part only, which makes less of it, not more. */
#include "document/scripts.h"

static bool is_table(Kind kind) {
    return kind == NODE_TOML_DOCUMENT || kind == NODE_TOML_TABLE || kind == NODE_TOML_TABLE_ARRAY ||
           kind == NODE_TOML_INLINE_TABLE;
}

static Str python_of(Arena *arena, const Tree *tree, Node value) {
    Str text = node_text(tree, value);
    if (node_kind(tree, value) == NODE_STRING)
        return str_starts(text, S("\"\"\"")) || str_starts(text, S("'''"))
                   ? (Str){0}
                   : table_string(arena, shell_unquoted(text));
    Kind kind = node_kind(tree, value);
    bool word = kind != NODE_TOML_ARRAY && kind != NODE_TOML_INLINE_TABLE;
    return word ? table_word(arena, text) : (Str){0};
}

static void add_pair(ShellReader *reader, const Tree *tree, Table *table, Node pair, bool braces) {
    Node key = node_child_named(tree, pair), value = node_next_named(tree, key);
    Kind kind = node_kind(tree, key);
    if (kind != NODE_TOML_BARE_KEY && kind != NODE_TOML_QUOTED_KEY)
        return;
    Span at = node_span(tree, key), span = node_span(tree, value);
    uint32_t quote = kind == NODE_TOML_QUOTED_KEY;
    at = (Span){at.at + quote, at.end - quote};
    *list_push(reader->arena, &table->keys) =
        (TableKey){.name = str_span(reader->source, at),
                   .at = at,
                   .value = span,
                   .python = python_of(reader->arena, tree, value),
                   .whole = braces ? (Span){0} : shell_lines(reader, node_span(tree, pair))};
}

void toml_cut(ShellReader *reader) {
    const Tree *tree = syntax_parse(reader->parser, reader->arena, GRAMMAR_TOML, reader->source);
    if (!tree || tree->n < 2 || tree->rows[1].has_error) {
        reader->broken++;
        return;
    }
    for (Node node = 1; node < tree->n; node++) {
        Kind kind = node_kind(tree, node);
        if (!is_table(kind))
            continue;
        Table *table = list_push(reader->arena, &reader->tables);
        *table = (Table){.syntax = TABLE_TOML}; /* root: the document */
        for (Node pair = node_child_named(tree, node); pair; pair = node_next_named(tree, pair))
            if (node_kind(tree, pair) == NODE_PAIR)
                add_pair(reader, tree, table, pair, kind == NODE_TOML_INLINE_TABLE);
    }
}
