/* The libraries that a run's edits need and the projects do not declare yet. */
#ifndef HFFIX_CLI_DEPENDENCIES_H
#define HFFIX_CLI_DEPENDENCIES_H

#include "document/document.h"
#include "project/dependencies.h"
#include "transform/engine.h"

typedef struct DependencySite {
    const Project *project; /* NULL: a script that lists its dependencies in itself */
    Str path;               /* with the part of a document, as a note names it */
    NewNeed need;           /* the first of the transform for the library in the project */
} DependencySite;

typedef struct Dependencies {
    Arena *arena;
    List(DependencySite) sites;
} Dependencies;

/* A note about a file. */
typedef struct DependencyNote {
    Str path;
    Note note;
} DependencyNote;

/* What becomes of the needs of one project. */
typedef struct DependencyChange {
    DependencyEdit edit; /* `text` empty: only notes */
    DiffMark *marks;
    ptrdiff_t n_marks;
    List(DependencyNote) notes;
} DependencyChange;

typedef struct DependencyChanges {
    DependencyChange *v;
    ptrdiff_t n;
} DependencyChanges;

/* Takes up what the outcome of a changed file's piece needs. Pages of text need nothing: they show
 * code of which it is not known where it runs. */
void dependencies_collect(Dependencies *dependencies, Projects *projects, const Document *document,
                          ptrdiff_t piece, const Outcome *outcome);

/* One change for each project that lacks something. `told`: nothing will be edited, so that what
 * would be is told as notes. */
DependencyChanges dependencies_settle(Dependencies *dependencies, bool told);

#endif
