/* The list of transforms, and the page of one: both are made of the transform's own file, so that
 * there is no second text to keep in step. */
#include "report/color.h"
#include "report/report.h"

static const char *const tiers[] = {
    [TIER_SAFE] = "safe", [TIER_REVIEW] = "review", [TIER_ADVICE] = "advice"};

static const char *const tier_says[] = {
    [TIER_SAFE] = "the code does what it did, or an error becomes a working call",
    [TIER_REVIEW] = "changes numbers, memory or speed: look at the diff",
    [TIER_ADVICE] = "only told, as a note; --apply turns it into an edit"};

static const char *const kinds[] = {
    [HOLE_EXPR] = "an expression", [HOLE_NAME] = "a name",      [HOLE_STR] = "a string",
    [HOLE_NUM] = "a number",       [HOLE_KWARGS] = "arguments", [HOLE_STMT] = "a statement"};

static void blanks(FILE *out, ptrdiff_t n) {
    while (n-- > 0)
        fputc(' ', out);
}

void report_list(FILE *out, const ReportStyle *style, const Registry *registry) {
    ptrdiff_t n, width = 0;
    const Entry *entries = registry_entries(registry, &n);
    for (ptrdiff_t i = 0; i < n; i++)
        if ((entries[i].selected || entries[i].held_back) && entries[i].name.n > width)
            width = entries[i].name.n;
    for (ptrdiff_t i = 0; i < n; i++) {
        if (!entries[i].selected && !entries[i].held_back)
            continue;
        color_print(out, style->color_out, COLOR_BOLD, entries[i].name);
        blanks(out, width - entries[i].name.n);
        fprintf(out, "  %-6s  %.*s%s\n", tiers[entries[i].tier], STR_ARG(entries[i].title),
                entries[i].preview.n ? " (preview)" : "");
    }
}

/* The rule's lines, as in its file. */
static void print_lines(FILE *out, const ReportStyle *style, const Rule *rule) {
    for (ptrdiff_t i = 0; i < rule->n_lines; i++) {
        const PatchLine *line = &rule->lines[i];
        char mark[] = {line->mark == '?' ? '-' : line->mark, line->mark == '?' ? '?' : ' ', 0};
        const char *color = mark[0] == '-'   ? COLOR_RED
                            : mark[0] == '+' ? COLOR_GREEN
                            : mark[0] == '!' ? COLOR_CYAN
                                             : COLOR_PLAIN;
        Arena arena = {0};
        Str text = str_trim(line->text).n ? line->text : (Str){0};
        color_print(out, style->color_out, color,
                    str_format(&arena, "    %s%.*s", mark, STR_ARG(text)));
        fputc('\n', out);
        arena_close(&arena);
    }
}

static void print_fact_term(FILE *out, const FactTerm *term, const Rule *rule) {
    fputs(term->fact ? term->fact->word : "?", out);
    for (int i = 0; i < term->n; i++) {
        Str argument =
            term->args[i].hole >= 0 ? rule->holes[term->args[i].hole].name : term->args[i].literal;
        fprintf(out, "%s%.*s", i ? ", " : "(", STR_ARG(argument));
    }
    fputs(term->n ? ")" : "", out);
}

static void print_holes(FILE *out, const Rule *rule) {
    bool any = false;
    for (ptrdiff_t i = 0; i < rule->n_holes; i++) {
        const Hole *hole = &rule->holes[i];
        if (!hole->declared)
            continue;
        fprintf(out, "%s    $%.*s  %s", any ? "" : "\n  where\n", STR_ARG(hole->name),
                kinds[hole->kind]);
        any = true;
        if (hole->type.n)
            fprintf(out, " of type %.*s", STR_ARG(hole->type));
        if (hole->regex.n)
            fprintf(out, " that matches %.*s", STR_ARG(hole->regex));
        if (hole->computed) {
            fputs(", found as ", out);
            print_fact_term(out, &hole->fact, rule);
        }
        fputc('\n', out);
    }
}

/* Whether the fact stands in a condition of the page above this test. */
static bool told_above(const Transform *transform, const Test *at) {
    for (ptrdiff_t i = 0; i < transform->n_rules; i++) {
        const Rule *rule = &transform->rules[i];
        for (ptrdiff_t j = 0; j < rule->n_conditions; j++) {
            const Condition *condition = &rule->conditions[j];
            for (const Test *test = condition->tests; test < condition->tests + condition->n;
                 test++) {
                if (test == at)
                    return false;
                if (test->kind == TEST_FACT && test->fact.fact == at->fact.fact)
                    return true;
            }
        }
    }
    return false;
}

static void print_conditions(FILE *out, const ReportStyle *style, const Transform *transform,
                             const Rule *rule) {
    if (rule->n_conditions)
        fputs("\n  only when all of this is known to hold, else silent\n", out);
    for (ptrdiff_t i = 0; i < rule->n_conditions; i++) {
        const Condition *condition = &rule->conditions[i];
        fprintf(out, "    %.*s\n", STR_ARG(condition->text));
        for (ptrdiff_t j = 0; j < condition->n; j++) {
            const Test *test = &condition->tests[j];
            if (test->kind != TEST_FACT || told_above(transform, test))
                continue;
            fputs("        ", out);
            color_print(out, style->color_out, COLOR_DIM, str_from(test->fact.fact->help));
            fputc('\n', out);
        }
    }
}

static void print_versions(FILE *out, Str since, Str removed) {
    if (since.n)
        fprintf(out, "The new form: since %.*s.\n", STR_ARG(since));
    if (removed.n)
        fprintf(out, "The old form: until %.*s.\n", STR_ARG(removed));
}

static void print_needs(FILE *out, Needs needs) {
    for (ptrdiff_t i = 0; i < needs.n; i++) {
        const Need *need = &needs.v[i];
        fprintf(out, "%s%.*s%s%.*s", i ? ", " : "The new code needs: ", STR_ARG(need->library),
                need->floor.n ? " >= " : "", STR_ARG(need->floor));
    }
    fputs(needs.n ? ".\n" : "", out);
}

void report_explain(FILE *out, const ReportStyle *style, const Entry *entry,
                    const Transform *transform) {
    color_print(out, style->color_out, COLOR_BOLD, entry->name);
    fprintf(out, "\n%.*s\n\n", STR_ARG(entry->title));
    if (transform->prose.n)
        fprintf(out, "%.*s\n\n", STR_ARG(transform->prose));
    fprintf(out, "Tier: %s (%s).\n", tiers[entry->tier], tier_says[entry->tier]);
    if (entry->preview.n)
        fprintf(out,
                "Preview: on trial since hffix %.*s; it runs with --preview, or by its name.\n",
                STR_ARG(entry->preview));
    print_versions(out, entry->since, entry->removed);
    print_needs(out, transform->needs);
    if (entry->link.n)
        fprintf(out, "More: %.*s\n", STR_ARG(entry->link));
    for (ptrdiff_t i = 0; i < transform->n_rules; i++) {
        const Rule *rule = &transform->rules[i];
        fputs(transform->n_rules == 1 ? "\nThe change\n" : i ? "\nOr\n" : "\nThe changes\n", out);
        if (rule->tier != entry->tier)
            fprintf(out, "  (%s)\n", tiers[rule->tier]);
        if (rule->in.n)
            fprintf(out, "  in: %.*s\n", STR_ARG(rule->in));
        print_lines(out, style, rule);
        print_holes(out, rule);
        print_conditions(out, style, transform, rule);
    }
    fprintf(out,
            "\nTry it:        hffix --select %.*s PATH\nWhy not here?  hffix --explain %.*s "
            "FILE:LINE\n",
            STR_ARG(entry->name), STR_ARG(entry->name));
}
