/* The edits that let a file use a symbol under its new name.
 *
 * An imported name moves with its import statement (edit/imports.h); where its own name changes, so
 * do all its uses: in code, in quoted annotations and in type comments. If one of them can't be
 * changed, because the new name is taken there or the old one is bound in another way too, nothing
 * is: the group fails. A name that others may import from the file keeps its spelling, by `as`. */
#include "base/byte.h"
#include "edit/imports.h"
#include "transform/symbol.h"

typedef struct Move {
    Plan *plan;
    int group;
    const Module *module;
    const Tree *tree;
    Str symbol, target; /* qualified: from, to */
} Move;

static void split_last(Str dotted, Str *module, Str *name) {
    ptrdiff_t dot = str_rfind_byte(dotted, '.');
    *module = str_slice(dotted, 0, dot);
    *name = str_slice(dotted, dot + 1, dotted.n);
}

static Str top_of(Str dotted) {
    Str head, rest;
    str_cut(dotted, '.', &head, &rest);
    return head;
}

static void fail(const Move *move, const char *reason) {
    plan_fail(move->plan, move->group, reason);
}

/* ---- words in text ---- */

static bool holds_only_names(Str text) {
    for (ptrdiff_t i = 0; i < text.n; i++)
        if (!byte_is_identifier(text.p[i]) && str_find_byte(S(" .,[]|()*->"), text.p[i]) < 0)
            return false;
    return true;
}

/* ---- uses of an imported name ---- */

static Binding *bindings_at(const Module *module, Node at, Str name) {
    const Scope *own = scope_of(module, at);
    for (const Scope *scope = own; scope; scope = scope->parent) {
        Binding *first =
            scope->kind == SCOPE_CLASS && scope != own ? NULL : scope_bindings(module, scope, name);
        if (first)
            return first;
    }
    return NULL;
}

/* Whether the name at the place is, or can become, that of the target. */
static bool may_be_called(const Move *move, Node at, Str name) {
    if (name_is_free(move->module, at, name))
        return true;
    const Binding *binding = bindings_at(move->module, at, name);
    bool same = binding != NULL;
    for (; binding; binding = binding->next)
        same = same && binding->kind == BIND_IMPORT &&
               (qualified_matches(binding->qualified, move->target) ||
                (str_eq(binding->qualified, name) && str_eq(name, top_of(move->target))));
    return same;
}

/* `X = None` where the import fails. */
static bool is_stand_in(const Move *move, const Binding *binding) {
    Node value = strip_parentheses(move->module, binding->value);
    return binding->kind == BIND_ASSIGN &&
           node_ancestor(move->tree, binding->statement, NODE_EXCEPT_CLAUSE) &&
           node_kind(move->tree, value) == NODE_NONE_LITERAL;
}

/* Whether all that binds the name are imports of the symbol, and stand-ins for them. */
static bool is_bound_once(const Move *move, const Binding *binding) {
    const Binding *other = scope_bindings(move->module, binding->scope, binding->name);
    for (; other; other = other->next)
        if (!(other->kind == BIND_IMPORT && str_eq(other->qualified, binding->qualified)) &&
            !is_stand_in(move, other))
            return false;
    for (Node node = 1; node < move->tree->n; node++) {
        Kind kind = node_kind(move->tree, node);
        if (kind != NODE_GLOBAL_STATEMENT && kind != NODE_NONLOCAL_STATEMENT)
            continue;
        for (Node name = node_child_named(move->tree, node); name;
             name = node_next_named(move->tree, name))
            if (str_eq(node_text(move->tree, name), binding->name))
                return false;
    }
    return true;
}

/* `globals()["X"]`, `eval("X")`: names that only run time puts together. */
static bool is_named_in_string(const Move *move, Str name) {
    bool dynamic = false, named = false;
    for (Node node = 1; node < move->tree->n; node++) {
        Kind kind = node_kind(move->tree, node);
        if (kind == NODE_STRING_CONTENT)
            named |= find_bare_name(node_text(move->tree, node), name, 0) >= 0;
        if (kind != NODE_CALL)
            continue;
        Str function = node_text(move->tree, node_field(move->tree, node, FIELD_FUNCTION));
        dynamic |= str_eq(function, S("globals")) || str_eq(function, S("eval")) ||
                   str_eq(function, S("exec")) || str_eq(function, S("locals")) ||
                   str_eq(function, S("vars"));
    }
    return dynamic && named;
}

static void replace_words(const Move *move, Node node, Str old, Str name) {
    Str text = node_text(move->tree, node);
    uint32_t start = node_span(move->tree, node).at;
    for (ptrdiff_t at = 0; (at = find_bare_name(text, old, at)) >= 0; at += old.n)
        plan_replace(move->plan, move->group,
                     (Span){start + (uint32_t)at, start + (uint32_t)(at + old.n)}, name);
}

/* Quoted annotations and type comments, as far as they are plain names; false when one is not. */
static bool rename_in_types(const Move *move, const Binding *binding, Str name) {
    for (Node node = 1; node < move->tree->n; node++) {
        Kind kind = node_kind(move->tree, node);
        Str text = node_text(move->tree, node), type = text;
        if (kind == NODE_COMMENT) {
            type = str_trim(str_slice(text, 1, text.n));
            if (!str_starts(type, S("type:")))
                continue;
            type = str_slice(type, 5, type.n);
        } else if (kind != NODE_STRING_CONTENT || !node_ancestor(move->tree, node, NODE_TYPE)) {
            continue;
        }
        const Binding *seen = bindings_at(move->module, node, binding->name);
        if (find_bare_name(type, binding->name, 0) < 0 || !seen || seen->scope != binding->scope)
            continue;
        if (!holds_only_names(type) || !may_be_called(move, node, name))
            return false;
        replace_words(move, node, binding->name, name);
    }
    return true;
}

/* Gives every use of the name its new spelling; false, and the group fails, when one keeps it. */
static bool rename_uses(const Move *move, const Binding *binding, Str text) {
    ptrdiff_t n;
    const Node *uses = binding_uses(move->module, binding, &n);
    Str name = top_of(text);
    bool free = may_be_called(move, binding->statement, name);
    for (ptrdiff_t i = 0; i < n && free; i++)
        free = may_be_called(move, uses[i], name);
    if (!free) {
        fail(move, "the new name is taken");
        return false;
    }
    if (!is_bound_once(move, binding)) {
        fail(move, "the name is bound in another way too");
        return false;
    }
    if (is_named_in_string(move, binding->name) || !rename_in_types(move, binding, text)) {
        fail(move, "a string may mean the name");
        return false;
    }
    for (ptrdiff_t i = 0; i < n; i++)
        plan_replace(move->plan, move->group, node_span(move->tree, uses[i]), text);
    const Binding *other = scope_bindings(move->module, binding->scope, binding->name);
    for (; other; other = other->next)
        if (other->kind != BIND_IMPORT)
            plan_replace(move->plan, move->group, node_span(move->tree, other->at), name);
    return true;
}

/* ---- from M import X ---- */

/* Whether other files may import the name from this one, as far as can be told: it is exported, or
 * a file of a package imports it and makes no use of it. */
static bool keeps_name(const Move *move, const Binding *binding) {
    ptrdiff_t n;
    binding_uses(move->module, binding, &n);
    bool unused = n == 0 && move->module->source->package.n && binding->scope->kind == SCOPE_MODULE;
    return unused || import_is_exported(move->module, binding->name);
}

/* The first use behind the import, in the function that it stands in. */
static Node first_use(const Move *move, const Binding *binding) {
    ptrdiff_t n;
    const Node *uses = binding_uses(move->module, binding, &n);
    uint32_t end = node_span(move->tree, binding->statement).end;
    for (ptrdiff_t i = 0; i < n; i++)
        if (node_span(move->tree, uses[i]).at >= end &&
            function_of(move->module, uses[i]) == function_of(move->module, binding->statement))
            return uses[i];
    return 0;
}

/* Whether the import's scope has the target under that name already, from an import that always
 * runs. */
static bool is_imported(const Move *move, const Binding *binding, Str local, Str target) {
    const Binding *other = scope_bindings(move->module, binding->scope, local);
    for (; other; other = other->next)
        if (other->kind == BIND_IMPORT && other->statement != binding->statement &&
            !other->guarded && !other->type_checking && str_eq(other->qualified, target) &&
            block_of(move->module, other->statement) == block_of(move->module, binding->statement))
            return true;
    return false;
}

static void move_name(const Move *move, Node site) {
    const Binding *binding = symbol_binding(move->module, site);
    Str module, name, old_module, old;
    split_last(move->target, &module, &name);
    split_last(symbol_of_import(move->module, site), &old_module, &old);
    bool aliased = node_kind(move->tree, site) == NODE_ALIASED_IMPORT;
    if (!binding || !module.n) {
        fail(move, "it can't be imported by that name");
        return;
    }
    Str local = binding->name;
    bool by_module = !aliased && import_by_module(move->target) && !keeps_name(move, binding);
    if (by_module) {
        Node use = first_use(move, binding);
        if (rename_uses(move, binding, move->target)) {
            plan_move_import(move->plan, move->group, site, module, (Str){0}, local, use);
            plan_import(move->plan, move->group, move->target, use ? use : site);
        }
        return;
    }
    if (!aliased && !str_eq(name, old) && !keeps_name(move, binding)) {
        if (!rename_uses(move, binding, name))
            return;
        local = name;
    }
    bool imported = is_imported(move, binding, local, move->target);
    plan_move_import(move->plan, move->group, site, module, imported ? (Str){0} : name, local,
                     first_use(move, binding));
}

/* ---- from M import …, import M ---- */

static Str moved_module(const Move *move, Str dotted) {
    Str rest = str_slice(dotted, move->symbol.n, dotted.n);
    return str_format(move->module->arena, "%.*s%.*s", STR_ARG(move->target), STR_ARG(rest));
}

static void move_from(const Move *move, Node site) {
    Node statement = symbol_import(move->module, site);
    Str module = moved_module(move, node_text(move->tree, site));
    for (Node name = node_next_named(move->tree, site); name;
         name = node_next_named(move->tree, name)) {
        const Binding *binding = symbol_import(move->module, name) == statement
                                     ? symbol_binding(move->module, name)
                                     : NULL;
        if (!binding) {
            fail(move, "it imports all names of the module");
            return;
        }
        Str old, written;
        split_last(binding->qualified, &old, &written);
        bool imported = is_imported(
            move, binding, binding->name,
            str_format(move->module->arena, "%.*s.%.*s", STR_ARG(module), STR_ARG(written)));
        plan_move_import(move->plan, move->group, name, module, imported ? (Str){0} : written,
                         binding->name, first_use(move, binding));
    }
}

/* The end of the chain that spells the symbol from its first name on; 0 when it is another name. */
static Node symbol_chain(const Move *move, Node root) {
    Str first, rest;
    str_cut(move->symbol, '.', &first, &rest);
    Node node = root;
    for (Str part; rest.n;) {
        str_cut(rest, '.', &part, &rest);
        Node up = node_parent(move->tree, node);
        if (node_kind(move->tree, up) != NODE_ATTRIBUTE ||
            node_field(move->tree, up, FIELD_OBJECT) != node ||
            !str_eq(node_text(move->tree, node_field(move->tree, up, FIELD_ATTRIBUTE)), part))
            return 0;
        node = up;
    }
    return node;
}

/* Uses of `import A.B`, which spell the module in full. */
static bool move_chains(const Move *move, const Binding *binding) {
    ptrdiff_t n;
    const Node *uses = binding_uses(move->module, binding, &n);
    bool same_top = str_eq(top_of(move->symbol), top_of(move->target));
    Str top = top_of(move->target);
    bool good =
        same_top || (is_bound_once(move, binding) && may_be_called(move, binding->statement, top));
    for (ptrdiff_t i = 0; i < n && good; i++) {
        Node chain = symbol_chain(move, uses[i]);
        good = same_top || (chain && may_be_called(move, uses[i], top));
        if (chain && good)
            plan_replace(
                move->plan, move->group,
                (Span){node_span(move->tree, uses[i]).at, node_span(move->tree, chain).end},
                move->target);
    }
    return good;
}

/* Whether the block has an `import` of the module under the same name. */
static bool has_import(const Move *move, Node statement, Str text) {
    for (Node other = node_child_named(move->tree, node_parent(move->tree, statement)); other;
         other = node_next_named(move->tree, other)) {
        if (other == statement || node_kind(move->tree, other) != NODE_IMPORT_STATEMENT)
            continue;
        for (Node name = node_child_named(move->tree, other); name;
             name = node_next_named(move->tree, name))
            if (str_eq(node_text(move->tree, name), text))
                return true;
    }
    return false;
}

static void move_import(const Move *move, Node site) {
    const Tree *tree = move->tree;
    Node statement = symbol_import(move->module, site);
    Node alias = node_field(tree, site, FIELD_ALIAS);
    Node name = alias ? node_field(tree, site, FIELD_NAME) : site;
    Str module = moved_module(move, node_text(tree, name)), text = module;
    const Binding *binding = symbol_binding(move->module, site);
    if (!binding || (!alias && !move_chains(move, binding))) {
        fail(move, "not all uses of the name can change");
        return;
    }
    if (alias)
        text = str_format(move->module->arena, "%.*s as %.*s", STR_ARG(module),
                          STR_ARG(node_text(tree, alias)));
    if (node_count_named(tree, statement) == 1 && has_import(move, statement, text))
        plan_remove_statement(move->plan, move->group, statement);
    else
        plan_replace(move->plan, move->group, node_span(tree, name), module);
}

/* ---- M.X, "M.X" ---- */

static void move_attribute(const Move *move, Node site) {
    Str text = plan_import(move->plan, move->group, move->target, site);
    Node root = site;
    while (node_kind(move->tree, root) == NODE_ATTRIBUTE)
        root = node_field(move->tree, root, FIELD_OBJECT);
    plan_replace(move->plan, move->group, node_span(move->tree, site), text);
    plan_drop_use(move->plan, move->group, root);
}

static void move_string(const Move *move, Node site) {
    Str written, module, name, old_module, old;
    Str full = symbol_of_string(move->module, site, &written);
    split_last(move->target, &module, &name);
    split_last(full, &old_module, &old);
    uint32_t at = node_span(move->tree, site).at + 1;
    if (str_eq(full, written) && str_starts(full, move->symbol))
        plan_replace(move->plan, move->group, (Span){at, at + (uint32_t)move->symbol.n},
                     move->target);
    else if (!str_eq(full, written) && str_eq(old_module, module))
        plan_replace(move->plan, move->group, (Span){at, at + (uint32_t)written.n}, name);
    else
        fail(move, "the string names it by another module");
}

void symbol_move(Plan *plan, int group, const Module *module, const Match *match, Str target) {
    Move move = {plan, group, module, module->tree, match->symbol, target};
    Node site = match->site;
    Kind kind = node_kind(module->tree, site);
    Node statement = symbol_import(module, site);
    if (kind == NODE_ATTRIBUTE)
        move_attribute(&move, site);
    else if (kind == NODE_STRING)
        move_string(&move, site);
    else if (node_kind(module->tree, statement) == NODE_IMPORT_STATEMENT)
        move_import(&move, site);
    else if (module->tree->rows[site].field == FIELD_MODULE_NAME)
        move_from(&move, site);
    else
        move_name(&move, site);
}
