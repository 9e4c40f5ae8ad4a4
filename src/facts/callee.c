/* Which callable of a library gets a call's keyword arguments.
 *
 * The callee may be the callable itself, a class below the one asked for, a method of an object of
 * such a class, `super()`, `cls` and `self.__class__` in a class of the file, functools.partial, or
 * a function of the file that only hands its `**options` on. Each of these is taken one step nearer
 * to the library until a qualified name is left, which the tables of classes know.
 *
 * A function that hands options on counts where every call that it gives them to is the callable,
 * and where nothing in it asks for one of the keywords that the rule is about: neither a parameter
 * of that name nor a key. Its callers must then not be told apart from the library's. */
#include "facts/words.h"

#include "python/local.h"

enum { DEPTH_LIMIT = 8 };

/* "transformers.PreTrainedModel" and "from_pretrained"; a constructor's method is "__init__", a
 * function has no class. */
typedef struct Callable {
    Str whole, class, method;
} Callable;

typedef struct Ask {
    const FactContext *context;
    Callable callable;
    int depth;
} Ask;

static Tri expression_calls(Ask ask, Node function);
static Tri call_calls(Ask ask, Node call);

static bool is_capital(Str name) {
    while (str_starts(name, S("_")))
        name = str_slice(name, 1, name.n);
    return name.n && name.p[0] >= 'A' && name.p[0] <= 'Z';
}

static Callable callable_of(Str name) {
    Str last = last_part(name);
    if (is_capital(last))
        return (Callable){name, name, S("__init__")};
    Str holder = str_slice(name, 0, name.n - last.n - 1);
    if (is_capital(last_part(holder)) || str_eq(last_part(holder), S("*")))
        return (Callable){name, holder, last};
    return (Callable){name, {0}, last};
}

/* ---- functions that hand their options on ---- */

static bool is_asked_about(const FactContext *context, Str name) {
    for (ptrdiff_t i = 0; i < context->n_keywords; i++)
        if (str_eq(context->keywords[i], name))
            return true;
    return false;
}

/* The identifier of `**options`; 0: none, or a parameter of its own takes a keyword of the rule. */
static Node options_parameter(const FactContext *context, Node function) {
    const Tree *tree = context->module->tree;
    Node list = node_field(tree, function, FIELD_PARAMETERS), found = 0;
    for (Node p = node_child_named(tree, list); p; p = node_next_named(tree, p)) {
        Node name = p;
        if (node_kind(tree, p) == NODE_DICTIONARY_SPLAT_PATTERN) {
            found = node_child_named(tree, p);
            continue;
        }
        while (name && node_kind(tree, name) != NODE_IDENTIFIER)
            name = node_child_named(tree, name);
        if (is_asked_about(context, node_text(tree, name)))
            return 0;
    }
    return node_kind(tree, found) == NODE_IDENTIFIER ? found : 0;
}

/* Whether a use of the options only looks at keys that the rule is not about:
 * `options["other"]`, `options.get("other")`, `"other" in options`. */
static bool looks_elsewhere(const FactContext *context, Node use) {
    static const char *const readers[] = {"get", "pop", "setdefault"};
    const Module *module = context->module;
    const Tree *tree = module->tree;
    Node parent = node_parent(tree, use), above = node_parent(tree, parent), key = 0;
    Str name;
    switch ((int)node_kind(tree, parent)) {
    case NODE_SUBSCRIPT:
        key = node_field(tree, parent, FIELD_SUBSCRIPT);
        break;
    case NODE_COMPARISON_OPERATOR:
        key = node_child_named(tree, parent);
        break;
    case NODE_ATTRIBUTE: {
        Node list = node_field(tree, above, FIELD_ARGUMENTS);
        Str method = node_text(tree, node_field(tree, parent, FIELD_ATTRIBUTE));
        if (node_kind(tree, above) != NODE_CALL)
            return false;
        key = node_child_named(tree, list);
        if (glob_any(method, readers, COUNT(readers)))
            break;
        for (; str_eq(method, S("update")) && key; key = node_next_named(tree, key))
            if (node_kind(tree, key) != NODE_KEYWORD_ARGUMENT ||
                is_asked_about(context, node_text(tree, node_field(tree, key, FIELD_NAME))))
                return false;
        return str_eq(method, S("update"));
    }
    default:
        return false;
    }
    return key && string_literal(module, key, &name) && !is_asked_about(context, name);
}

static Tri function_calls(Ask ask, Node function) {
    const Module *module = ask.context->module;
    const Tree *tree = module->tree;
    Node options = options_parameter(ask.context, function);
    const Binding *binding = options ? binding_at(module, options) : NULL;
    if (!binding || binding->next)
        return TRI_NO;
    ptrdiff_t n = 0;
    const Node *uses = binding_uses(module, binding, &n);
    bool yes = false, no = false;
    for (ptrdiff_t i = 0; i < n; i++) {
        Node parent = node_parent(tree, uses[i]);
        Node list = node_parent(tree, parent), call = node_parent(tree, list);
        if (node_kind(tree, parent) == NODE_DICTIONARY_SPLAT &&
            node_kind(tree, list) == NODE_ARGUMENT_LIST && node_kind(tree, call) == NODE_CALL) {
            Tri tri = call_calls(ask, call);
            if (tri == TRI_UNKNOWN)
                return TRI_UNKNOWN;
            yes |= tri == TRI_YES;
            no |= tri == TRI_NO;
        } else if (!looks_elsewhere(ask.context, uses[i])) {
            return TRI_UNKNOWN;
        }
    }
    return !yes ? TRI_NO : no ? TRI_UNKNOWN : TRI_YES;
}

/* ---- classes of the file ---- */

/* A method of a class of the file, or what the class inherits from a library. */
static Tri method_calls(Ask ask, Node class_definition, Str method) {
    const Module *module = ask.context->module;
    const Binding *b = class_binding(module, class_definition, method);
    if (b)
        return b->kind == BIND_FUNCTION && !b->next
                   ? function_calls(ask, definition_of(module, b->statement))
                   : TRI_UNKNOWN;
    if (!glob_matches(method, ask.callable.method) || !ask.callable.class.n)
        return TRI_NO;
    /* A field of that name is what the file's own constructor takes. */
    for (ptrdiff_t i = 0; i < ask.context->n_keywords && str_eq(method, S("__init__")); i++)
        if (class_binding(module, class_definition, ask.context->keywords[i]))
            return TRI_NO;
    return class_definition_is(ask.context, class_definition, ask.callable.class);
}

/* What `super().method` is in a class of the file. */
static Tri super_calls(Ask ask, Node class_definition, Str method) {
    const Module *module = ask.context->module;
    Node bases[8];
    int n = class_local_bases(module, class_definition, bases, COUNT(bases));
    for (int i = 0; i < n; i++)
        if (class_binding(module, bases[i], method))
            return method_calls(ask, bases[i], method);
    if (!glob_matches(method, ask.callable.method) || !ask.callable.class.n)
        return TRI_NO;
    return class_definition_is(ask.context, class_definition, ask.callable.class);
}

/* The class of the file that the expression is: a name, `cls`, `type(self)`, `self.__class__`. */
static Node class_expression(const Module *module, Node expression) {
    const Tree *tree = module->tree;
    bool is_class = false;
    Node found = object_class(module, expression, &is_class);
    if (found && is_class)
        return found;
    Node object = 0;
    if (is_builtin_call(module, expression, S("type")))
        object = node_child_named(tree, node_field(tree, expression, FIELD_ARGUMENTS));
    else if (node_kind(tree, expression) == NODE_ATTRIBUTE &&
             str_eq(module_text(module, node_field(tree, expression, FIELD_ATTRIBUTE)),
                    S("__class__")))
        object = node_field(tree, expression, FIELD_OBJECT);
    return object ? object_class(module, object, NULL) : 0;
}

/* ---- names ---- */

static Tri library_name_calls(Ask ask, Str name) {
    const Callable *callable = &ask.callable;
    if (!callable->class.n)
        return qualified_matches(name, callable->whole) || glob_matches(name, callable->whole)
                   ? TRI_YES
                   : TRI_NO;
    Str last = last_part(name);
    if (is_capital(last))
        return str_eq(callable->method, S("__init__"))
                   ? class_is(ask.context, name, callable->class)
                   : TRI_NO;
    if (!glob_matches(last, callable->method) || name.n <= last.n + 1)
        return TRI_NO;
    return class_is(ask.context, str_slice(name, 0, name.n - last.n - 1), callable->class);
}

static Tri attribute_calls(Ask ask, Node function) {
    const Module *module = ask.context->module;
    const Tree *tree = module->tree;
    Node object = strip_parentheses(module, node_field(tree, function, FIELD_OBJECT));
    Str method = module_text(module, node_field(tree, function, FIELD_ATTRIBUTE));
    if (is_builtin_call(module, object, S("super"))) {
        Node definition = class_of(module, function);
        return definition ? super_calls(ask, definition, method) : TRI_NO;
    }
    Node definition = class_expression(module, object);
    if (!definition)
        definition = object_class(module, object, NULL);
    if (definition)
        return method_calls(ask, definition, method);
    if (!ask.callable.class.n || !glob_matches(method, ask.callable.method))
        return TRI_NO;
    return type_is(ask.context, object, ask.callable.class);
}

static Tri expression_calls(Ask ask, Node function) {
    const Module *module = ask.context->module;
    if (!function || ask.depth++ > DEPTH_LIMIT)
        return TRI_UNKNOWN;
    function = strip_parentheses(module, function);
    Node definition = class_expression(module, function);
    if (definition)
        return method_calls(ask, definition, S("__init__"));
    Str name = public_name(ask.context, qualified_name(module, function));
    if (name.n && name.p[0] != '.')
        return library_name_calls(ask, name);
    if (node_kind(module->tree, function) == NODE_ATTRIBUTE)
        return attribute_calls(ask, function);
    Callees callees = callees_of(module, function);
    if (!callees.n)
        return TRI_UNKNOWN;
    for (int i = 0; i < callees.n; i++) {
        Tri tri = function_calls(ask, callees.v[i].function);
        if (tri != TRI_YES)
            return tri;
    }
    return TRI_YES;
}

static Tri call_calls(Ask ask, Node call) {
    const Module *module = ask.context->module;
    Node function = call_target(module, call);
    if (str_eq(qualified_name(module, function), S("functools.partial"))) {
        const Arg *first = call_positional(call_view(module, call), 0);
        function = first ? first->value : 0;
    }
    return expression_calls(ask, function);
}

ASK(ask_calls) {
    (void)n;
    Ask ask = {.context = context, .callable = callable_of(args[0].text)};
    if (node_kind(context->module->tree, context->site) != NODE_CALL)
        return answer_unknown("no call");
    Tri tri = call_calls(ask, context->site);
    return answer_of(tri, tri == TRI_YES  ? "its keywords get there"
                          : tri == TRI_NO ? "it calls something else"
                                          : "what it calls is not known");
}
