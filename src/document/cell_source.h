/* The `source` of a notebook's cell: its bytes in JSON, and how new text goes into them. */
#ifndef HFFIX_DOCUMENT_CELL_SOURCE_H
#define HFFIX_DOCUMENT_CELL_SOURCE_H

#include "document/json_tree.h"

/* The text; a list's strings joined. False when it is neither a string nor a list of them. */
bool cell_source_text(const JsonTree *json, Arena *arena, JsonNode source, Str *text);

/* Offset in the notebook's bytes of a line of the text, from 0. */
uint32_t cell_source_at(const JsonTree *json, Arena *arena, JsonNode source, ptrdiff_t line);

/* How characters are written that JSON allows to write in two ways. */
typedef struct Escapes {
    enum EscapeForm { FORM_PLAIN, FORM_HEX, FORM_BACKSLASH } ascii[128];
    bool others;    /* \uXXXX for what is not ASCII */
    bool uppercase; /* \u00E9, not \u00e9 */
} Escapes;

/* Learns from bytes of JSON: what was seen last holds. */
void escapes_learn(Escapes *escapes, Str raw);

/* Adds the JSON of `source` with a new text: a list stays a list, a string a string, and the bytes
 * of lines that the text still has stay. New lines are written as `escapes` and the source itself
 * tell. */
void cell_source_write(const JsonTree *json, JsonNode source, Str old_text, Str new_text,
                       Escapes escapes, Buf *out);

#endif
