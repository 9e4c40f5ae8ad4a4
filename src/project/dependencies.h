/* Libraries added to what a project declares, in the manner of the list that they are added to. */
#ifndef HFFIX_PROJECT_DEPENDENCIES_H
#define HFFIX_PROJECT_DEPENDENCIES_H

#include "project/project.h"
#include "syntax/syntax.h"

typedef struct NewDependency {
    Str library;
    Str floor;     /* "0.26"; empty: any version */
    uint32_t line; /* set when it is added: where, in the file as it was; from 1 */
} NewDependency;

typedef struct DependencyEdit {
    Str path;           /* of the file with the list, as it is shown; empty: there is no list */
    Str bytes, text;    /* the file as it is, and with the libraries; `text` empty: not added */
    const char *frozen; /* why not: "pins by hash" */
    uint32_t frozen_line;
    Str stale; /* a file that is made from this one, and has to be made again; or empty */
} DependencyEdit;

/* Adds to the list that names transformers, else torch, else a library built on them, else to
 * requirements.txt; a project inside another one whose lists name none of these leaves it to the
 * outer. What is declared already, in whatever list, extra or lock file, is taken out of `v`, which
 * is sorted by library. Sorted lists stay sorted; a list without versions gets none. */
DependencyEdit dependencies_add(Arena *arena, Parser *parser, const Project *project,
                                NewDependency *v, ptrdiff_t *n);

#endif
