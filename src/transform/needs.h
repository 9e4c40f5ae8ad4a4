/* Which libraries a text needs at run time. */
#ifndef HFFIX_TRANSFORM_NEEDS_H
#define HFFIX_TRANSFORM_NEEDS_H

#include "syntax/syntax.h"

/* Whether the text imports the library (by its name in the package index), installs it, or uses
 * what needs it. */
bool tree_needs(Arena *arena, const Tree *tree, Str library);

/* Whether a line holds `pip install` and the library: `!pip install -U accelerate`. */
bool text_installs(Str text, Str library);

#endif
