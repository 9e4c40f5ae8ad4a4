/* What is printed: the summary's words, a diff's colours, notes and errors. */
#include "report/report.h"

#include "tests/unit.h"

static Arena arena;
static FILE *file;

static FILE *begin(void) {
    file = tmpfile();
    if (!file)
        exit(1);
    return file;
}

/* What was printed since begin(). */
static Str printed(void) {
    Buf buf = {.arena = &arena};
    rewind(file);
    for (int c; (c = fgetc(file)) != EOF;)
        buf_add_byte(&buf, (char)c);
    fclose(file);
    return buf_str(&buf);
}

static const ReportStyle normal = {0}, quiet = {.verbosity = -1}, verbose = {.verbosity = 1},
                         colored = {.color_out = true, .color_err = true};

static Tally tally(ptrdiff_t files) {
    return (Tally){.arena = &arena, .files = files};
}

static void nothing_to_say(void) {
    Tally none = tally(0), clean = tally(1);
    report_summary(begin(), &normal, &none, false, (Str){0});
    CHECK_STR(printed(), S("no Python files found\n"));
    report_summary(begin(), &normal, &clean, false, (Str){0});
    CHECK_STR(printed(), S("nothing to change in 1 file\n"));
    clean.failed = 1;
    report_summary(begin(), &normal, &clean, false, (Str){0});
    CHECK_STR(printed(), S("1 file skipped: see the errors above\n"));
    report_summary(begin(), &quiet, &clean, false, (Str){0});
    CHECK_STR(printed(), S(""));
}

static void fixes(void) {
    Tally some = tally(18);
    some.changed = 2;
    tally_fix(&some, S("load/bf16"), 1);
    tally_fix(&some, S("pad/token"), 3);
    tally_fix(&some, S("generate/length"), 2);
    tally_fix(&some, S("load/bf16"), 1);
    report_summary(begin(), &normal, &some, false, (Str){0});
    CHECK_STR(printed(), S("7 fixes to make in 2 of 18 files (--write makes them)\n"
                           "    3  pad/token\n"
                           "    2  generate/length\n"
                           "    2  load/bf16\n"));
    Tally one = tally(1);
    one.changed = 1;
    tally_fix(&one, S("load/bf16"), 1);
    report_summary(begin(), &normal, &one, true, S("git restore -- a.py"));
    CHECK_STR(printed(), S("1 fix made in 1 of 1 file\n"
                           "    1  load/bf16\n"
                           "undo: git restore -- a.py\n"));
}

static void what_was_not_done(void) {
    Tally some = tally(9);
    some.notes = 1;
    some.no_library = 5;
    some.ignored = 4;
    some.excluded = 1;
    some.dropped = 1;
    for (int i = 0; i < 7; i++)
        *list_push(&arena, &some.partly) = str_format(&arena, "%d.py", i);
    report_summary(begin(), &normal, &some, false, (Str){0});
    CHECK_STR(printed(),
              S("nothing to change in 9 files\n"
                "1 note above: what a person has to decide\n"
                "syntax errors, and nothing done beside them: 0.py, 1.py, 2.py, 3.py, 4.py and 2 "
                "more (-v names them)\n"
                "an edit was taken back, because its result did not parse, in 1 file\n"
                "no Hugging Face code in 5 files\n"
                "4 files left out by ignore rules (--no-ignore takes them)\n"
                "1 file left out by `exclude` of the settings\n"));
    report_summary(begin(), &verbose, &some, false, (Str){0});
    CHECK(str_find(printed(), S("5.py, 6.py\n")) > 0);
}

static void diffs(void) {
    Str diff = S("--- a/x.py\n+++ b/x.py\n@@ -1,2 +1,2 @@ pad/token\n one\n--- two\n+++ three\r\n");
    report_diff(begin(), &normal, diff);
    CHECK_STR(printed(), diff);
    report_diff(begin(), &colored, diff);
    CHECK_STR(printed(), S("\033[1m--- a/x.py\033[0m\n\033[1m+++ b/x.py\033[0m\n"
                           "\033[36m@@ -1,2 +1,2 @@ pad/token\033[0m\n one\n"
                           "\033[31m--- two\033[0m\n\033[32m+++ three\033[0m\r\n"));
}

static void notes(void) {
    Note note = {.transform = S("pad/token"), .line = 3, .column = 5, .text = S("say so")};
    report_note(begin(), &normal, S("a.py"), &note);
    CHECK_STR(printed(), S("a.py:3:5: advice pad/token: say so\n"));
    report_note(begin(), &quiet, S("a.py"), &note);
    CHECK_STR(printed(), S(""));
    note.withheld = true;
    report_note(begin(), &normal, S("a.py"), &note);
    CHECK_STR(printed(), S(""));
    report_note(begin(), &verbose, S("a.py"), &note);
    CHECK_STR(printed(), S("a.py:3:5: left alone pad/token: say so\n"));
}

static void diagnostics(void) {
    Diagnostics list = {.arena = &arena};
    Diagnostic *error = diag_add(&list, SEVERITY_ERROR, S("error: 1.py"), 2, 0, "no error: here");
    report_diagnostic(begin(), &normal, error);
    CHECK_STR(printed(), S("error: 1.py:2: error: no error: here\n"));
    report_diagnostic(begin(), &colored, error);
    CHECK_STR(printed(), S("\033[1merror: 1.py:2: \033[0m\033[31merror:\033[0m no error: here\n"));
    report_diagnostic(begin(), &normal,
                      diag_add(&list, SEVERITY_WARNING, (Str){0}, 0, 0, "take care"));
    CHECK_STR(printed(), S("hffix: warning: take care\n"));
}

UNIT_MAIN(nothing_to_say, fixes, what_was_not_done, diffs, notes, diagnostics)
