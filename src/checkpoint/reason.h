/* What is wrong with a checkpoint, or should be known of it: the file, the place in it, the reason.
 *
 * Unlike a Diagnostic, a reason's place is a name inside the file (a tensor, a key) more often than
 * a line, and three weights of reasons make three verdicts. */
#ifndef HFFIX_CHECKPOINT_REASON_H
#define HFFIX_CHECKPOINT_REASON_H

#include "base/list.h"
#include "base/str.h"

typedef enum ReasonWeight {
    REASON_NOTE,  /* worth saying; everything works */
    REASON_WARN,  /* loads, but not as its author thinks, or not always */
    REASON_REJECT /* does not load, or what was loaded is not the model */
} ReasonWeight;

typedef struct Reason {
    ReasonWeight weight;
    Str file;  /* relative to the checkpoint's folder; "load" for the arguments of the call */
    Str place; /* a tensor, a key, "line 3 column 7", "byte 8"; empty: the whole file */
    Str text;
} Reason;

typedef struct Reasons {
    Arena *arena;
    List(Reason) list;
    ptrdiff_t rejects, warns;
    ptrdiff_t uncovered; /* of the rejects: fine for all that is known, but not for this check */
    Str first_uncovered;
} Reasons;

/* Adds a reason; beyond a few hundred they are only counted. Returns false, so that a reader that
 * fails can end with `return reject(…)`. */
bool reason_add(Reasons *reasons, ReasonWeight weight, Str file, Str place, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

#define note(reasons, file, place, ...) reason_add(reasons, REASON_NOTE, file, place, __VA_ARGS__)
#define warn(reasons, file, place, ...) reason_add(reasons, REASON_WARN, file, place, __VA_ARGS__)
#define reject(reasons, file, place, ...) \
    reason_add(reasons, REASON_REJECT, file, place, __VA_ARGS__)

/* A reject because this program knows no more, not because the checkpoint is bad. */
bool reason_uncovered(Reasons *reasons, Str file, Str place, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
