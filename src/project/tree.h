/* All files around a file, for questions about what the rest of its repository does. */
#ifndef HFFIX_PROJECT_TREE_H
#define HFFIX_PROJECT_TREE_H

#include "project/project.h"

/* The folder whose tree a file in `folder` (absolute) belongs to: its repository; without one, the
 * outermost folder that declares dependencies, else the working directory, else its own. Then
 * nothing says that it is the root of anything: `*guessed`. */
Str tree_root(Arena *arena, Str working, const Project *project, Str folder, bool *guessed);

/* A file of the tree: `folder`, below the root, ends in a slash or is empty, and stays; `name` does
 * not. */
typedef void TreeFile(void *context, Str folder, Str name);

/* Tells of every file below the open folder `root`, without those in tools' own folders; of a
 * guessed one of less. False when it was not all. */
bool tree_visit(Arena *scratch, int root, bool guessed, TreeFile *found, void *context);

#endif
