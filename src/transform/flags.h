/* The rules of fields.h at the flags of a command. */
#ifndef HFFIX_TRANSFORM_FLAGS_H
#define HFFIX_TRANSFORM_FLAGS_H

#include "project/project.h"
#include "transform/fields.h"

/* Whether the rule matches flags that the command gives to a script that is known to read them so.
 * `path` is that of the file with the command, from which the script is looked for. */
bool flag_match(Arena *arena, const ShellReader *text, const Project *project, Str path,
                const FieldRule *field, const ShellCommand *command, ShellMatch *match);

#endif
