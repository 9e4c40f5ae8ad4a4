/* Where a value goes inside the file, and where it came from.
 *
 * Both directions know assignments, tuples, walrus, conditional expressions, `or`, await,
 * parentheses, `with … as`, attributes of self, functions of the file that return it (also in
 * tuples) and their callers, and arguments of functions and methods of the file. Which methods give
 * back their own object (`model.to(…)`) is knowledge of the library, so the caller supplies it. */
#ifndef HFFIX_PYTHON_FLOW_H
#define HFFIX_PYTHON_FLOW_H

#include "python/values.h"

typedef enum UseKind {
    USE_CALLED,    /* value(…): `node` is the call */
    USE_METHOD,    /* value.name(…): `node` is the call, `name` the method */
    USE_ATTRIBUTE, /* value.name read: `node` is the attribute */
    USE_STORE,     /* value.name = …: `node` is the assignment */
    USE_ARGUMENT,  /* f(…, value, …), *value or **value: `node` is the call, `argument` the
                    * argument */
    USE_SUBSCRIPT, /* value[…]: `node` is the subscript */
    USE_ITERATED,  /* for x in value */
    USE_OTHER,     /* compared, tested, formatted: harmless reading; `node` is the parent */
    USE_RETURNED,  /* returned by a function that nothing in the file calls; `node` is the
                    * statement */
    USE_ESCAPED    /* put into a container, another object, yielded, or bound to an attribute of
                      something    else: what becomes of it is not known; `node` is the parent */
} UseKind;

typedef struct Use {
    UseKind kind;
    Node value;    /* the expression that is the value at this place */
    Node node;     /* see UseKind */
    Node argument; /* USE_ARGUMENT: the argument in the list (keyword_argument or expression) */
    Str name;      /* method or attribute; for USE_ARGUMENT the keyword, if any */
} Use;

typedef struct Uses {
    Use *v; /* in source order */
    ptrdiff_t n;
    const Binding **bindings; /* names that hold the value on its way */
    ptrdiff_t n_bindings;
} Uses;

/* Called for `value.method(…)`: whether the result is the same object (then its uses are listed
 * too, besides the USE_METHOD itself). */
typedef bool PassThrough(const Module *module, Str method);

/* Every use of the value that the expression gives. An argument of a function of the file is no use
 * of its own: the uses of the parameter stand for it. What reaches the limit of 10,000 steps has
 * escaped. Cached by expression and `passes`. */
const Uses *value_uses(const Module *module, Node expression, PassThrough *passes);

/* The expressions (calls, literals, parameters' identifiers, …) that the value of `expression` may
 * come from, followed back as far as the file goes, through pass-through methods too. A name that
 * takes one of the results of a library's call (`model, tok = load()`) is its own origin.
 * `complete` is false when some way back was lost. */
typedef struct Origins {
    Node *v;
    ptrdiff_t n;
    bool complete;
} Origins;
const Origins *value_origins(const Module *module, Node expression, PassThrough *passes);

#endif
