/* Qualified names: following an expression back to an import or to a definition of this file.
 *
 * A name stands for what its one reaching binding brings; an attribute adds its name to that of its
 * object. Assignments of names to names are followed a limited number of steps, so that a cycle in
 * unreachable code ends. */
#include "python/names.h"

#include <string.h>

#include "base/byte.h"
#include "base/list.h"
#include "python/cache.h"
#include "python/page_names.h"

/* Limits that real code does not meet: names given to names, dots in a chain, bases of bases. */
enum { MOST_STEPS = 16, MOST_PARTS = 64, MOST_BASES = 64 };

typedef List(Str) StrList;

static Str qualified(const Module *module, Node expression, int steps);

/* ---- words ---- */

/* Text of a string literal without prefix, escapes and holes; empty for any other. */
static Str plain_literal(const Module *module, Node node) {
    const Tree *tree = module->tree;
    Node start = node_child_named(tree, node), content = node_next_named(tree, start);
    if (node_kind(tree, node) != NODE_STRING || node_count_named(tree, node) != 3 ||
        module_text(module, start).n != 1 || node_kind(tree, content) != NODE_STRING_CONTENT ||
        node_child(tree, content))
        return (Str){0};
    return module_text(module, content);
}

static Str join(const Module *module, Str object, Str name) {
    if (!object.n || !name.n)
        return (Str){0};
    return str_format(module->arena, "%.*s.%.*s", STR_ARG(object), STR_ARG(name));
}

/* ---- qualified names ---- */

/* ".Name", ".Class.method", ".function.inner" of a definition of this file. */
static Str local_name(const Module *module, const Binding *binding) {
    const Tree *tree = module->tree;
    Str path = module_text(module, binding->at);
    for (const Scope *scope = binding->scope; scope; scope = scope->parent)
        if (scope->kind == SCOPE_CLASS || scope->kind == SCOPE_FUNCTION)
            path =
                join(module, module_text(module, node_field(tree, scope->node, FIELD_NAME)), path);
    return str_format(module->arena, ".%.*s", STR_ARG(path));
}

/* `from .models import X`, where models.py itself only imports X. */
static Str of_import(const Module *module, const Binding *binding) {
    if (!module->neighbours.reexported ||
        node_kind(module->tree, binding->statement) != NODE_IMPORT_FROM_STATEMENT)
        return binding->qualified;
    Str written = binding->qualified, own = S("<project>.");
    if (str_starts(written, own))
        written = str_slice(written, own.n, written.n);
    Str behind = module->neighbours.reexported(module->neighbours.context, written);
    return behind.n ? behind : binding->qualified;
}

static Str of_binding(const Module *module, const Binding *binding, int steps) {
    if (!binding)
        return (Str){0};
    switch (binding->kind) {
    case BIND_IMPORT:
        return of_import(module, binding);
    case BIND_FUNCTION:
    case BIND_CLASS:
        return local_name(module, binding);
    case BIND_ASSIGN:
        return qualified(module, binding->value, steps + 1);
    case BIND_ANNOTATION:
    case BIND_UNPACK:
    case BIND_AUGMENT:
    case BIND_FOR:
    case BIND_WITH:
    case BIND_EXCEPT:
    case BIND_PARAMETER:
    case BIND_DELETE:
    case BIND_MATCH:
    case BIND_TYPE_PARAMETER:
        return (Str){0};
    }
    return (Str){0};
}

/* getattr(module, "Name"), with or without a default. */
static Str of_getattr(const Module *module, Node call, int steps) {
    const Tree *tree = module->tree;
    Node function = call_function(module, call);
    if (node_kind(tree, function) != NODE_IDENTIFIER || name_bindings(module, function) ||
        !str_eq(module_text(module, function), S("getattr")))
        return (Str){0};
    Node list = node_field(tree, call, FIELD_ARGUMENTS);
    int n = node_count_named(tree, list);
    Node object = node_child_named(tree, list), name = node_next_named(tree, object);
    if (node_kind(tree, list) != NODE_ARGUMENT_LIST || n < 2 || n > 3)
        return (Str){0};
    return join(module, qualified(module, object, steps + 1), plain_literal(module, name));
}

static bool is_short_chain(const Module *module, Node expression) {
    int parts = 0;
    while (parts <= MOST_PARTS && node_kind(module->tree, expression) == NODE_ATTRIBUTE) {
        expression = node_field(module->tree, expression, FIELD_OBJECT);
        expression = strip_parentheses(module, expression);
        parts++;
    }
    return parts <= MOST_PARTS;
}

static Str qualified(const Module *module, Node expression, int steps) {
    const Tree *tree = module->tree;
    expression = strip_parentheses(module, expression);
    if (steps > MOST_STEPS || !is_short_chain(module, expression))
        return (Str){0};
    switch ((int)node_kind(tree, expression)) {
    case NODE_IDENTIFIER:
        if (module->source->page && !name_bindings(module, expression))
            return page_name(module->source->page, module_text(module, expression));
        return of_binding(module, binding_reaching(module, expression), steps);
    case NODE_ATTRIBUTE: {
        if (name_bindings(module, expression))
            return of_binding(module, binding_reaching(module, expression), steps);
        Str object = qualified_name(module, node_field(tree, expression, FIELD_OBJECT));
        return join(module, object,
                    module_text(module, node_field(tree, expression, FIELD_ATTRIBUTE)));
    }
    case NODE_CALL:
        return of_getattr(module, expression, steps);
    default:
        return (Str){0};
    }
}

/* The name, or what it stands for if it is that of a wrapper. */
static Str unwrapped(const Module *module, Str name) {
    for (ptrdiff_t i = 0; i < module->n_wrappers; i++)
        if (qualified_matches(name, module->wrappers[i].name))
            return module->wrappers[i].means;
    return name;
}

Str qualified_name(const Module *module, Node expression) {
    static const char owner = 0;
    if (!expression)
        return (Str){0};
    void **slot = cache_slot(module, &owner, expression);
    if (!*slot) {
        Str *answer = new (module->arena, Str, 1);
        *slot = answer; /* empty while it is being found: a cycle has no name */
        *answer = unwrapped(module, qualified(module, expression, 0));
    }
    return *(Str *)*slot;
}

/* ---- matching ---- */

/* "models.auto.tokenization_auto": no part starts with a capital. */
static bool are_modules(Str dotted) {
    for (Str part; dotted.n;) {
        str_cut(dotted, '.', &part, &dotted);
        if (!part.n || byte_is_upper(part.p[0]))
            return false;
    }
    return true;
}

/* A function's name is often a plain word ("load", "device") that other modules of the library use
 * for something else; it is the library's own where it has several words ("get_peft_model") or its
 * module is called after it ("pipelines.pipeline"). */
static bool is_distinctive(Str function, Str modules) {
    if (str_find_byte(function, '_') > 0)
        return true;
    ptrdiff_t dot = str_rfind_byte(modules, '.');
    return str_find(str_slice(modules, dot + 1, modules.n), function) >= 0;
}

bool qualified_matches(Str name, Str pattern) {
    if (!name.n || !pattern.n)
        return false;
    if (str_eq(name, pattern))
        return true;
    Str library, rest, name_library, name_rest;
    if (!str_cut(pattern, '.', &library, &rest) || !library.n ||
        !str_cut(name, '.', &name_library, &name_rest) || !str_eq(library, name_library))
        return false;
    Str first, more;
    bool several = str_cut(rest, '.', &first, &more);
    if (!first.n || (several && !byte_is_upper(first.p[0])))
        return false; /* the pattern has modules of its own */
    ptrdiff_t between = name_rest.n - rest.n - 1;
    if (between <= 0 || name_rest.p[between] != '.' || !str_ends(name_rest, rest))
        return false;
    Str modules = str_slice(name_rest, 0, between);
    return are_modules(modules) && (byte_is_upper(first.p[0]) || is_distinctive(first, modules));
}

/* ---- names as written ---- */

Str dotted_name(const Module *module, Node expression) {
    const Tree *tree = module->tree;
    Node parts[MOST_PARTS];
    int n = 0;
    expression = strip_parentheses(module, expression);
    for (; n < MOST_PARTS && node_kind(tree, expression) == NODE_ATTRIBUTE; n++) {
        parts[n] = node_field(tree, expression, FIELD_ATTRIBUTE);
        expression = strip_parentheses(module, node_field(tree, expression, FIELD_OBJECT));
    }
    if (node_kind(tree, expression) != NODE_IDENTIFIER)
        return (Str){0};
    if (!n)
        return module_text(module, expression);
    Buf name = {.arena = module->arena};
    buf_add(&name, module_text(module, expression));
    while (n > 0) {
        buf_add_byte(&name, '.');
        buf_add(&name, module_text(module, parts[--n]));
    }
    return buf_str(&name);
}

Node call_function(const Module *module, Node call) {
    if (node_kind(module->tree, call) != NODE_CALL)
        return 0;
    return strip_parentheses(module, node_field(module->tree, call, FIELD_FUNCTION));
}

bool is_builtin_call(const Module *module, Node expression, Str name) {
    Node function = call_function(module, expression);
    return function && node_kind(module->tree, function) == NODE_IDENTIFIER &&
           str_eq(module_text(module, function), name) && !name_bindings(module, function);
}

Str call_last_name(const Module *module, Node call) {
    const Tree *tree = module->tree;
    Node function = call_function(module, call);
    if (node_kind(tree, function) == NODE_ATTRIBUTE)
        function = node_field(tree, function, FIELD_ATTRIBUTE);
    return node_kind(tree, function) == NODE_IDENTIFIER ? module_text(module, function) : (Str){0};
}

Node call_receiver(const Module *module, Node call) {
    const Tree *tree = module->tree;
    Node function = call_function(module, call);
    return node_kind(tree, function) == NODE_ATTRIBUTE ? node_field(tree, function, FIELD_OBJECT)
                                                       : 0;
}

/* ---- base classes ---- */

typedef struct Bases {
    StrList names;
    List(Node) seen; /* classes of this file that were entered */
} Bases;

static bool enter_once(const Module *module, Bases *bases, Node definition) {
    for (ptrdiff_t i = 0; i < bases->seen.n; i++)
        if (bases->seen.v[i] == definition)
            return false;
    *list_push(module->arena, &bases->seen) = definition;
    return true;
}

/* The class of this file that a base names, through aliases; 0 if none. */
static Node class_named(const Module *module, Node expression) {
    for (int steps = 0; steps < MOST_STEPS; steps++) {
        const Binding *binding = binding_reaching(module, expression);
        if (binding && binding->kind == BIND_CLASS)
            return node_parent(module->tree, binding->at);
        if (!binding || binding->kind != BIND_ASSIGN)
            return 0;
        expression = binding->value;
    }
    return 0;
}

static void add_bases(const Module *module, Node definition, Bases *bases, int depth) {
    const Tree *tree = module->tree;
    Node list = node_field(tree, definition, FIELD_SUPERCLASSES);
    for (Node base = node_child_named(tree, list); base; base = node_next_named(tree, base)) {
        if (node_kind(tree, base) == NODE_KEYWORD_ARGUMENT)
            continue;
        Node named = base; /* Generic[T], Trainer[int] */
        if (node_kind(tree, base) == NODE_SUBSCRIPT)
            named = node_field(tree, base, FIELD_VALUE);
        Str name = qualified_name(module, named);
        if (name.n)
            *list_push(module->arena, &bases->names) = name;
        Node local = class_named(module, named);
        if (local && depth < MOST_BASES && enter_once(module, bases, local))
            add_bases(module, local, bases, depth + 1);
    }
}

const Str *class_bases(const Module *module, Node class_definition, ptrdiff_t *n) {
    static const char owner = 0;
    void **slot = cache_slot(module, &owner, class_definition);
    if (!*slot) {
        Bases *bases = new (module->arena, Bases, 1);
        enter_once(module, bases, class_definition);
        add_bases(module, class_definition, bases, 0);
        *slot = bases;
    }
    const Bases *bases = *slot;
    *n = bases->names.n;
    return bases->names.v;
}

ptrdiff_t find_bare_name(Str text, Str name, ptrdiff_t from) {
    do
        from = str_find_word(text, name, from);
    while (from > 0 && text.p[from - 1] == '.' && ++from);
    return from;
}
