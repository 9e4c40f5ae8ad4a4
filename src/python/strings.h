/* How string literals are written; private to src/python. */
#ifndef HFFIX_PYTHON_STRINGS_H
#define HFFIX_PYTHON_STRINGS_H

#include "python/values.h"

typedef struct StringForm {
    bool raw, bytes, format; /* by its prefix; what is no string counts as bytes */
} StringForm;
StringForm string_form(const Module *module, Node node);

/* Adds the text that a piece of a literal between its quotes stands for; false when an escape in it
 * is not known. */
bool string_decode(Buf *buf, Str piece, bool raw, bool format);

#endif
