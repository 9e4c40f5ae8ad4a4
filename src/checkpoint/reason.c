/* A hostile file can give a reason for every one of its million tensors: a list that nobody reads
 * ends at MOST, while the counts that the verdict stands on go on. */
#include "checkpoint/reason.h"

enum { MOST = 200 };

bool reason_add(Reasons *reasons, ReasonWeight weight, Str file, Str place, const char *format,
                ...) {
    reasons->rejects += weight == REASON_REJECT;
    reasons->warns += weight == REASON_WARN;
    if (reasons->list.n >= MOST)
        return false;
    va_list args;
    va_start(args, format);
    Str text = str_formatv(reasons->arena, format, args);
    va_end(args);
    *list_push(reasons->arena, &reasons->list) =
        (Reason){weight, str_copy(reasons->arena, file), str_copy(reasons->arena, place), text};
    return false;
}
