/* Segments as edits: see edit/segments.h. */
#include "edit/segments.h"

void segments_add(Segments *segments, Str text, int group) {
    if (text.n == 0)
        return;
    Segment *last = segments->n ? &segments->v[segments->n - 1] : NULL;
    if (last && (last->group == group || group < 0 || last->group < 0)) {
        last->text = str_format(segments->arena, "%.*s%.*s", STR_ARG(last->text), STR_ARG(text));
        last->group = last->group < 0 ? group : last->group;
        return;
    }
    *list_push(segments->arena, segments) = (Segment){text, group};
}

static void put(Arena *arena, Str text, Span span, Segment segment, int fallback, Edits *edits) {
    Str gone = str_span(text, span), come = segment.text;
    if (str_eq(gone, come))
        return;
    ptrdiff_t head = 0, tail = 0, most = gone.n < come.n ? gone.n : come.n;
    while (head < most && gone.p[head] == come.p[head])
        head++;
    while (tail < most - head && gone.p[gone.n - 1 - tail] == come.p[come.n - 1 - tail])
        tail++;
    Edit *edit = list_push(arena, edits);
    edit->span = (Span){span.at + (uint32_t)head, span.end - (uint32_t)tail};
    edit->text = str_slice(come, head, come.n - tail);
    edit->group = segment.group >= 0 ? segment.group : fallback;
}

void segments_put(const Segments *segments, Str text, Span span, int fallback_group, Edits *edits) {
    Buf all = {.arena = segments->arena};
    for (ptrdiff_t i = 0; i < segments->n; i++)
        buf_add(&all, segments->v[i].text);
    if (str_eq(buf_str(&all), str_span(text, span)))
        return;
    if (segments->n == 0)
        put(segments->arena, text, span, (Segment){{0}, -1}, fallback_group, edits);
    for (ptrdiff_t i = 0; i < segments->n; i++) {
        put(segments->arena, text, span, segments->v[i], fallback_group, edits);
        span.at = span.end;
    }
}
