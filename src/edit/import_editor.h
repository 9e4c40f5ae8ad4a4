/* What the files import_*.c share while they write one text's imports. Private to edit/imports.c
 * and its parts. */
#ifndef HFFIX_EDIT_IMPORT_EDITOR_H
#define HFFIX_EDIT_IMPORT_EDITOR_H

#include "edit/import_order.h"
#include "edit/imports.h"
#include "edit/layout.h"
#include "edit/lines.h"
#include "python/scope.h"

typedef struct Editor {
    const FormatContext *format;
    const Module *module;
    const Tree *tree;
    Str text;
    ImportLines lines;
    const ImportNeed *needs;
    ptrdiff_t n_needs;
    const ImportDrop *drops;
    ptrdiff_t n_drops;
    Edits *inside, *whole;
} Editor;

typedef List(LayoutItem) Items;

/* ---- import_statements.c: statements that are there ---- */

/* The block that the import is added to: that of the one it takes the place of, that of a function
 * that imports such things, or the module. */
Node editor_home(const Editor *editor, const ImportNeed *need);
/* The from-import that the name is added to; NULL when it needs a line of its own. */
const ImportLine *editor_statement_for(const Editor *editor, const ImportNeed *need, Node block);
/* Whether the statement runs after the place of use. */
bool editor_comes_late(const Editor *editor, Node statement, const ImportNeed *need);
/* Whether an earlier need adds the same to the same block. */
bool editor_is_repeated(const Editor *editor, ptrdiff_t index);
/* Whether b stands on the line below a. */
bool editor_is_adjacent(const Editor *editor, const ImportLine *a, const ImportLine *b);
bool editor_has_comment(const Editor *editor, Node statement);
/* Whether the statement that the name moves from becomes the import from its new module. */
bool editor_changes_in_place(const Editor *editor, const ImportNeed *need);
/* Puts a name where the order wants it. */
void editor_add_name(const Editor *editor, Items *items, NameOrder order, const ImportNeed *need);
/* What goes out of the statement and what comes into it. */
void editor_change_statement(const Editor *editor, const ImportLine *line);

/* ---- import_new_lines.c ---- */

/* Lines for the needs that no statement takes. */
void editor_add_lines(const Editor *editor);

#endif
