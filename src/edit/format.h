/* A logical line in the layout of black and ruff format: where its line breaks, indents, trailing
 * commas and optional parentheses go. Strings, numbers and everything else between the blanks stay
 * as they are. */
#ifndef HFFIX_EDIT_FORMAT_H
#define HFFIX_EDIT_FORMAT_H

#include "edit/plan.h"
#include "edit/pretty.h"

/* A logical line: a simple statement, the head of a compound one up to its colon, or a
 * decorator. */
typedef struct FormatLine {
    Str text;     /* without the blanks before it and without a comment behind it */
    bool is_head; /* ends with the colon of a compound statement */
    Str margin;   /* blanks before its first line; those after it start with them */
    int column;   /* where it starts */
    int reserved; /* columns that a comment or a comma behind its end takes */
} FormatLine;

typedef struct FormatContext {
    Arena *arena;
    Parser *parser;
    Style style;
    Str newline, unit; /* of the source */
} FormatContext;

/* The line as the formatters write it, as runs that know where they come from. False when the line
 * holds something whose layout is not known: multi-line strings, backslashes, comments at odd
 * places, `def`, `class`, `import`. */
bool format_line(const FormatContext *context, const FormatLine *line, PrettyText *out);

/* The same for an argument (`name=value`) inside brackets; `from` of the runs says nothing. */
bool format_argument(const FormatContext *context, const FormatLine *line, PrettyText *out);

Str format_text(Arena *arena, const PrettyText *text);

/* Whether the bytes of the runs are these. */
bool format_is(const PrettyText *text, Str bytes);

#endif
