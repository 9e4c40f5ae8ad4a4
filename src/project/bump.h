/* Requirements moved to the versions that the code has been moved to (--bump, --plan). */
#ifndef HFFIX_PROJECT_BUMP_H
#define HFFIX_PROJECT_BUMP_H

#include "base/list.h"
#include "project/project.h"
#include "project/requirement_list.h"

/* A requirement that leaves out versions that the code needs. */
typedef struct Bump {
    Str library; /* normalized */
    Str before;  /* its name and range as written */
    Str after;   /* likewise, moved; empty: it can't be, and `why` says why */
    Str why;
    uint32_t line; /* in the file as it was, from 1 */
} Bump;

typedef List(Bump) Bumps;

/* ">=4.40,<5" for 5.* becomes ">=5.0,<6": each clause that leaves out the target's floor moves, in
 * the form that it has; a pin becomes a floor and a ceiling, unless the target is one version. What
 * is inside the target, or names no version at all, comes back as it is. False when the text is no
 * range that can be moved: alternatives, or versions above the target. */
bool range_bump(Arena *arena, Str text, Range target, Str *moved);

/* The file's text with every requirement on one of the targets' libraries moved; each that is not
 * inside its target is added to `bumps`. In a file that is frozen nothing moves. */
Str requirements_bump(const RequirementFile *file, const Target *targets, ptrdiff_t n,
                      Bumps *bumps);

#endif
