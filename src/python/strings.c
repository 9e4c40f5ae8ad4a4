/* Text of string literals.
 *
 * The literal is read from its own text and not from the tree's children, because the tree splits
 * it at escapes and leaves them as they are written. Rules: Python's language reference, "String
 * and bytes literals". `\N{…}` would need Unicode's table of names, so such a literal is not
 * known. */
#include "python/strings.h"

#include <string.h>

#include "base/byte.h"
#include "base/utf8.h"

typedef struct Prefix {
    bool raw, bytes, format;
    ptrdiff_t quote; /* offset of the opening quote */
    ptrdiff_t width; /* of the quotes: 1 or 3 */
} Prefix;

static bool read_prefix(Str text, Prefix *prefix) {
    *prefix = (Prefix){0};
    for (ptrdiff_t i = 0; i < text.n && i < 4; i++) {
        char c = text.p[i];
        if (c == '"' || c == '\'') {
            bool triple = i + 5 < text.n && text.p[i + 1] == c && text.p[i + 2] == c;
            prefix->quote = i;
            prefix->width = triple ? 3 : 1;
            return text.n >= i + 2 * prefix->width;
        }
        prefix->raw |= c == 'r' || c == 'R';
        prefix->bytes |= c == 'b' || c == 'B';
        prefix->format |= c == 'f' || c == 'F' || c == 't' || c == 'T';
    }
    return false;
}

static int digit_of(char c, int base) {
    int digit = byte_hex(c);
    return digit < base ? digit : -1;
}

/* Reads at most `limit` digits at *at. */
static bool read_code(Str s, ptrdiff_t *at, int base, int limit, bool all, uint32_t *code) {
    int n = 0;
    for (*code = 0; n < limit && *at < s.n && digit_of(s.p[*at], base) >= 0; n++, ++*at)
        *code = *code * (uint32_t)base + (uint32_t)digit_of(s.p[*at], base);
    return (all ? n == limit : n > 0) && *code < 0x110000 && (*code < 0xD800 || *code > 0xDFFF);
}

/* One escape; `*at` is behind the backslash. */
static bool add_escape(Buf *buf, Str s, ptrdiff_t *at) {
    static const char names[] = "\\'\"abfnrtv", values[] = "\\'\"\a\b\f\n\r\t\v";
    char c = s.p[*at];
    uint32_t code;
    const char *plain = c ? strchr(names, c) : NULL;
    if (plain) {
        buf_add_byte(buf, values[plain - names]);
        ++*at;
        return true;
    }
    if (c == '\n' || c == '\r') {
        *at += 1 + (c == '\r' && *at + 1 < s.n && s.p[*at + 1] == '\n');
        return true;
    }
    bool known;
    if (digit_of(c, 8) >= 0) {
        known = read_code(s, at, 8, 3, false, &code);
    } else if (c == 'x' || c == 'u' || c == 'U') {
        ++*at;
        known = read_code(s, at, 16, c == 'x' ? 2 : c == 'u' ? 4 : 8, true, &code);
    } else {
        buf_add_byte(buf, '\\'); /* not an escape: Python keeps the backslash */
        return c != 'N';
    }
    if (known)
        utf8_add(buf, (int32_t)code);
    return known;
}

bool string_decode(Buf *buf, Str s, bool raw, bool format) {
    for (ptrdiff_t at = 0; at < s.n;) {
        char c = s.p[at++];
        if (c == '\\' && !raw && at < s.n) {
            if (!add_escape(buf, s, &at))
                return false;
            continue;
        }
        if (c == '\r') { /* Python reads every newline as \n */
            at += at < s.n && s.p[at] == '\n';
            c = '\n';
        }
        if (format && (c == '{' || c == '}'))
            at += at < s.n && s.p[at] == c;
        buf_add_byte(buf, c);
    }
    return true;
}

StringForm string_form(const Module *module, Node node) {
    Prefix prefix;
    if (node_kind(module->tree, node) != NODE_STRING ||
        !read_prefix(node_text(module->tree, node), &prefix))
        return (StringForm){.bytes = true};
    return (StringForm){.raw = prefix.raw, .bytes = prefix.bytes, .format = prefix.format};
}

static bool has_holes(const Tree *tree, Node node) {
    for (Node n = node_child(tree, node); n; n = node_next(tree, n))
        if (node_kind(tree, n) == NODE_INTERPOLATION)
            return true;
    return false;
}

static bool literal(const Module *module, Node node, Str *text) {
    Str whole = node_text(module->tree, node);
    Prefix prefix;
    if (!read_prefix(whole, &prefix) || prefix.bytes || module->tree->rows[node].has_error ||
        (prefix.format && has_holes(module->tree, node)))
        return false;
    Str inside = str_slice(whole, prefix.quote + prefix.width, whole.n - prefix.width);
    bool plain =
        str_find_byte(inside, '\r') < 0 && (prefix.raw || str_find_byte(inside, '\\') < 0) &&
        !(prefix.format && (str_find_byte(inside, '{') >= 0 || str_find_byte(inside, '}') >= 0));
    *text = inside;
    if (plain)
        return true;
    Buf buf = {.arena = module->arena};
    bool known = string_decode(&buf, inside, prefix.raw, prefix.format);
    *text = buf_str(&buf);
    return known;
}

bool string_literal(const Module *module, Node node, Str *text) {
    const Tree *tree = module->tree;
    node = strip_parentheses(module, node);
    if (node_kind(tree, node) == NODE_STRING)
        return literal(module, node, text);
    if (node_kind(tree, node) != NODE_CONCATENATED_STRING)
        return false;
    Buf buf = {.arena = module->arena};
    for (Node n = node_child_named(tree, node); n; n = node_next_named(tree, n)) {
        Str part;
        if (!literal(module, n, &part))
            return false;
        buf_add(&buf, part);
    }
    *text = buf_str(&buf);
    return true;
}
