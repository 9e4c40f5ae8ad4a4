/* Values of arguments as JSON, in the form that `hffix --check-model --load` takes.
 *
 * A name is followed to its one value, a parameter to what all callers in the file give it. Types
 * of torch become strings ("torch.bfloat16"), a BitsAndBytesConfig the object of its arguments. A
 * conditional expression, a call of something unknown, a default that another value may replace:
 * not followed. */
#include "python/local.h"
#include "sites/read.h"

enum { VALUE_DEPTH = 6 };

/* What every call in the file gives the parameter, its default where a call gives none; 0 when they
 * differ, or the function is also called from elsewhere. */
static Node parameter_value(const FactContext *context, Node name) {
    const Module *module = context->module;
    const Binding *parameter = binding_reaching(module, name);
    if (!parameter || parameter->kind != BIND_PARAMETER)
        return 0;
    Node function = parameter->scope->node, all = 0;
    const Callers *callers = callers_of(module, function);
    bool method =
        method_class(module, function) && !has_decorator(module, function, S("staticmethod"));
    if (callers->property || callers->elsewhere)
        return 0;
    for (ptrdiff_t i = 0; i < callers->n; i++) {
        bool sure = true;
        Node given = argument_for(module, parameter, method, callers->calls[i], &sure);
        given = given || !sure ? given : parameter->value;
        Node value = given && sure ? value_of(module, given) : 0;
        if (!value || (all && !str_eq(module_text(module, all), module_text(module, value))))
            return 0;
        all = value;
    }
    return all;
}

Node resolve(const FactContext *context, Node expression) {
    Node node = value_of(context->module, expression);
    for (int i = 0; i < VALUE_DEPTH; i++) {
        Kind kind = node_kind(context->module->tree, node);
        if ((kind != NODE_IDENTIFIER && kind != NODE_ATTRIBUTE) ||
            qualified_name(context->module, node).n)
            return node;
        Node given = parameter_value(context, node);
        given = given ? given : subject_origin(context, node);
        if (!given || given == node)
            return node;
        node = given;
    }
    return node;
}

bool known_string(const FactContext *context, Node expression, Str *text) {
    StringValue value;
    if (value_string(context->module, expression, &value) && !value.is_default) {
        *text = value.text;
        return true;
    }
    return string_literal(context->module, resolve(context, expression), text);
}

bool known_number(const FactContext *context, Node expression, int64_t *number) {
    double value;
    if (!value_number(context->module, resolve(context, expression), &value) || value > 1e15 ||
        value < -1e15)
        return false;
    *number = (int64_t)value;
    return true;
}

static bool add_within(const FactContext *context, Node expression, Buf *out, int depth);

/* Whether an object is changed behind the place that makes it: a key stored, a list grown, an
 * attribute set. */
static bool changes_later(const FactContext *context, Node node) {
    static const char *const methods[] = {"update", "append", "extend", "insert",
                                          "pop",    "remove", "clear",  "setdefault"};
    const Tree *tree = context->module->tree;
    Kind kind = node_kind(tree, node);
    if (kind != NODE_DICTIONARY && kind != NODE_LIST && kind != NODE_CALL)
        return false;
    const Uses *uses = value_uses(context->module, node, NULL);
    for (ptrdiff_t i = 0; i < uses->n; i++) {
        const Use *use = &uses->v[i];
        Node parent = node_parent(tree, use->node);
        bool stored = use->kind == USE_SUBSCRIPT && node_kind(tree, parent) == NODE_ASSIGNMENT &&
                      node_field(tree, parent, FIELD_LEFT) == use->node;
        bool grown = use->kind == USE_METHOD && glob_any(use->name, methods, COUNT(methods));
        if (stored || grown || use->kind == USE_STORE)
            return true;
    }
    return false;
}

static bool add_key(const FactContext *context, Node key, Buf *out) {
    Str text;
    int64_t number;
    if (known_string(context, key, &text)) {
        buf_add_json(out, text);
        return true;
    }
    if (!known_number(context, key, &number))
        return false;
    buf_format(out, "\"%lld\"", (long long)number);
    return true;
}

static bool add_items(const FactContext *context, Node list, Buf *out, int depth) {
    const Tree *tree = context->module->tree;
    bool dict = node_kind(tree, list) == NODE_DICTIONARY, first = true;
    buf_add_byte(out, dict ? '{' : '[');
    for (Node item = node_child_named(tree, list); item; item = node_next_named(tree, item)) {
        if (!first)
            buf_add(out, S(", "));
        first = false;
        if (dict && node_kind(tree, item) != NODE_PAIR)
            return false;
        if (dict && !add_key(context, node_field(tree, item, FIELD_KEY), out))
            return false;
        if (dict)
            buf_add(out, S(": "));
        if (!add_within(context, dict ? node_field(tree, item, FIELD_VALUE) : item, out, depth + 1))
            return false;
    }
    buf_add_byte(out, dict ? '}' : ']');
    return true;
}

/* The keyword arguments of a call, as an object: BitsAndBytesConfig(…), dict(…). */
static bool add_keywords(const FactContext *context, Node call, Buf *out, int depth) {
    const CallView *view = call_view(context->module, call);
    bool first = true;
    if (call_is_opaque(view, context->module, NULL, NULL))
        return false;
    buf_add_byte(out, '{');
    for (ptrdiff_t i = 0; i < view->n; i++) {
        const Arg *arg = &view->args[i];
        if (!arg->name.n || arg->conditional)
            return false;
        if (call_keyword(view, arg->name) != arg)
            continue; /* given again later */
        if (!first)
            buf_add(out, S(", "));
        first = false;
        buf_add_json(out, arg->name);
        buf_add(out, S(": "));
        if (!add_within(context, arg->value, out, depth + 1))
            return false;
    }
    buf_add_byte(out, '}');
    return true;
}

static bool add_call(const FactContext *context, Node call, Buf *out, int depth) {
    Str name = callee_name(context, call);
    bool dict =
        str_eq(module_text(context->module, call_function(context->module, call)), S("dict"));
    const Arg *first = call_positional(call_view(context->module, call), 0);
    if (qualified_matches(name, S("transformers.BitsAndBytesConfig")) || dict)
        return add_keywords(context, call, out, depth);
    if (qualified_matches(name, S("torch.device")) && first)
        return add_within(context, first->value, out, depth + 1);
    return false;
}

static bool add_name(const FactContext *context, Node expression, Node node, Buf *out) {
    Str name = qualified_name(context->module, node), text;
    if (!name.n)
        name = qualified_name(context->module, expression);
    if (str_starts(name, S("torch.")) && str_find_byte(str_slice(name, 6, name.n), '.') < 0) {
        buf_add_json(out, name);
        return true;
    }
    if (!known_string(context, expression, &text))
        return false;
    buf_add_json(out, text);
    return true;
}

static bool add_within(const FactContext *context, Node expression, Buf *out, int depth) {
    Node node = resolve(context, expression);
    if (depth > VALUE_DEPTH || changes_later(context, node))
        return false;
    switch (node_kind(context->module->tree, node)) {
    case NODE_TRUE:
        buf_add(out, S("true"));
        return true;
    case NODE_FALSE:
        buf_add(out, S("false"));
        return true;
    case NODE_NONE_LITERAL:
        buf_add(out, S("null"));
        return true;
    case NODE_INTEGER:
    case NODE_FLOAT:
    case NODE_UNARY_OPERATOR: {
        double number;
        if (!value_number(context->module, node, &number))
            return false;
        buf_format(out, "%.15g", number);
        return true;
    }
    case NODE_LIST:
    case NODE_TUPLE:
    case NODE_SET:
    case NODE_DICTIONARY:
        return add_items(context, node, out, depth);
    case NODE_CALL:
        if (add_call(context, node, out, depth))
            return true;
        break; /* os.environ.get("X", "…") is a string; getattr(torch, "float16") a name */
    default:
        break;
    }
    return add_name(context, expression, node, out);
}

bool add_value(const FactContext *context, Node expression, Buf *out) {
    return add_within(context, expression, out, 0);
}
