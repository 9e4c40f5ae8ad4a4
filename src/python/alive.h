/* Which values of a global a function can meet; private to src/python. */
#ifndef HFFIX_PYTHON_ALIVE_H
#define HFFIX_PYTHON_ALIVE_H

#include "python/scope_private.h"

/* Whether a binding that the module's own code makes may be what the name means when the function,
 * lambda or method around `use` runs. True for every other binding, and where it is not known. */
bool binding_is_alive(const Module *module, const NameEntry *entry, const Binding *binding,
                      Node use);

#endif
