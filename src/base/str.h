/* Slices of bytes and a builder for new ones.
 *
 * A Str is a view: it never owns what it points to, may hold NUL bytes, and is passed by value.
 * Lengths are signed, so that differences of lengths are ordinary arithmetic. Text that outlives
 * its source is copied into an Arena. */
#ifndef HFFIX_BASE_STR_H
#define HFFIX_BASE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

typedef struct Str {
    const char *p; /* may be NULL when n is 0 */
    ptrdiff_t n;
} Str;

/* Bytes [at, end) of a text. Texts above 64 MiB are refused, so 32 bits are enough. */
typedef struct Span {
    uint32_t at, end;
} Span;

#define S(literal)   ((Str){"" literal, (ptrdiff_t)sizeof(literal) - 1})
#define STR_ARG(s)   (int)(s).n, (s).p /* for printf's "%.*s" */
#define COUNT(array) ((ptrdiff_t)(sizeof(array) / sizeof((array)[0])))

Str str_from(const char *c); /* the bytes of a C string; NULL gives the empty Str */
bool str_eq(Str a, Str b);
int str_compare(Str a, Str b);               /* by bytes, shorter first: <0, 0, >0 */
int str_order(const void *a, const void *b); /* the same, for qsort() of Str */
bool str_eq_fold(Str a, Str b);              /* ASCII case does not count */
bool str_among(Str s, const Str *words, ptrdiff_t n);
bool str_starts(Str s, Str prefix);
bool str_ends(Str s, Str suffix);
ptrdiff_t str_find(Str s, Str needle);      /* offset of the first occurrence, -1 if none */
ptrdiff_t str_find_fold(Str s, Str needle); /* ASCII case does not count */
/* At or behind `from`, neither preceded nor followed by what may stand in an identifier. */
ptrdiff_t str_find_word(Str s, Str word, ptrdiff_t from);
ptrdiff_t str_find_byte(Str s, char byte);
ptrdiff_t str_rfind_byte(Str s, char byte);
Str str_slice(Str s, ptrdiff_t at, ptrdiff_t end); /* clamped to s */
Str str_span(Str s, Span span);
Str str_trim(Str s); /* without spaces, tabs, form feeds, CR and LF at both ends */

/* Of the line around `at`: its first byte, and where its newline (LF, CRLF or CR) stands. */
ptrdiff_t str_line_start(Str s, ptrdiff_t at);
ptrdiff_t str_line_end(Str s, ptrdiff_t at);

/* Splits s at the first `separator`: head before it, tail after. Without one, head is s, tail is
 * empty, and the answer is false. */
bool str_cut(Str s, char separator, Str *head, Str *tail);

uint64_t str_hash(Str s);
Str str_copy(Arena *arena, Str s);
char *str_c(Arena *arena, Str s); /* a NUL-terminated copy */
Str str_format(Arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
Str str_formatv(Arena *arena, const char *format, va_list args);

/* Text under construction; grows in its arena. `{.arena = a}` is an empty one. */
typedef struct Buf {
    Arena *arena;
    char *p;
    ptrdiff_t n, capacity;
} Buf;

void buf_add(Buf *buf, Str s);
void buf_add_byte(Buf *buf, char byte);
void buf_format(Buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_add_json(Buf *buf, Str s); /* as a JSON string, with its quotes */
Str buf_str(const Buf *buf);        /* a view of what was added; valid until the next addition */

/* Edit distance for "did you mean": the candidate nearest to `word`, or the empty Str when none is
 * within a third of its length. */
Str str_nearest(Str word, const Str *candidates, ptrdiff_t n);

#endif
