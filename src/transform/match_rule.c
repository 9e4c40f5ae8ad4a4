/* A rule at a site: the statement (or expression) around the anchor, the statements that go with
 * it, and what stands after `when`.
 *
 * Two spellings are seen through here. A method chain counts as the statements that it stands for:
 * in `m = X.from_pretrained(…).to("cuda")` the anchor's statement is the load, and `.to("cuda")` an
 * occurrence of `-? $m.to("cuda")`. And of `a, b = X(…), Y(…)` the pair that holds the site is
 * matched. */
#include <string.h>

#include "transform/guards.h"
#include "transform/matcher.h"
#include "transform/rewrite.h"

/* ---- shape of patterns ---- */

static bool is_gap(const Pattern *pattern, Node statement) {
    return node_kind(pattern->tree, statement_expression(pattern->tree, statement)) ==
           NODE_ELLIPSIS;
}

static bool is_optional(const Pattern *pattern, Node statement) {
    return pattern->mark[statement] == '?';
}

static bool is_parenthesized(const Tree *tree, Node node) {
    return node_kind(tree, node) == NODE_PARENTHESIZED_EXPRESSION;
}

static int levels_between(const Tree *tree, Node node, Node ancestor) {
    int levels = 0;
    for (; node && node != ancestor; node = node_parent(tree, node))
        levels += !is_parenthesized(tree, node);
    return levels;
}

static Node climb(const Tree *tree, Node node, int levels) {
    while (node && levels > 0) {
        node = node_parent(tree, node);
        levels -= !is_parenthesized(tree, node);
    }
    return node;
}

/* ---- the anchor's statement ---- */

/* Takes the links of a method chain off until `target` is left, keeping them; 0 when something else
 * is wrapped around it. */
static Node unchain(Matcher *matcher, Node expression, Node target) {
    const Module *module = matcher->facts.module;
    expression = strip_parentheses(module, expression);
    while (expression != target) {
        Node receiver = call_receiver(module, expression);
        bool same = node_kind(module->tree, expression) == NODE_CALL && receiver &&
                    library_returns_self(module, call_last_name(module, expression));
        if (!same)
            return 0;
        Span link = {node_span(module->tree, receiver).end,
                     node_span(module->tree, expression).end};
        *list_push(matcher->arena, &matcher->chain) = link;
        *list_push(matcher->arena, &matcher->chain_calls) = expression;
        expression = strip_parentheses(module, receiver);
    }
    return expression;
}

/* Of parallel displays the pair that holds the site; else the sides as they are. */
static void pick_pair(const Tree *tree, Node site, Node *left, Node *right) {
    Kind kind = node_kind(tree, *right);
    if (kind != NODE_EXPRESSION_LIST && kind != NODE_TUPLE && kind != NODE_LIST)
        return;
    kind = node_kind(tree, *left);
    if (kind != NODE_PATTERN_LIST && kind != NODE_TUPLE_PATTERN && kind != NODE_LIST_PATTERN)
        return;
    if (node_count_named(tree, *left) != node_count_named(tree, *right))
        return;
    Node l = node_child_named(tree, *left), r = node_child_named(tree, *right);
    while (r && !node_within(tree, site, r)) {
        l = node_next_named(tree, l);
        r = node_next_named(tree, r);
    }
    if (r) {
        *left = l;
        *right = r;
    }
}

static bool match_assigned(Matcher *matcher, Node pattern_assignment, Node statement, Node site) {
    const Module *module = matcher->facts.module;
    const Tree *mine = matcher->pattern->tree, *tree = module->tree;
    Node assignment = statement_expression(tree, statement);
    while (node_kind(tree, assignment) == NODE_ASSIGNMENT &&
           node_kind(tree, node_field(tree, assignment, FIELD_RIGHT)) == NODE_ASSIGNMENT)
        assignment = node_field(tree, assignment, FIELD_RIGHT);
    Node right = node_field(tree, assignment, FIELD_RIGHT);
    if (node_kind(tree, assignment) != NODE_ASSIGNMENT || !node_within(tree, site, right))
        return match_fails(matcher, match_line(matcher, pattern_assignment),
                           "its value is not assigned");
    Node left = node_field(tree, assignment, FIELD_LEFT);
    pick_pair(tree, site, &left, &right);
    Node wanted = node_field(mine, pattern_assignment, FIELD_RIGHT);
    Node target = climb(tree, site, levels_between(mine, matcher->rule->anchor, wanted));
    right = unchain(matcher, right, target);
    if (!right)
        return match_fails(matcher, match_line(matcher, pattern_assignment),
                           "something else is wrapped around it");
    return match_node(matcher, node_field(mine, pattern_assignment, FIELD_LEFT), left) &&
           match_node(matcher, wanted, right);
}

/* How many blocks of the pattern's statement lie around its anchor: `for $x in $xs:` around a
 * call. */
static int blocks_around(const Tree *tree, Node anchor, Node statement) {
    int blocks = 0;
    for (Node node = anchor; node && node != statement; node = node_parent(tree, node))
        blocks += node_kind(tree, node) == NODE_BLOCK;
    return blocks;
}

/* Comments of a block belong to statements that may go; nothing says where they should. */
static bool holds_comment(const Tree *tree, Node statement) {
    for (Node node = statement; node < tree->rows[statement].past; node++)
        if (node_kind(tree, node) == NODE_COMMENT)
            return true;
    return false;
}

static bool match_anchor_statement(Matcher *matcher, Node pattern_statement, Node site) {
    const Rule *rule = matcher->rule;
    const Module *module = matcher->facts.module;
    const Tree *mine = rule->before.tree;
    Node statement = statement_of(module, site);
    Node expression = statement_expression(mine, pattern_statement);
    int blocks = blocks_around(mine, rule->anchor, pattern_statement);
    for (int i = 0; i < blocks; i++)
        statement = statement_of(module, node_parent(module->tree, statement));
    matcher->match->bound[pattern_statement] = statement;
    if (blocks && holds_comment(module->tree, statement))
        return match_fails(matcher, match_line(matcher, expression),
                           "comments stand between its statements");
    if (blocks)
        return match_node(matcher, pattern_statement, statement);
    if (rule->anchor == pattern_statement)
        return match_node(matcher, expression, statement_expression(module->tree, site));
    if (!rule->before.is_expression && node_kind(mine, expression) == NODE_ASSIGNMENT) {
        Node left = node_field(mine, expression, FIELD_LEFT);
        /* `m.config = $c` is looked up by what stands on its left side. */
        return node_within(mine, rule->anchor, left)
                   ? match_node(matcher, expression, statement_expression(module->tree, statement))
                   : match_assigned(matcher, expression, statement, site);
    }
    Node target = climb(module->tree, site, levels_between(mine, rule->anchor, expression));
    if (!rule->before.is_expression && statement_expression(module->tree, statement) != target)
        return match_fails(matcher, match_line(matcher, expression),
                           "it is not a statement of its own");
    return match_node(matcher, expression, target);
}

/* ---- statements before and after it ---- */

static Node sibling(const Module *module, Node statement, bool forward) {
    const Tree *tree = module->tree;
    Node other = statement;
    do
        other = forward ? node_next(tree, other) : node_previous(tree, other);
    while (other && (tree->rows[other].extra || !tree->rows[other].named));
    return other;
}

/* The call that a method chain begins with: `X(…)` of `X(…).to("cuda").eval()`. */
static Node chain_start(const Module *module, Node expression) {
    expression = strip_parentheses(module, expression);
    for (;;) {
        Node receiver = call_receiver(module, expression);
        if (!receiver || !library_returns_self(module, call_last_name(module, expression)))
            return expression;
        expression = strip_parentheses(module, receiver);
    }
}

/* A statement beside the anchor's; of `m = X(…).to("cuda")` the load counts. */
static bool match_neighbour(Matcher *matcher, Node wanted, Node statement) {
    const Pattern *pattern = &matcher->rule->before;
    const Module *module = matcher->facts.module;
    const Tree *mine = pattern->tree, *tree = module->tree;
    if (match_pattern(matcher, pattern, wanted, statement, true))
        return true;
    Node pair = statement_expression(mine, wanted),
         assignment = statement_expression(tree, statement);
    if (node_kind(mine, pair) != NODE_ASSIGNMENT || node_kind(tree, assignment) != NODE_ASSIGNMENT)
        return false;
    Node right = node_field(tree, assignment, FIELD_RIGHT);
    Node start = chain_start(module, right);
    /* Asked without keeping first, so that a right side that fails leaves no binding behind. */
    bool matched =
        start != strip_parentheses(module, right) &&
        match_pattern(matcher, pattern, node_field(mine, pair, FIELD_RIGHT), start, false) &&
        match_pattern(matcher, pattern, node_field(mine, pair, FIELD_LEFT),
                      node_field(tree, assignment, FIELD_LEFT), true) &&
        match_pattern(matcher, pattern, node_field(mine, pair, FIELD_RIGHT), start, true);
    if (matched)
        matcher->match->bound[wanted] = statement;
    return matched;
}

/* Required statements of the block, from the anchor's outwards. */
static bool match_neighbours(Matcher *matcher, ptrdiff_t anchor, bool forward) {
    const Pattern *pattern = &matcher->rule->before;
    const Module *module = matcher->facts.module;
    Node at = matcher->match->bound[pattern->statements[anchor]];
    bool gap = false;
    ptrdiff_t step = forward ? 1 : -1;
    for (ptrdiff_t i = anchor + step; i >= 0 && i < pattern->n; i += step) {
        Node wanted = pattern->statements[i];
        if (is_gap(pattern, wanted) || is_optional(pattern, wanted)) {
            gap = true;
            continue;
        }
        Node next = sibling(module, at, forward);
        while (next && gap && !match_neighbour(matcher, wanted, next))
            next = sibling(module, next, forward);
        if (!next || (!gap && !match_neighbour(matcher, wanted, next)))
            return match_fails(matcher, match_line(matcher, wanted), "no such statement %s it",
                               forward ? "after" : "before");
        at = next;
        gap = false;
    }
    return true;
}

/* ---- `-?` ---- */

/* Whether a name of an occurrence is the variable that the hole was bound to, with a value from
 * there. */
static bool same_variable(const Module *module, Node bound, Node name) {
    const Binding *binding = name_bindings(module, bound);
    if (!binding)
        return false;
    for (const Binding *b = binding; b; b = b->next)
        if (b->at == bound)
            return binding_may_reach(module, b, name);
    return binding == name_bindings(module, name);
}

/* The node that a pattern's name hole has met in an occurrence that has just matched. */
static Node occurrence_name(Matcher *matcher, Node pattern_node, int *hole) {
    const Pattern *pattern = &matcher->rule->before;
    Node past = pattern->tree->rows[pattern_node].past;
    for (Node node = pattern_node; node < past; node++) {
        int index = pattern->hole[node];
        bool store = node_kind(pattern->tree, node_parent(pattern->tree, node)) == NODE_ASSIGNMENT;
        if (index >= 0 && !store && matcher->rule->holes[index].kind == HOLE_NAME &&
            !matcher->rule->holes[index].optional) {
            *hole = index;
            return matcher->match->bound[node];
        }
    }
    return 0;
}

static void clear_optional_holes(Matcher *matcher) {
    for (ptrdiff_t i = 0; i < matcher->rule->n_holes; i++)
        if (matcher->rule->holes[i].optional)
            matcher->match->holes[i] = (HoleValue){0};
}

static void add_occurrence(Matcher *matcher, Node pattern_statement, Node statement, Span chain) {
    Match *match = matcher->match;
    if (conditions_ask_occurrence(matcher) != TRI_YES)
        return;
    for (ptrdiff_t i = 0; i < match->n_occurrences; i++)
        if (statement && match->occurrences[i].statement == statement)
            return;
    Occurrence *grown = new (matcher->arena, Occurrence, match->n_occurrences + 1);
    if (match->n_occurrences)
        memcpy(grown, match->occurrences, (size_t)match->n_occurrences * sizeof *grown);
    grown[match->n_occurrences++] = (Occurrence){pattern_statement, statement, chain};
    match->occurrences = grown;
}

/* What goes with a call `m.to("cuda")` that matched: its statement, also in the form `m =
 * m.to("cuda")`, or its link of a longer expression. */
static void add_call_occurrence(Matcher *matcher, Node pattern_statement, Node call) {
    const Module *module = matcher->facts.module;
    const Tree *tree = module->tree;
    Node parent = node_parent(tree, call);
    Node receiver = call_receiver(module, call);
    Node left = node_field(tree, parent, FIELD_LEFT);
    if (node_kind(tree, parent) == NODE_ASSIGNMENT && receiver &&
        str_eq(module_text(module, left), module_text(module, receiver)))
        parent = node_parent(tree, parent);
    if (node_kind(tree, parent) == NODE_EXPRESSION_STATEMENT)
        add_occurrence(matcher, pattern_statement, parent, (Span){0});
    else if (receiver)
        add_occurrence(matcher, pattern_statement, 0,
                       (Span){node_span(tree, receiver).end, node_span(tree, call).end});
}

static bool occurrence_matches(Matcher *matcher, Node expression, Node node) {
    clear_optional_holes(matcher);
    if (!match_pattern(matcher, &matcher->rule->before, expression, node, true))
        return false;
    int hole = -1;
    Node name = occurrence_name(matcher, expression, &hole);
    const HoleValue *value = hole >= 0 ? &matcher->match->holes[hole] : NULL;
    return !value || !value->node || same_variable(matcher->facts.module, value->node, name);
}

/* Links of the anchor's own chain: `X(…).to("cuda")` for `$m.to("cuda")`. */
static void find_in_chain(Matcher *matcher, Node pattern_statement, Node call_pattern) {
    const Pattern *pattern = &matcher->rule->before;
    Node function = node_field(pattern->tree, call_pattern, FIELD_FUNCTION);
    Str method = node_text(pattern->tree, node_field(pattern->tree, function, FIELD_ATTRIBUTE));
    Buf *trace = matcher->trace;
    matcher->trace = NULL;
    for (ptrdiff_t i = 0; i < matcher->chain_calls.n; i++) {
        Node call = matcher->chain_calls.v[i];
        clear_optional_holes(matcher);
        if (str_eq(call_last_name(matcher->facts.module, call), method) &&
            match_call_arguments(matcher, call_pattern, call))
            add_occurrence(matcher, pattern_statement, 0, matcher->chain.v[i]);
    }
    matcher->trace = trace;
}

static void find_occurrences(Matcher *matcher, Node pattern_statement) {
    const Tree *mine = matcher->rule->before.tree;
    const Tree *tree = matcher->facts.module->tree;
    Node expression = statement_expression(mine, pattern_statement);
    ptrdiff_t n = 0;
    if (node_kind(mine, expression) == NODE_CALL) {
        Node function = node_field(mine, expression, FIELD_FUNCTION);
        Str word = node_text(mine, node_field(mine, function, FIELD_ATTRIBUTE));
        const Node *calls = sites_calls(matcher->sites, word, &n);
        find_in_chain(matcher, pattern_statement, expression);
        for (ptrdiff_t i = 0; i < n; i++)
            if (occurrence_matches(matcher, expression, calls[i]))
                add_call_occurrence(matcher, pattern_statement, calls[i]);
        return;
    }
    const Node *nodes = sites_statements(matcher->sites, node_kind(mine, expression), &n);
    for (ptrdiff_t i = 0; i < n; i++) {
        Node parent = node_parent(tree, nodes[i]);
        if (node_kind(tree, parent) == NODE_EXPRESSION_STATEMENT &&
            occurrence_matches(matcher, expression, nodes[i]))
            add_occurrence(matcher, pattern_statement, parent, (Span){0});
    }
}

/* ---- the rule ---- */

void match_start(Matcher *matcher, const Rule *rule, Node site) {
    matcher->rule = rule;
    matcher->pattern = &rule->before;
    matcher->chain.n = matcher->chain_calls.n = 0;
    matcher->withheld = (Str){0};
    Match *match = new (matcher->arena, Match, 1);
    ptrdiff_t nodes = rule->before.tree->n;
    *match = (Match){
        .transform = matcher->transform,
        .rule = rule,
        .site = site,
        .bound = new (matcher->arena, Node, nodes),
        .args = new (matcher->arena, const Arg *, nodes),
        .calls = new (matcher->arena, const CallView *, nodes),
        .holes = new (matcher->arena, HoleValue, rule->n_holes),
    };
    matcher->match = match;
}

static bool match_statements(Matcher *matcher) {
    const Pattern *pattern = &matcher->rule->before;
    ptrdiff_t anchor = 0;
    while (!node_within(pattern->tree, matcher->rule->anchor, pattern->statements[anchor]))
        anchor++;
    if (!match_anchor_statement(matcher, pattern->statements[anchor], matcher->match->site))
        return false;
    if (!match_neighbours(matcher, anchor, true) || !match_neighbours(matcher, anchor, false))
        return false;
    for (ptrdiff_t i = 0; i < pattern->n; i++)
        if (is_optional(pattern, pattern->statements[i]))
            find_occurrences(matcher, pattern->statements[i]);
    clear_optional_holes(matcher);
    return true;
}

/* Whether the new keyword of a replaced argument is that of another argument of the call. */
static bool brings_another(const Match *match, const Action *action) {
    const CallView *view = match->calls[action->call];
    const Arg *replaced = match->args[action->argument];
    for (ptrdiff_t i = 0; view && replaced && i < view->n; i++)
        if (str_eq(view->args[i].name, action->keyword) &&
            !str_eq(view->args[i].name, replaced->name))
            return true;
    return false;
}

/* Whether what the rule would add stands there already: an argument twice is an error, a statement
 * twice means that the rule has been here before. */
static bool is_done(Matcher *matcher) {
    const Rule *rule = matcher->rule;
    const Match *match = matcher->match;
    const Module *module = matcher->facts.module;
    for (ptrdiff_t i = 0; i < rule->n_actions; i++) {
        const Action *action = &rule->actions[i];
        const CallView *view = match->calls[action->call];
        if (action->kind == ACTION_ADD_ARGUMENT && view && call_keyword(view, action->keyword))
            return !match_fails(matcher, action->line, "%.*s is given", STR_ARG(action->keyword));
        if (action->kind == ACTION_REPLACE_ARGUMENT && brings_another(match, action))
            return !match_fails(matcher, action->line, "%.*s is given", STR_ARG(action->keyword));
        if (action->kind != ACTION_INSERT_AFTER && action->kind != ACTION_INSERT_BEFORE)
            continue;
        bool after = action->kind == ACTION_INSERT_AFTER;
        Node statement = statement_of(module, match->bound[action->statement]);
        Node next = sibling(module, statement, after);
        Str text = rewrite_fill(matcher->arena, module, match, &action->text);
        if (next && str_eq(str_trim(module_text(module, next)), str_trim(text)))
            return !match_fails(matcher, action->line, "the statement stands there already");
    }
    return false;
}

/* Whether a value that goes into the call means there what it means where it stands. */
static bool may_go_into(const Matcher *matcher, Node value, const CallView *view) {
    const Module *module = matcher->facts.module;
    return !value || !view || statement_of(module, value) == statement_of(module, view->call) ||
           value_is_movable(module, value, view->call);
}

/* Values that arguments bring to a call of another statement. */
static bool moves_safely(Matcher *matcher) {
    const Match *match = matcher->match;
    for (ptrdiff_t i = 0; i < match->rule->n_actions; i++) {
        const Action *action = &match->rule->actions[i];
        const CallView *view = match->calls[action->call];
        for (ptrdiff_t k = 0; action->kind == ACTION_ADD_ARGUMENT && k < action->text.n; k++) {
            const Piece *piece = &action->text.v[k];
            const HoleValue *value = piece->kind == PIECE_HOLE || piece->kind == PIECE_SPLICE
                                         ? &match->holes[piece->hole]
                                         : NULL;
            bool safe = !value || may_go_into(matcher, value->node, view);
            for (ptrdiff_t a = 0; safe && value && a < value->n; a++)
                safe = may_go_into(matcher, value->args[a]->value, view);
            if (!safe)
                return match_fails(matcher, action->line, "the value may mean another thing there");
        }
    }
    return true;
}

/* Whether the rule matches the other calls that get what it edits, too. */
static bool matches_beside(Matcher *matcher) {
    const Match *match = matcher->match;
    for (ptrdiff_t i = 0; i < match->n_also; i++) {
        Matcher other = *matcher;
        other.beside = true;
        other.trace = NULL;
        if (match->also[i] != match->site &&
            !match_rule(&other, match->rule, match->also[i], NULL)) {
            matcher->withheld = str_format(
                matcher->arena, "what it edits also goes to line %u, which it does not cover",
                source_line(matcher->facts.module->source,
                            node_span(matcher->facts.module->tree, match->also[i]).at));
            return match_fails(matcher, 0, "%.*s", STR_ARG(matcher->withheld));
        }
    }
    return true;
}

/* Whether the place, or that of an argument that is stored elsewhere and edited, is written for the
 * versions that still have the old form. */
static bool is_for_old_version(Matcher *matcher) {
    const Module *module = matcher->facts.module;
    const Match *match = matcher->match;
    const Rule *rule = matcher->rule;
    const char *why = NULL;
    if (!rule->removed.n)
        return false;
    bool guarded = guard_around(module, match->site, &why);
    for (ptrdiff_t i = 0; i < rule->n_actions && !guarded; i++) {
        const Action *action = &rule->actions[i];
        const Arg *arg = action->argument ? match->args[action->argument] : NULL;
        guarded = arg && arg->whole && guard_around(module, arg->whole, &why);
    }
    return guarded && !match_fails(matcher, rule->line, "%s", why);
}

/* Whether the old form is what a test is about. */
static bool is_expected(Matcher *matcher) {
    const char *why;
    return (matcher->rule->removed.n || matcher->rule->since.n) &&
           guard_expects(matcher->facts.module, matcher->match->site, &why) &&
           !match_fails(matcher, matcher->rule->line, "%s", why);
}

Match *match_rule(Matcher *matcher, const Rule *rule, Node site, Str *withheld) {
    if (rule->symbol && !matcher->trace && !symbol_may_match(matcher, rule, site)) {
        if (withheld)
            *withheld = (Str){0};
        return NULL;
    }
    match_start(matcher, rule, site);
    bool matched = rule->symbol ? match_symbol(matcher)
                   : rule->header_of.n
                       ? match_method(matcher) && !is_for_old_version(matcher)
                       : match_statements(matcher) && !is_done(matcher) && moves_safely(matcher) &&
                             !is_for_old_version(matcher) && !is_expected(matcher);
    Tri answer = matched ? conditions_ask(matcher) : TRI_NO;
    if (answer == TRI_YES && !matcher->beside && !matches_beside(matcher))
        answer = TRI_UNKNOWN;
    if (withheld)
        *withheld = matcher->withheld;
    return matched && answer == TRI_YES ? matcher->match : NULL;
}
