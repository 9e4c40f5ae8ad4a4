/* Private to src/transform: one pass of matching over one text. */
#ifndef HFFIX_TRANSFORM_RUN_H
#define HFFIX_TRANSFORM_RUN_H

#include "transform/engine.h"
#include "transform/matcher.h"
#include "transform/suppress.h"

/* A site where an edit was due but for an unknown fact or a shared place. */
typedef struct Withheld {
    const Transform *transform;
    Node site;
    Str reason;
} Withheld;

typedef struct TransformRun {
    bool done, running;
    List(Match *) matches; /* in the order of sites, then rules */
    List(Withheld) withheld;
} TransformRun;

/* KeptOut of engine.h, in lines of this text. */
typedef struct KeptOutNow {
    Str transform;
    const LineRanges *lines;
} KeptOutNow;

typedef struct Run {
    const Engine *engine;
    Arena *arena;
    const bool *candidates; /* by registry index */
    const Module *module;
    FactContext facts;
    Sites *sites;
    Suppressions *suppressions;
    const LineRanges *only; /* lines of this text; NULL: all */
    List(KeptOutNow) kept_out;
    TransformRun *transforms; /* by registry index */
    ptrdiff_t n;
} Run;

/* The tree as a module, with the names that the project's settings know. */
const Module *run_module(const Engine *engine, Arena *arena, const Source *source,
                         const Tree *tree);

Run *run_open(const Engine *engine, Arena *arena, const Module *module, const bool *candidates);

/* Every match of a transform in the text: one a site at most. Empty for transforms that are no
 * candidates, are not selected, or whose versions do not fit the project. */
const TransformRun *run_transform(Run *run, ptrdiff_t index);

/* A matcher for one transform's rules; used by explain. */
Matcher run_matcher(Run *run, const Transform *transform);

/* Whether the project's versions, and --safe, let the rule act; `why` (may be NULL) says what
 * forbids it. */
bool run_allows(const Run *run, const Entry *entry, const Rule *rule, Str *why);

/* What of a rule decides whether it may act in a file at all. */
typedef struct RuleLimits {
    Tier tier;
    Str library, since, removed;
} RuleLimits;

/* The same, before the file is parsed. `arena` holds `why`. */
bool run_permits(const Engine *engine, const Project *project, const Source *source,
                 const Entry *entry, const RuleLimits *limits, Arena *arena, Str *why);

/* Whether the rule's edits are made: not advice, or advice that --apply names. */
bool run_edits(const Entry *entry, const Rule *rule);

#endif
