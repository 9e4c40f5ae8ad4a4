/* Uses and bindings brought together: the one binding that an expression reads, whether one may
 * reach it, whether two expressions are the same place.
 *
 * reach.c answers for the unit of code that the use is in. Bindings in other units (a closure's
 * outer function, `global`, attributes of self in other methods) run at times that the syntax does
 * not tell: they count unless the use's own unit surely binds the name first, and then only one of
 * them may be left. Of a global those that are gone whenever the function runs do not count
 * (alive.c). Two more kinds do not count: a stand-in under `except ImportError` beside the import
 * that it stands in for, and, for names that another unit fills in, the `= None` that is there
 * before. */
#include "base/list.h"
#include "python/alive.h"
#include "python/cache.h"
#include "python/reach.h"

/* More bindings than this in several units, or in one that the use is not in, are not weighed
 * against one another: the answer is that it is unknown. */
enum { MOST_OTHERS = 256 };

/* The bindings of an entry that give a value, in source order; made once. */
typedef struct Prepared {
    const Binding **v;
    ptrdiff_t n;
    const Scope *unit; /* that all of them are in; NULL: several */
    bool loose; /* units besides that of the name's scope store to it: see above for `None` */
} Prepared;

typedef struct Chosen {
    const Binding *v[REACH_BITS + MOST_OTHERS];
    ptrdiff_t n;
} Chosen;

typedef struct Candidates {
    ReachQuery own;
    Chosen others; /* in other units */
    bool many;     /* too many others */
    bool loose;
    bool at_home; /* the use is in the unit of the name's own scope */
} Candidates;

/* ---- stand-ins ---- */

static Node part_of(const Tree *tree, Node node, Node whole) {
    while (node && node_parent(tree, node) != whole)
        node = node_parent(tree, node);
    return node;
}

/* Index of the first binding at or after the node. */
static ptrdiff_t prepared_from(const Prepared *prepared, Node node) {
    ptrdiff_t low = 0, high = prepared->n;
    while (low < high) {
        ptrdiff_t middle = low + (high - low) / 2;
        if (prepared->v[middle]->at < node)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Whether some import of the name is what `part`, a clause of the try or if, stands in for. */
static bool has_import_beside(const Tree *tree, const Prepared *prepared, Node whole, Node part) {
    for (ptrdiff_t i = prepared_from(prepared, whole); i < prepared->n; i++) {
        const Binding *b = prepared->v[i];
        if (!node_within(tree, b->at, whole))
            return false;
        Node beside = part_of(tree, b->at, whole);
        if (b->kind == BIND_IMPORT && beside != part &&
            node_kind(tree, beside) != NODE_EXCEPT_CLAUSE)
            return true;
    }
    return false;
}

static bool stands_in(const Module *module, const Prepared *prepared, const Binding *binding,
                      Node use) {
    const Tree *tree = module->tree;
    if (!binding->guarded)
        return false;
    for (Node part = binding->statement, up; (up = node_parent(tree, part)); part = up) {
        Kind kind = node_kind(tree, up);
        if (kind == NODE_FUNCTION_DEFINITION || kind == NODE_CLASS_DEFINITION)
            return false;
        bool clause = kind == NODE_TRY_STATEMENT || kind == NODE_IF_STATEMENT;
        if (clause && !node_within(tree, use, part) && has_import_beside(tree, prepared, up, part))
            return true;
    }
    return false;
}

/* ---- gathering ---- */

static bool is_none(const Module *module, const Binding *binding) {
    Node value = strip_parentheses(module, binding->value);
    return binding->kind == BIND_ASSIGN && node_kind(module->tree, value) == NODE_NONE_LITERAL;
}

static void prepare(const Module *module, Prepared *prepared, const Binding *first,
                    const Scope *home) {
    List(const Binding *) list = {0};
    const Binding *annotation = NULL;
    for (const Binding *b = first; b; b = b->next) {
        if (b->kind == BIND_ANNOTATION)
            annotation = b;
        else
            *list_push(module->arena, &list) = b;
    }
    if (!list.n && annotation) /* of nothing but annotations the last counts */
        *list_push(module->arena, &list) = annotation;
    prepared->v = list.v;
    prepared->n = list.n;
    for (ptrdiff_t i = 0; i < list.n; i++) {
        const Scope *unit = scope_unit(module->scope_at[list.v[i]->at]);
        prepared->unit = i == 0 || unit == prepared->unit ? unit : NULL;
        prepared->loose = prepared->loose || unit != home;
        if (!prepared->unit && prepared->loose)
            break;
    }
}

static const Prepared *prepared_of(const Module *module, NameEntry *entry) {
    if (!entry->prepared) {
        entry->prepared = new (module->arena, Prepared, 1);
        prepare(module, entry->prepared, entry->first, scope_unit(entry->scope));
    }
    return entry->prepared;
}

typedef struct Gathering {
    const Module *module;
    const Prepared *prepared;
    Node use;
    bool stand_ins; /* count too */
} Gathering;

static bool counts(const Gathering *g, const Binding *binding) {
    return g->stand_ins || !stands_in(g->module, g->prepared, binding, g->use);
}

/* Puts bindings of the use's own unit into the query, those nearest to the use. */
static void set_window(const Gathering *g, ReachQuery *query, const Scope *unit) {
    const Prepared *p = g->prepared;
    const Scope *const *at = (const Scope *const *)g->module->scope_at;
    const Binding *before[REACH_BITS - REACH_BITS_BEHIND];
    ptrdiff_t split = prepared_from(p, g->use), i = split - 1;
    int n = 0;
    for (; i >= 0 && n < (int)COUNT(before); i--)
        if ((p->unit || scope_unit(at[p->v[i]->at]) == unit) && counts(g, p->v[i]))
            before[n++] = p->v[i];
    query->cut_before = i >= 0;
    while (n > 0)
        query->own[query->n++] = before[--n];
    for (i = split; i < p->n && query->n < REACH_BITS; i++)
        if ((p->unit || scope_unit(at[p->v[i]->at]) == unit) && counts(g, p->v[i]))
            query->own[query->n++] = p->v[i];
    query->cut_behind = i < p->n;
}

static void gather(const Module *module, NameEntry *entry, Node use, bool stand_ins,
                   Candidates *c) {
    const Scope *unit = scope_unit(module->scope_at[use]);
    const Prepared *prepared = prepared_of(module, entry);
    Gathering g = {module, prepared, use, stand_ins};
    c->own = (ReachQuery){.module = module, .tree = module->tree, .scope = entry->scope};
    c->others.n = 0;
    c->loose = entry->attribute || prepared->loose;
    c->at_home = !entry->attribute && unit == scope_unit(entry->scope);
    /* An attribute may also have its value from the class body. */
    const NameEntry *body = entry->attribute ? names_find(entry->scope->names, entry->name) : NULL;
    for (const Binding *b = body ? body->first : NULL; b && c->others.n < MOST_OTHERS; b = b->next)
        if (b->kind != BIND_ANNOTATION && !is_none(module, b))
            c->others.v[c->others.n++] = b;
    bool all_own = prepared->unit == unit;
    c->many = !all_own && prepared->n + c->others.n > MOST_OTHERS;
    if (c->many)
        return;
    if (all_own || !prepared->unit)
        set_window(&g, &c->own, unit);
    for (ptrdiff_t i = 0; !all_own && i < prepared->n; i++)
        if (scope_unit(module->scope_at[prepared->v[i]->at]) != unit &&
            counts(&g, prepared->v[i]) &&
            (prepared->n == 1 || binding_is_alive(module, entry, prepared->v[i], use)))
            c->others.v[c->others.n++] = prepared->v[i];
}

/* ---- choosing ---- */

/* The one binding of the list, or the last of imports that all bring the same thing. */
static const Binding *only_one(const Chosen *list) {
    if (!list->n)
        return NULL;
    const Binding *last = list->v[list->n - 1];
    for (ptrdiff_t i = 0; i + 1 < list->n; i++)
        if (last->kind != BIND_IMPORT || list->v[i]->kind != BIND_IMPORT ||
            !str_eq(list->v[i]->qualified, last->qualified))
            return NULL;
    return last->kind == BIND_DELETE ? NULL : last;
}

static const Binding *choose(const Module *module, bool loose, Chosen *list) {
    const Binding *one = only_one(list);
    if (one || !loose)
        return one;
    ptrdiff_t n = list->n;
    list->n = 0;
    for (ptrdiff_t i = 0; i < n; i++)
        if (!is_none(module, list->v[i]))
            list->v[list->n++] = list->v[i];
    return only_one(list);
}

static void add_own(const Candidates *c, uint64_t bits, Chosen *list) {
    for (int i = 0; i < c->own.n; i++)
        if (bits >> i & 1)
            list->v[list->n++] = c->own.own[i];
}

static void add_others(const Candidates *c, Chosen *list) {
    for (ptrdiff_t i = 0; i < c->others.n; i++)
        list->v[list->n++] = c->others.v[i];
}

static bool is_one_place(const NameEntry *entry) {
    return entry->scope->kind == SCOPE_COMPREHENSION || entry->scope->kind == SCOPE_TYPE_PARAMETERS;
}

static const Binding *find_reaching(const Module *module, NameEntry *entry, Node use) {
    if (is_one_place(entry))
        return entry->first->next ? NULL : entry->first;
    Candidates c;
    gather(module, entry, use, false, &c);
    Reach reach = reach_of(&c.own, use);
    if (c.many || reach.lost)
        return NULL;
    Chosen list = {.n = 0};
    if (!reach.open && !c.at_home) {
        add_own(&c, reach.own, &list);
        const Binding *one = choose(module, c.loose, &list);
        if (!one || !is_none(module, one) || !c.others.n)
            return one;
        list.n = 0;
    }
    /* At home the flow is known; elsewhere the function may run again after its own stores. */
    bool all = c.others.n && !c.at_home;
    if (all && (c.own.cut_before || c.own.cut_behind))
        return NULL;
    add_own(&c, all ? ~UINT64_C(0) : reach.own, &list);
    add_others(&c, &list);
    return choose(module, c.loose, &list);
}

static const Binding *binding_of_target(const Module *module, NameEntry *entry, Node target) {
    const Prepared *prepared = prepared_of(module, entry);
    ptrdiff_t i = prepared_from(prepared, target);
    if (i < prepared->n && prepared->v[i]->at == target)
        return prepared->v[i];
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
        const Binding *found = is_target(module, use) ? binding_of_target(module, entry, use)
                                                      : find_reaching(module, entry, use);
        *slot = (void *)(found ? found : &unknown);
    }
    return *slot == &unknown ? NULL : *slot;
}

/* ---- other questions ---- */

static bool is_among(const Chosen *list, const Binding *binding) {
    for (ptrdiff_t i = 0; i < list->n; i++)
        if (list->v[i] == binding)
            return true;
    return false;
}

static bool is_binding_of(const Module *module, NameEntry *entry, const Candidates *c,
                          const Binding *binding) {
    if (is_among(&c->others, binding))
        return true;
    const Prepared *prepared = prepared_of(module, entry);
    ptrdiff_t i = prepared_from(prepared, binding->at);
    return i < prepared->n && prepared->v[i] == binding;
}

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
    bool known = is_binding_of(module, entry, &c, binding);
    if (!known || c.many || is_one_place(entry))
        return known;
    Reach reach = reach_of(&c.own, use);
    for (int i = 0; i < c.own.n; i++)
        if (c.own.own[i] == binding)
            return reach.own >> i & 1 || reach.lost || (c.loose && reach.open);
    /* One of the use's own unit that lies outside of the window. */
    if (scope_unit(module->scope_at[binding->at]) == scope_unit(module->scope_at[use]))
        return reach.open || reach.lost;
    return (reach.open || c.at_home) && is_among(&c.others, binding);
}

/* What reaches a use, as a set; a target is reached by its own binding. False: not known. */
static bool reaching_set(const Module *module, NameEntry *entry, Node use, Chosen *list) {
    list->n = 0;
    if (is_target(module, use)) {
        list->v[list->n++] = binding_of_target(module, entry, use);
        return true;
    }
    Candidates c;
    gather(module, entry, use, true, &c);
    Reach reach = reach_of(&c.own, use);
    add_own(&c, reach.own, list);
    if (reach.open || c.at_home)
        add_others(&c, list);
    return !c.many && !reach.lost;
}

static bool same_reaching(const Module *module, NameEntry *entry, Node a, Node b) {
    if (is_one_place(entry))
        return true;
    if (scope_unit(module->scope_at[a]) != scope_unit(module->scope_at[b])) {
        const Binding *one = binding_reaching(module, a);
        return one && one == binding_reaching(module, b);
    }
    Chosen of_a, of_b;
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
    for (;;) {
        a = strip_parentheses(module, a);
        b = strip_parentheses(module, b);
        if (same_receiver(module, a, b))
            return true;
        NameEntry *entry = expression_resolve(module, a);
        if (entry != expression_resolve(module, b) || node_kind(tree, a) != node_kind(tree, b))
            return false;
        if (entry)
            return same_reaching(module, entry, a, b);
        bool attribute = node_kind(tree, a) == NODE_ATTRIBUTE;
        if (!attribute && node_kind(tree, a) != NODE_IDENTIFIER)
            return false;
        Node name_of_a = attribute ? node_field(tree, a, FIELD_ATTRIBUTE) : a;
        Node name_of_b = attribute ? node_field(tree, b, FIELD_ATTRIBUTE) : b;
        if (!str_eq(module_text(module, name_of_a), module_text(module, name_of_b)))
            return false;
        if (!attribute)
            return true;
        a = node_field(tree, a, FIELD_OBJECT);
        b = node_field(tree, b, FIELD_OBJECT);
    }
}
