/* --plan: what a move to the targets of the run takes. */
#ifndef HFFIX_CLI_MIGRATION_H
#define HFFIX_CLI_MIGRATION_H

#include "cli/bump.h"
#include "report/migration.h"

Migration *migration_open(Program *program);

/* Takes up what one piece of a file needs, if it has to do with versions of the targets. `changed`:
 * its fixes count. */
void migration_collect(Migration *migration, const Options *options, const Registry *registry,
                       const Document *document, ptrdiff_t piece, const Outcome *outcome,
                       bool changed);

/* After the last file. */
void migration_close(Migration *migration, const Options *options, const ListBumps *bumps);

#endif
