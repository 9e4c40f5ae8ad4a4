/* Scopes and bindings as Python has them, and which binding a use of a name means.
 *
 * Bindings are made by imports, assignments (also annotated, augmented, chained, unpacked, walrus),
 * `for`, `with … as`, `except … as`, parameters, `def`, `class`, `del`, `match` captures, `global`
 * and `nonlocal` (these move a name's bindings to the scope that they name). A class body is not
 * visible from the functions in it; a comprehension has a scope of its own, a walrus in it binds
 * outside. Stores to attributes of the first parameter of a method ("self.model = …") bind the
 * attribute in the class: the dotted name "self.model" is a name like any other, whatever the
 * method and whatever the parameter is called. Where a class never stores an attribute, the name
 * means what its body, or else a base class in the file, binds. */
#ifndef HFFIX_PYTHON_SCOPE_H
#define HFFIX_PYTHON_SCOPE_H

#include "python/module.h"

typedef enum ScopeKind {
    SCOPE_MODULE,
    SCOPE_CLASS,
    SCOPE_FUNCTION,
    SCOPE_LAMBDA,
    SCOPE_COMPREHENSION,
    SCOPE_TYPE_PARAMETERS /* of `def f[T]` and `class C[T]`: lies around the definition's own */
} ScopeKind;

typedef enum BindingKind {
    BIND_IMPORT,
    BIND_ASSIGN,     /* name = value, name: T = value, name := value */
    BIND_ANNOTATION, /* name: T without a value */
    BIND_UNPACK,  /* one of several targets: `index` is its position, `value` the whole right side
                     (or the element itself, when the right side is a display of equal length:
                     then the kind is BIND_ASSIGN) */
    BIND_AUGMENT, /* name += value */
    BIND_FOR,     /* value: the iterable */
    BIND_WITH,    /* value: the context expression */
    BIND_EXCEPT,
    BIND_PARAMETER, /* value: the default, if any */
    BIND_FUNCTION,
    BIND_CLASS,
    BIND_DELETE,
    BIND_MATCH,
    BIND_TYPE_PARAMETER
} BindingKind;

struct Binding {
    Str name; /* "tok", or "self.model" for an attribute in the class that sets it */
    BindingKind kind;
    Node at;         /* the identifier or attribute that is bound; its parent is the definition
                        for BIND_FUNCTION and BIND_CLASS */
    Node value;      /* the expression that gives the value, see BindingKind; 0: none */
    Node statement;  /* that makes the binding */
    Node annotation; /* the type expression, 0: none */
    int index; /* BIND_UNPACK, and BIND_FOR and BIND_WITH with a tuple as target: position in the
                  outer tuple, from 0; BIND_PARAMETER: position, -1 for keyword-only ones, *args and
                  **kwargs. Else, and in nested tuples and from a starred target on, -1 */
    Str qualified; /* BIND_IMPORT: "transformers.AutoTokenizer", "transformers"; relative ones with
                      the package filled in, or from "." where the package is unknown; below
                      "<project>" where module_is_own() */
    bool guarded;  /* stands in an `except ImportError` (or ModuleNotFoundError, Exception) branch,
                      or in  the else of `if is_…_available()`: a stand-in for the other import */
    bool type_checking; /* under `if TYPE_CHECKING:` */
    Scope *scope;
    Binding *next; /* of the same name in the same scope, in source order */
};

struct Scope {
    Scope *parent;
    ScopeKind kind;
    Node node; /* module, class_definition, function_definition, lambda, comprehension or
                  type_parameter */
    struct ScopeNames *names;      /* private: read through the functions below */
    struct ScopeNames *attributes; /* SCOPE_CLASS: of the first parameter of methods */
};

Scope *scope_of(const Module *module, Node node); /* the scope that a name at the node is read in */

/* First binding of `name` (chained by `next`) in exactly this scope, NULL if none. */
Binding *scope_bindings(const Module *module, const Scope *scope, Str name);

/* First binding of the name that the expression reads: an identifier, or an attribute of a method's
 * first parameter ("self.model"). All of them are in one scope. NULL: unknown (builtin, star
 * import, other attributes). */
Binding *name_bindings(const Module *module, Node expression);

/* The one binding whose value the expression reads, NULL when several may reach it or none is
 * known. In straight code the last one before the use wins; one in a branch, a loop or another
 * function that may or may not have run makes the answer NULL. A stand-in under `except
 * ImportError` does not count against the import that it stands in for. Uses in nested functions
 * see the outer name only when it has one binding; of a global those that are gone whenever the
 * function is called or the module ends do not count. For an attribute of self: the binding that
 * surely comes before it in the same method, else its only one apart from `= None`; the same goes
 * for a name that functions fill in through `global`. A target reads as the binding that it makes.
 * A binding that may not have run is the answer when no other can have: else the name would not
 * exist. */
Binding *binding_reaching(const Module *module, Node expression);

/* Every expression that reads the name of the binding (identifiers, and attributes for "self.x"),
 * in source order, in all scopes that see it. `n` gets their number. Cached. */
const Node *binding_uses(const Module *module, const Binding *binding, ptrdiff_t *n);

/* Whether the use may see the value that this binding gave: its only reaching one, or one of
 * several. False when another binding surely comes between. */
bool binding_may_reach(const Module *module, const Binding *binding, Node use);

/* Whether `a` and `b`, expressions at two places, are the same name or dotted name with the same
 * bindings in reach, so that one may stand for the other. */
bool same_place(const Module *module, Node a, Node b);

/* Whether the name is free in the scope that the node is in: no binding there or in between, no
 * builtin that the file uses. For choosing names of imports. */
bool name_is_free(const Module *module, Node node, Str name);

#endif
