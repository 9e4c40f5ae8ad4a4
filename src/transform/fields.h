/* Rules about keyword arguments that are also written outside Python: HfArgumentParser reads the
 * arguments of TrainingArguments, and of the classes made from it, from flags and from files of
 * settings, and a rule holds for them there without a second one. */
#ifndef HFFIX_TRANSFORM_FIELDS_H
#define HFFIX_TRANSFORM_FIELDS_H

#include "transform/shell_match.h"

enum { FIELD_PARTS = 4 };

/* What a rule says about one argument. */
typedef struct FieldPart {
    Str name;
    int hole;              /* of its value; -1: none */
    Str literal;           /* the value that it must have, as Python writes it; empty: any */
    bool goes;             /* with its value */
    Str to;                /* its new name; empty: it stays */
    const Template *value; /* its new value: a literal, or another part's; NULL: it stays */
} FieldPart;

typedef struct FieldRule {
    const Rule *rule;
    Str class; /* "TrainingArguments", "DPOConfig" */
    FieldPart parts[FIELD_PARTS];
    ptrdiff_t n;
    ptrdiff_t at; /* the part that a match is told at: the first that changes */
} FieldRule;

/* False for all other rules: those about other calls, those that do more than renaming, removing
 * and giving a literal value, those with conditions that nothing outside Python answers. */
bool field_rule(const Rule *rule, FieldRule *field);

/* Whether the rule matches the table, which is known to be one of arguments. */
bool field_match(Arena *arena, const FieldRule *field, const ShellReader *text, const Table *table,
                 ShellMatch *match);

/* Whether something is done or told about the part. */
bool field_changes(const FieldRule *field, ptrdiff_t i);

/* Arguments of the classes among the table's keys, without those that the rule changes, and how
 * many of them few other programs have. */
typedef struct FieldCount {
    ptrdiff_t fields, telling;
} FieldCount;

FieldCount field_count(const FieldRule *field, const Table *table);
bool field_is_common(Str name); /* an argument that other programs may have too */
bool field_is_foreign(Str key); /* of another program's schema */
/* Whether the words of the path name the rule's class, and no other one: `recipes/dpo/full.yaml`.
 */
typedef enum FieldPath { FIELD_PATH_SILENT, FIELD_PATH_OWN, FIELD_PATH_OTHER } FieldPath;
FieldPath field_path(const FieldRule *field, Str path);
/* All classes. */
const Str *field_all_classes(ptrdiff_t *n);
/* The classes that the rule holds for: all, where it is about TrainingArguments. */
const Str *field_classes(const FieldRule *field, ptrdiff_t *n);

#endif
