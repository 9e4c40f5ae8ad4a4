/* The files of a project that list what it depends on, read. */
#ifndef HFFIX_PROJECT_LIST_FILES_H
#define HFFIX_PROJECT_LIST_FILES_H

#include "base/list.h"
#include "project/project.h"
#include "project/requirement_list.h"

typedef struct ListFile {
    Str path;             /* as it is shown */
    RequirementFile file; /* by its name below the project's folder */
    Str stale;            /* path of a file that is made from this one; empty: none is known */
} ListFile;

typedef List(ListFile) ListFiles;

/* Those that declare the project's targets, and beside a generated `x.txt` the `x.in` that it comes
 * from. What can't be read is left out. */
ListFiles list_files(Arena *arena, Parser *parser, const Project *project);

#endif
