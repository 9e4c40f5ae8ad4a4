/* How a call is written once its arguments have changed.
 *
 * A call keeps its present layout while it fits: on one line; all arguments on one indented line
 * without a trailing comma; or one argument per line with one. What no longer fits, or has a magic
 * trailing comma, takes the next of these three, as black and ruff format do; nested calls in what
 * was added likewise. What the file's author laid out in a way of their own (several arguments a
 * line, hanging indents under the parenthesis) is kept: the new argument is written after the last
 * in the same manner. Only the white space and commas between arguments change; the arguments' own
 * bytes and all comments stay. */
#ifndef HFFIX_EDIT_LAYOUT_H
#define HFFIX_EDIT_LAYOUT_H

#include "edit/plan.h"

/* One argument of the list (or pair of a dict display) as it shall be. */
typedef struct LayoutItem {
    Node kept; /* the present element; 0: a new one */
    Str text; /* new text, on one line; for a kept element: what it is replaced by, empty: its bytes
               */
    bool removed;
    int group; /* whose edit this is; -1 for what stays */
} LayoutItem;

typedef struct Layout {
    const Module *module;
    Parser *parser;
    Style style;
    Node list;         /* argument_list or dictionary */
    LayoutItem *items; /* in their final order, the removed ones in their present place */
    ptrdiff_t n;
    const EditList *inner; /* edits already made inside the items (nested calls), sorted */
} Layout;

/* Appends the edits that bring the list into its new form. */
void layout_list(Arena *arena, const Layout *layout, EditList *edits);

#endif
