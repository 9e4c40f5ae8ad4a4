/* Looking up names: from an expression to the entry that it means, and from an entry to all of its
 * uses.
 *
 * Names are looked up outwards from the scope of the expression; a class's own names are seen only
 * by code directly in its body. "self.x" is looked up in the class that the method belongs to: its
 * stored attributes first, then what the class body binds.
 *
 * Uses are found through an index of occurrences by name that is made once, when first asked for.
 * All occurrences of one name are resolved together and handed to the entries that they mean, so
 * asking for every binding of a file costs one resolution for each identifier. */
#include "python/cache.h"
#include "python/scope_private.h"

#include <string.h>

typedef struct Occurrence {
    Str name;
    List(Node) nodes; /* identifiers and attributes, in source order */
    bool resolved;    /* handed to their entries */
    bool unbound;     /* some identifier means nothing that the file binds */
} Occurrence;

struct Occurrences {
    Occurrence *slots; /* open addressing */
    uint32_t n, capacity;
};

/* ---- tables ---- */

static uint32_t names_slot(const struct ScopeNames *names, Str name) {
    uint32_t mask = names->capacity - 1;
    uint32_t i = (uint32_t)str_hash(name) & mask;
    while (names->slots[i] && !str_eq(names->slots[i]->name, name))
        i = (i + 1) & mask;
    return i;
}

NameEntry *names_find(const struct ScopeNames *names, Str name) {
    return names && names->capacity ? names->slots[names_slot(names, name)] : NULL;
}

NameEntry *names_enter(Arena *arena, struct ScopeNames *names, Scope *scope, Str name) {
    NameEntry *entry = names_find(names, name);
    if (entry)
        return entry;
    if (2 * (names->n + 1) > names->capacity) {
        struct ScopeNames old = *names;
        names->capacity = old.capacity ? 2 * old.capacity : 8;
        names->slots = new (arena, NameEntry *, names->capacity);
        for (uint32_t i = 0; i < old.capacity; i++)
            if (old.slots[i])
                names->slots[names_slot(names, old.slots[i]->name)] = old.slots[i];
    }
    entry = new (arena, NameEntry, 1);
    entry->name = name;
    entry->scope = scope;
    names->slots[names_slot(names, name)] = entry;
    names->n++;
    return entry;
}

ScopeCache *scope_cache(const Module *module) {
    static const char owner = 0;
    void **slot = cache_slot(module, &owner, 0);
    if (!*slot)
        *slot = new (module->arena, ScopeCache, 1);
    return *slot;
}

/* ---- resolving ---- */

const Scope *scope_unit(const Scope *scope) {
    while (scope->parent && scope->kind != SCOPE_FUNCTION && scope->kind != SCOPE_LAMBDA)
        scope = scope->parent;
    return scope;
}

/* In a class body a name means the outer one until the class has bound its own. */
static bool is_bound_later(const Module *module, const NameEntry *entry, Node node) {
    const Binding *first = entry->first;
    if (scope_cache(module)->role[node] == ROLE_BINDS)
        return false;
    if (first->kind == BIND_FOR || first->kind == BIND_WITH || first->kind == BIND_EXCEPT)
        return node < first->at;
    return node < module->tree->rows[first->statement].past && node > 0 &&
           (node < first->at || node >= first->statement);
}

NameEntry *name_resolve(const Module *module, const Scope *scope, Str name, Node node) {
    bool direct = true;
    for (; scope; scope = scope->parent) {
        bool hidden = scope->kind == SCOPE_CLASS && !direct;
        NameEntry *entry = hidden ? NULL : names_find(scope->names, name);
        if (entry && entry->moved) {
            while (entry->moved)
                entry = entry->moved;
            return entry->first ? entry : NULL;
        }
        if (entry && entry->first &&
            !(scope->kind == SCOPE_CLASS && is_bound_later(module, entry, node)))
            return entry;
        direct = direct && scope->kind == SCOPE_TYPE_PARAMETERS;
    }
    return NULL;
}

static bool has_decorator_named(const Module *module, Node function, Str name) {
    const Tree *tree = module->tree;
    Node parent = node_parent(tree, function);
    if (node_kind(tree, parent) != NODE_DECORATED_DEFINITION)
        return false;
    for (Node child = node_child_named(tree, parent); child; child = node_next_named(tree, child))
        if (node_kind(tree, child) == NODE_DECORATOR &&
            str_eq(module_text(module, node_child_named(tree, child)), name))
            return true;
    return false;
}

Scope *scope_method_class(const Module *module, const Scope *scope) {
    if (!scope || scope->kind != SCOPE_FUNCTION)
        return NULL;
    Scope *owner = scope->parent;
    if (owner && owner->kind == SCOPE_TYPE_PARAMETERS)
        owner = owner->parent;
    if (!owner || owner->kind != SCOPE_CLASS)
        return NULL;
    return has_decorator_named(module, scope->node, S("staticmethod")) ? NULL : owner;
}

Scope *receiver_class(const Module *module, const Scope *scope, Node identifier) {
    if (node_kind(module->tree, identifier) != NODE_IDENTIFIER)
        return NULL;
    NameEntry *entry = name_resolve(module, scope, module_text(module, identifier), identifier);
    if (!entry || entry->first->kind != BIND_PARAMETER || entry->first->index != 0 ||
        entry->first->next)
        return NULL;
    return scope_method_class(module, entry->scope);
}

/* The attribute in the class, what the class body binds, or the same of a base class in the
 * file. */
static NameEntry *attribute_resolve(const Module *module, const Scope *scope, Str name, int depth) {
    const Tree *tree = module->tree;
    NameEntry *entry = names_find(scope->attributes, name);
    if (!entry || !entry->first)
        entry = names_find(scope->names, name);
    if ((entry && entry->first) || depth == 0)
        return entry && entry->first ? entry : NULL;
    Node list = node_field(tree, scope->node, FIELD_SUPERCLASSES);
    for (Node base = node_child_named(tree, list); base; base = node_next_named(tree, base)) {
        if (node_kind(tree, base) != NODE_IDENTIFIER)
            continue;
        NameEntry *named =
            name_resolve(module, module->scope_at[base], module_text(module, base), base);
        if (!named || named->first->kind != BIND_CLASS || named->first->next)
            continue;
        Node body = node_field(tree, node_parent(tree, named->first->at), FIELD_BODY);
        entry = body ? attribute_resolve(module, module->scope_at[body], name, depth - 1) : NULL;
        if (entry)
            return entry;
    }
    return NULL;
}

NameEntry *expression_resolve(const Module *module, Node expression) {
    enum { MOST_BASES = 6 };
    const Tree *tree = module->tree;
    if (node_kind(tree, expression) == NODE_ATTRIBUTE) {
        Scope *scope = receiver_class(module, module->scope_at[expression],
                                      node_field(tree, expression, FIELD_OBJECT));
        if (!scope)
            return NULL;
        Str name = module_text(module, node_field(tree, expression, FIELD_ATTRIBUTE));
        return attribute_resolve(module, scope, name, MOST_BASES);
    }
    if (node_kind(tree, expression) != NODE_IDENTIFIER ||
        scope_cache(module)->role[expression] == ROLE_NO_NAME)
        return NULL;
    return name_resolve(module, module->scope_at[expression], module_text(module, expression),
                        expression);
}

/* ---- occurrences ---- */

static Occurrence *occurrence_slot(const struct Occurrences *table, Str name) {
    uint32_t mask = table->capacity - 1;
    uint32_t i = (uint32_t)str_hash(name) & mask;
    while (table->slots[i].name.p && !str_eq(table->slots[i].name, name))
        i = (i + 1) & mask;
    return &table->slots[i];
}

static void occurrence_add(const Module *module, struct Occurrences *table, Str name, Node node) {
    if (2 * (table->n + 1) > table->capacity) {
        struct Occurrences old = *table;
        table->capacity = old.capacity ? 2 * old.capacity : 256;
        table->slots = new (module->arena, Occurrence, table->capacity);
        for (uint32_t i = 0; i < old.capacity; i++)
            if (old.slots[i].name.p)
                *occurrence_slot(table, old.slots[i].name) = old.slots[i];
    }
    Occurrence *occurrence = occurrence_slot(table, name);
    table->n += !occurrence->name.p;
    occurrence->name = name;
    *list_push(module->arena, &occurrence->nodes) = node;
}

static struct Occurrences *occurrences(const Module *module) {
    ScopeCache *cache = scope_cache(module);
    if (cache->uses)
        return cache->uses;
    const Tree *tree = module->tree;
    cache->uses = new (module->arena, struct Occurrences, 1);
    for (Node node = 1; node < tree->n; node++) {
        if (cache->role[node] != ROLE_READ)
            continue;
        Node name = node;
        if (node_kind(tree, node) == NODE_ATTRIBUTE) {
            Node object = node_field(tree, node, FIELD_OBJECT);
            name = node_field(tree, node, FIELD_ATTRIBUTE);
            if (node_kind(tree, object) != NODE_IDENTIFIER)
                continue;
        } else if (node_kind(tree, node) != NODE_IDENTIFIER) {
            continue;
        }
        Str text = module_text(module, name);
        if (text.n)
            occurrence_add(module, cache->uses, text, node);
    }
    return cache->uses;
}

/* The occurrences of a name, each handed to the entry that it means; NULL when there are none. */
static const Occurrence *resolve_occurrences(const Module *module, Str name) {
    struct Occurrences *table = occurrences(module);
    if (!table->capacity)
        return NULL;
    Occurrence *occurrence = occurrence_slot(table, name);
    if (!occurrence->name.p || occurrence->resolved)
        return occurrence->name.p ? occurrence : NULL;
    occurrence->resolved = true;
    for (ptrdiff_t i = 0; i < occurrence->nodes.n; i++) {
        Node node = occurrence->nodes.v[i];
        NameEntry *entry = expression_resolve(module, node);
        if (entry)
            *list_push(module->arena, &entry->uses) = node;
        else if (node_kind(module->tree, node) == NODE_IDENTIFIER)
            occurrence->unbound = true;
    }
    return occurrence;
}

/* ---- questions ---- */

Scope *scope_of(const Module *module, Node node) {
    return node && node < module->tree->n ? module->scope_at[node] : module->scope;
}

/* The entry of a name as bindings carry it, "self.x" for attributes. */
static NameEntry *entry_of(const Scope *scope, Str name) {
    if (scope->kind == SCOPE_CLASS && str_starts(name, S("self.")))
        return names_find(scope->attributes, str_slice(name, 5, name.n));
    return names_find(scope->names, name);
}

Binding *scope_bindings(const Module *module, const Scope *scope, Str name) {
    (void)module;
    NameEntry *entry = scope ? entry_of(scope, name) : NULL;
    return entry ? entry->first : NULL;
}

Binding *name_bindings(const Module *module, Node expression) {
    NameEntry *entry = expression_resolve(module, strip_parentheses(module, expression));
    return entry ? entry->first : NULL;
}

const Node *binding_uses(const Module *module, const Binding *binding, ptrdiff_t *n) {
    NameEntry *entry = entry_of(binding->scope, binding->name);
    *n = 0;
    if (!entry)
        return NULL;
    resolve_occurrences(module, entry->name);
    *n = entry->uses.n;
    return entry->uses.v;
}

bool name_is_free(const Module *module, Node node, Str name) {
    for (const Scope *scope = scope_of(module, node); scope; scope = scope->parent) {
        NameEntry *entry = names_find(scope->names, name);
        if (entry && (entry->first || entry->moved))
            return false;
    }
    const Occurrence *occurrence = resolve_occurrences(module, name);
    return !occurrence || !occurrence->unbound;
}
