/* The lines at the end of a run: how much was done, how much was not, and why. What is zero is not
 * mentioned. */
#include <stdlib.h>

#include "report/color.h"
#include "report/report.h"

enum { NAMED_PATHS = 5 /* of files with syntax errors, unless verbose */ };

void tally_fix(Tally *tally, Str transform, ptrdiff_t n) {
    for (ptrdiff_t i = 0; i < tally->fixes.n; i++) {
        if (str_eq(tally->fixes.v[i].transform, transform)) {
            tally->fixes.v[i].n += n;
            return;
        }
    }
    *list_push(tally->arena, &tally->fixes) =
        (FixCount){.transform = str_copy(tally->arena, transform), .n = n};
}

static void count(FILE *err, ptrdiff_t n, const char *one, const char *many) {
    fprintf(err, "%td %s", n, n == 1 ? one : many);
}

static void files(FILE *err, ptrdiff_t n) {
    count(err, n, "file", "files");
}

/* Most fixes first, then by name. */
static int by_count(const void *a, const void *b) {
    const FixCount *x = a, *y = b;
    if (x->n != y->n)
        return x->n < y->n ? 1 : -1;
    return str_compare(x->transform, y->transform);
}

static void report_fixes(FILE *err, const ReportStyle *style, const Tally *tally, bool wrote) {
    Arena arena = {0};
    ptrdiff_t total = 0, n = tally->fixes.n;
    FixCount *fixes = new (&arena, FixCount, n);
    for (ptrdiff_t i = 0; i < n; i++) {
        fixes[i] = tally->fixes.v[i];
        total += fixes[i].n;
    }
    qsort(fixes, (size_t)n, sizeof *fixes, by_count);
    count(err, total, "fix", "fixes");
    fprintf(err, wrote ? " made in %td of " : " to make in %td of ", tally->changed);
    files(err, tally->files);
    fputs(wrote ? "\n" : " (--write makes them)\n", err);
    for (ptrdiff_t i = 0; i < n; i++) {
        fprintf(err, "%5td  ", fixes[i].n);
        color_print(err, style->color_err, COLOR_BOLD, fixes[i].transform);
        fputc('\n', err);
    }
    arena_close(&arena);
}

static void report_partly(FILE *err, const ReportStyle *style, const Tally *tally) {
    ptrdiff_t named = tally->partly.n;
    if (named > NAMED_PATHS && style->verbosity < 1)
        named = NAMED_PATHS;
    fputs("syntax errors, and nothing done beside them: ", err);
    for (ptrdiff_t i = 0; i < named; i++)
        fprintf(err, "%s%.*s", i ? ", " : "", STR_ARG(tally->partly.v[i]));
    if (named < tally->partly.n)
        fprintf(err, " and %td more (-v names them)", tally->partly.n - named);
    fputc('\n', err);
}

void report_summary(FILE *err, const ReportStyle *style, const Tally *tally, bool wrote, Str undo) {
    if (style->verbosity < 0)
        return;
    if (tally->changed) {
        report_fixes(err, style, tally, wrote);
    } else if (tally->files > tally->failed) {
        fputs("nothing to change in ", err);
        files(err, tally->files - tally->failed);
        fputc('\n', err);
    } else if (!tally->files) {
        fputs("no Python files found\n", err);
    }
    if (tally->notes) {
        count(err, tally->notes, "note", "notes");
        fputs(" above: what a person has to decide\n", err);
    }
    if (tally->partly.n)
        report_partly(err, style, tally);
    if (tally->dropped) {
        fputs("an edit was taken back, because its result did not parse, in ", err);
        files(err, tally->dropped);
        fputs("\n", err);
    }
    if (tally->no_library) {
        fputs("no Hugging Face code in ", err);
        files(err, tally->no_library);
        fputc('\n', err);
    }
    if (tally->ignored) {
        files(err, tally->ignored);
        fputs(" left out by ignore rules (--no-ignore takes them)\n", err);
    }
    if (tally->excluded) {
        files(err, tally->excluded);
        fputs(" left out by `exclude` of the settings\n", err);
    }
    if (tally->failed) {
        files(err, tally->failed);
        fputs(" skipped: see the errors above\n", err);
    }
    if (undo.n)
        fprintf(err, "undo: %.*s\n", STR_ARG(undo));
}
