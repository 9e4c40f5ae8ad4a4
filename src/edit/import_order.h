/* The import statements of a file, and the order in which isort keeps them. Private to
 * edit/imports.c and its parts. */
#ifndef HFFIX_EDIT_IMPORT_ORDER_H
#define HFFIX_EDIT_IMPORT_ORDER_H

#include "python/names.h"

typedef enum Section { SECTION_FUTURE, SECTION_STDLIB, SECTION_THIRD_PARTY, SECTION_LOCAL } Section;

typedef struct ImportLine {
    Node statement;
    Node names;   /* the token `import`, behind which the names stand */
    bool is_from; /* `from module import …` */
    Str module;   /* of `from`, leading dots included; else the first module that is imported */
    Section section;
} ImportLine;

typedef struct ImportLines {
    ImportLine *v; /* in source order */
    ptrdiff_t n, capacity;
} ImportLines;

/* False when the node is no import statement. */
bool import_line(const Module *module, Node statement, ImportLine *line);
/* All import statements of the file. */
ImportLines import_lines(const Module *module);

Str top_module(Str dotted); /* "torch" of "torch.nn" */
bool is_standard_library(Str module);
Section import_section(Str module);

/* How a list of statements or names is sorted; several may fit. */
typedef enum NameOrder { NAMES_BY_TYPE, NAMES_BY_LETTER, NAMES_BY_BYTE, NAMES_UNSORTED } NameOrder;
typedef enum LineOrder { LINES_PLAIN_FIRST, LINES_BY_MODULE, LINES_UNSORTED } LineOrder;

/* Order of two imported names, "A as B" by A. */
int import_name_compare(NameOrder order, Str a, Str b);
/* Order of statements of one section. */
int import_line_compare(LineOrder order, const ImportLine *a, const ImportLine *b);
LineOrder import_line_order(const ImportLine *const *lines, ptrdiff_t n);

#endif
