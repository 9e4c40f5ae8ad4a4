/* What the program can be asked to do; main.c picks one and turns its answer into the exit
 * status. */
#ifndef HFFIX_CLI_COMMANDS_H
#define HFFIX_CLI_COMMANDS_H

#include "cli/options.h"
#include "report/report.h"

typedef enum ExitStatus {
    EXIT_DONE = 0,
    EXIT_WOULD_CHANGE = 1,
    EXIT_TROUBLE = 2,
    EXIT_REJECTED = 3 /* a checkpoint does not load */
} ExitStatus;

/* What all commands share. Diagnostics that a command adds and has not told are printed at the
 * end. */
typedef struct Program {
    Arena *arena; /* lives as long as the program */
    const Options *options;
    ReportStyle style;
    Diagnostics *diagnostics;
    ptrdiff_t told;  /* how many of them were printed */
    bool out_failed; /* stdout can't be written to, and that has been dealt with */
} Program;

void tell_diagnostics(Program *program); /* those that were not printed yet */

ExitStatus command_fix(Program *program); /* files: diff, --write, --check */
ExitStatus command_list(Program *program);
ExitStatus command_explain(Program *program);
ExitStatus command_settings(Program *program);
ExitStatus command_version(Program *program);
ExitStatus command_check_model(Program *program); /* --check-model */
ExitStatus command_check_cache(Program *program); /* EXIT_WOULD_CHANGE when something can go */

#endif
