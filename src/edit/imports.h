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
    Str local;  /* how the qualified name is written in the file */
    Node at;    /* where it is used; of a moved one, 0 when it is not used behind its import */
    Node moved; /* the name in a from-import of which it takes the place; 0: none. Then it goes into
                   the block of that import, and `local` is the one name that it binds */
    int group;
} ImportNeed;

/* An import that edits leave without a use, or that moves. */
typedef struct ImportDrop {
    Node name;              /* in the statement's list */
    const Binding *binding; /* NULL: it moves, and goes whatever it is */
    int group;
} ImportDrop;

/* Whether what is new of the library is spelled through its module: `torch.bfloat16`,
 * `evaluate.load`, whose names alone would say too little. */
bool import_by_module(Str qualified);

/* How `qualified` is spelled at the node: an import in reach gives it (alias, module alias,
 * from-import), and `*needed` is false; else the form to add, by the file's own habit for the
 * module, `import M` for torch and the standard library, `from M import x` for the rest, and
 * `*needed` is true. False when the name is taken. */
bool import_spelling(const Module *module, Node at, Str qualified, ImportNeed *need, bool *needed);

/* Whether others may import the name from this file: it is an `__init__.py`, or `__all__` names
 * it. */
bool import_is_exported(const Module *module, Str name);

/* Edits that add imports and take others out.
 *
 * A name takes the place of one of the same module that goes; else it is added to the module's
 * existing from-import (its layout kept, sorted if it was sorted), else on a new line beside the
 * other imports, sorted among them if they are, after docstring and `__future__`, never under
 * TYPE_CHECKING or in a scope that does not enclose its use. In a function that imports such things
 * itself, where the module does not, it is added there.
 *
 * A binding is taken out of its statement, the whole line when it is the last. It stays in
 * `__init__.py`, when `__all__` names it, and when the statement has a comment on it.
 *
 * Where all names of a statement move to one module that is not imported from yet, or the statement
 * has a comment or no line of its own, it is changed where it stands, if the imports around it stay
 * sorted; else the names go where new ones would.
 *
 * `inside` gets edits inside statements, whose layout is the caller's, `whole` those of lines. */
void import_edits(const FormatContext *format, const Module *module, const ImportNeed *needs,
                  ptrdiff_t n_needs, const ImportDrop *drops, ptrdiff_t n_drops, Edits *inside,
                  Edits *whole);

#endif
