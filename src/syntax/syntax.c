/* Parsing, and questions about the rows that it leaves.
 *
 * tree-sitter's tree is read once, with a cursor and without recursion, so that depth of nesting
 * costs no stack. Its nodes have no cheap parent and must be freed; rows in the arena have one and
 * need not. While rows are allocated the arena may longjmp away, so the Parser keeps the foreign
 * tree and frees it at the next parse or when it is closed.
 *
 * What a grammar calls its symbols and fields is looked up by name once in the process, because the
 * numbers differ from one release of a grammar to the next. */
#include "syntax/syntax.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tree_sitter/api.h>

#include "base/list.h"

#ifndef HFFIX_TREE_SITTER_VERSION
#define HFFIX_TREE_SITTER_VERSION "unknown"
#endif
#ifndef HFFIX_TREE_SITTER_PYTHON_VERSION
#define HFFIX_TREE_SITTER_PYTHON_VERSION "unknown"
#endif
#ifndef HFFIX_TREE_SITTER_TOML_VERSION
#define HFFIX_TREE_SITTER_TOML_VERSION "unknown"
#endif
#ifndef HFFIX_TREE_SITTER_BASH_VERSION
#define HFFIX_TREE_SITTER_BASH_VERSION "unknown"
#endif

const TSLanguage *tree_sitter_python(void);
const TSLanguage *tree_sitter_toml(void);
const TSLanguage *tree_sitter_bash(void);

_Static_assert(NODE_KIND_COUNT <= UINT8_MAX + 1, "Kind must fit a byte of NodeRow");
_Static_assert(FIELD_COUNT <= UINT8_MAX + 1, "Field must fit a byte of NodeRow");

static const char *const kind_names[NODE_KIND_COUNT] = {
    [NODE_NONE] = "nothing",
    [NODE_OTHER] = "other",
    [NODE_TOKEN] = "token",
    [NODE_ERROR] = "ERROR",
#define KIND(id, name) [NODE_##id] = name,
#include "syntax/kinds.def"
#undef KIND
};

static const char *const field_names[FIELD_COUNT] = {
#define FIELD(id, name) [FIELD_##id] = name,
#include "syntax/fields.def"
#undef FIELD
};

/* ---- what the grammars call things ---- */

enum { MAX_SYMBOLS = 1024, MAX_FIELDS = 128, NAME_BUCKETS = 128 };

typedef struct GrammarNames {
    const TSLanguage *language;
    uint8_t kind[MAX_SYMBOLS]; /* by symbol */
    uint8_t field[MAX_FIELDS]; /* by field id */
} GrammarNames;

static struct Names {
    GrammarNames grammar[GRAMMAR_COUNT];
    char library_version[64];
} names;

static unsigned name_bucket(const char *name) {
    size_t n = strlen(name);
    return (unsigned)(n * 31 + (unsigned char)name[0] * 7 + (unsigned char)name[n / 2] * 3 +
                      (n ? (unsigned char)name[n - 1] : 0)) %
           NAME_BUCKETS;
}

static void names_read_grammar(GrammarNames *of, const TSLanguage *language,
                               const uint8_t *kind_first, const uint8_t *kind_after) {
    of->language = language;
    uint32_t symbols = ts_language_symbol_count(language);
    for (uint32_t i = 0; i < symbols && i < MAX_SYMBOLS; i++) {
        if (ts_language_symbol_type(language, (TSSymbol)i) != TSSymbolTypeRegular) {
            of->kind[i] = NODE_TOKEN;
            continue;
        }
        const char *name = ts_language_symbol_name(language, (TSSymbol)i);
        uint8_t kind = kind_first[name_bucket(name)];
        while (kind && strcmp(kind_names[kind], name) != 0)
            kind = kind_after[kind];
        of->kind[i] = kind ? kind : NODE_OTHER;
    }
    uint32_t fields = ts_language_field_count(language);
    for (uint32_t i = 1; i <= fields && i < MAX_FIELDS; i++) {
        const char *name = ts_language_field_name_for_id(language, (TSFieldId)i);
        for (int field = FIELD_NONE + 1; name && field < FIELD_COUNT; field++) {
            if (strcmp(field_names[field], name) == 0)
                of->field[i] = (uint8_t)field;
        }
    }
}

static void names_read(void) {
    uint8_t kind_first[NAME_BUCKETS] = {0}, kind_after[NODE_KIND_COUNT] = {0};
    for (int kind = NODE_ERROR + 1; kind < NODE_KIND_COUNT; kind++) {
        unsigned bucket = name_bucket(kind_names[kind]);
        kind_after[kind] = kind_first[bucket];
        kind_first[bucket] = (uint8_t)kind;
    }
    names_read_grammar(&names.grammar[GRAMMAR_PYTHON], tree_sitter_python(), kind_first,
                       kind_after);
    names_read_grammar(&names.grammar[GRAMMAR_TOML], tree_sitter_toml(), kind_first, kind_after);
    names_read_grammar(&names.grammar[GRAMMAR_BASH], tree_sitter_bash(), kind_first, kind_after);
    snprintf(names.library_version, sizeof names.library_version, "tree-sitter %s (ABI %u)",
             HFFIX_TREE_SITTER_VERSION, (unsigned)ts_language_abi_version(tree_sitter_python()));
}

static const GrammarNames *names_of(Grammar grammar) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, names_read);
    return &names.grammar[grammar];
}

/* ---- parsing ---- */

struct Parser {
    TSParser *parser;
    TSTree *tree; /* of the last parse; NULL: none */
    const TSLanguage *language;

    Arena *recorder; /* NULL: nothing is recorded */
    List(NodeRow) rows;
    List(uint32_t) sizes;

    Tape tape; /* being replayed */
    ptrdiff_t played, row;
};

Parser *parser_open(void) {
    Parser *parser = calloc(1, sizeof *parser);
    if (!parser || (parser->parser = ts_parser_new()))
        return parser;
    free(parser);
    return NULL;
}

static void parser_drop_tree(Parser *parser) {
    if (parser->tree)
        ts_tree_delete(parser->tree);
    parser->tree = NULL;
}

void parser_close(Parser *parser) {
    if (!parser)
        return;
    parser_drop_tree(parser);
    if (parser->parser)
        ts_parser_delete(parser->parser);
    free(parser);
}

/* ---- tapes ---- */

void parser_record(Parser *parser, Arena *arena) {
    parser->recorder = arena;
    parser->rows.v = NULL;
    parser->sizes.v = NULL;
    parser->rows.n = parser->rows.capacity = parser->sizes.n = parser->sizes.capacity = 0;
}

Tape parser_tape(const Parser *parser) {
    return (Tape){parser->rows.v, parser->sizes.v, parser->sizes.n / 2};
}

static void record(Parser *parser, const Tree *tree) {
    for (uint32_t i = 0; i < tree->n; i++)
        *list_push(parser->recorder, &parser->rows) = tree->rows[i];
    *list_push(parser->recorder, &parser->sizes) = tree->n;
    *list_push(parser->recorder, &parser->sizes) = (uint32_t)tree->text.n;
}

Parser *parser_replay(const Tape *tape) {
    Parser *parser = calloc(1, sizeof *parser);
    if (parser)
        parser->tape = *tape;
    return parser;
}

bool parser_is_replay(const Parser *parser) {
    return parser->tape.trees > 0;
}

static Tree *replay(Parser *parser, Arena *arena, Grammar grammar, Str text) {
    const Tape *tape = &parser->tape;
    assert(parser->played < tape->trees && "a tape is replayed as it was recorded");
    const uint32_t *sizes = &tape->sizes[2 * parser->played++];
    assert(sizes[1] == (uint32_t)text.n && "a tape is replayed for the same texts");
    Tree *tree = new (arena, Tree, 1);
    /* Nobody writes to a tree's rows once it is there. */
    *tree = (Tree){.grammar = grammar,
                   .text = text,
                   .rows = (NodeRow *)(uintptr_t)(tape->rows + parser->row),
                   .n = sizes[0]};
    parser->row += sizes[0];
    return tree;
}

static void row_fill(NodeRow *row, const GrammarNames *of, const TSTreeCursor *cursor,
                     Node parent) {
    TSNode node = ts_tree_cursor_current_node(cursor);
    TSSymbol symbol = ts_node_symbol(node);
    TSFieldId field = ts_tree_cursor_current_field_id(cursor);
    *row = (NodeRow){
        /* ts_node_symbol() answers with one number for all symbols that share name and namedness,
         * which is what `symbol` promises. */
        .symbol = symbol,
        .kind = symbol < MAX_SYMBOLS ? of->kind[symbol] : NODE_OTHER,
        .field = field < MAX_FIELDS ? of->field[field] : FIELD_NONE,
        .at = ts_node_start_byte(node),
        .end = ts_node_end_byte(node),
        .parent = parent,
        .named = ts_node_is_named(node),
        .missing = ts_node_is_missing(node),
        .has_error = ts_node_has_error(node),
        .extra = ts_node_is_extra(node),
    };
    if (ts_node_is_error(node))
        row->kind = NODE_ERROR;
}

/* Copies the tree under `root` into tree->rows, which has room for `capacity` rows. */
static void rows_fill(Tree *tree, const GrammarNames *of, TSNode root, uint32_t capacity) {
    TSTreeCursor cursor = ts_tree_cursor_new(root);
    Node parent = 0;
    tree->n = 1;
    for (bool more = true; more && tree->n < capacity;) {
        Node node = tree->n++;
        row_fill(&tree->rows[node], of, &cursor, parent);
        if (ts_tree_cursor_goto_first_child(&cursor)) {
            parent = node;
            continue;
        }
        tree->rows[node].past = tree->n;
        while (!(more = ts_tree_cursor_goto_next_sibling(&cursor)) && parent) {
            tree->rows[parent].past = tree->n;
            parent = tree->rows[parent].parent;
            ts_tree_cursor_goto_parent(&cursor);
        }
    }
    ts_tree_cursor_delete(&cursor);
}

Tree *syntax_parse(Parser *parser, Arena *arena, Grammar grammar, Str text) {
    if (parser->tape.trees)
        return replay(parser, arena, grammar, text);
    const GrammarNames *of = names_of(grammar);
    parser_drop_tree(parser);
    if (text.n > UINT32_MAX - 1)
        return NULL;
    if (parser->language != of->language) {
        if (!ts_parser_set_language(parser->parser, of->language))
            return NULL;
        parser->language = of->language;
    }
    parser->tree =
        ts_parser_parse_string(parser->parser, NULL, text.n ? text.p : "", (uint32_t)text.n);
    if (!parser->tree) {
        ts_parser_reset(parser->parser);
        return NULL;
    }
    TSNode root = ts_tree_root_node(parser->tree);
    uint32_t capacity = ts_node_descendant_count(root) + 1;
    Tree *tree = new (arena, Tree, 1);
    tree->grammar = grammar;
    tree->text = text;
    tree->rows = new (arena, NodeRow, capacity);
    rows_fill(tree, of, root, capacity);
    parser_drop_tree(parser);
    if (parser->recorder)
        record(parser, tree);
    return tree;
}

/* ---- questions ---- */

/* Row 0 is all zero, so that most answers about "no node" need no test. */
static const NodeRow *row_of(const Tree *tree, Node node) {
    return &tree->rows[node < tree->n ? node : 0];
}

Kind node_kind(const Tree *tree, Node node) {
    return (Kind)row_of(tree, node)->kind;
}

Span node_span(const Tree *tree, Node node) {
    const NodeRow *row = row_of(tree, node);
    return (Span){row->at, row->end};
}

Str node_text(const Tree *tree, Node node) {
    return node ? str_span(tree->text, node_span(tree, node)) : (Str){0};
}

bool node_is_token(const Tree *tree, Node node, Str token) {
    return node && !row_of(tree, node)->named && str_eq(node_text(tree, node), token);
}

Node node_parent(const Tree *tree, Node node) {
    return row_of(tree, node)->parent;
}

Node node_child(const Tree *tree, Node node) {
    return node && row_of(tree, node)->past > node + 1 ? node + 1 : 0;
}

Node node_next(const Tree *tree, Node node) {
    const NodeRow *row = row_of(tree, node);
    return row->parent && row->past < row_of(tree, row->parent)->past ? row->past : 0;
}

/* The child of `parent` on the way down to `descendant`. */
static Node child_towards(const Tree *tree, Node parent, Node descendant) {
    while (row_of(tree, descendant)->parent != parent)
        descendant = row_of(tree, descendant)->parent;
    return descendant;
}

Node node_previous(const Tree *tree, Node node) {
    /* In preorder the row before is the last one of the previous sibling, or the parent. */
    Node parent = node_parent(tree, node);
    return parent && node - 1 != parent ? child_towards(tree, parent, node - 1) : 0;
}

Node node_last_child(const Tree *tree, Node node) {
    return node_child(tree, node) ? child_towards(tree, node, row_of(tree, node)->past - 1) : 0;
}

static Node named_from(const Tree *tree, Node node) {
    while (node && (!row_of(tree, node)->named || row_of(tree, node)->extra))
        node = node_next(tree, node);
    return node;
}

Node node_child_named(const Tree *tree, Node node) {
    return named_from(tree, node_child(tree, node));
}

Node node_next_named(const Tree *tree, Node node) {
    return named_from(tree, node_next(tree, node));
}

int node_count_named(const Tree *tree, Node node) {
    int n = 0;
    for (Node child = node_child_named(tree, node); child; child = node_next_named(tree, child))
        n++;
    return n;
}

static Node field_from(const Tree *tree, Node node, uint8_t field) {
    while (node && row_of(tree, node)->field != field)
        node = node_next(tree, node);
    return field == FIELD_NONE ? 0 : node;
}

Node node_field(const Tree *tree, Node node, Field field) {
    return field_from(tree, node_child(tree, node), (uint8_t)field);
}

Node node_next_field(const Tree *tree, Node child) {
    return field_from(tree, node_next(tree, child), row_of(tree, child)->field);
}

Node node_ancestor(const Tree *tree, Node node, Kind kind) {
    do
        node = node_parent(tree, node);
    while (node && node_kind(tree, node) != kind);
    return node;
}

bool node_within(const Tree *tree, Node node, Node ancestor) {
    return node && ancestor && node >= ancestor && node < row_of(tree, ancestor)->past;
}

Node node_at(const Tree *tree, uint32_t offset) {
    /* Starts never decrease in preorder. Whatever holds the offset starts at or before it, so it is
     * the last such row or an ancestor of it: anything earlier has ended where that row starts. */
    Node low = 0, high = tree->n;
    while (high - low > 1) {
        Node middle = low + (high - low) / 2;
        if (tree->rows[middle].at <= offset)
            low = middle;
        else
            high = middle;
    }
    while (low && tree->rows[low].end <= offset)
        low = tree->rows[low].parent;
    return low;
}

/* ---- names for people ---- */

const char *kind_name(Kind kind) {
    return kind_names[kind];
}

const char *syntax_library_version(void) {
    names_of(GRAMMAR_PYTHON);
    return names.library_version;
}

const char *syntax_grammar_version(Grammar grammar) {
    switch (grammar) {
    case GRAMMAR_PYTHON:
        return "tree-sitter-python " HFFIX_TREE_SITTER_PYTHON_VERSION;
    case GRAMMAR_TOML:
        return "tree-sitter-toml " HFFIX_TREE_SITTER_TOML_VERSION;
    case GRAMMAR_BASH:
        return "tree-sitter-bash " HFFIX_TREE_SITTER_BASH_VERSION;
    case GRAMMAR_COUNT:
        break;
    }
    return "";
}
