/* Which values of a global a function can meet.
 *
 * A function reads a global when it runs, not where it is written: `model = A`, `model = B`,
 * `score()` never shows A to score. The moments at which it may run are the calls of its name in
 * the module's own code, the calls of functions that call it, and the end of the module, after
 * which others may call it. What is handed on (a decorator, an argument, a class with its methods,
 * a lambda) may run at any moment from there on. A binding counts when it reaches one of these
 * moments. Beyond the limits below every binding counts. */
#include "python/alive.h"

#include "base/list.h"
#include "python/cache.h"
#include "python/reach.h"

enum { MOST_MOMENTS = 64, MOST_DEPTH = 8 };

typedef struct Moments {
    Node at[MOST_MOMENTS];
    int n;
    Node from; /* from here on it may run at any moment; 0: it is not handed on */
    bool any;  /* not known, or too many */
} Moments;

/* What one name's bindings are to one definition. */
typedef struct Alive {
    const NameEntry *entry;
    const Binding *own[REACH_BITS];
    int n;
    uint64_t bits;
    bool all;
    struct Alive *next;
} Alive;

/* The outermost function, lambda or class that the node stands in; 0: the module's own code. */
static Node outermost(const Module *module, Node node) {
    const Tree *tree = module->tree;
    Node found = 0;
    for (Node child = node, up; (up = node_parent(tree, child)); child = up) {
        Kind kind = node_kind(tree, up);
        /* Decorators lie outside; so do defaults, but these are no mention that counts. */
        if (kind == NODE_FUNCTION_DEFINITION || kind == NODE_LAMBDA ||
            kind == NODE_CLASS_DEFINITION)
            found = up;
    }
    return found;
}

static void hand_on(Moments *moments, Node from) {
    if (!moments->from || from < moments->from)
        moments->from = from;
}

static void add_moments(const Module *module, Node definition, bool held, int depth,
                        Moments *moments);

/* The name of the definition is read at `use`. */
static void add_mention(const Module *module, Node definition, Node use, bool held, int depth,
                        Moments *moments) {
    const Tree *tree = module->tree;
    Node around = outermost(module, use);
    Node parent = node_parent(tree, use);
    bool called =
        node_kind(tree, parent) == NODE_CALL && node_field(tree, parent, FIELD_FUNCTION) == use;
    if (around == definition)
        return;
    if (around)
        add_moments(module, around, held || !called, depth + 1, moments);
    else if (held || !called)
        hand_on(moments, use);
    else if (moments->n < MOST_MOMENTS)
        moments->at[moments->n++] = use;
    else
        moments->any = true;
}

static void add_moments(const Module *module, Node definition, bool held, int depth,
                        Moments *moments) {
    const Tree *tree = module->tree;
    Kind kind = node_kind(tree, definition);
    Node name = node_field(tree, definition, FIELD_NAME);
    const Scope *home = module->scope_at[definition];
    if (depth > MOST_DEPTH || moments->any) {
        moments->any = true;
        return;
    }
    if (kind == NODE_LAMBDA || !name ||
        node_kind(tree, node_parent(tree, definition)) == NODE_DECORATED_DEFINITION) {
        hand_on(moments, definition);
        return;
    }
    while (home && home->node == definition)
        home = home->parent;
    const Binding *b = home ? scope_bindings(module, home, node_text(tree, name)) : NULL;
    ptrdiff_t n = 0;
    const Node *uses = b ? binding_uses(module, b, &n) : NULL;
    moments->any = moments->any || !b;
    for (ptrdiff_t i = 0; i < n && !moments->any; i++)
        add_mention(module, definition, uses[i], held || kind == NODE_CLASS_DEFINITION, depth,
                    moments);
}

static const Moments *moments_of(const Module *module, Node definition) {
    static const char owner = 0;
    void **slot = cache_slot(module, &owner, definition);
    if (!*slot) {
        Moments *moments = new (module->arena, Moments, 1);
        *slot = moments;
        add_moments(module, definition, false, 0, moments);
    }
    return *slot;
}

static uint64_t from_on(const ReachQuery *query, Node from) {
    uint64_t bits = 0;
    for (int i = 0; i < query->n; i++)
        if (query->own[i]->at > from)
            bits |= UINT64_C(1) << i;
    return bits;
}

static void weigh(const Module *module, const NameEntry *entry, Node definition, Alive *alive) {
    const Moments *moments = moments_of(module, definition);
    ReachQuery query = {.module = module, .tree = module->tree, .scope = entry->scope};
    alive->all = moments->any;
    for (const Binding *b = entry->first; b && !alive->all; b = b->next) {
        if (scope_unit(module->scope_at[b->at]) != scope_unit(entry->scope))
            continue;
        alive->all = query.n == REACH_BITS;
        if (!alive->all)
            alive->own[query.n] = query.own[query.n] = b, query.n++;
    }
    alive->n = query.n;
    if (alive->all)
        return;
    alive->bits = reach_at_end(&query, entry->scope->node).own;
    for (int i = 0; i < moments->n; i++)
        alive->bits |= reach_of(&query, moments->at[i]).own;
    if (moments->from)
        alive->bits |= reach_of(&query, moments->from).own | from_on(&query, moments->from);
}

bool binding_is_alive(const Module *module, const NameEntry *entry, const Binding *binding,
                      Node use) {
    static const char owner = 0;
    if (entry->attribute || entry->scope->kind != SCOPE_MODULE)
        return true;
    Node definition = outermost(module, use);
    if (!definition)
        return true;
    void **slot = cache_slot(module, &owner, definition);
    Alive *alive = *slot;
    while (alive && alive->entry != entry)
        alive = alive->next;
    if (!alive) {
        alive = new (module->arena, Alive, 1);
        *alive = (Alive){.entry = entry, .next = *slot};
        *slot = alive;
        weigh(module, entry, definition, alive);
    }
    for (int i = 0; i < alive->n; i++)
        if (alive->own[i] == binding)
            return alive->all || alive->bits >> i & 1;
    return true;
}
