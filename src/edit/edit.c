/* Edits on one text: sorting, overlaps, applying, and the way back to old offsets.
 *
 * An edit that spans bytes lies between the insertions at its start, which stand before its text,
 * and those at its end, which stand behind it. Sorting is stable, since two insertions at one point
 * keep the order in which they were made. */
#include "edit/edit.h"

#include <string.h>

static bool stands_before(const Edit *a, const Edit *b) {
    if (a->span.at != b->span.at)
        return a->span.at < b->span.at;
    bool a_inserts = a->span.end == a->span.at, b_inserts = b->span.end == b->span.at;
    if (a_inserts != b_inserts)
        return a_inserts;
    return a_inserts && a->order < b->order;
}

/* By binary search and shifting: an EditList has no arena that a merge could take memory from, and
 * a file has few edits, mostly made in order. */
static void sort(Edit *v, ptrdiff_t n) {
    for (ptrdiff_t i = 1; i < n; i++) {
        Edit edit = v[i];
        ptrdiff_t low = 0, high = i;
        while (low < high) {
            ptrdiff_t middle = low + (high - low) / 2;
            if (stands_before(&edit, &v[middle]))
                high = middle;
            else
                low = middle + 1;
        }
        memmove(v + low + 1, v + low, (size_t)(i - low) * sizeof *v);
        v[low] = edit;
    }
}

bool edits_sort(EditList *edits, ptrdiff_t *first, ptrdiff_t *second) {
    sort(edits->v, edits->n);
    ptrdiff_t widest = -1; /* the edit that reaches farthest so far */
    for (ptrdiff_t i = 0; i < edits->n; i++) {
        const Edit *edit = &edits->v[i];
        if (widest >= 0 && edit->span.at < edits->v[widest].span.end) {
            *first = widest;
            *second = i;
            return false;
        }
        if (edit->span.end > edit->span.at)
            widest = i;
    }
    return true;
}

Str edits_apply(Arena *arena, Str text, const EditList *edits) {
    Buf buf = {.arena = arena};
    ptrdiff_t at = 0;
    for (ptrdiff_t i = 0; i < edits->n; i++) {
        buf_add(&buf, str_slice(text, at, edits->v[i].span.at));
        buf_add(&buf, edits->v[i].text);
        at = edits->v[i].span.end;
    }
    buf_add(&buf, str_slice(text, at, text.n));
    return buf_str(&buf);
}

uint32_t edits_old_offset(const EditList *edits, uint32_t new_offset) {
    uint32_t at = 0, new_at = 0; /* where old and new text are the same up to */
    for (ptrdiff_t i = 0; i < edits->n; i++) {
        const Edit *edit = &edits->v[i];
        uint32_t kept = edit->span.at - at;
        if (new_offset < new_at + kept)
            break;
        new_at += kept;
        if (new_offset < new_at + (uint32_t)edit->text.n)
            return edit->span.at;
        new_at += (uint32_t)edit->text.n;
        at = edit->span.end;
    }
    return at + (new_offset - new_at);
}
