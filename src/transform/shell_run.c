/* Passes over one text until nothing changes, as in engine.c, but without a tree: a document's cut
 * finds the commands and variables, and an edit replaces or takes words. Each match is a group of
 * its own. The new text is cut again, and where less of it can be read than before, nothing of the
 * pass is written. */
#include "transform/shell_run.h"

#include <string.h>

#include "transform/flags.h"
#include "transform/keys.h"
#include "transform/run.h"
#include "transform/shell_match.h"

enum { MAX_PASSES = 5 };

typedef struct Group {
    ptrdiff_t entry;
    ShellMatch match;
    bool waits;
} Group;

typedef List(Span) Spans;

typedef struct Session {
    const Engine *engine;
    Parser *parser;
    Arena *arena;
    const Source *source; /* the text of this pass */
    ShellCut *cut;
    const Project *project;
    const bool *candidates;
    Outcome *outcome;
    List(EditList) history;
    List(Group) groups; /* of this pass */
    List(DiffMark) marks;
    List(FixCount) fixes;
    List(Note) notes;
} Session;

/* ---- questions ---- */

static ShellReader read_text(Session *session, Str text) {
    ShellReader reader = {.arena = session->arena, .parser = session->parser, .source = text};
    session->cut(&reader);
    return reader;
}

/* Whether the test is one that is not part of matching. */
static bool is_version(const Test *test) {
    return test->kind == TEST_FACT && !str_eq(str_from(test->fact.fact->word), S("calls"));
}

static const Condition *failed_condition(Session *session, const ShellReader *text,
                                         const Rule *rule, const ShellVariable *variable) {
    for (ptrdiff_t i = 0; i < rule->n_conditions; i++) {
        const Condition *condition = &rule->conditions[i];
        bool holds = !rule->shell && condition->n == 1 && !is_version(condition->tests);
        for (ptrdiff_t k = 0; k < condition->n && !holds; k++)
            holds = condition->tests[k].kind == TEST_FACT
                        ? version_test_holds(session->arena, session->project, &condition->tests[k])
                        : shell_test_holds(text, &condition->tests[k], variable);
        if (!holds)
            return condition;
    }
    return NULL;
}

static bool is_permitted(Session *session, const Entry *entry, const Rule *rule, Str *why) {
    RuleLimits limits = {rule->tier, (Str){0}, rule->since, rule->removed};
    return run_permits(session->engine, session->project, session->source, entry, &limits,
                       session->arena, why);
}

/* Lines of the source before all edits. */
static Span original_lines(const Session *session, Span span) {
    Span lines = {0};
    const Source *source = session->source;
    lines.at = source_line(source, span.at);
    lines.end = source_line(source, span.end > span.at ? span.end - 1 : span.at);
    return lines;
}

static bool is_kept_out(const Session *session, const Suppressions *suppressions, Str name,
                        Span site) {
    Span lines = original_lines(session, site);
    const LineRanges *only = session->engine->only;
    bool inside = !only;
    for (ptrdiff_t i = 0; only && i < only->n; i++)
        inside |= only->v[i].first <= lines.end && lines.at <= only->v[i].last;
    return !inside || is_suppressed_on(suppressions, name, lines.at, lines.end);
}

/* ---- matching ---- */

/* What is made of a match: a note or a group. */
static void take(Session *session, const Entry *entry, ptrdiff_t index, const Rule *rule,
                 ShellMatch match) {
    bool edits = run_edits(entry, rule) && match.n && !match.withheld.n;
    Str text = match.withheld.n && run_edits(entry, rule)
                   ? str_format(session->arena, "not changed: %.*s", STR_ARG(match.withheld))
               : match.note.n ? match.note
               : edits        ? (Str){0}
                              : entry->title;
    if (text.n && !session->history.n)
        *list_push(session->arena, &session->notes) =
            (Note){.transform = entry->name,
                   .line = source_line(session->source, match.site.at),
                   .column = source_column(session->source, match.site.at),
                   .text = text,
                   .withheld = match.withheld.n > 0};
    if (edits)
        *list_push(session->arena, &session->groups) = (Group){.entry = index, .match = match};
}

/* One rule with `in:` at all places of the text that no rule above has taken. */
static void run_rule(Session *session, const ShellReader *text, const Suppressions *suppressions,
                     ptrdiff_t index, const Rule *rule, bool *taken) {
    ptrdiff_t n;
    const Entry *entry = &registry_entries(session->engine->registry, &n)[index];
    for (ptrdiff_t i = 0; i < text->commands.n + text->variables.n; i++) {
        ShellMatch match;
        ptrdiff_t k = i - text->commands.n;
        const ShellVariable *variable = k < 0 ? NULL : &text->variables.v[k];
        if (taken[i] || failed_condition(session, text, rule, variable))
            continue;
        taken[i] = variable ? shell_match_variable(session->arena, text, rule, variable, &match)
                            : shell_match_command(session->arena, text, rule, &text->commands.v[i],
                                                  &match);
        if (taken[i] && !is_kept_out(session, suppressions, entry->name, match.site))
            take(session, entry, index, rule, match);
    }
}

/* A rule of arguments at place `i`: the commands, then the tables. */
static bool match_arguments(Session *session, const ShellReader *text, const FieldRule *field,
                            ptrdiff_t i, ShellMatch *match) {
    ptrdiff_t k = i - text->commands.n;
    Str path = session->source->path;
    return k < 0 ? flag_match(session->arena, text, session->project, path, field,
                              &text->commands.v[i], match)
                 : key_match(session->arena, text, session->project, path, field,
                             &text->tables.v[k], match);
}

/* The same for a rule of arguments; `taken` are the names in the text. */
static void run_arguments(Session *session, const ShellReader *text,
                          const Suppressions *suppressions, ptrdiff_t index, const FieldRule *field,
                          Spans *taken) {
    ptrdiff_t n;
    const Entry *entry = &registry_entries(session->engine->registry, &n)[index];
    if (failed_condition(session, text, field->rule, NULL))
        return;
    for (ptrdiff_t i = 0; i < text->commands.n + text->tables.n; i++) {
        ShellMatch match;
        if (!match_arguments(session, text, field, i, &match))
            continue;
        bool free = true;
        for (ptrdiff_t k = 0; k < taken->n; k++)
            free = free && taken->v[k].at != match.site.at;
        if (!free)
            continue;
        *list_push(session->arena, taken) = match.site;
        if (!is_kept_out(session, suppressions, entry->name, match.site))
            take(session, entry, index, field->rule, match);
    }
}

static void run_entry(Session *session, const ShellReader *text, const Suppressions *suppressions,
                      ptrdiff_t index) {
    ptrdiff_t n;
    const Entry *entry = &registry_entries(session->engine->registry, &n)[index];
    const Transform *transform = registry_transform(session->engine->registry, index);
    bool *taken = new (session->arena, bool, text->commands.n + text->variables.n);
    Spans names = {0};
    for (ptrdiff_t r = 0; r < transform->n_rules; r++) {
        const Rule *rule = &transform->rules[r];
        FieldRule field;
        if (rule->shell && is_permitted(session, entry, rule, NULL))
            run_rule(session, text, suppressions, index, rule, taken);
        else if (field_rule(rule, &field) && is_permitted(session, entry, rule, NULL))
            run_arguments(session, text, suppressions, index, &field, &names);
    }
}

/* ---- editing ---- */

/* Adds the group's edits; false, and nothing is added, when they overlap others'. */
static bool add_edits(Session *session, EditList *edits, ptrdiff_t group) {
    const ShellMatch *match = &session->groups.v[group].match;
    ptrdiff_t n = edits->n, first, second;
    EditList more = {new (session->arena, Edit, n + match->n), n + match->n};
    if (n)
        memcpy(more.v, edits->v, (size_t)n * sizeof *more.v);
    for (ptrdiff_t i = 0; i < match->n; i++) {
        more.v[n + i] = match->edits[i];
        more.v[n + i].group = (int)group;
    }
    if (!edits_sort(&more, &first, &second))
        return false;
    *edits = more;
    return true;
}

static uint32_t original_line(const Session *session, uint32_t offset, Str original) {
    for (ptrdiff_t i = session->history.n - 1; i >= 0; i--)
        offset = edits_old_offset(&session->history.v[i], offset);
    uint32_t line = 1;
    for (uint32_t i = 0; i < offset && i < original.n; i++)
        line += original.p[i] == '\n';
    return line;
}

static void record(Session *session, EditList edits, Str original) {
    ptrdiff_t n;
    const Entry *entries = registry_entries(session->engine->registry, &n);
    for (ptrdiff_t i = 0; i < edits.n; i++) {
        Str name = entries[session->groups.v[edits.v[i].group].entry].name;
        *list_push(session->arena, &session->marks) =
            (DiffMark){original_line(session, edits.v[i].span.at, original), name};
    }
    for (ptrdiff_t i = 0; i < session->groups.n; i++) {
        if (session->groups.v[i].waits)
            continue;
        Str name = entries[session->groups.v[i].entry].name;
        ptrdiff_t k = 0;
        while (k < session->fixes.n && !str_eq(session->fixes.v[k].transform, name))
            k++;
        if (k == session->fixes.n)
            *list_push(session->arena, &session->fixes) = (FixCount){name, 0};
        session->fixes.v[k].n++;
    }
    *list_push(session->arena, &session->history) = edits;
}

/* One pass; false when it has changed nothing. */
static bool pass(Session *session, Str original) {
    Arena *arena = session->arena;
    ShellReader text = read_text(session, session->source->text);
    if (!text.commands.n && !text.variables.n && !text.tables.n)
        return false;
    const Suppressions *suppressions = suppressions_read_text(arena, session->source);
    ptrdiff_t n;
    registry_entries(session->engine->registry, &n);
    session->groups.n = 0;
    for (ptrdiff_t i = 0; i < n; i++)
        if (session->candidates[i])
            run_entry(session, &text, suppressions, i);
    EditList edits = {0};
    for (ptrdiff_t i = 0; i < session->groups.n; i++)
        session->groups.v[i].waits = !add_edits(session, &edits, i);
    if (!edits.n)
        return false;
    Str changed = edits_apply(arena, session->source->text, &edits);
    if (read_text(session, changed).broken > text.broken) {
        session->outcome->dropped = true;
        return false;
    }
    record(session, edits, original);
    session->source = source_with_text(arena, session->source, changed);
    return true;
}

static Session *session_open(const Engine *engine, Parser *parser, Arena *arena,
                             const Source *source, ShellCut *cut) {
    Session *session = new (arena, Session, 1);
    *session = (Session){.engine = engine,
                         .parser = parser,
                         .arena = arena,
                         .source = source,
                         .cut = cut,
                         .project = project_of(engine->projects, source->path),
                         .outcome = new (arena, Outcome, 1)};
    return session;
}

Outcome *shell_run(const Engine *engine, Parser *parser, Arena *arena, const Source *source,
                   ShellCut *cut, const bool *candidates, Diagnostics *diagnostics) {
    jmp_buf exhausted;
    jmp_buf *outer = arena->on_exhausted;
    if (setjmp(exhausted)) {
        arena->on_exhausted = outer;
        diag_add(diagnostics, SEVERITY_ERROR, source->path, 0, 0,
                 "out of memory; the file is left as it is");
        return NULL;
    }
    arena->on_exhausted = &exhausted;
    Session *session = session_open(engine, parser, arena, source, cut);
    session->candidates = candidates;
    for (int i = 0; i < MAX_PASSES && pass(session, source->text); i++)
        continue;
    Outcome *outcome = session->outcome;
    outcome->text = session->source->text;
    outcome->changed = !str_eq(outcome->text, source->text);
    outcome->marks = session->marks.v;
    outcome->n_marks = session->marks.n;
    outcome->fixes = session->fixes.v;
    outcome->n_fixes = session->fixes.n;
    outcome->notes = session->notes.v;
    outcome->n_notes = session->notes.n;
    arena->on_exhausted = outer;
    return outcome;
}

Outcome *outcome_join(Arena *arena, const Outcome *first, const Outcome *second) {
    Outcome *both = new (arena, Outcome, 1);
    *both = *second;
    both->changed = first->changed || second->changed;
    both->dropped = first->dropped || second->dropped;
    List(DiffMark) marks = {0};
    List(FixCount) fixes = {0};
    List(Note) notes = {0};
    const Outcome *of[] = {first, second};
    for (int i = 0; i < 2; i++) {
        for (ptrdiff_t k = 0; k < of[i]->n_marks; k++)
            *list_push(arena, &marks) = of[i]->marks[k];
        for (ptrdiff_t k = 0; k < of[i]->n_fixes; k++)
            *list_push(arena, &fixes) = of[i]->fixes[k];
        for (ptrdiff_t k = 0; k < of[i]->n_notes; k++)
            *list_push(arena, &notes) = of[i]->notes[k];
    }
    both->marks = marks.v, both->n_marks = marks.n;
    both->fixes = fixes.v, both->n_fixes = fixes.n;
    both->notes = notes.v, both->n_notes = notes.n;
    return both;
}

/* ---- explaining ---- */

static void explain_match(Session *session, const ShellReader *text, Buf *out, const Entry *entry,
                          const Rule *rule, const ShellVariable *variable,
                          const ShellMatch *match) {
    Str line, rest, why;
    str_cut(str_span(text->source, match->site), '\n', &line, &rest);
    buf_format(out, "%.*s:%u:%u: rule of line %u at `%.*s%s`\n", STR_ARG(session->source->path),
               source_line(session->source, match->site.at),
               source_column(session->source, match->site.at), rule->line, STR_ARG(line),
               rest.n ? " …" : "");
    const Condition *condition = failed_condition(session, text, rule, variable);
    if (condition)
        buf_format(out, "    line %u: when %.*s: no\n", condition->line, STR_ARG(condition->text));
    else if (!is_permitted(session, entry, rule, &why))
        buf_format(out, "    it matches, but %.*s\n", STR_ARG(why));
    else if (match->withheld.n)
        buf_format(out, "    it matches, but %.*s\n", STR_ARG(match->withheld));
    else
        buf_format(out, "    it matches%s\n",
                   run_edits(entry, rule) ? "" : ": advice, nothing is edited");
}

static void explain_rule(Session *session, const ShellReader *text, Buf *out, const Entry *entry,
                         const Rule *rule, uint32_t line) {
    FieldRule field;
    bool arguments = field_rule(rule, &field);
    ptrdiff_t others = arguments ? text->tables.n : rule->shell ? text->variables.n : 0;
    ptrdiff_t n = rule->shell || arguments ? text->commands.n + others : 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        ShellMatch match;
        const ShellVariable *variable =
            rule->shell && i >= text->commands.n ? &text->variables.v[i - text->commands.n] : NULL;
        bool matches =
            arguments ? match_arguments(session, text, &field, i, &match)
            : variable
                ? shell_match_variable(session->arena, text, rule, variable, &match)
                : shell_match_command(session->arena, text, rule, &text->commands.v[i], &match);
        Span lines = matches ? original_lines(session, match.site) : (Span){0};
        if (matches && lines.at <= line && line <= lines.end)
            explain_match(session, text, out, entry, rule, variable, &match);
    }
}

Str shell_explain(const Engine *engine, Parser *parser, Arena *arena, const Source *source,
                  ShellCut *cut, ptrdiff_t transform, uint32_t line) {
    Session *session = session_open(engine, parser, arena, source, cut);
    ShellReader text = read_text(session, source->text);
    ptrdiff_t n;
    const Entry *entry = &registry_entries(engine->registry, &n)[transform];
    const Transform *parsed = registry_transform(engine->registry, transform);
    Buf out = {.arena = arena};
    for (ptrdiff_t r = 0; r < parsed->n_rules; r++)
        explain_rule(session, &text, &out, entry, &parsed->rules[r], line);
    return buf_str(&out);
}
