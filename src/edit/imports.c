/* How a qualified name is spelled at a place.
 *
 * An import that the place surely sees gives the spelling: the whole name imported, or a part of it
 * and the rest as attributes. "Surely" means that it stands before the place, in a scope around it,
 * not in a branch that the place is not in, and that no other binding of the name may come between.
 * Otherwise an import has to be added, and the name it binds must be free. */
#include "edit/imports.h"

#include "edit/import_order.h"
#include "python/page_names.h"
#include "python/scope.h"

/* ---- imports in reach ---- */

/* Whether the statement runs whenever its scope does, as far as the place is concerned: it is in no
 * branch or loop that the place is not in too. */
static bool surely_runs(const Module *module, Node statement, Node at) {
    const Tree *tree = module->tree;
    for (Node node = node_parent(tree, statement); node; node = node_parent(tree, node)) {
        switch (node_kind(tree, node)) {
        case NODE_MODULE:
        case NODE_FUNCTION_DEFINITION:
        case NODE_CLASS_DEFINITION:
            return true;
        case NODE_BLOCK:
        case NODE_TRY_STATEMENT:
        case NODE_WITH_STATEMENT:
        case NODE_DECORATED_DEFINITION:
            break;
        default:
            if (!node_within(tree, at, node))
                return false;
        }
    }
    return true;
}

static bool stands_before(const Module *module, const Binding *binding, Node at) {
    if (function_of(module, binding->statement) != function_of(module, at))
        return true;
    return node_span(module->tree, binding->statement).at < node_span(module->tree, at).at;
}

/* The bindings of the name that the place reads. */
static Binding *bindings_at(const Module *module, Node at, Str name) {
    const Scope *own = scope_of(module, at);
    for (const Scope *scope = own; scope; scope = scope->parent) {
        if (scope->kind == SCOPE_CLASS && scope != own)
            continue;
        Binding *first = scope_bindings(module, scope, name);
        if (first)
            return first;
    }
    return NULL;
}

static bool is_reached(const Module *module, const Binding *binding, Node at) {
    if (binding->guarded || binding->type_checking || !stands_before(module, binding, at) ||
        !surely_runs(module, binding->statement, at))
        return false;
    bool among = false;
    for (const Binding *other = bindings_at(module, at, binding->name); other;
         other = other->next) {
        bool same = other->kind == BIND_IMPORT && str_eq(other->qualified, binding->qualified);
        among |= other == binding;
        if (!same && !other->guarded)
            return false;
    }
    return among;
}

/* ---- the bindings of import statements ---- */

static Str bound_name(const Tree *tree, const ImportLine *line, Node name) {
    if (node_kind(tree, name) == NODE_ALIASED_IMPORT)
        return node_text(tree, node_field(tree, name, FIELD_ALIAS));
    return line->is_from ? node_text(tree, name) : top_module(node_text(tree, name));
}

static const Binding *binding_of(const Module *module, const ImportLine *line, Node name) {
    Str bound = bound_name(module->tree, line, name);
    Binding *binding = scope_bindings(module, scope_of(module, line->statement), bound);
    while (binding && binding->statement != line->statement)
        binding = binding->next;
    return binding;
}

/* How much of the qualified name the binding gives: -1 nothing, else the length of the rest that
 * follows as attributes. */
static ptrdiff_t rest_behind(Str imported, Str qualified) {
    if (imported.n == 0)
        return -1;
    if (qualified_matches(imported, qualified))
        return 0;
    Str part = str_slice(qualified, 0, imported.n);
    bool whole = qualified.n > imported.n && qualified.p[imported.n] == '.';
    return whole && str_eq(part, imported) ? qualified.n - imported.n : -1;
}

/* Packages with modules that they do not load themselves: `import trl` alone gives no
 * `trl.experimental` (trl 1.16, trl/__init__.py). */
static bool is_loaded_with(Str imported, Str qualified) {
    static const Str apart[] = {S("trl.experimental")};
    for (ptrdiff_t i = 0; i < COUNT(apart); i++)
        if (imported.n < apart[i].n && str_starts(qualified, apart[i]))
            return false;
    return true;
}

/* Whether the place reads a name that a from-import of the module brings: what comes in its stead
 * is written so too, though the module is imported as a whole beside it. */
static bool reads_imported_name(const Module *module, Node at, Str from) {
    const Tree *tree = module->tree;
    while (node_kind(tree, at) == NODE_ATTRIBUTE || node_kind(tree, at) == NODE_CALL)
        at = node_child_named(tree, at);
    const Binding *binding =
        node_kind(tree, at) == NODE_IDENTIFIER ? name_bindings(module, at) : NULL;
    ImportLine line;
    return binding && binding->kind == BIND_IMPORT && !binding->next &&
           import_line(module, binding->statement, &line) && line.is_from &&
           str_eq(line.module, from);
}

static bool reached_spelling(const Module *module, Node at, Str qualified, Str *local) {
    const Tree *tree = module->tree;
    ImportLines lines = import_lines(module);
    ptrdiff_t best = -1;
    for (ptrdiff_t i = 0; i < lines.n; i++) {
        for (Node name = node_next_named(tree, lines.v[i].names); name;
             name = node_next_named(tree, name)) {
            const Binding *binding = binding_of(module, &lines.v[i], name);
            ptrdiff_t rest = binding ? rest_behind(binding->qualified, qualified) : -1;
            if (rest < 0 || (best >= 0 && rest > best) ||
                !is_loaded_with(binding->qualified, qualified) || !is_reached(module, binding, at))
                continue;
            best = rest;
            Str attributes = str_slice(qualified, qualified.n - rest, qualified.n);
            *local =
                str_format(module->arena, "%.*s%.*s", STR_ARG(binding->name), STR_ARG(attributes));
        }
    }
    return best >= 0;
}

/* ---- the form to add ---- */

static bool is_star_imported(const Module *module, const ImportNeed *need) {
    ImportLines lines = import_lines(module);
    for (ptrdiff_t i = 0; module->star_imports && i < lines.n; i++)
        if (str_eq(lines.v[i].module, need->module) &&
            node_kind(module->tree, node_next_named(module->tree, lines.v[i].names)) ==
                NODE_WILDCARD_IMPORT &&
            node_kind(module->tree, node_parent(module->tree, lines.v[i].statement)) == NODE_MODULE)
            return true;
    return false;
}

static bool has_from_import(const Module *module, Str name) {
    ImportLines lines = import_lines(module);
    for (ptrdiff_t i = 0; i < lines.n; i++)
        if (lines.v[i].is_from && str_eq(lines.v[i].module, name))
            return true;
    return false;
}

/* "a.b.Class.method": the module is "a.b" and the name "Class"; without a class the last part is
 * the name. */
static void split_name(Str qualified, Str *module, Str *name, Str *rest) {
    ptrdiff_t start = 0;
    for (ptrdiff_t i = 0; i <= qualified.n; i++) {
        if (i < qualified.n && qualified.p[i] != '.')
            continue;
        bool is_class = qualified.p[start] >= 'A' && qualified.p[start] <= 'Z';
        if (is_class || i == qualified.n) {
            *module = str_slice(qualified, 0, start ? start - 1 : 0);
            *name = str_slice(qualified, start, i);
            *rest = str_slice(qualified, i, qualified.n);
            return;
        }
        start = i + 1;
    }
}

bool import_by_module(Str qualified) {
    Str top = top_module(qualified);
    return str_eq(top, S("torch")) || str_eq(qualified, S("evaluate.load"));
}

static ImportNeed form_to_add(const Module *module, Node at, Str qualified) {
    Str from = {0}, name = {0}, rest = {0}, top = top_module(qualified);
    split_name(qualified, &from, &name, &rest);
    bool whole = import_by_module(qualified);
    bool plain =
        whole || (is_standard_library(top) && !has_from_import(module, from)) || from.n == 0;
    ImportNeed need = {.module = from, .name = name, .at = at, .group = -1};
    need.local = str_format(module->arena, "%.*s%.*s", STR_ARG(name), STR_ARG(rest));
    if (plain) {
        need.module = whole || from.n == 0 ? top : from;
        need.name = (Str){0};
        need.local = qualified;
    }
    return need;
}

/* Whether the name may be bound: it is free, or only type checkers see what binds it. */
static bool may_bind(const Module *module, Node at, Str name) {
    if (name_is_free(module, at, name))
        return true;
    const Binding *binding = bindings_at(module, at, name);
    for (; binding; binding = binding->next)
        if (!binding->type_checking || binding->kind != BIND_IMPORT)
            return false;
    return bindings_at(module, at, name) != NULL;
}

/* In a page: what another block imports, and the unbound module that the place itself names. */
static bool is_spelled_on_page(const Module *module, Node at, Str qualified, ImportNeed *need) {
    const PageNames *page = module->source->page;
    Str top = top_module(need->local);
    if (!page || bindings_at(module, at, top))
        return false;
    Node root = at;
    while (node_kind(module->tree, root) == NODE_ATTRIBUTE)
        root = node_field(module->tree, root, FIELD_OBJECT);
    Str stands_for = need->name.n ? str_format(module->arena, "%.*s.%.*s", STR_ARG(need->module),
                                               STR_ARG(need->name))
                                  : need->module;
    if (page_imports(page, top, stands_for))
        return true;
    bool named = str_eq(module_text(module, root), top_module(qualified)) &&
                 str_eq(page_name(page, top_module(qualified)), top_module(qualified));
    if (named)
        need->local = qualified;
    return named;
}

/* Whether an import in reach gives the name as the place would write it. */
static bool is_reached_so(const Module *module, Node at, Str qualified, const ImportNeed *form,
                          Str *local) {
    if (!reached_spelling(module, at, qualified, local))
        return false;
    return !form->name.n || !str_eq(*local, qualified) ||
           !reads_imported_name(module, at, form->module) ||
           !may_bind(module, at, top_module(form->local));
}

bool import_spelling(const Module *module, Node at, Str qualified, ImportNeed *need, bool *needed) {
    *needed = false;
    *need = form_to_add(module, at, qualified);
    Str local = {0};
    if (is_reached_so(module, at, qualified, need, &local)) {
        need->local = local;
        return true;
    }
    if (is_star_imported(module, need) || is_spelled_on_page(module, at, qualified, need))
        return true;
    *needed = true;
    return may_bind(module, at, top_module(need->local));
}
