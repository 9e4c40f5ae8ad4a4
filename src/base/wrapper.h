/* A function or class of the user's own that stands for one of a library: what it is called, and
 * what it counts as. Read from the project's settings, asked when names are resolved. */
#ifndef HFFIX_BASE_WRAPPER_H
#define HFFIX_BASE_WRAPPER_H

#include "base/str.h"

typedef struct Wrapper {
    Str name, means; /* qualified: "mylib.load", "transformers.AutoModel.from_pretrained" */
} Wrapper;

#endif
