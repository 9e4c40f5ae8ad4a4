/* Values of expressions, as far as the file says.
 *
 * Names are followed through their one binding in reach, and attributes of self or of a class
 * through the class; a value that can differ between two runs of the same place (two bindings, a
 * loop) is not known. Strings go further than that, into options and parameters (options.c),
 * because the id of a model is mostly given there. Answers about strings are kept by node; a
 * question that comes back to itself finds "not known" there. */
#include "python/values.h"

#include <math.h>
#include <stdlib.h>

#include "python/cache.h"
#include "python/dict.h"
#include "python/local.h"
#include "python/options.h"
#include "python/strings.h"

enum { STEPS_LIMIT = 32, STORES_LIMIT = 512, BINDINGS_LIMIT = 64, NUMBER_LIMIT = 64 };

typedef struct KnownString {
    bool known;
    StringValue value;
} KnownString;

static const char string_key = 0, value_key = 0;

/* ---- values ---- */

static bool is_name(Kind kind) {
    return kind == NODE_IDENTIFIER || kind == NODE_ATTRIBUTE;
}

/* Whether an attribute of that name is assigned to an object that may be of the class. */
static bool attribute_is_stored(const Module *module, Node class_definition, Str name) {
    const Tree *tree = module->tree;
    Nodes all = attributes_named(module, name);
    for (ptrdiff_t i = 0; i < all.n && i < STORES_LIMIT; i++) {
        Node parent = node_parent(tree, all.v[i]);
        Kind kind = node_kind(tree, parent);
        if ((kind != NODE_ASSIGNMENT && kind != NODE_AUGMENTED_ASSIGNMENT) ||
            node_field(tree, parent, FIELD_LEFT) != all.v[i])
            continue;
        Node other = object_class(module, node_field(tree, all.v[i], FIELD_OBJECT), NULL);
        if (class_is_below(module, other, class_definition) ||
            class_is_below(module, class_definition, other))
            return true;
    }
    return all.n > STORES_LIMIT;
}

/* The value of an attribute that another class of the family sets in its methods, when it is the
 * only one apart from None. */
static Node inherited_value(const Module *module, Node class_definition, Str name) {
    const Tree *tree = module->tree;
    Nodes all = attributes_named(module, name);
    Node found = 0;
    for (ptrdiff_t i = 0; i < all.n && class_definition; i++) {
        const Binding *b = i < STORES_LIMIT ? binding_at(module, all.v[i]) : NULL;
        Node other = b ? object_class(module, node_field(tree, all.v[i], FIELD_OBJECT), NULL) : 0;
        if ((!class_is_below(module, class_definition, other) &&
             !class_is_below(module, other, class_definition)) ||
            value_is_none(module, b->value))
            continue;
        if (found || b->kind != BIND_ASSIGN || all.n > STORES_LIMIT)
            return 0;
        found = b->value;
    }
    return found;
}

/* The value of an attribute that only the class's body gives: self.MODEL, Trainer.MODEL. */
static Node class_value(const Module *module, Node attribute) {
    const Tree *tree = module->tree;
    Node class_definition = object_class(module, node_field(tree, attribute, FIELD_OBJECT), NULL);
    Str name = node_text(tree, node_field(tree, attribute, FIELD_ATTRIBUTE));
    const Binding *b = class_binding(module, class_definition, name);
    if (!b)
        return inherited_value(module, class_definition, name);
    if (b->next || b->kind != BIND_ASSIGN || !b->value ||
        (b->annotation &&
         class_has_fields(module, node_ancestor(tree, b->at, NODE_CLASS_DEFINITION))) ||
        class_is_overridden(module, class_definition, name) ||
        attribute_is_stored(module, class_definition, name))
        return 0;
    return b->value;
}

/* Whether the class's body gives an attribute that methods set another value as well. */
static bool class_gives_too(const Module *module, Node attribute) {
    const Tree *tree = module->tree;
    Node class_definition = object_class(module, node_field(tree, attribute, FIELD_OBJECT), NULL);
    const Binding *b = class_binding(module, class_definition,
                                     node_text(tree, node_field(tree, attribute, FIELD_ATTRIBUTE)));
    if (!b || b->kind == BIND_ANNOTATION)
        return false;
    return b->next || !b->value || !value_is_none(module, b->value);
}

static Node name_value(const Module *module, Node name) {
    const Tree *tree = module->tree;
    bool attribute = node_kind(tree, name) == NODE_ATTRIBUTE;
    const Binding *b = binding_reaching(module, name);
    if (attribute && (b ? node_kind(tree, b->at) == NODE_IDENTIFIER : !name_bindings(module, name)))
        return class_value(module, name);
    if (!b)
        return 0;
    if ((b->kind != BIND_ASSIGN && b->kind != BIND_WITH) || !b->value)
        return 0;
    if (b->annotation && b->scope->kind == SCOPE_CLASS && !attribute &&
        class_has_fields(module, b->scope->node))
        return 0;
    if (attribute && class_gives_too(module, name))
        return 0;
    return b->value;
}

/* typing.cast(T, x) is x. */
static Node cast_value(const Module *module, Node call) {
    if (!str_eq(call_last_name(module, call), S("cast")))
        return 0;
    Str name = qualified_name(module, call_function(module, call));
    if (!str_eq(name, S("typing.cast")) && !str_eq(name, S("typing_extensions.cast")))
        return 0;
    const Tree *tree = module->tree;
    Node first = node_child_named(tree, node_field(tree, call, FIELD_ARGUMENTS));
    return node_next_named(tree, first);
}

static Node follow_value(const Module *module, Node expression) {
    const Tree *tree = module->tree;
    for (int i = 0; i < STEPS_LIMIT; i++) {
        Node bare = strip_parentheses(module, expression);
        expression = bare ? bare : expression;
        Kind kind = node_kind(tree, expression);
        Node next = 0;
        if (is_name(kind))
            next = name_value(module, expression);
        else if (kind == NODE_NAMED_EXPRESSION)
            next = node_field(tree, expression, FIELD_VALUE);
        else if (kind == NODE_CALL)
            next = cast_value(module, expression);
        if (!next)
            break;
        expression = next;
    }
    return expression;
}

Node value_of(const Module *module, Node expression) {
    void **slot = cache_slot(module, &value_key, expression);
    if (!*slot) {
        Node *kept = new (module->arena, Node, 1);
        *kept = expression; /* asked again on the way, a name stands for itself */
        *slot = kept;
        *kept = follow_value(module, expression);
    }
    return *(Node *)*slot;
}

/* ---- strings ---- */

static bool join(const Module *module, const StringValue *a, const StringValue *b,
                 StringValue *value) {
    Buf buf = {.arena = module->arena};
    buf_add(&buf, a->text);
    buf_add(&buf, b->text);
    *value = (StringValue){.text = buf_str(&buf), .is_default = a->is_default || b->is_default};
    return true;
}

/* f"{ORG}/{NAME}" with holes that are strings themselves. */
static bool format_string(const Module *module, Node string, StringValue *value) {
    const Tree *tree = module->tree;
    StringForm form = string_form(module, string);
    Buf buf = {.arena = module->arena};
    *value = (StringValue){0};
    if (!form.format || form.bytes || tree->rows[string].has_error)
        return false;
    for (Node n = node_child_named(tree, string); n; n = node_next_named(tree, n)) {
        Kind kind = node_kind(tree, n);
        if (kind == NODE_STRING_CONTENT) {
            if (!string_decode(&buf, node_text(tree, n), form.raw, true))
                return false;
        } else if (kind == NODE_INTERPOLATION) {
            StringValue part;
            if (node_count_named(tree, n) != 1 || str_ends(node_text(tree, n), S("=}")) ||
                !value_string(module, node_child_named(tree, n), &part))
                return false;
            buf_add(&buf, part.text);
            value->is_default |= part.is_default;
        }
    }
    value->text = buf_str(&buf);
    return true;
}

static bool literal_value(const Module *module, Node literal, StringValue *value) {
    const Tree *tree = module->tree;
    *value = (StringValue){.literal = literal};
    if (string_literal(module, literal, &value->text))
        return true;
    if (node_kind(tree, literal) == NODE_STRING)
        return format_string(module, literal, value);
    StringValue all = {0};
    for (Node n = node_child_named(tree, literal); n; n = node_next_named(tree, n)) {
        StringValue part;
        if (!value_string(module, n, &part))
            return false;
        join(module, &all, &part, &all);
    }
    *value = all;
    return true;
}

/* `a or "default"`: what `a` is, where that is known; else the default may be replaced. */
static bool or_value(const Module *module, Node left, Node right, StringValue *value) {
    if (value_string(module, left, value) && value->text.n)
        return true;
    bool never = value_truth(module, left) == TRUTH_FALSE;
    bool known = value_string(module, right, value);
    value->is_default |= !never;
    return known;
}

static bool conditional_value(const Module *module, Node node, StringValue *value) {
    const Tree *tree = module->tree;
    Node first = node_child_named(tree, node);
    Node test = node_next_named(tree, first);
    Node second = node_next_named(tree, test);
    Truth truth = value_truth(module, test);
    if (truth != TRUTH_UNKNOWN)
        return value_string(module, truth == TRUTH_TRUE ? first : second, value);
    /* `x if x else "default"`, `x if x is not None else "default"` */
    if (is_name(node_kind(tree, first)) &&
        str_starts(node_text(tree, test), node_text(tree, first)) &&
        (str_eq(node_text(tree, test), node_text(tree, first)) ||
         str_ends(node_text(tree, test), S("is not None"))))
        return or_value(module, first, second, value);
    StringValue other;
    if (!value_string(module, first, value) || !value_string(module, second, &other))
        return false;
    value->is_default |= other.is_default;
    value->literal = 0; /* one of two */
    return str_eq(value->text, other.text);
}

static bool index_value(const Module *module, Node object, Node key, StringValue *value) {
    const Tree *tree = module->tree;
    Node display = dict_constant(module, object);
    StringValue name;
    if (display) {
        bool found = false, known = value_string(module, key, &name);
        for (Node n = node_child_named(tree, display); n && known; n = node_next_named(tree, n)) {
            Str pair_key;
            Node pair_value;
            known = dict_pair(module, n, &pair_key, &pair_value);
            if (known && str_eq(pair_key, name.text))
                found = value_string(module, pair_value, value); /* the last one counts */
        }
        if (found && known)
            value->is_default |= name.is_default;
        return found && known;
    }
    double index;
    Node list = value_of(module, object);
    Kind kind = node_kind(tree, list);
    if ((kind != NODE_LIST && kind != NODE_TUPLE) || !value_number(module, key, &index) ||
        index < 0 || index > 1000)
        return false;
    Node element = node_child_named(tree, list);
    for (; element && index >= 1; index--)
        element = node_kind(tree, element) == NODE_LIST_SPLAT ? 0 : node_next_named(tree, element);
    return element && value_string(module, element, value);
}

/* Second argument of a call, or its keyword `default`. */
static Node default_argument(const Module *module, Node call, int position) {
    const CallView *view = call_view(module, call);
    const Arg *arg = call_positional(view, position);
    if (!arg)
        arg = call_keyword(view, S("default"));
    return arg ? arg->value : 0;
}

static bool default_value(const Module *module, Node call, int position, StringValue *value) {
    Node given = default_argument(module, call, position);
    bool known = given && value_string(module, given, value);
    value->is_default = true;
    return known;
}

/* What a function of the file returns, when that is one string. */
static bool returned_string(const Module *module, Node call, StringValue *value) {
    Callees callees = callees_of(module, call_function(module, call));
    bool yields = false;
    if (callees.n != 1 || callees.class_definition)
        return false;
    Nodes returned = returned_values(module, callees.v[0].function, &yields);
    if (!returned.n || returned.n > 8 || yields)
        return false;
    for (ptrdiff_t i = 0; i < returned.n; i++) {
        StringValue one;
        if (!value_string(module, returned.v[i], &one) || (i && !str_eq(one.text, value->text)))
            return false;
        one.is_default |= i && value->is_default;
        *value = one;
    }
    return true;
}

static bool call_value(const Module *module, Node call, StringValue *value) {
    const Tree *tree = module->tree;
    Node function = call_function(module, call);
    Str last = call_last_name(module, call);
    if (str_eq(last, S("getenv")) || str_eq(last, S("get")) || str_eq(last, S("setdefault"))) {
        Str name = qualified_name(module, function);
        if (str_eq(name, S("os.environ.get")) || str_eq(name, S("os.getenv")) ||
            str_eq(name, S("os.environ.setdefault")))
            return default_value(module, call, 1, value);
    }
    Node first = node_child_named(tree, node_field(tree, call, FIELD_ARGUMENTS));
    Node receiver = call_receiver(module, call);
    if (receiver && str_eq(last, S("get"))) {
        Str key;
        if (index_value(module, receiver, first, value))
            return true;
        return string_literal(module, first, &key) && default_value(module, call, 1, value);
    }
    bool builtin = node_kind(tree, function) == NODE_IDENTIFIER && !name_bindings(module, function);
    if (builtin && str_eq(last, S("str")) && first && !node_next_named(tree, first))
        return value_string(module, first, value);
    if (builtin && str_eq(last, S("getattr"))) {
        Str name;
        if (string_literal(module, node_next_named(tree, first), &name) &&
            option_string(module, first, name, value))
            return true;
        return default_value(module, call, 2, value);
    }
    return returned_string(module, call, value);
}

/* Several values may have reached the name: they must be one string, apart from None. */
static bool several_value(const Module *module, Node name, StringValue *value) {
    bool found = false, defaulted = false;
    int count = 0;
    for (const Binding *b = name_bindings(module, name); b; b = b->next)
        if (++count > BINDINGS_LIMIT)
            return false;
    for (const Binding *b = name_bindings(module, name); b; b = b->next) {
        StringValue one;
        if (!binding_may_reach(module, b, name))
            continue;
        bool parameter = b->kind == BIND_PARAMETER;
        if ((b->kind == BIND_ASSIGN || parameter) && b->value && value_is_none(module, b->value)) {
            defaulted |= parameter;
            continue;
        }
        bool known = parameter ? parameter_string(module, b, &one)
                               : b->kind == BIND_ASSIGN && value_string(module, b->value, &one);
        if (!known || (found && !str_eq(one.text, value->text)))
            return false;
        one.is_default |= found && value->is_default;
        *value = one;
        found = true;
    }
    value->is_default |= defaulted;
    return found;
}

static bool name_string(const Module *module, Node name, StringValue *value) {
    const Tree *tree = module->tree;
    const Binding *b = binding_reaching(module, name);
    if (b && b->kind == BIND_PARAMETER)
        return parameter_string(module, b, value);
    if (b && b->kind != BIND_ASSIGN)
        return false;
    if (!b && name_bindings(module, name))
        return several_value(module, name, value);
    if (node_kind(tree, name) != NODE_ATTRIBUTE)
        return false;
    return option_string(module, node_field(tree, name, FIELD_OBJECT),
                         node_text(tree, node_field(tree, name, FIELD_ATTRIBUTE)), value);
}

static bool find_string(const Module *module, Node node, StringValue *value) {
    const Tree *tree = module->tree;
    Node left = node_field(tree, node, FIELD_LEFT), right = node_field(tree, node, FIELD_RIGHT);
    Node sign = node_field(tree, node, FIELD_OPERATOR);
    StringValue second;
    switch ((int)node_kind(tree, node)) {
    case NODE_STRING:
    case NODE_CONCATENATED_STRING:
        return literal_value(module, node, value);
    case NODE_BOOLEAN_OPERATOR:
        return node_is_token(tree, sign, S("or")) && or_value(module, left, right, value);
    case NODE_BINARY_OPERATOR:
        return node_is_token(tree, sign, S("+")) && value_string(module, left, value) &&
               value_string(module, right, &second) && join(module, value, &second, value);
    case NODE_CONDITIONAL_EXPRESSION:
        return conditional_value(module, node, value);
    case NODE_SUBSCRIPT:
        return index_value(module, node_field(tree, node, FIELD_VALUE),
                           node_field(tree, node, FIELD_SUBSCRIPT), value);
    case NODE_CALL:
        return call_value(module, node, value);
    case NODE_IDENTIFIER:
    case NODE_ATTRIBUTE:
        return name_string(module, node, value);
    default:
        return false;
    }
}

bool value_string(const Module *module, Node expression, StringValue *value) {
    Node node = value_of(module, expression);
    void **slot = cache_slot(module, &string_key, node);
    if (!*slot) {
        KnownString *kept = new (module->arena, KnownString, 1);
        *slot = kept;
        StringValue found = {0};
        kept->known = nesting_enter(module) && find_string(module, node, &found);
        nesting_leave(module);
        kept->value = found;
    }
    const KnownString *kept = *slot;
    *value = kept->known ? kept->value : (StringValue){0};
    return kept->known;
}

/* ---- other literals ---- */

static Truth truth_not(Truth truth) {
    return truth == TRUTH_UNKNOWN ? truth : truth == TRUTH_TRUE ? TRUTH_FALSE : TRUTH_TRUE;
}

static Truth display_truth(const Tree *tree, Node display) {
    Node first = node_child_named(tree, display);
    if (!first)
        return TRUTH_FALSE;
    for (; first; first = node_next_named(tree, first))
        if (node_kind(tree, first) != NODE_DICTIONARY_SPLAT &&
            node_kind(tree, first) != NODE_LIST_SPLAT)
            return TRUTH_TRUE;
    return TRUTH_UNKNOWN;
}

static Truth operator_truth(const Module *module, Node node) {
    const Tree *tree = module->tree;
    if (!nesting_enter(module)) {
        nesting_leave(module);
        return TRUTH_UNKNOWN;
    }
    Truth left = value_truth(module, node_field(tree, node, FIELD_LEFT));
    Truth right = value_truth(module, node_field(tree, node, FIELD_RIGHT));
    nesting_leave(module);
    bool is_or = node_is_token(tree, node_field(tree, node, FIELD_OPERATOR), S("or"));
    Truth decisive = is_or ? TRUTH_TRUE : TRUTH_FALSE;
    if (left == decisive || right == decisive)
        return decisive;
    return left == TRUTH_UNKNOWN ? left : right;
}

Truth value_truth(const Module *module, Node expression) {
    const Tree *tree = module->tree;
    Node node = value_of(module, expression);
    Str text;
    double number;
    switch ((int)node_kind(tree, node)) {
    case NODE_TRUE:
        return TRUTH_TRUE;
    case NODE_FALSE:
    case NODE_NONE_LITERAL:
        return TRUTH_FALSE;
    case NODE_INTEGER:
    case NODE_FLOAT:
    case NODE_UNARY_OPERATOR:
        if (!value_number(module, node, &number))
            return TRUTH_UNKNOWN;
        return number != 0 ? TRUTH_TRUE : TRUTH_FALSE;
    case NODE_STRING:
    case NODE_CONCATENATED_STRING:
        if (!string_literal(module, node, &text))
            return TRUTH_UNKNOWN;
        return text.n ? TRUTH_TRUE : TRUTH_FALSE;
    case NODE_LIST:
    case NODE_TUPLE:
    case NODE_SET:
    case NODE_DICTIONARY:
        /* A display under a name may have been filled since. */
        return node == strip_parentheses(module, expression) ? display_truth(tree, node)
                                                             : TRUTH_UNKNOWN;
    case NODE_NOT_OPERATOR: {
        bool near = nesting_enter(module);
        Truth truth =
            near ? value_truth(module, node_field(tree, node, FIELD_ARGUMENT)) : TRUTH_UNKNOWN;
        nesting_leave(module);
        return truth_not(truth);
    }
    case NODE_BOOLEAN_OPERATOR:
        return operator_truth(module, node);
    default:
        return TRUTH_UNKNOWN;
    }
}

bool value_is_none(const Module *module, Node expression) {
    return expression && node_kind(module->tree, value_of(module, expression)) == NODE_NONE_LITERAL;
}

bool value_number(const Module *module, Node expression, double *number) {
    const Tree *tree = module->tree;
    Node node = value_of(module, expression);
    Kind kind = node_kind(tree, node);
    if (kind == NODE_UNARY_OPERATOR) {
        Node sign = node_field(tree, node, FIELD_OPERATOR);
        bool minus = node_is_token(tree, sign, S("-"));
        bool known = nesting_enter(module) && (minus || node_is_token(tree, sign, S("+"))) &&
                     value_number(module, node_field(tree, node, FIELD_ARGUMENT), number);
        nesting_leave(module);
        if (!known)
            return false;
        *number = minus ? -*number : *number;
        return true;
    }
    if (kind != NODE_INTEGER && kind != NODE_FLOAT)
        return false;
    char digits[NUMBER_LIMIT];
    int n = 0;
    Str text = node_text(tree, node);
    for (ptrdiff_t i = 0; i < text.n; i++) {
        if (text.p[i] == '_')
            continue;
        if (n + 1 == NUMBER_LIMIT)
            return false;
        digits[n++] = text.p[i];
    }
    digits[n] = 0;
    bool prefixed = n > 2 && digits[0] == '0' && (digits[1] | 32) >= 'a' && (digits[1] | 32) != 'e';
    char *end;
    if (prefixed && ((digits[1] | 32) == 'b' || (digits[1] | 32) == 'o'))
        *number = (double)strtoull(digits + 2, &end, (digits[1] | 32) == 'b' ? 2 : 8);
    else
        *number = strtod(digits, &end); /* reads hexadecimal as well */
    return end == digits + n && isfinite(*number);
}
