/* Load sites before and after the edits of a piece, each checked against its checkpoint.
 *
 * A site counts as rewritten when anything that was read of it differs from before. Equal
 * configurations of one checkpoint are checked once a run. When a site loaded before and does not
 * load afterwards, the engine runs again with one of the transforms that touched the site's lines
 * kept from them, then with all: what the diff shows and --write writes is what was checked. */
#include "cli/verify.h"

#include <pthread.h>
#include <sys/stat.h>

#include "base/parallel.h"
#include "cache/hub.h"
#include "cli/verdict.h"
#include "project/settings.h"
#include "transform/run.h"

typedef struct Known {
    Str key;
    Verdict verdict;
} Known;

typedef struct Told {
    Str place; /* "serve.py:14" */
    SiteVerdict verdict;
} Told;

struct Verify {
    Program *program;
    const CheckOptions *checks;
    Arena arena; /* of what is kept */
    pthread_mutex_t lock;
    List(Known) known;
    List(Told) told;
};

Verify *verify_open(Program *program) {
    if (!program->options->checks.verify)
        return NULL;
    Verify *verify = new (program->arena, Verify, 1);
    verify->program = program;
    verify->checks = &program->options->checks;
    pthread_mutex_init(&verify->lock, NULL);
    return verify;
}

void verify_close(Verify *verify) {
    if (!verify)
        return;
    pthread_mutex_destroy(&verify->lock);
    arena_close(&verify->arena);
}

static bool may_load(Str text) {
    return str_find(text, S("from_pretrained")) >= 0 || str_find(text, S("pipeline")) >= 0;
}

bool verify_wants(const Verify *verify, Str text) {
    return verify && verify->checks->all_sites && may_load(text);
}

/* ---- one site ---- */

typedef struct Place {
    Str file_folder, project_folder;
    uint64_t gpu; /* bytes of one, as the settings say; 0: they do not */
} Place;

static bool find_checkpoint(const Verify *verify, Arena *arena, const Place *place, Str id,
                            Str revision, Str *folder) {
    if (!id.n)
        return false;
    return hub_find(arena, id, revision, verify->checks->models, folder) ||
           hub_find_near(arena, id, place->file_folder, folder) ||
           hub_find_near(arena, id, place->project_folder, folder);
}

static bool has_file(Arena *arena, Str folder, const char *name) {
    struct stat info;
    Str path = str_format(arena, "%.*s/%s", STR_ARG(folder), name);
    return stat(str_c(arena, path), &info) == 0;
}

/* Whether the site's class generates text, so that the whole model is run. */
static bool generates(const LoadSite *site) {
    Str name = site->class_name;
    if (site->pipeline)
        return !site->task.n || str_eq(site->task, S("text-generation"));
    return str_ends(name, S("ForCausalLM")) || str_ends(name, S("LMHeadModel")) ||
           str_ends(name, S("ForConditionalGeneration"));
}

static CheckTokenizer tokenizer_of(const SiteTokenizer *t) {
    return (CheckTokenizer){.sets_side = t->side != PAD_SIDE_UNSAID,
                            .left = t->side == PAD_SIDE_LEFT,
                            .pads = t->pads,
                            .pad_token = t->pad_token,
                            .pad_from = t->pad_from,
                            .sets_pad_id = t->pad_id >= 0,
                            .pad_id = t->pad_id,
                            .pad_if_missing = t->pad_if_missing,
                            .adds_token = t->adds_token,
                            .resizes = t->resizes};
}

/* Lowers the level where the last step has no ground; the answer says why. */
static Str settle_level(const Verify *verify, Arena *arena, const Place *place,
                        const LoadSite *site, CheckRequest *request) {
    Str last =
        str_slice(site->class_name, str_rfind_byte(site->class_name, '.') + 1, site->class_name.n);
    Str tokenizer = site->tokenizer.id;
    if (site->form_open)
        request->level = CHECK_CONFIG;
    if (!generates(site)) {
        request->headless = true;
        if (request->level == CHECK_GENERATE)
            request->level = CHECK_WEIGHTS;
        return site->pipeline
                   ? str_format(arena, "a pipeline for %.*s is not run", STR_ARG(site->task))
                   : str_format(arena, "%.*s is not run", STR_ARG(last));
    }
    if (request->level != CHECK_GENERATE)
        return (Str){0};
    if (tokenizer.n &&
        !find_checkpoint(verify, arena, place, tokenizer, (Str){0}, &request->tokenizer.folder)) {
        request->level = CHECK_WEIGHTS;
        return str_format(arena, "tokenizer %.*s not found, nothing generated", STR_ARG(tokenizer));
    }
    Str folder = request->tokenizer.folder.n ? request->tokenizer.folder : request->folder;
    if (!has_file(arena, folder, "tokenizer.json")) {
        request->level = CHECK_WEIGHTS;
        return S("no tokenizer.json, nothing generated");
    }
    return (Str){0};
}

/* What max_memory gives the GPUs, in their order, where the command line says nothing of them. */
static void read_max_memory(Arena *arena, const Json *load, CheckRequest *request) {
    const Json *given = json_get(load, "max_memory");
    List(uint64_t) sizes = {0};
    for (JsonIter it = json_iter(given); json_kind(given) == JSON_OBJECT && json_next(&it);) {
        uint64_t *size, bytes;
        ptrdiff_t n;
        if (!it.key.n || it.key.p[0] < '0' || it.key.p[0] > '9')
            continue; /* "cpu" */
        if (plan_sizes(arena, json_str(it.value), &size, &n) && n == 1)
            *list_push(arena, &sizes) = *size;
        else if (json_uint(it.value, &bytes))
            *list_push(arena, &sizes) = bytes;
    }
    request->gpus = sizes.v;
    request->n_gpus = sizes.n;
}

static Verdict check_folder(const Verify *verify, const Place *place, const LoadSite *site,
                            const Json *load, Str folder, Arena *arena) {
    const CheckOptions *checks = verify->checks;
    int threads = verify->program->options->threads;
    ptrdiff_t most = checks->max_new_tokens;
    CheckRequest request = {.folder = folder,
                            .load = load,
                            .texts = check_texts,
                            .n_texts = check_n_texts,
                            .level = checks->level,
                            .tokenizer = tokenizer_of(&site->tokenizer),
                            .memory = checks->memory,
                            .gpus = checks->gpus,
                            .n_gpus = checks->n_gpus,
                            .threads = threads ? threads : parallel_cores()};
    request.max_new_tokens =
        site->new_tokens > 0 && site->new_tokens < most ? (ptrdiff_t)site->new_tokens : most;
    if (!request.n_gpus)
        read_max_memory(arena, load, &request);
    if (!request.n_gpus && place->gpu) {
        request.gpus = &place->gpu;
        request.n_gpus = 1;
    }
    Str behind = settle_level(verify, arena, place, site, &request);
    Arena own = {0};
    CheckReport report = check_run(&own, &request);
    Verdict verdict = verdict_of_report(arena, site, &report, &request, behind);
    arena_close(&own);
    return verdict;
}

/* The arguments alone, or with the checkpoint where there is one. */
static Verdict check_site(const Verify *verify, const Place *place, const LoadSite *site,
                          Str folder, Str missing, Arena *arena) {
    Reasons reasons = {.arena = arena};
    JsonDoc *doc = json_parse(arena, site->load, JSON_DEPTH_PYTHON, S("load"), &reasons);
    const Json *load = json_root(doc);
    Load read;
    Verdict verdict;
    bool adapter = folder.n && !has_file(arena, folder, "config.json") &&
                   has_file(arena, folder, "adapter_config.json");
    if (folder.n && !adapter) {
        verdict = check_folder(verify, place, site, load, folder, arena);
    } else {
        load_read(load, &read, &reasons);
        verdict = verdict_of_arguments(arena, site, &reasons,
                                       adapter ? S("an adapter is not run") : missing);
    }
    json_close(doc);
    return verdict;
}

/* The verdict, from before if the same has been asked. `verify->lock` is held. */
static Verdict verdict_of(Verify *verify, const Place *place, const LoadSite *site) {
    Arena *arena = &verify->arena;
    Str folder = {0},
        missing = site->id.n ? S("checkpoint not found") : S("its id is not followed");
    if (find_checkpoint(verify, arena, place, site->id, site->revision, &folder) &&
        site->subfolder.n && str_find(site->subfolder, S("..")) < 0)
        folder = str_format(arena, "%.*s/%.*s", STR_ARG(folder), STR_ARG(site->subfolder));
    else if (!has_file(arena, folder, "."))
        folder = (Str){0};
    Str form = load_site_form(arena, site);
    Str key = str_format(arena, "%.*s\n%.*s\n%.*s\n%llu", STR_ARG(form), STR_ARG(folder),
                         STR_ARG(folder.n ? (Str){0} : missing), (unsigned long long)place->gpu);
    for (ptrdiff_t i = 0; i < verify->known.n; i++)
        if (str_eq(verify->known.v[i].key, key))
            return verify->known.v[i].verdict;
    Verdict verdict = check_site(verify, place, site, folder, missing, arena);
    *list_push(arena, &verify->known) = (Known){key, verdict};
    return verdict;
}

/* ---- one piece ---- */

typedef struct Checked {
    Verify *verify;
    Parser *parser;
    Arena *arena;
    const Engine *engine;
    const Source *source;
    const bool *candidates;
    Diagnostics *diagnostics;
    Place place;
    LoadSites before, after;
    const LoadSite **was; /* of each site after: the one before; NULL: none */
    List(SiteVerdict) verdicts;
    List(KeptOut) kept_out;
} Checked;

static LoadSites sites_of(Checked *piece, const Source *source) {
    Tree *tree = syntax_parse(piece->parser, piece->arena, GRAMMAR_PYTHON, source->parse_text);
    if (!tree)
        return (LoadSites){0};
    const FactContext context = {
        .module = run_module(piece->engine, piece->arena, source, tree),
        .project = project_of(piece->engine->projects, source->path),
    };
    return load_sites(&context);
}

/* Sites keep their order; where one has come or gone, those with the same id belong together. */
static void pair_sites(Checked *piece) {
    const LoadSites *before = &piece->before, *after = &piece->after;
    piece->was = new (piece->arena, const LoadSite *, after->n + 1);
    bool *taken = new (piece->arena, bool, before->n + 1);
    for (ptrdiff_t i = 0; i < after->n; i++)
        for (ptrdiff_t k = 0; k < before->n && !piece->was[i]; k++) {
            bool same =
                before->n == after->n ? i == k : str_eq(before->v[k].id_text, after->v[i].id_text);
            if (!same || taken[k])
                continue;
            taken[k] = true;
            piece->was[i] = &before->v[k];
        }
}

static void look_again(Checked *piece, const Outcome *outcome) {
    bool changed = outcome && outcome->changed;
    piece->after =
        changed ? sites_of(piece, source_with_text(piece->arena, piece->source, outcome->text))
                : piece->before;
    pair_sites(piece);
}

static bool is_rewritten(const Checked *piece, ptrdiff_t i) {
    const LoadSite *was = piece->was[i];
    return !was || !str_eq(load_site_form(piece->arena, was),
                           load_site_form(piece->arena, &piece->after.v[i]));
}

static void tell(Checked *piece, ptrdiff_t i, const Verdict *verdict) {
    const LoadSite *site = &piece->after.v[i];
    bool written = piece->verify->program->options->write;
    *list_push(piece->arena, &piece->verdicts) = (SiteVerdict){
        .line = written || !piece->was[i] ? site->line : piece->was[i]->line,
        .id = site->id.n ? site->id : site->id_text,
        .class_name = site->class_name,
        .load = site->load,
        .text = verdict->text,
        .json = verdict->json,
        .rejected = verdict->kind == VERDICT_REJECTED,
    };
}

/* ---- edits that would make a site fail ---- */

/* The first site that fails and did not before; -1: none. */
static ptrdiff_t first_broken(Checked *piece, Verdict *verdict) {
    for (ptrdiff_t i = 0; i < piece->after.n; i++) {
        if (!piece->was[i] || !is_rewritten(piece, i))
            continue;
        *verdict = verdict_of(piece->verify, &piece->place, &piece->after.v[i]);
        if (verdict->kind == VERDICT_REJECTED &&
            verdict_of(piece->verify, &piece->place, piece->was[i]).kind != VERDICT_REJECTED)
            return i;
    }
    return -1;
}

static Outcome *run_without(Checked *piece) {
    Engine engine = *piece->engine;
    engine.kept_out = piece->kept_out.v;
    engine.n_kept_out = piece->kept_out.n;
    return engine_run(&engine, piece->parser, piece->arena, piece->source, piece->candidates,
                      piece->diagnostics);
}

/* Whether the site at `index` loads when the transform, too, is kept from the lines. */
static bool helps(Checked *piece, Str transform, LineRange lines, const LoadSite *was,
                  Outcome **outcome) {
    *list_push(piece->arena, &piece->kept_out) = (KeptOut){transform, lines};
    Outcome *without = run_without(piece);
    if (!without)
        return false;
    look_again(piece, without);
    for (ptrdiff_t i = 0; i < piece->after.n; i++)
        if (piece->was[i] == was &&
            verdict_of(piece->verify, &piece->place, &piece->after.v[i]).kind == VERDICT_REJECTED)
            return false;
    *outcome = without;
    return true;
}

/* Finds what to leave undone: one transform at the site's own lines, else in the whole piece, else
 * all of them. */
static Str withhold(Checked *piece, const LoadSite *was, Outcome **outcome) {
    const Outcome *full = *outcome;
    ptrdiff_t kept = piece->kept_out.n;
    const LineRange own = {was->line, was->last_line}, all = {0, UINT32_MAX};
    for (int wide = 0; wide < 2; wide++)
        for (ptrdiff_t i = 0; i < full->n_fixes; i++) {
            piece->kept_out.n = kept;
            if (helps(piece, full->fixes[i].transform, wide ? all : own, was, outcome))
                return full->fixes[i].transform;
        }
    Buf names = {.arena = piece->arena};
    piece->kept_out.n = kept;
    for (ptrdiff_t i = 0; i < full->n_fixes; i++) {
        buf_format(&names, "%s%.*s", i ? ", " : "", STR_ARG(full->fixes[i].transform));
        if (helps(piece, full->fixes[i].transform, all, was, outcome))
            break;
    }
    return buf_str(&names);
}

/* A piece has at most as many such sites as it has sites; each round settles one. */
static void take_out_broken(Checked *piece, Outcome **outcome) {
    Verdict verdict;
    for (ptrdiff_t round = 0; round <= piece->before.n; round++) {
        ptrdiff_t broken = first_broken(piece, &verdict);
        if (broken < 0)
            return;
        const LoadSite *was = piece->was[broken];
        Str names = withhold(piece, was, outcome);
        look_again(piece, *outcome);
        *list_push(piece->arena, &piece->verdicts) = (SiteVerdict){
            .line = was->line,
            .id = was->id.n ? was->id : was->id_text,
            .class_name = was->class_name,
            .load = was->load,
            .text = str_format(piece->arena, "left without %.*s, with which it %.*s",
                               STR_ARG(names), STR_ARG(verdict.text)),
            .withheld = true,
        };
    }
}

/* `verify->lock` is held. */
static void decide(Checked *piece, Outcome **outcome) {
    if (*outcome && (*outcome)->changed)
        take_out_broken(piece, outcome);
    for (ptrdiff_t i = 0; i < piece->after.n; i++) {
        if (!piece->verify->checks->all_sites && !is_rewritten(piece, i))
            continue;
        Verdict verdict = verdict_of(piece->verify, &piece->place, &piece->after.v[i]);
        tell(piece, i, &verdict);
    }
}

/* What somebody has set; the default says nothing of this machine. */
static uint64_t gpu_of(const Project *project) {
    bool set = project->config && project->config->places[SETTING_GPU_MEMORY].file;
    return set ? (uint64_t)(project->settings.gpu_memory * 1e9 + 0.5) : 0;
}

SiteVerdicts verify_piece(Verify *verify, Parser *parser, Arena *arena, const Engine *engine,
                          const Source *source, const bool *candidates, Outcome **outcome,
                          Diagnostics *diagnostics) {
    bool changed = *outcome && (*outcome)->changed;
    bool loads = may_load(source->text) || (changed && may_load((*outcome)->text));
    if (!loads || !(changed || verify->checks->all_sites))
        return (SiteVerdicts){0};
    const Project *project = project_of(engine->projects, source->path);
    ptrdiff_t slash = str_rfind_byte(source->path, '/');
    Checked piece = {
        .verify = verify,
        .parser = parser,
        .arena = arena,
        .engine = engine,
        .source = source,
        .candidates = candidates,
        .diagnostics = diagnostics,
        .place = {.file_folder = slash > 0 ? str_slice(source->path, 0, slash) : S("."),
                  .project_folder = project->folder,
                  .gpu = gpu_of(project)},
    };
    piece.before = sites_of(&piece, source);
    look_again(&piece, *outcome);
    jmp_buf exhausted, *outer = arena->on_exhausted;
    pthread_mutex_lock(&verify->lock);
    if (setjmp(exhausted)) { /* the file's arena is full: others are to go on */
        pthread_mutex_unlock(&verify->lock);
        arena->on_exhausted = outer;
        longjmp(*outer, 1);
    }
    arena->on_exhausted = outer ? &exhausted : NULL;
    decide(&piece, outcome);
    arena->on_exhausted = outer;
    pthread_mutex_unlock(&verify->lock);
    return (SiteVerdicts){piece.verdicts.v, piece.verdicts.n};
}

/* ---- telling ---- */

void verify_add(Verify *verify, Str path, const Document *document, ptrdiff_t piece,
                SiteVerdicts verdicts) {
    Arena *arena = &verify->arena;
    pthread_mutex_lock(&verify->lock);
    for (ptrdiff_t i = 0; i < verdicts.n; i++) {
        SiteVerdict verdict = verdicts.v[i];
        DocumentPlace place = {.line = verdict.line};
        if (document->kind != DOCUMENT_PYTHON)
            place = document_place(document, arena, piece, verdict.line);
        verdict.line = place.line;
        verdict.id = str_copy(arena, verdict.id);
        verdict.class_name = str_copy(arena, verdict.class_name);
        verdict.load = str_copy(arena, verdict.load);
        verdict.text = str_copy(arena, verdict.text);
        Str told = document_join_path(arena, path, place.part);
        *list_push(arena, &verify->told) =
            (Told){str_format(arena, "%.*s:%u", STR_ARG(told), place.line), verdict};
    }
    pthread_mutex_unlock(&verify->lock);
}

static void tell_json(const Verify *verify) {
    Buf out = {.arena = verify->program->arena};
    buf_add(&out, S("{\"sites\": ["));
    for (ptrdiff_t i = 0; i < verify->told.n; i++) {
        const SiteVerdict *v = &verify->told.v[i].verdict;
        buf_add(&out, i ? S(",\n{\"place\": ") : S("\n{\"place\": "));
        buf_add_json(&out, verify->told.v[i].place);
        buf_add(&out, S(", \"id\": "));
        buf_add_json(&out, v->id);
        buf_add(&out, S(", \"class\": "));
        buf_add_json(&out, v->class_name);
        buf_format(&out, ", \"does_not_load\": %s, \"withheld\": %s, \"text\": ",
                   v->rejected ? "true" : "false", v->withheld ? "true" : "false");
        buf_add_json(&out, v->text);
        buf_format(&out, ",\n \"load\": %.*s,\n \"check\": %.*s}", STR_ARG(v->load),
                   STR_ARG(v->json.n ? v->json : S("null")));
    }
    buf_add(&out, verify->told.n ? S("\n]}\n") : S("]}\n"));
    fwrite(out.p, 1, (size_t)out.n, stdout);
}

bool verify_tell(Verify *verify) {
    const Program *program = verify->program;
    bool rejected = false;
    for (ptrdiff_t i = 0; i < verify->told.n; i++) {
        const Told *told = &verify->told.v[i];
        rejected |= told->verdict.rejected;
        bool quiet = program->style.verbosity < 0 && !told->verdict.rejected;
        if (!verify->checks->json && !quiet)
            fprintf(stderr, "%.*s %.*s: %.*s\n", STR_ARG(told->place), STR_ARG(told->verdict.id),
                    STR_ARG(told->verdict.text));
    }
    if (verify->checks->json && !program->out_failed)
        tell_json(verify);
    return rejected;
}
