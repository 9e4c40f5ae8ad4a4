/* One piece of Python text with what is true of it before it is parsed: encoding, newlines, lines,
 * indentation, the package it belongs to. Immutable once read. */
#ifndef HFFIX_PYTHON_SOURCE_H
#define HFFIX_PYTHON_SOURCE_H

#include "base/diag.h"

typedef enum Encoding { ENCODING_UTF8, ENCODING_LATIN1, ENCODING_CP1252, ENCODING_ASCII } Encoding;

typedef struct Source {
    Str path;       /* as the user sees it */
    Str bytes;      /* as on disk */
    Str text;       /* UTF-8, without a byte order mark; newlines as on disk */
    Str parse_text; /* `text` with lone CRs as LF: same length, what the parser reads */
    Encoding encoding;
    bool bom;          /* the bytes start with a UTF-8 byte order mark */
    Str newline;       /* the file's own: "\n", "\r\n" or "\r"; of mixed ones the most frequent */
    Str indent;        /* the file's own unit: "\t" or spaces; 4 spaces where nothing is indented */
    uint32_t *line_at; /* offset in `text` of each line's start; lines + 1 entries, the last is the
                          text's length */
    uint32_t lines;    /* what follows the last newline counts when it is not empty */
    const struct PageNames *page; /* names that other blocks of the page import; NULL: no page */
    Str package; /* dotted package of the file's folder ("trl.trainer"); empty outside one */
} Source;

/* Decodes `bytes` (by byte order mark, then the PEP 263 cookie, else UTF-8). NULL after adding an
 * error with line and column: not UTF-8, an unknown or unsupported encoding, a NUL byte (Python
 * itself refuses those), above 64 MiB. `package` is set by the caller afterwards. */
Source *source_read(Arena *arena, Str path, Str bytes, Diagnostics *diagnostics);

/* The source as it is with another text: path, encoding, newline and indent stay; `bytes` are the
 * old ones. */
Source *source_with_text(Arena *arena, const Source *source, Str text);

/* New text in the source's own encoding, byte order mark included. False after adding an error when
 * a character has no place in that encoding. */
bool source_encode(const Source *source, Arena *arena, Str text, Str *bytes,
                   Diagnostics *diagnostics);

uint32_t source_line(const Source *source, uint32_t offset);   /* from 1; lines + 1 behind a last
                                                                  newline */
uint32_t source_column(const Source *source, uint32_t offset); /* from 1, in characters */
Str source_line_text(const Source *source, uint32_t line);     /* without its newline */
Str source_line_newline(const Source *source, uint32_t line);  /* its own; empty on a last line */
Str source_indentation(const Source *source, uint32_t offset); /* blanks that start its line */

#endif
