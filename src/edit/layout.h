/* How a call is written once its arguments have changed.
 *
 * A logical line that stands as black or ruff format would write it is written by their rules after
 * the edits too (edit/format.h): it keeps its layout while it fits (one line; all arguments on one
 * indented line without a trailing comma; one argument per line with one), else takes the next of
 * these three, nested calls in what was added likewise.
 *
 * What the file's author laid out in a way of their own (several arguments a line, hanging indents
 * under the parenthesis) is kept: the new argument is written after the last in the same manner. A
 * call on one line that gets too long has one argument per line. Only white space and commas
 * between arguments change; the arguments' own bytes and all comments stay. */
#ifndef HFFIX_EDIT_LAYOUT_H
#define HFFIX_EDIT_LAYOUT_H

#include "edit/format.h"
#include "edit/segments.h"

/* One argument of the list (or pair of a dict display) as it shall be. */
typedef struct LayoutItem {
    Node kept;    /* the present element; 0: a new one */
    Str text;     /* on one line: of a new element; of a present one, what it is replaced by */
    bool removed; /* with `kept` */
    int group;    /* whose edit this is; -1 for what stays as it is */
} LayoutItem;

typedef struct Layout {
    const FormatContext *format;
    const Source *source;
    const Tree *tree;
    Node list;               /* argument_list, dictionary, or another node with elements */
    Node open;               /* the token before its elements; 0: its first child */
    bool bare;               /* there are no brackets: the names of an import */
    bool plain;              /* layout_tidy() follows: breaking long lines is its business */
    const LayoutItem *items; /* in their final order, the removed ones in their present place */
    ptrdiff_t n;
} Layout;

/* Appends edits that bring the list into its new form, in its author's manner. */
void layout_list(const Layout *layout, Edits *edits);

/* Whether the logical line around the node stands in the formatters' layout. */
bool layout_is_tidy(const FormatContext *format, const Source *source, const Tree *tree, Node node);

/* Rewrites the edits (sorted, free of overlaps) inside the logical lines that stood in the
 * formatters' layout so that these lines have it again. */
void layout_tidy(const FormatContext *format, const Source *source, const Tree *tree, Edits *edits);

/* Statements (LF, 4 spaces a level) as they are written below `margin`: with the file's newline and
 * indent unit, long lines broken. Ends with a newline. */
Str layout_statements(const FormatContext *format, Str margin, Str text);

/* The logical line around a node: a simple statement, a head up to its colon, a decorator. */
typedef struct LogicalLine {
    Span span;
    bool is_head;
} LogicalLine;
bool logical_line(const Tree *tree, Node node, LogicalLine *line);

#endif
