/* What the file's own classes and functions are to its expressions.
 *
 * Everything here is one step: a name to the class it names, an object to its class, a call to the
 * function it reaches, a function to its callers. Walks over several steps are in flow.c and
 * origins.c. Where the file leaves more than one answer open the answer is none, except for
 * functions, of which a few (the branches of an `if`) are listed.
 *
 * Attributes are found by their last name in an index that is made once, because an object's class
 * can be asked for each of them, while a name's readers are all over the file. */
#include "python/local.h"

#include <string.h>

#include "python/cache.h"
#include "python/values.h"

enum { DEPTH_LIMIT = 12, ATTRIBUTE_LIMIT = 4096, FAMILY_LIMIT = 64, NESTING_LIMIT = 100 };

typedef struct NameIndex {
    Str name;
    List(Node) nodes;
    struct NameIndex *next; /* another name of the same hash */
} NameIndex;

typedef struct ObjectClass {
    Node class_definition;
    bool is_class;
} ObjectClass;

static const char index_key = 0, indexed_key = 0, object_key = 0, callers_key = 0, classes_key = 0,
                  returns_key = 0, family_key = 0, nesting_key = 0;

/* -------------------------------------------------------------------- definitions ------------ */

Node definition_of(const Module *module, Node statement) {
    if (node_kind(module->tree, statement) != NODE_DECORATED_DEFINITION)
        return statement;
    return node_field(module->tree, statement, FIELD_DEFINITION);
}

/* The definition with its decorators. */
static Node whole_definition(const Module *module, Node definition) {
    Node parent = node_parent(module->tree, definition);
    return node_kind(module->tree, parent) == NODE_DECORATED_DEFINITION ? parent : definition;
}

Node method_class(const Module *module, Node function) {
    const Tree *tree = module->tree;
    if (node_kind(tree, function) != NODE_FUNCTION_DEFINITION)
        return 0;
    Node owner = node_parent(tree, node_parent(tree, whole_definition(module, function)));
    return node_kind(tree, owner) == NODE_CLASS_DEFINITION ? owner : 0;
}

/* Last name of a decorator: "setter" of @model.setter, "fixture" of @pytest.fixture(scope=…). */
static Str decorator_name(const Module *module, Node decorator) {
    const Tree *tree = module->tree;
    Node expression = node_child_named(tree, decorator);
    if (node_kind(tree, expression) == NODE_CALL)
        expression = node_field(tree, expression, FIELD_FUNCTION);
    if (node_kind(tree, expression) == NODE_ATTRIBUTE)
        expression = node_field(tree, expression, FIELD_ATTRIBUTE);
    return node_text(tree, expression);
}

bool has_decorator(const Module *module, Node definition, Str name) {
    const Tree *tree = module->tree;
    Node whole = whole_definition(module, definition);
    if (whole == definition)
        return false;
    for (Node n = node_child_named(tree, whole); n; n = node_next_named(tree, n))
        if (node_kind(tree, n) == NODE_DECORATOR && str_eq(decorator_name(module, n), name))
            return true;
    return false;
}

/* Decorators that leave a function's calls to the file: the result is what it returns. */
static bool decorators_keep_calls(const Module *module, Node definition) {
    static const Str harmless[] = {
        S("property"),
        S("cached_property"),
        S("staticmethod"),
        S("classmethod"),
        S("lru_cache"),
        S("cache"),
        S("no_grad"),
        S("inference_mode"),
        S("abstractmethod"),
        S("override"),
        S("cache_resource"),
        S("experimental_singleton"),
        S("typechecked"),
        S("final"),
        S("contextmanager"),
        S("wraps"),
        S("jit"),
        S("record"),
        S("setter"),
    };
    const Tree *tree = module->tree;
    Node whole = whole_definition(module, definition);
    if (whole == definition)
        return true;
    for (Node n = node_child_named(tree, whole); n; n = node_next_named(tree, n)) {
        if (node_kind(tree, n) != NODE_DECORATOR)
            continue;
        Str name = decorator_name(module, n);
        bool known = false;
        for (ptrdiff_t i = 0; i < COUNT(harmless) && !known; i++)
            known = str_eq(name, harmless[i]);
        if (!known)
            return false;
    }
    return true;
}

Scope *inner_scope(const Module *module, Node definition) {
    Node body = node_field(module->tree, definition, FIELD_BODY);
    return body ? scope_of(module, body) : NULL;
}

Binding *binding_at(const Module *module, Node target) {
    for (Binding *b = name_bindings(module, target); b; b = b->next)
        if (b->at == target)
            return b;
    return NULL;
}

Binding *definition_binding(const Module *module, Node definition) {
    const Tree *tree = module->tree;
    Node name = node_field(tree, definition, FIELD_NAME);
    /* The scope around: that of the block, or of the decorated definition. */
    Scope *scope = scope_of(module, node_parent(tree, definition));
    for (Binding *b = scope_bindings(module, scope, node_text(tree, name)); b; b = b->next)
        if (b->at == name)
            return b;
    return NULL;
}

/* -------------------------------------------------------------------- nesting ---------------- */

static int *nesting_of(const Module *module) {
    void **slot = cache_slot(module, &nesting_key, 0);
    if (!*slot)
        *slot = new (module->arena, int, 1);
    return *slot;
}

bool nesting_enter(const Module *module) {
    return ++*nesting_of(module) <= NESTING_LIMIT;
}

void nesting_leave(const Module *module) {
    --*nesting_of(module);
}

/* -------------------------------------------------------------------- attributes ------------- */

static NameIndex *index_of(const Module *module, Str name) {
    void **slot = cache_slot(module, &index_key, str_hash(name));
    for (NameIndex *i = *slot; i; i = i->next)
        if (str_eq(i->name, name))
            return i;
    NameIndex *added = new (module->arena, NameIndex, 1);
    added->name = name;
    added->next = *slot;
    *slot = added;
    return added;
}

Nodes attributes_named(const Module *module, Str name) {
    const Tree *tree = module->tree;
    void **indexed = cache_slot(module, &indexed_key, 0);
    if (!*indexed) {
        *indexed = (void *)module;
        for (Node n = 1; n < tree->n; n++) {
            if (node_kind(tree, n) != NODE_ATTRIBUTE)
                continue;
            Str last = node_text(tree, node_field(tree, n, FIELD_ATTRIBUTE));
            *list_push(module->arena, &index_of(module, last)->nodes) = n;
        }
    }
    const NameIndex *i = index_of(module, name);
    return (Nodes){i->nodes.v, i->nodes.n};
}

/* -------------------------------------------------------------------- classes ---------------- */

/* Whether the identifier is the first parameter of a method: its class; `is_class` for `cls`. */
static Node self_class(const Module *module, Node identifier, bool *is_class) {
    const Tree *tree = module->tree;
    const Binding *b = name_bindings(module, identifier);
    if (!b || b->next || b->kind != BIND_PARAMETER || b->index != 0)
        return 0;
    Node function = node_ancestor(tree, b->at, NODE_FUNCTION_DEFINITION);
    if (b->scope->node != function || has_decorator(module, function, S("staticmethod")))
        return 0;
    *is_class = has_decorator(module, function, S("classmethod"));
    return method_class(module, function);
}

Node local_class(const Module *module, Node expression) {
    const Tree *tree = module->tree;
    for (int depth = 0; depth < DEPTH_LIMIT; depth++) {
        expression = strip_parentheses(module, expression);
        if (node_kind(tree, expression) != NODE_IDENTIFIER)
            return 0;
        const Binding *b = binding_reaching(module, expression);
        if (!b)
            return 0;
        if (b->kind == BIND_CLASS)
            return definition_of(module, b->statement);
        if (b->kind != BIND_ASSIGN || !b->value)
            return 0;
        expression = b->value;
    }
    return 0;
}

Node annotation_class(const Module *module, Node annotation) {
    const Tree *tree = module->tree;
    Node found = 0;
    if (!annotation)
        return 0;
    for (Node n = annotation; n < tree->rows[annotation].past; n++) {
        Kind kind = node_kind(tree, n);
        if (kind == NODE_STRING) {
            /* A forward reference: the class of that name at module level. */
            Str name;
            if (!string_literal(module, n, &name))
                return 0;
            const Binding *b = scope_bindings(module, module->scope, name);
            if (b && !b->next && b->kind == BIND_CLASS)
                found = definition_of(module, b->statement);
        }
        if (kind != NODE_IDENTIFIER)
            continue;
        Str text = node_text(tree, n);
        Node class_definition = local_class(module, n);
        if (class_definition) {
            if (found && found != class_definition)
                return 0;
            found = class_definition;
        } else if (!str_eq(text, S("Optional")) && !str_eq(text, S("Union")) &&
                   !str_eq(text, S("Annotated")) && !str_eq(text, S("typing"))) {
            return 0; /* a container of such, or something else besides */
        }
    }
    return found;
}

int class_local_bases(const Module *module, Node class_definition, Node *bases, int limit) {
    const Tree *tree = module->tree;
    int count = 0;
    Node list = node_field(tree, class_definition, FIELD_SUPERCLASSES);
    for (Node n = node_child_named(tree, list); n && count < limit; n = node_next_named(tree, n)) {
        Node base = node_kind(tree, n) == NODE_IDENTIFIER ? local_class(module, n) : 0;
        if (base && base != class_definition)
            bases[count++] = base;
    }
    return count;
}

/* The class and those above it in the file, near ones first. */
static Nodes family_of(const Module *module, Node class_definition) {
    void **slot = cache_slot(module, &family_key, class_definition);
    if (!*slot) {
        Nodes *family = new (module->arena, Nodes, 1);
        *slot = family;
        Node found[FAMILY_LIMIT] = {class_definition};
        ptrdiff_t n = 1;
        for (ptrdiff_t i = 0; i < n; i++) {
            Node bases[8];
            int count = class_local_bases(module, found[i], bases, COUNT(bases));
            for (int k = 0; k < count && n < FAMILY_LIMIT; k++) {
                ptrdiff_t at = 0;
                while (at < n && found[at] != bases[k])
                    at++;
                found[at] = bases[k];
                n += at == n;
            }
        }
        *family = (Nodes){new (module->arena, Node, n), n};
        memcpy(family->v, found, (size_t)n * sizeof *found);
    }
    return *(Nodes *)*slot;
}

bool class_is_below(const Module *module, Node class_definition, Node base) {
    if (!class_definition || !base || class_definition == base)
        return class_definition && class_definition == base;
    Nodes family = family_of(module, class_definition);
    for (ptrdiff_t i = 0; i < family.n; i++)
        if (family.v[i] == base)
            return true;
    return false;
}

Binding *class_binding(const Module *module, Node class_definition, Str name) {
    if (!class_definition)
        return NULL;
    Nodes family = family_of(module, class_definition);
    for (ptrdiff_t i = 0; i < family.n; i++) {
        Binding *b = scope_bindings(module, inner_scope(module, family.v[i]), name);
        if (b)
            return b;
    }
    return NULL;
}

/* All classes of the file that have a base in it: only these can lie below another. */
static Nodes derived_classes(const Module *module) {
    const Tree *tree = module->tree;
    void **slot = cache_slot(module, &classes_key, 0);
    if (!*slot) {
        List(Node) found = {0};
        for (Node n = 1; n < tree->n; n++) {
            Node base;
            if (node_kind(tree, n) == NODE_CLASS_DEFINITION &&
                class_local_bases(module, n, &base, 1))
                *list_push(module->arena, &found) = n;
        }
        Nodes *kept = new (module->arena, Nodes, 1);
        *kept = (Nodes){found.v, found.n};
        *slot = kept;
    }
    return *(Nodes *)*slot;
}

bool class_is_overridden(const Module *module, Node class_definition, Str name) {
    Nodes derived = derived_classes(module);
    for (ptrdiff_t i = 0; i < derived.n; i++)
        if (derived.v[i] != class_definition &&
            scope_bindings(module, inner_scope(module, derived.v[i]), name) &&
            class_is_below(module, derived.v[i], class_definition))
            return true;
    return false;
}

/* -------------------------------------------------------------------- objects ---------------- */

static Node class_of_object(const Module *module, Node expression, bool *is_class) {
    const Tree *tree = module->tree;
    Kind kind = node_kind(tree, expression);
    if (kind == NODE_IDENTIFIER) {
        Node class_definition = self_class(module, expression, is_class);
        if (class_definition)
            return class_definition;
        class_definition = local_class(module, expression);
        *is_class = class_definition != 0;
        if (class_definition)
            return class_definition;
    }
    if (kind == NODE_IDENTIFIER || kind == NODE_ATTRIBUTE) {
        const Binding *b = binding_reaching(module, expression);
        Node class_definition = b ? annotation_class(module, b->annotation) : 0;
        if (class_definition)
            return class_definition;
    }
    Node value = value_of(module, expression);
    if (node_kind(tree, value) != NODE_CALL)
        return 0;
    Node callee = node_field(tree, value, FIELD_FUNCTION);
    if (node_kind(tree, callee) == NODE_IDENTIFIER && str_eq(node_text(tree, callee), S("super")) &&
        !name_bindings(module, callee)) {
        Node base = 0;
        class_local_bases(module, class_of(module, value), &base, 1);
        return base;
    }
    if (node_kind(tree, callee) == NODE_IDENTIFIER && str_eq(node_text(tree, callee), S("cls")))
        return self_class(module, callee, &(bool){false});
    return local_class(module, callee);
}

Node object_class(const Module *module, Node expression, bool *is_class) {
    expression = strip_parentheses(module, expression);
    void **slot = cache_slot(module, &object_key, expression);
    if (!*slot) {
        ObjectClass *answer = new (module->arena, ObjectClass, 1);
        *slot = answer; /* asked again on the way there, it is none */
        if (nesting_enter(module))
            answer->class_definition = class_of_object(module, expression, &answer->is_class);
        nesting_leave(module);
    }
    const ObjectClass *answer = *slot;
    if (is_class)
        *is_class = answer->is_class;
    return answer->class_definition;
}

/* -------------------------------------------------------------------- calls to functions ----- */

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

/* -------------------------------------------------------------------- callers ---------------- */

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

/* -------------------------------------------------------------------- parameters ------------- */

typedef enum ParameterKind {
    PARAMETER_PLAIN,
    PARAMETER_REST,    /* *args, or a bare *: what follows is filled by keyword only */
    PARAMETER_KEYWORDS /* **kwargs */
} ParameterKind;

/* The identifier that a child of the parameter list binds, 0 for `/` and a bare `*`. */
static Node parameter_name(const Tree *tree, Node parameter, ParameterKind *kind) {
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
