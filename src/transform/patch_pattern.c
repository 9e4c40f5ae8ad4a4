/* The text before the change as a Pattern: its statements, what it must not hold, where a search
 * for it begins, and which words a file must have for it. */
#include "base/byte.h"
#include "transform/draft.h"
#include "transform/signature.h"

bool is_dots_statement(const Tree *tree, Node statement) {
    return node_kind(tree, statement) == NODE_EXPRESSION_STATEMENT &&
           node_count_named(tree, statement) == 1 &&
           node_kind(tree, node_child_named(tree, statement)) == NODE_ELLIPSIS;
}

Node bare_expression(const Tree *tree, Node statement) {
    if (node_kind(tree, statement) != NODE_EXPRESSION_STATEMENT ||
        node_count_named(tree, statement) != 1)
        return 0;
    Node expression = node_child_named(tree, statement);
    Kind kind = node_kind(tree, expression);
    bool bare = kind != NODE_ASSIGNMENT && kind != NODE_AUGMENTED_ASSIGNMENT &&
                kind != NODE_ELLIPSIS && node_next(tree, expression) == 0;
    return bare ? expression : 0;
}

void pattern_fill(Draft *draft, Pattern *pattern, const Sheet *sheet) {
    const Tree *tree = sheet->tree;
    *pattern = (Pattern){
        .text = sheet->text, .tree = sheet->tree, .hole = sheet->hole, .mark = sheet->mark};
    pattern->statements = new (draft->arena, Node, node_count_named(tree, 1) + 1);
    for (Node node = node_child_named(tree, 1); node; node = node_next_named(tree, node))
        pattern->statements[pattern->n++] = node;
    Node expression = pattern->n == 1 ? bare_expression(tree, pattern->statements[0]) : 0;
    if (expression && sheet->mark[pattern->statements[0]] != '?') {
        pattern->is_expression = true;
        pattern->statements[0] = expression;
    }
}

/* ---- checks ---- */

static void error_at(RuleDraft *rule, Node node, const char *message) {
    draft_error(rule->draft, sheet_patch_node(&rule->before, node), "%s", message);
}

static bool is_optional_argument(const Tree *tree, Node node) {
    return node_kind(tree, node_parent(tree, node)) == NODE_ARGUMENT_LIST &&
           (node_kind(tree, node) == NODE_KEYWORD_ARGUMENT || node_is_token(tree, node, S(",")));
}

/* `**$k` is the only place for a set of arguments, and `-?` marks whole statements or arguments. */
static bool check_node(RuleDraft *rule, Node node) {
    const Pattern *before = &rule->rule->before;
    const Tree *tree = before->tree;
    int hole = before->hole[node];
    Node parent = node_parent(tree, node);
    if (hole >= 0 && rule->holes.v[hole].kind == HOLE_KWARGS &&
        node_kind(tree, parent) != NODE_DICTIONARY_SPLAT) {
        error_at(rule, node, "a kwargs hole stands for a set of arguments: write '**$name'");
        return false;
    }
    if (before->mark[node] == '?' && parent != 1 && before->mark[parent] == '*' &&
        !is_optional_argument(tree, node)) {
        error_at(rule, node, "'-?' must mark whole statements or keyword arguments");
        return false;
    }
    return true;
}

static bool is_wanted(const Pattern *before, Node statement) {
    return before->mark[statement] != '?' && !is_dots_statement(before->tree, statement);
}

bool pattern_check(RuleDraft *rule) {
    const Pattern *before = &rule->rule->before;
    const Tree *tree = before->tree;
    bool good = true;
    for (Node node = 1; node < tree->n && good; node++)
        good = check_node(rule, node);
    for (ptrdiff_t i = 0; good && i < before->n; i++) {
        if (before->mark[before->statements[i]] != '-' ||
            !is_dots_statement(tree, before->statements[i]))
            continue;
        error_at(rule, before->statements[i], "'...' stands for any statements and cannot go");
        good = false;
    }
    return good;
}

/* ---- the anchor ---- */

/* The last name of a call or attribute: ("from_pretrained"); empty when it is a hole or no name. */
static Str last_name(const Pattern *before, Node node) {
    const Tree *tree = before->tree;
    if (node_kind(tree, node) == NODE_CALL)
        node = node_field(tree, node, FIELD_FUNCTION);
    if (node_kind(tree, node) == NODE_ATTRIBUTE)
        node = node_field(tree, node, FIELD_ATTRIBUTE);
    bool named = node_kind(tree, node) == NODE_IDENTIFIER && before->hole[node] < 0;
    return named ? node_text(tree, node) : (Str){0};
}

/* Sets the anchor to the first call or attribute of the statement, one with a name if there is. */
static bool anchor_in(RuleDraft *draft, Node statement) {
    Rule *rule = draft->rule;
    const Pattern *before = &rule->before;
    Node first = 0;
    Node past = statement;
    for (Node node = statement; node < before->tree->rows[statement].past; node = past) {
        Kind kind = node_kind(before->tree, node);
        past = before->mark[node] == '?' ? before->tree->rows[node].past : node + 1;
        if (before->mark[node] == '?')
            continue;
        if (kind != NODE_CALL && kind != NODE_ATTRIBUTE)
            continue;
        /* Of a qualified name no part is looked for alone: the file may not have it. */
        if (sheet_is_qualified(&draft->before, node))
            past = before->tree->rows[node].past;
        first = first ? first : node;
        Str word = last_name(before, node);
        if (!word.n)
            continue;
        rule->anchor = node;
        rule->anchor_word = word;
        return true;
    }
    rule->anchor = first;
    return false;
}

static bool is_lone_hole(const Pattern *before, Node statement) {
    Node inner = before->is_expression ? statement : bare_expression(before->tree, statement);
    return inner && before->hole[inner] >= 0;
}

bool pattern_anchor(RuleDraft *draft) {
    Rule *rule = draft->rule;
    const Pattern *before = &rule->before;
    Node call = 0, statement = 0;
    if (rule->header_of.n) {
        rule->anchor = before->statements[0];
        rule->anchor_word =
            node_text(before->tree, node_field(before->tree, rule->anchor, FIELD_NAME));
        return true;
    }
    if (rule->symbol) {
        rule->anchor = rule->symbol;
        rule->anchor_word = node_kind(before->tree, rule->symbol) == NODE_IDENTIFIER
                                ? node_text(before->tree, rule->symbol)
                                : last_name(before, rule->symbol);
        return true;
    }
    for (ptrdiff_t i = 0; i < before->n; i++) {
        Node at = before->statements[i];
        if (!is_wanted(before, at))
            continue;
        if (anchor_in(draft, at))
            return true;
        call = call ? call : rule->anchor;
        statement = statement || is_lone_hole(before, at) ? statement : at;
    }
    rule->anchor = call ? call : statement;
    if (rule->anchor)
        return true;
    draft_error(draft->draft, draft->header,
                "this rule has nothing to look for: only holes, '...' and '-?' lines");
    return false;
}

Node statement_expression(const Tree *tree, Node statement) {
    bool wrapped = node_kind(tree, statement) == NODE_EXPRESSION_STATEMENT;
    return wrapped ? node_child_named(tree, statement) : statement;
}

/* ---- words ---- */

typedef List(Str) WordNames;

/* The last name of a qualified name that is no hole; those before it need not stand in a file that
 * imports from elsewhere. */
static Node qualified_word(const Sheet *sheet, Node chain) {
    const Tree *tree = sheet->tree;
    Node node = chain;
    while (node_kind(tree, node) == NODE_ATTRIBUTE) {
        Node name = node_field(tree, node, FIELD_ATTRIBUTE);
        if (!sheet_is_hole(sheet, name))
            return name;
        node = node_field(tree, node, FIELD_OBJECT);
    }
    return 0;
}

/* Shorter words stand in most files; trl is a library all the same. */
static bool is_plain_word(Str word) {
    bool plain = (word.n >= 4 && !str_eq(word, S("self"))) || str_eq(word, S("trl"));
    for (ptrdiff_t i = 0; i < word.n; i++)
        plain &= byte_is_word(word.p[i]);
    return plain;
}

/* The word that the node asks for; `*past`: where to go on. */
static Str node_word(const RuleDraft *rule, Node node, Node *past) {
    const Sheet *sheet = &rule->before;
    const Tree *tree = sheet->tree;
    Kind kind = node_kind(tree, node);
    if (sheet_is_qualified(sheet, node)) {
        *past = tree->rows[node].past;
        return node_text(tree, qualified_word(sheet, node));
    }
    if (kind == NODE_STRING_CONTENT)
        return node_text(tree, node);
    if (kind != NODE_IDENTIFIER || sheet_is_hole(sheet, node))
        return (Str){0};
    Str word = node_text(tree, node);
    bool keyword = node_kind(tree, node_parent(tree, node)) == NODE_KEYWORD_ARGUMENT &&
                   tree->rows[node].field == FIELD_NAME;
    return keyword && signature_position(rule->rule->signature, word) >= 0 ? (Str){0} : word;
}

/* Last name of the callee of a condition's statement `lib.f(…)`; empty for other statements. */
static Str statement_name(const Pattern *pattern) {
    const Tree *tree = pattern->tree;
    Node call = statement_expression(tree, pattern->statements[0]);
    Node last = node_field(tree, node_field(tree, call, FIELD_FUNCTION), FIELD_ATTRIBUTE);
    return last && pattern->hole[last] < 0 ? node_text(tree, last) : (Str){0};
}

/* Classes of transformers come from modules of the project often enough. */
static Str library_needs(Str qualified) {
    Str library, rest;
    str_cut(qualified, '.', &library, &rest);
    return str_eq(library, S("transformers")) ? (Str){0} : library;
}

static Str test_needs(Arena *arena, const Test *test) {
    bool somewhere =
        test->kind == TEST_EVER || test->kind == TEST_BEFORE || test->kind == TEST_AFTER;
    if (test->negated)
        return (Str){0};
    if (test->kind == TEST_FACT && str_eq(str_from(test->fact.fact->word), S("calls")))
        return library_needs(test->fact.args[0].literal);
    if (test->kind == TEST_FACT)
        return str_from(fact_needs(test->fact.fact));
    Str name = somewhere ? statement_name(test->statement) : (Str){0};
    return name.n ? str_format(arena, "%.*s()", STR_ARG(name)) : name;
}

/* What one of a condition's tests needs each; the empty Str when a test needs nothing. */
static Str condition_needs(Arena *arena, const Condition *condition) {
    Buf all = {.arena = arena};
    for (ptrdiff_t i = 0; i < condition->n; i++) {
        Str needed = test_needs(arena, &condition->tests[i]);
        if (!needed.n)
            return (Str){0};
        buf_format(&all, "%s%.*s", i ? "|" : "", STR_ARG(needed));
    }
    return buf_str(&all);
}

/* What a file must hold that calls the anchor by a qualified name, however it has imported it: the
 * library, and the class when the expression of its hole is simple enough to tell. A file of the
 * library itself need not name it, and is left alone in any case. */
static void add_callee_needs(Arena *arena, const Rule *rule, Literals *needs) {
    const Pattern *before = &rule->before;
    const Tree *tree = before->tree;
    Node callee = node_field(tree, rule->anchor, FIELD_FUNCTION), root = callee;
    while (node_kind(tree, root) == NODE_ATTRIBUTE)
        root = node_field(tree, root, FIELD_OBJECT);
    if (root == callee || node_kind(tree, root) != NODE_IDENTIFIER || before->hole[root] >= 0)
        return;
    *list_push(arena, needs) = node_text(tree, root);
    Node object = node_field(tree, callee, FIELD_OBJECT);
    Node name = node_field(tree, object, FIELD_ATTRIBUTE);
    int hole = name ? before->hole[name] : -1;
    Literals classes = {0};
    if (hole < 0 || !regex_literals(arena, rule->holes[hole].regex, &classes))
        return;
    Buf all = {.arena = arena};
    for (ptrdiff_t i = 0; i < classes.n; i++)
        buf_format(&all, "%s%.*s", i ? "|" : "", STR_ARG(classes.v[i]));
    *list_push(arena, needs) = buf_str(&all);
}

Literals rule_needs(Arena *arena, const Rule *rule) {
    Literals needs = {0};
    if (node_kind(rule->before.tree, rule->anchor) == NODE_CALL)
        add_callee_needs(arena, rule, &needs);
    for (ptrdiff_t i = 0; i < rule->n_holes; i++) {
        const char *needed = rule->holes[i].computed ? fact_needs(rule->holes[i].fact.fact) : NULL;
        if (needed)
            *list_push(arena, &needs) = str_from(needed);
        bool typed = rule->holes[i].type.n && !rule->holes[i].optional;
        Str makers = typed ? type_needs(arena, rule->holes[i].type) : (Str){0};
        if (makers.n)
            *list_push(arena, &needs) = makers;
    }
    for (ptrdiff_t i = 0; i < rule->n_conditions; i++) {
        Str needed = condition_needs(arena, &rule->conditions[i]);
        if (needed.n)
            *list_push(arena, &needs) = needed;
    }
    return needs;
}

Literals rule_anchor_names(Arena *arena, const Rule *rule) {
    const Tree *tree = rule->before.tree;
    Literals names = {0};
    Node callee = rule->symbol ? rule->symbol : node_field(tree, rule->anchor, FIELD_FUNCTION);
    Node last =
        node_kind(tree, callee) == NODE_ATTRIBUTE ? node_field(tree, callee, FIELD_ATTRIBUTE) : 0;
    int hole = last ? rule->before.hole[last] : -1;
    bool looked_up = rule->symbol || node_kind(tree, rule->anchor) == NODE_CALL;
    if (looked_up && hole >= 0 && !regex_literals(arena, rule->holes[hole].regex, &names))
        names = (Literals){0};
    return names;
}

static void add_word(Arena *arena, WordNames *list, Str word) {
    bool known = !is_plain_word(word);
    for (ptrdiff_t k = 0; k < list->n && !known; k++)
        known = str_eq(list->v[k], word);
    if (!known)
        *list_push(arena, list) = word;
}

/* Every list once for each of the names: in a file that the rule looks into, one of them stands. */
static WordLists multiply(Arena *arena, const WordLists *lists, const Literals *names) {
    WordLists product = {0};
    for (ptrdiff_t i = 0; i < lists->n; i++)
        for (ptrdiff_t k = 0; k < names->n; k++) {
            WordNames words = {0};
            for (ptrdiff_t w = 0; w < lists->v[i].n; w++)
                *list_push(arena, &words) = lists->v[i].v[w];
            add_word(arena, &words, names->v[k]);
            *list_push(arena, &product) = (struct WordList){words.v, words.n};
        }
    return names->n ? product : *lists;
}

static Literals split_names(Arena *arena, Str names) {
    Literals list = {0};
    Str head, tail = names;
    while (tail.n) {
        str_cut(tail, '|', &head, &tail);
        *list_push(arena, &list) = str_ends(head, S("()")) ? str_slice(head, 0, head.n - 2) : head;
    }
    return list;
}

static Str first_part(const Pattern *pattern, Node name) {
    while (node_kind(pattern->tree, name) == NODE_ATTRIBUTE)
        name = node_field(pattern->tree, name, FIELD_OBJECT);
    return node_text(pattern->tree, name);
}

enum { MANY_LISTS = 12 };

/* A list, or one for each name that the anchor can have (`transformers.$Args(…)` with a simple
 * expression for $Args) and for each name that a condition needs. */
void pattern_words(RuleDraft *rule, WordLists *lists) {
    Arena *arena = rule->draft->arena;
    const Pattern *before = &rule->rule->before;
    WordNames list = {0};
    if (rule->rule->header_of.n) /* `log` is a word here: the sieve asks for its definition */
        *list_push(arena, &list) = rule->rule->anchor_word;
    for (ptrdiff_t i = 0; i < before->n && !rule->rule->header_of.n; i++) {
        Node statement = before->statements[i];
        if (!is_wanted(before, statement))
            continue;
        for (Node node = statement, past; node < before->tree->rows[statement].past; node = past) {
            past = before->mark[node] == '?' ? before->tree->rows[node].past : node + 1;
            if (before->mark[node] == '?')
                continue;
            add_word(arena, &list, node_word(rule, node, &past));
        }
    }
    if (rule->rule->symbol) /* of a moved name the library is spelled too, unless it is its own */
        add_word(arena, &list, first_part(before, rule->rule->symbol));
    WordLists mine = {0};
    *list_push(arena, &mine) = (struct WordList){list.v, list.n};
    Literals names = rule_anchor_names(arena, rule->rule), needs = rule_needs(arena, rule->rule);
    mine = multiply(arena, &mine, &names);
    for (ptrdiff_t i = 0; i < needs.n; i++) {
        Literals needed = split_names(arena, needs.v[i]);
        if (mine.n * needed.n <= MANY_LISTS)
            mine = multiply(arena, &mine, &needed);
    }
    for (ptrdiff_t i = 0; i < mine.n; i++)
        *list_push(arena, lists) = mine.v[i];
}
