/* Uses and bindings brought together: the one binding that an expression reads, whether one may
 * reach it, whether two expressions are the same place.
 *
 * reach.c answers for the unit of code that the use is in. Bindings in other units (a closure's
 * outer function, `global`, attributes of self in other methods) run at times that the syntax does
 * not tell: they count unless the use's own unit surely binds the name first, and then only one of
 * them may be left. Two kinds do not count: a stand-in under `except ImportError` beside the import
 * that it stands in for, and, for names that another unit fills in, the `= None` that is there
 * before. */
#include "base/list.h"
#include "python/cache.h"
#include "python/reach.h"

typedef struct Candidates {
    ReachQuery own;
    List(const Binding *) others; /* in other units */
    bool loose;                   /* other units store to the name: `= None` does not count */
    bool at_home;                 /* the use is in the unit of the name's own scope */
} Candidates;

typedef List(const Binding *) BindingList;

/* --- Stand-ins -------------------------------------------------------------------------------- */

static Node part_of(const Tree *tree, Node node, Node whole) {
    while (node && node_parent(tree, node) != whole)
        node = node_parent(tree, node);
    return node;
}

/* Whether some import of the name is what `part`, a clause of the try or if, stands in for. */
static bool has_import_beside(const Module *module, const NameEntry *entry, Node whole, Node part) {
    const Tree *tree = module->tree;
    for (const Binding *b = entry->first; b; b = b->next) {
        if (b->kind != BIND_IMPORT || !node_within(tree, b->at, whole))
            continue;
        Kind kind = node_kind(tree, part_of(tree, b->at, whole));
        if (part_of(tree, b->at, whole) != part && kind != NODE_EXCEPT_CLAUSE)
            return true;
    }
    return false;
}

static bool stands_in(const Module *module, const NameEntry *entry, const Binding *binding,
                      Node use) {
    const Tree *tree = module->tree;
    if (!binding->guarded)
        return false;
    for (Node part = binding->statement, up; (up = node_parent(tree, part)); part = up) {
        Kind kind = node_kind(tree, up);
        if (kind == NODE_FUNCTION_DEFINITION || kind == NODE_CLASS_DEFINITION)
            return false;
        bool clause = kind == NODE_TRY_STATEMENT || kind == NODE_IF_STATEMENT;
        if (clause && !node_within(tree, use, part) && has_import_beside(module, entry, up, part))
            return true;
    }
    return false;
}

/* --- Gathering -------------------------------------------------------------------------------- */

static bool is_none(const Module *module, const Binding *binding) {
    Node value = strip_parentheses(module, binding->value);
    return binding->kind == BIND_ASSIGN && node_kind(module->tree, value) == NODE_NONE_LITERAL;
}

static bool gives_value(const NameEntry *entry, const Binding *binding) {
    if (binding->kind != BIND_ANNOTATION)
        return true;
    for (const Binding *b = entry->first; b; b = b->next)
        if (b->kind != BIND_ANNOTATION)
            return false;
    return binding->next == NULL; /* of nothing but annotations the last counts */
}

/* Puts the bindings of the use's own unit into the query, those nearest to the use. */
static void set_window(ReachQuery *query, const BindingList *own, Node use) {
    ptrdiff_t before = 0;
    while (before < own->n && own->v[before]->at < use)
        before++;
    ptrdiff_t room = REACH_BITS - REACH_BITS_BEHIND;
    ptrdiff_t start = own->n > REACH_BITS && before > room ? before - room : 0;
    for (ptrdiff_t i = start; i < own->n && query->n < REACH_BITS; i++)
        query->own[query->n++] = own->v[i];
    query->cut_before = start > 0;
    query->cut_behind = start + query->n < own->n;
}

static void gather(const Module *module, const NameEntry *entry, Node use, bool stand_ins,
                   Candidates *c) {
    const Scope *unit = scope_unit(module->scope_at[use]);
    const Scope *home = scope_unit(entry->scope);
    BindingList own = {0};
    *c = (Candidates){.own = {.module = module, .tree = module->tree, .scope = entry->scope},
                      .loose = entry->attribute,
                      .at_home = !entry->attribute && unit == home};
    for (const Binding *b = entry->first; b; b = b->next) {
        const Scope *from = scope_unit(module->scope_at[b->at]);
        c->loose = c->loose || from != home;
        if (!gives_value(entry, b) || (!stand_ins && stands_in(module, entry, b, use)))
            continue;
        if (from == unit)
            *list_push(module->arena, &own) = b;
        else
            *list_push(module->arena, &c->others) = b;
    }
    /* An attribute may also have its value from the class body. */
    const NameEntry *body = entry->attribute ? names_find(entry->scope->names, entry->name) : NULL;
    for (const Binding *b = body ? body->first : NULL; b; b = b->next)
        if (b->kind != BIND_ANNOTATION && !is_none(module, b))
            *list_push(module->arena, &c->others) = b;
    set_window(&c->own, &own, use);
}

/* --- Choosing --------------------------------------------------------------------------------- */

/* The one binding of the list, or the last of imports that all bring the same thing. */
static const Binding *only_one(const BindingList *list) {
    if (!list->n)
        return NULL;
    const Binding *last = list->v[list->n - 1];
    for (ptrdiff_t i = 0; i + 1 < list->n; i++)
        if (last->kind != BIND_IMPORT || list->v[i]->kind != BIND_IMPORT ||
            !str_eq(list->v[i]->qualified, last->qualified))
            return NULL;
    return last->kind == BIND_DELETE ? NULL : last;
}

static const Binding *choose(const Module *module, const Candidates *c, const BindingList *list) {
    const Binding *one = only_one(list);
    if (one || !c->loose)
        return one;
    BindingList filled = {0};
    for (ptrdiff_t i = 0; i < list->n; i++)
        if (!is_none(module, list->v[i]))
            *list_push(module->arena, &filled) = list->v[i];
    return only_one(&filled);
}

static void add_own(const Module *module, const Candidates *c, uint64_t bits, BindingList *list) {
    for (int i = 0; i < c->own.n; i++)
        if (bits >> i & 1)
            *list_push(module->arena, list) = c->own.own[i];
}

static const Binding *find_reaching(const Module *module, const NameEntry *entry, Node use) {
    if (entry->scope->kind == SCOPE_COMPREHENSION || entry->scope->kind == SCOPE_TYPE_PARAMETERS)
        return entry->first->next ? NULL : entry->first;
    Candidates c;
    gather(module, entry, use, false, &c);
    Reach reach = reach_of(&c.own, use);
    if (reach.lost)
        return NULL;
    BindingList list = {0};
    if (!reach.open && !c.at_home) {
        add_own(module, &c, reach.own, &list);
        const Binding *one = choose(module, &c, &list);
        if (one && (!is_none(module, one) || !c.others.n))
            return one;
        if (!one)
            return NULL;
        list.n = 0;
    }
    /* At home the flow is known; elsewhere the function may run again after its own stores. */
    bool all = c.others.n && !c.at_home;
    if (all && (c.own.cut_before || c.own.cut_behind))
        return NULL;
    add_own(module, &c, all ? ~UINT64_C(0) : reach.own, &list);
    for (ptrdiff_t i = 0; i < c.others.n; i++)
        *list_push(module->arena, &list) = c.others.v[i];
    return choose(module, &c, &list);
}

static const Binding *binding_of_target(const NameEntry *entry, Node target) {
    for (const Binding *b = entry->first; b; b = b->next)
        if (b->at == target)
            return b;
    return NULL;
}

static bool is_target(const Module *module, Node node) {
    return scope_cache(module)->role[node] == ROLE_BINDS;
}

Binding *binding_reaching(const Module *module, Node expression) {
    static const char owner = 0;
    static const Binding unknown = {0};
    Node use = strip_parentheses(module, expression);
    NameEntry *entry = expression_resolve(module, use);
    if (!entry)
        return NULL;
    void **slot = cache_slot(module, &owner, use);
    if (!*slot) {
        const Binding *found = is_target(module, use) ? binding_of_target(entry, use)
                                                      : find_reaching(module, entry, use);
        *slot = (void *)(found ? found : &unknown);
    }
    return *slot == &unknown ? NULL : *slot;
}

/* --- Other questions -------------------------------------------------------------------------- */

bool binding_may_reach(const Module *module, const Binding *binding, Node use) {
    use = strip_parentheses(module, use);
    NameEntry *entry = expression_resolve(module, use);
    if (!entry || entry->scope != binding->scope || binding->kind == BIND_ANNOTATION ||
        binding->kind == BIND_DELETE)
        return false;
    if (is_target(module, use))
        return binding->at == use;
    Candidates c;
    gather(module, entry, use, true, &c);
    bool known = false;
    for (ptrdiff_t i = 0; i < c.others.n; i++)
        known = known || c.others.v[i] == binding;
    for (const Binding *b = entry->first; b; b = b->next)
        known = known || b == binding;
    if (!known || entry->scope->kind == SCOPE_COMPREHENSION)
        return known;
    Reach reach = reach_of(&c.own, use);
    for (int i = 0; i < c.own.n; i++)
        if (c.own.own[i] == binding)
            return reach.own >> i & 1 || reach.lost || (c.loose && reach.open);
    if (scope_unit(module->scope_at[binding->at]) == scope_unit(module->scope_at[use]))
        return true; /* outside of the window */
    return reach.open || c.at_home;
}

/* What reaches a use, as a set; a target is reached by its own binding. */
static bool reaching_set(const Module *module, const NameEntry *entry, Node use,
                         BindingList *list) {
    list->n = 0;
    if (is_target(module, use)) {
        *list_push(module->arena, list) = binding_of_target(entry, use);
        return true;
    }
    Candidates c;
    gather(module, entry, use, true, &c);
    Reach reach = reach_of(&c.own, use);
    add_own(module, &c, reach.own, list);
    bool others = reach.open || c.at_home;
    for (ptrdiff_t i = 0; others && i < c.others.n; i++)
        *list_push(module->arena, list) = c.others.v[i];
    return !reach.lost;
}

static bool same_reaching(const Module *module, const NameEntry *entry, Node a, Node b) {
    if (entry->scope->kind == SCOPE_COMPREHENSION || entry->scope->kind == SCOPE_TYPE_PARAMETERS)
        return true;
    if (scope_unit(module->scope_at[a]) != scope_unit(module->scope_at[b])) {
        const Binding *one = binding_reaching(module, a);
        return one && one == binding_reaching(module, b);
    }
    BindingList of_a = {0}, of_b = {0};
    if (!reaching_set(module, entry, a, &of_a) || !reaching_set(module, entry, b, &of_b) ||
        of_a.n != of_b.n)
        return false;
    /* Both list in source order. */
    for (ptrdiff_t i = 0; i < of_a.n; i++)
        if (of_a.v[i] != of_b.v[i])
            return false;
    return true;
}

/* The first parameters of two methods of one class count as one object. */
static bool same_receiver(const Module *module, Node a, Node b) {
    const Scope *class_of_a = receiver_class(module, scope_of(module, a), a);
    return class_of_a && class_of_a == receiver_class(module, scope_of(module, b), b);
}

bool same_place(const Module *module, Node a, Node b) {
    const Tree *tree = module->tree;
    a = strip_parentheses(module, a);
    b = strip_parentheses(module, b);
    if (same_receiver(module, a, b))
        return true;
    NameEntry *entry = expression_resolve(module, a);
    if (entry != expression_resolve(module, b) || node_kind(tree, a) != node_kind(tree, b))
        return false;
    if (entry)
        return same_reaching(module, entry, a, b);
    switch ((int)node_kind(tree, a)) {
    case NODE_IDENTIFIER:
        return str_eq(module_text(module, a), module_text(module, b));
    case NODE_ATTRIBUTE:
        return str_eq(module_text(module, node_field(tree, a, FIELD_ATTRIBUTE)),
                      module_text(module, node_field(tree, b, FIELD_ATTRIBUTE))) &&
               same_place(module, node_field(tree, a, FIELD_OBJECT),
                          node_field(tree, b, FIELD_OBJECT));
    default:
        return false;
    }
}
