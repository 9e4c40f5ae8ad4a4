/* The run over files: dry run, --write, --check.
 *
 * A file is looked at in some thread and reported in the order of the walk. Most files end at the
 * prefilter and leave nothing but a figure, so a thread's report is used again for its next file;
 * only one that has something to say is handed on, with the arena that holds it, and comes back to
 * a pool once it is told. Errors are told with their file; any error makes the exit status 2. When
 * nobody reads stdout any more a dry run stops; a run that writes goes on. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/parallel.h"
#include "cli/changes.h"
#include "cli/commands.h"
#include "cli/dependencies.h"
#include "cli/jobs.h"
#include "cli/migration.h"
#include "cli/undo.h"
#include "cli/verify.h"
#include "document/document.h"
#include "document/scripts.h"
#include "facts/checkpoints.h"
#include "python/page_names.h"
#include "transform/shell_run.h"

enum { PROGRESS_AFTER_MS = 1000, PROGRESS_EVERY_MS = 100, MOST_SETTINGS = 64 << 10 };

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

typedef struct Worker {
    Run *run;
    Parser *parser; /* NULL until a file is parsed */
    Arena arena;
    const Job *job;
    bool wrapped; /* names of wrappers stand in the text in work */
    bool *candidates;
    bool *shell_candidates; /* the same for the rules with `in:` */
    FileReport *report;     /* for the next file; NULL: take one from the pool */
} Worker;

/* ---- one file, in any thread ----------------------------------------------------------------- */

static FileReport *take_report(Run *run) {
    pthread_mutex_lock(&run->lock);
    FileReport *report = run->pool;
    if (report) {
        run->pool = report->next;
    } else {
        report = new (&run->pool_arena, FileReport, 1);
        *list_push(&run->pool_arena, &run->all) = report;
    }
    pthread_mutex_unlock(&run->lock);
    return report;
}

static void give_report(Run *run, FileReport *report) {
    arena_close(&report->arena); /* it may be long until it is needed again */
    pthread_mutex_lock(&run->lock);
    report->next = run->pool;
    run->pool = report;
    pthread_mutex_unlock(&run->lock);
}

/* The path in a diff's header: relative to the working directory, where a patch is applied. */
static Str diff_path(const Run *run, Str path) {
    if (run->folder.n && str_starts(path, run->folder))
        return str_slice(path, run->folder.n, path.n);
    while (str_starts(path, S("/")))
        path = str_slice(path, 1, path.n);
    return path;
}

static void compare(const Run *run, FileReport *report, const Str *texts, Str bytes) {
    Arena *arena = &report->arena;
    const Document *document = report->document;
    PieceMarks *marks = new (arena, PieceMarks, document->n);
    for (ptrdiff_t i = 0; i < report->n; i++)
        marks[report->pieces[i]] =
            (PieceMarks){report->outcomes[i]->marks, report->outcomes[i]->n_marks};
    Buf diff = {.arena = arena};
    document_diff(document, &diff, diff_path(run, report->path), texts, bytes, marks,
                  run->options->raw_diff);
    report->diff = buf_str(&diff);
}

/* Puts the new texts into the file's bytes, and those where they were asked for. */
static void deliver(const Run *run, FileReport *report, const Str *texts) {
    const Options *options = run->options;
    const Document *document = report->document;
    Str bytes;
    if (!document_render(document, &report->arena, texts, &bytes, &report->diagnostics) ||
        str_eq(bytes, document->bytes))
        return;
    if (options->write && run->from_stdin)
        report->text = bytes;
    else if (options->write &&
             !document_write(report->path, document->bytes, bytes, &report->diagnostics))
        return;
    report->changed = true;
    if (options->diff || (!options->write && !options->check && !options->plan))
        compare(run, report, texts, bytes);
}

/* What has to be done with a piece. */
typedef struct Wanted {
    bool python, shell;
    bool verify; /* its load sites are to be checked, whatever transforms say */
} Wanted;

/* Which transforms have words in the text. */
static Wanted scan(Worker *worker, FileReport *report, Str text, DocumentPiece holds) {
    const Ruleset *ruleset = worker->job->ruleset;
    Gate gate = GATE_NO_WORDS;
    Wanted wanted = {0};
    if (holds.python)
        gate = ruleset_scan(ruleset, &report->arena, text, worker->candidates, &worker->wrapped);
    wanted.python = gate == GATE_OPEN;
    Gate (*shell_scan)(const Prefilter *, Str, bool *) =
        holds.python ? prefilter_scan_strings : prefilter_scan;
    wanted.shell =
        holds.cut && ruleset->shell_prefilter &&
        shell_scan(ruleset->shell_prefilter, text, worker->shell_candidates) == GATE_OPEN;
    wanted.verify = holds.python && verify_wants(worker->run->verify, text);
    gate = wanted.shell ? GATE_OPEN : gate;
    report->gate = gate > report->gate ? gate : report->gate;
    return wanted;
}

/* Commands first: what they become moves no line of the Python around them. */
static Outcome *run_engines(Worker *worker, FileReport *report, const Engine *engine,
                            ptrdiff_t piece, Wanted wanted) {
    const Document *document = report->document;
    const Source *source = document->pieces[piece];
    Arena *arena = &report->arena;
    Outcome *shell = NULL;
    if (wanted.shell) {
        shell = shell_run(engine, worker->parser, arena, source, document->holds[piece].cut,
                          worker->shell_candidates, &report->diagnostics);
        if (!shell || !wanted.python)
            return shell;
        if (shell->changed)
            source = source_with_text(arena, source, shell->text);
    }
    Outcome *python =
        engine_run(engine, worker->parser, arena, source, worker->candidates, &report->diagnostics);
    return python && shell ? outcome_join(arena, shell, python) : python;
}

/* Looks at a piece. False when it failed. */
static bool look_at_piece(Worker *worker, FileReport *report, ptrdiff_t piece, Wanted wanted,
                          Str *text) {
    const Run *run = worker->run;
    const Document *document = report->document;
    if (!worker->parser && !(worker->parser = parser_open())) {
        diag_add(&report->diagnostics, SEVERITY_ERROR, report->path, 0, 0, "out of memory");
        return false;
    }
    const Job *job = worker->job;
    Engine engine = {
        .registry = job->ruleset->registry,
        .projects = run->projects,
        .safe_only = run->options->selection.safe_only,
        .only = job->only,
        .prefilter = job->ruleset->prefilter,
        .sieve = worker->wrapped || document->kind == DOCUMENT_PAGE ? NULL : job->ruleset->sieve};
    if (job->only)
        engine.only = changes_in_piece(&report->arena, document, piece, job->only);
    if (job->only && !engine.only->n)
        return true;
    bool asked = wanted.python || wanted.shell;
    Outcome *outcome = asked ? run_engines(worker, report, &engine, piece, wanted) : NULL;
    if (asked && !outcome)
        return false;
    if (asked && document->doubtful && outcome->error_line)
        return true;
    if (run->verify && document->holds[piece].python)
        report->verdicts[piece] = verify_piece(run->verify, worker->parser, &report->arena, &engine,
                                               document->pieces[piece], worker->candidates,
                                               &outcome, &report->diagnostics);
    if (!outcome)
        return true;
    report->pieces[report->n] = piece;
    report->outcomes[report->n++] = outcome;
    report->dropped |= outcome->dropped;
    report->error_line = report->error_line ? report->error_line : outcome->error_line;
    *text = outcome->text;
    return true;
}

/* A walked file without the words is not decoded, except where it can be no Python at all: text in
 * 16-bit units, in which no word would be seen. A file that was named has to be readable in any
 * case. */
static bool must_decode(const Job *job, Str bytes) {
    return job->named || str_starts(bytes, S("\xff\xfe")) || str_starts(bytes, S("\xfe\xff"));
}

/* The text that the words are looked for in: a block of a page has what others import, too. */
static Str words_of(Arena *arena, const Source *piece) {
    Str imports = piece->page ? buf_str(&piece->page->imports) : (Str){0};
    return imports.n ? str_format(arena, "%.*s\n%.*s", STR_ARG(piece->text), STR_ARG(imports))
                     : piece->text;
}

/* JSON that is no settings file but data: a walk meets very much of it. */
static bool is_data(Arena *arena, const Job *job) {
    struct stat info;
    return !job->named &&
           script_is_settings(
               str_slice(job->path, str_rfind_byte(job->path, '/') + 1, job->path.n)) &&
           stat(str_c(arena, job->path), &info) == 0 && info.st_size > MOST_SETTINGS;
}

static void look_at(Worker *worker, FileReport *report, const Job *job) {
    const Run *run = worker->run;
    Arena *arena = &report->arena;
    Str bytes;
    worker->job = job;
    report->gate = GATE_NO_LIBRARY;
    if (is_data(arena, job) || !document_load(arena, job->path, &bytes, &report->diagnostics))
        return;
    report->text = run->from_stdin && run->options->write ? bytes : (Str){0};
    /* The bytes of a Python file tell whether it is worth reading; those of other kinds hide words
     * (`\ntorch` in JSON), so there each piece is asked. */
    DocumentPiece whole;
    bool told = document_is_one_piece(report->path, bytes, &whole);
    Wanted wanted = {0};
    report->gate = GATE_NO_LIBRARY;
    if (told)
        wanted = scan(worker, report, bytes, whole);
    if (told && report->gate != GATE_OPEN && !wanted.verify &&
        !(whole.python && must_decode(job, bytes)))
        return;
    Document *document = document_read(arena, report->path, bytes, &report->diagnostics);
    if (!document)
        return;
    report->document = document;
    Str *texts = new (arena, Str, document->n);
    report->outcomes = new (arena, Outcome *, document->n);
    report->pieces = new (arena, ptrdiff_t, document->n);
    report->verdicts = run->verify ? new (arena, SiteVerdicts, document->n) : NULL;
    bool changed = false;
    for (ptrdiff_t i = 0; i < document->n; i++) {
        texts[i] = document->pieces[i]->text;
        if (!told)
            wanted = scan(worker, report, words_of(arena, document->pieces[i]), document->holds[i]);
        if ((wanted.python || wanted.shell || wanted.verify) &&
            !look_at_piece(worker, report, i, wanted, &texts[i]))
            return;
        changed |= !str_eq(texts[i], document->pieces[i]->text);
    }
    if (changed)
        deliver(run, report, texts);
}

/* look_at(), with the arena's one recovery point. */
static void look_at_safely(Worker *worker, FileReport *report, const Job *job) {
    jmp_buf exhausted;
    report->arena.on_exhausted = &exhausted;
    if (setjmp(exhausted) == 0) {
        look_at(worker, report, job);
    } else {
        arena_clear(&report->arena);
        report->diagnostics = (Diagnostics){.arena = &report->arena};
        report->outcomes = NULL;
        report->verdicts = NULL;
        report->document = NULL;
        report->n = 0;
        report->changed = false;
        report->diff = report->text = (Str){0};
        diag_add(&report->diagnostics, SEVERITY_ERROR, report->path, 0, 0,
                 "out of memory; the file is as it was");
    }
    report->arena.on_exhausted = NULL;
}

static void *open_worker(void *context) {
    Run *run = context;
    pthread_mutex_lock(&run->lock);
    Worker *worker = new (&run->pool_arena, Worker, 1);
    pthread_mutex_unlock(&run->lock);
    *worker = (Worker){.run = run};
    worker->candidates = new (&worker->arena, bool, rulesets_largest(run->rulesets) + 1);
    worker->shell_candidates = new (&worker->arena, bool, rulesets_largest(run->rulesets) + 1);
    return worker;
}

static void close_worker(void *context, void *thread) {
    Worker *worker = thread;
    (void)context;
    if (worker->report)
        give_report(worker->run, worker->report);
    if (worker->parser)
        parser_close(worker->parser);
    arena_close(&worker->arena);
}

/* What a file says that has nothing to tell but its gate. */
static const FileReport plain[] = {[GATE_NO_LIBRARY] = {.gate = GATE_NO_LIBRARY},
                                   [GATE_NO_WORDS] = {.gate = GATE_NO_WORDS},
                                   [GATE_OPEN] = {.gate = GATE_OPEN}};

/* Most files that are looked at need nothing, and a report that waits for its turn holds memory. */
static bool has_news(const FileReport *report) {
    bool notes = false;
    for (ptrdiff_t i = 0; i < report->n; i++)
        notes |= report->outcomes[i]->n_notes > 0;
    for (ptrdiff_t i = 0; report->verdicts && i < report->document->n; i++)
        notes |= report->verdicts[i].n > 0;
    return notes || report->changed || report->dropped || report->error_line ||
           report->diagnostics.list.n || report->text.n;
}

/* Gives a FileReport of the pool, or one of `plain`. */
static void *work(void *context, void *thread, ptrdiff_t item) {
    Run *run = context;
    Worker *worker = thread;
    if (atomic_load_explicit(&run->stop, memory_order_relaxed))
        return (void *)&plain[GATE_NO_WORDS];
    FileReport *report = worker->report ? worker->report : take_report(run);
    Str path = run->jobs.v[item].path;
    Arena arena = report->arena;
    *report = (FileReport){.arena = arena, .path = path, .gate = GATE_OPEN};
    if (run->from_stdin && run->options->stdin_filename.n)
        report->path = run->options->stdin_filename;
    report->diagnostics.arena = &report->arena;
    look_at_safely(worker, report, &run->jobs.v[item]);
    if (has_news(report)) {
        worker->report = NULL;
        return report;
    }
    arena_clear(&report->arena);
    worker->report = report;
    return (void *)&plain[report->gate];
}

/* ---- reports, in order ----------------------------------------------------------------------- */

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
    Str path = report->path;
    if (place.part.n)
        path = str_format(arena, "%.*s:%.*s", STR_ARG(path), STR_ARG(place.part));
    report_note(stderr, &run->program->style, path, &told);
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
    if (report >= plain && report < plain + COUNT(plain)) {
        show_progress(run);
        return;
    }
    hide_progress(run);
    count_report(run, report, run->jobs.v[item].ruleset->registry);
    print_report(run, report);
    give_report(run, report);
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

/* ---- the run --------------------------------------------------------------------------------- */

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
        .thread_open = open_worker,
        .thread_close = close_worker,
        .work = work,
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
