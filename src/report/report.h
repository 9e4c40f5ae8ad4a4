/* What the user sees: diffs on stdout, all talk on stderr. */
#ifndef HFFIX_REPORT_REPORT_H
#define HFFIX_REPORT_REPORT_H

#include <stdio.h>

#include "transform/engine.h"

typedef struct ReportStyle {
    bool color_out, color_err; /* of stdout and stderr */
    int verbosity;             /* -1 quiet, 0, 1 verbose */
} ReportStyle;

/* Figures of a run, for the summary. */
typedef struct Tally {
    ptrdiff_t files, changed, no_library, partly_parsed, failed, ignored;
    List(FixCount) fixes;
    ptrdiff_t notes, dropped;
} Tally;

void report_diff(FILE *out, const ReportStyle *style, Str diff); /* coloured by line when asked */
void report_note(FILE *err, const ReportStyle *style, Str path, const Note *note);
void report_diagnostic(FILE *err, const ReportStyle *style, const Diagnostic *diagnostic);
/* The lines at the end; `undo` (may be empty) is the command that takes the written changes back.
 */
void report_summary(FILE *err, const ReportStyle *style, Tally *tally, bool wrote, Str undo);
void report_list(FILE *out, const ReportStyle *style, const Registry *registry); /* --list */
void report_explain(FILE *out, const ReportStyle *style, const Entry *entry,
                    const Transform *transform); /* --explain NAME */

#endif
