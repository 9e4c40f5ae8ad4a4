/* What is to change in one file, said in terms of the program (arguments, statements, imports) and
 * turned into edits of bytes once all is known.
 *
 * Edits of arguments are keyed by call and keyword: the same key with the same text merges; with
 * different text the first transform by name wins and the other's group waits for the next pass. A
 * call is laid out once, after all its edits (edit/layout.h). Imports merge per module
 * (edit/imports.h). */
#ifndef HFFIX_EDIT_PLAN_H
#define HFFIX_EDIT_PLAN_H

#include "edit/edit.h"
#include "python/call.h"

/* How the project's formatter writes; from settings and pyproject. */
typedef struct Style {
    int line_length;           /* 88 where nothing says otherwise */
    bool magic_trailing_comma; /* true: a trailing comma keeps a call exploded */
    char quote;                /* '"' or '\'': for strings that edits bring */
} Style;

typedef struct Plan Plan;

/* `parser` is used to read the texts that edits bring, for layout. */
Plan *plan_open(const Module *module, Parser *parser, Style style);

int plan_group(Plan *plan, Str transform);        /* a new group, for one match of the transform */
void plan_join(Plan *plan, int group, int other); /* from now on the two are one: all or none */

/* Adds `keyword=value` to the call. Placed by the table of argument order (edit/order.h) among what
 * is added, after the present arguments and before a `**splat` that follows some; behind splats
 * alone. `value` is written on one line. */
void plan_add_argument(Plan *plan, int group, const CallView *call, Str keyword, Str value);
/* Adds `keyword=value` to the parameters of a function, behind the parameter `behind`; 0: behind
 * all. */
void plan_add_parameter(Plan *plan, int group, Node list, Node behind, Str keyword, Str value);
/* The argument, where it is written, becomes `keyword=value` (in a dict `"keyword": value` with the
 * quotes of its key). An empty value keeps the present value's bytes: a renamed keyword. A
 * positional argument becomes a keyword argument. */
void plan_replace_argument(Plan *plan, int group, const Arg *arg, Str keyword, Str value);
/* Takes the argument with its comma, and comments only when they stand on lines of its own: a
 * comment that would be lost keeps its line. */
void plan_remove_argument(Plan *plan, int group, const Arg *arg);
/* Statements on lines of their own before or after a simple statement, in its indentation, with the
 * file's newline and indent unit; `text` has LF and 4 spaces a level. After: behind a trailing
 * comment. Fails the group when the place has none (after `;`, a one-line suite, a lambda, a
 * comprehension). */
void plan_insert_statements(Plan *plan, int group, Node statement, bool after, Str text);
/* Takes the statement with its line; a block that would be left empty gets `pass`. */
void plan_remove_statement(Plan *plan, int group, Node statement);
/* Bytes for bytes. */
void plan_replace(Plan *plan, int group, Span span, Str text);

/* How a qualified name is written at a place ("BitsAndBytesConfig", "tf.BitsAndBytesConfig"), with
 * the import added when it is missing. Empty, and the group fails, when the name is taken. */
Str plan_import(Plan *plan, int group, Str qualified, Node at);
/* Tells that the group takes away a use of a name, so that an import without a use left can go with
 * it. */
void plan_drop_use(Plan *plan, int group, Node use);

/* A name of a from-import (its node in the list of names) comes from another module, or is another
 * there; an empty `name` stands for no import at all: the file has it already. `local` is the name
 * that it binds from now on, and `at` its first use behind it, or 0. */
void plan_move_import(Plan *plan, int group, Node imported, Str module, Str name, Str local,
                      Node at);

/* Takes a group out, with all joined to it. */
void plan_fail(Plan *plan, int group, const char *reason);

typedef enum GroupState { GROUP_APPLIED, GROUP_WAITS, GROUP_FAILED } GroupState;

/* The edits of all groups that hold, sorted and free of overlaps (of two groups that overlap the
 * later transform by name waits). Can be called again after plan_fail(). */
EditList plan_edits(Plan *plan);
GroupState plan_group_state(const Plan *plan, int group, const char **reason);
Str plan_group_transform(const Plan *plan, int group);
int plan_groups(const Plan *plan); /* how many; they are numbered from 0 */

#endif
