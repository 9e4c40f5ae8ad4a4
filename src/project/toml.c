/* The grammar's tree holds tables as they are written; readers want to ask for a dotted path
 * however its keys were divided among headers, dotted keys and inline tables, so all are flattened
 * here. Arrays stay values: readers go through their elements. */
#include "project/toml.h"

#include "base/byte.h"
#include "base/list.h"
#include "base/utf8.h"

enum { MOST_KEYS = 64 };

typedef struct Flatten {
    Arena *arena;
    Toml *toml;
    List(TomlEntry) entries;
} Flatten;

/* ---- strings ---- */

/* Resolves the escape whose letter is at `at`; the answer is the first byte behind it. */
static ptrdiff_t add_escape(Buf *out, Str text, ptrdiff_t at) {
    static const char letters[] = "btnfre", bytes[] = "\b\t\n\f\r\x1b";
    char letter = text.p[at++];
    for (int i = 0; letters[i]; i++)
        if (letters[i] == letter) {
            buf_add_byte(out, bytes[i]);
            return at;
        }
    if (letter == 'u' || letter == 'U') {
        uint32_t c = 0;
        for (int i = 0; i < (letter == 'u' ? 4 : 8) && at < text.n && byte_hex(text.p[at]) >= 0;
             i++)
            c = c * 16 + (uint32_t)byte_hex(text.p[at++]);
        utf8_add(out, (int32_t)(c & 0x1fffff));
        return at;
    }
    if (letter != '\n' && letter != '\r' && letter != ' ' && letter != '\t') {
        buf_add_byte(out, letter);
        return at;
    }
    /* A backslash at a line's end swallows the blanks that follow. */
    while (at < text.n && str_find_byte(S(" \t\r\n"), text.p[at]) >= 0)
        at++;
    return at;
}

static Str unquoted(Arena *arena, Str text) {
    bool literal = str_starts(text, S("'"));
    bool multiline = str_starts(text, S("\"\"\"")) || str_starts(text, S("'''"));
    ptrdiff_t quotes = multiline ? 3 : 1;
    text = str_slice(text, quotes, text.n - quotes);
    if (multiline && str_starts(text, S("\r\n")))
        text = str_slice(text, 2, text.n);
    else if (multiline && str_starts(text, S("\n")))
        text = str_slice(text, 1, text.n);
    if (literal || str_find_byte(text, '\\') < 0)
        return text;
    Buf out = {.arena = arena};
    for (ptrdiff_t at = 0; at < text.n;) {
        if (text.p[at] == '\\' && at + 1 < text.n)
            at = add_escape(&out, text, at + 1);
        else
            buf_add_byte(&out, text.p[at++]);
    }
    return buf_str(&out);
}

/* ---- keys ---- */

static bool is_key(Kind kind) {
    return kind == NODE_TOML_BARE_KEY || kind == NODE_TOML_QUOTED_KEY ||
           kind == NODE_TOML_DOTTED_KEY;
}

/* The keys of a table's header or a pair behind those of `outer`. */
static TomlEntry keys_below(Flatten *flatten, const TomlEntry *outer, Node owner) {
    const Tree *tree = flatten->toml->tree;
    List(Str) keys = {0};
    for (int i = 0; i < outer->n; i++)
        *list_push(flatten->arena, &keys) = outer->keys[i];
    Node key = node_child_named(tree, owner);
    if (!is_key(node_kind(tree, key)))
        return (TomlEntry){.keys = keys.v, .n = (int)keys.n};
    for (Node row = key; row < tree->rows[key].past; row++) {
        Kind kind = node_kind(tree, row);
        if (kind == NODE_TOML_QUOTED_KEY)
            *list_push(flatten->arena, &keys) = unquoted(flatten->arena, node_text(tree, row));
        else if (kind == NODE_TOML_BARE_KEY)
            *list_push(flatten->arena, &keys) = node_text(tree, row);
    }
    return (TomlEntry){.keys = keys.v, .n = (int)keys.n};
}

/* The pairs of a document, table or inline table. Below MOST_KEYS keys nothing is of interest. */
static void flatten_pairs(Flatten *flatten, const TomlEntry *outer, Node owner) {
    const Tree *tree = flatten->toml->tree;
    for (Node pair = node_child_named(tree, owner); pair; pair = node_next_named(tree, pair)) {
        if (node_kind(tree, pair) != NODE_PAIR || outer->n > MOST_KEYS)
            continue;
        TomlEntry entry = keys_below(flatten, outer, pair);
        entry.value = node_next_named(tree, node_child_named(tree, pair));
        if (node_kind(tree, entry.value) == NODE_TOML_INLINE_TABLE)
            flatten_pairs(flatten, &entry, entry.value);
        else
            *list_push(flatten->arena, &flatten->entries) = entry;
    }
}

static uint32_t first_error(const Tree *tree) {
    for (Node row = 1; row < tree->n; row++)
        if (node_kind(tree, row) == NODE_ERROR || tree->rows[row].missing)
            return tree->rows[row].at;
    return 0;
}

/* ---- public ---- */

Toml *toml_parse(Parser *parser, Arena *arena, Str text, uint32_t *error_at) {
    *error_at = 0;
    const Tree *tree = syntax_parse(parser, arena, GRAMMAR_TOML, text);
    if (!tree)
        return NULL;
    if (tree->n > 1 && tree->rows[1].has_error) {
        *error_at = first_error(tree);
        return NULL;
    }
    Toml *toml = new (arena, Toml, 1);
    toml->tree = tree;
    Flatten flatten = {.arena = arena, .toml = toml};
    TomlEntry none = {0};
    flatten_pairs(&flatten, &none, 1);
    for (Node table = node_child_named(tree, 1); table; table = node_next_named(tree, table)) {
        Kind kind = node_kind(tree, table);
        if (kind != NODE_TOML_TABLE && kind != NODE_TOML_TABLE_ARRAY)
            continue;
        TomlEntry header = keys_below(&flatten, &none, table);
        flatten_pairs(&flatten, &header, table);
    }
    toml->entries = flatten.entries.v;
    toml->n = flatten.entries.n;
    return toml;
}

bool toml_is(const TomlEntry *entry, const char *path) {
    Str rest = str_from(path);
    int i = 0;
    for (; i < entry->n && rest.n; i++) {
        Str key;
        str_cut(rest, '.', &key, &rest);
        if (!str_eq(key, S("*")) && !str_eq(key, entry->keys[i]))
            return false;
    }
    return i == entry->n && !rest.n;
}

Str toml_string(const Toml *toml, Arena *arena, Node value) {
    if (node_kind(toml->tree, value) != NODE_STRING)
        return (Str){0};
    return unquoted(arena, node_text(toml->tree, value));
}

Span toml_key_span(const Toml *toml, Arena *arena, const TomlEntry *entry, int index) {
    const Tree *tree = toml->tree;
    int left = entry->n - index; /* keys from the value outwards, this one included */
    for (Node owner = node_parent(tree, entry->value); owner; owner = node_parent(tree, owner)) {
        Node key = node_child_named(tree, owner);
        if (!is_key(node_kind(tree, key)))
            continue;
        List(Node) keys = {0};
        for (Node row = key; row < tree->rows[key].past; row++)
            if (node_kind(tree, row) == NODE_TOML_BARE_KEY ||
                node_kind(tree, row) == NODE_TOML_QUOTED_KEY)
                *list_push(arena, &keys) = row;
        if (left <= keys.n)
            return node_span(tree, keys.v[keys.n - left]);
        left -= (int)keys.n;
    }
    return node_span(tree, entry->value);
}
