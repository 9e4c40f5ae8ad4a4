/* A rule's actions, one after the other, in terms of what its pattern has met in the file.
 *
 * '+' text is filled here: holes with the bytes that they matched, qualified names with the
 * spelling that the place has for them. Where and how the text is written is the plan's
 * business. */
#include "transform/rewrite.h"

#include "python/cache.h"
#include "transform/symbol.h"

typedef struct Rewrite {
    Plan *plan; /* NULL while notes are filled: then names are written as they stand in the patch */
    int group;
    Arena *arena;
    const Module *module;
    const Match *match;
    Node place;         /* where the text that is being filled will stand */
    bool single_quotes; /* strings that are added have these */
    Buf written;        /* all text that the group brings, to tell which names stay in use */
} Rewrite;

/* ---- filling '+' text ---- */

/* Positive when most strings in a node have single quotes, negative when not; 0: it has none. */
static intptr_t single_quotes(const Tree *tree, Node node) {
    ptrdiff_t singles = 0, doubles = 0;
    for (Node n = node; n < tree->rows[node].past; n++) {
        if (node_kind(tree, n) != NODE_STRING_START)
            continue;
        singles += str_eq(node_text(tree, n), S("'"));
        doubles += str_eq(node_text(tree, n), S("\""));
    }
    return singles || doubles ? (singles > 2 * doubles ? 1 : -1) : 0;
}

/* Whether the statement, or else the file, writes its strings with single quotes: then so does what
 * is added. */
static bool prefers_single_quotes(const Module *module, Node site) {
    static const char whole_file;
    intptr_t here = single_quotes(module->tree, statement_of(module, site));
    if (here)
        return here > 0;
    void **slot = cache_slot(module, &whole_file, 0); /* asked for each match */
    if (!*slot)
        *slot = (void *)(2 + single_quotes(module->tree, 1));
    return (intptr_t)*slot > 2;
}

/* Text of a patch with its plain strings in single quotes. */
static void add_requoted(Buf *out, Str text) {
    for (ptrdiff_t at = 0; at < text.n;) {
        ptrdiff_t open = str_find_byte(str_slice(text, at, text.n), '"');
        ptrdiff_t close =
            open < 0 ? -1 : str_find_byte(str_slice(text, at + open + 1, text.n), '"');
        if (close < 0) {
            buf_add(out, str_slice(text, at, text.n));
            return;
        }
        Str inside = str_slice(text, at + open + 1, at + open + 1 + close);
        bool plain = str_find_byte(inside, '\'') < 0 && str_find_byte(inside, '\\') < 0;
        char quote = plain ? '\'' : '"';
        buf_add(out, str_slice(text, at, at + open));
        buf_add_byte(out, quote);
        buf_add(out, inside);
        buf_add_byte(out, quote);
        at += open + close + 2;
    }
}

static void fill_set(Rewrite *rewrite, Buf *out, const HoleValue *set) {
    if (set->n == 0)
        while (out->n && (out->p[out->n - 1] == ' ' || out->p[out->n - 1] == ','))
            out->n--;
    for (ptrdiff_t i = 0; i < set->n; i++)
        buf_format(out, "%s%.*s=%.*s", i ? ", " : "", STR_ARG(set->args[i]->name),
                   STR_ARG(module_text(rewrite->module, set->args[i]->value)));
}

static void fill_piece(Rewrite *rewrite, Buf *out, const Piece *piece) {
    const HoleValue *value = piece->kind == PIECE_TEXT || piece->kind == PIECE_NAME
                                 ? NULL
                                 : &rewrite->match->holes[piece->hole];
    switch (piece->kind) {
    case PIECE_TEXT:
        if (rewrite->single_quotes)
            add_requoted(out, piece->text);
        else
            buf_add(out, piece->text);
        break;
    case PIECE_NAME:
        buf_add(out, rewrite->plan
                         ? plan_import(rewrite->plan, rewrite->group, piece->text, rewrite->place)
                         : piece->text);
        break;
    case PIECE_HOLE: {
        bool enclosed = value->node && precedence_of(node_kind(rewrite->module->tree,
                                                               value->node)) < piece->needed;
        buf_format(out, enclosed ? "(%.*s)" : "%.*s", STR_ARG(value->text));
        break;
    }
    case PIECE_SPLICE:
        fill_set(rewrite, out, value);
        break;
    }
}

static Str fill(Rewrite *rewrite, const Template *template) {
    Buf out = {.arena = rewrite->arena};
    for (ptrdiff_t i = 0; i < template->n; i++)
        fill_piece(rewrite, &out, &template->v[i]);
    buf_add(&rewrite->written, buf_str(&out));
    buf_add_byte(&rewrite->written, '\n');
    return buf_str(&out);
}

/* ---- uses that go ---- */

/* Names inside bytes that go and do not come back in what the group writes. */
static void drop_uses(Rewrite *rewrite, Span span) {
    const Tree *tree = rewrite->module->tree;
    for (Node node = 1, next; node < tree->n; node = next) {
        Span at = node_span(tree, node);
        if (at.at >= span.end)
            break;
        next = at.end <= span.at ? tree->rows[node].past : node + 1;
        if (node_kind(tree, node) == NODE_IDENTIFIER && at.at >= span.at && at.end <= span.end &&
            find_bare_name(buf_str(&rewrite->written), node_text(tree, node), 0) < 0)
            plan_drop_use(rewrite->plan, rewrite->group, node);
    }
}

static void drop_removed(Rewrite *rewrite, const Action *action) {
    const Match *match = rewrite->match;
    const Tree *tree = rewrite->module->tree;
    switch (action->kind) {
    case ACTION_REPLACE_ARGUMENT:
        if (!action->keeps_value)
            drop_uses(rewrite, node_span(tree, match->args[action->argument]->value));
        break;
    case ACTION_REMOVE_ARGUMENT:
        if (match->args[action->argument])
            drop_uses(rewrite, node_span(tree, match->args[action->argument]->whole));
        break;
    case ACTION_REMOVE_STATEMENT:
        if (match->rule->before.mark[action->statement] != '?')
            drop_uses(rewrite, node_span(tree, match->bound[action->statement]));
        for (ptrdiff_t i = 0; i < match->n_occurrences; i++) {
            const Occurrence *occurrence = &match->occurrences[i];
            if (occurrence->pattern == action->statement)
                drop_uses(rewrite, occurrence->statement ? node_span(tree, occurrence->statement)
                                                         : occurrence->chain);
        }
        break;
    case ACTION_REPLACE_TOKENS:
        if (action->from && action->to)
            drop_uses(rewrite, (Span){node_span(tree, match->bound[action->from]).at,
                                      node_span(tree, match->bound[action->to]).end});
        break;
    case ACTION_ADD_ARGUMENT:
    case ACTION_ADD_PARAMETER:
    case ACTION_INSERT_BEFORE:
    case ACTION_INSERT_AFTER:
    case ACTION_RENAME_SYMBOL:
    case ACTION_NOTE:
        break;
    }
}

/* ---- actions ---- */

static void add_argument(Rewrite *rewrite, const Action *action) {
    const CallView *view = rewrite->match->calls[action->call];
    if (action->keyword.n) {
        plan_add_argument(rewrite->plan, rewrite->group, view, action->keyword,
                          fill(rewrite, &action->text));
        return;
    }
    const HoleValue *set = &rewrite->match->holes[action->text.v[0].hole];
    for (ptrdiff_t i = 0; i < set->n; i++) {
        Str value = module_text(rewrite->module, set->args[i]->value);
        buf_add(&rewrite->written, value);
        plan_add_argument(rewrite->plan, rewrite->group, view, set->args[i]->name, value);
    }
}

/* The next argument of the same keyword: stored in another branch. */
static const Arg *same_name(const CallView *view, const Arg *arg, const Arg *after) {
    const Arg *next = after ? after + 1 : view ? view->args : NULL;
    for (; view && arg->name.n && next < view->args + view->n; next++)
        if (next != arg && str_eq(next->name, arg->name))
            return next;
    return NULL;
}

static void replace_argument(Rewrite *rewrite, const Action *action) {
    const Arg *arg = rewrite->match->args[action->argument];
    Str value = action->keeps_value ? (Str){0} : fill(rewrite, &action->text);
    plan_replace_argument(rewrite->plan, rewrite->group, arg, action->keyword, value);
    const CallView *view = rewrite->match->calls[action->call];
    for (const Arg *other = NULL; (other = same_name(view, arg, other));)
        plan_replace_argument(rewrite->plan, rewrite->group, other, action->keyword, value);
}

/* The set of a `**$k` element; NULL for any other. */
static const HoleValue *removed_set(const Rewrite *rewrite, Node element) {
    const Pattern *before = &rewrite->match->rule->before;
    if (node_kind(before->tree, element) != NODE_DICTIONARY_SPLAT)
        return NULL;
    int hole = before->hole[node_child_named(before->tree, element)];
    return hole >= 0 ? &rewrite->match->holes[hole] : NULL;
}

static void remove_argument(Rewrite *rewrite, const Action *action) {
    const HoleValue *set = removed_set(rewrite, action->argument);
    for (ptrdiff_t i = 0; set && i < set->n; i++)
        plan_remove_argument(rewrite->plan, rewrite->group, set->args[i]);
    const Arg *arg = rewrite->match->args[action->argument];
    if (set || !arg) /* a `-?` argument may not be there */
        return;
    plan_remove_argument(rewrite->plan, rewrite->group, arg);
    const CallView *view = rewrite->match->calls[action->call];
    for (const Arg *other = NULL; (other = same_name(view, arg, other));)
        plan_remove_argument(rewrite->plan, rewrite->group, other);
}

static void remove_statement(Rewrite *rewrite, const Action *action) {
    const Match *match = rewrite->match;
    if (match->rule->before.mark[action->statement] != '?') {
        plan_remove_statement(rewrite->plan, rewrite->group, match->bound[action->statement]);
        return;
    }
    for (ptrdiff_t i = 0; i < match->n_occurrences; i++) {
        const Occurrence *occurrence = &match->occurrences[i];
        if (occurrence->pattern != action->statement)
            continue;
        if (occurrence->statement)
            plan_remove_statement(rewrite->plan, rewrite->group, occurrence->statement);
        else
            plan_replace(rewrite->plan, rewrite->group, occurrence->chain, (Str){0});
    }
}

static void replace_tokens(Rewrite *rewrite, const Action *action) {
    const Tree *tree = rewrite->module->tree;
    Node from = rewrite->match->bound[action->from], to = rewrite->match->bound[action->to];
    bool single = rewrite->single_quotes;
    if (from && from == to && node_kind(tree, from) == NODE_STRING) /* for a string, its quotes */
        rewrite->single_quotes = single_quotes(tree, from) > 0;
    Str text = fill(rewrite, &action->text);
    rewrite->single_quotes = single;
    Span span = {from ? node_span(tree, from).at : node_span(tree, to).end,
                 to ? node_span(tree, to).end : node_span(tree, from).at};
    if ((action->from && !from) || (action->to && !to) || (!from && !to))
        plan_fail(rewrite->plan, rewrite->group, "the file spells it in another way");
    else
        plan_replace(rewrite->plan, rewrite->group, span, text);
}

static void add_parameter(Rewrite *rewrite, const Action *action) {
    const Match *match = rewrite->match;
    Node list = node_field(rewrite->module->tree, match->site, FIELD_PARAMETERS);
    plan_add_parameter(rewrite->plan, rewrite->group, list, match->bound[action->argument],
                       action->keyword, fill(rewrite, &action->text));
    for (ptrdiff_t i = 0; i < match->n_places; i++)
        plan_add_argument(rewrite->plan, rewrite->group,
                          call_view(rewrite->module, match->places[i]), action->keyword,
                          action->keyword);
}

/* Where the action writes. A name is spelled, and imported, as that place needs it, which may lie
 * above the match's site: `args = TrainingArguments(…)` of a trainer that is built later. */
static Node place_of(const Rewrite *rewrite, const Action *action) {
    const Match *match = rewrite->match;
    Node node = 0;
    if (action->kind == ACTION_REPLACE_TOKENS)
        node = match->bound[action->from ? action->from : action->to];
    else if (action->kind == ACTION_REPLACE_ARGUMENT && match->args[action->argument])
        node = match->args[action->argument]->value;
    else if (action->kind == ACTION_ADD_ARGUMENT && match->calls[action->call])
        node = match->calls[action->call]->call;
    return node ? node : match->site;
}

static void act(Rewrite *rewrite, const Action *action) {
    Node statement = statement_of(rewrite->module, rewrite->match->bound[action->statement]);
    rewrite->place = place_of(rewrite, action);
    switch (action->kind) {
    case ACTION_ADD_ARGUMENT:
        add_argument(rewrite, action);
        break;
    case ACTION_ADD_PARAMETER:
        add_parameter(rewrite, action);
        break;
    case ACTION_REPLACE_ARGUMENT:
        replace_argument(rewrite, action);
        break;
    case ACTION_REMOVE_ARGUMENT:
        remove_argument(rewrite, action);
        break;
    case ACTION_INSERT_BEFORE:
    case ACTION_INSERT_AFTER:
        plan_insert_statements(rewrite->plan, rewrite->group, statement,
                               action->kind == ACTION_INSERT_AFTER, fill(rewrite, &action->text));
        break;
    case ACTION_REMOVE_STATEMENT:
        remove_statement(rewrite, action);
        break;
    case ACTION_REPLACE_TOKENS:
        replace_tokens(rewrite, action);
        break;
    case ACTION_RENAME_SYMBOL:
        symbol_move(rewrite->plan, rewrite->group, rewrite->module, rewrite->match,
                    symbol_target(rewrite->arena, rewrite->match, action));
        break;
    case ACTION_NOTE:
        break;
    }
}

static void enclose(Rewrite *rewrite, Node node) {
    Span span = node_span(rewrite->module->tree, node);
    plan_replace(rewrite->plan, rewrite->group, (Span){span.at, span.at}, S("("));
    plan_replace(rewrite->plan, rewrite->group, (Span){span.end, span.end}, S(")"));
}

/* What the expression becomes, and what stays in it, may bind less than the new place asks for. */
static void enclose_what_needs_it(Rewrite *rewrite) {
    const Match *match = rewrite->match;
    const Rule *rule = match->rule;
    const Tree *tree = rewrite->module->tree;
    Node whole = rule->before.is_expression ? match->bound[rule->before.statements[0]] : 0;
    if (whole && rule->becomes < precedence_needed(tree, whole))
        enclose(rewrite, whole);
    for (ptrdiff_t i = 0; i < rule->n_kept; i++) {
        Node node = match->bound[rule->kept[i].node];
        bool in_brackets =
            node_kind(tree, node_parent(tree, node)) == NODE_PARENTHESIZED_EXPRESSION;
        if (node && !in_brackets && precedence_of(node_kind(tree, node)) < rule->kept[i].needed)
            enclose(rewrite, node);
    }
}

Str rewrite_fill(Arena *arena, const Module *module, const Match *match, const Template *template) {
    Rewrite rewrite = {
        .arena = arena, .module = module, .match = match, .written = {.arena = arena}};
    return fill(&rewrite, template);
}

int rewrite_match(Plan *plan, Arena *arena, const Module *module, const Match *match) {
    Rewrite rewrite = {
        .plan = plan,
        .group = plan_group(plan, match->transform->name),
        .arena = arena,
        .module = module,
        .match = match,
        .single_quotes = prefers_single_quotes(module, match->site),
        .written = {.arena = arena},
    };
    const Rule *rule = match->rule;
    for (ptrdiff_t i = 0; i < rule->n_actions; i++)
        act(&rewrite, &rule->actions[i]);
    enclose_what_needs_it(&rewrite);
    for (ptrdiff_t i = 0; i < rule->n_actions; i++)
        drop_removed(&rewrite, &rule->actions[i]);
    return rewrite.group;
}

void rewrite_notes(Arena *arena, const Module *module, const Match *match, Note **notes,
                   ptrdiff_t *n) {
    Rewrite rewrite = {
        .arena = arena, .module = module, .match = match, .written = {.arena = arena}};
    const Rule *rule = match->rule;
    List(Note) list = {0};
    for (ptrdiff_t i = 0; i < rule->n_actions; i++) {
        const Action *action = &rule->actions[i];
        if (action->kind != ACTION_NOTE)
            continue;
        Node node = match->bound[action->statement];
        uint32_t at = node_span(module->tree, node ? node : match->site).at;
        *list_push(arena, &list) = (Note){
            .transform = match->transform->name,
            .line = source_line(module->source, at),
            .column = source_column(module->source, at),
            .text = fill(&rewrite, &action->text),
        };
    }
    if (list.n == 0) {
        uint32_t at = node_span(module->tree, match->site).at;
        *list_push(arena, &list) = (Note){
            .transform = match->transform->name,
            .line = source_line(module->source, at),
            .column = source_column(module->source, at),
            .text = match->transform->title,
        };
    }
    *notes = list.v;
    *n = list.n;
}
