/* Whether a name that a file imports is a module of its own project, not the library of that name:
 * `from datasets import build_dataset` beside a folder datasets/. */
#ifndef HFFIX_PROJECT_OWN_MODULES_H
#define HFFIX_PROJECT_OWN_MODULES_H

#include "project/project.h"

OwnModules *own_modules_open(Arena *arena);
void own_modules_close(OwnModules *modules); /* what it holds beside the arena it was opened with */

/* `name` is the first part of what is imported, "datasets". False where the project has no such
 * module, or the file itself is it. Thread-safe; each folder is asked once for a name. */
bool own_module(const Project *project, Str path, Str name);

#endif
