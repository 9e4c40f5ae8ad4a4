/* The keyword arguments that a splatted dict brings to a call.
 *
 * A dict is followed from the splat back to the display or dict(…) that made it, and then over
 * every use of its name: stores and updates that run before the splat bring arguments of their own,
 * keys that are taken out or asked for elsewhere must not be edited, and a use that hands the dict
 * to somebody else makes it shared. What may change the dict out of sight before the splat (a call
 * that gets it, a second name for it) makes its keys unknown; the arguments that are known are
 * listed nevertheless.
 *
 * Order is judged inside one function only: a store after the splat counts when a loop leads back,
 * one in a branch may or may not have run, and a store in another function than the splat's makes
 * the keys unknown. */
#include "python/dict.h"

#include <string.h>

#include "python/local.h"
#include "python/values.h"

enum { DEPTH_LIMIT = 8, USES_LIMIT = 512, STEPS_LIMIT = 4000 };

typedef enum Order { ORDER_NEVER, ORDER_MAYBE, ORDER_SURELY, ORDER_UNKNOWN } Order;

/* A key that is asked for or taken out at another place; it is not to be edited. */
typedef struct Touched {
    bool any; /* a key that is not known: all of them */
    Str key;
    bool removed;
} Touched;

/* One dict on its way to the splat. */
typedef struct Follow {
    ArgList *list;
    const Module *module;
    const Binding *binding;
    Node at;         /* the use of its name that is followed */
    ptrdiff_t first; /* its arguments are those from here on */
    bool shared;
    bool known;
    int depth;
    List(Touched) touched;
    List(Node) also; /* calls that it is splatted into elsewhere */
} Follow;

static bool add_value(ArgList *list, Node value, bool shared, int depth);

bool dict_pair(const Module *module, Node pair, Str *key, Node *value) {
    const Tree *tree = module->tree;
    if (node_kind(tree, pair) != NODE_PAIR)
        return false;
    *value = node_field(tree, pair, FIELD_VALUE);
    return string_literal(module, node_field(tree, pair, FIELD_KEY), key);
}

static Arg *add_arg(ArgList *list, Str name, Node name_at, Node value, Node whole, Node holder) {
    Arg *arg = list_push(list->module->arena, &list->args);
    *arg = (Arg){.name = name,
                 .position = -1,
                 .value = value,
                 .name_at = node_span(list->module->tree, name_at),
                 .whole = whole,
                 .holder = holder};
    return arg;
}

/* A value inside of another dict: when it is not known, it is a splat of its own. */
static void add_nested(ArgList *list, Node splat, Node value, bool shared, int depth) {
    if (!add_value(list, value, shared, depth - 1))
        *list_push(list->module->arena, &list->splats) = (Splat){.node = splat, .value = value};
}

static bool add_display(ArgList *list, Node display, ArgFrom from, bool shared, int depth) {
    const Tree *tree = list->module->tree;
    bool known = true;
    for (Node n = node_child_named(tree, display); n; n = node_next_named(tree, n)) {
        Str key;
        Node value;
        if (node_kind(tree, n) == NODE_DICTIONARY_SPLAT) {
            add_nested(list, n, node_child_named(tree, n), shared, depth);
        } else if (dict_pair(list->module, n, &key, &value)) {
            Arg *arg = add_arg(list, key, node_field(tree, n, FIELD_KEY), value, n, display);
            arg->from = from;
            arg->shared = shared;
        } else {
            known = false;
        }
    }
    return known;
}

/* Arguments of dict(…) or update(…): keywords, and dicts that they start from. */
static void add_call_list(ArgList *list, Node arguments, ArgFrom from, bool shared, int depth) {
    const Tree *tree = list->module->tree;
    for (Node n = node_child_named(tree, arguments); n; n = node_next_named(tree, n)) {
        Kind kind = node_kind(tree, n);
        if (kind == NODE_KEYWORD_ARGUMENT) {
            Node name = node_field(tree, n, FIELD_NAME);
            Arg *arg = add_arg(list, node_text(tree, name), name, node_field(tree, n, FIELD_VALUE),
                               n, arguments);
            arg->from = from;
            arg->shared = shared;
        } else if (kind == NODE_DICTIONARY && from == ARG_UPDATE) {
            if (!add_display(list, n, from, shared, depth))
                *list_push(list->module->arena, &list->splats) = (Splat){.node = n, .value = n};
        } else {
            bool splat = kind == NODE_DICTIONARY_SPLAT || kind == NODE_LIST_SPLAT;
            add_nested(list, n, splat ? node_child_named(tree, n) : n, shared, depth);
        }
    }
}

static bool is_builtin(const Module *module, Node expression, Str name) {
    return node_kind(module->tree, expression) == NODE_IDENTIFIER &&
           str_eq(node_text(module->tree, expression), name) && !name_bindings(module, expression);
}

/* dict(…), and copies: `kw.copy()`, `copy.copy(kw)`, `copy.deepcopy(kw)`. */
static bool add_call(ArgList *list, Node call, bool shared, int depth) {
    const Module *module = list->module;
    const Tree *tree = module->tree;
    Node function = node_field(tree, call, FIELD_FUNCTION);
    Node arguments = node_field(tree, call, FIELD_ARGUMENTS);
    if (node_kind(tree, arguments) != NODE_ARGUMENT_LIST)
        return false;
    if (is_builtin(module, function, S("dict"))) {
        add_call_list(list, arguments, ARG_DICT_CALL, shared, depth);
        return true;
    }
    Node first = node_child_named(tree, arguments);
    if (!first && node_kind(tree, function) == NODE_ATTRIBUTE &&
        str_eq(node_text(tree, node_field(tree, function, FIELD_ATTRIBUTE)), S("copy")))
        return add_value(list, node_field(tree, function, FIELD_OBJECT), shared, depth - 1);
    Str name = qualified_name(module, function);
    if (first && !node_next_named(tree, first) &&
        (str_eq(name, S("copy.copy")) || str_eq(name, S("copy.deepcopy"))))
        return add_value(list, first, shared, depth - 1);
    return false;
}

/* ---- order ---- */

static bool is_loop(Kind kind) {
    return kind == NODE_FOR_STATEMENT || kind == NODE_WHILE_STATEMENT;
}

/* Whether a loop around both places leads from `later` back to `earlier` without making the dict
 * anew. */
static bool loop_leads_back(const Follow *follow, Node a, Node b) {
    const Tree *tree = follow->module->tree;
    for (Node n = node_parent(tree, a); n; n = node_parent(tree, n)) {
        Kind kind = node_kind(tree, n);
        if (kind == NODE_FUNCTION_DEFINITION || kind == NODE_LAMBDA)
            return false;
        if (is_loop(kind) && node_within(tree, b, n))
            return !node_within(tree, follow->binding->at, n);
    }
    return false;
}

/* Whether the places lie in branches of one statement of which only one runs. */
static bool exclude_each_other(const Tree *tree, Node a, Node b) {
    Node under = a, common = node_parent(tree, a);
    while (common && !node_within(tree, b, common)) {
        under = common;
        common = node_parent(tree, common);
    }
    Kind kind = node_kind(tree, common);
    if (kind == NODE_IF_STATEMENT)
        return under != node_field(tree, common, FIELD_CONDITION);
    return node_kind(tree, under) == NODE_CASE_CLAUSE;
}

/* When what stands at `site` runs, seen from the use that is followed. */
static Order order_of(const Follow *follow, Node site) {
    const Module *module = follow->module;
    const Tree *tree = module->tree;
    Node function = function_of(module, follow->at);
    if (function_of(module, site) != function ||
        function_of(module, follow->binding->at) != function)
        return ORDER_UNKNOWN;
    bool again = loop_leads_back(follow, site, follow->at);
    if (site < follow->binding->at)
        return ORDER_NEVER;
    if (site > follow->at || exclude_each_other(tree, site, follow->at))
        return again ? ORDER_MAYBE : ORDER_NEVER;
    Node statement = statement_of(module, site);
    while (statement) {
        Node block = block_of(module, statement);
        if (node_within(tree, follow->at, block))
            return ORDER_SURELY;
        statement = node_parent(tree, block);
        if (node_kind(tree, statement) != NODE_WITH_STATEMENT)
            return ORDER_MAYBE;
    }
    return ORDER_MAYBE;
}

/* ---- uses of the name ---- */

static void touch_key(Follow *follow, Node key, bool removed) {
    Touched touched = {.removed = removed};
    touched.any = !string_literal(follow->module, key, &touched.key);
    *list_push(follow->module->arena, &follow->touched) = touched;
}

/* Dicts lie in dicts: the calls of the inner one stay, those of the outer one come. */
static void add_also(const Follow *follow, Arg *arg) {
    if (!follow->also.n)
        return;
    Node *calls = new (follow->module->arena, Node, arg->n_also + follow->also.n);
    if (arg->n_also)
        memcpy(calls, arg->also, (size_t)arg->n_also * sizeof *calls);
    memcpy(calls + arg->n_also, follow->also.v, (size_t)follow->also.n * sizeof *calls);
    arg->also = calls;
    arg->n_also += follow->also.n;
}

/* What the dict's uses say of all of its arguments, once all are listed. */
static void mark_all(const Follow *follow) {
    for (ptrdiff_t i = follow->first; i < follow->list->args.n; i++) {
        Arg *arg = &follow->list->args.v[i];
        arg->shared |= follow->shared;
        add_also(follow, arg);
        for (ptrdiff_t k = 0; k < follow->touched.n; k++) {
            const Touched *touched = &follow->touched.v[k];
            if (!touched->any && !str_eq(touched->key, arg->name))
                continue;
            arg->shared = true;
            arg->conditional |= touched->removed;
        }
    }
}

static void see_removal(Follow *follow, Node site, Node key) {
    Order order = order_of(follow, site);
    if (order == ORDER_UNKNOWN)
        follow->known = false;
    touch_key(follow, key, order != ORDER_NEVER);
}

/* Marks what was added from `first` on with when it came. */
static void mark_added(Follow *follow, ptrdiff_t first, Order order) {
    for (ptrdiff_t i = first; i < follow->list->args.n; i++) {
        Arg *arg = &follow->list->args.v[i];
        arg->conditional |= order != ORDER_SURELY;
    }
}

static void see_store(Follow *follow, Node subscript, Node assignment) {
    const Module *module = follow->module;
    const Tree *tree = module->tree;
    Order order = order_of(follow, assignment);
    Node key = node_field(tree, subscript, FIELD_SUBSCRIPT);
    Str name;
    bool literal = string_literal(module, key, &name);
    if (order == ORDER_UNKNOWN || (order != ORDER_NEVER && !literal)) {
        follow->known = false;
        return;
    }
    if (order == ORDER_NEVER) {
        touch_key(follow, key, false);
        return;
    }
    Node statement = statement_of(module, assignment);
    Node value = node_field(tree, assignment, FIELD_RIGHT);
    bool chained =
        node_parent(tree, assignment) != statement || node_kind(tree, value) == NODE_ASSIGNMENT;
    while (node_kind(tree, value) == NODE_ASSIGNMENT)
        value = node_field(tree, value, FIELD_RIGHT);
    Arg *arg = add_arg(follow->list, name, key, value, statement, block_of(module, statement));
    arg->from = ARG_STORE;
    arg->conditional = order != ORDER_SURELY;
    arg->shared = chained;
}

static void see_subscript(Follow *follow, Node subscript) {
    const Tree *tree = follow->module->tree;
    Node parent = node_parent(tree, subscript);
    Kind kind = node_kind(tree, parent);
    if (kind == NODE_ASSIGNMENT && node_field(tree, parent, FIELD_LEFT) == subscript) {
        see_store(follow, subscript, parent);
        return;
    }
    Node key = node_field(tree, subscript, FIELD_SUBSCRIPT);
    if (kind == NODE_DELETE_STATEMENT) {
        see_removal(follow, parent, key);
        return;
    }
    Str name;
    bool target = kind == NODE_PATTERN_LIST || kind == NODE_TUPLE_PATTERN ||
                  kind == NODE_LIST_PATTERN || kind == NODE_AUGMENTED_ASSIGNMENT;
    if (target && order_of(follow, subscript) != ORDER_NEVER) {
        follow->known &= string_literal(follow->module, key, &name);
        touch_key(follow, key, true);
        return;
    }
    touch_key(follow, key, false);
}

static void see_update(Follow *follow, Node call) {
    const Tree *tree = follow->module->tree;
    Order order = order_of(follow, call);
    if (order == ORDER_NEVER)
        return;
    if (order == ORDER_UNKNOWN) {
        follow->known = false;
        return;
    }
    ptrdiff_t first = follow->list->args.n;
    add_call_list(follow->list, node_field(tree, call, FIELD_ARGUMENTS), ARG_UPDATE, false,
                  follow->depth);
    mark_added(follow, first, order);
}

static void see_setdefault(Follow *follow, Node call, Node key, Node value) {
    Order order = order_of(follow, call);
    Str name;
    bool literal = string_literal(follow->module, key, &name);
    if (order == ORDER_NEVER) {
        touch_key(follow, key, false);
        return;
    }
    if (order == ORDER_UNKNOWN || !literal || !value) {
        follow->known = false;
        return;
    }
    bool given = !follow->known;
    for (ptrdiff_t i = follow->first; i < follow->list->args.n && !given; i++)
        given = str_eq(follow->list->args.v[i].name, name);
    Node whole = statement_of(follow->module, call);
    Arg *arg = add_arg(follow->list, name, key, value, whole, block_of(follow->module, whole));
    arg->from = ARG_UPDATE;
    arg->conditional = given || order != ORDER_SURELY;
    /* Only as a statement of its own can it be taken out. */
    arg->shared = node_parent(follow->module->tree, call) != whole;
}

static void hand_out(Follow *follow, Node site, bool may_change) {
    follow->shared = true;
    if (may_change && order_of(follow, site) != ORDER_NEVER)
        follow->known = false;
}

static void see_method(Follow *follow, Node attribute, Node call) {
    static const Str readers[] = {S("items"), S("values"), S("keys"), S("copy"), S("__len__")};
    const Tree *tree = follow->module->tree;
    Str method = node_text(tree, node_field(tree, attribute, FIELD_ATTRIBUTE));
    Node first = node_child_named(tree, node_field(tree, call, FIELD_ARGUMENTS));
    if (str_eq(method, S("update"))) {
        see_update(follow, call);
    } else if (str_eq(method, S("setdefault"))) {
        see_setdefault(follow, call, first, node_next_named(tree, first));
    } else if (str_eq(method, S("pop"))) {
        see_removal(follow, call, first);
    } else if (str_eq(method, S("clear")) || str_eq(method, S("popitem"))) {
        see_removal(follow, call, 0);
    } else if (str_eq(method, S("get")) || str_eq(method, S("__getitem__"))) {
        touch_key(follow, first, false);
    } else {
        bool reads = false;
        for (ptrdiff_t i = 0; i < COUNT(readers) && !reads; i++)
            reads = str_eq(method, readers[i]);
        hand_out(follow, call, !reads);
    }
}

/* Whether a call that gets the dict leaves it as it is, and whether it shows what is in it. */
static bool leaves_alone(const Module *module, Node call, bool *shows) {
    static const Str quiet[] = {S("len"), S("bool"), S("isinstance"), S("type"), S("id")};
    static const Str loud[] = {S("print"), S("str"),  S("repr"), S("sorted"),
                               S("list"),  S("dict"), S("set"),  S("tuple")};
    static const Str loggers[] = {S("debug"),  S("info"),    S("warning"), S("error"),
                                  S("log"),    S("dumps"),   S("copy"),    S("deepcopy"),
                                  S("update"), S("pformat"), S("pprint")};
    Node function = node_field(module->tree, call, FIELD_FUNCTION);
    *shows = false;
    for (ptrdiff_t i = 0; i < COUNT(quiet); i++)
        if (is_builtin(module, function, quiet[i]))
            return true;
    *shows = true;
    for (ptrdiff_t i = 0; i < COUNT(loud); i++)
        if (is_builtin(module, function, loud[i]))
            return true;
    Str last = call_last_name(module, call);
    for (ptrdiff_t i = 0; i < COUNT(loggers); i++)
        if (str_eq(last, loggers[i]))
            return true;
    return false;
}

static void see_argument(Follow *follow, Node argument) {
    const Tree *tree = follow->module->tree;
    Node call = node_ancestor(tree, argument, NODE_CALL);
    bool shows = true;
    bool alone = leaves_alone(follow->module, call, &shows);
    if (shows || !alone)
        hand_out(follow, call, !alone);
}

/* `f(**options)` elsewhere: the callee decides. In a dict that is made from it nobody does. */
static void see_splat(Follow *follow, Node splat) {
    const Tree *tree = follow->module->tree;
    Node list = node_parent(tree, splat);
    if (node_kind(tree, list) == NODE_ARGUMENT_LIST)
        *list_push(follow->module->arena, &follow->also) = node_parent(tree, list);
    else
        follow->shared = true;
}

static void see_use(Follow *follow, Node use) {
    const Tree *tree = follow->module->tree;
    Node parent = node_parent(tree, use);
    Node above = node_parent(tree, parent);
    if (++follow->list->steps > STEPS_LIMIT) {
        follow->known = false;
        follow->shared = true;
        return;
    }
    switch ((int)node_kind(tree, parent)) {
    case NODE_SUBSCRIPT:
        if (node_field(tree, parent, FIELD_VALUE) == use)
            see_subscript(follow, parent);
        else
            follow->shared = true;
        break;
    case NODE_ATTRIBUTE:
        if (node_kind(tree, above) == NODE_CALL &&
            node_field(tree, above, FIELD_FUNCTION) == parent)
            see_method(follow, parent, above);
        else
            hand_out(follow, use, true);
        break;
    case NODE_COMPARISON_OPERATOR: {
        Str name;
        if (string_literal(follow->module, node_child_named(tree, parent), &name))
            touch_key(follow, node_child_named(tree, parent), false);
        break;
    }
    case NODE_ARGUMENT_LIST:
    case NODE_KEYWORD_ARGUMENT:
        see_argument(follow, use);
        break;
    case NODE_ASSIGNMENT: /* a second name may change it; in another object it is only shared */
        hand_out(follow, use,
                 node_kind(tree, node_field(tree, parent, FIELD_LEFT)) == NODE_IDENTIFIER);
        break;
    case NODE_NAMED_EXPRESSION:
    case NODE_DEFAULT_PARAMETER:
    case NODE_TYPED_DEFAULT_PARAMETER:
    case NODE_AUGMENTED_ASSIGNMENT:
        hand_out(follow, use, true);
        break;
    case NODE_DICTIONARY_SPLAT:
        see_splat(follow, parent);
        break;
    case NODE_EXPRESSION_STATEMENT:
    case NODE_NOT_OPERATOR:
    case NODE_IF_STATEMENT:
    case NODE_ELIF_CLAUSE:
    case NODE_ASSERT_STATEMENT:
    case NODE_DELETE_STATEMENT:
    case NODE_GLOBAL_STATEMENT:
        break;
    default: /* splatted elsewhere, returned, put into a container, iterated, printed */
        follow->shared = true;
        break;
    }
}

/* ---- names ---- */

/* A dict in a class's body that is read through self, cls or the class: its binding. */
static const Binding *class_constant(const Module *module, Node attribute) {
    const Tree *tree = module->tree;
    Node class_definition = object_class(module, node_field(tree, attribute, FIELD_OBJECT), NULL);
    Str name = node_text(tree, node_field(tree, attribute, FIELD_ATTRIBUTE));
    const Binding *b = class_binding(module, class_definition, name);
    bool one = b && !b->next && !class_is_overridden(module, class_definition, name);
    return one ? b : NULL;
}

/* Reads of the same attribute through whatever may be an object of the class. */
static void add_attribute_uses(const Module *module, Node expression, const Binding *binding,
                               bool constant, Nodes *uses) {
    const Tree *tree = module->tree;
    Node owner = object_class(module, node_field(tree, expression, FIELD_OBJECT), NULL);
    Nodes all =
        attributes_named(module, node_text(tree, node_field(tree, expression, FIELD_ATTRIBUTE)));
    *uses = (Nodes){new (module->arena, Node, all.n > USES_LIMIT ? 0 : all.n), 0};
    for (ptrdiff_t i = 0; i < all.n && all.n <= USES_LIMIT; i++) {
        Node object = node_field(tree, all.v[i], FIELD_OBJECT);
        Node class_definition = object_class(module, object, NULL);
        bool related = class_definition ? class_is_below(module, class_definition, owner) ||
                                              class_is_below(module, owner, class_definition)
                                        : constant;
        const Binding *b = related ? binding_at(module, all.v[i]) : NULL;
        if (related && all.v[i] != binding->at && !(b && value_is_none(module, b->value)))
            uses->v[uses->n++] = all.v[i];
    }
    if (all.n > USES_LIMIT)
        uses->n = -1;
}

/* Looks at every other use of the dict's name. */
static void see_uses(Follow *follow, bool constant) {
    const Module *module = follow->module;
    Nodes uses = {0};
    bool attribute = node_kind(module->tree, follow->at) == NODE_ATTRIBUTE;
    if (attribute)
        add_attribute_uses(module, follow->at, follow->binding, constant, &uses);
    if (!attribute || constant) {
        ptrdiff_t n = 0;
        const Node *reads = binding_uses(module, follow->binding, &n);
        for (ptrdiff_t i = 0; i < n && n <= USES_LIMIT; i++)
            if (reads[i] != follow->at && binding_may_reach(module, follow->binding, reads[i]))
                see_use(follow, reads[i]);
        uses.n = n > USES_LIMIT ? -1 : uses.n;
    }
    for (ptrdiff_t i = 0; i < uses.n; i++)
        if (uses.v[i] != follow->at)
            see_use(follow, uses.v[i]);
    if (uses.n < 0) {
        follow->known = false;
        follow->shared = true;
    }
}

/* Whether the value is assigned to this one name and nothing else. */
static bool assigned_once(const Module *module, Node value) {
    const Tree *tree = module->tree;
    Node assignment = node_parent(tree, value);
    return node_kind(tree, assignment) == NODE_ASSIGNMENT &&
           node_kind(tree, node_parent(tree, assignment)) == NODE_EXPRESSION_STATEMENT;
}

static bool is_name(const Module *module, Node expression) {
    Kind kind = node_kind(module->tree, expression);
    return kind == NODE_IDENTIFIER || kind == NODE_ATTRIBUTE;
}

static bool add_name(ArgList *list, Node expression, bool shared, int depth) {
    const Module *module = list->module;
    const Binding *binding = binding_reaching(module, expression);
    bool constant = false;
    if (node_kind(module->tree, expression) == NODE_ATTRIBUTE &&
        (!binding || node_kind(module->tree, binding->at) == NODE_IDENTIFIER)) {
        binding = class_constant(module, expression);
        constant = binding != NULL;
    }
    if (!binding || (binding->kind != BIND_ASSIGN && binding->kind != BIND_PARAMETER))
        return false;
    for (ptrdiff_t i = 0; i < list->followed.n; i++)
        if (list->followed.v[i] == binding)
            return false;
    *list_push(module->arena, &list->followed) = binding;
    Follow follow = {.list = list,
                     .module = module,
                     .binding = binding,
                     .at = expression,
                     .first = list->args.n,
                     .shared = shared,
                     .depth = depth};
    Node value = strip_parentheses(module, binding->value);
    if (binding->kind == BIND_ASSIGN && assigned_once(module, binding->value) &&
        !is_name(module, value))
        follow.known = add_value(list, value, false, depth - 1);
    see_uses(&follow, constant);
    mark_all(&follow);
    list->followed.n--;
    return follow.known;
}

static bool add_value(ArgList *list, Node value, bool shared, int depth) {
    if (depth <= 0)
        return false;
    value = strip_parentheses(list->module, value);
    switch ((int)node_kind(list->module->tree, value)) {
    case NODE_DICTIONARY:
        return add_display(list, value, ARG_DICT_KEY, shared, depth);
    case NODE_CALL:
        return add_call(list, value, shared, depth);
    case NODE_IDENTIFIER:
    case NODE_ATTRIBUTE:
        return add_name(list, value, shared, depth);
    default:
        return false;
    }
}

void dict_splat(ArgList *list, Node splat) {
    Node value = node_child_named(list->module->tree, splat);
    ptrdiff_t at = list->splats.n;
    list_push(list->module->arena, &list->splats)->node = splat;
    bool known = add_value(list, value, false, DEPTH_LIMIT);
    list->splats.v[at].value = value;
    list->splats.v[at].known = known;
}

Node dict_constant(const Module *module, Node expression) {
    expression = strip_parentheses(module, expression);
    if (node_kind(module->tree, expression) == NODE_DICTIONARY)
        return expression;
    if (!is_name(module, expression))
        return 0;
    ArgList list = {.module = module};
    if (!add_name(&list, expression, false, 2))
        return 0;
    Node display = 0;
    for (ptrdiff_t i = 0; i < list.args.n; i++) {
        const Arg *arg = &list.args.v[i];
        if (arg->from != ARG_DICT_KEY || arg->conditional || (display && display != arg->holder))
            return 0;
        display = arg->holder;
    }
    return display;
}
