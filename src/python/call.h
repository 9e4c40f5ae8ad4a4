/* The arguments of a call as the callee sees them, wherever they were written. */
#ifndef HFFIX_PYTHON_CALL_H
#define HFFIX_PYTHON_CALL_H

#include "python/names.h"

typedef enum ArgFrom {
    ARG_DIRECT,    /* f(x) or f(name=x) */
    ARG_DICT_KEY,  /* f(**{"name": x}) or kw = {"name": x}; f(**kw) */
    ARG_DICT_CALL, /* kw = dict(name=x); f(**kw), or f(**dict(name=x)) */
    ARG_STORE,     /* kw["name"] = x; f(**kw) */
    ARG_UPDATE,    /* kw.update(name=x), kw.update({"name": x}), kw.setdefault("name", x) */
    ARG_PARTIAL    /* functools.partial(f, name=x)(…) */
} ArgFrom;

typedef struct Arg {
    Str name;     /* keyword; empty for a positional argument */
    int position; /* of a direct positional argument from 0; else -1 */
    Node value;
    Span name_at; /* where the keyword is written: an identifier, or a string with its quotes */
    Node whole; /* what is removed with the argument: keyword_argument, positional expression, pair,
                   or for ARG_STORE the statement */
    ArgFrom from;
    Node holder; /* the argument_list, dictionary or dict(…) argument_list that `whole` lies in; for
                    ARG_STORE, and setdefault(), the block */
    bool shared;      /* the dict also goes where no call of `also` is: editing it changes that */
    bool conditional; /* stored in a branch that may not have run */
    const Node *also; /* other calls that the dict is splatted into */
    ptrdiff_t n_also;
} Arg;

typedef struct Splat {
    Node node;   /* the dictionary_splat or list_splat; a dict that another one is made from or
                    updated with, and that can't be followed, stands here as itself */
    Node value;  /* what is splatted */
    bool known;  /* its keys are known and stand among the arguments */
    bool tokens; /* never options: the library side marks it (facts), see call_view() */
} Splat;

typedef struct CallView {
    Node call;
    Node list; /* the argument_list; 0 for a call on a generator expression */
    Arg *args;
    ptrdiff_t n;
    Splat *splats;
    ptrdiff_t n_splats;
} CallView;

/* The view of a call; cached, in the module's arena. A dict is followed when the splatted name has
 * one binding in reach (a display, dict(…), or a copy of such) and only stores, updates and reads
 * besides; `a or {}` and conditional displays are not followed. What may change it out of sight (a
 * second name for it, a function that gets it before, a store in another function) makes its keys
 * unknown; stores to a dict that is unknown from the start are listed all the same. Stores behind
 * the call count only when a loop leads back. An argument given twice is listed twice, the later
 * one counts. */
const CallView *call_view(const Module *module, Node call);

/* The function that the call reaches: the one that a functools.partial was made of, else that of
 * call_function(). */
Node call_target(const Module *module, Node call);

/* The keyword argument of that name, NULL when it is not there as far as is known. */
const Arg *call_keyword(const CallView *view, Str name);
/* The i-th direct positional argument, NULL when there is none or a `*splat` stands before it. */
const Arg *call_positional(const CallView *view, int position);
/* Whether some `**x` or `*x` may bring arguments that are not listed. `skip` (may be NULL) is asked
 * for each splat that is not known; it answers true for those that bring data and not options. */
bool call_is_opaque(const CallView *view, const Module *module,
                    bool (*skip)(void *context, const Module *module, Node value), void *context);

#endif
