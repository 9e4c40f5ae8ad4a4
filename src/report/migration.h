/* What a move to other versions takes, as a page: --plan. */
#ifndef HFFIX_REPORT_MIGRATION_H
#define HFFIX_REPORT_MIGRATION_H

#include "base/list.h"
#include "report/report.h"

/* A transform that has something to do. */
typedef struct MigrationRow {
    const Entry *entry;
    bool must; /* the old form is an error in a version of the target */
    ptrdiff_t places, files;
} MigrationRow;

/* Something for a person: advice, or an edit that was due and could not be made. */
typedef struct MigrationPlace {
    Str path; /* with the part of a document, as notes have it */
    Note note;
} MigrationPlace;

/* A line of a dependency list. */
typedef struct MigrationRequirement {
    Str path, before, after, why; /* as in Bump */
    uint32_t line;
} MigrationRequirement;

typedef struct Migration {
    Arena *arena;
    Str targets; /* "transformers 5.*, trl >=0.20" */
    List(MigrationRow) rows;
    List(MigrationPlace) places;
    List(MigrationRequirement) requirements;
    Str command; /* that makes the edits */
} Migration;

void report_migration(FILE *out, const ReportStyle *style,
                      Migration *migration); /* sorts the rows */

#endif
