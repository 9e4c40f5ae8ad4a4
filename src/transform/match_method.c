/* The header of a method that overrides one of a library.
 *
 * Parameters before `...` are counted by position, as Python passes them: the library's names stand
 * in the pattern, the author's may be others. Without `...` there are no more than these, since
 * what comes next would get the new argument. A header that takes any (`*args`, `**kwargs`) needs
 * nothing.
 *
 * An override mostly hands its arguments on: a call `super().method(…)` that gives all that have no
 * default, under their names, gets the new one too. The class must be known to be below the
 * library's, through classes of the file; a decorator that changes what is passed, a second
 * definition, or a body that uses the new name in another way keep the header as it is. */
#include "facts/subject.h"
#include "python/local.h"
#include "transform/matcher.h"

/* ---- parameters ---- */

static bool takes_any(const Tree *tree, Node parameter) {
    for (Node node = parameter; node < tree->rows[parameter].past; node++) {
        Kind kind = node_kind(tree, node);
        if (kind == NODE_LIST_SPLAT_PATTERN || kind == NODE_DICTIONARY_SPLAT_PATTERN ||
            kind == NODE_POSITIONAL_SEPARATOR || kind == NODE_TUPLE_PATTERN)
            return true;
    }
    return false;
}

static bool has_default(const Tree *tree, Node parameter) {
    return node_field(tree, parameter, FIELD_VALUE) != 0;
}

/* Pairs the pattern's parameters with the header's, in order. */
static bool match_parameters(Matcher *matcher, Node list) {
    const Tree *mine = matcher->pattern->tree, *tree = matcher->facts.module->tree;
    Node wanted = node_child_named(mine, node_field(mine, matcher->rule->anchor, FIELD_PARAMETERS));
    Node found = node_child_named(tree, list);
    for (Node p = found; p; p = node_next_named(tree, p))
        if (takes_any(tree, p))
            return match_fails(matcher, 0, "its header takes any arguments");
    for (; wanted && node_kind(mine, wanted) != NODE_LIST_SPLAT_PATTERN;
         wanted = node_next_named(mine, wanted), found = node_next_named(tree, found)) {
        if (!found || node_kind(tree, found) == NODE_KEYWORD_SEPARATOR)
            return match_fails(matcher, match_line(matcher, wanted), "its header has fewer");
        matcher->match->bound[wanted] = found;
    }
    return wanted || !found || node_kind(tree, found) == NODE_KEYWORD_SEPARATOR ||
           match_fails(matcher, 0, "its header has more parameters");
}

/* Whether the function has the name for anything: a parameter, a variable, one from outside. */
static bool speaks_of(const Tree *tree, Node function, Str name) {
    for (Node node = function; node < tree->rows[function].past; node++) {
        Kind above = node_kind(tree, node_parent(tree, node));
        Field field = tree->rows[node].field;
        bool other = (above == NODE_ATTRIBUTE && field == FIELD_ATTRIBUTE) ||
                     (above == NODE_KEYWORD_ARGUMENT && field == FIELD_NAME);
        if (node_kind(tree, node) == NODE_IDENTIFIER && !other &&
            str_eq(node_text(tree, node), name))
            return true;
    }
    return false;
}

/* ---- the class ---- */

static bool is_plain_method(Matcher *matcher, Node function, Node class) {
    static const char *const changing[] = {"staticmethod", "classmethod",     "property",
                                           "overload",     "typing.overload", "*.setter"};
    const Module *module = matcher->facts.module;
    const Tree *tree = module->tree;
    Node holder = node_parent(tree, function);
    if (node_kind(tree, holder) == NODE_DECORATED_DEFINITION)
        for (Node d = node_child_named(tree, holder); d; d = node_next_named(tree, d))
            if (node_kind(tree, d) == NODE_DECORATOR &&
                glob_any(module_text(module, node_child_named(tree, d)), changing, COUNT(changing)))
                return match_fails(matcher, 0, "its decorator changes what it is");
    const Binding *binding = class_binding(module, class, matcher->rule->anchor_word);
    return (binding && !binding->next) ||
           match_fails(matcher, 0, "the class defines it more than once");
}

/* ---- handing on ---- */

static bool is_given(const Module *module, const CallView *view, Str name) {
    for (ptrdiff_t i = 0; i < view->n; i++)
        if (str_eq(module_text(module, view->args[i].value), name))
            return true;
    return false;
}

/* Whether the call gives everything without a default that the method gets, and nothing hidden. */
static bool hands_on(const Module *module, Node list, const CallView *view) {
    const Tree *tree = module->tree;
    Node first = node_child_named(tree, list);
    for (Node p = node_next_named(tree, first); p; p = node_next_named(tree, p))
        if (node_kind(tree, p) != NODE_KEYWORD_SEPARATOR && !has_default(tree, p) &&
            !is_given(module, view, module_text(module, parameter_name(tree, p, NULL))))
            return false;
    return view->list && !view->n_splats;
}

/* What `super().method` reaches takes the argument: it is the library's, or nearer to it in this
 * file, where it takes any, has the parameter, or gets it as this one does. */
static bool super_takes(Matcher *matcher, Node class, Str keyword) {
    const Module *module = matcher->facts.module;
    const Tree *tree = module->tree;
    Node bases[8];
    int n = class_local_bases(module, class, bases, COUNT(bases));
    for (int i = 0; i < n; i++) {
        const Binding *binding = class_binding(module, bases[i], matcher->rule->anchor_word);
        if (!binding)
            continue;
        Node function = definition_of(module, binding->statement);
        Node list = node_field(tree, function, FIELD_PARAMETERS);
        bool takes = speaks_of(tree, list, keyword);
        for (Node p = node_child_named(tree, list); p && !takes; p = node_next_named(tree, p))
            takes = takes_any(tree, p);
        Matcher other = *matcher;
        other.trace = NULL;
        return takes || match_rule(&other, matcher->rule, function, NULL);
    }
    return true;
}

static bool find_hands(Matcher *matcher, Node function, Node class, Str keyword) {
    const Module *module = matcher->facts.module;
    const Tree *tree = module->tree;
    Node list = node_field(tree, function, FIELD_PARAMETERS);
    ptrdiff_t n = 0;
    const Node *calls = sites_calls(matcher->sites, matcher->rule->anchor_word, &n);
    List(Node) hands = {0};
    for (ptrdiff_t i = 0; i < n; i++) {
        const CallView *view = call_view(module, calls[i]);
        if (function_of(module, calls[i]) == function && class_of(module, calls[i]) == class &&
            is_builtin_call(module, call_receiver(module, calls[i]), S("super")) &&
            hands_on(module, list, view) && !call_keyword(view, keyword))
            *list_push(matcher->arena, &hands) = calls[i];
    }
    matcher->match->places = hands.v;
    matcher->match->n_places = hands.n;
    return !hands.n || super_takes(matcher, class, keyword) ||
           match_fails(matcher, 0, "what super() calls may not take it");
}

bool match_method(Matcher *matcher) {
    const Module *module = matcher->facts.module;
    const Rule *rule = matcher->rule;
    Node function = matcher->match->site;
    Node class = method_class(module, function);
    if (!class || class_definition_is(&matcher->facts, class, rule->header_of) != TRI_YES)
        return match_fails(matcher, rule->line, "it is no method of a class known to be below %.*s",
                           STR_ARG(rule->header_of));
    if (!is_plain_method(matcher, function, class) ||
        !match_parameters(matcher, node_field(module->tree, function, FIELD_PARAMETERS)))
        return false;
    for (ptrdiff_t i = 0; i < rule->n_actions; i++) {
        const Action *action = &rule->actions[i];
        if (action->kind != ACTION_ADD_PARAMETER)
            continue;
        if (speaks_of(module->tree, function, action->keyword))
            return match_fails(matcher, action->line, "%.*s is there already",
                               STR_ARG(action->keyword));
        if (!find_hands(matcher, function, class, action->keyword))
            return false;
    }
    return true;
}
