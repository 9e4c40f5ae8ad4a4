/* Comments by which an author keeps transforms out.
 *
 *   x = f(a=1)  # hffix: ignore              nothing changes this statement
 *   # hffix: ignore[load, tokenize/padding]  nor, by these, one that starts on the next line
 *   # hffix: off … # hffix: on               nor anything in between (to the end without an `on`)
 *   # hffix: ignore-file[migrate]            nor, by these, anything in the file
 *
 * A name in brackets is an area, a transform or a prefix at a '/', as for --select; without
 * brackets it is any transform. */
#ifndef HFFIX_TRANSFORM_SUPPRESS_H
#define HFFIX_TRANSFORM_SUPPRESS_H

#include "python/module.h"

typedef struct Suppressions Suppressions;

/* Reads the comments of a file; in the module's arena. */
Suppressions *suppressions_read(const Module *module);

/* The same of a text that is no Python and has its comments behind `#`. */
Suppressions *suppressions_read_text(Arena *arena, const Source *source);
bool is_suppressed_on(const Suppressions *suppressions, Str transform, uint32_t first,
                      uint32_t last);

/* Whether the transform may not touch the node: its statement, or the statement itself. */
bool is_suppressed(const Suppressions *suppressions, Str transform, Node node);

/* Lines of a text, from 1. One whose last line is the one before its first stands for a place
 * between two lines, from which lines were taken out. */
typedef struct LineRange {
    uint32_t first, last;
} LineRange;

typedef struct LineRanges {
    const LineRange *v; /* in order */
    ptrdiff_t n;
} LineRanges;

/* Whether the node's statement, of a compound one the header, has a line in one of the ranges. */
bool is_on_lines(const Module *module, const LineRanges *ranges, Node node);

/* Whether `name` is the area, transform or prefix `selector`: "load" and "load/bf16" select
 * "load/bf16". */
bool selector_matches(Str selector, Str name);

#endif
