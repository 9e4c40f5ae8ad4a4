/* Weights stay where the mapped file has them whenever its type can be read as it is; only norms
 * and biases (as floats), quantized codes, and types that are seldom seen are copied. */
#include "check/model.h"

#include <math.h>

#include "check/quantize.h"
#include "check/workers.h"

/* ---- binding --------------------------------------------------------------------------------- */

static Str tensor_name(Arena *arena, const WeightSpec *spec) {
    return str_format(arena, "%.*s.%.*s", STR_ARG(spec->module), STR_ARG(spec->suffix));
}

static const Tensor *find_tensor(const Model *model, const WeightSpec *spec) {
    Str spellings[3];
    int n = arch_spellings(model->arena, model->arch, tensor_name(model->arena, spec), spellings);
    const Tensor *found = NULL;
    for (int i = 0; i < n && !found; i++)
        found = tensors_find(model->tensors, spellings[i]);
    return found;
}

static Str file_of(const Model *model, const Tensor *tensor) {
    return model->tensors->files.v[tensor->file].name;
}

/* A weight that bitsandbytes has quantized before it was saved: its codes, with the shape
 * beside. */
static bool prequantized(const Model *model, const WeightSpec *spec, const Tensor *tensor) {
    return spec->linear && model->load->quantization &&
           (tensor->type == TENSOR_U8 || tensor->type == TENSOR_I8);
}

static bool right_shape(const Model *model, const WeightSpec *spec, const Tensor *tensor) {
    uint64_t n = 1;
    for (int i = 0; i < spec->rank; i++)
        if (!multiply(n, spec->shape[i], &n))
            return false;
    if (prequantized(model, spec, tensor) && tensor->type == TENSOR_U8)
        return tensor->count == (n + 1) / 2;
    bool same = tensor->rank == spec->rank;
    for (int i = 0; i < spec->rank && same; i++)
        same = tensor->shape[i] == spec->shape[i];
    return same;
}

static bool check_type(Model *model, const WeightSpec *spec, const Tensor *tensor) {
    switch (tensor->type) {
    case TENSOR_F32:
    case TENSOR_F16:
    case TENSOR_BF16:
    case TENSOR_F64:
        return true;
    case TENSOR_I8:
    case TENSOR_U8:
        if (prequantized(model, spec, tensor))
            return true;
        /* fall through */
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

static bool bind(Model *model, ptrdiff_t i) {
    const WeightSpec *spec = &model->specs.v[i];
    const Tensor *tensor = find_tensor(model, spec);
    model->found[i] = tensor;
    if (!tensor) {
        if (spec->slot == SLOT_HEAD && model->arch->tied)
            return true;
        return reject(model->reasons,
                      model->tensors->files.n == 1 ? model->tensors->files.v[0].name
                                                   : S("model.safetensors.index.json"),
                      tensor_name(model->arena, spec),
                      "missing tensor: transformers would go on with random numbers");
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
                      "shape of %.*s is %.*s, the config asks for %.*s", STR_ARG(tensor->name),
                      STR_ARG(have), STR_ARG(want));
    }
    return check_type(model, spec, tensor);
}

/* Tensors that belong to no module. */
static void tell_unexpected(Model *model, const unsigned char *used) {
    for (ptrdiff_t i = 0; i < model->tensors->list.n; i++) {
        const Tensor *t = &model->tensors->list.v[i];
        bool state = model->load->quantization &&
                     (str_find(t->name, S(".absmax")) > 0 || str_find(t->name, S("quant_")) > 0 ||
                      str_find(t->name, S("nested_")) > 0 || str_ends(t->name, S(".SCB")) ||
                      str_ends(t->name, S("weight_format")));
        if (!used[i] && !state && !arch_ignores(model->arch, t->name))
            note(model->reasons, file_of(model, t), t->name,
                 "unexpected tensor: the architecture has no such module");
    }
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
    bool fine = true;
    for (ptrdiff_t i = 0; i < out->specs.n; i++) {
        fine &= bind(out, i);
        const Tensor *tensor = out->found[i];
        if (tensor)
            used[tensor - tensors->list.v] = 1;
        embed = out->specs.v[i].slot == SLOT_EMBED ? tensor : embed;
        head = out->specs.v[i].slot == SLOT_HEAD ? tensor : head;
    }
    tell_unexpected(out, used);
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

/* ---- loading --------------------------------------------------------------------------------- */

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

static float *as_floats(Model *model, const Tensor *tensor) {
    const unsigned char *p = tensors_data(model->tensors, tensor, model->reasons);
    if (!p)
        return NULL;
    float *out = new (model->arena, float, (ptrdiff_t)tensor->count);
    for (uint64_t i = 0; i < tensor->count; i++)
        out[i] = round_to(model->load->precision, element(tensor, p, i));
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
        out->p = (const unsigned char *)as_floats(model, tensor);
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

static void quantize_matrix(Model *model, const WeightSpec *spec, Matrix *m) {
    ArenaMark mark = arena_mark(model->scratch);
    Matrix from = untransposed(model->scratch, m);
    QuantizedModule *module = list_push(model->arena, &model->quantized);
    *module = (QuantizedModule){.name = spec->module, .matrix = m};
    if (model->load->quantization == QUANTIZE_8BIT) {
        int8_t *codes;
        float *scb;
        quantize_8bit(model->arena, &from, &codes, &scb);
        m->kind = MATRIX_8BIT;
        m->p = (const unsigned char *)codes;
        m->scb = scb;
    } else {
        const float *code = model->load->fp4 ? code_fp4 : code_nf4;
        Quantized4 q = quantize_4bit(model->arena, &from, code, model->load->twice);
        m->kind = MATRIX_4BIT;
        m->p = q.packed;
        m->absmax = q.absmax;
        m->code = code;
        /* Without a compute type the layer takes its input's, but not float16. */
        m->compute = model->load->compute_given          ? model->load->compute
                     : model->load->precision == FLOAT16 ? FLOAT32
                                                         : model->load->precision;
        module->absmax_codes = q.absmax_codes;
        module->n_packed = q.n_packed;
        module->n_absmax = q.n_blocks;
    }
    m->transposed = false;
    arena_reset(model->scratch, mark);
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
    const float *numbers = as_floats(model, tensor);
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
        matrix->bias = as_floats(model, tensor);
        return matrix->bias != NULL;
    }
    if (prequantized(model, spec, tensor))
        return reason_uncovered(model->reasons, file_of(model, tensor), tensor->name,
                                "weights that are saved quantized are not covered by this check");
    if (!plain_matrix(model, spec, tensor, matrix))
        return false;
    if (model_quantizes(model, spec))
        quantize_matrix(model, spec, matrix);
    return true;
}

bool model_load(Model *model, int64_t layers) {
    model->layers = new (model->arena, Layer, (ptrdiff_t)model->arch->layers);
    model->loaded = layers;
    model->rope_length = new (model->arena, int64_t, 1);
    for (ptrdiff_t i = 0; i < model->specs.n; i++) {
        const WeightSpec *spec = &model->specs.v[i];
        const Tensor *tensor = model->found[i];
        if (spec->layer >= layers || !tensor || (spec->slot == SLOT_HEAD && model->tied))
            continue;
        if (!load_one(model, spec, tensor))
            return false;
    }
    if (model->tied)
        model->outside.matrix[SLOT_HEAD] = model->outside.matrix[SLOT_EMBED];
    return true;
}

/* ---- scanning -------------------------------------------------------------------------------- */

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
        if (!tensor || prequantized(model, spec, tensor) ||
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
