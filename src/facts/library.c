/* Words about expressions as they are written, and about what kind of program the file is. */
#include "facts/words.h"

#include "base/path.h"

/* The literal's text; strings without quotes. */
ASK(ask_literal) {
    (void)n;
    const Module *module = context->module;
    Node node = strip_parentheses(module, args[0].node);
    Str text = module_text(module, node);
    switch (node_kind(module->tree, node)) {
    case NODE_STRING:
        if (!string_literal(module, node, &text))
            return answer_no("no literal");
        break;
    case NODE_TRUE:
    case NODE_FALSE:
    case NODE_NONE_LITERAL:
    case NODE_INTEGER:
    case NODE_FLOAT:
        break;
    default:
        return answer_no("no literal");
    }
    return (Answer){.tri = TRI_YES, .text = text, .node = node, .why = "a literal"};
}

ASK(ask_simple) {
    (void)n;
    const Tree *tree = context->module->tree;
    Node node = strip_parentheses(context->module, args[0].node);
    for (;;) {
        switch (node_kind(tree, node)) {
        case NODE_IDENTIFIER:
            return answer_yes("a name, attribute or subscript");
        case NODE_ATTRIBUTE:
            node = node_field(tree, node, FIELD_OBJECT);
            break;
        case NODE_SUBSCRIPT: {
            Kind index = node_kind(tree, node_field(tree, node, FIELD_SUBSCRIPT));
            if (index != NODE_STRING && index != NODE_INTEGER && index != NODE_IDENTIFIER)
                return answer_no("a subscript that computes");
            node = node_field(tree, node, FIELD_VALUE);
            break;
        }
        default:
            return answer_no("more than a name, attribute or subscript");
        }
    }
}

ASK(ask_movable) {
    Node place = n > 1 ? args[1].node : statement_of(context->module, args[0].node);
    if (!args[0].node)
        return answer_unknown("no expression");
    return value_is_movable(context->module, args[0].node, place)
               ? answer_yes("means the same there")
               : answer_no("may mean something else there");
}

/* A file that test runners collect by its name. */
static bool is_test_file(Str path) {
    Str name = path_name(path);
    return str_starts(name, S("test_")) || str_ends(name, S("_test.py")) ||
           str_eq(name, S("conftest.py"));
}

static bool any_node(const FactContext *context, Node node, const void *data) {
    (void)context, (void)node, (void)data;
    return true;
}

static bool asserts(const FactContext *context) {
    static const char *const calls[] = {"assert*", "allclose"};
    return file_find(context, NODE_ASSERT_STATEMENT, any_node, NULL) ||
           file_calls(context, calls, COUNT(calls)) || file_imports(context, "unittest") ||
           file_imports(context, "pytest");
}

ASK(ask_in_test) {
    (void)n;
    const Module *module = context->module;
    const Tree *tree = module->tree;
    Node node = args[0].node;
    if (!asserts(context)) /* scripts that try something out are called test.py, too */
        return answer_no("nothing in the file asserts a result");
    if (is_test_file(module->source->path))
        return answer_yes("the file is a test by its name");
    for (Node f = function_of(module, node); f; f = function_of(module, f))
        if (str_starts(node_text(tree, node_field(tree, f, FIELD_NAME)), S("test")))
            return answer_yes("a test function");
    ptrdiff_t n_bases = 0;
    Node class = class_of(module, node);
    const Str *bases = class ? class_bases(module, class, &n_bases) : NULL;
    for (ptrdiff_t i = 0; i < n_bases; i++)
        if (str_ends(bases[i], S("TestCase")))
            return answer_yes("a test class");
    return answer_no("no test");
}

/* A function that a web framework calls for each request. */
ASK(ask_in_handler) {
    (void)n;
    static const char *const routes[] = {
        "*.get*",       "*.post*",  "*.put*",      "*.route*",      "*.websocket*",  "*.delete*",
        "*.api_route*", "*.patch*", "*.endpoint*", "*.middleware*", "*.on_message*", "*.command*"};
    const Module *module = context->module;
    const Tree *tree = module->tree;
    Node node = args[0].node;
    for (Node f = function_of(module, node); f; f = function_of(module, f)) {
        Node holder = node_parent(tree, f);
        if (node_kind(tree, holder) != NODE_DECORATED_DEFINITION)
            continue;
        for (Node d = node_child_named(tree, holder); d; d = node_next_named(tree, d)) {
            Node what = node_child_named(tree, d);
            Node callee = node_kind(tree, what) == NODE_CALL ? call_function(module, what) : what;
            if (node_kind(tree, d) == NODE_DECORATOR &&
                glob_any(dotted_name(module, callee), routes, COUNT(routes)))
                return answer_yes("in a request handler");
        }
    }
    return answer_no("not in a request handler");
}

ASK(ask_serves_requests) {
    (void)args, (void)n;
    static const char *const servers[] = {"fastapi*", "flask*",  "starlette*", "aiohttp*",
                                          "sanic*",   "gradio*", "streamlit*", "django*",
                                          "tornado*", "bottle*", "litserve*",  "bentoml*",
                                          "quart*",   "grpc*",   "litestar*"};
    if (file_imports_any(context, servers, COUNT(servers)))
        return answer_yes("the file serves requests");
    return answer_no("the file serves no requests");
}

/* transformers' own, or peft's classes that pass their arguments on. */
ASK(ask_own) {
    (void)n;
    Node call = subject_origin(context, args[0].node);
    Str name = callee_name(context, call);
    if (str_starts(name, S("transformers.")) || str_starts(name, S("peft.")))
        return answer_yes("of transformers or peft");
    return name.n ? answer_no("of another library") : answer_unknown("whose it is is not known");
}

/* `try: from a import f` with `except ImportError: from b import f` is two imports: its author has
 * an answer for both. */
ASK(ask_imported_once) {
    (void)n;
    const Module *module = context->module;
    const Tree *tree = module->tree;
    Node root = call_function(module, args[0].node);
    while (root && node_kind(tree, root) != NODE_IDENTIFIER)
        root = strip_parentheses(module, node_child_named(tree, root));
    const Binding *first = name_bindings(module, root), *binding = first;
    for (; binding; binding = binding->next)
        if (binding->kind != BIND_IMPORT || !str_eq(binding->qualified, first->qualified))
            return answer_no("something else binds its name too");
    return first ? answer_yes("it has one import") : answer_unknown("no import is known");
}

/* BertFeatureExtractor, FeatureExtractor, ImageProcessor: BertImageProcessor. */
ASK(ask_replaced) {
    (void)n;
    Str name = args[0].text, part = args[1].text;
    ptrdiff_t at = part.n ? str_find(name, part) : -1;
    if (at < 0)
        return answer_no("the name does not hold that");
    Str rest = str_slice(name, at + part.n, name.n);
    if (str_find(rest, part) >= 0)
        return answer_unknown("the name holds that twice");
    return (Answer){
        .tri = TRI_YES,
        .text = str_format(context->module->arena, "%.*s%.*s%.*s", STR_ARG(str_slice(name, 0, at)),
                           STR_ARG(args[2].text), STR_ARG(rest)),
        .why = "the name with that part replaced",
    };
}

ASK(ask_in_loop) {
    (void)n;
    if (!args[0].node)
        return answer_unknown("no expression");
    return in_loop(context->module, args[0].node) ? answer_yes("in a loop")
                                                  : answer_no("in no loop");
}

ASK(ask_imported) {
    (void)n;
    return file_imports(context, str_c(context->module->arena, args[0].text))
               ? answer_yes("the file imports it")
               : answer_no("the file does not import it");
}

static bool binds_in_body(const FactContext *context, Node class_definition, const void *name) {
    const Module *module = context->module;
    Node body = node_field(module->tree, class_definition, FIELD_BODY);
    return body && scope_bindings(module, scope_of(module, body), *(const Str *)name);
}

ASK(ask_class_binds) {
    (void)n;
    return file_find(context, NODE_CLASS_DEFINITION, binds_in_body, &args[0].text)
               ? answer_yes("a class of the file has it")
               : answer_no("no class of the file has it");
}
