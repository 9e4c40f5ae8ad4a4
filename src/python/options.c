/* Strings that come from options of a program or parameters of a function.
 *
 * An option's default is a string that another value may replace, so whatever is found here through
 * a default is marked `is_default`. Where two places of the file give different strings for one
 * option, it is not known. The ways in are those of argparse
 * (https://docs.python.org/3/library/argparse.html), click and typer, transformers'
 * HfArgumentParser and its like, and dataclasses. */
#include "python/options.h"

#include "python/cache.h"
#include "python/flow.h"
#include "python/local.h"

enum { CALLERS_LIMIT = 32, STORES_LIMIT = 512 };

static const char options_key = 0, options_read_key = 0;

/* Takes one more possible value; false when it differs from the one before. */
static bool agree(StringValue *value, const StringValue *other, bool *first) {
    if (!*first) {
        value->is_default |= other->is_default;
        return str_eq(value->text, other->text);
    }
    *value = *other;
    *first = false;
    return true;
}

static bool is_builtin_name(const Module *module, Node expression, Str name) {
    return node_kind(module->tree, expression) == NODE_IDENTIFIER &&
           str_eq(node_text(module->tree, expression), name) && !name_bindings(module, expression);
}

/* ---- argparse ---- */

typedef struct Option {
    Str dest;
    Node call; /* add_argument(…) */
    bool positional;
    struct Option *next; /* in the same slot of the index */
} Option;

/* "--model-name" is args.model_name; without a long option the first short one counts. */
static bool option_dest(const Module *module, const CallView *view, Str *dest, bool *positional) {
    Str best = {0};
    for (int i = 0;; i++) {
        const Arg *arg = call_positional(view, i);
        Str flag;
        if (!arg || !string_literal(module, arg->value, &flag))
            break;
        *positional = !str_starts(flag, S("-"));
        bool is_long = str_starts(flag, S("--"));
        if (!best.n || (is_long && !str_starts(best, S("--"))))
            best = flag;
    }
    const Arg *named = call_keyword(view, S("dest"));
    if (named)
        return string_literal(module, named->value, dest);
    while (str_starts(best, S("-")))
        best = str_slice(best, 1, best.n);
    *dest = str_copy(module->arena, best);
    if (!*positional)
        for (ptrdiff_t i = 0; i < dest->n; i++)
            if (dest->p[i] == '-')
                ((char *)dest->p)[i] = '_';
    return dest->n > 0;
}

static void read_options(const Module *module) {
    const Tree *tree = module->tree;
    Nodes reads = attributes_named(module, S("add_argument"));
    for (ptrdiff_t i = 0; i < reads.n; i++) {
        Node call = node_parent(tree, reads.v[i]);
        if (node_kind(tree, call) != NODE_CALL ||
            node_field(tree, call, FIELD_FUNCTION) != reads.v[i])
            continue;
        Option *option = new (module->arena, Option, 1);
        option->call = call;
        if (!option_dest(module, call_view(module, call), &option->dest, &option->positional))
            continue;
        void **slot = cache_slot(module, &options_key, str_hash(option->dest));
        option->next = *slot;
        *slot = option;
    }
}

static Str keyword_string(const Module *module, const CallView *view, Str name) {
    const Arg *arg = call_keyword(view, name);
    Str text = {0};
    return arg && string_literal(module, arg->value, &text) ? text : (Str){0};
}

/* The default of one add_argument(…); false when it is none, or never used. */
static bool option_default(const Module *module, const Option *option, StringValue *value) {
    const CallView *view = call_view(module, option->call);
    const Arg *given = call_keyword(view, S("default"));
    const Arg *required = call_keyword(view, S("required"));
    const Arg *type = call_keyword(view, S("type"));
    const Arg *action = call_keyword(view, S("action"));
    Str nargs = keyword_string(module, view, S("nargs"));
    if (!given || (required && value_truth(module, required->value) != TRUTH_FALSE))
        return false;
    if (option->positional && !str_eq(nargs, S("?")) && !str_eq(nargs, S("*")))
        return false;
    if (type && !is_builtin_name(module, type->value, S("str")))
        return false; /* argparse converts a default that is a string */
    if (action && !str_eq(keyword_string(module, view, S("action")), S("store")))
        return false;
    bool known = value_string(module, given->value, value);
    value->is_default = true;
    return known;
}

/* Whether some parser.set_defaults(…) may give the option another default. */
static bool default_is_set_again(const Module *module, Str dest) {
    const Tree *tree = module->tree;
    Nodes reads = attributes_named(module, S("set_defaults"));
    for (ptrdiff_t i = 0; i < reads.n; i++) {
        Node call = node_parent(tree, reads.v[i]);
        if (node_kind(tree, call) != NODE_CALL)
            continue;
        const CallView *view = call_view(module, call);
        if (call_keyword(view, dest) || call_is_opaque(view, module, NULL, NULL))
            return true;
    }
    return false;
}

static bool argparse_string(const Module *module, Str dest, StringValue *value) {
    void **read = cache_slot(module, &options_read_key, 0);
    if (!*read) {
        *read = (void *)module;
        read_options(module);
    }
    bool first = true;
    for (const Option *o = *cache_slot(module, &options_key, str_hash(dest)); o; o = o->next) {
        StringValue one;
        if (!str_eq(o->dest, dest))
            continue;
        if (!option_default(module, o, &one) || !agree(value, &one, &first))
            return false;
    }
    return !first && !default_is_set_again(module, dest);
}

/* ---- fields of classes ---- */

static bool ends_like_record(Str name) {
    static const Str records[] = {S("BaseModel"), S("BaseSettings"), S("NamedTuple"),
                                  S("TypedDict"), S("SQLModel"),     S("Struct")};
    for (ptrdiff_t i = 0; i < COUNT(records); i++)
        if (str_ends(name, records[i]))
            return true;
    return false;
}

static bool has_fields(const Module *module, Node class_definition, int depth) {
    static const Str decorators[] = {S("dataclass"), S("define"), S("frozen"),     S("mutable"),
                                     S("attrs"),     S("s"),      S("configclass")};
    for (ptrdiff_t i = 0; i < COUNT(decorators); i++)
        if (has_decorator(module, class_definition, decorators[i]))
            return true;
    Node bases = node_field(module->tree, class_definition, FIELD_SUPERCLASSES);
    for (Node n = node_child_named(module->tree, bases); n; n = node_next_named(module->tree, n))
        if (ends_like_record(node_text(module->tree, n)))
            return true;
    Node local[4];
    int count = depth ? class_local_bases(module, class_definition, local, COUNT(local)) : 0;
    for (int i = 0; i < count; i++)
        if (has_fields(module, local[i], depth - 1))
            return true;
    return false;
}

bool class_has_fields(const Module *module, Node class_definition) {
    return has_fields(module, class_definition, 6);
}

/* The string that a field starts with: `"x"`, `field(default="x")`, `Field("x")`,
 * `field(default_factory=lambda: "x")`. */
static bool field_value(const Module *module, Node value, StringValue *string) {
    const Tree *tree = module->tree;
    value = strip_parentheses(module, value);
    if (node_kind(tree, value) != NODE_CALL)
        return value_string(module, value, string);
    Str last = call_last_name(module, value);
    bool positional =
        str_eq(last, S("Field")) || str_eq(last, S("Option")) || str_eq(last, S("Argument"));
    if (!positional && !str_eq(last, S("field")) && !str_eq(last, S("ib")) &&
        !str_eq(last, S("attrib")) && !str_eq(last, S("HfArg")))
        return value_string(module, value, string);
    const CallView *view = call_view(module, value);
    const Arg *given = call_keyword(view, S("default"));
    if (!given && positional)
        given = call_positional(view, 0);
    if (given)
        return value_string(module, given->value, string);
    const Arg *factory = call_keyword(view, S("default_factory"));
    if (!factory || node_kind(tree, factory->value) != NODE_LAMBDA)
        return false;
    return value_string(module, node_field(tree, factory->value, FIELD_BODY), string);
}

static bool field_string(const Module *module, Node class_definition, Str name,
                         StringValue *value) {
    const Binding *b = class_binding(module, class_definition, name);
    if (!b || b->next || b->kind != BIND_ASSIGN || !b->value ||
        class_is_overridden(module, class_definition, name) ||
        !field_value(module, b->value, value))
        return false;
    value->is_default = true;
    return true;
}

/* An object that the file makes: what its constructor got, or what the field starts with. */
static bool instance_string(const Module *module, Node call, Node class_definition, Str name,
                            StringValue *value) {
    const CallView *view = call_view(module, call);
    const Arg *given = call_keyword(view, name);
    if (given)
        return value_string(module, given->value, value);
    if (call_positional(view, 0) || class_binding(module, class_definition, S("__init__")))
        return false; /* which field the arguments fill is not read */
    return field_string(module, class_definition, name, value);
}

/* ---- where an object is from ---- */

/* The class of the `index`th result of HfArgumentParser((A, B)).parse_…(), 0 if it is none. */
static Node parsed_class(const Module *module, Node call, int index) {
    const Tree *tree = module->tree;
    if (node_kind(tree, call) != NODE_CALL ||
        !str_starts(call_last_name(module, call), S("parse_")))
        return 0;
    Node parser = value_of(module, call_receiver(module, call));
    Str last = node_kind(tree, parser) == NODE_CALL ? call_last_name(module, parser) : (Str){0};
    if (!str_eq(last, S("HfArgumentParser")) && !str_eq(last, S("TrlParser")) &&
        !str_eq(last, S("H4ArgumentParser")))
        return 0;
    const CallView *view = call_view(module, parser);
    const Arg *classes = call_positional(view, 0);
    if (!classes)
        classes = call_keyword(view, S("dataclass_types"));
    Node node = classes ? value_of(module, classes->value) : 0;
    Kind kind = node_kind(tree, node);
    if (kind != NODE_TUPLE && kind != NODE_LIST)
        return index == 0 && classes ? local_class(module, classes->value) : 0;
    for (node = node_child_named(tree, node); node && index > 0; index--)
        node = node_next_named(tree, node);
    return local_class(module, node);
}

static bool is_parse(const Module *module, Node call, int index) {
    Str last = call_last_name(module, call);
    if (str_eq(last, S("parse_known_args")) || str_eq(last, S("parse_known_intermixed_args")))
        return index == 0;
    return index < 0 && (str_eq(last, S("parse_args")) || str_eq(last, S("parse_intermixed_args")));
}

static bool is_namespace(Str name) {
    return str_eq(name, S("argparse.Namespace")) || str_eq(name, S("types.SimpleNamespace"));
}

/* The option of an object that is the (index-th) result of a call; index -1: the result itself. */
static bool result_string(const Module *module, Node call, int index, Str name,
                          StringValue *value) {
    if (is_parse(module, call, index))
        return argparse_string(module, name, value);
    Node parsed = parsed_class(module, call, index);
    if (parsed)
        return field_string(module, parsed, name, value);
    if (index >= 0)
        return false;
    Node function = call_function(module, call);
    Node class_definition = local_class(module, function);
    if (class_definition)
        return instance_string(module, call, class_definition, name, value);
    Str qualified = qualified_name(module, function);
    const Arg *given = is_namespace(qualified) ? call_keyword(call_view(module, call), name) : NULL;
    if (given)
        return value_string(module, given->value, value);
    static const Str parsers[] = {S("tyro.cli"), S("draccus.parse"), S("pyrallis.parse"),
                                  S("simple_parsing.parse")};
    for (ptrdiff_t i = 0; i < COUNT(parsers); i++) {
        const Arg *first =
            str_eq(qualified, parsers[i]) ? call_positional(call_view(module, call), 0) : NULL;
        if (first)
            return field_string(module, local_class(module, first->value), name, value);
    }
    return false;
}

static bool is_usual_name(Str name) {
    static const Str usual[] = {S("args"),      S("opt"),    S("opts"),   S("options"),
                                S("arguments"), S("flags"),  S("FLAGS"),  S("cli_args"),
                                S("hparams"),   S("params"), S("parsed"), S("parsed_args"),
                                S("namespace"), S("config"), S("cfg"),    S("ns")};
    ptrdiff_t dot = str_rfind_byte(name, '.');
    name = str_slice(name, dot + 1, name.n);
    for (ptrdiff_t i = 0; i < COUNT(usual); i++)
        if (str_eq(name, usual[i]))
            return true;
    return false;
}

/* An origin that is a name: an element of an unpacked result, or a parameter. */
static bool name_option(const Module *module, Node origin, Str name, StringValue *value) {
    const Binding *b = binding_at(module, origin);
    if (!b)
        b = binding_reaching(module, origin);
    if (b && b->kind == BIND_UNPACK)
        return result_string(module, strip_parentheses(module, b->value), b->index, name, value);
    Node class_definition = b ? annotation_class(module, b->annotation) : 0;
    if (class_definition)
        return field_string(module, class_definition, name, value);
    if (b && b->kind != BIND_PARAMETER)
        return false;
    return is_usual_name(dotted_name(module, origin)) && argparse_string(module, name, value);
}

static bool origin_string(const Module *module, Node origin, Str name, StringValue *value) {
    const Tree *tree = module->tree;
    switch ((int)node_kind(tree, origin)) {
    case NODE_CALL:
        return result_string(module, origin, -1, name, value);
    case NODE_SUBSCRIPT: {
        double index;
        Node call = value_of(module, node_field(tree, origin, FIELD_VALUE));
        if (node_kind(tree, call) != NODE_CALL ||
            !value_number(module, node_field(tree, origin, FIELD_SUBSCRIPT), &index) || index < 0 ||
            index > 100)
            return false;
        return result_string(module, call, (int)index, name, value);
    }
    case NODE_IDENTIFIER:
    case NODE_ATTRIBUTE:
        return name_option(module, origin, name, value);
    default:
        return false;
    }
}

/* Whether the file stores into `object.name`, the object written in the same way. */
static bool option_is_stored(const Module *module, Node object, Str name) {
    const Tree *tree = module->tree;
    Nodes all = attributes_named(module, name);
    Str dotted = dotted_name(module, object);
    for (ptrdiff_t i = 0; i < all.n; i++) {
        Node parent = node_parent(tree, all.v[i]);
        Kind kind = node_kind(tree, parent);
        if ((kind == NODE_ASSIGNMENT || kind == NODE_AUGMENTED_ASSIGNMENT) &&
            node_field(tree, parent, FIELD_LEFT) == all.v[i] &&
            (i > STORES_LIMIT ||
             str_eq(dotted, dotted_name(module, node_field(tree, all.v[i], FIELD_OBJECT)))))
            return true;
    }
    return all.n > STORES_LIMIT;
}

bool option_string(const Module *module, Node object, Str name, StringValue *value) {
    object = strip_parentheses(module, object);
    Kind kind = node_kind(module->tree, object);
    bool is_name = kind == NODE_IDENTIFIER || kind == NODE_ATTRIBUTE;
    if (is_name && option_is_stored(module, object, name))
        return false;
    bool is_class = false;
    Node class_definition = is_name ? object_class(module, object, &is_class) : 0;
    if (class_definition && class_has_fields(module, class_definition) &&
        node_kind(module->tree, value_of(module, object)) != NODE_CALL)
        return field_string(module, class_definition, name, value);
    const Origins *origins = value_origins(module, object, NULL);
    bool first = true;
    for (ptrdiff_t i = 0; i < origins->n; i++) {
        StringValue one;
        if (node_kind(module->tree, origins->v[i]) == NODE_NONE_LITERAL)
            continue;
        if (!origin_string(module, origins->v[i], name, &one) || !agree(value, &one, &first))
            return false;
    }
    if (!first && !origins->complete)
        value->is_default = true;
    return !first;
}

/* ---- parameters ---- */

/* The name that click gives an option's value: one without dashes, else the longest-dashed flag
 * (https://click.palletsprojects.com/en/stable/parameters/#parameter-names). */
static Str click_name(const Module *module, const CallView *view) {
    Str best = {0};
    int best_dashes = -1;
    for (int i = 0;; i++) {
        const Arg *arg = call_positional(view, i);
        Str flag;
        if (!arg || !string_literal(module, arg->value, &flag))
            break;
        int dashes = str_starts(flag, S("--")) ? 2 : str_starts(flag, S("-")) ? 1 : 3;
        ptrdiff_t slash = str_find_byte(flag, '/');
        if (dashes > best_dashes) {
            best = str_slice(flag, dashes == 3 ? 0 : dashes, slash > 0 ? slash : flag.n);
            best_dashes = dashes;
        }
    }
    Str name = str_copy(module->arena, best);
    for (ptrdiff_t i = 0; i < name.n; i++)
        if (name.p[i] == '-')
            ((char *)name.p)[i] = '_';
    return name;
}

/* The decorator call @click.option(…) that the parameter is the value of. */
static Node click_option(const Module *module, Node function, Str name) {
    const Tree *tree = module->tree;
    Node whole = node_parent(tree, function);
    if (node_kind(tree, whole) != NODE_DECORATED_DEFINITION)
        return 0;
    for (Node n = node_child_named(tree, whole); n; n = node_next_named(tree, n)) {
        Node call = node_kind(tree, n) == NODE_DECORATOR ? node_child_named(tree, n) : 0;
        if (node_kind(tree, call) != NODE_CALL)
            continue;
        Str last = call_last_name(module, call);
        if ((str_eq(last, S("option")) || str_eq(last, S("argument"))) &&
            str_eq(click_name(module, call_view(module, call)), name))
            return call;
    }
    return 0;
}

/* What the callers in the file give; `*given` is false when none gives anything. */
static bool callers_string(const Module *module, const Binding *parameter, Node function,
                           StringValue *value, bool *given) {
    const Callers *callers = callers_of(module, function);
    bool method =
        method_class(module, function) && !has_decorator(module, function, S("staticmethod"));
    bool first = true;
    *given = false;
    *value = (StringValue){0};
    if (callers->property || callers->n > CALLERS_LIMIT)
        return callers->n == 0;
    for (ptrdiff_t i = 0; i < callers->n; i++) {
        bool sure = true;
        StringValue one;
        Node argument = argument_for(module, parameter, method, callers->calls[i], &sure);
        if (!sure)
            return false;
        *given |= argument != 0;
        if (!argument) {
            if (!parameter->value || !field_value(module, parameter->value, &one))
                return false;
            one.is_default = true;
        } else if (!value_string(module, argument, &one)) {
            return false;
        }
        if (!agree(value, &one, &first))
            return false;
    }
    value->is_default |= callers->elsewhere;
    return true;
}

bool parameter_string(const Module *module, const Binding *parameter, StringValue *value) {
    Node function = parameter->scope->node;
    Node option = click_option(module, function, parameter->name);
    if (option) {
        const Arg *given = call_keyword(call_view(module, option), S("default"));
        if (!given || !value_string(module, given->value, value))
            return false;
        value->is_default = true;
        return true;
    }
    bool given = false;
    if (!callers_string(module, parameter, function, value, &given))
        return false;
    if (given)
        return true;
    if (!parameter->value || !field_value(module, parameter->value, value))
        return false;
    value->is_default = true;
    return true;
}
