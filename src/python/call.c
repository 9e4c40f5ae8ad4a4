/* The arguments of a call as the callee sees them.
 *
 * The arguments of the call itself are listed in their order; what a splatted dict brings comes at
 * the splat's place (dict.c), and what a functools.partial has bound before comes first, so that of
 * two arguments with one name the later is the one that counts. */
#include "python/call.h"

#include "python/cache.h"
#include "python/dict.h"
#include "python/values.h"

enum { PARTIAL_LIMIT = 4 };

static const char view_key = 0;

static void add_positional(ArgList *list, Node value, Node holder, int position) {
    *list_push(list->module->arena, &list->args) =
        (Arg){.position = position, .value = value, .whole = value, .holder = holder};
}

static void add_keyword(ArgList *list, Node argument, Node holder) {
    const Tree *tree = list->module->tree;
    Node name = node_field(tree, argument, FIELD_NAME);
    *list_push(list->module->arena, &list->args) =
        (Arg){.name = node_text(tree, name),
              .position = -1,
              .value = node_field(tree, argument, FIELD_VALUE),
              .name_at = node_span(tree, name),
              .whole = argument,
              .holder = holder};
}

/* The arguments of the list; `position` is that of the first positional one. */
static void add_list(ArgList *list, Node arguments, int position) {
    const Tree *tree = list->module->tree;
    for (Node n = node_child_named(tree, arguments); n; n = node_next_named(tree, n)) {
        Node bare = strip_parentheses(list->module, n);
        switch ((int)node_kind(tree, bare)) {
        case NODE_KEYWORD_ARGUMENT:
            add_keyword(list, n, arguments);
            break;
        case NODE_DICTIONARY_SPLAT:
            dict_splat(list, bare);
            break;
        case NODE_LIST_SPLAT:
            *list_push(list->module->arena, &list->splats) =
                (Splat){.node = bare, .value = node_child_named(tree, bare)};
            position = -1;
            break;
        default:
            add_positional(list, n, arguments, position);
            position += position >= 0;
            break;
        }
    }
}

/* ---- functools.partial ---- */

/* The functools.partial(…) that an expression is, 0 when it is something else. */
static Node partial_of(const Module *module, Node function) {
    const Tree *tree = module->tree;
    function = strip_parentheses(module, function);
    Kind kind = node_kind(tree, function);
    if (kind != NODE_IDENTIFIER && kind != NODE_ATTRIBUTE && kind != NODE_CALL)
        return 0;
    Node value = value_of(module, function);
    if (node_kind(tree, value) != NODE_CALL ||
        !str_eq(qualified_name(module, call_function(module, value)), S("functools.partial")))
        return 0;
    return call_positional(call_view(module, value), 0) ? value : 0;
}

static Node partial_function(const Module *module, Node partial) {
    return call_positional(call_view(module, partial), 0)->value;
}

/* Whether the partial object has other uses than this call. */
static bool partial_is_shared(const Module *module, Node call) {
    Node function = strip_parentheses(module, call_function(module, call));
    if (node_kind(module->tree, function) == NODE_CALL)
        return false;
    const Binding *binding = binding_reaching(module, function);
    ptrdiff_t n = 0;
    if (binding)
        binding_uses(module, binding, &n);
    return n != 1;
}

/* What the partial has bound, and the one that it was made of before; the answer is the position of
 * the first argument behind that. */
static int add_partial(ArgList *list, Node partial, bool shared, int depth) {
    const CallView *bound = call_view(list->module, partial);
    Node inner = partial_of(list->module, partial_function(list->module, partial));
    int first = inner && depth ? add_partial(list, inner, shared, depth - 1) : 0;
    int position = first;
    for (ptrdiff_t i = 0; i < bound->n; i++) {
        Arg arg = bound->args[i];
        if (arg.position == 0)
            continue; /* the function itself */
        if (arg.position > 0)
            position = first < 0 ? -1 : first + arg.position;
        arg.position = arg.position > 0 && position > 0 ? position - 1 : -1;
        if (arg.from == ARG_DIRECT)
            arg.from = ARG_PARTIAL;
        arg.shared |= shared;
        *list_push(list->module->arena, &list->args) = arg;
    }
    for (ptrdiff_t i = 0; i < bound->n_splats; i++) {
        if (node_kind(list->module->tree, bound->splats[i].node) == NODE_LIST_SPLAT)
            position = -1;
        *list_push(list->module->arena, &list->splats) = bound->splats[i];
    }
    return position;
}

/* ---- the view ---- */

const CallView *call_view(const Module *module, Node call) {
    const Tree *tree = module->tree;
    void **slot = cache_slot(module, &view_key, call);
    if (*slot)
        return *slot;
    CallView *view = new (module->arena, CallView, 1);
    *slot = view; /* a call that splats its own result sees itself without arguments */
    view->call = call;
    Node arguments = node_field(tree, call, FIELD_ARGUMENTS);
    ArgList list = {.module = module};
    Node partial = partial_of(module, call_function(module, call));
    int position = 0;
    if (partial && partial != call)
        position = add_partial(&list, partial, partial_is_shared(module, call), PARTIAL_LIMIT);
    if (node_kind(tree, arguments) == NODE_ARGUMENT_LIST) {
        view->list = arguments;
        add_list(&list, arguments, position);
    } else if (arguments) {
        add_positional(&list, arguments, 0, position);
    }
    view->args = list.args.v;
    view->n = list.args.n;
    view->splats = list.splats.v;
    view->n_splats = list.splats.n;
    return view;
}

Node call_target(const Module *module, Node call) {
    Node function = call_function(module, call);
    for (int depth = 0; depth < PARTIAL_LIMIT; depth++) {
        Node partial = partial_of(module, function);
        if (!partial)
            break;
        function = partial_function(module, partial);
    }
    return function;
}

const Arg *call_keyword(const CallView *view, Str name) {
    const Arg *found = NULL;
    for (ptrdiff_t i = 0; i < view->n; i++) {
        const Arg *arg = &view->args[i];
        bool later = !found || !arg->conditional || found->conditional;
        if (arg->position < 0 && arg->name.n && str_eq(arg->name, name) && later)
            found = arg;
    }
    return found;
}

const Arg *call_positional(const CallView *view, int position) {
    for (ptrdiff_t i = 0; i < view->n && position >= 0; i++)
        if (view->args[i].position == position && !view->args[i].name.n)
            return &view->args[i];
    return NULL;
}

bool call_is_opaque(const CallView *view, const Module *module,
                    bool (*skip)(void *context, const Module *module, Node value), void *context) {
    for (ptrdiff_t i = 0; i < view->n_splats; i++) {
        const Splat *splat = &view->splats[i];
        if (!splat->known && !splat->tokens && !(skip && skip(context, module, splat->value)))
            return true;
    }
    return false;
}
