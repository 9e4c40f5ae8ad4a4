/* Keyword arguments that are also command-line flags: of a class that HfArgumentParser reads from
 * the command line, a renamed argument is renamed there too, without a rule of its own. */
#ifndef HFFIX_TRANSFORM_FLAGS_H
#define HFFIX_TRANSFORM_FLAGS_H

#include "project/project.h"
#include "transform/shell_match.h"

/* The keyword that the rule renames in such a class, and the new one. False for all other rules:
 * those that do more, or have conditions of which a command tells nothing. */
bool flag_of_rule(const Rule *rule, Str *from, Str *to);

/* Whether the command gives the flag to a script that is known to read it so. `path` is that of the
 * file with the command, from which the script is looked for. */
bool flag_match(Arena *arena, const ShellReader *text, Str path, const Rule *rule,
                const ShellCommand *command, ShellMatch *match);

#endif
