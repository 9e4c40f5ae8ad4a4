/* hffix --check-model DIR: the native check of one checkpoint, as the arguments of from_pretrained
 * would load it. Its options are its own, because they mean nothing to a fix. */
#include <stdlib.h>
#include <string.h>

#include "base/parallel.h"
#include "check/check.h"
#include "checkpoint/hub.h"
#include "cli/commands.h"

static const uint64_t DEFAULT_MEMORY = (uint64_t)8 << 30;

typedef struct CheckArguments {
    Str folder, load, texts, models, revision;
    bool json;
    CheckRequest request;
} CheckArguments;

static bool is_flag(CheckArguments *a, Str name) {
    if (str_eq(name, S("--logits")))
        return a->request.logits = true;
    return str_eq(name, S("--hashes")) && (a->request.hashes = true);
}

static bool whole(Str value, ptrdiff_t *out) {
    int64_t n = 0;
    for (ptrdiff_t i = 0; i < value.n; i++) {
        if (value.p[i] < '0' || value.p[i] > '9' || n > 1000000)
            return false;
        n = n * 10 + (value.p[i] - '0');
    }
    *out = (ptrdiff_t)n;
    return value.n > 0;
}

static bool take_value(Arena *arena, CheckArguments *a, Str name, Str value) {
    uint64_t *sizes;
    ptrdiff_t n;
    static const char *const levels[] = {
        [CHECK_CONFIG] = "config", [CHECK_WEIGHTS] = "weights", [CHECK_GENERATE] = "generate"};
    if (str_eq(name, S("--check-model")))
        a->folder = value;
    else if (str_eq(name, S("--load")))
        a->load = value;
    else if (str_eq(name, S("--texts")))
        a->texts = value;
    else if (str_eq(name, S("--models")))
        a->models = value;
    else if (str_eq(name, S("--revision")))
        a->revision = value;
    else if (str_eq(name, S("--format")))
        return str_eq(value, S("json"));
    else if (str_eq(name, S("--max-new-tokens")))
        return whole(value, &a->request.max_new_tokens);
    else if (str_eq(name, S("--jobs")) && whole(value, &n))
        a->request.threads = (int)n;
    else if (str_eq(name, S("--memory")) && plan_sizes(arena, value, &sizes, &n) && n == 1)
        a->request.memory = sizes[0];
    else if (str_eq(name, S("--gpu-memory")) && plan_sizes(arena, value, &sizes, &n))
        a->request.gpus = sizes, a->request.n_gpus = n;
    else if (str_eq(name, S("--verify"))) {
        for (int i = 0; i < COUNT(levels); i++)
            if (str_eq(value, str_from(levels[i]))) {
                a->request.level = (CheckLevel)i;
                return true;
            }
        return false;
    } else
        return false;
    return true;
}

static bool read_arguments(Program *program, int argc, char **argv, CheckArguments *a) {
    for (int i = 1; i < argc; i++) {
        Str word = str_from(argv[i]), name, value;
        if (is_flag(a, word))
            continue;
        bool joined = str_starts(word, S("--")) && str_cut(word, '=', &name, &value);
        if (!joined) {
            name = word;
            value = i + 1 < argc ? str_from(argv[++i]) : (Str){0};
        }
        if (!take_value(program->arena, a, name, value)) {
            diag_add(program->diagnostics, SEVERITY_ERROR, (Str){0}, 0, 0,
                     "--check-model: %.*s %.*s is not understood", STR_ARG(name), STR_ARG(value));
            return false;
        }
    }
    return true;
}

/* A file with a list of strings; none: one short text. */
static bool read_texts(Program *program, CheckArguments *a, Reasons *reasons, JsonDoc **doc) {
    static const Str usual[] = {{"The quick brown fox", 19}, {"Hello", 5}};
    a->request.texts = usual;
    a->request.n_texts = COUNT(usual);
    if (!a->texts.n)
        return true;
    Str text, folder = S("."), name = a->texts;
    ptrdiff_t slash = str_rfind_byte(name, '/');
    if (slash >= 0) {
        folder = slash ? str_slice(name, 0, slash) : S("/");
        name = str_slice(name, slash + 1, name.n);
    }
    FileStatus status = file_read(program->arena, folder, name, &text, reasons);
    *doc = status == FILE_OK
               ? json_parse(program->arena, text, JSON_DEPTH_PYTHON, a->texts, reasons)
               : NULL;
    const Json *list = json_root(*doc);
    Str *texts = new (program->arena, Str, json_count(list));
    ptrdiff_t n = 0;
    for (JsonIter it = json_iter(list); json_kind(list) == JSON_ARRAY && json_next(&it);)
        if (json_kind(it.value) == JSON_STRING)
            texts[n++] = json_str(it.value);
    a->request.texts = texts;
    a->request.n_texts = n;
    return json_kind(list) == JSON_ARRAY && n == json_count(list);
}

ExitStatus command_check_model(Program *program, int argc, char **argv) {
    Arena *arena = program->arena;
    CheckArguments a = {
        .request = {.level = CHECK_GENERATE, .max_new_tokens = 8, .memory = DEFAULT_MEMORY}};
    a.request.threads = parallel_cores();
    if (!read_arguments(program, argc, argv, &a))
        return EXIT_TROUBLE;
    Reasons reasons = {.arena = arena};
    JsonDoc *load = a.load.n ? json_parse(arena, a.load, JSON_DEPTH_PYTHON, S("--load"), &reasons)
                             : NULL,
            *texts = NULL;
    bool fine = read_texts(program, &a, &reasons, &texts) && (load || !a.load.n);
    if (!fine)
        diag_add(program->diagnostics, SEVERITY_ERROR, (Str){0}, 0, 0, "--check-model: %s",
                 reasons.list.n ? str_c(arena, reasons.list.v[0].text)
                                : "--texts is no list of strings");
    else if (!hub_find(arena, a.folder, a.revision, a.models, &a.request.folder)) {
        diag_add(program->diagnostics, SEVERITY_ERROR, a.folder, 0, 0,
                 "neither a folder nor a model in the cache");
        fine = false;
    }
    ExitStatus status = EXIT_TROUBLE;
    if (fine) {
        a.request.load = json_root(load);
        Arena own = {0};
        CheckReport report = check_run(&own, &a.request);
        Buf out = {.arena = &own};
        check_print_json(&out, &report, &a.request);
        fwrite(out.p, 1, (size_t)out.n, stdout);
        status = report.reasons.rejects ? EXIT_REJECTED : EXIT_DONE;
        arena_close(&own);
    }
    json_close(load);
    json_close(texts);
    return status;
}
