/* What the user sees: diffs on stdout, all talk on stderr. The only code that words it. */
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
    Arena *arena;         /* of what the lists hold */
    ptrdiff_t files;      /* that were looked at, failed ones included */
    ptrdiff_t changed;    /* of them, or that would be */
    ptrdiff_t failed;     /* could not be read, decoded or written; each has its error */
    ptrdiff_t no_library; /* hold no Hugging Face code */
    ptrdiff_t ignored;    /* not looked at, because of ignore files */
    ptrdiff_t excluded;   /* likewise, because of `exclude` in the settings */
    ptrdiff_t notes;      /* that were told */
    ptrdiff_t dropped;    /* files in which an edit was taken back */
    List(FixCount) fixes; /* by transform, in no order */
    List(Str) partly;     /* paths of files with syntax errors */
} Tally;

void tally_fix(Tally *tally, Str transform, ptrdiff_t n);

void report_diff(FILE *out, const ReportStyle *style, Str diff); /* of one file */
void report_would_change(FILE *err, const ReportStyle *style, Str path);
void report_note(FILE *err, const ReportStyle *style, Str path, const Note *note);
void report_diagnostic(FILE *err, const ReportStyle *style, const Diagnostic *diagnostic);

/* A line that the next one overwrites; `total` 0 takes it away. */
void report_progress(FILE *err, ptrdiff_t done, ptrdiff_t total);

/* The lines at the end; `wrote`: the changes are in the files; `undo` (may be empty): the command
 * that takes them back. Nothing when quiet. */
void report_summary(FILE *err, const ReportStyle *style, const Tally *tally, bool wrote, Str undo);

void report_list(FILE *out, const ReportStyle *style, const Registry *registry); /* --list */
void report_explain(FILE *out, const ReportStyle *style, const Entry *entry,
                    const Transform *transform); /* --explain NAME */

#endif
