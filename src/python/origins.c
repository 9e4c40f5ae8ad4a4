/* Where a value came from inside the file: flow.c backwards.
 *
 * The same worklist, from an expression to those that give its value, down to what is no name and
 * no function of the file: calls of libraries, literals, parameters that no call in the file
 * fills. `complete` is cleared by each way back that is lost: an unknown name, a loop variable, an
 * argument behind a splat, an attribute of an object that is not of the file. */
#include "python/flow_private.h"

#include <stdlib.h>

#include "python/cache.h"
#include "python/options.h"

/* A name with more bindings than this says nothing about its value. */
enum { BINDINGS_LIMIT = 64 };

typedef struct Back {
    const Module *module;
    const Tree *tree;
    PassThrough *passes;
    Worklist work;
    List(Node) found;
    bool complete;
} Back;

/* The answers for one expression, by the pass-through methods. */
typedef struct KeptOrigins {
    PassThrough *passes;
    Origins origins;
    struct KeptOrigins *next;
} KeptOrigins;

static const char origins_key = 0;

static void add_origin(Back *back, Node node, bool complete) {
    back->complete &= complete;
    *list_push(back->module->arena, &back->found) = node;
}

/* ---- names ---- */

static void back_parameter(Back *back, const Binding *b, Carrier c) {
    const Module *module = back->module;
    Node function = b->scope->node;
    const Callers *callers = callers_of(module, function);
    bool method =
        method_class(module, function) && !has_decorator(module, function, S("staticmethod"));
    bool open = callers->elsewhere || !callers->n || callers->property;
    if (method && b->index == 0) {
        add_origin(back, b->at, true); /* self */
        return;
    }
    for (ptrdiff_t i = 0; i < callers->n && !callers->property; i++) {
        bool sure = true;
        Node argument = argument_for(module, b, method, callers->calls[i], &sure);
        open |= !sure || (!argument && !b->value);
        worklist_add(&back->work, argument, c.index);
    }
    worklist_add(&back->work, b->value, c.index);
    if (open)
        add_origin(back, b->at, false);
}

static void back_unpack(Back *back, const Binding *b, Carrier c) {
    Node value = strip_parentheses(back->module, b->value);
    Kind kind = node_kind(back->tree, value);
    bool starred = node_kind(back->tree, node_parent(back->tree, b->at)) == NODE_LIST_SPLAT_PATTERN;
    if (c.index != FLOW_WHOLE || b->index < 0 || starred || kind == NODE_NONE) {
        add_origin(back, b->at, false);
        return;
    }
    if (kind == NODE_CALL) {
        /* Of a library's call this name is the origin: the call gives several values. */
        Callees callees = callees_of(back->module, call_function(back->module, value));
        if (!callees.n || callees.class_definition) {
            add_origin(back, b->at, true);
            return;
        }
    }
    worklist_add(&back->work, value, b->index);
}

static void back_binding(Back *back, const Binding *b, Carrier c) {
    switch (b->kind) {
    case BIND_ASSIGN:
    case BIND_WITH:
        worklist_add(&back->work, b->value, c.index);
        break;
    case BIND_PARAMETER:
        back_parameter(back, b, c);
        break;
    case BIND_UNPACK:
        back_unpack(back, b, c);
        break;
    case BIND_IMPORT:
    case BIND_FUNCTION:
    case BIND_CLASS:
        add_origin(back, b->at, true);
        break;
    case BIND_AUGMENT:
    case BIND_FOR:
    case BIND_EXCEPT:
    case BIND_MATCH:
    case BIND_TYPE_PARAMETER:
        add_origin(back, b->at, false);
        break;
    case BIND_ANNOTATION:
    case BIND_DELETE:
        break;
    }
}

/* A field of a dataclass: what the constructor's calls give it by keyword. */
static void back_field(Back *back, Node class_definition, const Binding *field, Carrier c) {
    const Module *module = back->module;
    const Binding *b = definition_binding(module, class_definition);
    ptrdiff_t n = 0;
    const Node *uses = b ? binding_uses(module, b, &n) : NULL;
    bool called = false;
    for (ptrdiff_t i = 0; i < n && worklist_step(&back->work); i++) {
        Node call = node_parent(back->tree, uses[i]);
        if (node_kind(back->tree, call) != NODE_CALL || call_function(module, call) != uses[i])
            continue;
        const CallView *view = call_view(module, call);
        const Arg *given = call_keyword(view, field->name);
        called = true;
        worklist_add(&back->work, given ? given->value : 0, c.index);
        if (!given && (!field->value || call_positional(view, 0) || view->n_splats))
            back->complete = false;
    }
    back->complete &= called;
}

/* An attribute of an object of the file: what the class's methods and body give it. */
static bool back_attribute(Back *back, Node attribute, Carrier c) {
    const Module *module = back->module;
    const Tree *tree = back->tree;
    Node object = node_field(tree, attribute, FIELD_OBJECT);
    Node class_definition = object_class(module, object, NULL);
    Str name = node_text(tree, node_field(tree, attribute, FIELD_ATTRIBUTE));
    if (!class_definition)
        return false;
    const Binding *own = class_binding(module, class_definition, name);
    bool found = false;
    if (own && own->kind == BIND_FUNCTION) {
        bool yields = false;
        Node function = definition_of(module, own->statement);
        if (!callers_of(module, function)->property)
            return false;
        Nodes returned = returned_values(module, function, &yields);
        for (ptrdiff_t i = 0; i < returned.n; i++)
            worklist_add(&back->work, returned.v[i], c.index);
        return returned.n > 0 && !yields;
    }
    Node owner = own ? own->scope->node : 0;
    if (own && own->annotation && class_has_fields(module, owner)) {
        back_field(back, class_definition, own, c);
        found = true;
    }
    for (; own; own = own->next) {
        back_binding(back, own, c);
        found = true;
    }
    /* Stores through self, in this class, one above or one below. */
    Nodes all = attributes_named(module, name);
    for (ptrdiff_t i = 0; i < all.n && worklist_step(&back->work); i++) {
        const Binding *b = binding_at(module, all.v[i]);
        Node other = b ? object_class(module, node_field(tree, all.v[i], FIELD_OBJECT), NULL) : 0;
        if (!class_is_below(module, other, class_definition) &&
            !class_is_below(module, class_definition, other))
            continue;
        back_binding(back, b, c);
        found = true;
    }
    return found;
}

static void back_name(Back *back, Carrier c) {
    const Module *module = back->module;
    const Tree *tree = back->tree;
    bool attribute = node_kind(tree, c.node) == NODE_ATTRIBUTE;
    const Binding *first = name_bindings(module, c.node);
    bool found = false;
    int count = 0;
    for (const Binding *b = first; b; b = b->next) {
        if (++count > BINDINGS_LIMIT) {
            add_origin(back, c.node, false);
            return;
        }
    }
    /* What a class's body binds, and what other classes store, goes through the class. */
    if (attribute && (!first || node_kind(tree, first->at) == NODE_IDENTIFIER ||
                      !binding_reaching(module, c.node)))
        found = back_attribute(back, c.node, c);
    for (const Binding *b = attribute && found ? NULL : first; b; b = b->next) {
        if (!worklist_step(&back->work))
            return;
        if (!binding_may_reach(module, b, c.node))
            continue;
        found = true;
        back_binding(back, b, c);
    }
    if (!found)
        add_origin(back, c.node, false);
}

/* ---- calls ---- */

static void back_call(Back *back, Carrier c) {
    const Module *module = back->module;
    Node function = call_function(module, c.node);
    Callees callees = callees_of(module, function);
    for (int i = 0; i < callees.n && !callees.class_definition; i++) {
        bool yields = false;
        Nodes returned = returned_values(module, callees.v[i].function, &yields);
        if (yields || !returned.n)
            add_origin(back, c.node, !yields);
        for (ptrdiff_t k = 0; k < returned.n && !yields; k++)
            worklist_add(&back->work, returned.v[k], c.index);
    }
    if (callees.n && !callees.class_definition)
        return;
    Node receiver = call_receiver(module, c.node);
    if (receiver && c.index == FLOW_WHOLE && back->passes &&
        back->passes(module, call_last_name(module, c.node))) {
        worklist_add(&back->work, receiver, FLOW_WHOLE);
        return;
    }
    Node value = value_of(module, c.node); /* typing.cast */
    if (value != c.node)
        worklist_add(&back->work, value, c.index);
    else
        add_origin(back, c.node, c.index == FLOW_WHOLE);
}

static void back_conditional(Back *back, Carrier c) {
    Node first = node_child_named(back->tree, c.node);
    worklist_add(&back->work, first, c.index);
    worklist_add(&back->work, node_next_named(back->tree, node_next_named(back->tree, first)),
                 c.index);
}

static void back_subscript(Back *back, Carrier c) {
    int index = subscript_index(back->module, c.node);
    Node object = strip_parentheses(back->module, node_field(back->tree, c.node, FIELD_VALUE));
    Node value = value_of(back->module, object);
    Kind kind = node_kind(back->tree, value);
    Callees callees = {0};
    if (kind == NODE_CALL)
        callees = callees_of(back->module, call_function(back->module, value));
    bool tuple = kind == NODE_TUPLE || kind == NODE_EXPRESSION_LIST ||
                 (callees.n && !callees.class_definition);
    if (c.index == FLOW_WHOLE && index >= 0 && tuple)
        worklist_add(&back->work, value, index);
    else
        add_origin(back, c.node, false);
}

static void look_back(Back *back, Carrier c) {
    const Tree *tree = back->tree;
    switch ((int)node_kind(tree, c.node)) {
    case NODE_PARENTHESIZED_EXPRESSION:
    case NODE_AWAIT:
        worklist_add(&back->work, node_child_named(tree, c.node), c.index);
        break;
    case NODE_NAMED_EXPRESSION:
        worklist_add(&back->work, node_field(tree, c.node, FIELD_VALUE), c.index);
        break;
    case NODE_ASSIGNMENT: /* the right side of a chained one */
        worklist_add(&back->work, node_field(tree, c.node, FIELD_RIGHT), c.index);
        break;
    case NODE_CONDITIONAL_EXPRESSION:
        back_conditional(back, c);
        break;
    case NODE_BOOLEAN_OPERATOR:
        worklist_add(&back->work, node_field(tree, c.node, FIELD_LEFT), c.index);
        worklist_add(&back->work, node_field(tree, c.node, FIELD_RIGHT), c.index);
        break;
    case NODE_TUPLE:
    case NODE_EXPRESSION_LIST:
    case NODE_LIST: {
        Node element = c.index == FLOW_WHOLE ? 0 : element_at(tree, c.node, c.index);
        if (element)
            worklist_add(&back->work, element, FLOW_WHOLE);
        else
            add_origin(back, c.node, c.index == FLOW_WHOLE);
        break;
    }
    case NODE_IDENTIFIER:
    case NODE_ATTRIBUTE:
        back_name(back, c);
        break;
    case NODE_SUBSCRIPT:
        back_subscript(back, c);
        break;
    case NODE_CALL:
        back_call(back, c);
        break;
    default:
        add_origin(back, c.node, c.index == FLOW_WHOLE);
        break;
    }
}

static int compare_nodes(const void *a, const void *b) {
    Node x = *(const Node *)a, y = *(const Node *)b;
    return x < y ? -1 : x > y;
}

/* In source order, each once. */
static void sort_origins(Back *back) {
    ptrdiff_t kept = 0;
    if (back->found.n)
        qsort(back->found.v, (size_t)back->found.n, sizeof *back->found.v, compare_nodes);
    for (ptrdiff_t i = 0; i < back->found.n; i++)
        if (!kept || back->found.v[kept - 1] != back->found.v[i])
            back->found.v[kept++] = back->found.v[i];
    back->found.n = kept;
}

const Origins *value_origins(const Module *module, Node expression, PassThrough *passes) {
    void **slot = cache_slot(module, &origins_key, expression);
    for (KeptOrigins *kept = *slot; kept; kept = kept->next)
        if (kept->passes == passes)
            return &kept->origins;
    Back back = {.module = module,
                 .tree = module->tree,
                 .passes = passes,
                 .work = worklist_start(module),
                 .complete = true};
    Carrier carrier;
    worklist_add(&back.work, expression, FLOW_WHOLE);
    while (worklist_next(&back.work, &carrier))
        look_back(&back, carrier);
    worklist_finish(module, &back.work);
    sort_origins(&back);
    KeptOrigins *kept = new (module->arena, KeptOrigins, 1);
    *kept = (KeptOrigins){.passes = passes, .next = *slot};
    kept->origins = (Origins){back.found.v, back.found.n, back.complete};
    if (!back.found.n || worklist_is_cut(&back.work))
        kept->origins.complete = false;
    *slot = kept;
    return &kept->origins;
}
