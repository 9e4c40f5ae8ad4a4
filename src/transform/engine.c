/* Passes over one text until nothing changes.
 *
 * All matches of a pass are found on the same text, planned together and applied at once; the
 * result is parsed again. A group whose result does not parse is taken out and its transform stays
 * out of this file; the others stand. Edits never touch the surroundings of a syntax error. Later
 * passes finish what had to wait (two transforms that wanted the same place), so that a second run
 * of the program finds nothing. */
#include "transform/engine.h"

#include <stdlib.h>
#include <string.h>

#include "transform/needs.h"
#include "transform/rewrite.h"
#include "transform/run.h"
#include "transform/sieve.h"

enum { MAX_PASSES = 10 };

typedef struct Planned {
    const Match *match;
    int group;
} Planned;

typedef List(Planned) PlannedList;

/* A text of a pass; its tree where the pass before has parsed it already. */
typedef struct Parsed {
    const Source *source;
    const Tree *tree;
} Parsed;

typedef struct Session {
    const Engine *engine;
    Parser *parser;
    Arena *arena;
    const Source *source; /* the text before all edits */
    bool *candidates;     /* transforms with words in the text of some pass */
    bool *taken_out;      /* transforms whose results did not parse, or have no end */
    bool *tried;          /* candidates that can match the text of a pass */
    Outcome *outcome;
    List(EditList) history; /* edits of each pass */
    List(DiffMark) marks;
    List(FixCount) fixes;
    List(Note) notes;
    List(Note) left; /* about symbols of this pass's text; those of the last are told */
    List(NewNeed) needs;
    PlannedList planned; /* of this pass */
    Parsed next;         /* what the pass has made of its text */
    List(Str) last;      /* transforms that acted in the last pass */
} Session;

/* ---- syntax errors ---- */

/* Errors of a tree: ERROR and missing nodes. */
static ptrdiff_t count_errors(const Tree *tree) {
    ptrdiff_t n = 0;
    for (Node node = 1; tree->rows[1].has_error && node < tree->n; node++)
        n += node_kind(tree, node) == NODE_ERROR || tree->rows[node].missing;
    return n;
}

static uint32_t first_error(const Tree *tree) {
    for (Node node = 1; node < tree->n; node++)
        if (node_kind(tree, node) == NODE_ERROR || tree->rows[node].missing)
            return node_span(tree, node).at;
    return 0;
}

/* Whether an error lies in the statement around the node or within a line of it. */
static bool near_error(const Module *module, Node node) {
    const Tree *tree = module->tree;
    if (!tree->rows[1].has_error)
        return false;
    const Source *source = module->source;
    Span span = node_span(tree, statement_of(module, node));
    uint32_t first = source_line(source, span.at), last = source_line(source, span.end);
    for (Node n = 1; n < tree->n; n++) {
        if (node_kind(tree, n) != NODE_ERROR && !tree->rows[n].missing)
            continue;
        uint32_t at = source_line(source, node_span(tree, n).at);
        uint32_t end = source_line(source, node_span(tree, n).end);
        if (at <= last + 1 && end + 1 >= first)
            return true;
    }
    return false;
}

/* ---- notes ---- */

static uint32_t original_line(const Session *session, uint32_t offset) {
    for (ptrdiff_t i = session->history.n - 1; i >= 0; i--)
        offset = edits_old_offset(&session->history.v[i], offset);
    uint32_t line = 1;
    Str before = str_slice(session->source->text, 0, offset);
    for (ptrdiff_t i = 0; i < before.n; i++)
        line += before.p[i] == '\n';
    return line;
}

static void add_withheld(Session *session, const Module *module, Str transform, Node site,
                         Str reason) {
    uint32_t at = node_span(module->tree, site).at;
    *list_push(session->arena, &session->notes) = (Note){
        .transform = transform,
        .line = source_line(module->source, at),
        .column = source_column(module->source, at),
        .text = str_format(session->arena, "not changed: %.*s", STR_ARG(reason)),
        .withheld = true,
    };
}

static void add_notes(Session *session, const Module *module, const Match *match) {
    Note *notes;
    ptrdiff_t n;
    rewrite_notes(session->arena, module, match, &notes, &n);
    for (ptrdiff_t i = 0; i < n; i++)
        *list_push(session->arena, &session->notes) = notes[i];
}

/* Of a symbol that a note is about, edits of other rules may leave no trace: what is told is what
 * the last pass meets, at the lines of the first text. */
static void add_left(Session *session, const Module *module, const Match *match) {
    Note *notes;
    ptrdiff_t n;
    rewrite_notes(session->arena, module, match, &notes, &n);
    for (ptrdiff_t i = 0; i < n; i++) {
        notes[i].line = original_line(session, node_span(module->tree, match->site).at);
        *list_push(session->arena, &session->left) = notes[i];
    }
}

static bool has_note(const Match *match) {
    for (ptrdiff_t i = 0; i < match->rule->n_actions; i++)
        if (match->rule->actions[i].kind == ACTION_NOTE)
            return true;
    return false;
}

/* ---- one pass ---- */

static void plan_match(Session *session, Run *run, Plan *plan, const Entry *entry,
                       const Match *match) {
    bool first = session->history.n == 0;
    bool edits = run_edits(entry, match->rule);
    if (near_error(run->module, match->site)) {
        if (first && edits)
            add_withheld(session, run->module, match->transform->name, match->site,
                         S("a syntax error is too near"));
        return;
    }
    if (match->rule->symbol && !edits)
        add_left(session, run->module, match);
    else if (first && (!edits || has_note(match)))
        add_notes(session, run->module, match);
    if (edits)
        *list_push(session->arena, &session->planned) =
            (Planned){match, rewrite_match(plan, session->arena, run->module, match)};
}

static int group_of(const PlannedList *planned, const Match *match) {
    for (ptrdiff_t i = 0; i < planned->n; i++)
        if (planned->v[i].match == match)
            return planned->v[i].group;
    return -1;
}

/* Groups of matches that rest on one another go together. */
static void join_groups(Plan *plan, const PlannedList *planned) {
    for (ptrdiff_t i = 0; i < planned->n; i++)
        for (ptrdiff_t k = 0; k < planned->v[i].match->n_with; k++) {
            int other = group_of(planned, planned->v[i].match->with[k]);
            if (other >= 0)
                plan_join(plan, planned->v[i].group, other);
            else
                plan_fail(plan, planned->v[i].group, "what it rests on was not made");
        }
}

static void plan_all(Session *session, Run *run, Plan *plan) {
    ptrdiff_t n;
    const Entry *entries = registry_entries(session->engine->registry, &n);
    session->planned.n = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        const TransformRun *transform = run_transform(run, i);
        for (ptrdiff_t k = 0; k < transform->matches.n; k++)
            plan_match(session, run, plan, &entries[i], transform->matches.v[k]);
        for (ptrdiff_t k = 0; session->history.n == 0 && k < transform->withheld.n; k++)
            add_withheld(session, run->module, entries[i].name, transform->withheld.v[k].site,
                         transform->withheld.v[k].reason);
    }
    join_groups(plan, &session->planned);
}

/* Whether a text has no more syntax errors than before. Its source and tree are kept for the next
 * pass. */
static bool parses(Session *session, Str text, ptrdiff_t errors) {
    ArenaMark mark = arena_mark(session->arena);
    Source *source = source_with_text(session->arena, session->source, text);
    Tree *tree = syntax_parse(session->parser, session->arena, GRAMMAR_PYTHON, source->parse_text);
    session->next = (Parsed){source, tree};
    if (tree && count_errors(tree) <= errors)
        return true;
    session->next = (Parsed){0};
    arena_reset(session->arena, mark);
    return false;
}

/* Takes groups out from the last until the result parses; the one that made the difference is to
 * blame, and its transform stays out of this file. */
static EditList drop_bad_groups(Session *session, Plan *plan, Str text, ptrdiff_t errors) {
    session->outcome->dropped = true;
    EditList edits = {0};
    for (int group = plan_groups(plan) - 1; group >= 0; group--) {
        const char *reason;
        if (plan_group_state(plan, group, &reason) != GROUP_APPLIED)
            continue;
        plan_fail(plan, group, "its result did not parse");
        ptrdiff_t index =
            registry_find(session->engine->registry, plan_group_transform(plan, group));
        if (index >= 0)
            session->taken_out[index] = true;
        edits = plan_edits(plan);
        if (parses(session, edits_apply(session->arena, text, &edits), errors))
            break;
    }
    return edits;
}

/* ---- what was done ---- */

static void count_fix(Session *session, Str transform) {
    for (ptrdiff_t i = 0; i < session->fixes.n; i++)
        if (str_eq(session->fixes.v[i].transform, transform)) {
            session->fixes.v[i].n++;
            return;
        }
    *list_push(session->arena, &session->fixes) = (FixCount){transform, 1};
}

static bool is_needed_already(const Session *session, Str transform, Str library) {
    for (ptrdiff_t i = 0; i < session->needs.n; i++)
        if (str_eq(session->needs.v[i].transform, transform) &&
            str_eq(session->needs.v[i].need.library, library))
            return true;
    return false;
}

/* What the edits of this pass need. */
static void record_needs(Session *session, const Module *module, const Plan *plan) {
    const char *reason;
    for (ptrdiff_t i = 0; i < session->planned.n; i++) {
        const Match *match = session->planned.v[i].match;
        if (plan_group_state(plan, session->planned.v[i].group, &reason) != GROUP_APPLIED)
            continue;
        uint32_t at = node_span(module->tree, match->site).at;
        for (ptrdiff_t k = 0; k < match->rule->needs.n; k++) {
            Need need = match->rule->needs.v[k];
            if (!is_needed_already(session, match->transform->name, need.library))
                *list_push(session->arena, &session->needs) =
                    (NewNeed){need, match->transform->name, original_line(session, at),
                              source_column(module->source, at)};
        }
    }
}

/* Takes out what the text before all edits needed as well. */
static void drop_old_needs(Session *session) {
    if (!session->needs.n)
        return;
    Tree *tree =
        syntax_parse(session->parser, session->arena, GRAMMAR_PYTHON, session->source->parse_text);
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; tree && i < session->needs.n; i++)
        if (!tree_needs(session->arena, tree, session->needs.v[i].need.library))
            session->needs.v[n++] = session->needs.v[i];
    session->needs.n = n;
}

static void mark(Session *session, uint32_t at, Str transform) {
    *list_push(session->arena, &session->marks) = (DiffMark){original_line(session, at), transform};
}

/* A group whose edit went into another's (an argument that gives way to a new one) has its mark
 * where its statement changes. */
static void mark_merged(Session *session, const Module *module, EditList edits,
                        const Planned *planned) {
    Span span = node_span(module->tree, statement_of(module, planned->match->site));
    uint32_t at = span.at;
    for (ptrdiff_t i = edits.n - 1; i >= 0; i--) {
        if (edits.v[i].group == planned->group)
            return;
        if (edits.v[i].span.at >= span.at && edits.v[i].span.end <= span.end)
            at = edits.v[i].span.at;
    }
    mark(session, at, planned->match->transform->name);
}

static void record(Session *session, const Module *module, const Plan *plan, EditList edits) {
    const char *reason;
    record_needs(session, module, plan);
    session->last.n = 0;
    for (ptrdiff_t i = 0; i < edits.n; i++)
        if (edits.v[i].group >= 0)
            mark(session, edits.v[i].span.at, plan_group_transform(plan, edits.v[i].group));
    for (ptrdiff_t i = 0; i < session->planned.n; i++)
        if (plan_group_state(plan, session->planned.v[i].group, &reason) == GROUP_APPLIED)
            mark_merged(session, module, edits, &session->planned.v[i]);
    for (int group = 0; group < plan_groups(plan); group++)
        if (plan_group_state(plan, group, &reason) == GROUP_APPLIED) {
            count_fix(session, plan_group_transform(plan, group));
            *list_push(session->arena, &session->last) = plan_group_transform(plan, group);
        }
    *list_push(session->arena, &session->history) = edits;
}

static Node site_of_group(const Session *session, int group) {
    for (ptrdiff_t i = 0; i < session->planned.n; i++)
        if (session->planned.v[i].group == group)
            return session->planned.v[i].match->site;
    return 1;
}

static void note_failed(Session *session, const Module *module, const Plan *plan) {
    const char *reason = NULL;
    for (int group = 0; group < plan_groups(plan); group++)
        if (plan_group_state(plan, group, &reason) == GROUP_FAILED)
            add_withheld(session, module, plan_group_transform(plan, group),
                         site_of_group(session, group), str_from(reason));
}

/* Whether some candidate can match the text. */
static bool choose_tried(Session *session, const Source *source) {
    const Engine *engine = session->engine;
    ptrdiff_t n;
    registry_entries(engine->registry, &n);
    for (ptrdiff_t i = 0; i < n; i++)
        session->tried[i] = session->candidates[i] && !session->taken_out[i];
    return !engine->sieve || sieve_pass(engine, engine->sieve, session->parser, session->arena,
                                        source, session->tried);
}

/* The lines of this text that came from lines of the source. */
static const LineRanges *lines_now(Session *session, const Source *source, const LineRanges *only) {
    if (!only || !session->history.n)
        return only;
    List(LineRange) kept = {0};
    for (uint32_t line = 1; line <= source->lines; line++) {
        uint32_t at = source->line_at[line - 1];
        for (ptrdiff_t i = session->history.n - 1; i >= 0; i--)
            at = edits_old_offset(&session->history.v[i], at);
        uint32_t old = source_line(session->source, at);
        for (ptrdiff_t i = 0; i < only->n; i++) {
            LineRange range = only->v[i];
            if (range.first <= old && old <= range.last)
                *list_push(session->arena, &kept) = (LineRange){line, line};
            else if (range.last < range.first && range.last == old)
                *list_push(session->arena, &kept) = (LineRange){line + 1, line};
        }
    }
    LineRanges *ranges = new (session->arena, LineRanges, 1);
    *ranges = (LineRanges){kept.v, kept.n};
    return ranges;
}

/* One pass over the text; false when it changes nothing. */
static bool pass(Session *session, Parsed now) {
    Arena *arena = session->arena;
    const Source *source = now.source;
    session->left.n = 0;
    if (!choose_tried(session, source))
        return false;
    const Tree *tree = now.tree;
    if (!tree)
        tree = syntax_parse(session->parser, arena, GRAMMAR_PYTHON, source->parse_text);
    if (!tree)
        return false;
    ptrdiff_t errors = count_errors(tree);
    if (session->history.n == 0 && errors)
        session->outcome->error_line = source_line(source, first_error(tree));
    const Module *module = run_module(session->engine, arena, source, tree);
    const Project *project = project_of(session->engine->projects, source->path);
    Plan *plan =
        plan_open(module, session->parser,
                  (Style){project->line_length, project->magic_trailing_comma, project->quote});
    Run *run = run_open(session->engine, arena, module, session->tried);
    run->only = lines_now(session, source, session->engine->only);
    for (ptrdiff_t i = 0; i < session->engine->n_kept_out; i++) {
        const KeptOut *kept = &session->engine->kept_out[i];
        LineRanges *lines = new (arena, LineRanges, 1);
        *lines = (LineRanges){.v = &kept->lines, .n = 1};
        *list_push(arena, &run->kept_out) =
            (KeptOutNow){kept->transform, lines_now(session, source, lines)};
    }
    plan_all(session, run, plan);
    EditList edits = plan_edits(plan);
    Str changed = edits_apply(arena, source->text, &edits);
    if (edits.n && !parses(session, changed, errors)) {
        edits = drop_bad_groups(session, plan, source->text, errors);
        changed = edits_apply(arena, source->text, &edits);
    }
    if (session->history.n == 0)
        note_failed(session, module, plan);
    if (!edits.n || str_eq(changed, source->text))
        return false;
    record(session, module, plan, edits);
    return true;
}

/* What a pass has written may hold the words of transforms that the file was no candidate of. */
static void add_candidates(Session *session, Str text) {
    if (!session->engine->prefilter)
        return;
    ptrdiff_t n;
    registry_entries(session->engine->registry, &n);
    prefilter_scan(session->engine->prefilter, text, session->tried);
    for (ptrdiff_t i = 0; i < n; i++)
        session->candidates[i] |= session->tried[i];
}

/* Passes until nothing changes; false when there is no end to it. */
static bool settle(Session *session) {
    Parsed now = {session->source, NULL};
    for (int i = 0; i < MAX_PASSES; i++) {
        if (!pass(session, now))
            return true;
        now = session->next;
        session->outcome->text = now.source->text;
        add_candidates(session, now.source->text);
    }
    return false;
}

/* Takes out what acted in the last pass and forgets what was done: a transform that finds itself
 * due on its own result must not write at all. */
static void take_out_restless(Session *session) {
    for (ptrdiff_t i = 0; i < session->last.n; i++) {
        ptrdiff_t index = registry_find(session->engine->registry, session->last.v[i]);
        if (index >= 0)
            session->taken_out[index] = true;
    }
    session->outcome->dropped = true;
    session->outcome->text = session->source->text;
    session->history.n = session->marks.n = session->fixes.n = session->notes.n = 0;
    session->needs.n = 0;
}

/* As a reader goes through the file; of one place, in the order of transforms. */
static int by_place(const void *a, const void *b) {
    const Note *x = a, *y = b;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    if (x->column != y->column)
        return x->column < y->column ? -1 : 1;
    int order = str_compare(x->transform, y->transform);
    return order ? order : str_compare(x->text, y->text);
}

static void run_passes(Session *session) {
    Outcome *outcome = session->outcome;
    while (!settle(session))
        take_out_restless(session);
    for (ptrdiff_t i = 0; i < session->left.n; i++)
        *list_push(session->arena, &session->notes) = session->left.v[i];
    if (session->notes.n)
        qsort(session->notes.v, (size_t)session->notes.n, sizeof(Note), by_place);
    outcome->notes = session->notes.v;
    outcome->n_notes = session->notes.n;
    outcome->changed = !str_eq(outcome->text, session->source->text);
    if (!outcome->changed)
        return;
    outcome->marks = session->marks.v;
    outcome->n_marks = session->marks.n;
    outcome->fixes = session->fixes.v;
    outcome->n_fixes = session->fixes.n;
    drop_old_needs(session);
    outcome->needs = session->needs.v;
    outcome->n_needs = session->needs.n;
}

Outcome *engine_run(const Engine *engine, Parser *parser, Arena *arena, const Source *source,
                    const bool *candidates, Diagnostics *diagnostics) {
    ptrdiff_t n;
    registry_entries(engine->registry, &n);
    jmp_buf exhausted;
    jmp_buf *outer = arena->on_exhausted;
    if (setjmp(exhausted)) { /* the only place that memory running out returns to */
        arena->on_exhausted = outer;
        diag_add(diagnostics, SEVERITY_ERROR, source->path, 0, 0,
                 "out of memory; the file is left as it is");
        return NULL;
    }
    arena->on_exhausted = &exhausted;
    Session *session = new (arena, Session, 1);
    *session = (Session){
        .engine = engine,
        .parser = parser,
        .arena = arena,
        .source = source,
        .candidates = new (arena, bool, n + 1),
        .taken_out = new (arena, bool, n + 1),
        .tried = new (arena, bool, n + 1),
        .outcome = new (arena, Outcome, 1),
    };
    memcpy(session->candidates, candidates, (size_t)n * sizeof *candidates);
    session->outcome->text = source->text;
    run_passes(session);
    arena->on_exhausted = outer;
    return session->outcome;
}
