/* Statements and expressions that bind names; private to src/python. */
#ifndef HFFIX_PYTHON_TARGETS_H
#define HFFIX_PYTHON_TARGETS_H

#include "python/scope_private.h"

typedef struct Binder {
    Module *module;
    const Tree *tree;
    uint8_t *role; /* by node, see Role */
} Binder;

/* What the bindings of one target share. */
typedef struct Target {
    BindingKind kind;
    Node value, annotation;
    int index;
    int nesting; /* brackets around the part that is bound */
    Str qualified;
} Target;

/* Binds the identifier in the scope, or where the scope's `global` says. */
void bind_name(Binder *binder, Scope *scope, Node identifier, Target target);
void bind_parameters(Binder *binder, Scope *scope, Node parameters);

/* Binds what the node itself binds, its children's own bindings not included: imports, assignments,
 * loops, `with`, `except`, `del`, patterns. Nothing for every other node. */
void bind_targets_of(Binder *binder, Scope *scope, Node node);

/* The names that an import statement binds. */
void bind_import(Binder *binder, Scope *scope, Node statement);

#endif
