/* What is said of one load site: a line, and the same in JSON with all figures. */
#ifndef HFFIX_CLI_VERDICT_H
#define HFFIX_CLI_VERDICT_H

#include "check/check.h"
#include "sites/load_site.h"

typedef enum VerdictKind {
    VERDICT_LOADS,
    VERDICT_REJECTED, /* does not load */
    VERDICT_UNKNOWN   /* went no further than the arguments, or than the headers */
} VerdictKind;

typedef struct Verdict {
    VerdictKind kind;
    Str text; /* "loads: 21 tensors, …"; without the place and the id */
    Str json; /* of check_print_json(); empty: nothing on disk was looked at */
} Verdict;

/* What is known of a site when its checkpoint was not found: what is wrong with its arguments. */
Verdict verdict_of_arguments(Arena *arena, const LoadSite *site, const Reasons *reasons, Str why);
/* What a check has found. `behind` (may be empty) says why it went no further than it did. */
Verdict verdict_of_report(Arena *arena, const LoadSite *site, const CheckReport *report,
                          const CheckRequest *request, Str behind);

#endif
