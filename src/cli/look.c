/* What a run says about one file, found out in any thread.
 *
 * Most files end at the prefilter and leave nothing but a figure, so a thread's report is used
 * again for its next file; only one that has something to say is handed on, with the arena that
 * holds it, and comes back to a pool once it is told. Errors are told with their file. */
#include "cli/look.h"

#include <string.h>
#include <sys/stat.h>

#include "base/path.h"
#include "cli/changes.h"
#include "document/scripts.h"
#include "python/page_names.h"
#include "transform/shell_run.h"

enum { MOST_SETTINGS = 64 << 10 };

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

void look_give(Run *run, FileReport *report) {
    arena_close(&report->arena); /* it may be long until it is needed again */
    pthread_mutex_lock(&run->lock);
    report->next = run->pool;
    run->pool = report;
    pthread_mutex_unlock(&run->lock);
}

Str diff_path(const Run *run, Str path) {
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
        holds.cut && ruleset->shell_prefilter && (!holds.python || gate != GATE_NO_LIBRARY) &&
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
    return !job->named && script_is_settings(path_name(job->path)) &&
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

void *look_open(void *context) {
    Run *run = context;
    pthread_mutex_lock(&run->lock);
    Worker *worker = new (&run->pool_arena, Worker, 1);
    pthread_mutex_unlock(&run->lock);
    *worker = (Worker){.run = run};
    worker->candidates = new (&worker->arena, bool, rulesets_largest(run->rulesets) + 1);
    worker->shell_candidates = new (&worker->arena, bool, rulesets_largest(run->rulesets) + 1);
    return worker;
}

void look_close(void *context, void *thread) {
    Worker *worker = thread;
    (void)context;
    if (worker->report)
        look_give(worker->run, worker->report);
    if (worker->parser)
        parser_close(worker->parser);
    arena_close(&worker->arena);
}

/* What a file says that has nothing to tell but its gate. */
static const FileReport plain[] = {[GATE_NO_LIBRARY] = {.gate = GATE_NO_LIBRARY},
                                   [GATE_NO_WORDS] = {.gate = GATE_NO_WORDS},
                                   [GATE_OPEN] = {.gate = GATE_OPEN}};

bool look_found_nothing(const FileReport *report) {
    return report >= plain && report < plain + COUNT(plain);
}

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
void *look_work(void *context, void *thread, ptrdiff_t item) {
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
