/* Whether an expression means the same at another place.
 *
 * It must do nothing but read, and what it reads must not change between the two places: every name
 * has the same bindings in reach, none lies between the places, and no branch or loop that holds
 * one place only holds a binding. Attributes and items are compared by how they are written; what a
 * call between the places does to an object is not seen. */
#include "python/local.h"
#include "python/values.h"

enum { STORES_LIMIT = 512, BINDINGS_LIMIT = 256 };

typedef struct Move {
    const Module *module;
    Node from, to;
} Move;

static bool reads_only(const Tree *tree, Node expression) {
    for (Node n = expression; n < tree->rows[expression].past; n++) {
        switch ((int)node_kind(tree, n)) {
        case NODE_CALL:
        case NODE_AWAIT:
        case NODE_YIELD:
        case NODE_NAMED_EXPRESSION:
        case NODE_LAMBDA:
        case NODE_LIST_COMPREHENSION:
        case NODE_SET_COMPREHENSION:
        case NODE_DICTIONARY_COMPREHENSION:
        case NODE_GENERATOR_EXPRESSION:
        case NODE_ERROR:
            return false;
        default:
            break;
        }
    }
    return true;
}

/* Whether a binding or store at `at` can make a difference between the two places. */
static bool comes_between(const Move *move, Node at) {
    const Module *module = move->module;
    const Tree *tree = module->tree;
    Node first = move->from < move->to ? move->from : move->to;
    Node last = move->from < move->to ? move->to : move->from;
    if (at > first && at < last)
        return true;
    /* A block that holds the binding and one place only: the other place may see another one. */
    for (Node n = node_parent(tree, at); n; n = node_parent(tree, n)) {
        Kind kind = node_kind(tree, n);
        if (kind == NODE_FUNCTION_DEFINITION || kind == NODE_LAMBDA)
            return false;
        bool loop = kind == NODE_FOR_STATEMENT || kind == NODE_WHILE_STATEMENT;
        if ((loop || (kind == NODE_BLOCK && at < first)) &&
            node_within(tree, move->from, n) != node_within(tree, move->to, n))
            return true;
    }
    return false;
}

/* The first binding of a name as it is read at a place. */
static const Binding *bindings_at(const Module *module, Node place, Str name) {
    const Scope *start = scope_of(module, place);
    for (const Scope *s = start; s; s = s->parent) {
        const Binding *b =
            s == start || s->kind != SCOPE_CLASS ? scope_bindings(module, s, name) : NULL;
        if (b)
            return b;
    }
    return NULL;
}

static bool name_moves(const Move *move, Node name) {
    const Module *module = move->module;
    const Binding *here = name_bindings(module, name);
    const Binding *there = bindings_at(module, move->to, node_text(module->tree, name));
    if (here != there)
        return false;
    Node function = function_of(module, move->from);
    bool apart = function != function_of(module, move->to);
    int count = 0;
    for (const Binding *b = here; b; b = b->next) {
        if (++count > BINDINGS_LIMIT)
            return false;
        Node at_function = function_of(module, b->at);
        if (b->kind == BIND_PARAMETER && !apart)
            continue;
        if (apart &&
            (here->next || (at_function == function_of(module, move->to) && b->at > move->to)))
            return false;
        if (!apart && at_function == function && comes_between(move, b->at))
            return false;
        if (!apart && here->next && at_function != function)
            return false; /* set by another function at a time that is not known */
    }
    return true;
}

/* Whether an attribute or item that is written alike is stored to between the places. */
static bool attribute_moves(const Move *move, Node attribute) {
    const Module *module = move->module;
    const Tree *tree = module->tree;
    Nodes all =
        attributes_named(module, node_text(tree, node_field(tree, attribute, FIELD_ATTRIBUTE)));
    Str dotted = dotted_name(module, attribute);
    if (all.n > STORES_LIMIT)
        return false;
    bool apart = function_of(module, move->from) != function_of(module, move->to);
    for (ptrdiff_t i = 0; i < all.n; i++) {
        Node parent = node_parent(tree, all.v[i]);
        Kind kind = node_kind(tree, parent);
        bool stored = (kind == NODE_ASSIGNMENT || kind == NODE_AUGMENTED_ASSIGNMENT ||
                       kind == NODE_PATTERN_LIST || kind == NODE_DELETE_STATEMENT) &&
                      node_field(tree, parent, FIELD_RIGHT) != all.v[i];
        if (stored && str_eq(dotted_name(module, all.v[i]), dotted) &&
            (apart || comes_between(move, all.v[i])))
            return false;
    }
    return true;
}

/* Items are read again only within one function and with nothing stored into any between. */
static bool subscript_moves(const Move *move) {
    const Tree *tree = move->module->tree;
    Node first = move->from < move->to ? move->from : move->to;
    Node last = move->from < move->to ? move->to : move->from;
    if (function_of(move->module, first) != function_of(move->module, last))
        return false;
    for (Node n = first; n < last; n++) {
        Kind kind = node_kind(tree, n);
        if (kind != NODE_ASSIGNMENT && kind != NODE_AUGMENTED_ASSIGNMENT)
            continue;
        if (node_kind(tree, node_field(tree, n, FIELD_LEFT)) == NODE_SUBSCRIPT)
            return false;
    }
    return true;
}

static bool is_read(const Tree *tree, Node identifier) {
    Node parent = node_parent(tree, identifier);
    Kind kind = node_kind(tree, parent);
    return !(kind == NODE_ATTRIBUTE && node_field(tree, parent, FIELD_ATTRIBUTE) == identifier) &&
           !(kind == NODE_KEYWORD_ARGUMENT && node_field(tree, parent, FIELD_NAME) == identifier);
}

bool value_is_movable(const Module *module, Node expression, Node place) {
    const Tree *tree = module->tree;
    Move move = {module, expression, place};
    if (!expression || !place || !reads_only(tree, expression))
        return false;
    for (Node n = expression; n < tree->rows[expression].past; n++) {
        Kind kind = node_kind(tree, n);
        bool moves = kind == NODE_IDENTIFIER  ? !is_read(tree, n) || name_moves(&move, n)
                     : kind == NODE_ATTRIBUTE ? attribute_moves(&move, n)
                     : kind == NODE_SUBSCRIPT ? subscript_moves(&move)
                                              : true;
        if (!moves)
            return false;
    }
    return true;
}
