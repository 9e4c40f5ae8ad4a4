/* Slices: nothing here allocates but what takes an arena, and nothing relies on a final NUL. */
#include "base/str.h"

#include <stdio.h>
#include <string.h>

#include "base/byte.h"

Str str_from(const char *c) {
    return (Str){c, c ? (ptrdiff_t)strlen(c) : 0};
}

bool str_eq(Str a, Str b) {
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, (size_t)a.n) == 0);
}

int str_compare(Str a, Str b) {
    ptrdiff_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.p, b.p, (size_t)n) : 0;
    return order ? order : (a.n > b.n) - (a.n < b.n);
}

int str_order(const void *a, const void *b) {
    return str_compare(*(const Str *)a, *(const Str *)b);
}

bool str_eq_fold(Str a, Str b) {
    if (a.n != b.n)
        return false;
    for (ptrdiff_t i = 0; i < a.n; i++)
        if (byte_lower(a.p[i]) != byte_lower(b.p[i]))
            return false;
    return true;
}

bool str_among(Str s, const Str *words, ptrdiff_t n) {
    for (ptrdiff_t i = 0; i < n; i++)
        if (str_eq(s, words[i]))
            return true;
    return false;
}

bool str_starts(Str s, Str prefix) {
    return s.n >= prefix.n && str_eq(str_slice(s, 0, prefix.n), prefix);
}

bool str_ends(Str s, Str suffix) {
    return s.n >= suffix.n && str_eq(str_slice(s, s.n - suffix.n, s.n), suffix);
}

ptrdiff_t str_find(Str s, Str needle) {
    if (needle.n == 0)
        return 0;
    for (ptrdiff_t at = 0; at + needle.n <= s.n; at++) {
        const char *hit = memchr(s.p + at, needle.p[0], (size_t)(s.n - needle.n - at + 1));
        if (!hit)
            return -1;
        at = hit - s.p;
        if (memcmp(hit, needle.p, (size_t)needle.n) == 0)
            return at;
    }
    return -1;
}

ptrdiff_t str_find_fold(Str s, Str needle) {
    for (ptrdiff_t i = 0; i + needle.n <= s.n; i++)
        if (str_eq_fold(str_slice(s, i, i + needle.n), needle))
            return i;
    return -1;
}

ptrdiff_t str_find_word(Str s, Str word, ptrdiff_t from) {
    for (; from + word.n <= s.n; from++) {
        ptrdiff_t found = str_find(str_slice(s, from, s.n), word);
        if (found < 0)
            return -1;
        from += found;
        bool starts = from == 0 || !byte_is_identifier(s.p[from - 1]);
        if (starts && (from + word.n == s.n || !byte_is_identifier(s.p[from + word.n])))
            return from;
    }
    return -1;
}

ptrdiff_t str_find_byte(Str s, char byte) {
    const char *hit = s.n ? memchr(s.p, byte, (size_t)s.n) : NULL;
    return hit ? hit - s.p : -1;
}

ptrdiff_t str_rfind_byte(Str s, char byte) {
    for (ptrdiff_t at = s.n; at > 0; at--)
        if (s.p[at - 1] == byte)
            return at - 1;
    return -1;
}

Str str_slice(Str s, ptrdiff_t at, ptrdiff_t end) {
    end = end > s.n ? s.n : end;
    at = at < 0 ? 0 : at;
    if (at >= end)
        return (Str){0};
    return (Str){s.p + at, end - at};
}

Str str_span(Str s, Span span) {
    return str_slice(s, span.at, span.end);
}

static bool is_blank(char byte) {
    return byte == ' ' || byte == '\t' || byte == '\f' || byte == '\r' || byte == '\n';
}

Str str_trim(Str s) {
    while (s.n && is_blank(s.p[0]))
        s = str_slice(s, 1, s.n);
    while (s.n && is_blank(s.p[s.n - 1]))
        s.n--;
    return s;
}

ptrdiff_t str_line_start(Str s, ptrdiff_t at) {
    while (at > 0 && s.p[at - 1] != '\n' && s.p[at - 1] != '\r')
        at--;
    return at;
}

ptrdiff_t str_line_end(Str s, ptrdiff_t at) {
    while (at < s.n && s.p[at] != '\n' && s.p[at] != '\r')
        at++;
    return at;
}

bool str_cut(Str s, char separator, Str *head, Str *tail) {
    ptrdiff_t at = str_find_byte(s, separator);
    *head = at < 0 ? s : str_slice(s, 0, at);
    *tail = at < 0 ? (Str){0} : str_slice(s, at + 1, s.n);
    return at >= 0;
}

uint64_t str_hash(Str s) {
    uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a, with a final mix for tables of powers of two */
    for (ptrdiff_t i = 0; i < s.n; i++)
        hash = (hash ^ (unsigned char)s.p[i]) * 0x100000001b3u;
    return hash ^ (hash >> 29);
}

Str str_copy(Arena *arena, Str s) {
    char *p = new (arena, char, s.n + 1);
    if (s.n)
        memcpy(p, s.p, (size_t)s.n);
    return (Str){p, s.n};
}

char *str_c(Arena *arena, Str s) {
    return (char *)str_copy(arena, s).p;
}

Str str_formatv(Arena *arena, const char *format, va_list args) {
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (n < 0)
        return (Str){0};
    char *p = new (arena, char, n + 1);
    vsnprintf(p, (size_t)n + 1, format, args);
    return (Str){p, n};
}

Str str_format(Arena *arena, const char *format, ...) {
    va_list args;
    va_start(args, format);
    Str s = str_formatv(arena, format, args);
    va_end(args);
    return s;
}

void buf_add(Buf *buf, Str s) {
    if (s.n > buf->capacity - buf->n) {
        ptrdiff_t capacity = buf->capacity ? buf->capacity : 64;
        while (capacity < buf->n + s.n)
            capacity *= 2;
        char *grown = new (buf->arena, char, capacity);
        if (buf->n)
            memcpy(grown, buf->p, (size_t)buf->n);
        buf->p = grown;
        buf->capacity = capacity;
    }
    if (s.n)
        memcpy(buf->p + buf->n, s.p, (size_t)s.n);
    buf->n += s.n;
}

void buf_add_byte(Buf *buf, char byte) {
    buf_add(buf, (Str){&byte, 1});
}

void buf_format(Buf *buf, const char *format, ...) {
    va_list args;
    va_start(args, format);
    buf_add(buf, str_formatv(buf->arena, format, args));
    va_end(args);
}

void buf_add_json(Buf *buf, Str s) {
    buf_add_byte(buf, '"');
    for (ptrdiff_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '"' || c == '\\')
            buf_format(buf, "\\%c", c);
        else if (c < 0x20)
            buf_format(buf, "\\u%04x", c);
        else
            buf_add_byte(buf, (char)c);
    }
    buf_add_byte(buf, '"');
}

Str buf_str(const Buf *buf) {
    return (Str){buf->p, buf->n};
}

enum { NEAREST_LIMIT = 64 };

/* Levenshtein distance with adjacent transpositions, of words that are at most NEAREST_LIMIT. */
static ptrdiff_t distance(Str a, Str b) {
    ptrdiff_t row[3][NEAREST_LIMIT + 1];
    for (ptrdiff_t j = 0; j <= b.n; j++)
        row[0][j] = j;
    for (ptrdiff_t i = 1; i <= a.n; i++) {
        ptrdiff_t *now = row[i % 3], *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];
        now[0] = i;
        for (ptrdiff_t j = 1; j <= b.n; j++) {
            ptrdiff_t least = last[j - 1] + (a.p[i - 1] != b.p[j - 1]);
            least = last[j] + 1 < least ? last[j] + 1 : least;
            least = now[j - 1] + 1 < least ? now[j - 1] + 1 : least;
            bool swapped = i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1];
            if (swapped && before[j - 2] + 1 < least)
                least = before[j - 2] + 1;
            now[j] = least;
        }
    }
    return row[a.n % 3][b.n];
}

Str str_nearest(Str word, const Str *candidates, ptrdiff_t n) {
    Str nearest = {0};
    ptrdiff_t least = word.n / 3 + 1;
    for (ptrdiff_t i = 0; i < n && word.n <= NEAREST_LIMIT; i++) {
        if (candidates[i].n > NEAREST_LIMIT)
            continue;
        ptrdiff_t d = distance(word, candidates[i]);
        if (d < least) {
            least = d;
            nearest = candidates[i];
        }
    }
    return nearest;
}
