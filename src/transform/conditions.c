/* What stands after `when`: alternatives of tests, each answering yes, no or unknown.
 *
 * A condition with a yes among its alternatives is yes; without one it is unknown as soon as one of
 * them is. All conditions are asked even after one was unknown, so that an edit which only an
 * unknown fact keeps back can be told from one that a fact forbids. */
#include <stdlib.h>

#include "transform/matcher.h"
#include "transform/signature.h"

static const char *const tri_names[] = {"no", "yes", "unknown"};

typedef struct Reply {
    Tri tri;
    const char *why;
    double number; /* what a compared word was; for the trace */
    bool has_number;
} Reply;

static Tri negate(Tri tri) {
    return tri == TRI_UNKNOWN ? TRI_UNKNOWN : tri == TRI_YES ? TRI_NO : TRI_YES;
}

/* ---- facts ---- */

static int fact_arguments(Matcher *matcher, const FactTerm *term, FactArg args[]) {
    const Module *module = matcher->facts.module;
    if (term->n == 0) {
        args[0] = (FactArg){matcher->match->site, module_text(module, matcher->match->site)};
        return 1;
    }
    for (int i = 0; i < term->n; i++) {
        int hole = term->args[i].hole;
        const HoleValue *value = hole >= 0 ? &matcher->match->holes[hole] : NULL;
        args[i] = value ? (FactArg){value->node, value->text} : (FactArg){0, term->args[i].literal};
    }
    return term->n;
}

/* Keywords that the rule takes away or brings. */
static void tell_keywords(Matcher *matcher) {
    const Rule *rule = matcher->rule;
    const Tree *mine = rule->before.tree;
    List(Str) keywords = {0};
    for (ptrdiff_t i = 0; i < rule->n_actions; i++) {
        const Action *action = &rule->actions[i];
        Str name = node_text(mine, node_field(mine, action->argument, FIELD_NAME));
        if (action->argument && name.n)
            *list_push(matcher->arena, &keywords) = name;
        if (action->keyword.n)
            *list_push(matcher->arena, &keywords) = action->keyword;
    }
    matcher->facts.keywords = keywords.v;
    matcher->facts.n_keywords = keywords.n;
}

static Answer ask(Matcher *matcher, const FactTerm *term) {
    FactArg args[COUNT(term->args)] = {0};
    int n = fact_arguments(matcher, term, args);
    if (matcher->match) { /* in shell text there is none */
        matcher->facts.site = matcher->match->site;
        tell_keywords(matcher);
    }
    return fact_ask(term->fact, &matcher->facts, args, n);
}

/* The right side of a comparison: a setting, a version, or a number. */
static double compared_value(const Matcher *matcher, const Test *test) {
    double number = 0;
    if (settings_number(&matcher->facts.project->settings, test->value, &number))
        return number;
    Version version;
    if (test->fact.fact->kind == FACT_VERSION && version_parse(test->value, &version))
        return version.part[0] * 1e6 + version.part[1] * 1e3 + version.part[2];
    return strtod(str_c(matcher->arena, test->value), NULL);
}

static bool compares(Compare compare, double left, double right) {
    switch (compare) {
    case COMPARE_LESS:
        return left < right;
    case COMPARE_LESS_EQUAL:
        return left <= right;
    case COMPARE_EQUAL:
        return left == right;
    case COMPARE_GREATER_EQUAL:
        return left >= right;
    case COMPARE_GREATER:
        return left > right;
    case COMPARE_NONE:
        break;
    }
    return false;
}

static Reply ask_fact(Matcher *matcher, const Test *test) {
    Answer answer = ask(matcher, &test->fact);
    Reply reply = {answer.tri, answer.why, 0, false};
    if (test->compare == COMPARE_NONE || answer.tri != TRI_YES)
        return reply;
    bool holds = compares(test->compare, answer.number, compared_value(matcher, test));
    return (Reply){holds ? TRI_YES : TRI_NO, answer.why, answer.number, true};
}

bool version_test_holds(Arena *arena, const Project *project, const Test *test) {
    Matcher matcher = {.arena = arena, .facts = {.project = project}};
    return (ask_fact(&matcher, test).tri == TRI_YES) != test->negated;
}

/* ---- absent ---- */

/* Splats that bring what a tokenizer or processor made are data: none of the options asked
 * about. */
static bool is_data(void *context, const Module *module, Node value) {
    const FactContext *facts = context;
    (void)module;
    return type_is(facts, value, S("transformers.BatchEncoding")) == TRI_YES;
}

static bool positional_is(const Rule *rule, const Arg *arg, Str keyword) {
    return !arg->name.n && arg->position >= 0 &&
           str_eq(signature_name(rule->signature, arg->position), keyword);
}

static Reply ask_absent(Matcher *matcher, const Test *test) {
    const CallView *view = matcher->match->calls[matcher->rule->anchor];
    if (!view)
        return (Reply){TRI_UNKNOWN, "no call to look into", 0, false};
    for (ptrdiff_t i = 0; i < test->n_keywords; i++)
        for (ptrdiff_t k = 0; k < view->n; k++) {
            const Arg *arg = &view->args[k];
            if (str_eq(arg->name, test->keywords[i]) ||
                positional_is(matcher->rule, arg, test->keywords[i]))
                return (Reply){TRI_NO,
                               str_c(matcher->arena, str_format(matcher->arena, "%.*s is given",
                                                                STR_ARG(test->keywords[i]))),
                               0, false};
        }
    FactContext facts = matcher->facts;
    if (call_is_opaque(view, matcher->facts.module, is_data, &facts))
        return (Reply){TRI_UNKNOWN, "the call has arguments that cannot be followed", 0, false};
    return (Reply){TRI_YES, NULL, 0, false};
}

/* ---- never, ever, before, after ---- */

static const Node *candidates(Matcher *matcher, const Pattern *pattern, Node expression,
                              ptrdiff_t *n) {
    const Tree *mine = pattern->tree;
    Kind kind = node_kind(mine, expression);
    if (kind == NODE_CALL) {
        Node function = node_field(mine, expression, FIELD_FUNCTION);
        Node last = node_kind(mine, function) == NODE_ATTRIBUTE
                        ? node_field(mine, function, FIELD_ATTRIBUTE)
                        : function;
        return sites_calls(matcher->sites,
                           pattern->hole[last] >= 0 ? (Str){0} : node_text(mine, last), n);
    }
    if (kind == NODE_ATTRIBUTE)
        return sites_attributes(matcher->sites,
                                node_text(mine, node_field(mine, expression, FIELD_ATTRIBUTE)), n);
    return sites_statements(matcher->sites, kind, n);
}

static bool in_place(const Matcher *matcher, TestKind kind, Node node) {
    const Module *module = matcher->facts.module;
    uint32_t at = node_span(module->tree, node).at;
    Span site = node_span(module->tree, matcher->match->site);
    if (kind != TEST_BEFORE && kind != TEST_AFTER)
        return true;
    if (function_of(module, node) != function_of(module, matcher->match->site))
        return false;
    return kind == TEST_BEFORE ? at < site.at : at >= site.end;
}

static Reply ask_statement(Matcher *matcher, const Test *test) {
    const Pattern *pattern = test->statement;
    Node expression = statement_expression(pattern->tree, pattern->statements[0]);
    ptrdiff_t n = 0;
    const Node *nodes = candidates(matcher, pattern, expression, &n);
    bool found = false;
    for (ptrdiff_t i = 0; i < n && !found; i++)
        found = in_place(matcher, test->kind, nodes[i]) &&
                match_pattern(matcher, pattern, expression, nodes[i], false);
    bool wanted = test->kind != TEST_NEVER;
    const char *why = found ? "such a statement stands in the file" : "no such statement";
    return (Reply){found == wanted ? TRI_YES : TRI_NO, why, 0, false};
}

/* ---- fires ---- */

static const Match *fires_for(Matcher *matcher, const Test *test) {
    const HoleValue *value = test->hole >= 0 ? &matcher->match->holes[test->hole] : NULL;
    if (!value)
        return matcher->fires_at(matcher->host, test->transform, matcher->match->site);
    const Origins *origins =
        value_origins(matcher->facts.module, value->node, library_returns_self);
    for (ptrdiff_t i = 0; i < origins->n; i++) {
        const Match *match = matcher->fires_at(matcher->host, test->transform, origins->v[i]);
        if (match)
            return match;
    }
    return NULL;
}

static Reply ask_fires(Matcher *matcher, const Test *test) {
    const Match *other = matcher->fires_at ? fires_for(matcher, test) : NULL;
    if (!other)
        return (Reply){TRI_NO, "it does not match there", 0, false};
    if (!test->negated) {
        Match *match = matcher->match;
        const Match **with = new (matcher->arena, const Match *, match->n_with + 1);
        for (ptrdiff_t i = 0; i < match->n_with; i++)
            with[i] = match->with[i];
        with[match->n_with++] = other;
        match->with = with;
    }
    return (Reply){TRI_YES, "it matches there", 0, false};
}

/* ---- conditions ---- */

static Reply ask_test(Matcher *matcher, const Test *test) {
    Reply reply = {TRI_NO, NULL, 0, false};
    switch (test->kind) {
    case TEST_FACT:
        reply = ask_fact(matcher, test);
        break;
    case TEST_ABSENT:
        reply = ask_absent(matcher, test);
        break;
    case TEST_NEVER:
    case TEST_EVER:
    case TEST_BEFORE:
    case TEST_AFTER:
        reply = ask_statement(matcher, test);
        break;
    case TEST_FIRES:
        reply = ask_fires(matcher, test);
        break;
    }
    if (test->negated)
        reply.tri = negate(reply.tri);
    return reply;
}

static Tri ask_condition(Matcher *matcher, const Condition *condition) {
    Reply worst = {TRI_NO, NULL, 0, false};
    for (ptrdiff_t i = 0; i < condition->n; i++) {
        Reply reply = ask_test(matcher, &condition->tests[i]);
        if (reply.tri == TRI_YES)
            return TRI_YES;
        if (reply.tri == TRI_UNKNOWN || !worst.why)
            worst = (Reply){worst.tri == TRI_UNKNOWN ? TRI_UNKNOWN : reply.tri, reply.why,
                            reply.number, reply.has_number};
    }
    Str number = worst.has_number ? str_format(matcher->arena, "it is %g; ", worst.number) : S("");
    match_fails(matcher, condition->line, "`%.*s` is %s (%.*s%s)", STR_ARG(condition->text),
                tri_names[worst.tri], STR_ARG(number),
                worst.why ? worst.why : "by what the file says");
    if (worst.tri == TRI_UNKNOWN)
        matcher->withheld =
            str_format(matcher->arena, "`%.*s` is unknown%s%s", STR_ARG(condition->text),
                       worst.why ? ": " : "", worst.why ? worst.why : "");
    return worst.tri;
}

/* Whether a condition names a hole of '-?' lines; with `unbound`, one that this occurrence does not
 * have. */
static bool names_optional_hole(const Matcher *matcher, const Condition *condition, bool unbound) {
    const Hole *holes = matcher->rule->holes;
    for (ptrdiff_t i = 0; i < condition->n; i++) {
        const FactTerm *term = &condition->tests[i].fact;
        for (int k = 0; condition->tests[i].kind == TEST_FACT && k < term->n; k++) {
            int hole = term->args[k].hole;
            if (hole >= 0 && holes[hole].optional &&
                !(unbound && matcher->match->holes[hole].bound))
                return true;
        }
    }
    return false;
}

/* Computed holes are filled before anything that may name them is asked. */
static bool fill_computed(Matcher *matcher) {
    const Rule *rule = matcher->rule;
    for (ptrdiff_t i = 0; i < rule->n_holes; i++) {
        const Hole *hole = &rule->holes[i];
        HoleValue *value = &matcher->match->holes[i];
        if (!hole->computed || value->bound)
            continue;
        Answer answer = ask(matcher, &hole->fact);
        if (answer.tri != TRI_YES || !match_regex(hole, answer.text))
            return match_fails(matcher, rule->line, "nothing answers `%.*s = %s` (%s)",
                               STR_ARG(hole->name), hole->fact.fact->word,
                               answer.why ? answer.why : "unknown");
        *value = (HoleValue){.bound = true, .node = answer.node, .text = answer.text};
    }
    return true;
}

Tri conditions_ask(Matcher *matcher) {
    const Rule *rule = matcher->rule;
    if (!fill_computed(matcher))
        return TRI_NO;
    Tri all = TRI_YES;
    for (ptrdiff_t i = 0; i < rule->n_conditions; i++) {
        if (names_optional_hole(matcher, &rule->conditions[i], false))
            continue;
        Tri tri = ask_condition(matcher, &rule->conditions[i]);
        if (tri == TRI_NO) {
            matcher->withheld = (Str){0};
            return TRI_NO;
        }
        if (tri == TRI_UNKNOWN)
            all = TRI_UNKNOWN;
    }
    return all;
}

Tri conditions_ask_occurrence(Matcher *matcher) {
    const Rule *rule = matcher->rule;
    Buf *trace = matcher->trace;
    Str withheld = matcher->withheld;
    Tri all = TRI_YES;
    matcher->trace = NULL;
    for (ptrdiff_t i = 0; i < rule->n_conditions && all == TRI_YES; i++)
        if (names_optional_hole(matcher, &rule->conditions[i], false) &&
            !names_optional_hole(matcher, &rule->conditions[i], true))
            all = ask_condition(matcher, &rule->conditions[i]);
    matcher->trace = trace;
    matcher->withheld = withheld;
    return all;
}
