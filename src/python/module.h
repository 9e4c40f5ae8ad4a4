/* A parsed Python file with its scopes: what every later question is asked of. */
#ifndef HFFIX_PYTHON_MODULE_H
#define HFFIX_PYTHON_MODULE_H

#include "base/wrapper.h"
#include "python/source.h"
#include "syntax/syntax.h"

typedef struct Scope Scope;
typedef struct Binding Binding;

/* The name in a library behind one that is imported from another module of the project; empty:
 * none that is known. */
typedef Str Reexported(void *context, Str qualified);

/* Whether the first part of an imported name ("datasets") is a module of the project. */
typedef bool OwnModule(void *context, Str name);

/* What is known of the files around a module. */
typedef struct Neighbours {
    Reexported *reexported; /* NULL: imports stand for themselves */
    OwnModule *own_module;  /* NULL: all names are libraries' */
    void *context;
} Neighbours;

typedef struct Module {
    Arena *arena; /* the file's; answers are allocated here */
    const Source *source;
    const Tree *tree;
    Scope *scope;      /* the module's own scope */
    Scope **scope_at;  /* by node: the scope that a name at the node is read in, see scope_of() */
    bool star_imports; /* some `from x import *`: names without a binding may come from there */
    const Wrapper *wrappers; /* of the project's settings: set before names are asked for */
    ptrdiff_t n_wrappers;
    Neighbours neighbours;
    void *cache; /* of python/ rooms, by their own keys */
} Module;

/* Reads scopes and bindings of the tree. Never fails: what lies in ERROR nodes binds nothing. */
Module *module_read(Arena *arena, const Source *source, const Tree *tree);
Module *module_read_among(Arena *arena, const Source *source, const Tree *tree,
                          Neighbours neighbours);

/* Whether a dotted name of an import starts with a module of the project. Such a name is never a
 * library's: Binding.qualified and qualified_name() have it below "<project>". */
bool module_is_own(const Module *module, Str dotted);

Str module_text(const Module *module, Node node); /* bytes of a node in the source's text */

/* The simple statement or compound statement that holds the node (itself, if it is one); a
 * decorated definition counts as one statement. 0 for the root. */
Node statement_of(const Module *module, Node node);
/* The block or module whose direct child `statement` is. */
Node block_of(const Module *module, Node statement);
/* Innermost function_definition or lambda around the node, 0 at module level. */
Node function_of(const Module *module, Node node);
/* Innermost class_definition around the node, functions in between or not; 0 if none. */
Node class_of(const Module *module, Node node);
/* Whether a for, while or comprehension body holds the node, within its own function. */
bool in_loop(const Module *module, Node node);
/* The node without parentheses around it, and the expression inside parentheses. */
Node strip_parentheses(const Module *module, Node node);

#endif
