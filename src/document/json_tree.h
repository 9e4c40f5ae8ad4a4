/* JSON as places in its bytes: what is where, so that one string can change and all else stay. */
#ifndef HFFIX_DOCUMENT_JSON_TREE_H
#define HFFIX_DOCUMENT_JSON_TREE_H

#include "base/str.h"

typedef enum JsonTreeKind {
    JSON_TREE_NONE,
    JSON_TREE_OBJECT,
    JSON_TREE_ARRAY,
    JSON_TREE_STRING,
    JSON_TREE_NUMBER, /* NaN, Infinity and -Infinity too, which Python writes and reads */
    JSON_TREE_LITERAL /* true, false, null */
} JsonTreeKind;

typedef uint32_t JsonNode; /* index of a row; 0 is none, 1 the document's value */

typedef struct JsonRow {
    uint32_t at, end; /* strings with their quotes */
    JsonNode past;    /* first row behind the subtree */
    uint32_t kind;
} JsonRow;

/* Rows in preorder; in an object each key is followed by its value. Node 0 is taken everywhere and
 * has no kind, no text and no children. */
typedef struct JsonTree {
    Str text;
    JsonRow *rows;
    uint32_t n;
} JsonTree;

typedef struct JsonTreeError {
    uint32_t at;
    const char *what; /* "a ',' or ']' is missing" */
} JsonTreeError;

/* Strict but for NaN and its like, and a byte order mark. NULL, with the error's place, for what is
 * not one JSON value. Strings are checked when they are decoded. */
JsonTree *json_tree_parse(Arena *arena, Str text, JsonTreeError *error);

JsonTreeKind json_tree_kind(const JsonTree *json, JsonNode node);
Str json_tree_raw(const JsonTree *json,
                  JsonNode node); /* its bytes; a string's without the quotes */
JsonNode json_tree_first(const JsonTree *json, JsonNode parent);
JsonNode json_tree_next(const JsonTree *json, JsonNode parent, JsonNode child);
/* The value of an object's last member of that name (the one that Python keeps); 0: none. */
JsonNode json_tree_member(const JsonTree *json, JsonNode object, Str key);

/* A string's text in UTF-8. False for what is no string, and for what is not Unicode text: a
 * surrogate without its other half, bytes that are not UTF-8, U+0000 (no text file holds it). */
bool json_tree_string(const JsonTree *json, Arena *arena, JsonNode node, Str *text);

#endif
