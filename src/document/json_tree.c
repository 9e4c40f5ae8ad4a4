/* One pass over the bytes, without recursion, into flat rows as in syntax/syntax.h.
 *
 * A scanner of its own, not a library or a grammar: readers of JSON do not say where a value stands
 * in the bytes, and a grammar would give a node for every escape of every picture in a notebook's
 * outputs and go on after errors, where a file that is not JSON is to be left alone. */
#include "document/json_tree.h"

#include <string.h>

#include "base/byte.h"
#include "base/list.h"
#include "base/utf8.h"

enum { MAX_DEPTH = 512 };

typedef struct Scan {
    Arena *arena;
    Str text;
    uint32_t at;
    List(JsonRow) rows;
    JsonNode open[MAX_DEPTH]; /* objects and arrays around `at` */
    int depth;
    const char *wrong; /* NULL: nothing is */
} Scan;

/* ---- characters ---- */

static bool fails(Scan *scan, const char *what) {
    scan->wrong = what;
    return false;
}

static int byte_at(const Scan *scan) {
    return scan->at < scan->text.n ? (unsigned char)scan->text.p[scan->at] : -1;
}

static void skip_blanks(Scan *scan) {
    for (int c; (c = byte_at(scan)) == ' ' || c == '\n' || c == '\r' || c == '\t';)
        scan->at++;
}

/* The four digits of a \u escape; -1 when there are none. */
static int hex_four(Str text, ptrdiff_t at) {
    int code = 0;
    for (ptrdiff_t i = at; i < at + 4; i++) {
        int digit = i < text.n ? byte_hex(text.p[i]) : -1;
        if (digit < 0)
            return -1;
        code = code << 4 | digit;
    }
    return code;
}

/* ---- values ---- */

static JsonNode add_row(Scan *scan, JsonTreeKind kind) {
    JsonRow *row = list_push(scan->arena, &scan->rows);
    *row = (JsonRow){.at = scan->at, .kind = kind};
    return (JsonNode)(scan->rows.n - 1);
}

static void end_row(Scan *scan, JsonNode node) {
    scan->rows.v[node].end = scan->at;
    scan->rows.v[node].past = (JsonNode)scan->rows.n;
}

static bool scan_string(Scan *scan) {
    JsonNode node = add_row(scan, JSON_TREE_STRING);
    scan->at++;
    for (int c; (c = byte_at(scan)) != '"'; scan->at++) {
        if (c < 0x20)
            return fails(scan,
                         c < 0 ? "a string has no end" : "a string holds a control character");
        if (c != '\\')
            continue;
        scan->at++;
        int escape = byte_at(scan);
        if (escape == 'u' && hex_four(scan->text, scan->at + 1) >= 0)
            scan->at += 4;
        else if (escape <= 0 || !memchr("\"\\/bfnrt", escape, 8))
            return fails(scan, "a string holds an unknown escape");
    }
    scan->at++;
    end_row(scan, node);
    return true;
}

static bool scan_word(Scan *scan, Str word, JsonTreeKind kind) {
    if (!str_starts(str_slice(scan->text, scan->at, scan->text.n), word))
        return fails(scan, "a value is expected here");
    JsonNode node = add_row(scan, kind);
    scan->at += (uint32_t)word.n;
    end_row(scan, node);
    return true;
}

static bool scan_digits(Scan *scan) {
    uint32_t from = scan->at;
    for (int c; (c = byte_at(scan)) >= '0' && c <= '9';)
        scan->at++;
    return scan->at > from || fails(scan, "a number lacks a digit");
}

static bool scan_number(Scan *scan) {
    JsonNode node = add_row(scan, JSON_TREE_NUMBER);
    scan->at += byte_at(scan) == '-';
    if (byte_at(scan) == '0')
        scan->at++;
    else if (!scan_digits(scan))
        return false;
    if (byte_at(scan) == '.') {
        scan->at++;
        if (!scan_digits(scan))
            return false;
    }
    if ((byte_at(scan) | 0x20) == 'e') {
        scan->at++;
        scan->at += byte_at(scan) == '+' || byte_at(scan) == '-';
        if (!scan_digits(scan))
            return false;
    }
    end_row(scan, node);
    return true;
}

static bool scan_open(Scan *scan, JsonTreeKind kind) {
    if (scan->depth == MAX_DEPTH)
        return fails(scan, "values are nested too deep");
    scan->open[scan->depth++] = add_row(scan, kind);
    scan->at++;
    return true;
}

/* A value, or the start of one that others stand in. */
static bool scan_value(Scan *scan) {
    int c = byte_at(scan);
    Str rest = str_slice(scan->text, scan->at, scan->text.n);
    switch (c) {
    case '"':
        return scan_string(scan);
    case '{':
        return scan_open(scan, JSON_TREE_OBJECT);
    case '[':
        return scan_open(scan, JSON_TREE_ARRAY);
    case 't':
        return scan_word(scan, S("true"), JSON_TREE_LITERAL);
    case 'f':
        return scan_word(scan, S("false"), JSON_TREE_LITERAL);
    case 'n':
        return scan_word(scan, S("null"), JSON_TREE_LITERAL);
    case 'N':
        return scan_word(scan, S("NaN"), JSON_TREE_NUMBER);
    case 'I':
        return scan_word(scan, S("Infinity"), JSON_TREE_NUMBER);
    case '-':
        if (str_starts(rest, S("-I")))
            return scan_word(scan, S("-Infinity"), JSON_TREE_NUMBER);
        return scan_number(scan);
    default:
        if (c >= '0' && c <= '9')
            return scan_number(scan);
        return fails(scan, c < 0 ? "it ends too early" : "a value is expected here");
    }
}

static bool scan_key(Scan *scan) {
    if (byte_at(scan) != '"')
        return fails(scan, "a member's name is expected here");
    if (!scan_string(scan))
        return false;
    skip_blanks(scan);
    if (byte_at(scan) != ':')
        return fails(scan, "a ':' is missing");
    scan->at++;
    skip_blanks(scan);
    return true;
}

/* From behind a value to before the next one, over the ends of what it stood in. `first`: nothing
 * stands yet in the innermost one. */
static bool scan_on(Scan *scan, bool first) {
    while (scan->depth) {
        JsonNode inner = scan->open[scan->depth - 1];
        bool object = scan->rows.v[inner].kind == JSON_TREE_OBJECT;
        skip_blanks(scan);
        if (byte_at(scan) == (object ? '}' : ']')) {
            scan->at++;
            end_row(scan, inner);
            scan->depth--;
            first = false;
            continue;
        }
        if (!first && byte_at(scan) != ',')
            return fails(scan, object ? "a ',' or '}' is missing" : "a ',' or ']' is missing");
        scan->at += !first;
        skip_blanks(scan);
        return !object || scan_key(scan);
    }
    return true;
}

JsonTree *json_tree_parse(Arena *arena, Str text, JsonTreeError *error) {
    Scan scan = {.arena = arena, .text = text};
    add_row(&scan, JSON_TREE_NONE);
    scan.at = str_starts(text, S("\xEF\xBB\xBF")) ? 3 : 0;
    skip_blanks(&scan);
    bool ok;
    do {
        int depth = scan.depth;
        ok = scan_value(&scan) && scan_on(&scan, scan.depth > depth);
    } while (ok && scan.depth);
    if (ok)
        skip_blanks(&scan);
    if (ok && byte_at(&scan) >= 0)
        ok = fails(&scan, "more follows the end");
    if (!ok) {
        *error = (JsonTreeError){scan.at, scan.wrong};
        return NULL;
    }
    JsonTree *json = new (arena, JsonTree, 1);
    *json = (JsonTree){.text = text, .rows = scan.rows.v, .n = (uint32_t)scan.rows.n};
    return json;
}

/* ---- questions ---- */

JsonTreeKind json_tree_kind(const JsonTree *json, JsonNode node) {
    return (JsonTreeKind)json->rows[node].kind;
}

Str json_tree_raw(const JsonTree *json, JsonNode node) {
    const JsonRow *row = &json->rows[node];
    uint32_t quote = row->kind == JSON_TREE_STRING;
    return str_span(json->text, (Span){row->at + quote, row->end - quote});
}

JsonNode json_tree_first(const JsonTree *json, JsonNode parent) {
    return json->rows[parent].past > parent + 1 ? parent + 1 : 0;
}

JsonNode json_tree_next(const JsonTree *json, JsonNode parent, JsonNode child) {
    JsonNode past = json->rows[child].past;
    return past < json->rows[parent].past ? past : 0;
}

JsonNode json_tree_member(const JsonTree *json, JsonNode object, Str key) {
    JsonNode found = 0;
    if (json_tree_kind(json, object) != JSON_TREE_OBJECT)
        return 0;
    for (JsonNode name = json_tree_first(json, object); name;) {
        JsonNode value = json_tree_next(json, object, name);
        if (str_eq(json_tree_raw(json, name), key))
            found = value;
        name = json_tree_next(json, object, value);
    }
    return found;
}

/* ---- strings ---- */

/* The code point of the \u escape whose digits start at `*at`, of both escapes of a pair; `*at`
 * moves behind. False for half a pair and for NUL. */
static bool unescape(Str raw, ptrdiff_t *at, uint32_t *code) {
    int high = hex_four(raw, *at), low = -1;
    *at += 4;
    *code = (uint32_t)high;
    if (high < 0xD800 || high > 0xDFFF)
        return high > 0;
    if (high <= 0xDBFF && str_starts(str_slice(raw, *at, raw.n), S("\\u")))
        low = hex_four(raw, *at + 2);
    if (low < 0xDC00 || low > 0xDFFF)
        return false;
    *at += 6;
    *code = 0x10000 + ((uint32_t)(high - 0xD800) << 10) + (uint32_t)(low - 0xDC00);
    return true;
}

bool json_tree_string(const JsonTree *json, Arena *arena, JsonNode node, Str *text) {
    static const char letters[] = "bfnrt", meanings[] = "\b\f\n\r\t";
    if (json_tree_kind(json, node) != JSON_TREE_STRING)
        return false;
    Str raw = json_tree_raw(json, node);
    /* No escape is shorter than what it means. */
    Buf out = {.arena = arena, .p = new (arena, char, raw.n), .capacity = raw.n};
    for (ptrdiff_t i = 0; i < raw.n;) {
        if (raw.p[i] != '\\') {
            int length = utf8_length(raw, i);
            if (!length)
                return false;
            buf_add(&out, str_slice(raw, i, i + length));
            i += length;
            continue;
        }
        char escape = raw.p[i + 1];
        i += 2;
        uint32_t code;
        const char *letter = memchr(letters, escape, 5);
        if (escape != 'u')
            buf_add_byte(&out, letter ? meanings[letter - letters] : escape);
        else if (!unescape(raw, &i, &code))
            return false;
        else
            utf8_add(&out, (int32_t)code);
    }
    *text = buf_str(&out);
    return true;
}
