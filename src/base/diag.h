/* What went wrong, or should be known, as values with a place.
 *
 * A function that can fail returns false (or NULL) and has already added a Diagnostic to the list
 * it was given; there is no "last error", and nothing below src/cli ends the process. */
#ifndef HFFIX_BASE_DIAG_H
#define HFFIX_BASE_DIAG_H

#include "base/list.h"
#include "base/str.h"

typedef enum Severity { SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_NOTE } Severity;

typedef struct Diagnostic {
    Severity severity;
    Str path;              /* empty: about no file */
    uint32_t line, column; /* from 1, column in characters; 0: about the whole file */
    Str text;              /* what was found, and what to do */
    Str source_line;       /* the line that a caret is drawn under; empty: no caret */
    uint32_t caret_width;  /* characters under which the caret line runs, at least 1 */
} Diagnostic;

typedef struct Diagnostics {
    Arena *arena;
    List(Diagnostic) list;
    ptrdiff_t errors; /* how many of them are errors */
} Diagnostics;

/* Adds a Diagnostic whose text is formatted; fields that stay empty can be set on the result. */
Diagnostic *diag_add(Diagnostics *diagnostics, Severity severity, Str path, uint32_t line,
                     uint32_t column, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* Adds an error at bytes [span.at, span.end) of `text`, with line, column and caret filled in. */
Diagnostic *diag_at(Diagnostics *diagnostics, Str path, Str text, Span span, const char *format,
                    ...) __attribute__((format(printf, 5, 6)));

/* "path:line:col: error: text", and the source line with a caret below it if there is one. */
void diag_print(Buf *out, const Diagnostic *diagnostic);

#endif
