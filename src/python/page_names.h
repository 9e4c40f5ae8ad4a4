/* Names that blocks of one page import for each other: a page is read as one program, though each
 * of its blocks is a text of its own. */
#ifndef HFFIX_PYTHON_PAGE_NAMES_H
#define HFFIX_PYTHON_PAGE_NAMES_H

#include "base/list.h"
#include "base/str.h"

typedef struct PageName {
    Str name;      /* as it is bound in the block */
    Str qualified; /* what it stands for; empty: blocks do not agree */
} PageName;

typedef struct PageNames {
    Arena *arena;
    Str text; /* of the whole page */
    List(PageName) names;
    Buf imports; /* the import statements as they are written, a line each, and the libraries that
                    the page names */
} PageNames;

/* Notes the libraries that the page's text names. */
void page_names_open(PageNames *page, Arena *arena, Str text);

/* Adds the imports of a block's text. */
void page_names_read(PageNames *page, Str text);

/* What an unbound name stands for on the page: what a block imports, or else a name that the page's
 * prose or the table gives to a library. Empty: unknown. */
Str page_name(const PageNames *page, Str name);

/* Whether a block imports `qualified` under the name. */
bool page_imports(const PageNames *page, Str name, Str qualified);

#endif
