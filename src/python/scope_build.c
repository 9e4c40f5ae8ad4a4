/* Reads a module's scopes and bindings in one pass over the rows of its tree.
 *
 * Rows come in preorder, so the scopes that are open at a row form a stack, and every row can be
 * given the scope that a name there is read in: mostly its parent's, but defaults, annotations,
 * decorators, bases and the first iterable of a comprehension are read outside of the scope that
 * they stand in. A second, short step moves what `nonlocal` declares, because the outer binding may
 * come later in the text than the inner function.
 *
 * Whatever lies under an ERROR node is skipped: it binds nothing and opens no scope. */
#include "python/scope_private.h"
#include "python/targets.h"

typedef struct OpenScope {
    Scope *scope;
    Node past; /* first row behind it */
} OpenScope;

typedef struct Nonlocal {
    Scope *scope;
    NameEntry *entry;
} Nonlocal;

typedef struct Build {
    Binder binder;
    List(OpenScope) open;
    List(Nonlocal) nonlocals;
} Build;

bool is_comprehension(Kind kind) {
    return kind == NODE_LIST_COMPREHENSION || kind == NODE_SET_COMPREHENSION ||
           kind == NODE_DICTIONARY_COMPREHENSION || kind == NODE_GENERATOR_EXPRESSION;
}

/* ---- scopes ---- */

static Scope *scope_new(Build *b, ScopeKind kind, Scope *parent, Node node) {
    Arena *arena = b->binder.module->arena;
    Scope *scope = new (arena, Scope, 1);
    *scope = (Scope){.parent = parent, .kind = kind, .node = node};
    scope->names = new (arena, struct ScopeNames, 1);
    if (kind == SCOPE_CLASS)
        scope->attributes = new (arena, struct ScopeNames, 1);
    return scope;
}

static Scope *scope_open(Build *b, ScopeKind kind, Scope *parent, Node node) {
    Scope *scope = scope_new(b, kind, parent, node);
    *list_push(b->binder.module->arena, &b->open) =
        (OpenScope){.scope = scope, .past = b->binder.tree->rows[node].past};
    return scope;
}

static bool is_first_clause(const Tree *tree, Node clause) {
    Node node = node_previous(tree, clause);
    while (node && node_kind(tree, node) != NODE_FOR_IN_CLAUSE)
        node = node_previous(tree, node);
    return !node;
}

/* The scope that a name at the row is read in. `inner` is the innermost open scope: the parent's
 * own one, if the parent makes one. */
static Scope *scope_for(const Build *b, Node node, Scope *inner) {
    const Tree *tree = b->binder.tree;
    Scope **scope_at = b->binder.module->scope_at;
    Node parent = node_parent(tree, node);
    uint8_t field = tree->rows[node].field;
    bool value_or_type = field == FIELD_VALUE || field == FIELD_TYPE;
    Kind kind = node_kind(tree, parent);
    if (kind == NODE_FUNCTION_DEFINITION || kind == NODE_CLASS_DEFINITION) {
        if (field == FIELD_BODY || field == FIELD_PARAMETERS)
            return inner;
        return field == FIELD_NAME ? scope_at[parent] : inner->parent;
    }
    if (kind == NODE_LAMBDA || is_comprehension(kind))
        return inner;
    if (kind == NODE_FOR_IN_CLAUSE && field == FIELD_RIGHT && is_first_clause(tree, parent))
        return inner->parent;
    bool parameter = kind == NODE_DEFAULT_PARAMETER || kind == NODE_TYPED_DEFAULT_PARAMETER ||
                     kind == NODE_TYPED_PARAMETER;
    if (parameter && value_or_type)
        return inner->parent;
    return scope_at[parent];
}

/* ---- definitions ---- */

/* `def f[T]`, `class C[T: int]`: the names lie in a scope of their own around the definition. */
static Scope *open_type_parameters(Build *b, Node definition, Scope *parent) {
    const Tree *tree = b->binder.tree;
    Node list = node_field(tree, definition, FIELD_TYPE_PARAMETERS);
    if (!list)
        return parent;
    Scope *scope = scope_new(b, SCOPE_TYPE_PARAMETERS, parent, list);
    for (Node type = node_child_named(tree, list); type; type = node_next_named(tree, type))
        for (Node row = type; row < tree->rows[type].past; row++)
            if (node_kind(tree, row) == NODE_IDENTIFIER) {
                bind_name(&b->binder, scope, row,
                          (Target){.kind = BIND_TYPE_PARAMETER, .index = -1});
                break;
            }
    return scope;
}

static void bind_definition_name(Build *b, Node definition, Scope *scope, BindingKind kind) {
    Node name = node_field(b->binder.tree, definition, FIELD_NAME);
    if (name)
        bind_name(&b->binder, scope, name, (Target){.kind = kind, .index = -1});
}

static void read_definition(Build *b, Node node, Scope *scope) {
    const Tree *tree = b->binder.tree;
    bool is_class = node_kind(tree, node) == NODE_CLASS_DEFINITION;
    bind_definition_name(b, node, scope, is_class ? BIND_CLASS : BIND_FUNCTION);
    Scope *parent = open_type_parameters(b, node, scope);
    Scope *own = scope_open(b, is_class ? SCOPE_CLASS : SCOPE_FUNCTION, parent, node);
    if (!is_class)
        bind_parameters(&b->binder, own, node_field(tree, node, FIELD_PARAMETERS));
}

static void read_lambda(Build *b, Node node, Scope *scope) {
    Scope *own = scope_open(b, SCOPE_LAMBDA, scope, node);
    bind_parameters(&b->binder, own, node_field(b->binder.tree, node, FIELD_PARAMETERS));
}

/* ---- declarations ---- */

static void read_declaration(Build *b, Node node, Scope *scope) {
    const Tree *tree = b->binder.tree;
    Module *module = b->binder.module;
    bool global = node_kind(tree, node) == NODE_GLOBAL_STATEMENT;
    for (Node id = node_child_named(tree, node); id; id = node_next_named(tree, id)) {
        b->binder.role[id] = ROLE_NO_NAME;
        if (node_kind(tree, id) != NODE_IDENTIFIER || scope == module->scope)
            continue;
        Str name = module_text(module, id);
        NameEntry *entry = names_enter(module->arena, scope->names, scope, name);
        if (global)
            entry->moved = names_enter(module->arena, module->scope->names, module->scope, name);
        else
            *list_push(module->arena, &b->nonlocals) = (Nonlocal){scope, entry};
    }
}

/* Puts the bindings of `from` into those of `to`, in source order. */
static void move_bindings(NameEntry *from, NameEntry *to) {
    Binding *a = from->first, *b = to->first, *first = NULL, *last = NULL;
    while (a || b) {
        Binding **taken = !b || (a && a->at < b->at) ? &a : &b;
        Binding *binding = *taken;
        *taken = binding->next;
        binding->scope = to->scope;
        *(last ? &last->next : &first) = binding;
        last = binding;
    }
    to->first = first;
    to->last = last;
    from->first = from->last = NULL;
    from->moved = to;
}

static void settle_nonlocals(Build *b) {
    for (ptrdiff_t i = 0; i < b->nonlocals.n; i++) {
        Nonlocal *declared = &b->nonlocals.v[i];
        for (Scope *up = declared->scope->parent; up; up = up->parent) {
            if (up->kind == SCOPE_CLASS || up->kind == SCOPE_MODULE)
                continue;
            NameEntry *entry = names_find(up->names, declared->entry->name);
            if (!entry || (!entry->first && !entry->moved))
                continue;
            while (entry->moved)
                entry = entry->moved;
            if (entry != declared->entry && !declared->entry->moved)
                move_bindings(declared->entry, entry);
            break;
        }
    }
}

/* ---- the pass ---- */

/* An identifier that only looks like a name: f(key=…), object.attribute, case P(key=…). */
static bool is_no_name(const Tree *tree, Node node) {
    Node parent = node_parent(tree, node);
    uint8_t field = tree->rows[node].field;
    switch ((int)node_kind(tree, parent)) {
    case NODE_ATTRIBUTE:
        return field == FIELD_ATTRIBUTE;
    case NODE_KEYWORD_ARGUMENT:
        return field == FIELD_NAME;
    case NODE_MEMBER_TYPE:
        return !node_next_named(tree, node);
    case NODE_DOTTED_NAME:
        return node_child_named(tree, parent) != node;
    case NODE_OTHER:
        /* keyword_pattern: the only nameless kind of the grammar that starts `name =`. */
        return node_child(tree, parent) == node &&
               node_is_token(tree, node_next(tree, node), S("="));
    default:
        return false;
    }
}

static void read_node(Build *b, Node node, Scope *scope) {
    const Tree *tree = b->binder.tree;
    switch ((int)node_kind(tree, node)) {
    case NODE_IDENTIFIER:
        if (b->binder.role[node] == ROLE_READ && is_no_name(tree, node))
            b->binder.role[node] = ROLE_NO_NAME;
        break;
    case NODE_FUNCTION_DEFINITION:
    case NODE_CLASS_DEFINITION:
        read_definition(b, node, scope);
        break;
    case NODE_LAMBDA:
        read_lambda(b, node, scope);
        break;
    case NODE_LIST_COMPREHENSION:
    case NODE_SET_COMPREHENSION:
    case NODE_DICTIONARY_COMPREHENSION:
    case NODE_GENERATOR_EXPRESSION:
        scope_open(b, SCOPE_COMPREHENSION, scope, node);
        break;
    case NODE_GLOBAL_STATEMENT:
    case NODE_NONLOCAL_STATEMENT:
        read_declaration(b, node, scope);
        break;
    default:
        bind_targets_of(&b->binder, scope, node);
        break;
    }
}

static void read_rows(Build *b) {
    const Tree *tree = b->binder.tree;
    Module *module = b->binder.module;
    for (Node node = 1; node < tree->n;) {
        while (b->open.n > 1 && b->open.v[b->open.n - 1].past <= node)
            b->open.n--;
        Scope *inner = b->open.v[b->open.n - 1].scope;
        Scope *scope = node_parent(tree, node) ? scope_for(b, node, inner) : module->scope;
        Node past = node_kind(tree, node) == NODE_ERROR ? tree->rows[node].past : node + 1;
        module->scope_at[node] = scope;
        if (past == node + 1 && node_kind(tree, node) != NODE_ERROR)
            read_node(b, node, scope);
        for (Node skipped = node + 1; skipped < past; skipped++) {
            module->scope_at[skipped] = scope;
            if (node_kind(tree, skipped) == NODE_IDENTIFIER && is_no_name(tree, skipped))
                b->binder.role[skipped] = ROLE_NO_NAME;
        }
        node = past;
    }
}

void scopes_build(Module *module) {
    const Tree *tree = module->tree;
    Build build = {.binder = {.module = module, .tree = tree}};
    module->scope_at = new (module->arena, Scope *, tree->n);
    build.binder.role = new (module->arena, uint8_t, tree->n);
    scope_cache(module)->role = build.binder.role;
    module->scope = scope_new(&build, SCOPE_MODULE, NULL, tree->n > 1 ? 1 : 0);
    *list_push(module->arena, &build.open) = (OpenScope){.scope = module->scope, .past = tree->n};
    read_rows(&build);
    settle_nonlocals(&build);
}
