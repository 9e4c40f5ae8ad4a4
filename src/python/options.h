/* Strings that come from options of a program or parameters of a function; private to
 * src/python. */
#ifndef HFFIX_PYTHON_OPTIONS_H
#define HFFIX_PYTHON_OPTIONS_H

#include "python/values.h"

/* The string in the attribute `name` of an object that holds options: a namespace of argparse, a
 * dataclass, a model of pydantic. */
bool option_string(const Module *module, Node object, Str name, StringValue *value);

/* The string that a parameter is: what all callers in the file give it, or its default, or that of
 * the click or typer option that it is. */
bool parameter_string(const Module *module, const Binding *parameter, StringValue *value);

/* Whether the class's annotated names are fields that each object has its own value of: dataclass,
 * attrs, pydantic, NamedTuple. */
bool class_has_fields(const Module *module, Node class_definition);

#endif
