/* The command line.
 *
 * `table` is the only list of options: what is accepted, what help prints, what is offered when a
 * word is mistyped. To add an option: a row in it, a case in apply(), a field of Options. Values
 * are taken as `--name value` and `--name=value`; lists are split at commas and may be repeated.
 * Everything is checked here, so that later steps meet only what can be done together. */
#include "cli/options.h"

#include <stdlib.h>

#include "base/byte.h"

typedef enum OptionId {
    OPTION_WRITE,
    OPTION_DIFF,
    OPTION_RAW_DIFF,
    OPTION_CHECK,
    OPTION_STRICT,
    OPTION_PLAN,
    OPTION_BUMP,
    OPTION_LIST,
    OPTION_EXPLAIN,
    OPTION_SETTINGS,
    OPTION_SELECT,
    OPTION_IGNORE,
    OPTION_SAFE,
    OPTION_APPLY,
    OPTION_PATCH,
    OPTION_TARGET,
    OPTION_SET,
    OPTION_SINCE,
    OPTION_DOCS,
    OPTION_NO_HUB_CACHE,
    OPTION_PREVIEW,
    OPTION_STDIN_FILENAME,
    OPTION_NO_IGNORE,
    OPTION_FORCE_EXCLUDE,
    OPTION_VERIFY,
    OPTION_ALL_SITES,
    OPTION_MODELS,
    OPTION_GPU_MEMORY,
    OPTION_MEMORY,
    OPTION_CHECK_MODEL,
    OPTION_LOAD,
    OPTION_TEXTS,
    OPTION_MAX_NEW_TOKENS,
    OPTION_REVISION,
    OPTION_LOGITS,
    OPTION_HASHES,
    OPTION_CHECK_CACHE,
    OPTION_FORMAT,
    OPTION_JOBS,
    OPTION_COLOR,
    OPTION_QUIET,
    OPTION_VERBOSE,
    OPTION_VERSION,
    OPTION_HELP
} OptionId;

typedef struct Option {
    OptionId id;
    char letter;       /* 0: none */
    const char *name;  /* without the dashes */
    const char *value; /* what the value is called; NULL: takes none; "[=X]": one may be attached */
    const char *help;  /* NULL: the line of another option tells of it */
    const char *title; /* of the part that begins here; NULL: goes on */
} Option;

static const Option table[] = {
    {OPTION_WRITE, 0, "write", NULL, "change the files", "What is done"},
    {OPTION_DIFF, 0, "diff", NULL, "print the diff as well, with --write or --check", NULL},
    {OPTION_RAW_DIFF, 0, "raw-diff", NULL, "the diff of a notebook's JSON, for git apply", NULL},
    {OPTION_CHECK, 0, "check", NULL, "name the files that would change", NULL},
    {OPTION_STRICT, 0, "strict", NULL, "--check fails on advice, too", NULL},
    {OPTION_PLAN, 0, "plan", NULL, "what a move to --target takes", NULL},
    {OPTION_BUMP, 0, "bump", NULL, "also move requirements to --target", NULL},
    {OPTION_LIST, 0, "list", NULL, "the transforms, each with what it does", NULL},
    {OPTION_EXPLAIN, 0, "explain", "NAME", "its page; with FILE:LINE, what said no there", NULL},
    {OPTION_SETTINGS, 0, "show-settings", NULL, "what is set for PATH, and where", NULL},
    {OPTION_SELECT, 0, "select", "NAME,...", "only these: load, load/bf16, migrate/transformers",
     "Which transforms"},
    {OPTION_IGNORE, 0, "ignore", "NAME,...", "all but these", NULL},
    {OPTION_SAFE, 0, "safe", NULL, "only those that keep what the code does", NULL},
    {OPTION_PREVIEW, 0, "preview", NULL, "also those under trial", NULL},
    {OPTION_APPLY, 0, "apply", "NAME,...", "edit where this one only advises", NULL},
    {OPTION_PATCH, 0, "patch", "FILE", "a transform of your own", NULL},
    {OPTION_TARGET, 0, "target", "NAME=VERSION", "as if the project pinned: transformers=4.57",
     NULL},
    {OPTION_SET, 0, "set", "NAME=NUMBER", "their numbers: gpu-memory=24GiB, batch-size=4", NULL},
    {OPTION_NO_HUB_CACHE, 0, "no-hub-cache", NULL, "without what the hub's cache knows", NULL},
    {OPTION_SINCE, 0, "changed-since", "REF", "only on lines changed since that commit",
     "Which files"},
    {OPTION_DOCS, 0, "docs", NULL, "also Python in Markdown and reStructuredText", NULL},
    {OPTION_STDIN_FILENAME, 0, "stdin-filename", "FILE", "the name of what comes with -", NULL},
    {OPTION_NO_IGNORE, 0, "no-ignore", NULL, "also what .gitignore and .ignore leave out", NULL},
    {OPTION_FORCE_EXCLUDE, 0, "force-exclude", NULL, "leave it out even when it is named", NULL},
    {OPTION_VERIFY, 0, "verify", "[=LEVEL]", "prove rewritten loads: config, weights, generate",
     "What is proven"},
    {OPTION_ALL_SITES, 0, "all-sites", NULL, "with --verify: also models in code that stays", NULL},
    {OPTION_MODELS, 0, "models", "DIR", "checkpoints, as DIR/org/name; then the hub's cache", NULL},
    {OPTION_GPU_MEMORY, 0, "gpu-memory", "SIZE,...", "do they fit on these: 24GiB,24GiB", NULL},
    {OPTION_MEMORY, 0, "memory", "SIZE", "that a check may take; 8GiB", NULL},
    {OPTION_CHECK_MODEL, 0, "check-model", "DIR", "does this checkpoint load, what it generates",
     NULL},
    {OPTION_LOAD, 0, "load", "JSON", "loaded how; with --logits, --hashes", NULL},
    {OPTION_TEXTS, 0, "texts", "FILE", "run; --max-new-tokens N, --revision NAME", NULL},
    {OPTION_MAX_NEW_TOKENS, 0, "max-new-tokens", "N", NULL, NULL},
    {OPTION_REVISION, 0, "revision", "NAME", NULL, NULL},
    {OPTION_LOGITS, 0, "logits", NULL, NULL, NULL},
    {OPTION_HASHES, 0, "hashes", NULL, NULL, NULL},
    {OPTION_CHECK_CACHE, 0, "check-cache", NULL, "what in the hub's cache, or in DIR, can go",
     NULL},
    {OPTION_FORMAT, 0, "format", "FORMAT", "of verdicts: text, json", "How it is told"},
    {OPTION_JOBS, 'j', "jobs", "N", "threads; as many as there are cores", NULL},
    {OPTION_COLOR, 0, "color", "WHEN", "auto, always, never", NULL},
    {OPTION_QUIET, 'q', "quiet", NULL, "only diffs and errors", NULL},
    {OPTION_VERBOSE, 'v', "verbose", NULL, "also what was left alone, and why", NULL},
    {OPTION_VERSION, 0, "version", NULL, "of hffix and of what it is built on", NULL},
    {OPTION_HELP, 'h', "help", NULL, "this", NULL},
};

typedef List(Str) Strs;
typedef List(Target) Targets;

/* The command line while it is read. */
typedef struct Reader {
    Arena *arena;
    char **argv;
    int argc, at; /* argv[at] is read next */
    Options *options;
    Diagnostics *diagnostics;
    Strs select, ignore, apply, patches, paths;
    Targets targets;
    bool help, version;
    bool own_patches; /* some --patch stands on the command line */
} Reader;

/* ---- helpers ---- */

#define FAIL(reader, ...) \
    (diag_add((reader)->diagnostics, SEVERITY_ERROR, (Str){0}, 0, 0, __VA_ARGS__), false)

static bool add_names(Reader *reader, Strs *list, Str value, const Option *option) {
    ptrdiff_t before = list->n;
    for (Str rest = value; rest.n;) {
        Str name, tail;
        str_cut(rest, ',', &name, &tail);
        name = str_trim(name);
        if (name.n)
            *list_push(reader->arena, list) = name;
        rest = tail;
    }
    if (list->n == before)
        return FAIL(reader, "--%s needs a name; `hffix --list` prints them", option->name);
    return true;
}

/* A distribution's name in its normal form (PEP 503): lower case, runs of "-_." as one '-'. */
static Str distribution(Arena *arena, Str name) {
    Buf buf = {.arena = arena};
    for (ptrdiff_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool joint = c == '-' || c == '_' || c == '.';
        if (joint && buf.n && buf.p[buf.n - 1] == '-')
            continue;
        buf_add_byte(&buf, joint ? '-' : byte_lower(c));
    }
    return buf_str(&buf);
}

/* Libraries that transforms ask versions of; own patches may ask those of any. To add one: a row.
 */
static bool is_library(Reader *reader, Str name) {
    static const Str known[] = {{"transformers", 12},
                                {"huggingface-hub", 15},
                                {"datasets", 8},
                                {"peft", 4},
                                {"trl", 3},
                                {"accelerate", 10},
                                {"diffusers", 9},
                                {"sentence-transformers", 21},
                                {"tokenizers", 10},
                                {"safetensors", 11},
                                {"optimum", 7},
                                {"bitsandbytes", 12},
                                {"setfit", 6},
                                {"evaluate", 8},
                                {"torch", 5},
                                {"timm", 4},
                                {"hf-transfer", 11},
                                {"hf-xet", 6},
                                {"auto-gptq", 9},
                                {"autoawq", 7},
                                {"text-generation", 15},
                                {"numpy", 5}};
    for (ptrdiff_t i = 0; i < COUNT(known); i++)
        if (str_eq(name, known[i]))
            return true;
    Str nearest = str_nearest(name, known, COUNT(known));
    if (!nearest.n && reader->own_patches)
        return true;
    if (!nearest.n)
        return FAIL(reader,
                    "no transform asks for the version of %.*s; there are %.*s, %.*s and the like",
                    STR_ARG(name), STR_ARG(known[0]), STR_ARG(known[1]));
    return FAIL(reader, "no library is called %.*s; did you mean %.*s?", STR_ARG(name),
                STR_ARG(nearest));
}

/* `transformers=4.57`, `transformers>=4.40,<5` and `transformers=>=4.40,<5` */
static bool add_target(Reader *reader, Str value) {
    ptrdiff_t end = 0;
    while (end < value.n && str_find_byte(S("=<>!~^"), value.p[end]) < 0)
        end++;
    Str name = str_trim(str_slice(value, 0, end));
    Str version = str_trim(str_slice(value, end, value.n));
    if (str_starts(version, S("=")) && !str_starts(version, S("==")))
        version = str_trim(str_slice(version, 1, version.n));
    Range range;
    if (!name.n || !version.n || !range_parse_target(version, &range))
        return FAIL(reader,
                    "--target %.*s names no version; write --target transformers=4.57, or "
                    "--target 'transformers>=4.40,<5'",
                    STR_ARG(value));
    Target target = {.library = distribution(reader->arena, name), .range = range, .said = value};
    if (!is_library(reader, target.library))
        return false;
    for (ptrdiff_t i = 0; i < reader->targets.n; i++) {
        if (str_eq(reader->targets.v[i].library, target.library)) {
            reader->targets.v[i] = target;
            return true;
        }
    }
    *list_push(reader->arena, &reader->targets) = target;
    return true;
}

static bool set_number(Reader *reader, Str value) {
    static const Setting numbers[] = {SETTING_DEVICE_MAP_ABOVE, SETTING_GPU_MEMORY,
                                      SETTING_BATCH_SIZE, SETTING_MAX_NEW_TOKENS};
    Str name, text, names[COUNT(numbers)];
    str_cut(value, '=', &name, &text);
    for (ptrdiff_t i = 0; i < COUNT(numbers); i++) {
        bool size = numbers[i] == SETTING_GPU_MEMORY;
        names[i] = setting_name(numbers[i]);
        if (!str_eq(names[i], name))
            continue;
        double number;
        bool unit = text.n && ((text.p[text.n - 1] | 0x20) >= 'a');
        if (!setting_size(text, &number) || (unit && !size))
            return FAIL(reader, "--set %.*s needs a number above 0, such as --set %.*s=%s",
                        STR_ARG(value), STR_ARG(name), size ? "24GiB" : "8");
        UserSettings *said = &reader->options->said;
        *setting_number(said, numbers[i]) = number;
        said->places[numbers[i]].file = &settings_command_line;
        reader->options->settings = said->settings;
        return true;
    }
    Str nearest = str_nearest(name, names, COUNT(names));
    return FAIL(reader, "no number is called %.*s; %s%.*s", STR_ARG(name),
                nearest.n ? "did you mean "
                          : "there are device-map-above, gpu-memory, batch-size, max-new-tokens",
                STR_ARG(nearest));
}

/* "FILE:LINE" */
static bool set_place(Reader *reader, Str place) {
    ptrdiff_t colon = str_rfind_byte(place, ':');
    uint32_t line = 0;
    for (ptrdiff_t i = colon + 1; colon > 0 && i < place.n; i++) {
        char c = place.p[i];
        if (c < '0' || c > '9' || line > 99999999) {
            line = 0;
            break;
        }
        line = line * 10 + (uint32_t)(c - '0');
    }
    if (!line)
        return FAIL(reader, "--explain %.*s looks at one line: write FILE:LINE, not %.*s",
                    STR_ARG(reader->options->explain), STR_ARG(place));
    reader->options->explain_path = str_slice(place, 0, colon);
    reader->options->explain_line = line;
    return true;
}

static bool set_color(Reader *reader, Str value) {
    static const char *const words[] = {
        [COLOR_AUTO] = "auto", [COLOR_ALWAYS] = "always", [COLOR_NEVER] = "never"};
    for (int i = 0; i < COUNT(words); i++) {
        if (str_eq(value, str_from(words[i]))) {
            reader->options->color = (ColorWhen)i;
            return true;
        }
    }
    return FAIL(reader, "--color is auto, always or never, not %.*s", STR_ARG(value));
}

static bool set_threads(Reader *reader, Str value) {
    char *c = str_c(reader->arena, value), *end = c;
    long n = strtol(c, &end, 10);
    if (end == c || *end || n < 1 || n > 1024)
        return FAIL(reader, "-j needs a number of threads from 1 to 1024, such as -j 4, not %.*s",
                    STR_ARG(value));
    reader->options->threads = (int)n;
    return true;
}

static bool set_level(Reader *reader, Str value) {
    static const char *const words[] = {
        [CHECK_CONFIG] = "config", [CHECK_WEIGHTS] = "weights", [CHECK_GENERATE] = "generate"};
    reader->options->checks.verify = true;
    for (int i = 0; i < COUNT(words); i++)
        if (!value.n || str_eq(value, str_from(words[i]))) {
            reader->options->checks.level = value.n ? (CheckLevel)i : CHECK_GENERATE;
            return true;
        }
    return FAIL(reader, "--verify is config, weights or generate, not %.*s", STR_ARG(value));
}

static bool set_sizes(Reader *reader, const Option *option, Str value) {
    CheckOptions *checks = &reader->options->checks;
    uint64_t *sizes;
    ptrdiff_t n;
    bool memory = option->id == OPTION_MEMORY;
    if (!plan_sizes(reader->arena, value, &sizes, &n) || (memory && n != 1))
        return FAIL(reader, "--%s needs a size, such as --%s 24GiB, not %.*s", option->name,
                    option->name, STR_ARG(value));
    if (memory) {
        checks->memory = sizes[0];
        return true;
    }
    checks->gpus = sizes;
    checks->n_gpus = n;
    return true;
}

static bool set_new_tokens(Reader *reader, Str value) {
    char *c = str_c(reader->arena, value), *end = c;
    long n = strtol(c, &end, 10);
    if (end == c || *end || n < 0 || n > 1000000)
        return FAIL(reader, "--max-new-tokens needs a number, not %.*s", STR_ARG(value));
    reader->options->checks.max_new_tokens = n;
    return true;
}

static bool set_format(Reader *reader, Str value) {
    reader->options->checks.json = str_eq(value, S("json"));
    return reader->options->checks.json || str_eq(value, S("text")) ||
           FAIL(reader, "--format is text or json, not %.*s", STR_ARG(value));
}

/* ---- options ---- */

/* What --verify and --check-model take. */
static bool apply_check(Reader *reader, const Option *option, Str value) {
    CheckOptions *checks = &reader->options->checks;
    switch (option->id) {
    case OPTION_VERIFY:
        return set_level(reader, value);
    case OPTION_ALL_SITES:
        checks->all_sites = true;
        return true;
    case OPTION_MODELS:
        checks->models = value;
        return true;
    case OPTION_GPU_MEMORY:
    case OPTION_MEMORY:
        return set_sizes(reader, option, value);
    case OPTION_CHECK_MODEL:
        reader->options->command = COMMAND_CHECK_MODEL;
        checks->model = value;
        return true;
    case OPTION_CHECK_CACHE:
        reader->options->command = COMMAND_CHECK_CACHE;
        return true;
    case OPTION_LOAD:
        checks->load = value;
        return true;
    case OPTION_TEXTS:
        checks->texts = value;
        return true;
    case OPTION_MAX_NEW_TOKENS:
        return set_new_tokens(reader, value);
    case OPTION_REVISION:
        checks->revision = value;
        return true;
    case OPTION_LOGITS:
        checks->logits = true;
        return true;
    case OPTION_HASHES:
        checks->hashes = true;
        return true;
    default:
        return set_format(reader, value);
    }
}

static bool apply(Reader *reader, const Option *option, Str value) {
    Options *options = reader->options;
    switch (option->id) {
    case OPTION_WRITE:
        options->write = true;
        return true;
    case OPTION_DIFF:
        options->diff = true;
        return true;
    case OPTION_RAW_DIFF:
        options->raw_diff = options->diff = true;
        return true;
    case OPTION_CHECK:
        options->check = true;
        return true;
    case OPTION_STRICT:
        options->strict = true;
        return true;
    case OPTION_PLAN:
        options->plan = true;
        return true;
    case OPTION_BUMP:
        options->bump = true;
        return true;
    case OPTION_LIST:
        options->command = COMMAND_LIST;
        return true;
    case OPTION_EXPLAIN:
        options->command = COMMAND_EXPLAIN;
        options->explain = value;
        return true;
    case OPTION_SETTINGS:
        options->command = COMMAND_SETTINGS;
        return true;
    case OPTION_SELECT:
        return add_names(reader, &reader->select, value, option);
    case OPTION_IGNORE:
        return add_names(reader, &reader->ignore, value, option);
    case OPTION_SAFE:
        options->selection.safe_only = true;
        return true;
    case OPTION_APPLY:
        return add_names(reader, &reader->apply, value, option);
    case OPTION_PATCH:
        *list_push(reader->arena, &reader->patches) = value;
        return true;
    case OPTION_TARGET:
        return add_target(reader, value);
    case OPTION_SET:
        return set_number(reader, value);
    case OPTION_SINCE:
        options->changed_since = value;
        return true;
    case OPTION_DOCS:
        options->docs = true;
        return true;
    case OPTION_NO_HUB_CACHE:
        options->said.hub_cache = false;
        options->said.places[SETTING_HUB_CACHE].file = &settings_command_line;
        return true;
    case OPTION_PREVIEW:
        options->said.preview = true;
        options->said.places[SETTING_PREVIEW].file = &settings_command_line;
        return true;
    case OPTION_STDIN_FILENAME:
        options->stdin_filename = value;
        return true;
    case OPTION_NO_IGNORE:
        options->no_ignore = true;
        return true;
    case OPTION_FORCE_EXCLUDE:
        options->force_exclude = true;
        return true;
    case OPTION_VERIFY:
    case OPTION_ALL_SITES:
    case OPTION_MODELS:
    case OPTION_GPU_MEMORY:
    case OPTION_MEMORY:
    case OPTION_CHECK_MODEL:
    case OPTION_LOAD:
    case OPTION_TEXTS:
    case OPTION_MAX_NEW_TOKENS:
    case OPTION_REVISION:
    case OPTION_LOGITS:
    case OPTION_CHECK_CACHE:
    case OPTION_HASHES:
    case OPTION_FORMAT:
        return apply_check(reader, option, value);
    case OPTION_JOBS:
        return set_threads(reader, value);
    case OPTION_COLOR:
        return set_color(reader, value);
    case OPTION_QUIET:
        options->verbosity = -1;
        return true;
    case OPTION_VERBOSE:
        options->verbosity = 1;
        return true;
    case OPTION_VERSION:
        reader->version = true;
        return true;
    case OPTION_HELP:
        reader->help = true;
        return true;
    }
    return false;
}

/* The option's value: what is attached, else the next word. */
static bool take_value(Reader *reader, const Option *option, Str attached, bool has_attached) {
    if (!has_attached) {
        if (reader->at >= reader->argc)
            return FAIL(reader, "--%s needs %s behind it", option->name, option->value);
        attached = str_from(reader->argv[reader->at++]);
    }
    if (!attached.n)
        return FAIL(reader, "--%s needs %s behind it", option->name, option->value);
    return apply(reader, option, attached);
}

static bool read_long(Reader *reader, Str word) {
    Str name, value, names[COUNT(table)];
    bool has_value = str_cut(str_slice(word, 2, word.n), '=', &name, &value);
    for (ptrdiff_t i = 0; i < COUNT(table); i++) {
        names[i] = str_from(table[i].name);
        if (!str_eq(name, names[i]))
            continue;
        if (table[i].value && (table[i].value[0] != '[' || has_value))
            return take_value(reader, &table[i], value, has_value);
        if (has_value)
            return FAIL(reader, "--%s takes no value", table[i].name);
        return apply(reader, &table[i], (Str){0});
    }
    Str nearest = str_nearest(name, names, COUNT(names));
    if (nearest.n)
        return FAIL(reader, "no option is called --%.*s; did you mean --%.*s?", STR_ARG(name),
                    STR_ARG(nearest));
    return FAIL(reader, "no option is called --%.*s; `hffix --help` lists them", STR_ARG(name));
}

/* Letters may stand together; one with a value takes what is left of the word. */
static bool read_letters(Reader *reader, Str word) {
    for (ptrdiff_t at = 1; at < word.n; at++) {
        const Option *option = NULL;
        for (ptrdiff_t i = 0; i < COUNT(table) && !option; i++)
            option = table[i].letter == word.p[at] ? &table[i] : NULL;
        if (!option)
            return FAIL(reader, "no option is called -%c; `hffix --help` lists them", word.p[at]);
        if (option->value)
            return take_value(reader, option, str_slice(word, at + 1, word.n), at + 1 < word.n);
        if (!apply(reader, option, (Str){0}))
            return false;
    }
    return true;
}

/* What does not go together, said in terms of what to type. */
static bool check_together(Reader *reader) {
    Options *options = reader->options;
    if (options->command == COMMAND_EXPLAIN) {
        if (options->n_paths > 1)
            return FAIL(reader, "--explain looks at one place: FILE:LINE");
        return !options->n_paths || set_place(reader, options->paths[0]);
    }
    if (options->command == COMMAND_SETTINGS && options->n_paths > 1)
        return FAIL(reader, "--show-settings is about one file or folder");
    const CheckOptions *checks = &options->checks;
    if (options->command == COMMAND_CHECK_MODEL && options->n_paths)
        return FAIL(reader, "--check-model is about one checkpoint, and takes no files");
    if (options->command == COMMAND_CHECK_CACHE && options->n_paths > 1)
        return FAIL(reader, "--check-cache looks at one folder");
    if (options->command != COMMAND_FIX)
        return true;
    if (checks->load.n || checks->texts.n || checks->revision.n || checks->logits || checks->hashes)
        return FAIL(reader,
                    "--load, --texts, --revision, --logits and --hashes go with --check-model");
    if ((checks->all_sites || checks->models.n || checks->n_gpus || checks->json) &&
        !checks->verify)
        return FAIL(reader, "--all-sites, --models, --gpu-memory and --format go with --verify");
    if (!options->n_paths)
        return FAIL(reader, "name files or folders, such as `hffix .`; `hffix --help` says more");
    if (options->check && options->write)
        return FAIL(reader, "--check changes nothing and --write does; leave one of them out");
    if (options->strict && !options->check)
        return FAIL(reader, "--strict says when --check fails: add --check");
    if (options->plan && checks->verify)
        return FAIL(reader, "--plan only prints a page; leave --verify for the run after it");
    if (options->plan && (options->write || options->check || options->diff || options->bump))
        return FAIL(reader, "--plan only prints a page; leave %s for the run after it",
                    options->write   ? "--write"
                    : options->check ? "--check"
                    : options->diff  ? "--diff"
                                     : "--bump");
    if ((options->plan || options->bump) && !options->n_targets)
        return FAIL(reader, "--%s needs to know where to: add --target transformers=5",
                    options->plan ? "plan" : "bump");
    bool from_stdin = false;
    for (ptrdiff_t i = 0; i < options->n_paths; i++)
        from_stdin |= str_eq(options->paths[i], S("-"));
    if (from_stdin && options->n_paths > 1)
        return FAIL(reader, "- (standard input) goes alone, without other files");
    if (from_stdin && (options->plan || options->bump))
        return FAIL(reader, "--%s is about projects, and standard input is none",
                    options->plan ? "plan" : "bump");
    if (from_stdin && options->changed_since.n)
        return FAIL(reader, "--changed-since asks git about files, and standard input is none");
    if (from_stdin && options->write && options->diff)
        return FAIL(reader, "--write - prints the new text, so there is no place for --diff");
    if (options->stdin_filename.n && !from_stdin)
        return FAIL(reader, "--stdin-filename is for standard input: add - as the file");
    return true;
}

static SettingWords said_words(Arena *arena, const Strs *names) {
    SettingWords words = {0};
    for (ptrdiff_t i = 0; i < names->n; i++)
        *list_push(arena, &words) =
            (SettingWord){.text = names->v[i], .place.file = &settings_command_line};
    return words;
}

/* The options that have a setting of their name, as settings. */
static void say(Reader *reader) {
    UserSettings *said = &reader->options->said;
    const struct {
        Setting setting;
        const Strs *names;
        SettingWords *words;
    } lists[] = {{SETTING_SELECT, &reader->select, &said->select},
                 {SETTING_IGNORE, &reader->ignore, &said->ignore},
                 {SETTING_APPLY, &reader->apply, &said->apply},
                 {SETTING_TRANSFORMS, &reader->patches, &said->transforms}};
    for (ptrdiff_t i = 0; i < COUNT(lists); i++) {
        *lists[i].words = said_words(reader->arena, lists[i].names);
        if (lists[i].names->n)
            said->places[lists[i].setting].file = &settings_command_line;
    }
    said->docs = reader->options->docs;
    if (said->docs)
        said->places[SETTING_DOCS].file = &settings_command_line;
}

bool options_parse(Arena *arena, int argc, char **argv, Options *options,
                   Diagnostics *diagnostics) {
    *options = (Options){
        .settings = settings_default,
        .said = config_default,
        .checks = {.level = CHECK_GENERATE, .max_new_tokens = 8, .memory = (uint64_t)8 << 30}};
    Reader reader = {.arena = arena,
                     .argv = argv,
                     .argc = argc,
                     .at = 1,
                     .options = options,
                     .diagnostics = diagnostics};
    for (int i = 1; i < argc; i++)
        reader.own_patches |= str_starts(str_from(argv[i]), S("--patch"));
    bool only_paths = false;
    while (reader.at < argc) {
        Str word = str_from(argv[reader.at++]);
        bool ok = true;
        if (only_paths || word.n < 2 || word.p[0] != '-')
            *list_push(arena, &reader.paths) = word;
        else if (str_eq(word, S("--")))
            only_paths = true;
        else
            ok = word.p[1] == '-' ? read_long(&reader, word) : read_letters(&reader, word);
        if (!ok)
            return false;
    }
    options->selection.select = reader.select.v;
    options->selection.n_select = reader.select.n;
    options->selection.ignore = reader.ignore.v;
    options->selection.n_ignore = reader.ignore.n;
    options->selection.apply = reader.apply.v;
    options->selection.n_apply = reader.apply.n;
    options->patches = reader.patches.v;
    options->n_patches = reader.patches.n;
    options->targets = reader.targets.v;
    options->n_targets = reader.targets.n;
    options->paths = reader.paths.v;
    options->n_paths = reader.paths.n;
    say(&reader);
    if (reader.help || reader.version) {
        options->command = reader.help ? COMMAND_HELP : COMMAND_VERSION;
        return true;
    }
    return check_together(&reader);
}

Str options_help(Arena *arena) {
    Buf buf = {.arena = arena};
    buf_add(&buf, S("usage: hffix [OPTION...] PATH...     files, folders, or - for standard input\n"
                    "  hffix .                 prints what would change, as a diff\n"
                    "  hffix --write .         changes the files\n"));
    for (ptrdiff_t i = 0; i < COUNT(table); i++) {
        const Option *option = &table[i];
        if (option->title)
            buf_format(&buf, "\n%s\n", option->title);
        if (!option->help)
            continue;
        ptrdiff_t start = buf.n;
        if (option->letter)
            buf_format(&buf, "  -%c, --%s", option->letter, option->name);
        else
            buf_format(&buf, "      --%s", option->name);
        if (option->value)
            buf_format(&buf, option->value[0] == '[' ? "%s" : " %s", option->value);
        while (buf.n - start < 29)
            buf_add_byte(&buf, ' ');
        buf_format(&buf, " %s\n", option->help);
    }
    buf_add(&buf, S("\nExit status: 0 done, 1 --check found something to change, 2 trouble,\n"
                    "3 a model does not load (--verify, --check-model).\n"));
    return buf_str(&buf);
}
