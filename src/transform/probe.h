/* What a rule asks of a place before anything is known of names: read from the rule once, by the
 * build for transforms that are built in, and enough to tell without a syntax tree of the file that
 * it can't match there. */
#ifndef HFFIX_TRANSFORM_PROBE_H
#define HFFIX_TRANSFORM_PROBE_H

#include "transform/patch.h"

typedef enum ProbeKind {
    PROBE_CALL,      /* a call of `word` that is given `required` and none of `absent` */
    PROBE_ATTRIBUTE, /* an attribute `word` */
    PROBE_METHOD,    /* the definition of a function `word` */
    PROBE_SYMBOL,    /* the name of a symbol, in code or in strings: its words, and what is `met` */
    PROBE_ANYTHING   /* nothing is known: where `needs` are met the file must be parsed */
} ProbeKind;

typedef struct Probe {
    ProbeKind kind;
    Tier tier;
    const char *library;         /* that the rule is about; "" when unknown */
    const char *since;           /* "" when none, as in Rule */
    const char *removed;         /* likewise */
    const char *word;            /* what lines are looked up by */
    const char *const *required; /* keywords; ended by NULL */
    const char *const *absent;   /* keywords; ended by NULL */
    const char *const *needs;    /* as rule_needs(): "a|b", "c()"; ended by NULL */
    const char *const
        *contains;        /* texts that the file holds, inside of words or not; ended by NULL */
    const char *receiver; /* expression that the class before `.word` must match; NULL: any */
    const char *met;      /* expression that the file's text must meet somewhere; NULL: any */
    bool any_callee;      /* PROBE_CALL: `word` is a keyword and the callee a hole */
    bool qualified;       /* the callee is a qualified name */
    bool assigned;        /* the call stands on the right of an assignment */
} Probe;

/* At least one for each rule; several where its anchor has one of several names. */
Probe *probes_of(Arena *arena, const Transform *transform, ptrdiff_t *n);

/* The library that a rule is about: root of the first qualified name in its pattern, else of a
 * hole's type. */
Str rule_library(const Rule *rule);

#endif
