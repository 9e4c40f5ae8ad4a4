/* Logical lines of Python, cut out of the bytes without parsing.
 *
 * A logical line (Python reference, 2.1) is what ends with a NEWLINE token: a simple statement, or
 * several with `;` between, or the header of a compound one, over as many lines as its brackets and
 * strings take. The scan knows strings of all prefixes, f-strings with nested fields and quotes,
 * brackets, comments and continuation lines, and nothing else. It reads the bytes once, in order,
 * and can skip to the line that holds a given byte. */
#ifndef HFFIX_PYTHON_LINES_H
#define HFFIX_PYTHON_LINES_H

#include "base/str.h"

enum { LINES_MAX_DEPTH = 100 };

typedef struct LineScan {
    Str text;
    ptrdiff_t at; /* everything before it was read */
    /* Something was met that the scan cannot read: a string or bracket without end, brackets that
     * do not match, Python 2's backquotes, a lone CR. No more lines come; what came before may be
     * wrong, so that the file must be parsed. To be asked after the last line. */
    bool unsure;
    Span line;   /* the last line given out */
    Span hidden; /* the last comment or string; of an f-string only its start */
    int depth;
    struct LineContext {
        char closes;      /* what ends it: a bracket, or a quote for an f-string */
        uint8_t kind;     /* bracket, f-string, its field, its format specification */
        bool triple, raw; /* of an f-string */
    } open[LINES_MAX_DEPTH];
} LineScan;

/* `*line` becomes the next logical line, from its first token to before its newline (a comment
 * behind it is in it; indentation is not). False at the end, or when the scan is unsure. */
bool lines_next(LineScan *scan, Span *line);

/* The same for the line that holds the byte at `offset`; offsets must not decrease from call to
 * call. False when none does (it lies in a comment's own line or in indentation), or when the scan
 * is unsure. */
bool lines_holding(LineScan *scan, uint32_t offset, Span *line);

/* For a scan of its own that starts at a line (`.at`): whether the byte at `offset` of that line is
 * code, and not of a comment or a string. Text of f-strings counts as code; offsets must not
 * decrease from call to call. */
bool lines_in_code(LineScan *scan, uint32_t offset);

#endif
