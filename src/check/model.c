/* Weights stay where the mapped file has them whenever its type can be read as it is; only norms
 * and biases (as floats), quantized codes, and types that are seldom seen are copied. */
#include "check/model.h"

#include <math.h>

#include "base/workers.h"
#include "check/quantize.h"

/* ---- binding ---- */

static Str tensor_name(Arena *arena, const WeightSpec *spec) {
    return str_format(arena, "%.*s.%.*s", STR_ARG(spec->module), STR_ARG(spec->suffix));
}

static const Tensor *find_named(const Model *model, Str name) {
    Str spellings[3];
    int n = arch_spellings(model->arena, model->arch, name, spellings);
    const Tensor *found = NULL;
    for (int i = 0; i < n && !found; i++)
        found = tensors_find(model->tensors, spellings[i]);
    return found;
}

static Str file_of(const Model *model, const Tensor *tensor) {
    return model->tensors->files.v[tensor->file].name;
}

/* A weight that bitsandbytes has quantized before it was saved. */
static bool prequantized(const Model *model, const WeightSpec *spec) {
    return model->load->saved && model_quantizes(model, spec);
}

static bool right_shape(const Model *model, const WeightSpec *spec, const Tensor *tensor) {
    uint64_t n = 1;
    for (int i = 0; i < spec->rank; i++)
        if (!multiply(n, spec->shape[i], &n))
            return false;
    bool saved = prequantized(model, spec);
    if (saved && model->load->quantization == QUANTIZE_4BIT) /* bnb_4bit_quant_storage: any type */
        return tensor->bytes == (n + 1) / 2;
    bool same = tensor->rank == spec->rank && (!saved || tensor->type == TENSOR_I8),
         turned = saved && model->arch->transposed; /* rows are outputs when they are quantized */
    for (int i = 0; i < spec->rank && same; i++)
        same = tensor->shape[i] == spec->shape[turned ? spec->rank - 1 - i : i];
    return same;
}

static bool check_type(Model *model, const WeightSpec *spec, const Tensor *tensor) {
    if (prequantized(model, spec))
        return true;
    switch (tensor->type) {
    case TENSOR_F32:
    case TENSOR_F16:
    case TENSOR_BF16:
    case TENSOR_F64:
        return true;
    case TENSOR_I8:
    case TENSOR_U8:
    case TENSOR_BOOL:
    case TENSOR_I16:
    case TENSOR_U16:
    case TENSOR_I32:
    case TENSOR_U32:
    case TENSOR_I64:
    case TENSOR_U64:
        warn(model->reasons, file_of(model, tensor), tensor->name,
             "weights of type %s are cast, silently", tensor_type_name(tensor->type));
        return true;
    default:
        return reason_uncovered(model->reasons, file_of(model, tensor), tensor->name,
                                "weights of type %s are not covered by this check",
                                tensor_type_name(tensor->type));
    }
}

/* Under which names other methods than bitsandbytes keep a weight's codes (GPTQ, AWQ;
 * compressed-tensors; FP8 keeps the name and changes the type). */
static bool bind_foreign(Model *model, ptrdiff_t i, bool *seen) {
    static const char *const names[] = {"qweight", "weight_packed", "weight"};
    const WeightSpec *spec = &model->specs.v[i];
    for (int k = 0; k < COUNT(names) && !model->found[i]; k++) {
        WeightSpec named = *spec;
        named.suffix = str_from(names[k]);
        model->found[i] = find_named(model, tensor_name(model->arena, &named));
        *seen |= model->found[i] && (k < 2 || !right_shape(model, spec, model->found[i]) ||
                                     tensor_type_bits(model->found[i]->type) < 16);
    }
    return model->found[i] != NULL;
}

static bool bind(Model *model, ptrdiff_t i, bool *foreign) {
    const WeightSpec *spec = &model->specs.v[i];
    bool module = spec->linear || (spec->slot >= SLOT_EXPERT_GATE && spec->slot < SLOT_FINAL_NORM);
    if (model->load->foreign.n && module && bind_foreign(model, i, foreign))
        return true;
    const Tensor *tensor = find_named(model, tensor_name(model->arena, spec));
    model->found[i] = tensor;
    if (!tensor) {
        if (spec->slot == SLOT_HEAD && model->arch->tied)
            return true;
        return reject(model->reasons,
                      model->tensors->files.n == 1 ? model->tensors->files.v[0].name
                                                   : S("model.safetensors.index.json"),
                      tensor_name(model->arena, spec), "tensor %.*s is missing",
                      STR_ARG(tensor_name(model->arena, spec)));
    }
    if (!right_shape(model, spec, tensor)) {
        Str have = tensor_shape(model->arena, tensor->shape, tensor->rank),
            want = tensor_shape(model->arena, spec->shape, spec->rank);
        if (spec->slot == SLOT_EMBED && tensor->rank == 2 && tensor->shape[0] != spec->shape[0])
            return reject(model->reasons, S("config.json"), S("vocab_size"),
                          "vocab_size %s than the embedding rows: %llu, but %.*s is %.*s",
                          spec->shape[0] > tensor->shape[0] ? "larger" : "smaller",
                          (unsigned long long)spec->shape[0], STR_ARG(tensor->name), STR_ARG(have));
        return reject(model->reasons, file_of(model, tensor), tensor->name,
                      "shape of %.*s is %s %.*s, the config asks for %s%.*s", STR_ARG(tensor->name),
                      tensor_type_name(tensor->type), STR_ARG(have),
                      prequantized(model, spec) ? "quantized " : "", STR_ARG(want));
    }
    return check_type(model, spec, tensor);
}

/* Tensors that belong to no module. */
static void tell_unexpected(Model *model, const unsigned char *used) {
    ptrdiff_t others = 0;
    for (ptrdiff_t i = 0; i < model->tensors->list.n; i++) {
        const Tensor *t = &model->tensors->list.v[i];
        bool state = model->load->saved &&
                     (str_find(t->name, S(".weight.")) > 0 || str_ends(t->name, S(".SCB")) ||
                      str_ends(t->name, S(".weight_format")));
        if (arch_other_part(model->arch, t->name)) {
            model->other_parameters += t->count;
            others++;
        } else if (!used[i] && !state && !arch_ignores(t->name)) {
            note(model->reasons, file_of(model, t), t->name,
                 "unexpected tensor: the architecture has no such module");
        }
    }
    if (others)
        note(model->reasons, S("config.json"), S("vision_config"),
             "%td tensors with %llu parameters belong to what looks at pictures, which is not run",
             others, (unsigned long long)model->other_parameters);
}

/* A head in the file beside a tied embedding: transformers 5 ties them only when they are equal. */
static void look_at_head(Model *model, const Tensor *embed, const Tensor *head) {
    model->tied = model->arch->tied;
    if (!head || !embed || !model->tied || head == embed)
        return;
    const unsigned char *a = tensors_data(model->tensors, embed, model->reasons),
                        *b = tensors_data(model->tensors, head, model->reasons);
    if (a && b && embed->type == head->type && embed->bytes == head->bytes &&
        !memcmp(a, b, (size_t)head->bytes))
        return;
    model->tied = false;
    warn(model->reasons, file_of(model, head), head->name,
         "tie_word_embeddings is true, but the file holds another head: they are not tied");
}

bool model_bind(Arena *arena, Arena *scratch, const Arch *arch, const Load *load, Tensors *tensors,
                Model *out, Reasons *reasons) {
    *out = (Model){.arena = arena,
                   .scratch = scratch,
                   .arch = arch,
                   .load = load,
                   .tensors = tensors,
                   .reasons = reasons};
    out->specs = arch_weights(arena, arch);
    out->found = new (arena, const Tensor *, out->specs.n);
    unsigned char *used = new (arena, unsigned char, tensors->list.n);
    const Tensor *embed = NULL, *head = NULL;
    bool fine = true, foreign = false;
    for (ptrdiff_t i = 0; i < out->specs.n; i++) {
        fine &= bind(out, i, &foreign);
        const Tensor *tensor = out->found[i];
        if (tensor)
            used[tensor - tensors->list.v] = 1;
        embed = out->specs.v[i].slot == SLOT_EMBED ? tensor : embed;
        head = out->specs.v[i].slot == SLOT_HEAD ? tensor : head;
    }
    if (!load->foreign.n)
        tell_unexpected(out, used);
    else if (fine && !foreign)
        fine = reject(reasons, S("config.json"), S("quantization_config"),
                      "already quantized with %.*s, it says, but the weights are plain",
                      STR_ARG(load->foreign));
    if (fine)
        look_at_head(out, embed, head);
    return fine;
}

/* The default exceptions are the head, what is tied, and the module of the last parameter; a list
 * of the user's takes their place (quantizers/base.py, get_modules_to_not_convert). */
bool model_quantizes(const Model *model, const WeightSpec *spec) {
    if (!spec->linear || !model->load->quantization)
        return false;
    if (model->load->skip)
        return !load_skips(model->load, spec->module);
    return spec->slot != SLOT_HEAD;
}

/* ---- loading ---- */

static float element(const Tensor *tensor, const unsigned char *p, uint64_t i) {
    union {
        uint16_t u16;
        int16_t i16;
        uint32_t u32;
        int32_t i32;
        uint64_t u64;
        int64_t i64;
        float f32;
        double f64;
    } v;
    unsigned bytes = tensor_type_bits(tensor->type) / 8;
    memcpy(&v, p + i * bytes, bytes);
    switch (tensor->type) {
    case TENSOR_F32:
        return v.f32;
    case TENSOR_F16:
        return float_of_f16(v.u16);
    case TENSOR_BF16:
        return float_of_bf16(v.u16);
    case TENSOR_F64:
        return (float)v.f64;
    case TENSOR_I8:
        return (float)(int8_t)p[i];
    case TENSOR_I16:
        return (float)v.i16;
    case TENSOR_U16:
        return (float)v.u16;
    case TENSOR_I32:
        return (float)v.i32;
    case TENSOR_U32:
        return (float)v.u32;
    case TENSOR_I64:
        return (float)v.i64;
    case TENSOR_U64:
        return (float)v.u64;
    default:
        return (float)p[i];
    }
}

static float *as_floats(Model *model, const Tensor *tensor, Precision precision) {
    const unsigned char *p = tensors_data(model->tensors, tensor, model->reasons);
    if (!p)
        return NULL;
    float *out = new (model->arena, float, (ptrdiff_t)tensor->count);
    for (uint64_t i = 0; i < tensor->count; i++)
        out[i] = round_to(precision, element(tensor, p, i));
    return out;
}

static bool plain_matrix(Model *model, const WeightSpec *spec, const Tensor *tensor, Matrix *out) {
    bool transposed = model->arch->transposed && spec->layer >= 0;
    *out = (Matrix){.rows = (ptrdiff_t)spec->shape[transposed],
                    .columns = (ptrdiff_t)spec->shape[!transposed],
                    .transposed = transposed,
                    .load = model->load->precision,
                    .compute = model->load->precision};
    out->kind = tensor->type == TENSOR_BF16  ? MATRIX_BF16
                : tensor->type == TENSOR_F16 ? MATRIX_F16
                                             : MATRIX_F32;
    if (out->kind == MATRIX_F32 && tensor->type != TENSOR_F32)
        out->p = (const unsigned char *)as_floats(model, tensor, model->load->precision);
    else
        out->p = tensors_data(model->tensors, tensor, model->reasons);
    return out->p != NULL;
}

/* Quantizing reads rows of outputs; Conv1D has them as columns. */
static Matrix untransposed(Arena *scratch, const Matrix *m) {
    if (!m->transposed)
        return *m;
    float *p = new (scratch, float, m->rows * m->columns), *row = new (scratch, float, m->rows);
    for (ptrdiff_t c = 0; c < m->columns; c++) {
        matrix_row(m, c, row);
        for (ptrdiff_t r = 0; r < m->rows; r++)
            p[r * m->columns + c] = row[r];
    }
    Matrix out = *m;
    out.kind = MATRIX_F32;
    out.transposed = false;
    out.p = (const unsigned char *)p;
    return out;
}

static QuantizedModule *quantized_module(Model *model, const WeightSpec *spec, Matrix *m) {
    QuantizedModule *module = list_push(model->arena, &model->quantized);
    *module = (QuantizedModule){.name = spec->module, .matrix = m};
    m->kind = model->load->quantization == QUANTIZE_8BIT ? MATRIX_8BIT : MATRIX_4BIT;
    m->transposed = false;
    /* Without a compute type the layer takes its input's, but not float16. */
    m->compute = model->load->compute_given          ? model->load->compute
                 : model->load->precision == FLOAT16 ? FLOAT32
                                                     : model->load->precision;
    return module;
}

static void quantize_matrix(Model *model, const WeightSpec *spec, Matrix *m) {
    ArenaMark mark = arena_mark(model->scratch);
    const Matrix plain = *m, from = untransposed(model->scratch, m);
    QuantizedModule *module = quantized_module(model, spec, m);
    if (model->load->quantization == QUANTIZE_8BIT) {
        int8_t *codes;
        float *scb;
        quantize_8bit(model->arena, &from, &codes, &scb);
        m->p = (const unsigned char *)codes;
        m->scb = scb;
    } else {
        const float *code = model->load->fp4 ? code_fp4 : code_nf4;
        Quantized4 q = quantize_4bit(model->arena, &from, code, model->load->twice);
        m->p = q.packed;
        m->absmax = q.absmax;
        m->code = code;
        module->absmax_codes = q.absmax_codes;
        module->n_packed = q.n_packed;
        module->n_absmax = q.n_blocks;
    }
    model_release(model, &plain);
    arena_reset(model->scratch, mark);
}

/* ---- weights that were saved quantized ---- */

/* Numbers beside a weight, of which there have to be n; NULL after a reject. */
static const float *state_floats(Model *model, const Tensor *weight, Str name, uint64_t n) {
    const Tensor *t = tensors_find(model->tensors, name);
    const float *out =
        t && t->type == TENSOR_F32 && t->count == n ? as_floats(model, t, FLOAT32) : NULL;
    if (!out)
        reject(model->reasons, file_of(model, weight), name,
               "a quantized weight needs %llu float32 numbers beside it", (unsigned long long)n);
    return out;
}

static Str beside(Model *model, const Tensor *weight, const char *name) {
    return str_format(model->arena, "%.*s.%s", STR_ARG(weight->name), name);
}

/* absmax that was quantized itself, with the mean taken off before. */
static const float *nested_absmax(Model *model, const Tensor *weight, const Tensor *codes,
                                  const Json *state, ptrdiff_t n) {
    int64_t block;
    if (!json_int(json_get(state, "nested_blocksize"), &block) || block != BLOCK_ABSMAX) {
        reason_uncovered(model->reasons, file_of(model, weight), codes->name,
                         "its blocks are not of the usual length of %d", BLOCK_ABSMAX);
        return NULL;
    }
    const unsigned char *p = tensors_data(model->tensors, codes, model->reasons);
    const float *map = state_floats(model, weight, beside(model, weight, "nested_quant_map"), 256),
                *largest = state_floats(model, weight, beside(model, weight, "nested_absmax"),
                                        (uint64_t)((n + BLOCK_ABSMAX - 1) / BLOCK_ABSMAX));
    float *out = new (model->arena, float, n),
          offset = (float)json_number(json_get(state, "nested_offset"), 0);
    for (ptrdiff_t i = 0; i < n && p && map && largest; i++)
        out[i] = map[p[i]] * largest[i / BLOCK_ABSMAX] + offset;
    return p && map && largest ? out : NULL;
}

static bool saved_4bit(Model *model, const Tensor *weight, Matrix *m, QuantizedModule *module,
                       const Json *state) {
    ptrdiff_t n = (m->rows * m->columns + BLOCK_4BIT - 1) / BLOCK_4BIT;
    int64_t block;
    Str type = json_str(json_get(state, "dtype"));
    if (!json_int(json_get(state, "blocksize"), &block) || block != BLOCK_4BIT)
        return reason_uncovered(model->reasons, file_of(model, weight), weight->name,
                                "its blocks are not of the usual length of %d", BLOCK_4BIT);
    m->load = str_eq(type, S("bfloat16"))  ? BFLOAT16
              : str_eq(type, S("float16")) ? FLOAT16
                                           : FLOAT32;
    const Tensor *codes = tensors_find(model->tensors, beside(model, weight, "absmax"));
    m->code = state_floats(model, weight, beside(model, weight, "quant_map"), 16);
    if (codes && codes->type == TENSOR_U8 && codes->count == (uint64_t)n) {
        module->absmax_codes = tensors_data(model->tensors, codes, model->reasons);
        m->absmax = nested_absmax(model, weight, codes, state, n);
    } else {
        m->absmax = state_floats(model, weight, beside(model, weight, "absmax"), (uint64_t)n);
    }
    module->n_packed = (ptrdiff_t)weight->bytes;
    module->n_absmax = n;
    return m->code && m->absmax;
}

static bool saved_matrix(Model *model, const WeightSpec *spec, const Tensor *weight, Matrix *m) {
    bool turned = model->arch->transposed && spec->layer >= 0;
    m->rows = (ptrdiff_t)spec->shape[turned];
    m->columns = (ptrdiff_t)spec->shape[!turned];
    m->p = tensors_data(model->tensors, weight, model->reasons);
    QuantizedModule *module = quantized_module(model, spec, m);
    if (m->kind == MATRIX_8BIT) {
        Str base = str_slice(weight->name, 0, weight->name.n - S("weight").n);
        m->scb = state_floats(model, weight, str_format(model->arena, "%.*sSCB", STR_ARG(base)),
                              (uint64_t)m->rows);
        return m->p && m->scb;
    }
    const Tensor *state =
        tensors_find(model->tensors, beside(model, weight,
                                            model->load->fp4 ? "quant_state.bitsandbytes__fp4"
                                                             : "quant_state.bitsandbytes__nf4"));
    const unsigned char *text = state ? tensors_data(model->tensors, state, model->reasons) : NULL;
    if (!text || !m->p)
        return reject(model->reasons, file_of(model, weight), weight->name,
                      "a quantized weight without its quant_state");
    JsonDoc *doc = json_parse(model->arena, (Str){(const char *)text, (ptrdiff_t)state->bytes},
                              JSON_DEPTH_PYTHON, state->name, model->reasons);
    bool fine = doc && saved_4bit(model, weight, m, module, json_root(doc));
    json_close(doc);
    return fine;
}

static Layer *layer_of(Model *model, const WeightSpec *spec) {
    return spec->layer < 0 ? &model->outside : &model->layers[spec->layer];
}

static Matrix *matrix_of(Model *model, const WeightSpec *spec) {
    Layer *layer = layer_of(model, spec);
    if (spec->slot < SLOT_EXPERT_GATE || spec->slot > SLOT_EXPERT_DOWN)
        return &layer->matrix[spec->slot];
    if (!layer->experts)
        layer->experts = new (model->arena, Matrix, 3 * (ptrdiff_t)model->arch->experts);
    return &layer->experts[3 * spec->expert + (int)(spec->slot - SLOT_EXPERT_GATE)];
}

static bool load_norm(Model *model, const WeightSpec *spec, const Tensor *tensor, bool bias) {
    Norm *norm = &layer_of(model, spec)->norm[spec->slot];
    ptrdiff_t n = (ptrdiff_t)spec->shape[0];
    const float *numbers = as_floats(model, tensor, model->load->precision);
    if (!numbers)
        return false;
    if (spec->expert >= 0) { /* a norm of its own for each head */
        int64_t heads = spec->slot == SLOT_Q_NORM ? model->arch->heads : model->arch->kv_heads;
        float *all =
            norm->w ? (float *)(uintptr_t)norm->w : new (model->arena, float, n *(ptrdiff_t)heads);
        memcpy(all + spec->expert * n, numbers, sizeof(float) * (size_t)n);
        numbers = all;
    }
    norm->n = n;
    if (bias)
        norm->b = numbers;
    else
        norm->w = numbers;
    return true;
}

static bool load_one(Model *model, const WeightSpec *spec, const Tensor *tensor) {
    bool bias = str_eq(spec->suffix, S("bias")),
         norm = layer_of(model, spec)->norm[spec->slot].w != NULL;
    if (spec->rank == 1 && (!bias || norm))
        return load_norm(model, spec, tensor, bias);
    Matrix *matrix = matrix_of(model, spec);
    if (bias) {
        matrix->bias = as_floats(model, tensor, model->load->precision);
        return matrix->bias != NULL;
    }
    if (prequantized(model, spec))
        return saved_matrix(model, spec, tensor, matrix);
    if (!plain_matrix(model, spec, tensor, matrix))
        return false;
    if (model_quantizes(model, spec))
        quantize_matrix(model, spec, matrix);
    return true;
}

/* The modules of these layers; -1: those of none. */
static bool load_layers(Model *model, int64_t from, int64_t end) {
    for (ptrdiff_t i = 0; i < model->specs.n; i++) {
        const WeightSpec *spec = &model->specs.v[i];
        const Tensor *tensor = model->found[i];
        bool skipped = spec->slot == SLOT_HEAD && (model->tied || model->streams);
        if (spec->layer >= from && spec->layer < end && tensor && !skipped &&
            !load_one(model, spec, tensor))
            return false;
    }
    return true;
}

static void load_begin(Model *model, int64_t layers) {
    model->layers = new (model->arena, Layer, (ptrdiff_t)model->arch->layers);
    model->loaded = layers;
    model->rope_length = new (model->arena, int64_t, 1);
}

bool model_load(Model *model) {
    load_begin(model, model->arch->layers);
    if (!load_layers(model, -1, model->loaded))
        return false;
    if (model->tied)
        model->outside.matrix[SLOT_HEAD] = model->outside.matrix[SLOT_EMBED];
    return true;
}

bool model_stream(Model *model, int64_t layers) {
    load_begin(model, layers);
    model->streams = true;
    bool fine = load_layers(model, -1, 0);
    model->empty = arena_mark(model->arena);
    return fine;
}

bool model_enter(Model *model, int64_t layer) {
    if (!model->streams)
        return true;
    arena_reset(model->arena, model->empty);
    model->quantized.n = model->quantized.capacity = 0;
    model->layers[layer] = (Layer){0};
    return load_layers(model, layer, layer + 1);
}

void model_release(const Model *model, const Matrix *matrix) {
    size_t bits = matrix->kind == MATRIX_F32 ? 32 : matrix->kind == MATRIX_8BIT ? 8 : 16;
    if (model->streams &&
        (matrix->kind == MATRIX_F32 || matrix->kind == MATRIX_F16 || matrix->kind == MATRIX_BF16))
        file_release(matrix->p, (size_t)(matrix->rows * matrix->columns) * bits / 8);
}

/* ---- scanning ---- */

typedef struct Scan {
    const Tensor *tensor;
    const unsigned char *p;
    Precision precision;
    uint64_t nan, infinite; /* index + 1 of the first */
} Scan;

static void scan_part(Scan *scan) {
    for (uint64_t i = 0; i < scan->tensor->count; i++) {
        float x = element(scan->tensor, scan->p, i);
        if (fabsf(x) <= 65504.0f)
            continue;
        if (isnan(x) && !scan->nan)
            scan->nan = i + 1;
        else if (!isnan(x) && isinf(round_to(scan->precision, x)) && !scan->infinite)
            scan->infinite = i + 1;
    }
}

void model_scan(Model *model) {
    for (ptrdiff_t i = 0; i < model->specs.n; i++) {
        const WeightSpec *spec = &model->specs.v[i];
        const Tensor *tensor = model->found[i];
        Scan scan = {.tensor = tensor, .precision = model->load->precision};
        if (!tensor || prequantized(model, spec) ||
            !(scan.p = tensors_data(model->tensors, tensor, model->reasons)))
            continue;
        scan_part(&scan);
        if (!scan.nan && !scan.infinite)
            continue;
        uint64_t width = tensor->rank > 0 ? tensor->shape[tensor->rank - 1] : 1,
                 first = (scan.nan ? scan.nan : scan.infinite) - 1;
        const char *what = scan.nan ? "NaN" : "a number that is infinite in the load type";
        if (spec->slot == SLOT_EMBED && width > 0)
            warn(model->reasons, file_of(model, tensor), tensor->name,
                 "%s in one embedding row or more, first in that of token %llu (which a text may "
                 "not use)",
                 what, (unsigned long long)(first / width));
        else
            reject(model->reasons, file_of(model, tensor), tensor->name,
                   "%s in %.*s, first at element %llu", what, STR_ARG(tensor->name),
                   (unsigned long long)first);
    }
}
