/* Nodes of a pattern against nodes of a file.
 *
 * Two nodes match when they are of one kind and their children match in order, except where Python
 * has several spellings of one thing: parentheses, quotes, qualified names under any import,
 * arguments in any order (match_call.c), dict displays with other keys. A hole takes what its
 * declaration allows. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <string.h>

#include "transform/matcher.h"

bool match_fails(Matcher *matcher, uint32_t line, const char *format, ...) {
    if (!matcher->trace)
        return false;
    va_list args;
    va_start(args, format);
    Str reason = str_formatv(matcher->arena, format, args);
    va_end(args);
    if (line)
        buf_format(matcher->trace, "    line %u says no: %.*s\n", line, STR_ARG(reason));
    else
        buf_format(matcher->trace, "    no: %.*s\n", STR_ARG(reason));
    return false;
}

uint32_t match_line(const Matcher *matcher, Node pattern_node) {
    const Rule *rule = matcher->rule;
    if (matcher->pattern != &rule->before)
        return 0;
    Str text = rule->before.text;
    uint32_t row = 0, at = node_span(rule->before.tree, pattern_node).at;
    for (uint32_t i = 0; i < at && i < text.n; i++)
        row += text.p[i] == '\n';
    for (ptrdiff_t i = 0; i < rule->n_lines; i++) {
        char mark = rule->lines[i].mark;
        if (mark != '+' && mark != '!' && row-- == 0)
            return rule->lines[i].line;
    }
    return rule->line;
}

/* ---- holes ---- */

bool match_regex(const Hole *hole, Str text) {
    if (!hole->code)
        return true;
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    if (!data)
        return false;
    PCRE2_SPTR subject = (PCRE2_SPTR)(text.n ? text.p : "");
    int found = pcre2_match(hole->code, subject, (size_t)text.n, 0, 0, data, NULL);
    pcre2_match_data_free(data);
    return found >= 0;
}

/* What the regular expression of a hole is asked about. */
static bool hole_text(Matcher *matcher, const Hole *hole, Node node, Str *bytes, Str *tested) {
    const Module *module = matcher->facts.module;
    *bytes = *tested = module_text(module, node);
    StringValue string;
    double number;
    switch (hole->kind) {
    case HOLE_NAME:
        *tested = dotted_name(module, node);
        return tested->n > 0;
    case HOLE_STR:
        if (!value_string(module, node, &string))
            return false;
        *tested = string.text;
        return true;
    case HOLE_NUM:
        return value_number(module, node, &number);
    case HOLE_EXPR:
    case HOLE_KWARGS:
    case HOLE_STMT:
        return true;
    }
    return false;
}

bool match_hole(Matcher *matcher, int index, Node node) {
    const Hole *hole = &matcher->rule->holes[index];
    HoleValue *value = &matcher->match->holes[index];
    const Module *module = matcher->facts.module;
    static const char *const kinds[] = {
        [HOLE_EXPR] = "an expression", [HOLE_NAME] = "a name",      [HOLE_STR] = "one known string",
        [HOLE_NUM] = "a number",       [HOLE_KWARGS] = "arguments", [HOLE_STMT] = "a statement",
    };
    Str bytes, tested;
    if (!hole_text(matcher, hole, node, &bytes, &tested))
        return match_fails(matcher, 0, "$%.*s must be %s, found %.*s", STR_ARG(hole->name),
                           kinds[hole->kind], STR_ARG(bytes));
    if (value->bound) {
        bool same = value->node ? str_eq(module_text(module, value->node), bytes)
                                : str_eq(value->text, bytes);
        return same || match_fails(matcher, 0, "$%.*s is %.*s above and %.*s here",
                                   STR_ARG(hole->name), STR_ARG(value->text), STR_ARG(bytes));
    }
    if (!match_regex(hole, tested))
        return match_fails(matcher, 0, "$%.*s is %.*s, which %.*s does not match",
                           STR_ARG(hole->name), STR_ARG(tested), STR_ARG(hole->regex));
    if (hole->type.n && type_is(&matcher->facts, node, hole->type) != TRI_YES)
        return match_fails(matcher, 0, "%.*s is not known to be a %.*s", STR_ARG(bytes),
                           STR_ARG(hole->type));
    *value = (HoleValue){.bound = true, .node = node, .text = bytes};
    return true;
}

/* ---- qualified names ---- */

static int part_hole(const Pattern *pattern, Node identifier) {
    return pattern->hole[identifier];
}

/* Identifiers of a chain `a.b.c` from its first; 0 when the pattern's node is no plain chain that
 * starts without a hole, or is a single name. */
static int chain_parts(const Pattern *pattern, Node node, Node parts[], int limit) {
    const Tree *tree = pattern->tree;
    int n = 0;
    while (node_kind(tree, node) == NODE_ATTRIBUTE && n < limit) {
        parts[n++] = node_field(tree, node, FIELD_ATTRIBUTE);
        node = node_field(tree, node, FIELD_OBJECT);
    }
    if (n == 0 || n == limit || node_kind(tree, node) != NODE_IDENTIFIER ||
        part_hole(pattern, node) >= 0)
        return 0;
    parts[n++] = node;
    for (int i = 0; i < n / 2; i++) {
        Node other = parts[i];
        parts[i] = parts[n - 1 - i];
        parts[n - 1 - i] = other;
    }
    return n;
}

/* Binds what the name's hole stands for: a part of a qualified name, spelled in the file or not. */
static bool bind_part(Matcher *matcher, int index, Str part) {
    const Hole *hole = &matcher->rule->holes[index];
    HoleValue *value = &matcher->match->holes[index];
    if (value->bound)
        return str_eq(value->text, part);
    if (!match_regex(hole, part))
        return match_fails(matcher, 0, "$%.*s is %.*s, which %.*s does not match",
                           STR_ARG(hole->name), STR_ARG(part), STR_ARG(hole->regex));
    *value = (HoleValue){.bound = true, .text = part};
    return true;
}

static Str last_part(Str *dotted) {
    ptrdiff_t dot = str_rfind_byte(*dotted, '.');
    Str part = str_slice(*dotted, dot + 1, dotted->n);
    *dotted = str_slice(*dotted, 0, dot);
    return part;
}

enum { MAX_PARTS = 16 };

/* Remembers where a chain starts and ends in the file, for edits of tokens. */
static void bind_chain(Matcher *matcher, const Node *parts, int n, Node node) {
    const Module *module = matcher->facts.module;
    Node *bound = matcher->match->bound;
    if (matcher->pattern != &matcher->rule->before)
        return;
    Node last = node;
    if (node_kind(module->tree, node) == NODE_ATTRIBUTE)
        last = node_field(module->tree, node, FIELD_ATTRIBUTE);
    Node first = node;
    while (node_kind(module->tree, first) == NODE_ATTRIBUTE)
        first = node_field(module->tree, first, FIELD_OBJECT);
    bound[parts[0]] = first;
    bound[parts[n - 1]] = last;
}

/* A qualified name against the parts of the pattern's; `*name` (may be NULL) becomes the pattern's
 * with its holes filled. */
static bool match_name(Matcher *matcher, Node pattern_node, const Node *parts, int n, Str written,
                       Str qualified, Str *filled) {
    const Pattern *pattern = matcher->pattern;
    Str rest = qualified;
    Str wanted[MAX_PARTS];
    for (int i = n - 1; i >= 0; i--) {
        Str found = last_part(&rest);
        wanted[i] = part_hole(pattern, parts[i]) >= 0 ? found : node_text(pattern->tree, parts[i]);
    }
    Buf name = {.arena = matcher->arena};
    for (int i = 0; i < n; i++)
        buf_format(&name, "%s%.*s", i ? "." : "", STR_ARG(wanted[i]));
    if (!qualified.n || !qualified_matches(qualified, buf_str(&name)))
        return match_fails(matcher, match_line(matcher, pattern_node), "%.*s is %.*s, not %.*s",
                           STR_ARG(written),
                           STR_ARG(qualified.n ? qualified : S("not a known import")),
                           STR_ARG(node_text(pattern->tree, pattern_node)));
    for (int i = 0; i < n; i++) {
        int hole = part_hole(pattern, parts[i]);
        if (hole >= 0 && !bind_part(matcher, hole, wanted[i]))
            return false;
    }
    if (filled)
        *filled = buf_str(&name);
    return true;
}

static bool match_qualified(Matcher *matcher, Node pattern_node, const Node *parts, int n,
                            Node node) {
    const Module *module = matcher->facts.module;
    if (!match_name(matcher, pattern_node, parts, n, module_text(module, node),
                    qualified_name(module, node), NULL))
        return false;
    bind_chain(matcher, parts, n, node);
    return true;
}

bool match_symbol_name(Matcher *matcher, Str written, Str qualified, Str *filled) {
    const Pattern *pattern = &matcher->rule->before;
    Node parts[MAX_PARTS], symbol = matcher->rule->symbol;
    int n = chain_parts(pattern, symbol, parts, MAX_PARTS);
    if (n)
        return match_name(matcher, symbol, parts, n, written, qualified, filled);
    *filled = node_text(pattern->tree, symbol);
    return str_eq(qualified, *filled) ||
           match_fails(matcher, match_line(matcher, symbol), "%.*s is not %.*s", STR_ARG(written),
                       STR_ARG(*filled));
}

/* `$Class.method` of a name that a wrapper gives: the hole takes the class that the wrapper stands
 * for, which is spelled nowhere in the file. */
static bool match_wrapper(Matcher *matcher, Node pattern_node, Node node) {
    const Pattern *pattern = matcher->pattern;
    const Module *module = matcher->facts.module;
    Node object = node_field(pattern->tree, pattern_node, FIELD_OBJECT);
    int hole = object ? pattern->hole[object] : -1;
    if (!module->n_wrappers || hole < 0 || matcher->rule->holes[hole].type.n)
        return false;
    Str name = qualified_name(module, node);
    Str wanted = node_text(pattern->tree, node_field(pattern->tree, pattern_node, FIELD_ATTRIBUTE));
    for (ptrdiff_t i = 0; i < module->n_wrappers; i++) {
        Str rest = module->wrappers[i].means;
        if (name.p == rest.p && name.n == rest.n && str_eq(last_part(&rest), wanted))
            return bind_part(matcher, hole, last_part(&rest));
    }
    return false;
}

/* ---- other nodes ---- */

static bool is_ellipsis(const Pattern *pattern, Node node) {
    return node_kind(pattern->tree, node) == NODE_ELLIPSIS;
}

/* A key that is met can be replaced: `- "old": $v`, `+ "new": $v`. */
static void bind_key(Matcher *matcher, Node pattern_key, Node key) {
    if (matcher->pattern == &matcher->rule->before)
        matcher->match->bound[pattern_key] = key;
}

/* `{**..., "key": $v}`: each pair of the pattern by its key; `**...` takes any others. */
static bool match_dictionary(Matcher *matcher, Node pattern_node, Node node) {
    const Tree *mine = matcher->pattern->tree, *tree = matcher->facts.module->tree;
    bool others = false;
    int pairs = 0;
    for (Node p = node_child_named(mine, pattern_node); p; p = node_next_named(mine, p)) {
        if (node_kind(mine, p) == NODE_DICTIONARY_SPLAT) {
            others |= is_ellipsis(matcher->pattern, node_child_named(mine, p));
            continue;
        }
        Str key = node_text(mine, node_field(mine, p, FIELD_KEY));
        Node found = 0;
        for (Node s = node_child_named(tree, node); s && !found; s = node_next_named(tree, s)) {
            Str text;
            Node k = node_field(tree, s, FIELD_KEY);
            if (k && string_literal(matcher->facts.module, k, &text) &&
                str_eq(text, str_slice(key, 1, key.n - 1)))
                found = s;
        }
        if (!found)
            return match_fails(matcher, match_line(matcher, p), "no key %.*s", STR_ARG(key));
        if (!match_node(matcher, node_field(mine, p, FIELD_VALUE),
                        node_field(tree, found, FIELD_VALUE)))
            return false;
        bind_key(matcher, node_field(mine, p, FIELD_KEY), node_field(tree, found, FIELD_KEY));
        pairs++;
    }
    return others || pairs == node_count_named(tree, node);
}

/* An assignment's sides; the annotation of `name: T = value` is not looked at. */
static bool match_assignment(Matcher *matcher, Node pattern_node, Node node) {
    const Tree *mine = matcher->pattern->tree, *tree = matcher->facts.module->tree;
    Node right = node_field(tree, node, FIELD_RIGHT);
    Node wanted = node_field(mine, pattern_node, FIELD_RIGHT);
    if (!right && wanted)
        return false;
    return match_node(matcher, node_field(mine, pattern_node, FIELD_LEFT),
                      node_field(tree, node, FIELD_LEFT)) &&
           (!wanted || match_node(matcher, wanted, right));
}

/* Next child that takes part in a comparison: comments and line continuations do not. */
static Node skip_extras(const Tree *tree, Node child) {
    while (child && tree->rows[child].extra)
        child = node_next(tree, child);
    return child;
}

static bool match_children(Matcher *matcher, Node pattern_node, Node node) {
    const Tree *mine = matcher->pattern->tree, *tree = matcher->facts.module->tree;
    Node p = skip_extras(mine, node_child(mine, pattern_node));
    Node s = skip_extras(tree, node_child(tree, node));
    while (p && s) {
        if (!match_node(matcher, p, s))
            return false;
        p = skip_extras(mine, node_next(mine, p));
        s = skip_extras(tree, node_next(tree, s));
    }
    return !p && !s;
}

static bool match_string(Matcher *matcher, Node pattern_node, Node node) {
    Str pattern_text = node_text(matcher->pattern->tree, pattern_node);
    Str wanted = str_slice(pattern_text, 1, pattern_text.n - 1);
    StringValue value;
    return (value_string(matcher->facts.module, node, &value) && !value.is_default &&
            str_eq(value.text, wanted)) ||
           match_fails(matcher, match_line(matcher, pattern_node), "%.*s is not %.*s",
                       STR_ARG(module_text(matcher->facts.module, node)), STR_ARG(pattern_text));
}

static bool same_kind(Matcher *matcher, Node pattern_node, Node node) {
    const Tree *mine = matcher->pattern->tree, *tree = matcher->facts.module->tree;
    if (mine->rows[pattern_node].symbol == tree->rows[node].symbol)
        return true;
    return match_fails(matcher, match_line(matcher, pattern_node), "%.*s is not of the form %.*s",
                       STR_ARG(module_text(matcher->facts.module, node)),
                       STR_ARG(node_text(mine, pattern_node)));
}

/* Whether a class of the file binds the name in its own body: a field, a property or a method. */
static bool class_of_file_binds(const Module *module, Str name) {
    const Tree *tree = module->tree;
    for (Node node = 1; node < tree->n; node++) {
        Node body = node_field(tree, node, FIELD_BODY);
        if (node_kind(tree, node) == NODE_CLASS_DEFINITION && body &&
            scope_bindings(module, scope_of(module, body), name))
            return true;
    }
    return false;
}

/* `$a.name` of an object by its type: not where a class of the file has given the name a meaning of
 * its own. */
static bool is_own_attribute(Matcher *matcher, Node pattern_node) {
    const Pattern *pattern = matcher->pattern;
    Node object = node_field(pattern->tree, pattern_node, FIELD_OBJECT);
    int hole = object ? pattern->hole[object] : -1;
    Node name = node_field(pattern->tree, pattern_node, FIELD_ATTRIBUTE);
    return hole >= 0 && matcher->rule->holes[hole].type.n && pattern->hole[name] < 0 &&
           class_of_file_binds(matcher->facts.module, node_text(pattern->tree, name));
}

static bool match_by_kind(Matcher *matcher, Node pattern_node, Node node) {
    const Pattern *pattern = matcher->pattern;
    const Module *module = matcher->facts.module;
    Node parts[MAX_PARTS];
    int n = chain_parts(pattern, pattern_node, parts, MAX_PARTS);
    if (n)
        return match_qualified(matcher, pattern_node, parts, n, node);
    Kind kind = node_kind(pattern->tree, pattern_node);
    if (kind == NODE_STRING)
        return match_string(matcher, pattern_node, node);
    if (kind == NODE_ATTRIBUTE && match_wrapper(matcher, pattern_node, node))
        return true;
    if (!same_kind(matcher, pattern_node, node))
        return false;
    if (kind == NODE_CALL)
        return match_call(matcher, pattern_node, node);
    if (kind == NODE_ATTRIBUTE && is_own_attribute(matcher, pattern_node))
        return match_children(matcher, pattern_node, node) &&
               match_fails(matcher, match_line(matcher, pattern_node),
                           "a class of the file has an attribute of that name");
    if (kind == NODE_DICTIONARY)
        return match_dictionary(matcher, pattern_node, node);
    if (kind == NODE_ASSIGNMENT)
        return match_assignment(matcher, pattern_node, node);
    if (node_child(pattern->tree, pattern_node))
        return match_children(matcher, pattern_node, node);
    Str wanted = node_text(pattern->tree, pattern_node);
    Str found = module_text(module, node);
    return str_eq(wanted, found) ||
           match_fails(matcher, match_line(matcher, pattern_node), "%.*s is not %.*s",
                       STR_ARG(found), STR_ARG(wanted));
}

bool match_node(Matcher *matcher, Node pattern_node, Node node) {
    const Pattern *pattern = matcher->pattern;
    if (!pattern_node || !node)
        return !pattern_node && !node;
    if (node_kind(pattern->tree, pattern_node) != NODE_PARENTHESIZED_EXPRESSION)
        node = strip_parentheses(matcher->facts.module, node);
    bool matched = is_ellipsis(pattern, pattern_node) ? true
                   : pattern->hole[pattern_node] >= 0
                       ? match_hole(matcher, pattern->hole[pattern_node], node)
                       : match_by_kind(matcher, pattern_node, node);
    if (matched && pattern == &matcher->rule->before)
        matcher->match->bound[pattern_node] = node;
    return matched;
}

bool match_pattern(Matcher *matcher, const Pattern *pattern, Node pattern_node, Node node,
                   bool keep) {
    ptrdiff_t n = matcher->rule->n_holes;
    HoleValue *before = new (matcher->arena, HoleValue, n);
    if (n)
        memcpy(before, matcher->match->holes, (size_t)n * sizeof *before);
    const Pattern *outer = matcher->pattern;
    Buf *trace = matcher->trace;
    matcher->pattern = pattern;
    matcher->trace = NULL; /* these are searches: that one place does not match says nothing */
    bool matched = match_node(matcher, pattern_node, node);
    matcher->pattern = outer;
    matcher->trace = trace;
    if (n && !(matched && keep))
        memcpy(matcher->match->holes, before, (size_t)n * sizeof *before);
    return matched;
}
