/* The rules of fields.h at the keys of files of settings. */
#ifndef HFFIX_TRANSFORM_KEYS_H
#define HFFIX_TRANSFORM_KEYS_H

#include "project/project.h"
#include "transform/fields.h"

/* Whether the rule matches the table, and the table is read as arguments of the rule's class. */
bool key_match(Arena *arena, const ShellReader *text, const Project *project, Str path,
               const FieldRule *field, const Table *table, ShellMatch *match);

#endif
