/* All transforms on one piece of Python: match, rewrite, re-parse, again until nothing changes. */
#ifndef HFFIX_TRANSFORM_ENGINE_H
#define HFFIX_TRANSFORM_ENGINE_H

#include "edit/diff.h"
#include "edit/plan.h"
#include "transform/prefilter.h"
#include "transform/suppress.h"

/* What is told and not done. */
typedef struct Note {
    Str transform;
    uint32_t line, column; /* from 1, in the text before the edits */
    Str text;
    bool withheld; /* not advice: an edit that was due and could not be made; shown under
                    * --verbose */
} Note;

/* How often a transform changed something. */
typedef struct FixCount {
    Str transform;
    ptrdiff_t n;
} FixCount;

/* A library that the new text cannot do without, and the old one could. */
typedef struct NewNeed {
    Need need;
    Str transform;         /* whose edit needs it */
    uint32_t line, column; /* of the first such edit's site, as in Note */
} NewNeed;

typedef struct Outcome {
    Str text; /* the new text; the old one when nothing changed */
    bool changed;
    DiffMark *marks; /* lines of the old text that transforms touched */
    ptrdiff_t n_marks;
    FixCount *fixes;
    ptrdiff_t n_fixes;
    NewNeed *needs; /* each once for a transform */
    ptrdiff_t n_needs;
    Note *notes;
    ptrdiff_t n_notes;
    uint32_t error_line; /* line of the first syntax error in the input, 0: none */
    bool dropped;        /* a group was dropped because its result did not parse */
} Outcome;

/* Lines of the source on which a transform acts on nothing. */
typedef struct KeptOut {
    Str transform;
    LineRange lines;
} KeptOut;

typedef struct Engine {
    Registry *registry;
    Projects *projects;
    bool safe_only;          /* rules of tier review leave everything as it is */
    const LineRanges *only;  /* lines of the source: sites elsewhere are left alone
                                       (suppress.h); NULL: all are looked at */
    const KeptOut *kept_out; /* as if comments of the author's said so */
    ptrdiff_t n_kept_out;
    const Prefilter *prefilter; /* tells which transforms have words in a pass's result; NULL: the
                                 * candidates of the first pass are those of all */
    struct Sieve *sieve; /* spares files that nothing matches (sieve.h); NULL: all are parsed */
} Engine;

/* Runs the candidates (by registry index) over the source. The outcome lies in `arena`. */
Outcome *engine_run(const Engine *engine, Parser *parser, Arena *arena, const Source *source,
                    const bool *candidates, Diagnostics *diagnostics);

/* --explain NAME FILE:LINE: for every site of the transform on the line, the pattern line or
 * condition that said no (with the fact's reason), or that it matched. */
Str engine_explain(const Engine *engine, Parser *parser, Arena *arena, const Source *source,
                   ptrdiff_t transform, uint32_t line);

#endif
