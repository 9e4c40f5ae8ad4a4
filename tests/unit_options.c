/* The command line: what is understood, what is refused and with which words. */
#include "cli/options.h"

#include <string.h>

#include "tests/unit.h"

enum { MAX_WORDS = 16 };

static Arena arena;
static Diagnostics diagnostics;
static Options options;

/* Parses words that are parted by one blank each. */
static bool parse(const char *line) {
    char *argv[MAX_WORDS] = {"hffix"};
    int argc = 1;
    for (Str rest = str_from(line); rest.n && argc < MAX_WORDS;) {
        Str word, tail;
        str_cut(rest, ' ', &word, &tail);
        argv[argc++] = str_c(&arena, word);
        rest = tail;
    }
    diagnostics = (Diagnostics){.arena = &arena};
    return options_parse(&arena, argc, argv, &options, &diagnostics);
}

/* The command line is refused, with one error that holds the words. */
static bool refused(const char *line, const char *words) {
    if (parse(line) || diagnostics.errors != 1)
        return false;
    if (str_find(diagnostics.list.v[0].text, str_from(words)) >= 0)
        return true;
    fprintf(stderr, "%s: %.*s\n", line, STR_ARG(diagnostics.list.v[0].text));
    return false;
}

static void caches(void) {
    CHECK(parse("--check-cache"));
    CHECK_INT(options.command, COMMAND_CHECK_CACHE);
    CHECK(parse("--check-cache hub --format json") && options.n_paths == 1 && options.checks.json);
    CHECK(refused("--check-cache a b", "one folder"));
}

static void paths_and_flags(void) {
    CHECK(parse("a.py src"));
    CHECK_INT(options.command, COMMAND_FIX);
    CHECK_INT(options.n_paths, 2);
    CHECK_STR(options.paths[1], S("src"));
    CHECK(!options.write && !options.check && !options.diff);
    CHECK_INT(options.threads, 0);
    CHECK_INT(options.verbosity, 0);

    CHECK(parse("--write --diff src -q -j4"));
    CHECK(options.write && options.diff);
    CHECK_INT(options.verbosity, -1);
    CHECK_INT(options.threads, 4);
    CHECK(parse("-vj 2 x.py"));
    CHECK_INT(options.verbosity, 1);
    CHECK_INT(options.threads, 2);
    CHECK_INT(options.n_paths, 1);

    CHECK(parse("-- --write"));
    CHECK(!options.write);
    CHECK_STR(options.paths[0], S("--write"));
    CHECK(parse("--color never --force-exclude --no-ignore --safe ."));
    CHECK_INT(options.color, COLOR_NEVER);
    CHECK(options.force_exclude && options.no_ignore && options.selection.safe_only);
}

static void lists(void) {
    CHECK(parse("--select load,pad/token --select=migrate/trl --ignore load/bf16 --apply a,b ."));
    CHECK_INT(options.selection.n_select, 3);
    CHECK_STR(options.selection.select[1], S("pad/token"));
    CHECK_STR(options.selection.select[2], S("migrate/trl"));
    CHECK_INT(options.selection.n_ignore, 1);
    CHECK_INT(options.selection.n_apply, 2);
    CHECK(parse("--patch a.patch --patch b.patch ."));
    CHECK_INT(options.n_patches, 2);
    CHECK(refused("--select , .", "--select needs a name"));
}

static void targets(void) {
    CHECK(parse("--target transformers=4.57 --target HuggingFace_Hub>=0.34,<1 ."));
    CHECK_INT(options.n_targets, 2);
    CHECK_STR(options.targets[0].library, S("transformers"));
    CHECK_INT(options.targets[0].range.floor.part[1], 57);
    CHECK_INT(options.targets[0].range.ceiling.part[1], 58);
    CHECK_STR(options.targets[1].library, S("huggingface-hub"));
    CHECK_INT(options.targets[1].range.floor.part[1], 34);
    CHECK(parse("--target transformers=>=4.40,<5 --target transformers=5 ."));
    CHECK_INT(options.n_targets, 1);
    CHECK_INT(options.targets[0].range.floor.part[0], 5);
    CHECK(refused("--target transformers .", "transformers=4.57"));
    CHECK(refused("--target transformer=5 .", "did you mean transformers?"));
    CHECK(refused("--target unheardof=1 .", "no transform asks"));
    CHECK(parse("--target unheardof=1 --patch p.patch ."));
    CHECK(refused("--target =4 .", "names no version"));
    CHECK(refused("--target transformers=new .", "names no version"));
}

static void numbers(void) {
    CHECK(parse("--set device-map-above=13 --set gpu-memory=24.5 ."));
    CHECK(options.settings.device_map_above == 13);
    CHECK(options.settings.gpu_memory == 24.5);
    CHECK(options.settings.batch_size == settings_default.batch_size);
    CHECK(refused("--set gpu-memory=big .", "number"));
    CHECK(refused("--set gpu-memory=0 .", "number"));
    CHECK(refused("--set gpu-memory=8x .", "number"));
    CHECK(refused("--set gpu_memory=8 .", "did you mean gpu-memory"));
}

/* What goes over the settings of files, and from where. */
static void settings(void) {
    CHECK(
        parse("--select load,pad --ignore load/bf16 --apply hub --set gpu-memory=24GiB --docs ."));
    const UserSettings *said = &options.said;
    CHECK(said->settings.gpu_memory > 25.769 && said->settings.gpu_memory < 25.770);
    CHECK(options.settings.gpu_memory == said->settings.gpu_memory);
    CHECK_INT(said->select.n, 2);
    CHECK_STR(said->select.v[1].text, S("pad"));
    CHECK_INT(said->ignore.n, 1);
    CHECK_INT(said->apply.n, 1);
    static const Setting set[] = {SETTING_SELECT, SETTING_IGNORE, SETTING_APPLY, SETTING_DOCS,
                                  SETTING_GPU_MEMORY};
    for (ptrdiff_t i = 0; i < COUNT(set); i++)
        CHECK(said->places[set[i]].file == &settings_command_line);
    CHECK(!said->places[SETTING_TRANSFORMS].file && !said->places[SETTING_BATCH_SIZE].file);
    CHECK(parse("--patch a.patch ."));
    CHECK(options.said.places[SETTING_TRANSFORMS].file && !options.said.places[SETTING_DOCS].file);
    CHECK(refused("--set batch-size=4GB .", "--set batch-size=8"));
    CHECK(parse("--show-settings") && options.command == COMMAND_SETTINGS);
    CHECK(refused("--show-settings a b", "one file or folder"));
    CHECK(parse("--changed-since main .") && str_eq(options.changed_since, S("main")));
    CHECK(refused("--changed-since main -", "standard input"));
    CHECK(parse("--check --strict ."));
    CHECK(refused("--strict .", "add --check"));
    CHECK(parse("--plan --target transformers=5 .") && options.plan);
    CHECK_STR(options.targets[0].said, S("transformers=5"));
    CHECK(parse("--bump --write --target transformers=5 .") && options.bump);
    CHECK(refused("--plan --bump --target transformers=5 .", "leave --bump"));
    CHECK(refused("--bump .", "add --target"));
    CHECK(refused("--bump --target transformers=5 -", "about projects"));
}

/* Every number that rules can be asked with can be set, under its own name. */
static void numbers_are_settings(void) {
    static const char *const names[] = {"device-map-above", "gpu-memory", "batch-size",
                                        "max-new-tokens"};
    CHECK_INT(COUNT(names), sizeof(Settings) / sizeof(double));
    for (ptrdiff_t i = 0; i < COUNT(names); i++) {
        double number = 0;
        CHECK(parse(str_c(&arena, str_format(&arena, "--set %s=3 .", names[i]))));
        CHECK(settings_number(&options.settings, str_from(names[i]), &number));
        CHECK(number == 3);
    }
}

static void commands(void) {
    CHECK(parse("--list --select load"));
    CHECK_INT(options.command, COMMAND_LIST);
    CHECK(parse("--explain load/bf16"));
    CHECK_INT(options.command, COMMAND_EXPLAIN);
    CHECK_STR(options.explain, S("load/bf16"));
    CHECK_INT(options.explain_path.n, 0);
    CHECK(parse("--explain load/bf16 a:b.py:12"));
    CHECK_STR(options.explain_path, S("a:b.py"));
    CHECK_INT(options.explain_line, 12);
    CHECK(refused("--explain load/bf16 a.py", "write FILE:LINE"));
    CHECK(refused("--explain load/bf16 a.py:0", "write FILE:LINE"));
    CHECK(refused("--explain load/bf16 a.py:1 b.py:1", "one place"));
    CHECK(refused("--explain", "needs NAME"));
    CHECK(parse("--version"));
    CHECK_INT(options.command, COMMAND_VERSION);
    CHECK(parse("--write --help"));
    CHECK_INT(options.command, COMMAND_HELP);
}

static void refusals(void) {
    CHECK(refused("", "hffix ."));
    CHECK(refused("--wrote .", "did you mean --write"));
    CHECK(refused("--stdin-file-name x -", "did you mean --stdin-filename"));
    CHECK(refused("--unheard-of .", "hffix --help"));
    CHECK(refused("-x .", "-x"));
    CHECK(refused("--write=yes .", "takes no value"));
    CHECK(refused("--color pink .", "auto, always or never"));
    CHECK(refused("-j many .", "-j 4"));
    CHECK(refused("-j 0 .", "from 1 to"));
    CHECK(refused("-j", "needs N"));
    CHECK(refused("--check --write .", "leave one of them out"));
    CHECK(refused("- a.py", "goes alone"));
    CHECK(refused("--write --diff -", "no place for --diff"));
    CHECK(refused("--stdin-filename a.py b.py", "add -"));
    CHECK(parse("--write --stdin-filename a.py -"));
    CHECK_STR(options.stdin_filename, S("a.py"));
    CHECK(parse("--check --diff -"));
}

/* One screen, 80 columns, and the first lines say what to type. */
static void help(void) {
    Str text = options_help(&arena);
    ptrdiff_t lines = 0;
    for (Str rest = text; rest.n; lines++) {
        Str line, tail;
        str_cut(rest, '\n', &line, &tail);
        CHECK(line.n <= 80);
        rest = tail;
    }
    CHECK(lines <= 56);
    CHECK(str_starts(text, S("usage: hffix")));
    CHECK(str_find(text, S("--stdin-filename FILE")) > 0);
}

UNIT_MAIN(caches, paths_and_flags, lists, targets, numbers, settings, numbers_are_settings,
          commands, refusals, help)
