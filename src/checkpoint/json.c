/* Depth is counted before parsing: yyjson reads without recursion and would take any, but the
 * libraries whose verdict is foretold do not, and neither should code that walks the values. */
#include "checkpoint/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

struct JsonDoc {
    yyjson_doc *doc;
    Arena *arena;
    size_t held; /* bytes, counted in arena->used */
};

/* ---- memory: malloc, within what the arena's limit leaves ---- */

typedef union Header {
    size_t size;
    max_align_t align;
} Header;

static void *take(void *context, size_t size) {
    JsonDoc *owner = context;
    size_t limit = owner->arena->limit;
    if (size > SIZE_MAX / 2 ||
        (limit && (owner->arena->used > limit || size > limit - owner->arena->used)))
        return NULL;
    Header *header = malloc(sizeof *header + size);
    if (!header)
        return NULL;
    header->size = size;
    owner->held += size;
    owner->arena->used += size;
    return header + 1;
}

static void give(void *context, void *p) {
    JsonDoc *owner = context;
    if (!p)
        return;
    Header *header = (Header *)p - 1;
    owner->held -= header->size;
    owner->arena->used -= header->size;
    free(header);
}

static void *resize(void *context, void *p, size_t old, size_t size) {
    void *grown = take(context, size);
    if (!grown)
        return NULL;
    memcpy(grown, p, old < size ? old : size);
    give(context, p);
    return grown;
}

/* ---- parsing ---- */

/* Offset of the bracket that is deeper than `depth`, or -1. */
static ptrdiff_t too_deep(Str text, int depth) {
    int open = 0;
    for (ptrdiff_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == '"') {
            for (i++; i < text.n && text.p[i] != '"'; i++)
                i += text.p[i] == '\\';
        } else if (c == '[' || c == '{') {
            if (++open > depth)
                return i;
        } else if (c == ']' || c == '}') {
            open--;
        }
    }
    return -1;
}

static Str place_at(Arena *arena, Str text, ptrdiff_t at) {
    int line = 1;
    ptrdiff_t start = 0;
    for (ptrdiff_t i = 0; i < at && i < text.n; i++)
        if (text.p[i] == '\n') {
            line++;
            start = i + 1;
        }
    return str_format(arena, "line %d column %td", line, at - start + 1);
}

JsonDoc *json_parse(Arena *arena, Str text, int depth, Str file, Reasons *reasons) {
    ptrdiff_t deep = too_deep(text, depth);
    if (deep >= 0) {
        reject(reasons, file, place_at(arena, text, deep),
               "JSON nesting too deep: more than %d values inside each other", depth);
        return NULL;
    }
    JsonDoc *out = new (arena, JsonDoc, 1);
    out->arena = arena;
    yyjson_alc alc = {take, resize, give, out};
    yyjson_read_err error = {0};
    /* Python's json writes and reads NaN and Infinity; serde does not, but no file of its holds
     * one. */
    yyjson_read_flag flags = depth == JSON_DEPTH_PYTHON ? YYJSON_READ_ALLOW_INF_AND_NAN : 0;
    out->doc = yyjson_read_opts((char *)(uintptr_t)text.p, (size_t)text.n, flags, &alc, &error);
    if (out->doc)
        return out;
    if (error.code == YYJSON_READ_ERROR_MEMORY_ALLOCATION)
        reason_uncovered(reasons, file, (Str){0},
                         "reading it needs more memory than --memory allows");
    else
        reject(reasons, file, place_at(arena, text, (ptrdiff_t)error.pos), "%.*s is not JSON: %s",
               STR_ARG(file), text.n ? error.msg : "the file is empty");
    return NULL;
}

const Json *json_root(const JsonDoc *doc) {
    return doc ? yyjson_doc_get_root(doc->doc) : NULL;
}

void json_close(JsonDoc *doc) {
    if (doc)
        yyjson_doc_free(doc->doc);
}

/* ---- values ---- */

JsonKind json_kind(const Json *value) {
    switch (yyjson_get_type((Json *)(uintptr_t)value)) {
    case YYJSON_TYPE_NULL:
        return JSON_NULL;
    case YYJSON_TYPE_BOOL:
        return JSON_BOOL;
    case YYJSON_TYPE_NUM:
        return JSON_NUMBER;
    case YYJSON_TYPE_STR:
        return JSON_STRING;
    case YYJSON_TYPE_ARR:
        return JSON_ARRAY;
    case YYJSON_TYPE_OBJ:
        return JSON_OBJECT;
    default:
        return JSON_MISSING;
    }
}

const Json *json_get(const Json *object, const char *key) {
    const Json *found = NULL;
    Str wanted = str_from(key);
    if (json_kind(object) != JSON_OBJECT)
        return NULL;
    for (JsonIter it = json_iter(object); json_next(&it);)
        if (str_eq(it.key, wanted))
            found = it.value;
    return found;
}

ptrdiff_t json_count(const Json *container) {
    JsonKind kind = json_kind(container);
    if (kind == JSON_ARRAY)
        return (ptrdiff_t)yyjson_arr_size((Json *)(uintptr_t)container);
    return kind == JSON_OBJECT ? (ptrdiff_t)yyjson_obj_size((Json *)(uintptr_t)container) : 0;
}

bool json_has(const Json *object, const char *key) {
    return json_kind(json_get(object, key)) > JSON_NULL;
}

Str json_str(const Json *value) {
    if (json_kind(value) != JSON_STRING)
        return (Str){0};
    return (Str){yyjson_get_str((Json *)(uintptr_t)value),
                 (ptrdiff_t)yyjson_get_len((Json *)(uintptr_t)value)};
}

bool json_is(const Json *value, Str text) {
    return json_kind(value) == JSON_STRING && str_eq(json_str(value), text);
}

bool json_true(const Json *value) {
    return json_bool(value, false);
}

bool json_bool(const Json *value, bool otherwise) {
    return json_kind(value) == JSON_BOOL ? yyjson_get_bool((Json *)(uintptr_t)value) : otherwise;
}

bool json_int(const Json *value, int64_t *out) {
    if (json_kind(value) != JSON_NUMBER)
        return false;
    Json *v = (Json *)(uintptr_t)value;
    if (yyjson_is_sint(v)) {
        *out = yyjson_get_sint(v);
        return true;
    }
    if (yyjson_is_uint(v)) {
        *out = (int64_t)yyjson_get_uint(v);
        return yyjson_get_uint(v) <= INT64_MAX;
    }
    double number = yyjson_get_num(v);
    if (!(fabs(number) < 9e15) || number != floor(number))
        return false;
    *out = (int64_t)number;
    return true;
}

double json_number(const Json *value, double otherwise) {
    return json_kind(value) == JSON_NUMBER ? yyjson_get_num((Json *)(uintptr_t)value) : otherwise;
}

bool json_uint(const Json *value, uint64_t *out) {
    if (!yyjson_is_uint((Json *)(uintptr_t)value))
        return false;
    *out = yyjson_get_uint((Json *)(uintptr_t)value);
    return true;
}

JsonIter json_iter(const Json *container) {
    JsonKind kind = json_kind(container);
    JsonIter iter = {.object = kind == JSON_OBJECT, .left = json_count(container)};
    if (iter.left > 0)
        iter.next = container + 1; /* yyjson keeps a container's values behind it */
    return iter;
}

bool json_next(JsonIter *iter) {
    if (iter->left <= 0)
        return false;
    iter->left--;
    if (iter->object) {
        iter->key = json_str(iter->next);
        iter->value = iter->next + 1;
    } else {
        iter->value = iter->next;
    }
    iter->next = unsafe_yyjson_get_next((Json *)(uintptr_t)iter->value);
    return true;
}

const char *json_library_version(void) {
    return "yyjson " YYJSON_VERSION_STRING;
}
