/* Three parts, in the order in which they are worked off: what the command does, what a person
 * does, which requirements move. */
#include "report/migration.h"

#include <stdlib.h>
#include <string.h>

#include "report/color.h"

/* What breaks first, then what has most places, then by name. */
static int by_need(const void *a, const void *b) {
    const MigrationRow *x = a, *y = b;
    if (x->must != y->must)
        return x->must ? -1 : 1;
    if (x->places != y->places)
        return x->places < y->places ? 1 : -1;
    return str_compare(x->entry->name, y->entry->name);
}

static void print_title(FILE *out, const ReportStyle *style, const char *title) {
    fputc('\n', out);
    color_print(out, style->color_out, COLOR_BOLD, str_from(title));
    fputc('\n', out);
}

static void print_row(FILE *out, const ReportStyle *style, const MigrationRow *row, int width) {
    const Entry *entry = row->entry;
    Arena arena = {0};
    Str count = str_format(&arena, "%td in %td file%s", row->places, row->files,
                           row->files == 1 ? "" : "s");
    fprintf(out, "  %-15.*s  %s  %-6s  ", STR_ARG(count), row->must ? "must" : "may ",
            entry->tier == TIER_SAFE ? "safe" : "review");
    color_print(out, style->color_out, COLOR_CYAN, entry->name);
    fprintf(out, "%*s  %.*s\n", width - (int)entry->name.n, "", STR_ARG(entry->title));
    arena_close(&arena);
}

static void print_rows(FILE *out, const ReportStyle *style, Migration *migration) {
    print_title(out, style, "By command");
    if (!migration->rows.n) {
        fputs("  nothing\n", out);
        return;
    }
    qsort(migration->rows.v, (size_t)migration->rows.n, sizeof *migration->rows.v, by_need);
    int width = 0;
    ptrdiff_t places = 0;
    for (ptrdiff_t i = 0; i < migration->rows.n; i++) {
        int n = (int)migration->rows.v[i].entry->name.n;
        width = n > width ? n : width;
        places += migration->rows.v[i].places;
    }
    for (ptrdiff_t i = 0; i < migration->rows.n; i++)
        print_row(out, style, &migration->rows.v[i], width);
    fprintf(out, "  %td place%s in all: %.*s\n", places, places == 1 ? "" : "s",
            STR_ARG(migration->command));
}

enum { SHOWN_PLACES = 6 }; /* of one note, unless all are asked for */

static bool same_note(const Note *a, const Note *b) {
    return str_eq(a->transform, b->transform) && str_eq(a->text, b->text);
}

/* The note once, and below it where it holds. */
static void print_note(FILE *out, const ReportStyle *style, const Migration *migration,
                       ptrdiff_t first) {
    const Note *note = &migration->places.v[first].note;
    ptrdiff_t n = 0, shown = 0;
    for (ptrdiff_t i = first; i < migration->places.n; i++)
        n += same_note(note, &migration->places.v[i].note);
    fprintf(out, "  %td place%s  ", n, n == 1 ? " " : "s");
    color_print(out, style->color_out, COLOR_CYAN, note->transform);
    fprintf(out, ": %s%.*s\n", note->withheld ? "not done: " : "", STR_ARG(note->text));
    for (ptrdiff_t i = first; i < migration->places.n; i++) {
        const MigrationPlace *place = &migration->places.v[i];
        if (!same_note(note, &place->note) ||
            (shown == SHOWN_PLACES && n > SHOWN_PLACES + 1 && style->verbosity < 1))
            continue;
        shown++;
        fprintf(out, "    %.*s:%u:%u\n", STR_ARG(place->path), place->note.line,
                place->note.column);
    }
    if (shown < n)
        fprintf(out, "    and %td more (-v names them)\n", n - shown);
}

static void print_places(FILE *out, const ReportStyle *style, const Migration *migration) {
    print_title(out, style, "By hand");
    if (!migration->places.n)
        fputs("  nothing\n", out);
    for (ptrdiff_t i = 0; i < migration->places.n; i++) {
        bool told = false;
        for (ptrdiff_t k = 0; k < i && !told; k++)
            told = same_note(&migration->places.v[i].note, &migration->places.v[k].note);
        if (!told)
            print_note(out, style, migration, i);
    }
}

static void print_requirements(FILE *out, const ReportStyle *style, const Migration *migration) {
    print_title(out, style, "Requirements");
    if (!migration->requirements.n)
        fputs("  nothing: no list that was found leaves the target out\n", out);
    bool moves = false;
    for (ptrdiff_t i = 0; i < migration->requirements.n; i++) {
        const MigrationRequirement *one = &migration->requirements.v[i];
        fprintf(out, "  %.*s:%u: %.*s", STR_ARG(one->path), one->line, STR_ARG(one->before));
        if (one->after.n)
            fprintf(out, " becomes %.*s\n", STR_ARG(one->after));
        else
            fprintf(out, " leaves out the target, and %.*s\n", STR_ARG(one->why));
        moves |= one->after.n > 0;
    }
    if (moves)
        fputs("  --bump added to the command moves them\n", out);
}

void report_migration(FILE *out, const ReportStyle *style, Migration *migration) {
    fprintf(out, "to %.*s\n", STR_ARG(migration->targets));
    print_rows(out, style, migration);
    print_places(out, style, migration);
    print_requirements(out, style, migration);
}
