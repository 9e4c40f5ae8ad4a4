/* What the file's own functions are to its calls: one step, as in local.c. A call reaches a
 * function or a few (the branches of an `if`); a function has callers, of which it is known whether
 * they are all. */
#include "python/local.h"

#include "python/cache.h"
#include "python/local_private.h"

enum { DEPTH_LIMIT = 12, ATTRIBUTE_LIMIT = 4096 };

static const char callers_key = 0, returns_key = 0;

/* ---- calls to functions ---- */

static void callees_add(Callees *callees, Node function, int bound) {
    if (callees->n < COUNT(callees->v))
        callees->v[callees->n++] = (Callee){function, bound};
}

static void add_init(const Module *module, Callees *callees, Node class_definition) {
    callees->class_definition = class_definition;
    const Binding *b = class_binding(module, class_definition, S("__init__"));
    if (b && b->kind == BIND_FUNCTION)
        callees_add(callees, definition_of(module, b->statement), 1);
}

static void add_method(const Module *module, Callees *callees, Node attribute) {
    const Tree *tree = module->tree;
    bool is_class = false;
    Node object = node_field(tree, attribute, FIELD_OBJECT);
    Node class_definition = object_class(module, object, &is_class);
    Str name = node_text(tree, node_field(tree, attribute, FIELD_ATTRIBUTE));
    const Binding *b = class_binding(module, class_definition, name);
    for (; b && b->kind == BIND_FUNCTION; b = b->next) {
        Node function = definition_of(module, b->statement);
        bool free = has_decorator(module, function, S("staticmethod")) ||
                    (is_class && !has_decorator(module, function, S("classmethod")));
        callees_add(callees, function, free ? 0 : 1);
    }
}

static void add_binding(const Module *module, Callees *callees, const Binding *b, int depth);

static void add_callees(const Module *module, Callees *callees, Node callee, int depth) {
    const Tree *tree = module->tree;
    callee = strip_parentheses(module, callee);
    Kind kind = node_kind(tree, callee);
    if (kind == NODE_LAMBDA)
        callees_add(callees, callee, 0);
    if (kind == NODE_ATTRIBUTE)
        add_method(module, callees, callee);
    if ((kind != NODE_IDENTIFIER && kind != NODE_ATTRIBUTE) || callees->n || !depth)
        return;
    const Binding *b = binding_reaching(module, callee);
    if (b) {
        add_binding(module, callees, b, depth - 1);
        return;
    }
    /* Several definitions, in the branches of an `if`: each may be meant. */
    for (b = name_bindings(module, callee); b; b = b->next)
        if (b->kind == BIND_FUNCTION)
            callees_add(callees, definition_of(module, b->statement), 0);
}

static void add_binding(const Module *module, Callees *callees, const Binding *b, int depth) {
    if (b->kind == BIND_FUNCTION)
        callees_add(callees, definition_of(module, b->statement), 0);
    else if (b->kind == BIND_CLASS)
        add_init(module, callees, definition_of(module, b->statement));
    else if (b->kind == BIND_ASSIGN && b->value)
        add_callees(module, callees, b->value, depth);
}

Callees callees_of(const Module *module, Node callee) {
    Callees callees = {0};
    add_callees(module, &callees, callee, DEPTH_LIMIT);
    return callees;
}

/* ---- callers ---- */

typedef struct CallerList {
    const Module *module;
    List(Node) calls;
    bool elsewhere;
} CallerList;

/* A place where the function's name is read: a call of it, or a way out of sight. */
static void add_reference(CallerList *list, Node reference) {
    const Tree *tree = list->module->tree;
    Node parent = node_parent(tree, reference);
    if (node_kind(tree, parent) == NODE_CALL &&
        node_field(tree, parent, FIELD_FUNCTION) == reference)
        *list_push(list->module->arena, &list->calls) = parent;
    else if (node_kind(tree, parent) != NODE_DECORATOR &&
             node_kind(tree, parent) != NODE_EXPRESSION_STATEMENT)
        list->elsewhere = true;
}

/* Of a class only the calls count: annotations and isinstance() hand no object on. */
static void add_name_references(CallerList *list, Node definition) {
    bool elsewhere = list->elsewhere;
    const Binding *b = definition_binding(list->module, definition);
    ptrdiff_t n = 0;
    const Node *uses = b ? binding_uses(list->module, b, &n) : NULL;
    for (ptrdiff_t i = 0; i < n; i++)
        if (binding_may_reach(list->module, b, uses[i]))
            add_reference(list, uses[i]);
    if (node_kind(list->module->tree, definition) == NODE_CLASS_DEFINITION)
        list->elsewhere = elsewhere;
}

static void add_method_references(CallerList *list, Node owner, Node function, bool property) {
    const Module *module = list->module;
    const Tree *tree = module->tree;
    Str name = node_text(tree, node_field(tree, function, FIELD_NAME));
    Nodes reads = attributes_named(module, name);
    list->elsewhere |= reads.n > ATTRIBUTE_LIMIT;
    for (ptrdiff_t i = 0; i < reads.n && i < ATTRIBUTE_LIMIT; i++) {
        Node object = node_field(tree, reads.v[i], FIELD_OBJECT);
        Node class_definition = object_class(module, object, NULL);
        if (!class_is_below(module, class_definition, owner) &&
            !class_is_below(module, owner, class_definition))
            continue;
        if (property)
            *list_push(module->arena, &list->calls) = reads.v[i];
        else
            add_reference(list, reads.v[i]);
    }
}

/* A lambda has a name when it is assigned to one; else it is handed on where it stands. */
static void add_lambda_references(CallerList *list, Node lambda) {
    const Tree *tree = list->module->tree;
    Node assignment = node_parent(tree, lambda);
    const Binding *b = node_kind(tree, assignment) == NODE_ASSIGNMENT
                           ? binding_at(list->module, node_field(tree, assignment, FIELD_LEFT))
                           : NULL;
    ptrdiff_t n = 0;
    const Node *uses = b ? binding_uses(list->module, b, &n) : NULL;
    list->elsewhere |= !b;
    for (ptrdiff_t i = 0; i < n; i++)
        if (binding_may_reach(list->module, b, uses[i]))
            add_reference(list, uses[i]);
}

const Callers *callers_of(const Module *module, Node function) {
    void **slot = cache_slot(module, &callers_key, function);
    if (*slot)
        return *slot;
    Callers *answer = new (module->arena, Callers, 1);
    *slot = answer;
    CallerList list = {.module = module};
    Node owner = method_class(module, function);
    answer->property = has_decorator(module, function, S("property")) ||
                       has_decorator(module, function, S("cached_property"));
    Str name = node_text(module->tree, node_field(module->tree, function, FIELD_NAME));
    if (node_kind(module->tree, function) != NODE_FUNCTION_DEFINITION) {
        add_lambda_references(&list, function);
    } else if (owner) {
        add_method_references(&list, owner, function, answer->property);
        if (str_eq(name, S("__init__"))) {
            add_name_references(&list, owner);
            Nodes derived = derived_classes(module);
            for (ptrdiff_t i = 0; i < derived.n; i++)
                if (derived.v[i] != owner && class_is_below(module, derived.v[i], owner) &&
                    !scope_bindings(module, inner_scope(module, derived.v[i]), name))
                    add_name_references(&list, derived.v[i]);
        }
    } else {
        add_name_references(&list, function);
    }
    answer->calls = list.calls.v;
    answer->n = list.calls.n;
    answer->elsewhere = list.elsewhere || !decorators_keep_calls(module, function);
    return answer;
}

/* ---- parameters ---- */

Node parameter_name(const Tree *tree, Node parameter, ParameterKind *kind) {
    ParameterKind unused;
    kind = kind ? kind : &unused;
    *kind = PARAMETER_PLAIN;
    Node name = node_field(tree, parameter, FIELD_NAME);
    for (Node n = name ? name : parameter;; n = node_child_named(tree, n)) {
        switch ((int)node_kind(tree, n)) {
        case NODE_IDENTIFIER:
            return n;
        case NODE_LIST_SPLAT_PATTERN:
        case NODE_KEYWORD_SEPARATOR:
            *kind = PARAMETER_REST;
            break;
        case NODE_DICTIONARY_SPLAT_PATTERN:
            *kind = PARAMETER_KEYWORDS;
            break;
        case NODE_TYPED_PARAMETER:
            break;
        default:
            return 0;
        }
    }
}

static Binding *parameter_binding(const Module *module, Node function, Node identifier) {
    Scope *scope = inner_scope(module, function);
    Binding *b = scope_bindings(module, scope, node_text(module->tree, identifier));
    for (; b; b = b->next)
        if (b->at == identifier && b->kind == BIND_PARAMETER)
            return b;
    return NULL;
}

/* Position of a direct argument among the positional ones; -1 behind a splat. */
static int argument_position(const Tree *tree, Node list, Node argument) {
    int position = 0;
    for (Node n = node_child_named(tree, list); n && n != argument; n = node_next_named(tree, n)) {
        Kind kind = node_kind(tree, n);
        if (kind == NODE_LIST_SPLAT)
            return -1;
        position += kind != NODE_KEYWORD_ARGUMENT && kind != NODE_DICTIONARY_SPLAT;
    }
    return position;
}

Binding *parameter_of(const Module *module, Callee callee, Node list, Node argument) {
    const Tree *tree = module->tree;
    Kind kind = node_kind(tree, argument);
    if (kind == NODE_LIST_SPLAT || kind == NODE_DICTIONARY_SPLAT)
        return NULL;
    Str keyword = {0};
    int position = -1;
    if (kind == NODE_KEYWORD_ARGUMENT)
        keyword = node_text(tree, node_field(tree, argument, FIELD_NAME));
    else if ((position = argument_position(tree, list, argument)) < 0)
        return NULL;
    else
        position += callee.bound;
    Node parameters = node_field(tree, callee.function, FIELD_PARAMETERS);
    for (Node n = node_child_named(tree, parameters); n; n = node_next_named(tree, n)) {
        ParameterKind what;
        Node name = parameter_name(tree, n, &what);
        if (what == PARAMETER_REST && position >= 0)
            return NULL;
        if (what != PARAMETER_PLAIN || !name)
            continue;
        if (position == 0 || (keyword.n && str_eq(keyword, node_text(tree, name))))
            return parameter_binding(module, callee.function, name);
        position -= position >= 0;
    }
    return NULL;
}

/* Position that a positional argument must have to fill the parameter; -1 when only a keyword can,
 * or when it is `*args` or `**kwargs` itself. */
static int parameter_position(const Module *module, const Binding *parameter) {
    const Tree *tree = module->tree;
    Node parameters = node_field(tree, parameter->scope->node, FIELD_PARAMETERS);
    int position = 0;
    for (Node n = node_child_named(tree, parameters); n; n = node_next_named(tree, n)) {
        ParameterKind what;
        Node name = parameter_name(tree, n, &what);
        if (what != PARAMETER_PLAIN)
            return -1;
        if (name == parameter->at)
            return position;
        position += name != 0;
    }
    return -1;
}

Node argument_for(const Module *module, const Binding *parameter, int bound, Node call,
                  bool *sure) {
    const Tree *tree = module->tree;
    Node list = node_field(tree, call, FIELD_ARGUMENTS);
    Kind around = node_kind(tree, node_parent(tree, parameter->at));
    int position = parameter_position(module, parameter);
    Node found = 0;
    bool splat = false;
    if (around == NODE_LIST_SPLAT_PATTERN || around == NODE_DICTIONARY_SPLAT_PATTERN) {
        *sure = false;
        return 0;
    }
    position = position < bound ? -1 : position - bound;
    if (node_kind(tree, list) != NODE_ARGUMENT_LIST) {
        *sure = position != 0;
        return position ? 0 : list;
    }
    for (Node n = node_child_named(tree, list); n; n = node_next_named(tree, n)) {
        Kind kind = node_kind(tree, n);
        if (kind == NODE_KEYWORD_ARGUMENT) {
            if (str_eq(node_text(tree, node_field(tree, n, FIELD_NAME)), parameter->name))
                found = node_field(tree, n, FIELD_VALUE);
        } else if (kind == NODE_LIST_SPLAT || kind == NODE_DICTIONARY_SPLAT) {
            splat = true;
        } else if (!splat && position-- == 0) {
            found = n;
        }
    }
    if (!found && splat)
        *sure = false;
    return found;
}

Nodes returned_values(const Module *module, Node function, bool *yields) {
    const Tree *tree = module->tree;
    typedef struct Returned {
        Nodes values;
        bool yields;
    } Returned;
    void **slot = cache_slot(module, &returns_key, function);
    if (!*slot) {
        List(Node) values = {0};
        Returned *answer = new (module->arena, Returned, 1);
        *slot = answer;
        Node body = node_field(tree, function, FIELD_BODY);
        if (node_kind(tree, function) == NODE_LAMBDA)
            *list_push(module->arena, &values) = body;
        Node past = body && !values.n ? tree->rows[body].past : 0;
        for (Node n = body; n < past; n++) {
            Kind kind = node_kind(tree, n);
            if (kind == NODE_FUNCTION_DEFINITION || kind == NODE_LAMBDA) {
                n = tree->rows[n].past - 1;
                continue;
            }
            answer->yields |= kind == NODE_YIELD;
            Node value = kind == NODE_RETURN_STATEMENT ? node_child_named(tree, n) : 0;
            if (value)
                *list_push(module->arena, &values) = value;
        }
        answer->values = (Nodes){values.v, values.n};
    }
    const Returned *answer = *slot;
    *yields = answer->yields;
    return answer->values;
}
