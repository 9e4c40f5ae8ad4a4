/* JSON, read whole. The only part of the program that includes yyjson.
 *
 * A document lives outside the arena, because yyjson gives its memory back in pieces; what it takes
 * counts against the arena's limit. Every function takes NULL for a value that is not there, so a
 * path of keys is followed without asking at each step. Of equal keys the last counts, as in Python
 * and in serde. */
#ifndef HFFIX_CHECKPOINT_JSON_H
#define HFFIX_CHECKPOINT_JSON_H

#include "checkpoint/reason.h"

typedef struct yyjson_val Json;
typedef struct JsonDoc JsonDoc;

enum {
    JSON_DEPTH_RUST = 127,  /* serde_json refuses deeper values: safetensors, tokenizer.json */
    JSON_DEPTH_PYTHON = 900 /* what json.load gets through: config.json */
};

typedef enum JsonKind {
    JSON_MISSING,
    JSON_NULL,
    JSON_BOOL,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT
} JsonKind;

/* NULL after adding a reject about `file`, with line and column. The bytes of `text` are copied. */
JsonDoc *json_parse(Arena *arena, Str text, int depth, Str file, Reasons *reasons);
const Json *json_root(const JsonDoc *doc); /* NULL for NULL */
void json_close(JsonDoc *doc);             /* NULL is fine */

JsonKind json_kind(const Json *value);
const Json *json_get(const Json *object, const char *key); /* NULL: no object, or not in it */
ptrdiff_t json_count(const Json *container);               /* of an array or object, otherwise 0 */
bool json_has(const Json *object, const char *key);        /* there and not null */

Str json_str(const Json *value);           /* empty when it is no string */
bool json_is(const Json *value, Str text); /* is that string */
bool json_true(const Json *value);         /* is true */
bool json_bool(const Json *value, bool otherwise);
bool json_int(const Json *value, int64_t *out); /* an integer, or a float without fraction */
double json_number(const Json *value, double otherwise);
bool json_uint(const Json *value, uint64_t *out); /* a non-negative integer literal */

/* for (JsonIter it = json_iter(v); json_next(&it);) … it.key (objects), it.value */
typedef struct JsonIter {
    const Json *value;
    Str key;
    const Json *next;
    ptrdiff_t left;
    bool object;
} JsonIter;
JsonIter json_iter(const Json *container);
bool json_next(JsonIter *iter);

const char *json_library_version(void); /* "yyjson 0.12.0": for --version */

#endif
