/* Which class of the libraries a value is of.
 *
 * The places that a value may come from are asked one by one: a constructor, from_pretrained of a
 * class, a method or attribute whose result methods.def names, the annotation of a parameter,
 * `self` in a class of the file. The classes' own order is classes.def. Where one of the places is
 * not known the answer is unknown, also when all others agree. */
#include "facts/subject.h"

enum { DEPTH_MAX = 8 };

typedef struct ClassRow {
    const char *name, *base;
} ClassRow;

static const ClassRow class_rows[] = {
#define CLASS(name, base) {name, base},
#include "facts/classes.def"
#undef CLASS
};

typedef struct ResultRow {
    const char *holder, *name, *result;
} ResultRow;

static const ResultRow function_rows[] = {
#define RESULT(function, class_name) {"", function, class_name},
#include "facts/methods.def"
};

static const ResultRow method_rows[] = {
#define METHOD(class_name, method, result) {class_name, method, result},
#include "facts/methods.def"
};

static const ResultRow part_rows[] = {
#define PART(class_name, attribute, result) {class_name, attribute, result},
#include "facts/methods.def"
};

typedef struct TypeQuery {
    const FactContext *context;
    int depth;
} TypeQuery;

static Str type_of_origin(TypeQuery query, Node origin);
static Tri expression_is(TypeQuery query, Node expression, Str base);

/* ---- the order of classes ---- */

static Str class_base(Str name) {
    for (ptrdiff_t i = 0; i < COUNT(class_rows); i++)
        if (glob_matches(name, str_from(class_rows[i].name)))
            return str_from(class_rows[i].base);
    return (Str){0};
}

static bool class_known(Str name) {
    for (ptrdiff_t i = 0; i < COUNT(class_rows); i++)
        if (glob_matches(name, str_from(class_rows[i].name)))
            return true;
    static const char *const modules[] = {"abc.*", "builtins.*", "enum.*", "torch.*", "typing.*"};
    return glob_any(name, modules, COUNT(modules));
}

Node class_in_file(const FactContext *context, Str name) {
    if (name.n < 2 || name.p[0] != '.')
        return 0;
    Str plain = str_slice(name, 1, name.n);
    const Binding *binding = scope_bindings(context->module, context->module->scope, plain);
    for (; binding; binding = binding->next)
        if (binding->kind == BIND_CLASS)
            return node_kind(context->module->tree, binding->statement) == NODE_CLASS_DEFINITION
                       ? binding->statement
                       : node_parent(context->module->tree, binding->at);
    return 0;
}

Tri class_definition_is(const FactContext *context, Node definition, Str base) {
    ptrdiff_t n = 0;
    const Str *bases = class_bases(context->module, definition, &n);
    bool unknown = false;
    for (ptrdiff_t i = 0; i < n; i++) {
        if (bases[i].n && bases[i].p[0] == '.')
            continue; /* of this file: its own bases are in the list */
        Tri tri = bases[i].n ? class_is(context, bases[i], base) : TRI_UNKNOWN;
        if (tri == TRI_YES)
            return TRI_YES;
        unknown |= tri == TRI_UNKNOWN;
    }
    return unknown ? TRI_UNKNOWN : TRI_NO;
}

/* Whether a name is the class that is asked for; of "transformers.*" any class of the library. */
static bool class_matches(Str name, Str base) {
    return str_find_byte(base, '*') < 0 ? qualified_matches(name, base) : glob_matches(name, base);
}

Tri class_is(const FactContext *context, Str name, Str base) {
    if (!name.n)
        return TRI_UNKNOWN;
    if (name.p[0] == '.') {
        Node definition = class_in_file(context, name);
        return definition ? class_definition_is(context, definition, base) : TRI_UNKNOWN;
    }
    name = public_name(context, name);
    if (!class_known(name))
        return class_matches(name, base) ? TRI_YES : TRI_UNKNOWN;
    for (int i = 0; name.n && i < DEPTH_MAX; i++) {
        if (class_matches(name, base))
            return TRI_YES;
        name = class_base(name);
    }
    return TRI_NO;
}

bool is_torch_module(const FactContext *context, Node definition) {
    static const char *const modules[] = {"torch.nn.*", "*.LightningModule", "*.Module", "*Module"};
    ptrdiff_t n = 0;
    const Str *bases = class_bases(context->module, definition, &n);
    for (ptrdiff_t i = 0; i < n; i++)
        if (glob_any(bases[i], modules, COUNT(modules)) ||
            class_is(context, bases[i], S("transformers.PreTrainedModel")) == TRI_YES)
            return true;
    return false;
}

/* ---- what an expression is of ---- */

static Str annotation_type(const FactContext *context, Node annotation) {
    const Module *module = context->module;
    const Tree *tree = module->tree;
    Node node = annotation;
    if (node_kind(tree, node) == NODE_TYPE)
        node = node_child_named(tree, node);
    node = strip_parentheses(module, node);
    switch (node_kind(tree, node)) {
    case NODE_GENERIC_TYPE: {
        /* Optional[X], and list[X] which is a list. */
        Node name = node_child_named(tree, node);
        Str text = last_part(module_text(module, name));
        Node inner = node_next_named(tree, name);
        if (str_eq(text, S("Optional")) && inner)
            return annotation_type(context, node_child_named(tree, inner));
        static const char *const lists[] = {"list",     "List",  "Sequence",
                                            "Iterable", "tuple", "Tuple"};
        return glob_any(text, lists, COUNT(lists)) ? S("builtins.list") : (Str){0};
    }
    case NODE_SUBSCRIPT: {
        Str text = last_part(dotted_name(module, node_field(tree, node, FIELD_VALUE)));
        if (str_eq(text, S("Optional")))
            return annotation_type(context, node_field(tree, node, FIELD_SUBSCRIPT));
        static const char *const lists[] = {"list",     "List",  "Sequence",
                                            "Iterable", "tuple", "Tuple"};
        return glob_any(text, lists, COUNT(lists)) ? S("builtins.list") : (Str){0};
    }
    case NODE_UNION_TYPE:
    case NODE_BINARY_OPERATOR: {
        /* `X | None` */
        Node left = node_child_named(tree, node);
        Node right = node_next_named(tree, left);
        if (str_eq(module_text(module, right), S("None")))
            return annotation_type(context, left);
        return (Str){0};
    }
    case NODE_STRING: {
        /* A forward reference; only a plain qualified or imported name is read. */
        Str text;
        if (!string_literal(module, node, &text))
            return (Str){0};
        const Binding *binding = scope_bindings(module, module->scope, text);
        return binding && !binding->next && binding->kind == BIND_IMPORT ? binding->qualified
                                                                         : (Str){0};
    }
    default: {
        Str text = module_text(module, node);
        if (str_eq(text, S("str")) || str_eq(text, S("int")) || str_eq(text, S("bool")) ||
            str_eq(text, S("float")) || str_eq(text, S("list")) || str_eq(text, S("dict")))
            return str_format(module->arena, "builtins.%.*s", STR_ARG(text));
        return qualified_name(module, node);
    }
    }
}

/* `a, b = HfArgumentParser((A, B)).parse_args_into_dataclasses()`: b is a B. */
static Str type_of_parsed(const FactContext *context, const Binding *binding) {
    static const char *const parsers[] = {"transformers.HfArgumentParser", "trl.TrlParser"};
    static const char *const methods[] = {"parse_args_into_dataclasses", "parse_args_and_config",
                                          "parse_json_file", "parse_yaml_file", "parse_dict"};
    const Module *module = context->module;
    const Tree *tree = module->tree;
    Node call = value_of(module, binding->value);
    if (binding->index < 0 || node_kind(tree, call) != NODE_CALL ||
        !glob_any(call_last_name(module, call), methods, COUNT(methods)))
        return (Str){0};
    Node parser = subject_origin(context, call_receiver(module, call));
    if (!glob_any(callee_name(context, parser), parsers, COUNT(parsers)))
        return (Str){0};
    const CallView *view = call_view(module, parser);
    const Arg *types = call_positional(view, 0);
    if (!types)
        types = call_keyword(view, S("dataclass_types"));
    Node list = types ? value_of(module, types->value) : 0;
    if (node_kind(tree, list) != NODE_TUPLE && node_kind(tree, list) != NODE_LIST)
        return (Str){0};
    Node item = node_child_named(tree, list);
    for (int i = 0; item && i < binding->index; i++)
        item = node_next_named(tree, item);
    return item ? qualified_name(module, item) : (Str){0};
}

/* `*args`, `**kwargs` */
static bool is_starred(const Tree *tree, Node parameter) {
    Kind kind = node_kind(tree, node_parent(tree, parameter));
    return kind == NODE_LIST_SPLAT_PATTERN || kind == NODE_DICTIONARY_SPLAT_PATTERN;
}

/* `self`, parameters with an annotation, and names unpacked from a parser's result. */
static Str type_of_parameter(const FactContext *context, Node identifier) {
    const Module *module = context->module;
    const Binding *binding = name_bindings(module, identifier);
    for (; binding; binding = binding->next) {
        if (binding->kind == BIND_UNPACK)
            return type_of_parsed(context, binding);
        if (binding->kind != BIND_PARAMETER)
            return (Str){0};
        if (is_starred(context->module->tree,
                       binding->at)) /* a tuple, a dict: of what is annotated */
            return (Str){0};
        if (binding->annotation)
            return annotation_type(context, binding->annotation);
        Node function = binding->scope->node;
        Node definition = class_of(module, function);
        if (binding->index == 0 && definition && function_of(module, function) == 0) {
            Str name = module_text(module, node_field(module->tree, definition, FIELD_NAME));
            return str_format(module->arena, ".%.*s", STR_ARG(name));
        }
    }
    return (Str){0};
}

static Str table_result(TypeQuery query, const ResultRow *rows, ptrdiff_t n, Node holder,
                        Str name) {
    query.depth++;
    if (query.depth > DEPTH_MAX)
        return (Str){0};
    for (ptrdiff_t i = 0; i < n; i++)
        if (str_eq(name, str_from(rows[i].name)) &&
            expression_is(query, holder, str_from(rows[i].holder)) == TRI_YES)
            return str_from(rows[i].result);
    return (Str){0};
}

Str class_of_call(const FactContext *context, Node call) {
    static const char *const makers[] = {"from_pretrained", "from_config", "_from_config",
                                         "from_dict", "from_file"};
    Str name = callee_name(context, call);
    if (!name.n)
        return (Str){0};
    Str last = last_part(name);
    if (glob_any(last, makers, COUNT(makers)) && name.n > last.n + 1)
        return str_slice(name, 0, name.n - last.n - 1);
    return last.n && last.p[0] >= 'A' && last.p[0] <= 'Z' ? name : (Str){0};
}

static Str type_of_call(TypeQuery query, Node call) {
    const FactContext *context = query.context;
    const Module *module = context->module;
    Str name = callee_name(context, call);
    for (ptrdiff_t i = 0; i < COUNT(function_rows); i++)
        if (name.n && qualified_matches(name, str_from(function_rows[i].name)))
            return str_from(function_rows[i].result);
    Str type = class_of_call(context, call);
    if (type.n)
        return type;
    Node function = call_function(module, call);
    Node receiver = call_receiver(module, call);
    if (receiver) {
        type = table_result(query, method_rows, COUNT(method_rows), receiver,
                            call_last_name(module, call));
        if (type.n)
            return type;
    }
    return table_result(query, method_rows, COUNT(method_rows), function, S("__call__"));
}

static Str type_of_origin(TypeQuery query, Node origin) {
    const Module *module = query.context->module;
    const Tree *tree = module->tree;
    switch (node_kind(tree, origin)) {
    case NODE_CALL:
        return type_of_call(query, origin);
    case NODE_ATTRIBUTE:
        return table_result(query, part_rows, COUNT(part_rows),
                            node_field(tree, origin, FIELD_OBJECT),
                            module_text(module, node_field(tree, origin, FIELD_ATTRIBUTE)));
    case NODE_IDENTIFIER:
        return type_of_parameter(query.context, origin);
    case NODE_STRING:
    case NODE_CONCATENATED_STRING:
        return S("builtins.str");
    case NODE_LIST:
    case NODE_LIST_COMPREHENSION:
        return S("builtins.list");
    case NODE_TUPLE:
        return S("builtins.tuple");
    case NODE_DICTIONARY:
    case NODE_DICTIONARY_COMPREHENSION:
        return S("builtins.dict");
    case NODE_INTEGER:
        return S("builtins.int");
    case NODE_FLOAT:
        return S("builtins.float");
    case NODE_TRUE:
    case NODE_FALSE:
        return S("builtins.bool");
    case NODE_NONE_LITERAL:
        return S("builtins.None");
    default:
        return (Str){0};
    }
}

static Tri expression_is(TypeQuery query, Node expression, Str base) {
    const FactContext *context = query.context;
    if (!expression || query.depth > DEPTH_MAX)
        return TRI_UNKNOWN;
    query.depth++;
    FactArg arg = {.node = expression};
    const Origins *origins =
        value_origins(context->module, subject_expression(context, arg), library_returns_self);
    bool yes = false, no = false;
    for (ptrdiff_t i = 0; i < origins->n; i++) {
        Str type = type_of_origin(query, origins->v[i]);
        /* A name that starts as None and is loaded later is what it is loaded as. */
        if (str_eq(type, S("builtins.None")) && origins->n > 1)
            continue;
        Tri tri = class_is(context, type, base);
        if (tri == TRI_UNKNOWN)
            return TRI_UNKNOWN;
        yes |= tri == TRI_YES;
        no |= tri == TRI_NO;
    }
    /* A way back that was lost ends at an origin too; an annotation or a table may type it all the
     * same. */
    return yes == no ? TRI_UNKNOWN : yes ? TRI_YES : TRI_NO;
}

Tri type_is(const FactContext *context, Node expression, Str qualified_class) {
    return expression_is((TypeQuery){.context = context}, expression, qualified_class);
}

/* ---- what a file must hold ---- */

typedef List(Str) NameList;

static bool is_below(Str name, Str base) {
    for (int i = 0; name.n && i < DEPTH_MAX; i++) {
        if (str_eq(name, base))
            return true;
        name = class_base(name);
    }
    return false;
}

static void add_once(Arena *arena, NameList *list, Str name) {
    for (ptrdiff_t i = 0; i < list->n; i++)
        if (str_eq(list->v[i], name))
            return;
    *list_push(arena, list) = name;
}

/* Adds classes below `base` and functions that give them, and to `bases` the classes whose methods
 * and attributes do. False when a row stands for more names than can be listed. */
static bool list_makers(Arena *arena, Str base, NameList *names, NameList *bases) {
    add_once(arena, names, last_part(base));
    for (ptrdiff_t i = 0; i < COUNT(class_rows); i++) {
        Str name = str_from(class_rows[i].name);
        if (!is_below(name, base))
            continue;
        if (str_find_byte(name, '*') >= 0)
            return false;
        add_once(arena, names, last_part(name));
    }
    for (ptrdiff_t i = 0; i < COUNT(function_rows); i++)
        if (is_below(str_from(function_rows[i].result), base))
            add_once(arena, names, last_part(str_from(function_rows[i].name)));
    for (ptrdiff_t i = 0; i < COUNT(method_rows); i++)
        if (is_below(str_from(method_rows[i].result), base))
            add_once(arena, bases, str_from(method_rows[i].holder));
    for (ptrdiff_t i = 0; i < COUNT(part_rows); i++)
        if (is_below(str_from(part_rows[i].result), base))
            add_once(arena, bases, str_from(part_rows[i].holder));
    return true;
}

Str type_needs(Arena *arena, Str qualified_class) {
    NameList names = {0}, bases = {0};
    *list_push(arena, &bases) = qualified_class;
    for (ptrdiff_t i = 0; i < bases.n; i++) {
        Str library, rest;
        str_cut(bases.v[i], '.', &library, &rest);
        if (list_makers(arena, bases.v[i], &names, &bases))
            continue;
        if (str_eq(library, S("transformers"))) /* from_pretrained of a class from elsewhere */
            return (Str){0};
        add_once(arena, &names, library);
    }
    Buf all = {.arena = arena};
    for (ptrdiff_t i = 0; i < names.n; i++)
        buf_format(&all, "%s%.*s", i ? "|" : "", STR_ARG(names.v[i]));
    return buf_str(&all);
}

Tri is_model(const FactContext *context, Node expression) {
    return type_is(context, expression, S("transformers.PreTrainedModel"));
}

Tri is_tokenizer(const FactContext *context, Node expression) {
    return type_is(context, expression, S("transformers.PreTrainedTokenizerBase"));
}

bool library_returns_self(const Module *module, Str method) {
    static const char *const methods[] = {
#define RETURNS_SELF(name) name,
#include "facts/methods.def"
    };
    (void)module;
    return glob_any(method, methods, COUNT(methods));
}
