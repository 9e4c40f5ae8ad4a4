/* Versions and ranges of versions (PEP 440), as far as call sites depend on them. */
#ifndef HFFIX_PROJECT_VERSIONS_H
#define HFFIX_PROJECT_VERSIONS_H

#include "base/str.h"

typedef struct Version {
    uint32_t part[4]; /* release numbers; missing ones are 0 */
} Version;

/* The versions that code must run on: [floor, ceiling). */
typedef struct Range {
    bool known;      /* something declares it; else every version counts */
    Version floor;   /* 0 when nothing bounds it below */
    Version ceiling; /* exclusive; all 0xffffffff when nothing bounds it above */
} Range;

bool version_parse(Str text, Version *version); /* "4.56", "v4.57.0.dev0", "5"; false: no version */
int version_compare(Version a, Version b);
Str version_format(Arena *arena, Version version); /* "4.56", at least one dot */

/* ">=4.40,<5", "~=4.46.2", "==4.57.*", "^4.36" and "4.36" (poetry), "" (unbounded but declared).
 * False: no such specifier; `*range` is then unknown. */
bool range_parse(Str text, Range *range);
/* What --target's value means: "5" is 5.*, "4.57" is 4.57.*, "4.57.3" is itself; specifiers as
 * above. */
bool range_parse_target(Str text, Range *range);
/* What is not known does not narrow the other. May be empty. */
Range range_intersect(Range a, Range b);
bool range_is_empty(Range range);

#endif
