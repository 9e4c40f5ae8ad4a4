/* The keyword arguments that a splatted dict brings to a call; private to src/python. */
#ifndef HFFIX_PYTHON_DICT_H
#define HFFIX_PYTHON_DICT_H

#include "python/call.h"

typedef struct ArgList {
    const Module *module;
    List(Arg) args;
    List(Splat) splats;
    List(const Binding *) followed; /* dicts on the way, so that none is followed into itself */
    int steps;                      /* uses looked at, over all dicts */
} ArgList;

/* Adds what `splat` (a dictionary_splat of a call) brings, and the splat itself. */
void dict_splat(ArgList *list, Node splat);

/* When the expression is a dict that is only read in this file, its display; else 0. */
Node dict_constant(const Module *module, Node expression);

/* Key and value of a pair whose key is a string literal; false for every other node. */
bool dict_pair(const Module *module, Node pair, Str *key, Node *value);

#endif
