/* The order of a check: the arguments, config.json, the headers of the weights, their places in the
 * architecture, the plan, the tokenizer; when nothing of that was rejected, weights are loaded and
 * texts generated, each alone and all as one padded batch. Whatever takes memory is in two arenas
 * with a limit; when it is reached, on_exhausted leads back here and the verdict says so. */
#include "check/check.h"

#include <math.h>
#include <sys/resource.h>
#include <time.h>

#include "base/workers.h"

#define TOKENIZER_CALL S("tokenizer") /* where the program is at fault */

static const uint64_t ALWAYS_SCANNED = (uint64_t)256
                                       << 20; /* bytes; larger ones when logits are odd */
enum { FIRST_LAYERS = 4 };                    /* of a model that does not fit */

const Str check_texts[] = {{"The quick brown fox", 19}, {"Hello", 5}};
const ptrdiff_t check_n_texts = COUNT(check_texts);

typedef struct State {
    Arena *arena, scratch;
    const CheckRequest *request;
    CheckReport *report;
    Reasons *reasons;
    Config config;
    Arch arch;
    Load load;
    Tensors tensors;
    Model model;
    Tokenizer *tokenizer;
    bool config_read;
} State;

/* ---- what the files say ---- */

static void check_id(State *s, const Json *from, const char *key, Str file, ReasonWeight weight) {
    const Json *value = json_get(from, key);
    for (JsonIter it = json_iter(value); json_kind(value) == JSON_ARRAY && json_next(&it);) {
        int64_t id;
        if (!json_int(it.value, &id) || id < 0 || id >= s->arch.vocab)
            warn(s->reasons, file, str_from(key), "%s holds an id outside the vocabulary of %lld",
                 key, (long long)s->arch.vocab);
    }
    int64_t id;
    if (json_kind(value) != JSON_NUMBER || !json_int(value, &id) || (id >= 0 && id < s->arch.vocab))
        return;
    reason_add(s->reasons, id < 0 ? REASON_WARN : weight, file, str_from(key),
               "%s outside the vocabulary: %lld of %lld", key, (long long)id,
               (long long)s->arch.vocab);
}

static void check_ids(State *s) {
    check_id(s, s->config.top, "pad_token_id", S("config.json"), REASON_REJECT);
    check_id(s, s->config.top, "eos_token_id", S("config.json"), REASON_WARN);
    check_id(s, s->config.top, "bos_token_id", S("config.json"), REASON_WARN);
    check_id(s, s->config.generation, "pad_token_id", S("generation_config.json"), REASON_WARN);
    check_id(s, s->config.generation, "eos_token_id", S("generation_config.json"), REASON_WARN);
}

static void check_device_map(State *s) {
    for (ptrdiff_t i = 0; s->load.device_map && i < s->model.specs.n; i++) {
        Str module = s->model.specs.v[i].module;
        bool covered = s->model.specs.v[i].slot == SLOT_HEAD && s->model.tied;
        for (JsonIter it = json_iter(s->load.device_map); json_next(&it);)
            covered |= !it.key.n || (str_starts(module, it.key) &&
                                     (module.n == it.key.n || module.p[it.key.n] == '.'));
        if (!covered) {
            reject(s->reasons, S("load"), S("device_map"),
                   "device_map dict without every module: %.*s is on no device", STR_ARG(module));
            return;
        }
    }
}

static void check_quantization(State *s) {
    bool head = s->load.skip && !load_skips(&s->load, S("lm_head"));
    if (s->load.quantization && head && s->model.tied && s->arch.quantizes)
        warn(s->reasons, S("load"), S("llm_int8_skip_modules"),
             "the list takes the place of the defaults, so that the tied lm_head is made a "
             "quantized layer without quantized weights: generate fails");
    if (s->load.quantization && !s->arch.quantizes)
        warn(s->reasons, S("load"), S("quantization_config"),
             "bitsandbytes leaves the layers of %.*s as they are: nothing is quantized",
             STR_ARG(s->arch.class_name));
    for (ptrdiff_t i = 0; s->load.recast && i < s->model.specs.n; i++)
        if (str_eq(s->model.specs.v[i].suffix, S("bias"))) {
            reject(s->reasons, S("load"), S("dtype"),
                   "it is the type of biases, but not of weights that are saved quantized: torch "
                   "does not compute with both (%.*s)",
                   STR_ARG(s->model.specs.v[i].module));
            break;
        }
    for (ptrdiff_t i = 0; s->load.quantization && i < s->model.specs.n; i++)
        if (model_quantizes(&s->model, &s->model.specs.v[i]) &&
            s->model.specs.v[i].shape[s->model.specs.v[i].rank - 1] % 64) {
            note(s->reasons, S("load"), s->model.specs.v[i].module,
                 "its inputs are no multiple of 64: bitsandbytes' packed kernel for AVX512-BF16 "
                 "processors fails on it");
            return;
        }
}

static Str form_of(const Load *load) {
    if (load->foreign.n)
        return load->foreign;
    if (load->quantization == QUANTIZE_4BIT)
        return load->fp4 ? S("fp4") : S("nf4");
    if (load->quantization == QUANTIZE_8BIT)
        return S("int8");
    return load->precision == BFLOAT16  ? S("bf16")
           : load->precision == FLOAT16 ? S("fp16")
                                        : S("fp32");
}

static void read_files(State *s) {
    load_read(s->request->load, &s->load, s->reasons);
    s->config_read = config_open(s->arena, s->request->folder, s->load.trust_remote_code,
                                 &s->config, s->reasons);
    bool known = s->config_read && load_against(&s->load, &s->config, s->reasons);
    s->report->form = known ? form_of(&s->load) : (Str){0};
    known = s->config_read && arch_read(s->arena, &s->config, &s->arch) && known;
    if (s->request->headless)
        s->arch.has &= ~(uint32_t)(1u << SLOT_HEAD);
    if (s->arch.family) {
        s->report->architecture = s->arch.class_name;
        s->report->layers = s->arch.layers;
        s->report->vocab = s->arch.vocab;
        if (known)
            check_ids(s);
    }
    if (s->request->level == CHECK_CONFIG)
        return;
    bool headers = tensors_open(s->arena, s->request->folder, &s->tensors, s->reasons);
    s->report->tensors = (uint64_t)s->tensors.list.n;
    if (known && headers &&
        model_bind(s->arena, &s->scratch, &s->arch, &s->load, &s->tensors, &s->model, s->reasons)) {
        check_device_map(s);
        check_quantization(s);
        s->report->plan = plan_make(s->arena, &s->model, s->request->gpus, s->request->n_gpus);
        s->report->has_plan = true;
        if (!s->report->plan.fits)
            warn(s->reasons, S("load"), S("device_map"),
                 "%.1f GiB of weights do not fit on the given devices; the rest is kept by the "
                 "processor",
                 (double)s->report->plan.bytes / (1 << 30));
    }
}

/* ---- the tokenizer ---- */

static void encode_texts(State *s) {
    CheckReport *report = s->report;
    const CheckRequest *request = s->request;
    report->texts = new (s->arena, CheckText, request->n_texts);
    report->n_texts = request->n_texts;
    for (ptrdiff_t i = 0; i < request->n_texts; i++) {
        Ids ids;
        ArenaMark mark = arena_mark(&s->scratch);
        if (tokenizer_encode(s->tokenizer, &s->scratch, request->texts[i], &ids))
            for (ptrdiff_t k = 0; k < ids.n; k++)
                *list_push(s->arena, &report->texts[i].ids) = ids.v[k];
        arena_reset(&s->scratch, mark);
    }
}

/* The pad token as the program sets it. */
static void set_pad(State *s, TokenizerFacts *facts) {
    const CheckTokenizer *asked = &s->request->tokenizer;
    if (asked->pad_if_missing && facts->pad_id >= 0)
        return;
    int64_t vocab = s->arch.vocab;
    if (str_eq(asked->pad_from, S("eos_token")))
        facts->pad_id = facts->eos_id;
    else if (str_eq(asked->pad_from, S("bos_token")))
        facts->pad_id = facts->bos_id;
    else if (asked->pad_token.n)
        facts->pad_id = tokenizer_token(s->tokenizer, asked->pad_token);
    else if (asked->sets_pad_id)
        facts->pad_id =
            asked->pad_id >= 0 && asked->pad_id < INT32_MAX ? (int32_t)asked->pad_id : INT32_MAX;
    else
        return;
    facts->pad_added = false;
    if (asked->pad_token.n && facts->pad_id < 0 && asked->adds_token)
        facts->pad_id = facts->largest_id + 1;
    if (asked->pad_token.n && facts->pad_id < 0)
        warn(s->reasons, TOKENIZER_CALL, S("pad_token"), "pad_token %.*s is not in the vocabulary",
             STR_ARG(asked->pad_token));
    else if (vocab && facts->pad_id >= vocab && !asked->resizes)
        reason_add(
            s->reasons, asked->pads ? REASON_REJECT : REASON_WARN, TOKENIZER_CALL,
            S("pad_token_id"),
            "the pad token has the id %d, and the embedding %lld rows: a padded batch raises "
            "IndexError",
            facts->pad_id, (long long)vocab);
}

static void set_side(State *s, TokenizerFacts *facts) {
    const CheckTokenizer *asked = &s->request->tokenizer;
    bool file_says = facts->says_right && !asked->sets_side;
    if (asked->sets_side)
        facts->says_right = !asked->left;
    else if (asked->pads)
        facts->says_right |= !facts->pads_left;
    if (facts->says_right && (file_says || asked->pads))
        warn(s->reasons, file_says ? S("tokenizer_config.json") : TOKENIZER_CALL, S("padding_side"),
             "padding_side right for a decoder-only model: shorter texts of a batch go on behind "
             "their padding");
}

static void read_tokenizer(State *s) {
    const CheckTokenizer *asked = &s->request->tokenizer;
    Str type = s->config_read ? s->config.model_type : (Str){0};
    Str folder = asked->folder.n ? asked->folder : s->request->folder;
    if (!tokenizer_open(s->arena, folder, type, &s->tokenizer, s->reasons))
        return;
    s->report->has_tokenizer = true;
    s->report->tokenizer = tokenizer_facts(s->tokenizer);
    TokenizerFacts *facts = &s->report->tokenizer;
    set_pad(s, facts);
    set_side(s, facts);
    if (facts->pad_id < 0 && asked->pads)
        reject(s->reasons, TOKENIZER_CALL, S("padding"),
               "the tokenizer has no pad token: padding raises ValueError");
    else if (facts->pad_id < 0)
        note(s->reasons, S("tokenizer_config.json"), S("pad_token"),
             "no pad_token: padding=True raises a ValueError; the end token stands in for it here");
    if (s->arch.family && s->arch.vocab && facts->largest_id >= s->arch.vocab &&
        !(facts->pad_added && facts->pad_id == facts->largest_id))
        warn(s->reasons, S("tokenizer.json"), (Str){0},
             "ids go up to %d, but the embedding has %lld rows", facts->largest_id,
             (long long)s->arch.vocab);
    encode_texts(s);
}

/* ---- generating ---- */

static Ids end_tokens(State *s) {
    Ids ends = {0};
    const Json *from = json_get(s->config.generation, "eos_token_id");
    if (json_kind(from) <= JSON_NULL)
        from = json_get(s->config.top, "eos_token_id");
    int64_t id;
    if (json_int(from, &id))
        *list_push(s->arena, &ends) = (int32_t)id;
    for (JsonIter it = json_iter(from); json_kind(from) == JSON_ARRAY && json_next(&it);)
        if (json_int(it.value, &id))
            *list_push(s->arena, &ends) = (int32_t)id;
    return ends;
}

/* Why a text cannot be run; NULL when it can. */
static const char *unfit(const State *s, const Ids *ids) {
    if (ids->n == 0)
        return "no tokens: generate fails on it";
    for (ptrdiff_t i = 0; i < ids->n; i++)
        if (ids->v[i] < 0 || ids->v[i] >= s->arch.vocab)
            return "a token has no row in the embedding";
    if (s->arch.position == POSITION_LEARNED &&
        ids->n + s->request->max_new_tokens > s->arch.positions)
        return "longer than the learned positions";
    return NULL;
}

static bool same(const Ids *a, const Ids *b) {
    return a->n == b->n && (a->n == 0 || !memcmp(a->v, b->v, sizeof *a->v * (size_t)a->n));
}

static void generate_texts(State *s) {
    CheckReport *report = s->report;
    const TokenizerFacts *facts = &report->tokenizer;
    GenerateSettings settings = {.max_new = s->request->max_new_tokens,
                                 .ends = end_tokens(s),
                                 .pads_left = !facts->says_right};
    settings.pad = facts->pad_id >= 0   ? facts->pad_id
                   : facts->eos_id >= 0 ? facts->eos_id
                   : settings.ends.n    ? settings.ends.v[0]
                                        : 0;
    Ids *prompts = new (s->arena, Ids, report->n_texts);
    ptrdiff_t *at = new (s->arena, ptrdiff_t, report->n_texts), n = 0;
    for (ptrdiff_t i = 0; i < report->n_texts; i++) {
        const char *reason = unfit(s, &report->texts[i].ids);
        if (reason)
            note(s->reasons, S("texts"), str_format(s->arena, "text %td", i), "not run: %s",
                 reason);
        else
            prompts[n] = report->texts[i].ids, at[n++] = i;
    }
    report->finite = true;
    for (ptrdiff_t i = 0; i < n; i++) {
        generate(&s->model, s->arena, &prompts[i], 1, &settings, &report->texts[at[i]].generated);
        report->finite &= report->texts[at[i]].generated.finite;
    }
    report->generated = true;
    report->layers_run = s->arch.layers;
    report->padded_equals_alone = -1;
    if (n == 0 || settings.pad >= s->arch.vocab)
        return;
    report->padded_equals_alone = 1;
    if (n == 1) /* a batch of one has no padding */
        return;
    Generated *batch = new (s->arena, Generated, n);
    generate(&s->model, s->arena, prompts, n, &settings, batch);
    for (ptrdiff_t i = 0; i < n; i++)
        report->padded_equals_alone &= same(&batch[i].ids, &report->texts[at[i]].generated.ids);
    if (!report->padded_equals_alone && settings.pads_left)
        note(s->reasons, S("texts"), (Str){0},
             "padded and alone differ, as they may with 8-bit weights and with rope that depends "
             "on the batch's length");
}

/* A model that is larger than the memory given: its first layers, one at a time, on one text. */
static void run_some_layers(State *s) {
    CheckReport *report = s->report;
    const Ids *ids = NULL; /* of the shortest */
    for (ptrdiff_t i = 0; i < report->n_texts; i++)
        if (!unfit(s, &report->texts[i].ids) && (!ids || report->texts[i].ids.n < ids->n))
            ids = &report->texts[i].ids;
    if (ids && s->model.loaded) {
        Cache cache = cache_new(&s->scratch, &s->model, 1, ids->n);
        for (ptrdiff_t k = 0; k < ids->n; k++) {
            cache.visible[k] = 1;
            cache.position[k] = k;
        }
        report->finite = forward(&s->model, &cache, ids->v, ids->n, NULL);
        report->layers_run = s->model.loaded;
    }
    note(s->reasons, S("model"), (Str){0},
         "ran %lld of %lld layers: the whole does not fit into --memory",
         (long long)report->layers_run, (long long)s->arch.layers);
}

static void load_and_generate(State *s) {
    const Plan *plan = &s->report->plan;
    uint64_t memory = s->request->memory, used = s->arena->used, held = 0;
    bool whole = !memory || plan->bytes + used <= memory / 4 * 3;
    int64_t layers = s->arch.layers < FIRST_LAYERS ? s->arch.layers : FIRST_LAYERS;
    if (s->load.quantization) /* a plain layer stays in the mapped file */
        held = plan->layer_bytes;
    if (!whole && held + used > memory / 4 * 3)
        layers = 0;
    if (s->tensors.total_bytes <= ALWAYS_SCANNED)
        model_scan(&s->model);
    if (s->reasons->rejects || !(whole ? model_load(&s->model) : model_stream(&s->model, layers)))
        return;
    if (s->scratch.limit && s->arena->used < memory)
        s->scratch.limit = memory - s->arena->used;
    if (s->request->hashes) {
        Buf modules = {.arena = s->arena};
        check_print_modules(&modules, &s->model);
        s->report->modules = buf_str(&modules);
    }
    s->report->partly = !whole;
    if (whole)
        generate_texts(s);
    else
        run_some_layers(s);
    if (!s->report->finite && s->tensors.total_bytes > ALWAYS_SCANNED)
        model_scan(&s->model);
    if (!s->report->finite && !s->reasons->rejects && !s->reasons->warns)
        reject(s->reasons, S("model"), S("logits"), "logits are not finite");
}

/* ---- all ---- */

static void run(State *s) {
    read_files(s);
    if (s->request->level == CHECK_GENERATE && !s->reasons->uncovered && !s->request->headless)
        read_tokenizer(s);
    if (s->request->level == CHECK_GENERATE && s->report->has_plan && s->report->has_tokenizer &&
        !s->reasons->rejects && !s->load.foreign.n)
        load_and_generate(s);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static uint64_t peak_bytes(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
#ifdef __APPLE__
    return (uint64_t)usage.ru_maxrss;
#else
    return (uint64_t)usage.ru_maxrss * 1024;
#endif
}

CheckReport check_run(Arena *arena, const CheckRequest *request) {
    double start = now();
    CheckReport *report = new (arena, CheckReport, 1);
    State *s = new (arena, State, 1);
    jmp_buf exhausted;
    report->padded_equals_alone = -1;
    report->finite = true;
    report->reasons.arena = arena;
    *s = (State){.arena = arena, .request = request, .report = report, .reasons = &report->reasons};
    s->scratch.limit = (size_t)request->memory;
    arena->limit = (size_t)request->memory;
    jmp_buf *before = arena->on_exhausted;
    arena->on_exhausted = s->scratch.on_exhausted = &exhausted;
    workers_start(request->threads > 0 ? request->threads : 1);
    if (setjmp(exhausted) == 0) {
        run(s);
    } else {
        arena->limit = 0; /* for the reason, and for the report */
        reason_uncovered(s->reasons, S("model"), (Str){0},
                         "the check needs more memory than --memory allows");
    }
    workers_stop();
    if (file_shrank())
        reject(s->reasons, S("model"), (Str){0}, "a file became shorter while it was read");
    arena->limit = 0;
    arena->on_exhausted = before;
    config_close(&s->config);
    tokenizer_close(s->tokenizer);
    tensors_close(&s->tensors);
    arena_close(&s->scratch);
    report->seconds = now() - start;
    report->peak_bytes = peak_bytes();
    return *report;
}

const char *check_verdict(const CheckReport *report) {
    return report->reasons.rejects ? "rejects" : report->reasons.warns ? "warns" : "loads";
}
