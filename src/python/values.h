/* Values of expressions, as far as the file says. */
#ifndef HFFIX_PYTHON_VALUES_H
#define HFFIX_PYTHON_VALUES_H

#include "python/call.h"

/* The expression that gives the value: names are followed to the value of their one binding in
 * reach (assignment, walrus, `with … as`, a class attribute, a dataclass field's default is not
 * followed), parentheses are taken off, `typing.cast(T, x)` is x. Stops at what is not a name.
 * Never 0. */
Node value_of(const Module *module, Node expression);

typedef struct StringValue {
    Str text;
    Node literal;    /* the string node that holds it; 0 when it was put together */
    bool is_default; /* only the default of an option or parameter: argparse, click, typer,
                        dataclass or pydantic field, os.environ.get, a function parameter; another
                        value may come */
} StringValue;

/* The one string that the expression can be: a literal (escapes decoded, concatenation, f-string
 * without holes), a constant, `x or "default"`, os.environ.get("V", "default"), os.getenv,
 * args.model with add_argument("--model", default="…") in the file, a parameter or dataclass field
 * with a default (is_default). False when unknown or one of several. */
bool value_string(const Module *module, Node expression, StringValue *value);

/* Text of a string literal node with escapes decoded; false for f-strings with holes and bytes. */
bool string_literal(const Module *module, Node node, Str *text);

typedef enum Truth { TRUTH_FALSE, TRUTH_TRUE, TRUTH_UNKNOWN } Truth;
Truth value_truth(const Module *module,
                  Node expression); /* of a literal or a constant that is one */
bool value_is_none(const Module *module, Node expression);
bool value_number(const Module *module, Node expression, double *number); /* int or float literal */

/* Whether the expression may stand at another place of the file and mean the same: it has no calls,
 * no await, yield or walrus, and every name in it has the same bindings in reach at `place`. */
bool value_is_movable(const Module *module, Node expression, Node place);

#endif
