/* Lists of requirements as they stand in their files, so that they can be added to in their own
 * manner. */
#ifndef HFFIX_PROJECT_REQUIREMENT_LIST_H
#define HFFIX_PROJECT_REQUIREMENT_LIST_H

#include "base/list.h"
#include "syntax/syntax.h"

typedef struct RequirementItem {
    Span span;   /* with quotes; without what stands before and behind it on its line */
    Str name;    /* as written; empty: no library's (an option, a path, poetry's python) */
    Str library; /* the name, normalized */
    Str range;   /* what follows the name, blanks before it included; of a table: the value */
} RequirementItem;

typedef enum RequirementForm {
    FORM_LINES, /* one on a line: requirements files, setup.cfg, conda environments */
    FORM_ARRAY, /* strings in brackets: pyproject.toml, setup.py */
    FORM_TABLE  /* `name = "range"` on a line: poetry */
} RequirementForm;

typedef struct RequirementList {
    RequirementForm form;
    bool main; /* what the project needs to run; not an extra, or a group for development */
    Node array;
    List(RequirementItem) items;
} RequirementList;

typedef struct RequirementFile {
    Arena *arena;
    Parser *parser;
    Str file;         /* below the project's folder; its name tells the kind */
    Str text;         /* as on disk */
    const Tree *tree; /* of files that have a grammar */
    List(RequirementList) lists;
    const char *frozen; /* why nothing may be added: "pins by hash"; NULL: it may */
    uint32_t frozen_at;
} RequirementFile;

/* Finds the lists of a file; none in one that can't be read as what its name says. */
RequirementFile requirement_file(Arena *arena, Parser *parser, Str file, Str text);

#endif
