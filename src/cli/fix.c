/* The run over files: dry run, --write, --check.
 *
 * A file is looked at in some thread (look.c) and reported in the order of the walk; then come the
 * lists of dependencies, the plan or the summary. Any error makes the exit status 2. When nobody
 * reads stdout any more a dry run stops; a run that writes goes on. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/parallel.h"
#include "cli/commands.h"
#include "cli/look.h"
#include "cli/undo.h"
#include "facts/checkpoints.h"

enum { PROGRESS_AFTER_MS = 1000, PROGRESS_EVERY_MS = 100 };

/* ---- reports, in order ---- */

static long since_ms(const struct timespec *then) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (now.tv_sec - then->tv_sec) * 1000 + (now.tv_nsec - then->tv_nsec) / 1000000;
}

static void show_progress(Run *run) {
    if (!run->talks_on_terminal || since_ms(&run->start) < PROGRESS_AFTER_MS ||
        since_ms(&run->progress_at) < PROGRESS_EVERY_MS)
        return;
    report_progress(stderr, run->tally.files, run->jobs.n);
    clock_gettime(CLOCK_MONOTONIC, &run->progress_at);
    run->progress_shown = true;
}

static void hide_progress(Run *run) {
    if (run->progress_shown)
        report_progress(stderr, 0, 0);
    run->progress_shown = false;
}

/* What was printed goes out at once, so that both streams stay in step and a closed stdout is
 * noticed. Nobody reading any more (EPIPE) is no error; a full disk is. */
static void flush_stdout(Run *run) {
    Program *program = run->program;
    if (program->out_failed || fflush(stdout) == 0)
        return;
    program->out_failed = true;
    if (!run->options->write)
        atomic_store(&run->stop, true);
    if (errno != EPIPE)
        diag_add(program->diagnostics, SEVERITY_ERROR, (Str){0}, 0, 0, "standard output: %s",
                 strerror(errno));
}

static void count_report(Run *run, const FileReport *report, const Registry *registry) {
    Tally *tally = &run->tally;
    tally->failed += report->diagnostics.errors > 0;
    tally->changed += report->changed;
    tally->dropped += report->dropped;
    if (report->error_line)
        *list_push(tally->arena, &tally->partly) = str_copy(tally->arena, report->path);
    if (report->changed && run->options->write && !run->from_stdin)
        *list_push(tally->arena, &run->written) = str_copy(tally->arena, report->path);
    for (ptrdiff_t i = 0; i < report->n; i++) {
        const Outcome *outcome = report->outcomes[i];
        for (ptrdiff_t j = 0; report->changed && j < outcome->n_fixes; j++)
            tally_fix(tally, outcome->fixes[j].transform, outcome->fixes[j].n);
        if (report->changed)
            dependencies_collect(&run->dependencies, run->projects, report->document,
                                 report->pieces[i], outcome);
        for (ptrdiff_t j = 0; j < outcome->n_notes; j++)
            tally->notes += !outcome->notes[j].withheld;
        if (run->migration)
            migration_collect(run->migration, run->options, registry, report->document,
                              report->pieces[i], outcome, report->changed);
    }
}

/* A note, at the place that its line has for the reader: "a.ipynb:cell 3:2:1". */
static void print_note(Run *run, FileReport *report, ptrdiff_t piece, const Note *note) {
    Arena *arena = &report->arena;
    DocumentPlace place = document_place(report->document, arena, piece, note->line);
    Note told = *note;
    told.line = place.line;
    told.column += place.before;
    report_note(stderr, &run->program->style, document_join_path(arena, report->path, place.part),
                &told);
}

static void print_report(Run *run, FileReport *report) {
    const ReportStyle *style = &run->program->style;
    if (!run->program->out_failed && report->diff.n && !run->options->checks.json)
        report_diff(stdout, style, report->diff);
    if (!run->program->out_failed && report->text.n)
        fwrite(report->text.p, 1, (size_t)report->text.n, stdout);
    flush_stdout(run);
    for (ptrdiff_t i = 0; i < report->diagnostics.list.n; i++)
        report_diagnostic(stderr, style, &report->diagnostics.list.v[i]);
    if (report->changed && run->options->check)
        report_would_change(stderr, style, report->path);
    for (ptrdiff_t i = 0; i < report->n && !run->migration; i++) {
        for (ptrdiff_t j = 0; j < report->outcomes[i]->n_notes; j++)
            print_note(run, report, report->pieces[i], &report->outcomes[i]->notes[j]);
    }
    for (ptrdiff_t i = 0; report->verdicts && i < report->document->n; i++)
        verify_add(run->verify, report->path, report->document, i, report->verdicts[i]);
}

static void report_file(void *context, ptrdiff_t item, void *result) {
    Run *run = context;
    FileReport *report = result;
    run->tally.files++;
    run->tally.no_library += report->gate == GATE_NO_LIBRARY;
    if (look_found_nothing(report)) {
        show_progress(run);
        return;
    }
    hide_progress(run);
    count_report(run, report, run->jobs.v[item].ruleset->registry);
    print_report(run, report);
    look_give(run, report);
    show_progress(run);
}

/* ---- dependency lists ---- */

/* An edited list is one more file that changes. */
static void deliver_dependencies(Run *run, const DependencyEdit *edit, const DiffMark *marks,
                                 ptrdiff_t n_marks) {
    const Options *options = run->options;
    Program *program = run->program;
    Tally *tally = &run->tally;
    tally->files++;
    if (options->write &&
        !document_write(edit->path, edit->bytes, edit->text, program->diagnostics)) {
        tally->failed++;
        return;
    }
    tally->changed++;
    if (options->write)
        *list_push(tally->arena, &run->written) = edit->path;
    Buf diff = {.arena = program->arena};
    if (options->diff || (!options->write && !options->check))
        diff_print(&diff, diff_path(run, edit->path), edit->bytes, edit->text, marks, n_marks);
    if (!program->out_failed && diff.n && !options->checks.json)
        report_diff(stdout, &program->style, buf_str(&diff));
    flush_stdout(run);
    if (options->check)
        report_would_change(stderr, &program->style, edit->path);
}

/* --bump */
static void move_requirements(Run *run, DependencyChanges *changes) {
    const Options *options = run->options;
    Arena *arena = run->program->arena;
    Parser *parser = parser_open();
    ListBumps bumps =
        list_bumps(arena, parser, run->projects, &run->jobs, options->targets, options->n_targets);
    list_bumps_add(arena, parser, &bumps, options->targets, options->n_targets, changes);
    parser_close(parser);
}

static void finish_dependencies(Run *run, Undo *undo) {
    DependencyChanges changes = dependencies_settle(&run->dependencies, run->from_stdin);
    if (run->options->bump)
        move_requirements(run, &changes);
    for (ptrdiff_t i = 0; i < changes.n; i++) {
        const DependencyChange *change = &changes.v[i];
        if (change->edit.text.n && undo)
            undo_add(run->program->arena, undo, change->edit.path);
        if (change->edit.text.n)
            deliver_dependencies(run, &change->edit, change->marks, change->n_marks);
        for (ptrdiff_t k = 0; k < change->notes.n; k++)
            report_note(stderr, &run->program->style, change->notes.v[k].path,
                        &change->notes.v[k].note);
        run->tally.notes += change->notes.n;
    }
    tell_diagnostics(run->program);
}

/* ---- the run ---- */

static ExitStatus pass_stdin_through(Run *run) {
    Program *program = run->program;
    Str bytes;
    if (!document_load(program->arena, S("-"), &bytes, program->diagnostics))
        return EXIT_TROUBLE;
    if (run->options->write)
        fwrite(bytes.p ? bytes.p : "", 1, (size_t)bytes.n, stdout);
    return EXIT_DONE;
}

static void run_files(Run *run) {
    const Options *options = run->options;
    char folder[4096];
    if (getcwd(folder, sizeof folder))
        run->folder = str_format(run->program->arena, "%s/", folder);
    clock_gettime(CLOCK_MONOTONIC, &run->start);
    pthread_mutex_init(&run->lock, NULL);
    parallel_run(&(ParallelJob){
        .items = run->jobs.n,
        .threads = options->threads ? options->threads : parallel_cores(),
        .context = run,
        .thread_open = look_open,
        .thread_close = look_close,
        .work = look_work,
        .finish = report_file,
    });
    pthread_mutex_destroy(&run->lock);
    hide_progress(run);
    for (ptrdiff_t i = 0; i < run->all.n; i++)
        arena_close(&run->all.v[i]->arena);
}

static void summarize(Run *run, const Undo *undo) {
    Program *program = run->program;
    Diagnostics *projects = projects_diagnostics(run->projects);
    for (ptrdiff_t i = 0; i < projects->list.n && program->style.verbosity >= 0; i++)
        report_diagnostic(stderr, &program->style, &projects->list.v[i]);
    bool filter = run->from_stdin && run->options->write;
    if (!filter)
        report_summary(stderr, &program->style, &run->tally, run->options->write,
                       undo_command(program->arena, undo, run->written.v, run->written.n));
}

/* Advice and edits have been collected and not told. */
static ExitStatus finish_plan(Run *run) {
    Program *program = run->program;
    const Options *options = run->options;
    Parser *parser = parser_open();
    ListBumps bumps = list_bumps(program->arena, parser, run->projects, &run->jobs,
                                 options->targets, options->n_targets);
    parser_close(parser);
    migration_close(run->migration, options, &bumps);
    if (!program->out_failed)
        report_migration(stdout, &program->style, run->migration);
    flush_stdout(run);
    return run->tally.failed || program->diagnostics->errors ? EXIT_TROUBLE : EXIT_DONE;
}

static ExitStatus do_jobs(Run *run) {
    const Options *options = run->options;
    Program *program = run->program;
    Tally *tally = &run->tally;
    run->from_stdin = str_eq(options->paths[0], S("-"));
    tally->ignored = run->jobs.ignored;
    tally->excluded = run->jobs.excluded;
    tally->failed = tally->files = run->jobs.unreadable;
    if (run->from_stdin && !run->jobs.n)
        return pass_stdin_through(run);
    Undo *undo = options->write && !run->from_stdin && run->jobs.n
                     ? undo_open(program->arena, options->paths, options->n_paths)
                     : NULL;
    run->migration = options->plan ? migration_open(program) : NULL;
    run_files(run);
    if (run->migration)
        return finish_plan(run);
    finish_dependencies(run, undo);
    summarize(run, undo);
    bool rejected = run->verify && verify_tell(run->verify);
    bool fails = tally->changed || (options->strict && tally->notes);
    return tally->failed || program->diagnostics->errors ? EXIT_TROUBLE
           : rejected                                    ? EXIT_REJECTED
           : options->check && fails                     ? EXIT_WOULD_CHANGE
                                                         : EXIT_DONE;
}

ExitStatus command_fix(Program *program) {
    const Options *options = program->options;
    Run run = {.program = program,
               .options = options,
               .tally = {.arena = program->arena},
               .dependencies = {.arena = program->arena}};
    run.talks_on_terminal = options->verbosity >= 0 && isatty(STDERR_FILENO);
    SettingsFiles *settings = settings_open(program->arena, &options->said);
    run.projects =
        projects_open(program->arena, options->targets, options->n_targets, options->settings);
    projects_use(run.projects, settings);
    Checkpoints *checkpoints = checkpoints_open(program->arena);
    projects_use_checkpoints(run.projects, checkpoints);
    run.rulesets = rulesets_open(program);
    run.verify = verify_open(program);
    ExitStatus status =
        jobs_list(program, settings, run.rulesets, &run.jobs) ? do_jobs(&run) : EXIT_TROUBLE;
    tell_diagnostics(program);
    rulesets_close(run.rulesets);
    verify_close(run.verify);
    projects_close(run.projects);
    checkpoints_close(checkpoints);
    settings_close(settings);
    arena_close(&run.pool_arena);
    return status;
}
