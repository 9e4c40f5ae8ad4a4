/* Rules with `in:` against the commands and variables of a text. */
#ifndef HFFIX_TRANSFORM_SHELL_MATCH_H
#define HFFIX_TRANSFORM_SHELL_MATCH_H

#include "edit/edit.h"
#include "shell/shell.h"
#include "transform/patch.h"

typedef struct ShellMatch {
    Span site;   /* in the text that was matched */
    Edit *edits; /* in order; their groups are not set */
    ptrdiff_t n;
    Str note;     /* of an advice rule; empty: none */
    Str withheld; /* why there is no edit, though the rule matches; empty: there is */
} ShellMatch;

/* Whether the rule matches the command. */
bool shell_match_command(Arena *arena, const ShellReader *text, const Rule *rule,
                         const ShellCommand *command, ShellMatch *match);
/* Whether it matches the place that names a variable. */
bool shell_match_variable(Arena *arena, const ShellReader *text, const Rule *rule,
                          const ShellVariable *variable, ShellMatch *match);
/* Whether `ever NAME` or `never NAME` holds: some place of the text sets the variable. Of a setting
 * (NULL: something else is asked about) only those of its scope count. */
bool shell_test_holds(const ShellReader *text, const Test *test, const ShellVariable *setting);
/* The text with what the holes have matched. */
Str shell_fill(Arena *arena, const Template *template, const Str *holes);

#endif
