/* The package that a file belongs to, told from the folders above it. */
#ifndef HFFIX_DOCUMENT_PACKAGE_H
#define HFFIX_DOCUMENT_PACKAGE_H

#include "base/str.h"

/* "trl.trainer" for src/trl/trainer/x.py when src/trl and src/trl/trainer hold an __init__.py and
 * src does not; empty outside a package, and for "-". */
Str package_of(Arena *arena, Str path);

#endif
