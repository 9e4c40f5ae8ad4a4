/* Private to src/transform: code that its author has written for one version of a library. */
#ifndef HFFIX_TRANSFORM_GUARDS_H
#define HFFIX_TRANSFORM_GUARDS_H

#include "python/module.h"

/* Whether a test of a version or of a signature, or a `try` that catches the TypeError of an
 * argument that is not there, stands around the site. `why` gets a few words. */
bool guard_around(const Module *module, Node site, const char **why);

/* Whether a `with` around the site waits for the old form's warning or TypeError: `pytest.warns(
 * FutureWarning)`, `assertRaises(TypeError)`. */
bool guard_expects(const Module *module, Node site, const char **why);

/* What stands between `except` and the block of the clause. */
Str except_head(const Tree *tree, Node clause);

#endif
