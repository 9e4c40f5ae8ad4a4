/* What .gitignore files and their like say about a path, with git's rules
 * (https://git-scm.com/docs/gitignore). Nothing here reads the disk. */
#ifndef HFFIX_PROJECT_IGNORE_H
#define HFFIX_PROJECT_IGNORE_H

#include "base/str.h"

typedef struct IgnoreRule {
    Str text; /* the pattern without '!', and without a slash at either end */
    enum { IGNORE_LITERAL, IGNORE_ENDING, IGNORE_GLOB } kind; /* ending: `*` and a literal */
    ptrdiff_t head; /* of an anchored glob: how many bytes stand before its first wildcard */
    bool negated;
    bool folders_only; /* it ended in a slash */
    bool anchored;     /* it holds a slash: about the path below the file's folder, not the name */
} IgnoreRule;

typedef struct IgnoreRules {
    IgnoreRule *v; /* as written: a later one overrides */
    ptrdiff_t n;
} IgnoreRules;

typedef enum IgnoreVerdict { IGNORE_SILENT, IGNORE_OUT, IGNORE_IN } IgnoreVerdict;

/* The rules of one file; they view `text`. Any text is a valid file. */
IgnoreRules ignore_parse(Arena *arena, Str text);
/* About a path relative to the folder of the file that the rules stand in. */
IgnoreVerdict ignore_verdict(const IgnoreRules *rules, Str path, bool folder);

/* git's wildmatch: '?', '*', '[…]', '\' and, when `path` is set, slashes that only `**` crosses. */
bool ignore_glob(Str pattern, Str text, bool path);

/* A folder with ignore files, inside the folders that enclose it. */
typedef struct IgnoreLevel {
    const struct IgnoreLevel *outer;
    ptrdiff_t base;  /* how many bytes of a path below the folder name it, with the slash */
    bool repository; /* git's rules of the folders outside do not hold inside */
    IgnoreRules ignore, gitignore, exclude; /* .ignore, .gitignore, .git/info/exclude */
} IgnoreLevel;

/* Whether the innermost rule that speaks about the path leaves it out: those of .ignore files
 * before those of .gitignore before info/exclude, in each the deeper file before the outer. The
 * folders above the path are the caller's to ask about: below a folder that is out, nothing is
 * in. */
bool ignore_excludes(const IgnoreLevel *level, Str path, bool folder);

#endif
