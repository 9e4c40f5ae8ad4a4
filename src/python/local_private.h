/* What local.c tells callers.c alone. */
#ifndef HFFIX_PYTHON_LOCAL_PRIVATE_H
#define HFFIX_PYTHON_LOCAL_PRIVATE_H

#include "python/local.h"

/* Whether a call of the decorated function is a call of what is written below its decorators. */
bool decorators_keep_calls(const Module *module, Node definition);

/* The classes of the file that have a class of the file as a base. */
Nodes derived_classes(const Module *module);

#endif
