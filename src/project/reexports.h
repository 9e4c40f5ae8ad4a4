/* What a name that is imported from a module of the project stands for: `from .models import
 * AutoTokenizer` where models.py only imports it from a library. */
#ifndef HFFIX_PROJECT_REEXPORTS_H
#define HFFIX_PROJECT_REEXPORTS_H

#include "project/project.h"

Reexports *reexports_open(Arena *arena);
void reexports_close(Reexports *reexports); /* what it holds beside the arena it was opened with */

/* The qualified name ("transformers.AutoTokenizer") behind one that a file imports
 * ("pkg.models.AutoTokenizer", or "..models.AutoTokenizer" with a dot for each level). One step is
 * followed. Empty: no such module, or it does something else with the name. Lives as long as the
 * project. Thread-safe; each module is read once. */
Str reexport_of(const Project *project, Str path, Str qualified);

#endif
