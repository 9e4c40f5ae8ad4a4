/* hffix --check-model DIR: the native check of one checkpoint, as the arguments of from_pretrained
 * would load it. The answer is always the JSON object, so that --format json changes nothing. */
#include <stdlib.h>
#include <string.h>

#include "base/parallel.h"
#include "cache/hub.h"
#include "cli/commands.h"

/* A file with a list of strings; none: one short text. */
static bool read_texts(Program *program, CheckRequest *request, Reasons *reasons, JsonDoc **doc) {
    Str given = program->options->checks.texts;
    request->texts = check_texts;
    request->n_texts = check_n_texts;
    if (!given.n)
        return true;
    Str text, folder = S("."), name = given;
    ptrdiff_t slash = str_rfind_byte(name, '/');
    if (slash >= 0) {
        folder = slash ? str_slice(name, 0, slash) : S("/");
        name = str_slice(name, slash + 1, name.n);
    }
    FileStatus status = file_read(program->arena, folder, name, &text, reasons);
    *doc = status == FILE_OK ? json_parse(program->arena, text, JSON_DEPTH_PYTHON, given, reasons)
                             : NULL;
    const Json *list = json_root(*doc);
    Str *texts = new (program->arena, Str, json_count(list));
    ptrdiff_t n = 0;
    for (JsonIter it = json_iter(list); json_kind(list) == JSON_ARRAY && json_next(&it);)
        if (json_kind(it.value) == JSON_STRING)
            texts[n++] = json_str(it.value);
    request->texts = texts;
    request->n_texts = n;
    return json_kind(list) == JSON_ARRAY && n == json_count(list);
}

ExitStatus command_check_model(Program *program) {
    Arena *arena = program->arena;
    const CheckOptions *checks = &program->options->checks;
    int threads = program->options->threads;
    CheckRequest request = {.level = checks->level,
                            .max_new_tokens = checks->max_new_tokens,
                            .memory = checks->memory,
                            .gpus = checks->gpus,
                            .n_gpus = checks->n_gpus,
                            .logits = checks->logits,
                            .hashes = checks->hashes,
                            .threads = threads ? threads : parallel_cores()};
    Reasons reasons = {.arena = arena};
    Str json = checks->load;
    JsonDoc *load =
                json.n ? json_parse(arena, json, JSON_DEPTH_PYTHON, S("--load"), &reasons) : NULL,
            *texts = NULL;
    bool fine = read_texts(program, &request, &reasons, &texts) && (load || !json.n);
    if (!fine)
        diag_add(program->diagnostics, SEVERITY_ERROR, (Str){0}, 0, 0, "--check-model: %s",
                 reasons.list.n ? str_c(arena, reasons.list.v[0].text)
                                : "--texts is no list of strings");
    else if (!hub_find(arena, checks->model, checks->revision, checks->models, &request.folder)) {
        diag_add(program->diagnostics, SEVERITY_ERROR, checks->model, 0, 0,
                 "neither a folder nor a model in the cache");
        fine = false;
    }
    ExitStatus status = EXIT_TROUBLE;
    if (fine) {
        request.load = json_root(load);
        Arena own = {0};
        CheckReport report = check_run(&own, &request);
        Buf out = {.arena = &own};
        check_print_json(&out, &report, &request);
        fwrite(out.p, 1, (size_t)out.n, stdout);
        status = report.reasons.rejects ? EXIT_REJECTED : EXIT_DONE;
        arena_close(&own);
    }
    json_close(load);
    json_close(texts);
    return status;
}
