/* Arguments of a call against those of a pattern.
 *
 * Keywords match by name in any order, wherever the callee gets them (python/call.h); positional
 * ones in order; a signature ties the two together. `...` takes what is left. An argument whose
 * place also serves another call cannot be edited, so a pattern that removes it does not match, and
 * the reason is kept for a note. */
#include <string.h>

#include "transform/matcher.h"
#include "transform/signature.h"

/* ---- one argument ---- */

/* Whether the pattern does something to an element or inside it. */
static bool is_edited(const Matcher *matcher, Node element) {
    const Rule *rule = matcher->rule;
    if (matcher->pattern != &rule->before)
        return false;
    if (rule->before.mark[element] != ' ')
        return true;
    for (ptrdiff_t i = 0; i < rule->n_actions; i++) {
        Node call = rule->actions[i].call;
        if (call && node_within(rule->before.tree, call, element))
            return true;
    }
    return false;
}

/* Whether all that the rule does is to rename, change or take this one argument where it is
 * written, so that it does not matter how often the place is reached and from which calls. */
static bool is_alone(const Matcher *matcher, Node element) {
    const Rule *rule = matcher->rule;
    const Tree *mine = rule->before.tree;
    const Action *action = &rule->actions[0];
    bool in_place =
        action->kind == ACTION_REPLACE_ARGUMENT || action->kind == ACTION_REMOVE_ARGUMENT;
    if (rule->n_actions != 1 || !in_place || action->argument != element)
        return false;
    for (Node e = node_child_named(mine, node_parent(mine, element)); e;
         e = node_next_named(mine, e))
        if (e != element && node_kind(mine, e) != NODE_ELLIPSIS)
            return false;
    return true;
}

/* Whether it is the same change for whatever value: then each place of several is changed. */
static bool is_any_value(const Matcher *matcher, Node element) {
    const Pattern *pattern = matcher->pattern;
    const Action *action = &matcher->rule->actions[0];
    int hole = pattern->hole[node_field(pattern->tree, element, FIELD_VALUE)];
    const Hole *of = hole >= 0 ? &matcher->rule->holes[hole] : NULL;
    return of && of->kind == HOLE_EXPR && !of->regex.n && !of->type.n &&
           (action->kind == ACTION_REMOVE_ARGUMENT || action->keeps_value);
}

/* The other calls that get the argument, to be asked once the rest has matched. */
static void add_also(Matcher *matcher, const Arg *arg) {
    Match *match = matcher->match;
    if (!arg->n_also)
        return;
    Node *calls = new (matcher->arena, Node, match->n_also + arg->n_also);
    if (match->n_also)
        memcpy(calls, match->also, (size_t)match->n_also * sizeof *calls);
    memcpy(calls + match->n_also, arg->also, (size_t)arg->n_also * sizeof *calls);
    match->also = calls;
    match->n_also += arg->n_also;
}

/* Whether an argument may be edited where it is written; if not, why is kept. */
static bool may_edit(Matcher *matcher, Node element, const Arg *arg) {
    bool alone = is_alone(matcher, element);
    bool shared = arg->shared || (arg->n_also && !alone);
    if (shared || (arg->conditional && !alone)) {
        matcher->withheld =
            str_format(matcher->arena, "%.*s stands in a dict that %s", STR_ARG(arg->name),
                       shared ? "is also used elsewhere" : "may have been filled or not");
        return match_fails(matcher, match_line(matcher, element), "%.*s",
                           STR_ARG(matcher->withheld));
    }
    add_also(matcher, arg);
    return true;
}

/* An argument's value: the expression, or the call that is the only value of the name that stands
 * there. */
static bool match_value(Matcher *matcher, Node pattern_node, Node element, Node value) {
    const Module *module = matcher->facts.module;
    bool wants_call = node_kind(matcher->pattern->tree, pattern_node) == NODE_CALL;
    Node written = strip_parentheses(module, value);
    if (!wants_call || node_kind(module->tree, written) == NODE_CALL)
        return match_node(matcher, pattern_node, value);
    Node call = value_of(module, written);
    if (node_kind(module->tree, call) != NODE_CALL)
        return match_fails(matcher, match_line(matcher, pattern_node), "%.*s is no call in reach",
                           STR_ARG(module_text(module, written)));
    const Binding *binding = binding_reaching(module, written);
    ptrdiff_t uses = 0;
    if (binding)
        binding_uses(module, binding, &uses);
    if (is_edited(matcher, element) && uses != 1) {
        matcher->withheld = str_format(matcher->arena, "%.*s is also used elsewhere",
                                       STR_ARG(module_text(module, written)));
        return match_fails(matcher, match_line(matcher, pattern_node), "%.*s",
                           STR_ARG(matcher->withheld));
    }
    return match_node(matcher, pattern_node, call);
}

/* Takes an argument for an element of the pattern, if it may be edited where that is asked. */
static bool take(Matcher *matcher, Node element, Node pattern_value, const Arg *arg, bool *used,
                 const CallView *view) {
    if (used[arg - view->args])
        return match_fails(matcher, match_line(matcher, element), "%.*s is taken by another line",
                           STR_ARG(arg->name));
    if (is_edited(matcher, element) && !may_edit(matcher, element, arg))
        return false;
    if (!match_value(matcher, pattern_value, element, arg->value))
        return false;
    used[arg - view->args] = true;
    if (matcher->pattern == &matcher->rule->before) {
        matcher->match->args[element] = arg;
        matcher->match->bound[element] = arg->whole;
    }
    return true;
}

static ptrdiff_t count_named(const CallView *view, Str name) {
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < view->n; i++)
        n += str_eq(view->args[i].name, name);
    return n;
}

/* An argument that is stored at several places, in branches: all of them are edited or none. */
static bool match_several(Matcher *matcher, Node element, Str name, const Arg *counts, bool *used,
                          const CallView *view) {
    if (!is_edited(matcher, element) || !is_alone(matcher, element) ||
        !is_any_value(matcher, element))
        return match_fails(matcher, match_line(matcher, element), "%.*s is given twice",
                           STR_ARG(name));
    for (ptrdiff_t i = 0; i < view->n; i++) {
        const Arg *arg = &view->args[i];
        if (arg == counts || !str_eq(arg->name, name))
            continue;
        if (arg->from == ARG_DIRECT || !may_edit(matcher, element, arg))
            return false;
        used[i] = true;
    }
    Node value = node_field(matcher->pattern->tree, element, FIELD_VALUE);
    return take(matcher, element, value, counts, used, view);
}

static bool match_keyword(Matcher *matcher, Node element, const CallView *view, bool *used) {
    const Tree *mine = matcher->pattern->tree;
    Str name = node_text(mine, node_field(mine, element, FIELD_NAME));
    Node value = node_field(mine, element, FIELD_VALUE);
    bool optional = matcher->pattern->mark[element] == '?';
    const Arg *arg = call_keyword(view, name);
    int position = signature_position(matcher->rule->signature, name);
    if (!arg && position >= 0)
        arg = call_positional(view, position);
    if (!arg)
        return optional || match_fails(matcher, match_line(matcher, element),
                                       "the call has no %.*s", STR_ARG(name));
    if (count_named(view, name) > 1)
        return match_several(matcher, element, name, arg, used, view);
    return take(matcher, element, value, arg, used, view);
}

static bool match_positional(Matcher *matcher, Node element, int position, const CallView *view,
                             bool *used) {
    const Arg *arg = call_positional(view, position);
    Str name = signature_name(matcher->rule->signature, position);
    if (!arg && name.n)
        arg = call_keyword(view, name);
    if (!arg)
        return match_fails(matcher, match_line(matcher, element), "no positional argument %d",
                           position + 1);
    return take(matcher, element, element, arg, used, view);
}

/* ---- sets: `**$rest`, and what `...` leaves ---- */

static bool is_rest(const Pattern *pattern, Node element) {
    return node_kind(pattern->tree, element) == NODE_ELLIPSIS;
}

/* The hole of `**$k` when it takes a set of arguments, -1 for anything else. */
static int set_hole(const Matcher *matcher, Node element) {
    const Pattern *pattern = matcher->pattern;
    if (node_kind(pattern->tree, element) != NODE_DICTIONARY_SPLAT)
        return -1;
    int hole = pattern->hole[node_child_named(pattern->tree, element)];
    return hole >= 0 && matcher->rule->holes[hole].kind == HOLE_KWARGS ? hole : -1;
}

/* `*$x` and `**$x` of an expression: a splat that is written so in the call. */
static bool match_splat(Matcher *matcher, Node element, const CallView *view) {
    const Tree *mine = matcher->pattern->tree, *tree = matcher->facts.module->tree;
    Node wanted = node_child_named(mine, element);
    for (ptrdiff_t i = 0; i < view->n_splats; i++) {
        const Splat *splat = &view->splats[i];
        bool same = node_kind(tree, splat->node) == node_kind(mine, element);
        if (same && match_pattern(matcher, matcher->pattern, wanted, splat->value, true))
            return true;
    }
    return match_fails(matcher, match_line(matcher, element), "the call has no %.*s",
                       STR_ARG(node_text(mine, element)));
}

static bool match_set(Matcher *matcher, Node element, int index, const CallView *view, bool *used) {
    const Hole *hole = &matcher->rule->holes[index];
    List(const Arg *) set = {0};
    for (ptrdiff_t i = 0; i < view->n; i++) {
        const Arg *arg = &view->args[i];
        if (used[i] || !arg->name.n)
            continue;
        Str text = str_format(matcher->arena, "%.*s=%.*s", STR_ARG(arg->name),
                              STR_ARG(module_text(matcher->facts.module, arg->value)));
        if (!match_regex(hole, text))
            continue;
        if (is_edited(matcher, element) && (arg->shared || arg->conditional || arg->n_also)) {
            matcher->withheld = str_format(
                matcher->arena, "%.*s stands in a dict that is used elsewhere", STR_ARG(arg->name));
            return match_fails(matcher, match_line(matcher, element), "%.*s",
                               STR_ARG(matcher->withheld));
        }
        used[i] = true;
        *list_push(matcher->arena, &set) = arg;
    }
    matcher->match->holes[index] = (HoleValue){.bound = true, .args = set.v, .n = set.n};
    return true;
}

static bool all_used(Matcher *matcher, Node list, const CallView *view, const bool *used) {
    for (ptrdiff_t i = 0; i < view->n; i++)
        if (!used[i])
            return match_fails(matcher, match_line(matcher, list), "it has a further argument %.*s",
                               STR_ARG(module_text(matcher->facts.module, view->args[i].value)));
    return !call_is_opaque(view, matcher->facts.module, NULL, NULL) ||
           match_fails(matcher, match_line(matcher, list),
                       "it has arguments that cannot be followed");
}

static bool match_arguments(Matcher *matcher, Node list, const CallView *view) {
    const Pattern *pattern = matcher->pattern;
    const Tree *mine = pattern->tree;
    bool *used = new (matcher->arena, bool, view->n + 1);
    bool rest = false;
    int position = 0;
    for (Node e = node_child_named(mine, list); e; e = node_next_named(mine, e)) {
        Kind kind = node_kind(mine, e);
        if (kind == NODE_KEYWORD_ARGUMENT) {
            if (!match_keyword(matcher, e, view, used))
                return false;
        } else if (is_rest(pattern, e)) {
            rest = true;
        } else if (kind == NODE_DICTIONARY_SPLAT || kind == NODE_LIST_SPLAT) {
            bool any = is_rest(pattern, node_child_named(mine, e));
            rest |= any;
            if (!any && set_hole(matcher, e) < 0 && !match_splat(matcher, e, view))
                return false;
        } else if (!match_positional(matcher, e, position++, view, used)) {
            return false;
        }
    }
    for (Node e = node_child_named(mine, list); e; e = node_next_named(mine, e)) {
        int hole = set_hole(matcher, e);
        if (hole >= 0 && !match_set(matcher, e, hole, view, used))
            return false;
    }
    return rest || all_used(matcher, list, view, used);
}

bool match_call(Matcher *matcher, Node pattern_node, Node call) {
    Node function = node_field(matcher->pattern->tree, pattern_node, FIELD_FUNCTION);
    return match_node(matcher, function, call_function(matcher->facts.module, call)) &&
           match_call_arguments(matcher, pattern_node, call);
}

bool match_call_arguments(Matcher *matcher, Node pattern_node, Node call) {
    const Module *module = matcher->facts.module;
    const Pattern *pattern = matcher->pattern;
    const Tree *mine = pattern->tree;
    const CallView *view = call_view(module, call);
    Node list = node_field(mine, pattern_node, FIELD_ARGUMENTS);
    if (!match_arguments(matcher, list, view))
        return false;
    if (pattern == &matcher->rule->before && view->list) {
        Node *bound = matcher->match->bound;
        matcher->match->calls[pattern_node] = view;
        bound[list] = view->list;
        bound[node_child(mine, list)] = node_child(module->tree, view->list);
        bound[node_last_child(mine, list)] = node_last_child(module->tree, view->list);
    }
    return true;
}
