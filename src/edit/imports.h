/* Where an import goes, and how an imported name is spelled at a place. */
#ifndef HFFIX_EDIT_IMPORTS_H
#define HFFIX_EDIT_IMPORTS_H

#include "edit/format.h"
#include "edit/segments.h"
#include "python/names.h"

/* An import that edits need, in the form in which it will be written. */
typedef struct ImportNeed {
    Str module; /* "transformers"; "torch" */
    Str name;   /* "BitsAndBytesConfig"; empty: `import module` */
    Str local;  /* how it is spelled in the file: a dotted one starts with the module's own name */
    Node at;    /* where it is used */
} ImportNeed;

/* How `qualified` is spelled at the node: an import in reach gives it (alias, module alias,
 * from-import), and
 * `*needed` is false; else the form to add, by the file's own habit for the module, `import M` for
 * torch and the standard library, `from M import x` for the rest, and `*needed` is true. False when
 * the name is taken. */
bool import_spelling(const Module *module, Node at, Str qualified, ImportNeed *need, bool *needed);

/* Edits that add the imports: into the module's existing from-import (its layout kept, sorted if it
 * was sorted), else a new line beside the other imports, sorted among them if they are, after
 * docstring and `__future__`, never under TYPE_CHECKING or in a scope that does not enclose `at`.
 * When all uses are in functions that import such things themselves, the file's habit holds. */
void import_add(const FormatContext *format, const Module *module, const ImportNeed *needs,
                ptrdiff_t n, int group, Edits *edits);

/* Edits that take the import of a binding out of its statement (the whole line when it is the
 * last). Nothing in
 * `__init__.py`, when `__all__` names it, or when the statement has a comment (`# noqa`, type:
 * ignore) on it. */
void import_remove(const FormatContext *format, const Module *module, const Binding *binding,
                   int group, Edits *edits);

#endif
