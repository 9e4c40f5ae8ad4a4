/* Floors that follow from the version of transformers alone. */
#include "project/project.h"

typedef struct Companion {
    const char *library, *floor, *transformers;
} Companion;

static const Companion companions[] = {
#define COMPANION(library, floor, transformers) {library, floor, transformers},
#include "project/companions.def"
#undef COMPANION
};

/* Names of distributions, in which '_' is '-'. */
static bool same_library(Str a, const char *b) {
    Str other = str_from(b);
    bool same = a.n == other.n;
    for (ptrdiff_t i = 0; same && i < a.n; i++)
        same = (a.p[i] == '_' ? '-' : a.p[i]) == other.p[i];
    return same;
}

Version project_companion_floor(const Project *project, Str library) {
    Range base = project_range(project, S("transformers"));
    Version floor = {0}, from;
    for (ptrdiff_t i = 0; base.known && i < COUNT(companions); i++)
        if (same_library(library, companions[i].library) &&
            version_parse(str_from(companions[i].transformers), &from) &&
            version_compare(base.floor, from) >= 0)
            version_parse(str_from(companions[i].floor), &floor);
    return floor;
}
