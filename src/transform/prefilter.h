/* Which transforms may have something to say about a file, told from its bytes alone. */
#ifndef HFFIX_TRANSFORM_PREFILTER_H
#define HFFIX_TRANSFORM_PREFILTER_H

#include "transform/registry.h"

typedef struct Prefilter Prefilter;

Prefilter *prefilter_open(Arena *arena, const Registry *registry);

/* For the rules with `in:`, whose files need not name a library. */
Prefilter *prefilter_open_shell(Arena *arena, const Registry *registry);

/* The same over entries of one's own, which must outlive the prefilter as their words must. */
Prefilter *prefilter_build(Arena *arena, const Entry *entries, ptrdiff_t n);

/* Whether a transform can be about the package of that name. */
bool prefilter_is_library(Str name);

typedef enum Gate {
    GATE_NO_LIBRARY, /* no word of any of the libraries: not Hugging Face code */
    GATE_NO_WORDS,   /* no transform's words */
    GATE_OPEN
} Gate;

/* Sets candidates[i] for each selected entry of the registry whose words all stand in the bytes,
 * and clears it for all others. Many threads may ask one prefilter. */
Gate prefilter_scan(const Prefilter *prefilter, Str bytes, bool *candidates);

/* prefilter_scan() of a Python text for such rules: it has commands only in strings that it runs.
 * What the other prefilter finds to be no Hugging Face code need not be asked. */
Gate prefilter_scan_strings(const Prefilter *prefilter, Str bytes, bool *candidates);

#endif
