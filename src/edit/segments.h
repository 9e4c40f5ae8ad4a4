/* One place of a text written anew by several groups. Private to this room. */
#ifndef HFFIX_EDIT_SEGMENTS_H
#define HFFIX_EDIT_SEGMENTS_H

#include "edit/edit.h"

typedef List(Edit) Edits;

typedef struct Segment {
    Str text;
    int group; /* -1: blanks and commas that belong to whoever stands beside them */
} Segment;

typedef struct Segments {
    Arena *arena;
    Segment *v;
    ptrdiff_t n, capacity;
} Segments;

void segments_add(Segments *segments, Str text, int group);

/* Replaces bytes `span` of the text by the segments: the first takes the whole span, the others are
 * insertions at its end. Bytes that stay are left out of the edits; nothing when all do. */
void segments_put(const Segments *segments, Str text, Span span, int fallback_group, Edits *edits);

#endif
