/* A run over files, and what each of its threads finds out about one of them. */
#ifndef HFFIX_CLI_LOOK_H
#define HFFIX_CLI_LOOK_H

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "cli/commands.h"
#include "cli/dependencies.h"
#include "cli/jobs.h"
#include "cli/migration.h"
#include "cli/verify.h"
#include "document/document.h"

/* What is to be told about one file. */
typedef struct FileReport {
    Arena arena; /* holds all below */
    struct FileReport *next;
    Str path; /* as it is shown */
    Gate gate;
    Diagnostics diagnostics;
    bool changed, dropped;
    uint32_t error_line; /* of the first syntax error, 0: none */
    Str diff;            /* empty when none is asked for */
    Str text;            /* --write - : what goes to stdout */
    Document *document;
    Outcome **outcomes;     /* of the pieces that were looked at */
    ptrdiff_t *pieces;      /* which those are */
    SiteVerdicts *verdicts; /* of all pieces; NULL: none */
    ptrdiff_t n;
} FileReport;

typedef struct Run {
    Program *program;
    const Options *options;
    Projects *projects;
    Rulesets *rulesets;
    Jobs jobs;
    bool from_stdin;
    Str folder; /* working directory with a '/' at its end; empty when unknown */

    pthread_mutex_t lock; /* of the pool */
    Arena pool_arena;
    FileReport *pool; /* free reports; every report is in `all` */
    List(FileReport *) all;
    atomic_bool stop; /* stdout is closed and nothing is written to files */

    /* Only touched by report_file(), one call at a time. */
    Tally tally;
    List(Str) written;
    Dependencies dependencies;
    Migration *migration; /* NULL: none is asked for */
    Verify *verify;       /* likewise */
    bool progress_shown, talks_on_terminal;
    struct timespec start, progress_at;
} Run;

/* The thread_open, thread_close and work of a ParallelJob over the run's jobs. A result is a
 * FileReport that goes back with look_give(), or one of a file that has nothing to tell but its
 * gate. */
void *look_open(void *run);
void look_close(void *run, void *thread);
void *look_work(void *run, void *thread, ptrdiff_t item);

bool look_found_nothing(const FileReport *report);
void look_give(Run *run, FileReport *report);

/* The path in a diff's header: relative to the working directory, where a patch is applied. */
Str diff_path(const Run *run, Str path);

#endif
