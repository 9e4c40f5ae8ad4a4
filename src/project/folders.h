/* Folders as they are looked up, and as messages name them. */
#ifndef HFFIX_PROJECT_FOLDERS_H
#define HFFIX_PROJECT_FOLDERS_H

#include "base/str.h"

Str folder_working(Arena *arena); /* the working directory, absolute */

/* The absolute path of the folder that a file lies in. Only a path with ".." is asked of the
 * system: links in it would else be taken for folders. */
Str folder_of_file(Arena *arena, Str working, Str path);

/* A folder in messages, with a slash at its end: relative below the working directory, which itself
 * is empty. */
Str folder_shown(Arena *arena, Str working, Str folder);

/* Whether nothing above a folder has a say in it: a repository's root, the file system's, and,
 * where no repository encloses the working directory, that. */
bool folder_is_outermost(Str folder, Str working, bool working_in_repository, bool is_repository);

#endif
