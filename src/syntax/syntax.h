/* A syntax tree as flat rows; the only room that knows tree-sitter.
 *
 * syntax_parse() runs tree-sitter and copies its tree into rows in preorder, tokens included, so
 * that parents are known, a subtree is a range of rows, and nothing is left to free. Node 0 is no
 * node: every function takes it and answers with 0, the empty Str or NODE_NONE. */
#ifndef HFFIX_SYNTAX_SYNTAX_H
#define HFFIX_SYNTAX_SYNTAX_H

#include "base/str.h"

typedef enum Grammar { GRAMMAR_PYTHON, GRAMMAR_TOML, GRAMMAR_BASH, GRAMMAR_COUNT } Grammar;

/* Kinds of nodes that the program asks for, under the grammar's own names; the list is
 * syntax/kinds.def. What is not in it is NODE_OTHER (named) or NODE_TOKEN (anonymous). */
typedef enum Kind {
    NODE_NONE,
    NODE_OTHER,
    NODE_TOKEN,
    NODE_ERROR,
#define KIND(id, name) NODE_##id,
#include "syntax/kinds.def"
#undef KIND
    NODE_KIND_COUNT
} Kind;

/* Fields of nodes that the program asks for, under the grammar's own names. */
typedef enum Field {
    FIELD_NONE,
#define FIELD(id, name) FIELD_##id,
#include "syntax/fields.def"
#undef FIELD
    FIELD_COUNT
} Field;

typedef uint32_t Node; /* index of a row; 0 is none, 1 the root */

typedef struct NodeRow {
    uint16_t symbol; /* of the grammar: two nodes are of one kind exactly when these are equal */
    uint8_t kind;    /* Kind */
    uint8_t field;   /* Field under which the parent holds it */
    uint32_t at, end;
    Node parent;
    Node past;      /* first row behind the subtree: its rows are [node, past) */
    bool named;     /* not a token */
    bool missing;   /* put in by error recovery, of no length */
    bool has_error; /* an ERROR or missing node lies in the subtree, or it is one */
    bool extra;     /* a comment, or a line continuation */
} NodeRow;

typedef struct Tree {
    Grammar grammar;
    Str text; /* what was parsed; not owned */
    NodeRow *rows;
    uint32_t n; /* rows, with the unused row 0 */
} Tree;

typedef struct Parser Parser; /* a tree-sitter parser; one a thread */

Parser *parser_open(void); /* NULL when memory is out */
void parser_close(Parser *parser);

/* Trees that were parsed before, to be had again without parsing: those of built-in transforms are
 * made by the build. `rows` are those of all trees, each with its row 0. */
typedef struct Tape {
    const NodeRow *rows;
    const uint32_t *sizes; /* of each tree: its rows, and the bytes of its text */
    ptrdiff_t trees;
} Tape;

void parser_record(Parser *parser, Arena *arena); /* from here on, into a tape of its own */
Tape parser_tape(const Parser *parser);           /* what was recorded since, in the arena */
/* A parser that gives the tape's trees in their order, for texts that are those of then. */
Parser *parser_replay(const Tape *tape);
bool parser_is_replay(const Parser *parser);

/* Parses text; never fails on bad input, which gives ERROR nodes. NULL only when tree-sitter gave
 * up (its own limits). The tree lies in the arena and views `text`. */
Tree *syntax_parse(Parser *parser, Arena *arena, Grammar grammar, Str text);

Kind node_kind(const Tree *tree, Node node);
Span node_span(const Tree *tree, Node node);
Str node_text(const Tree *tree, Node node);
bool node_is_token(const Tree *tree, Node node, Str token); /* an anonymous node of that text */

Node node_parent(const Tree *tree, Node node);
Node node_child(const Tree *tree, Node node);       /* first child, tokens and extras included */
Node node_next(const Tree *tree, Node node);        /* next sibling, likewise */
Node node_previous(const Tree *tree, Node node);    /* previous sibling, likewise */
Node node_last_child(const Tree *tree, Node node);  /* likewise */
Node node_child_named(const Tree *tree, Node node); /* first named child that is no extra */
Node node_next_named(const Tree *tree, Node node);  /* next named sibling that is no extra */
int node_count_named(const Tree *tree, Node node);  /* named children that are no extras */
Node node_field(const Tree *tree, Node node, Field field);  /* first child under a field */
Node node_next_field(const Tree *tree, Node child);         /* next sibling under the same field */
Node node_ancestor(const Tree *tree, Node node, Kind kind); /* nearest, not itself */
bool node_within(const Tree *tree, Node node, Node ancestor); /* itself counts as within */
Node node_at(const Tree *tree, uint32_t offset); /* smallest node whose span holds the offset; 0
                                                    before or behind the root's span */

const char *kind_name(Kind kind);

/* "tree-sitter 0.26.1 (ABI 15)", "tree-sitter-python 0.25.0": for --version. */
const char *syntax_library_version(void);
const char *syntax_grammar_version(Grammar grammar);

#endif
