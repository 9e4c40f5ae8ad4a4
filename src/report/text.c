/* Diffs, notes and errors, one at a time, as they come up. */
#include "report/color.h"
#include "report/report.h"

/* A line of a hunk goes by its first byte; the lines above the first hunk name the file. A removed
 * line may begin with "--", so the two are told apart by where they stand. */
static const char *diff_color(Str line, bool in_hunk) {
    if (str_starts(line, S("@@")))
        return COLOR_CYAN;
    if (!in_hunk)
        return COLOR_BOLD;
    return str_starts(line, S("+")) ? COLOR_GREEN : str_starts(line, S("-")) ? COLOR_RED : NULL;
}

void report_diff(FILE *out, const ReportStyle *style, Str diff) {
    if (!style->color_out) {
        fwrite(diff.p ? diff.p : "", 1, (size_t)diff.n, out);
        return;
    }
    bool in_hunk = false;
    for (Str rest = diff; rest.n;) {
        Str line, tail;
        bool ended = str_cut(rest, '\n', &line, &tail);
        const char *color = diff_color(line, in_hunk);
        in_hunk |= str_starts(line, S("@@"));
        bool cr = str_ends(line, S("\r"));
        color_print(out, color != NULL, color, str_slice(line, 0, line.n - cr));
        fputs(cr ? "\r" : "", out);
        fputs(ended ? "\n" : "", out);
        rest = tail;
    }
}

void report_would_change(FILE *err, const ReportStyle *style, Str path) {
    if (style->verbosity < 0)
        return;
    fputs("would change: ", err);
    color_print(err, style->color_err, COLOR_BOLD, path);
    fputc('\n', err);
}

void report_note(FILE *err, const ReportStyle *style, Str path, const Note *note) {
    if (style->verbosity < 0 || (note->withheld && style->verbosity < 1))
        return;
    Arena arena = {0};
    Str place = str_format(&arena, "%.*s:%u:%u:", STR_ARG(path), note->line, note->column);
    color_print(err, style->color_err, COLOR_BOLD, place);
    fputc(' ', err);
    color_print(err, style->color_err, note->withheld ? COLOR_DIM : COLOR_CYAN,
                note->withheld ? S("left alone") : S("advice"));
    fprintf(err, " %.*s: %.*s\n", STR_ARG(note->transform), STR_ARG(note->text));
    arena_close(&arena);
}

void report_diagnostic(FILE *err, const ReportStyle *style, const Diagnostic *diagnostic) {
    static const struct {
        const char *word, *color;
    } severities[] = {[SEVERITY_ERROR] = {"error:", COLOR_RED},
                      [SEVERITY_WARNING] = {"warning:", COLOR_CYAN},
                      [SEVERITY_NOTE] = {"note:", COLOR_CYAN}};
    Arena arena = {0};
    Buf buf = {.arena = &arena};
    diag_print(&buf, diagnostic);
    Str text = buf_str(&buf);
    Str word = str_from(severities[diagnostic->severity].word);
    if (!diagnostic->path.n)
        fputs("hffix: ", err);
    /* The word stands behind the place, whose path may hold it too. */
    ptrdiff_t at = diagnostic->path.n < text.n ? diagnostic->path.n : 0;
    ptrdiff_t found = str_find(str_slice(text, at, text.n), word);
    at = found < 0 ? 0 : at + found;
    color_print(err, style->color_err, COLOR_BOLD, str_slice(text, 0, at));
    color_print(err, style->color_err, severities[diagnostic->severity].color,
                str_slice(text, at, at + word.n));
    color_print(err, false, NULL, str_slice(text, at + word.n, text.n));
    arena_close(&arena);
}

void report_progress(FILE *err, ptrdiff_t done, ptrdiff_t total) {
    fputs("\r\033[K", err);
    if (total)
        fprintf(err, "%td of %td files", done, total);
    fflush(err);
}
