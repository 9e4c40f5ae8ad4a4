/* Edits: bytes of a text that give way to others, in groups that are applied whole or not at
 * all. */
#ifndef HFFIX_EDIT_EDIT_H
#define HFFIX_EDIT_EDIT_H

#include "base/diag.h"

typedef struct Edit {
    Span span; /* empty: an insertion */
    Str text;
    int group;
    int order; /* among insertions at one point: lower stands first; ties by order of addition */
} Edit;

typedef struct EditList {
    Edit *v;
    ptrdiff_t n;
} EditList;

/* Sorts by place (then `order`, then as added) and tells whether no two edits overlap. Insertions
 * at one point do not overlap each other, nor an edit that starts or ends there. On false `*first`
 * and `*second` are the indexes of the first pair that does. */
bool edits_sort(EditList *edits, ptrdiff_t *first, ptrdiff_t *second);

/* The text with the (sorted, non-overlapping) edits applied. */
Str edits_apply(Arena *arena, Str text, const EditList *edits);

/* Where a byte of the new text was in the old one: inside inserted text, where the edit starts. */
uint32_t edits_old_offset(const EditList *edits, uint32_t new_offset);

#endif
