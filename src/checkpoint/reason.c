/* A hostile file can give a reason for every one of its million tensors: a list that nobody reads
 * ends at MOST, while the counts that the verdict stands on go on. */
#include "checkpoint/reason.h"

enum { MOST = 200 };

static void add(Reasons *reasons, ReasonWeight weight, Str file, Str place, const char *format,
                va_list args) {
    reasons->rejects += weight == REASON_REJECT;
    reasons->warns += weight == REASON_WARN;
    if (reasons->list.n >= MOST)
        return;
    Str text = str_formatv(reasons->arena, format, args);
    *list_push(reasons->arena, &reasons->list) =
        (Reason){weight, str_copy(reasons->arena, file), str_copy(reasons->arena, place), text};
}

bool reason_add(Reasons *reasons, ReasonWeight weight, Str file, Str place, const char *format,
                ...) {
    va_list args;
    va_start(args, format);
    add(reasons, weight, file, place, format, args);
    va_end(args);
    return false;
}

bool reason_uncovered(Reasons *reasons, Str file, Str place, const char *format, ...) {
    va_list args;
    va_start(args, format);
    add(reasons, REASON_REJECT, file, place, format, args);
    va_end(args);
    if (reasons->uncovered++ == 0 && reasons->list.n)
        reasons->first_uncovered = reasons->list.v[reasons->list.n - 1].text;
    return false;
}
