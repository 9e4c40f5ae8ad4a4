/* What the file's own classes are to its expressions.
 *
 * Everything here is one step: a name to the class it names, an object to its class. Calls and the
 * functions they reach are in callers.c, walks over several steps in flow.c and origins.c. Where
 * the file leaves more than one answer open the answer is none.
 *
 * Attributes are found by their last name in an index that is made once, because an object's class
 * can be asked for each of them, while a name's readers are all over the file. */
#include "python/local.h"

#include <string.h>

#include "python/cache.h"
#include "python/local_private.h"
#include "python/values.h"

enum { DEPTH_LIMIT = 12, FAMILY_LIMIT = 64, NESTING_LIMIT = 100 };

typedef struct NameIndex {
    Str name;
    List(Node) nodes;
    struct NameIndex *next; /* another name of the same hash */
} NameIndex;

typedef struct ObjectClass {
    Node class_definition;
    bool is_class;
} ObjectClass;

static const char index_key = 0, indexed_key = 0, object_key = 0, classes_key = 0, family_key = 0,
                  nesting_key = 0;

/* ---- definitions ---- */

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
bool decorators_keep_calls(const Module *module, Node definition) {
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

/* ---- nesting ---- */

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

/* ---- attributes ---- */

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

/* ---- classes ---- */

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
Nodes derived_classes(const Module *module) {
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

/* ---- objects ---- */

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
    if (is_builtin_call(module, value, S("super"))) {
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
