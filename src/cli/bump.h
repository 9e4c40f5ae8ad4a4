/* What the projects of a run declare, moved to the targets of the run. */
#ifndef HFFIX_CLI_BUMP_H
#define HFFIX_CLI_BUMP_H

#include "cli/dependencies.h"
#include "cli/jobs.h"
#include "project/bump.h"
#include "project/list_files.h"

typedef struct ListBump {
    ListFile list;
    Str text;    /* with what could be moved */
    Bumps bumps; /* at least one */
} ListBump;

typedef List(ListBump) ListBumps;

/* The lists of all projects that the files belong to which leave out versions of the targets. */
ListBumps list_bumps(Arena *arena, Parser *parser, Projects *projects, const Jobs *jobs,
                     const Target *targets, ptrdiff_t n);

/* Adds them to the changes of the run's lists; a file that has one gets both. */
void list_bumps_add(Arena *arena, Parser *parser, const ListBumps *bumps, const Target *targets,
                    ptrdiff_t n, DependencyChanges *changes);

#endif
