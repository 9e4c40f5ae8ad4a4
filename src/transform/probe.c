/* Reading off a rule what can be asked cheaply. Whatever is not sure to be needed for a match is
 * left out, so that a probe says no only where the rule would. */
#include "transform/probe.h"

#include "transform/signature.h"

enum { SHORTEST_WORD = 3 };

static bool is_hole(const Pattern *pattern, Node node) {
    return pattern->hole[node] >= 0;
}

static bool is_word(Str text) {
    for (ptrdiff_t i = 0; i < text.n; i++) {
        char c = (char)(text.p[i] | 0x20);
        if ((c < 'a' || c > 'z') && (text.p[i] < '0' || text.p[i] > '9') && text.p[i] != '_')
            return false;
    }
    return text.n > 0;
}

/* First name of an attribute chain; 0 when the chain starts with anything else. */
static Node chain_root(const Tree *tree, Node node) {
    while (node_kind(tree, node) == NODE_ATTRIBUTE)
        node = node_field(tree, node, FIELD_OBJECT);
    return node_kind(tree, node) == NODE_IDENTIFIER ? node : 0;
}

/* The library of `when calls(library.Class)` and `when imported(library)`; empty without one. */
static Str condition_library(const Rule *rule) {
    Str root = {0}, rest;
    for (ptrdiff_t i = 0; i < rule->n_conditions && !root.n; i++) {
        const Test *test = rule->conditions[i].tests;
        Str word = test->kind == TEST_FACT ? str_from(test->fact.fact->word) : (Str){0};
        if (str_eq(word, S("calls")) || str_eq(word, S("imported")))
            str_cut(test->fact.args[0].literal, '.', &root, &rest);
    }
    return root;
}

Str rule_library(const Rule *rule) {
    const Tree *tree = rule->before.tree;
    if (rule->header_of.n) {
        Str library, rest_of_name;
        str_cut(rule->header_of, '.', &library, &rest_of_name);
        return library;
    }
    if (rule->symbol && node_kind(tree, rule->symbol) == NODE_IDENTIFIER)
        return node_text(tree, rule->symbol);
    for (Node node = 1; node < tree->n; node++) {
        Node object = node_field(tree, node, FIELD_OBJECT);
        if (node_kind(tree, node) == NODE_ATTRIBUTE && node_kind(tree, object) == NODE_IDENTIFIER &&
            !is_hole(&rule->before, object))
            return node_text(tree, object);
    }
    Str root = condition_library(rule), rest;
    for (ptrdiff_t i = 0; i < rule->n_holes && !root.n; i++)
        str_cut(rule->holes[i].type, '.', &root, &rest);
    return root.n ? root : S("transformers"); /* whose models the facts are about */
}

typedef List(const char *) Keywords;

static const char *const *keywords_end(Arena *arena, Keywords *keywords) {
    *list_push(arena, keywords) = NULL;
    return keywords->v;
}

/* Keywords of the anchor that only a keyword can bring. */
static const char *const *required_of(Arena *arena, const Rule *rule) {
    const Tree *tree = rule->before.tree;
    Keywords keywords = {0};
    Node list = node_field(tree, rule->anchor, FIELD_ARGUMENTS);
    for (Node e = node_child_named(tree, list); e; e = node_next_named(tree, e)) {
        Str name = node_text(tree, node_field(tree, e, FIELD_NAME));
        if (node_kind(tree, e) == NODE_KEYWORD_ARGUMENT && rule->before.mark[e] != '?' &&
            signature_position(rule->signature, name) < 0)
            *list_push(arena, &keywords) = str_c(arena, name);
    }
    return keywords_end(arena, &keywords);
}

static const char *const *absent_of(Arena *arena, const Rule *rule) {
    Keywords keywords = {0};
    for (ptrdiff_t i = 0; i < rule->n_conditions; i++) {
        const Test *test = rule->conditions[i].tests;
        if (rule->conditions[i].n != 1 || test->kind != TEST_ABSENT || test->negated)
            continue;
        for (ptrdiff_t k = 0; k < test->n_keywords; k++)
            *list_push(arena, &keywords) = str_c(arena, test->keywords[k]);
    }
    return keywords_end(arena, &keywords);
}

static const char *longest(const char *const *words) {
    const char *found = NULL;
    for (; *words; words++)
        if (!found || str_from(*words).n > str_from(found).n)
            found = *words;
    return found;
}

/* The expression of the hole in `library.$Class.word`. */
static const char *receiver_of(Arena *arena, const Rule *rule, Node callee) {
    const Tree *tree = rule->before.tree;
    Node object = node_field(tree, callee, FIELD_OBJECT);
    Node name = node_field(tree, object, FIELD_ATTRIBUTE);
    int hole = node_kind(tree, object) == NODE_ATTRIBUTE ? rule->before.hole[name] : -1;
    return hole >= 0 && rule->holes[hole].regex.n ? str_c(arena, rule->holes[hole].regex) : NULL;
}

static bool is_assigned(const Rule *rule) {
    const Pattern *before = &rule->before;
    for (ptrdiff_t i = 0; i < before->n && !before->is_expression; i++) {
        Node expression = statement_expression(before->tree, before->statements[i]);
        if (node_kind(before->tree, expression) == NODE_ASSIGNMENT &&
            node_within(before->tree, rule->anchor,
                        node_field(before->tree, expression, FIELD_RIGHT)))
            return true;
    }
    return false;
}

static void read_call(Probe *probe, Arena *arena, const Rule *rule) {
    const Tree *tree = rule->before.tree;
    Node callee = node_field(tree, rule->anchor, FIELD_FUNCTION);
    Node root = chain_root(tree, callee);
    probe->required = required_of(arena, rule);
    probe->absent = absent_of(arena, rule);
    probe->assigned = is_assigned(rule);
    probe->qualified =
        node_kind(tree, callee) == NODE_ATTRIBUTE && root && !is_hole(&rule->before, root);
    probe->any_callee = !rule->anchor_word.n;
    if (probe->any_callee)
        probe->word = longest(probe->required);
    else
        probe->word = str_c(arena, rule->anchor_word);
    if (probe->qualified)
        probe->receiver = receiver_of(arena, rule, callee);
    probe->kind = probe->word ? PROBE_CALL : PROBE_ANYTHING;
}

/* Strings of the pattern, which the file must hold to have their value anywhere, and, of a
 * statement, names to be found as they are written: parts of dotted names may come by other names.
 */
static void add_written(Arena *arena, const Rule *rule, Keywords *list) {
    const Tree *tree = rule->before.tree;
    Kind anchor = node_kind(tree, rule->anchor);
    bool statement = anchor != NODE_CALL && anchor != NODE_ATTRIBUTE;
    for (Node node = 1; node < tree->n; node++) {
        Kind kind = node_kind(tree, node), parent = node_kind(tree, node_parent(tree, node));
        bool name = statement && node_within(tree, node, rule->anchor) && kind == NODE_IDENTIFIER &&
                    !is_hole(&rule->before, node) && parent != NODE_ATTRIBUTE &&
                    parent != NODE_KEYWORD_ARGUMENT;
        Str text = node_text(tree, node);
        if ((name || kind == NODE_STRING_CONTENT) && rule->before.mark[node] != '?' &&
            text.n >= SHORTEST_WORD && is_word(text))
            *list_push(arena, list) = str_c(arena, text);
    }
}

static const char *const *needs_of(Arena *arena, const Rule *rule) {
    Literals needs = rule_needs(arena, rule);
    Keywords list = {0};
    add_written(arena, rule, &list);
    for (ptrdiff_t i = 0; i < needs.n; i++)
        *list_push(arena, &list) = str_c(arena, needs.v[i]);
    return keywords_end(arena, &list);
}

/* What the expressions of holes say of the text that stands there. */
static const char *const *contains_of(Arena *arena, const Rule *rule) {
    Keywords texts = {0};
    for (ptrdiff_t i = 0; i < rule->n_holes; i++) {
        const Hole *hole = &rule->holes[i];
        bool verbatim = hole->kind == HOLE_EXPR && !hole->computed && !hole->optional;
        Str text = verbatim ? regex_fixed(arena, hole->regex) : (Str){0};
        if (text.n >= SHORTEST_WORD)
            *list_push(arena, &texts) = str_c(arena, text);
    }
    return keywords_end(arena, &texts);
}

/* What words of a file a symbol's last part can be, when it is a hole. */
static const char *met_by(Arena *arena, const Rule *rule) {
    Node last = node_field(rule->before.tree, rule->symbol, FIELD_ATTRIBUTE);
    int hole = last ? rule->before.hole[last] : -1;
    Str words = hole < 0 ? (Str){0} : regex_of_words(arena, rule->holes[hole].regex);
    return words.n ? str_c(arena, words) : NULL;
}

static Probe probe_of(Arena *arena, const Rule *rule) {
    static const char *const none[] = {NULL};
    Probe probe = {
        .kind = PROBE_ANYTHING,
        .tier = rule->tier,
        .library = str_c(arena, rule_library(rule)),
        .since = str_c(arena, rule->since),
        .removed = str_c(arena, rule->removed),
        .required = none,
        .absent = none,
        .needs = needs_of(arena, rule),
        .contains = contains_of(arena, rule),
    };
    Kind kind = node_kind(rule->before.tree, rule->anchor);
    if (kind == NODE_CALL)
        read_call(&probe, arena, rule);
    if (rule->symbol) { /* the prefilter has seen its words, and strings count as code does */
        probe.needs = none;
        probe.met = met_by(arena, rule);
        if (probe.met || rule->anchor_word.n)
            probe.kind = PROBE_SYMBOL;
    } else if (rule->header_of.n && rule->anchor_word.n) {
        probe.kind = PROBE_METHOD;
        probe.needs = none;
        probe.word = str_c(arena, rule->anchor_word);
    } else if (kind == NODE_ATTRIBUTE && rule->anchor_word.n) {
        probe.kind = PROBE_ATTRIBUTE;
        probe.word = str_c(arena, rule->anchor_word);
    }
    /* A word as short as `to` stands everywhere, so that a search for it gains nothing. */
    if (probe.word && str_from(probe.word).n < SHORTEST_WORD && *probe.needs) {
        probe.kind = PROBE_ANYTHING;
        probe.word = NULL;
    }
    return probe;
}

Probe *probes_of(Arena *arena, const Transform *transform, ptrdiff_t *n) {
    List(Probe) probes = {0};
    for (ptrdiff_t i = 0; i < transform->n_rules; i++) {
        const Rule *rule = &transform->rules[i];
        if (rule->shell)
            continue;
        Probe probe = probe_of(arena, rule);
        Literals names = {0};
        if (!rule->symbol)
            names = rule_anchor_names(arena, rule);
        for (ptrdiff_t k = 0; k < names.n; k++) {
            Probe named = probe;
            named.kind = PROBE_CALL;
            named.word = str_c(arena, names.v[k]);
            named.any_callee = false;
            *list_push(arena, &probes) = named;
        }
        if (!names.n)
            *list_push(arena, &probes) = probe;
    }
    *n = probes.n;
    return probes.v;
}
