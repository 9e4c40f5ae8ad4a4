/* What the file's own classes and functions are to its expressions: the class of an object, the
 * function that a call reaches, the calls that reach a function, the parameter that an argument
 * fills. */
#ifndef HFFIX_PYTHON_LOCAL_H
#define HFFIX_PYTHON_LOCAL_H

#include "python/scope.h"

typedef struct Nodes {
    Node *v;
    ptrdiff_t n;
} Nodes;

/* A function of the file as a call reaches it. */
typedef struct Callee {
    Node function; /* function_definition or lambda */
    int bound;     /* parameters that the call does not fill: 1 for a method of an object */
} Callee;

typedef struct Callees {
    Callee v[4];
    int n;
    Node class_definition; /* the callee is this class; its __init__ is in `v`, if it has one */
} Callees;

/* Where the file calls a function. */
typedef struct Callers {
    Node *calls; /* call nodes; of a property the attributes that read it */
    ptrdiff_t n;
    bool property;
    bool elsewhere; /* it is also passed on, stored, or a decorator hands it to a framework */
} Callers;

/* Questions that ask themselves about the parts of an expression stand between these two: beyond a
 * depth that no readable code has, the answer is false and the question is to say "not known". Each
 * nesting_enter() has its nesting_leave(), whatever the answer. */
bool nesting_enter(const Module *module);
void nesting_leave(const Module *module);

/* The definition itself, under its decorators or not. */
Node definition_of(const Module *module, Node statement);
/* The function's class when it is a method of one (defined directly in its body), else 0. */
Node method_class(const Module *module, Node function);
/* Whether some decorator's last name is `name`. */
bool has_decorator(const Module *module, Node definition, Str name);

/* Every attribute node `….name` of the file, in source order. */
Nodes attributes_named(const Module *module, Str name);
/* The class of the file that the expression names, 0 if none. */
Node local_class(const Module *module, Node expression);
/* The class of the file that the expression is an object of (self, an instance, an annotated name);
 * `is_class` is set when the expression is the class itself. 0 if none. */
Node object_class(const Module *module, Node expression, bool *is_class);
/* The class of the file that an annotation means, 0 if none. */
Node annotation_class(const Module *module, Node annotation);
/* Whether `class_definition` is `base` or below it, through classes of the file. */
bool class_is_below(const Module *module, Node class_definition, Node base);
/* Classes of the file that are bases of the class; at most `limit` are written. */
int class_local_bases(const Module *module, Node class_definition, Node *bases, int limit);
/* First binding of the name in the class's own body or else in a base's, NULL if none. */
Binding *class_binding(const Module *module, Node class_definition, Str name);
/* Whether some class below has a binding of its own for the name in its body. */
bool class_is_overridden(const Module *module, Node class_definition, Str name);

/* The scope inside of a class or function. */
Scope *inner_scope(const Module *module, Node definition);
/* The binding that a target (identifier or attribute on a left side) makes, NULL if none. */
Binding *binding_at(const Module *module, Node target);
/* The binding that a `def` or `class` makes. */
Binding *definition_binding(const Module *module, Node definition);

typedef enum ParameterKind {
    PARAMETER_PLAIN,
    PARAMETER_REST,    /* *args, or a bare *: what follows is filled by keyword only */
    PARAMETER_KEYWORDS /* **kwargs */
} ParameterKind;

/* The identifier that a child of a parameter list binds, 0 for `/` and a bare `*`; `kind` may be
 * NULL. */
Node parameter_name(const Tree *tree, Node parameter, ParameterKind *kind);

/* The functions of the file that an expression, called, may reach. */
Callees callees_of(const Module *module, Node callee);
const Callers *callers_of(const Module *module, Node function);
/* The parameter that `argument` of the list fills; NULL when a splat stands before it, or it goes
 * into `*args` or `**kwargs`. */
Binding *parameter_of(const Module *module, Callee callee, Node list, Node argument);
/* The argument's expression that fills the parameter in a call, 0 when it is not given; `sure` is
 * cleared when a splat may bring it. */
Node argument_for(const Module *module, const Binding *parameter, int bound, Node call, bool *sure);
/* The expressions after `return` in the function itself; of a lambda its body. `yields` is set for
 * a generator. */
Nodes returned_values(const Module *module, Node function, bool *yields);

#endif
