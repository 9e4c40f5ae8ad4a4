/* Places in a module: statements, blocks, the functions and classes around a node.
 *
 * All of it climbs the parents that the tree's rows carry, so an answer costs the depth of the
 * node. Reading the scopes is scope_build.c's work. */
#include "python/module.h"

#include "python/scope_private.h"

Module *module_read_among(Arena *arena, const Source *source, const Tree *tree,
                          Neighbours neighbours) {
    Module *module = new (arena, Module, 1);
    module->arena = arena;
    module->source = source;
    module->tree = tree;
    module->neighbours = neighbours;
    scopes_build(module);
    return module;
}

Module *module_read(Arena *arena, const Source *source, const Tree *tree) {
    return module_read_among(arena, source, tree, (Neighbours){0});
}

bool module_is_own(const Module *module, Str dotted) {
    const Neighbours *around = &module->neighbours;
    Str name, rest;
    str_cut(dotted, '.', &name, &rest);
    return name.n && around->own_module && around->own_module(around->context, name);
}

Str module_text(const Module *module, Node node) {
    return str_span(module->source->text, node_span(module->tree, node));
}

static bool holds_statements(Kind kind) {
    return kind == NODE_BLOCK || kind == NODE_MODULE;
}

Node statement_of(const Module *module, Node node) {
    const Tree *tree = module->tree;
    for (; node; node = node_parent(tree, node)) {
        Node parent = node_parent(tree, node);
        if (!parent)
            return 0;
        /* The cases of a match stand in a block of their own. */
        if (holds_statements(node_kind(tree, parent)) && node_kind(tree, node) != NODE_CASE_CLAUSE)
            return node;
    }
    return 0;
}

Node block_of(const Module *module, Node statement) {
    Node parent = node_parent(module->tree, statement);
    return holds_statements(node_kind(module->tree, parent)) ? parent : 0;
}

Node function_of(const Module *module, Node node) {
    const Tree *tree = module->tree;
    for (Node up = node_parent(tree, node); up; up = node_parent(tree, up)) {
        Kind kind = node_kind(tree, up);
        if (kind == NODE_FUNCTION_DEFINITION || kind == NODE_LAMBDA)
            return up;
    }
    return 0;
}

Node class_of(const Module *module, Node node) {
    return node_ancestor(module->tree, node, NODE_CLASS_DEFINITION);
}

bool in_loop(const Module *module, Node node) {
    const Tree *tree = module->tree;
    for (Node child = node, up; (up = node_parent(tree, child)); child = up) {
        Kind kind = node_kind(tree, up);
        if (kind == NODE_FUNCTION_DEFINITION || kind == NODE_LAMBDA)
            return false;
        bool loop = kind == NODE_FOR_STATEMENT || kind == NODE_WHILE_STATEMENT;
        if (loop && tree->rows[child].field == FIELD_BODY)
            return true;
        if (is_comprehension(kind) && tree->rows[child].field == FIELD_BODY)
            return true;
    }
    return false;
}

Node strip_parentheses(const Module *module, Node node) {
    while (node_kind(module->tree, node) == NODE_PARENTHESIZED_EXPRESSION) {
        Node inner = node_child_named(module->tree, node);
        if (!inner)
            return node;
        node = inner;
    }
    return node;
}
