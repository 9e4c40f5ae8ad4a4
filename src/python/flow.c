/* Where a value goes inside the file.
 *
 * A worklist of carriers: expressions that are the value. Each is looked at once, by what its
 * parent does with it: hand it on (assignments, `return`, arguments of functions of the file, …),
 * which makes more carriers, or use it, which is written down. A carrier may be one element of a
 * tuple until it is unpacked. Beyond the limit of steps, or through what is not followed, the value
 * counts as escaped, so that "there is no other use" is never said without having looked. */
#include "python/flow_private.h"

#include <stdlib.h>

#include "python/cache.h"
#include "python/options.h"

enum { ELEMENTS_LIMIT = 1000 };

typedef struct Flow {
    const Module *module;
    const Tree *tree;
    PassThrough *passes;
    Worklist work;
    List(Use) uses;
    List(const Binding *) bindings;
} Flow;

/* The answers for one expression, by the pass-through methods. */
typedef struct KeptUses {
    PassThrough *passes;
    Uses uses;
    struct KeptUses *next;
} KeptUses;

static const char uses_key = 0, budget_key = 0;

/* ---- worklist ---- */

/* What is left to the module's questions. */
static int64_t *budget_of(const Module *module) {
    void **slot = cache_slot(module, &budget_key, 0);
    if (!*slot) {
        int64_t *budget = new (module->arena, int64_t, 1);
        *budget = 50000 + 10 * (int64_t)module->tree->n;
        *slot = budget;
    }
    return *slot;
}

Worklist worklist_start(const Module *module) {
    int64_t left = *budget_of(module);
    int limit = left > FLOW_STEPS_LIMIT  ? FLOW_STEPS_LIMIT
                : left > FLOW_STEPS_NEAR ? (int)left
                                         : FLOW_STEPS_NEAR;
    return (Worklist){.arena = module->arena, .limit = limit};
}

void worklist_finish(const Module *module, const Worklist *work) {
    *budget_of(module) -= work->steps;
}

bool worklist_step(Worklist *work) {
    return work->steps <= work->limit && ++work->steps <= work->limit;
}

bool worklist_is_cut(const Worklist *work) {
    return work->steps > work->limit;
}

static bool seen_add(Worklist *work, uint64_t key) {
    uint64_t mask = (uint64_t)work->capacity - 1;
    uint64_t i = (key * 0x9E3779B97F4A7C15u >> 20) & mask;
    for (; work->seen[i]; i = (i + 1) & mask)
        if (work->seen[i] == key)
            return false;
    work->seen[i] = key;
    return true;
}

void worklist_add(Worklist *work, Node node, int index) {
    if (!node)
        return;
    if (2 * work->list.n >= work->capacity) {
        work->capacity = work->capacity ? 2 * work->capacity : 32;
        work->seen = new (work->arena, uint64_t, work->capacity);
        for (ptrdiff_t i = 0; i < work->list.n; i++) {
            Carrier c = work->list.v[i];
            seen_add(work, (uint64_t)c.node << 32 | (uint32_t)(c.index + 2));
        }
    }
    if (seen_add(work, (uint64_t)node << 32 | (uint32_t)(index + 2)))
        *list_push(work->arena, &work->list) = (Carrier){node, index};
}

bool worklist_next(Worklist *work, Carrier *carrier) {
    if (work->done == work->list.n || !worklist_step(work))
        return false;
    *carrier = work->list.v[work->done++];
    return true;
}

int subscript_index(const Module *module, Node subscript) {
    const Tree *tree = module->tree;
    Node key = node_field(tree, subscript, FIELD_SUBSCRIPT);
    double number;
    if (node_next_field(tree, key) || node_kind(tree, key) != NODE_INTEGER ||
        !value_number(module, key, &number) || number > 1000)
        return -1;
    return (int)number;
}

Node element_at(const Tree *tree, Node list, int index) {
    for (Node n = node_child_named(tree, list); n; n = node_next_named(tree, n), index--) {
        Kind kind = node_kind(tree, n);
        if (kind == NODE_LIST_SPLAT || kind == NODE_LIST_SPLAT_PATTERN)
            return 0;
        if (index == 0)
            return n;
    }
    return 0;
}

/* Position of a child among the elements; -1 behind a splat, or very far behind. */
static int element_index(const Tree *tree, Node list, Node element) {
    int index = 0;
    for (Node n = node_child_named(tree, list); n && n != element; n = node_next_named(tree, n)) {
        if (node_kind(tree, n) == NODE_LIST_SPLAT || index > ELEMENTS_LIMIT)
            return -1;
        index++;
    }
    return index;
}

/* ---- writing down ---- */

static void add_use(Flow *flow, UseKind kind, Node value, Node node) {
    *list_push(flow->module->arena, &flow->uses) =
        (Use){.kind = kind, .value = value, .node = node};
}

static void escape(Flow *flow, Carrier c) {
    add_use(flow, USE_ESCAPED, c.node, node_parent(flow->tree, c.node));
}

/* An element of a tuple is not touched by a use of the tuple, except when that goes out of
 * sight. */
static void read_only(Flow *flow, Carrier c) {
    if (c.index == FLOW_WHOLE)
        add_use(flow, USE_OTHER, c.node, node_parent(flow->tree, c.node));
}

/* ---- names ---- */

/* Reads of an attribute of a class through whatever is an object of it, or of one above or below.
 * What is read through self is left to the bindings when these have it (`stored`). */
static void follow_attribute(Flow *flow, Node owner, Str name, bool stored, int index) {
    const Tree *tree = flow->tree;
    Nodes all = attributes_named(flow->module, name);
    for (ptrdiff_t i = 0; i < all.n; i++) {
        if (!worklist_step(&flow->work))
            return;
        Node parent = node_parent(tree, all.v[i]);
        if (node_kind(tree, parent) == NODE_ASSIGNMENT &&
            node_field(tree, parent, FIELD_LEFT) == all.v[i])
            continue;
        Node object = node_field(tree, all.v[i], FIELD_OBJECT);
        Node class_definition = object_class(flow->module, object, NULL);
        bool related = class_is_below(flow->module, class_definition, owner) ||
                       class_is_below(flow->module, owner, class_definition);
        bool known = stored && class_definition == owner && name_bindings(flow->module, all.v[i]);
        if (related && !known)
            worklist_add(&flow->work, all.v[i], index);
    }
}

/* "model" of "self.model". */
static Str last_name(Str name) {
    return str_slice(name, str_rfind_byte(name, '.') + 1, name.n);
}

static void follow_binding(Flow *flow, const Binding *binding, int index) {
    ptrdiff_t n = 0;
    const Node *uses = binding_uses(flow->module, binding, &n);
    *list_push(flow->module->arena, &flow->bindings) = binding;
    for (ptrdiff_t i = 0; i < n && worklist_step(&flow->work); i++)
        if (binding_may_reach(flow->module, binding, uses[i]))
            worklist_add(&flow->work, uses[i], index);
    bool stored = node_kind(flow->tree, binding->at) == NODE_ATTRIBUTE;
    if (stored || binding->scope->kind == SCOPE_CLASS)
        follow_attribute(flow, binding->scope->node, last_name(binding->name), stored, index);
}

/* The value (or an element of it) is assigned to a target. */
static void bind(Flow *flow, Carrier c, Node target) {
    const Tree *tree = flow->tree;
    target = strip_parentheses(flow->module, target);
    Kind kind = node_kind(tree, target);
    if (kind == NODE_PATTERN_LIST || kind == NODE_TUPLE_PATTERN || kind == NODE_LIST_PATTERN) {
        Node element = c.index == FLOW_WHOLE ? 0 : element_at(tree, target, c.index);
        if (c.index == FLOW_WHOLE)
            add_use(flow, USE_ITERATED, c.node, node_parent(tree, c.node));
        else if (element)
            bind(flow, (Carrier){c.node, FLOW_WHOLE}, element);
        else
            escape(flow, c);
        return;
    }
    const Binding *binding = binding_at(flow->module, target);
    if (binding)
        follow_binding(flow, binding, c.index);
    else
        escape(flow, c);
}

/* ---- functions ---- */

static void follow_return(Flow *flow, Carrier c, Node function, Node statement) {
    if (!function) {
        escape(flow, c);
        return;
    }
    const Callers *callers = callers_of(flow->module, function);
    for (ptrdiff_t i = 0; i < callers->n; i++)
        worklist_add(&flow->work, callers->calls[i], c.index);
    if (callers->elsewhere)
        add_use(flow, USE_ESCAPED, c.node, statement);
    else if (!callers->n)
        add_use(flow, USE_RETURNED, c.node, statement);
}

static bool is_container(const Module *module, Node call) {
    static const Str containers[] = {S("dict"), S("list"), S("tuple"), S("set"), S("frozenset")};
    Node function = call_function(module, call);
    if (node_kind(module->tree, function) != NODE_IDENTIFIER || name_bindings(module, function))
        return false;
    Str name = node_text(module->tree, function);
    for (ptrdiff_t i = 0; i < COUNT(containers); i++)
        if (str_eq(name, containers[i]))
            return true;
    return false;
}

static bool is_cast(const Module *module, Node call) {
    return str_eq(call_last_name(module, call), S("cast")) &&
           str_eq(qualified_name(module, call_function(module, call)), S("typing.cast"));
}

/* The value is an argument: followed into functions of the file, else written down. */
static void follow_argument(Flow *flow, Carrier c, Node argument, Node call) {
    const Tree *tree = flow->tree;
    Node list = node_field(tree, call, FIELD_ARGUMENTS);
    if (c.index != FLOW_WHOLE || is_container(flow->module, call)) {
        escape(flow, c);
        return;
    }
    if (is_cast(flow->module, call)) {
        worklist_add(&flow->work, call, c.index);
        return;
    }
    Callees callees = callees_of(flow->module, call_function(flow->module, call));
    for (int i = 0; i < callees.n; i++) {
        const Binding *parameter = parameter_of(flow->module, callees.v[i], list, argument);
        if (parameter)
            follow_binding(flow, parameter, c.index);
        else
            escape(flow, c);
    }
    if (callees.n)
        return;
    if (callees.class_definition) {
        Node name = node_field(tree, argument, FIELD_NAME);
        if (node_kind(tree, argument) == NODE_KEYWORD_ARGUMENT &&
            class_has_fields(flow->module, callees.class_definition))
            follow_attribute(flow, callees.class_definition, node_text(tree, name), false, c.index);
        else
            escape(flow, c);
        return;
    }
    Use *use = list_push(flow->module->arena, &flow->uses);
    *use = (Use){.kind = USE_ARGUMENT, .value = c.node, .node = call, .argument = argument};
    if (node_kind(tree, argument) == NODE_KEYWORD_ARGUMENT)
        use->name = node_text(tree, node_field(tree, argument, FIELD_NAME));
}

/* f(**{"model": value}) gives the argument `model`. */
static void follow_pair(Flow *flow, Carrier c, Node pair) {
    const Tree *tree = flow->tree;
    Node splat = node_parent(tree, node_parent(tree, pair));
    Node call = node_parent(tree, node_parent(tree, splat));
    Str key;
    if (node_field(tree, pair, FIELD_KEY) == c.node) {
        read_only(flow, c);
    } else if (c.index == FLOW_WHOLE && node_kind(tree, splat) == NODE_DICTIONARY_SPLAT &&
               node_kind(tree, call) == NODE_CALL &&
               string_literal(flow->module, node_field(tree, pair, FIELD_KEY), &key)) {
        *list_push(flow->module->arena, &flow->uses) = (Use){
            .kind = USE_ARGUMENT, .value = c.node, .node = call, .argument = splat, .name = key};
    } else {
        escape(flow, c);
    }
}

/* ---- parents ---- */

static bool is_target(const Tree *tree, Node node) {
    Node parent = node_parent(tree, node);
    switch ((int)node_kind(tree, parent)) {
    case NODE_ASSIGNMENT:
    case NODE_AUGMENTED_ASSIGNMENT:
    case NODE_FOR_STATEMENT:
        return node_field(tree, parent, FIELD_LEFT) == node;
    case NODE_PATTERN_LIST:
    case NODE_TUPLE_PATTERN:
    case NODE_LIST_PATTERN:
        return true;
    default:
        return false;
    }
}

static void at_attribute(Flow *flow, Carrier c, Node attribute) {
    const Tree *tree = flow->tree;
    Node parent = node_parent(tree, attribute);
    if (c.index != FLOW_WHOLE)
        return;
    Str name = node_text(tree, node_field(tree, attribute, FIELD_ATTRIBUTE));
    UseKind kind = USE_ATTRIBUTE;
    Node node = attribute;
    if (node_kind(tree, parent) == NODE_CALL &&
        node_field(tree, parent, FIELD_FUNCTION) == attribute) {
        kind = USE_METHOD;
        node = parent;
        if (flow->passes && flow->passes(flow->module, name))
            worklist_add(&flow->work, parent, FLOW_WHOLE);
    } else if (is_target(tree, attribute)) {
        kind = USE_STORE;
        node = parent;
    }
    *list_push(flow->module->arena, &flow->uses) =
        (Use){.kind = kind, .value = c.node, .node = node, .name = name};
}

static void at_subscript(Flow *flow, Carrier c, Node subscript) {
    if (node_field(flow->tree, subscript, FIELD_VALUE) != c.node) {
        read_only(flow, c);
        return;
    }
    if (c.index == FLOW_WHOLE) {
        add_use(flow, USE_SUBSCRIPT, c.node, subscript);
        return;
    }
    int index = subscript_index(flow->module, subscript);
    if (index == c.index)
        worklist_add(&flow->work, subscript, FLOW_WHOLE);
    else if (index < 0)
        escape(flow, c);
}

static void at_assignment(Flow *flow, Carrier c, Node assignment) {
    const Tree *tree = flow->tree;
    if (node_field(tree, assignment, FIELD_RIGHT) != c.node) {
        read_only(flow, c);
        return;
    }
    bind(flow, c, node_field(tree, assignment, FIELD_LEFT));
    if (node_kind(tree, node_parent(tree, assignment)) == NODE_ASSIGNMENT)
        worklist_add(&flow->work, assignment, c.index);
}

/* Elements of a tuple: `return model, tok`, `a, b = model, tok`, `(model, tok)`. */
static void at_tuple(Flow *flow, Carrier c, Node tuple) {
    int index = c.index == FLOW_WHOLE ? element_index(flow->tree, tuple, c.node) : -1;
    if (index < 0)
        escape(flow, c); /* a tuple in a tuple, or behind a splat */
    else
        worklist_add(&flow->work, tuple, index);
}

static void at_call(Flow *flow, Carrier c, Node call) {
    if (node_field(flow->tree, call, FIELD_FUNCTION) == c.node && c.index == FLOW_WHOLE)
        add_use(flow, USE_CALLED, c.node, call);
    else
        escape(flow, c);
}

/* `with value as m`, and `case value as m`. */
static void at_as_pattern(Flow *flow, Carrier c, Node pattern) {
    Node target = node_child_named(flow->tree, node_field(flow->tree, pattern, FIELD_ALIAS));
    read_only(flow, c);
    bind(flow, c, target);
}

static void at_default(Flow *flow, Carrier c, Node parameter) {
    Node name = node_field(flow->tree, parameter, FIELD_NAME);
    Node function = node_ancestor(flow->tree, parameter, NODE_FUNCTION_DEFINITION);
    Scope *scope = function ? inner_scope(flow->module, function) : NULL;
    for (Binding *b = scope ? scope_bindings(flow->module, scope, node_text(flow->tree, name))
                            : NULL;
         b; b = b->next)
        if (b->at == name) {
            follow_binding(flow, b, c.index);
            return;
        }
    escape(flow, c);
}

static void at_operator(Flow *flow, Carrier c, Node parent) {
    const Tree *tree = flow->tree;
    bool last = node_field(tree, parent, FIELD_RIGHT) == c.node;
    if (last || node_is_token(tree, node_field(tree, parent, FIELD_OPERATOR), S("or")))
        worklist_add(&flow->work, parent, c.index);
    if (!last)
        read_only(flow, c);
}

static void at_conditional(Flow *flow, Carrier c, Node parent) {
    Node test = node_next_named(flow->tree, node_child_named(flow->tree, parent));
    if (test == c.node)
        read_only(flow, c);
    else
        worklist_add(&flow->work, parent, c.index);
}

static void look(Flow *flow, Carrier c) {
    const Tree *tree = flow->tree;
    Node parent = node_parent(tree, c.node);
    switch ((int)node_kind(tree, parent)) {
    case NODE_PARENTHESIZED_EXPRESSION:
    case NODE_AWAIT:
        worklist_add(&flow->work, parent, c.index);
        break;
    case NODE_NAMED_EXPRESSION:
        bind(flow, c, node_field(tree, parent, FIELD_NAME));
        worklist_add(&flow->work, parent, c.index);
        break;
    case NODE_CONDITIONAL_EXPRESSION:
        at_conditional(flow, c, parent);
        break;
    case NODE_BOOLEAN_OPERATOR:
        at_operator(flow, c, parent);
        break;
    case NODE_ASSIGNMENT:
        at_assignment(flow, c, parent);
        break;
    case NODE_TUPLE:
    case NODE_EXPRESSION_LIST:
        at_tuple(flow, c, parent);
        break;
    case NODE_RETURN_STATEMENT:
        follow_return(flow, c, function_of(flow->module, parent), parent);
        break;
    case NODE_LAMBDA:
        follow_return(flow, c, parent, parent);
        break;
    case NODE_CALL:
        at_call(flow, c, parent);
        break;
    case NODE_ARGUMENT_LIST:
        follow_argument(flow, c, c.node, node_parent(tree, parent));
        break;
    case NODE_KEYWORD_ARGUMENT:
        follow_argument(flow, c, parent, node_parent(tree, node_parent(tree, parent)));
        break;
    case NODE_LIST_SPLAT:
    case NODE_DICTIONARY_SPLAT:
        if (node_kind(tree, node_parent(tree, parent)) == NODE_ARGUMENT_LIST)
            follow_argument(flow, c, parent, node_parent(tree, node_parent(tree, parent)));
        else
            escape(flow, c);
        break;
    case NODE_PAIR:
        follow_pair(flow, c, parent);
        break;
    case NODE_ATTRIBUTE:
        at_attribute(flow, c, parent);
        break;
    case NODE_SUBSCRIPT:
        at_subscript(flow, c, parent);
        break;
    case NODE_FOR_STATEMENT:
    case NODE_FOR_IN_CLAUSE:
        if (c.index == FLOW_WHOLE)
            add_use(flow, USE_ITERATED, c.node, parent);
        else
            escape(flow, c);
        break;
    case NODE_AS_PATTERN:
        at_as_pattern(flow, c, parent);
        break;
    case NODE_DEFAULT_PARAMETER:
    case NODE_TYPED_DEFAULT_PARAMETER:
        at_default(flow, c, parent);
        break;
    case NODE_EXPRESSION_STATEMENT:
    case NODE_GLOBAL_STATEMENT:
    case NODE_NONLOCAL_STATEMENT:
    case NODE_TYPE:
        break;
    case NODE_COMPARISON_OPERATOR:
    case NODE_NOT_OPERATOR:
    case NODE_UNARY_OPERATOR:
    case NODE_BINARY_OPERATOR:
    case NODE_AUGMENTED_ASSIGNMENT:
    case NODE_INTERPOLATION:
    case NODE_IF_STATEMENT:
    case NODE_ELIF_CLAUSE:
    case NODE_IF_CLAUSE:
    case NODE_WHILE_STATEMENT:
    case NODE_ASSERT_STATEMENT:
    case NODE_DELETE_STATEMENT:
    case NODE_RAISE_STATEMENT:
    case NODE_MATCH_STATEMENT:
    case NODE_WITH_ITEM:
    case NODE_PRINT_STATEMENT:
        read_only(flow, c);
        break;
    default:
        escape(flow, c); /* containers, yield, a decorator, … */
        break;
    }
}

/* ---- the answer ---- */

static int compare_uses(const void *a, const void *b) {
    const Use *x = a, *y = b;
    if (x->value != y->value)
        return x->value < y->value ? -1 : 1;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return x->node < y->node ? -1 : x->node > y->node;
}

/* The same node can be reached as the value and as a tuple that holds it. */
static void sort_uses(Uses *uses) {
    ptrdiff_t kept = 0;
    if (uses->n)
        qsort(uses->v, (size_t)uses->n, sizeof *uses->v, compare_uses);
    for (ptrdiff_t i = 0; i < uses->n; i++)
        if (!kept || compare_uses(&uses->v[kept - 1], &uses->v[i]))
            uses->v[kept++] = uses->v[i];
    uses->n = kept;
}

const Uses *value_uses(const Module *module, Node expression, PassThrough *passes) {
    void **slot = cache_slot(module, &uses_key, expression);
    for (KeptUses *kept = *slot; kept; kept = kept->next)
        if (kept->passes == passes)
            return &kept->uses;
    Flow flow = {
        .module = module, .tree = module->tree, .passes = passes, .work = worklist_start(module)};
    Carrier carrier;
    worklist_add(&flow.work, expression, FLOW_WHOLE);
    while (worklist_next(&flow.work, &carrier))
        look(&flow, carrier);
    worklist_finish(module, &flow.work);
    if (worklist_is_cut(&flow.work))
        add_use(&flow, USE_ESCAPED, expression, node_parent(module->tree, expression));
    KeptUses *kept = new (module->arena, KeptUses, 1);
    *kept = (KeptUses){.passes = passes, .next = *slot};
    kept->uses = (Uses){flow.uses.v, flow.uses.n, flow.bindings.v, flow.bindings.n};
    sort_uses(&kept->uses);
    *slot = kept;
    return &kept->uses;
}
