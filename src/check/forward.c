/* Activations are floats that hold values of the load type: after each step that torch would round
 * at, they are rounded (round_all). Norms, softmax and rotary angles are taken in float32 in
 * between, as there. Attention is the plain form; a place that sees no key (padding) gives zeros,
 * which nothing reads. */
#include "check/forward.h"

#include <math.h>

#include "base/workers.h"
#include "check/kernels.h"
#include "check/rope.h"

typedef struct Pass {
    const Model *model;
    const Arch *arch;
    Precision precision;
    Cache *cache;
    Arena *scratch;
    ptrdiff_t rows, n, places; /* rows of the batch, new places of each, all of them */
    /* Per kind of rope (full, sliding): [places][pairs] */
    float *cosine[2], *sine[2];
    ptrdiff_t pairs[2];
    const float *slopes; /* alibi, per head */
} Pass;

static float *floats(Pass *pass, ptrdiff_t n) {
    return new (pass->scratch, float, n);
}

/* ---- norms and activations ---- */

static void norm_row(const Pass *pass, const Norm *norm, const float *x, float *y, ptrdiff_t n) {
    NormKind kind = pass->arch->norm;
    double sum = 0, squares = 0;
    for (ptrdiff_t i = 0; i < n; i++)
        sum += x[i];
    float mean = kind == NORM_LAYER ? (float)(sum / (double)n) : 0;
    for (ptrdiff_t i = 0; i < n; i++)
        squares += (double)(x[i] - mean) * (double)(x[i] - mean);
    float scale = 1.0f / sqrtf((float)(squares / (double)n) + (float)pass->arch->eps);
    for (ptrdiff_t i = 0; i < n; i++) {
        float normal = (x[i] - mean) * scale;
        switch (kind) {
        case NORM_RMS:
            y[i] = norm->w[i] * round_to(pass->precision, normal);
            break;
        case NORM_RMS_FLOAT:
            y[i] = norm->w[i] * normal;
            break;
        case NORM_RMS_PLUS_ONE:
            y[i] = (1.0f + norm->w[i]) * normal;
            break;
        case NORM_LAYER:
            y[i] = normal * norm->w[i] + (norm->b ? norm->b[i] : 0);
            break;
        }
    }
    round_all(pass->precision, y, n);
}

static void norm_all(const Pass *pass, const Norm *norm, const float *x, float *y, ptrdiff_t rows,
                     ptrdiff_t n) {
    for (ptrdiff_t r = 0; r < rows; r++)
        norm_row(pass, norm, x + r * n, y + r * n, n);
}

static float activate(Activation kind, float x) {
    switch (kind) {
    case ACT_SILU:
        return x / (1.0f + expf(-x));
    case ACT_GELU:
        return x * 0.5f * (1.0f + erff(x * 0.70710678118654752f));
    case ACT_GELU_TANH:
        return 0.5f * x * (1.0f + tanhf(0.79788456080286536f * (x + 0.044715f * x * x * x)));
    case ACT_RELU:
        return x > 0 || isnan(x) ? x : 0;
    case ACT_QUICK_GELU:
        return x / (1.0f + expf(-1.702f * x));
    }
    return x;
}

static void apply(Pass *pass, const Matrix *m, const float *x, ptrdiff_t n, float *y) {
    matrix_apply(m, x, n, pass->precision, y, pass->scratch);
    model_release(pass->model, m);
}

/* x += scale * branch, rounded. */
static void add(const Pass *pass, float *x, const float *branch, ptrdiff_t n) {
    float scale = (float)pass->arch->residual_scale;
    for (ptrdiff_t i = 0; i < n; i++) {
        float y = scale == 1.0f ? branch[i] : round_to(pass->precision, branch[i] * scale);
        x[i] = round_to(pass->precision, x[i] + y);
    }
}

/* ---- the MLP ---- */

/* act(gate) * up, or act(up) alone; into gate. */
static void gated(const Pass *pass, float *gate, const float *up, ptrdiff_t n) {
    for (ptrdiff_t i = 0; i < n; i++) {
        gate[i] = round_to(pass->precision, activate(pass->arch->activation, gate[i]));
        if (up)
            gate[i] = round_to(pass->precision, gate[i] * up[i]);
    }
}

static void experts(Pass *pass, const Layer *layer, const float *x, float *y) {
    const Arch *arch = pass->arch;
    ptrdiff_t hidden = (ptrdiff_t)arch->hidden, inner = (ptrdiff_t)arch->intermediate,
              n = (ptrdiff_t)arch->experts;
    float *scores = floats(pass, pass->places * n), *gate = floats(pass, inner),
          *up = floats(pass, inner), *out = floats(pass, hidden);
    unsigned char *taken = new (pass->scratch, unsigned char, n);
    apply(pass, &layer->matrix[SLOT_ROUTER], x, pass->places, scores);
    for (ptrdiff_t p = 0; p < pass->places; p++) {
        float *score = scores + p * n, largest = -INFINITY, sum = 0, chosen_sum = 0;
        for (ptrdiff_t e = 0; e < n; e++)
            largest = fmaxf(largest, score[e]);
        for (ptrdiff_t e = 0; e < n; e++)
            sum += score[e] = expf(score[e] - largest);
        memset(taken, 0, (size_t)n);
        ptrdiff_t chosen[64], used = arch->experts_used < 64 ? (ptrdiff_t)arch->experts_used : 64;
        for (ptrdiff_t k = 0; k < used; k++) {
            ptrdiff_t best = -1;
            for (ptrdiff_t e = 0; e < n; e++)
                if (!taken[e] && (best < 0 || score[e] > score[best]))
                    best = e;
            taken[chosen[k] = best] = 1;
            chosen_sum += score[best] / sum;
        }
        float *total = y + p * hidden;
        memset(total, 0, sizeof *total * (size_t)hidden);
        for (ptrdiff_t k = 0; k < used; k++) {
            const Matrix *m = layer->experts + 3 * chosen[k];
            float weight = round_to(pass->precision, score[chosen[k]] / sum / chosen_sum);
            apply(pass, &m[0], x + p * hidden, 1, gate);
            apply(pass, &m[1], x + p * hidden, 1, up);
            gated(pass, gate, up, inner);
            apply(pass, &m[2], gate, 1, out);
            for (ptrdiff_t i = 0; i < hidden; i++)
                total[i] = round_to(pass->precision,
                                    total[i] + round_to(pass->precision, out[i] * weight));
        }
    }
}

static void mlp(Pass *pass, const Layer *layer, const float *x, float *y) {
    ptrdiff_t inner = (ptrdiff_t)pass->arch->intermediate, places = pass->places;
    if (layer->experts) {
        experts(pass, layer, x, y);
        return;
    }
    float *first = floats(pass, places * inner), *up = NULL;
    if (layer->matrix[SLOT_GATE_UP].kind) {
        float *both = floats(pass, places * 2 * inner);
        up = floats(pass, places * inner);
        apply(pass, &layer->matrix[SLOT_GATE_UP], x, places, both);
        for (ptrdiff_t p = 0; p < places; p++) {
            memcpy(first + p * inner, both + p * 2 * inner, sizeof *both * (size_t)inner);
            memcpy(up + p * inner, both + p * 2 * inner + inner, sizeof *both * (size_t)inner);
        }
    } else if (layer->matrix[SLOT_GATE].kind) {
        up = floats(pass, places * inner);
        apply(pass, &layer->matrix[SLOT_GATE], x, places, first);
        apply(pass, &layer->matrix[SLOT_UP], x, places, up);
    } else {
        apply(pass, &layer->matrix[SLOT_UP], x, places, first);
    }
    gated(pass, first, up, places * inner);
    apply(pass, &layer->matrix[SLOT_DOWN], first, places, y);
}

/* ---- attention ---- */

/* Queries, keys and values of all places, [places][heads][head_dim] each. */
static void project(Pass *pass, const Layer *layer, const float *x, float *q, float *k, float *v) {
    const Arch *a = pass->arch;
    ptrdiff_t d = (ptrdiff_t)a->head_dim, heads = (ptrdiff_t)a->heads, kv = (ptrdiff_t)a->kv_heads;
    if (!layer->matrix[SLOT_QKV].kind) {
        apply(pass, &layer->matrix[SLOT_Q], x, pass->places, q);
        apply(pass, &layer->matrix[SLOT_K], x, pass->places, k);
        apply(pass, &layer->matrix[SLOT_V], x, pass->places, v);
        return;
    }
    ptrdiff_t width = (heads + 2 * kv) * d;
    float *all = floats(pass, pass->places * width);
    apply(pass, &layer->matrix[SLOT_QKV], x, pass->places, all);
    for (ptrdiff_t p = 0; p < pass->places; p++) {
        const float *from = all + p * width;
        ptrdiff_t groups = a->grouped_qkv ? kv : 1, group_q = heads / groups,
                  group_kv = kv / groups;
        for (ptrdiff_t g = 0; g < groups; g++) {
            memcpy(q + (p * heads + g * group_q) * d, from, sizeof *q * (size_t)(group_q * d));
            from += group_q * d;
            memcpy(k + (p * kv + g * group_kv) * d, from, sizeof *k * (size_t)(group_kv * d));
            from += group_kv * d;
            memcpy(v + (p * kv + g * group_kv) * d, from, sizeof *v * (size_t)(group_kv * d));
            from += group_kv * d;
        }
    }
}

static void norm_heads(const Pass *pass, const Norm *norm, float *x, ptrdiff_t heads) {
    const Arch *a = pass->arch;
    ptrdiff_t d = (ptrdiff_t)a->head_dim;
    if (!norm->w)
        return;
    for (ptrdiff_t p = 0; p < pass->places; p++) {
        float *row = x + p * heads * d;
        if (a->qk_norm_whole) {
            norm_row(pass, norm, row, row, heads * d);
            continue;
        }
        for (ptrdiff_t h = 0; h < heads; h++) {
            Norm own = {norm->w + (a->qk_norm_per_head ? h * d : 0), NULL, d};
            norm_row(pass, &own, row + h * d, row + h * d, d);
        }
    }
}

static void turn(const Pass *pass, int kind, float *x, ptrdiff_t heads) {
    ptrdiff_t d = (ptrdiff_t)pass->arch->head_dim, pairs = pass->pairs[kind];
    for (ptrdiff_t p = 0; p < pass->places; p++)
        for (ptrdiff_t h = 0; h < heads; h++)
            rope_turn(x + (p * heads + h) * d, pass->cosine[kind] + p * pairs,
                      pass->sine[kind] + p * pairs, pairs, pass->precision);
}

typedef struct Attention {
    const Pass *pass;
    const float *q, *keys, *values;
    float *out, *scores; /* scores: one line of `capacity` for each worker */
    double scale;
    int64_t window;
} Attention;

static float alibi(const Pass *pass, ptrdiff_t head, int64_t position) {
    if (pass->arch->position == POSITION_ALIBI)
        return round_to(pass->precision, pass->slopes[head] * (float)position);
    float bias = round_bf16(round_bf16(pass->slopes[head]) * (float)position);
    return round_to(pass->precision, round_to(pass->precision, bias) *
                                         (float)(1 / sqrt((double)pass->arch->head_dim)));
}

/* One query: its scores, their softmax, the sum of values. */
static void attend(const Attention *at, ptrdiff_t row, ptrdiff_t head, ptrdiff_t t, float *score) {
    const Pass *pass = at->pass;
    const Arch *a = pass->arch;
    const Cache *cache = pass->cache;
    ptrdiff_t d = (ptrdiff_t)a->head_dim, kv = (ptrdiff_t)a->kv_heads,
              group = head / (ptrdiff_t)(a->heads / a->kv_heads);
    ptrdiff_t place = row * pass->n + t, self = cache->length + t, from = 0;
    const float *q = at->q + (place * (ptrdiff_t)a->heads + head) * d;
    float *out = at->out + (place * (ptrdiff_t)a->heads + head) * d, largest = -INFINITY, sum = 0;
    if (at->window > 0 && self >= at->window)
        from = self - (ptrdiff_t)at->window + 1;
    const float *keys = at->keys + (row * cache->capacity * kv + group) * d,
                *values = at->values + (row * cache->capacity * kv + group) * d;
    const unsigned char *visible = cache->visible + row * cache->capacity;
    for (ptrdiff_t j = from; j <= self; j++) {
        if (!visible[j])
            continue;
        float s = kernels()->dot(q, keys + j * kv * d, d) * (float)at->scale;
        if (a->softcap > 0)
            s = tanhf(s / (float)a->softcap) * (float)a->softcap;
        if (pass->slopes)
            s += alibi(pass, head, cache->position[row * cache->capacity + j]);
        score[j] = s;
        largest = fmaxf(largest, s);
        if (isnan(s))
            largest = s;
    }
    memset(out, 0, sizeof *out * (size_t)d);
    for (ptrdiff_t j = from; j <= self; j++)
        if (visible[j])
            sum += score[j] = expf(score[j] - largest);
    for (ptrdiff_t j = from; j <= self; j++)
        if (visible[j]) {
            float weight = score[j] / sum;
            const float *value = values + j * kv * d;
            for (ptrdiff_t i = 0; i < d; i++)
                out[i] += weight * value[i];
        }
    round_all(pass->precision, out, d);
}

static void attend_some(void *context, int worker, ptrdiff_t from, ptrdiff_t end) {
    const Attention *at = context;
    ptrdiff_t heads = (ptrdiff_t)at->pass->arch->heads;
    float *score = at->scores + worker * at->pass->cache->capacity;
    for (ptrdiff_t item = from; item < end; item++)
        for (ptrdiff_t t = 0; t < at->pass->n; t++)
            attend(at, item / heads, item % heads, t, score);
}

static void remember(const Pass *pass, const float *from, float *to) {
    ptrdiff_t width = (ptrdiff_t)(pass->arch->kv_heads * pass->arch->head_dim);
    for (ptrdiff_t r = 0; r < pass->rows; r++)
        memcpy(to + (r * pass->cache->capacity + pass->cache->length) * width,
               from + r * pass->n * width, sizeof *to * (size_t)(pass->n * width));
}

static void attention(Pass *pass, int index, const float *x, float *y) {
    const Arch *a = pass->arch;
    const Layer *layer = &pass->model->layers[index];
    ptrdiff_t d = (ptrdiff_t)a->head_dim, heads = (ptrdiff_t)a->heads, kv = (ptrdiff_t)a->kv_heads,
              places = pass->places;
    float *q = floats(pass, places * heads * d), *k = floats(pass, places * kv * d),
          *v = floats(pass, places * kv * d);
    project(pass, layer, x, q, k, v);
    norm_heads(pass, &layer->norm[SLOT_Q_NORM], q, heads);
    norm_heads(pass, &layer->norm[SLOT_K_NORM], k, kv);
    bool slides = a->sliding && a->sliding[index];
    if (a->position == POSITION_ROPE && !(a->no_rope && a->no_rope[index])) {
        turn(pass, slides, q, heads);
        turn(pass, slides, k, kv);
    }
    remember(pass, k, pass->cache->keys[index]);
    remember(pass, v, pass->cache->values[index]);
    Attention at = {.pass = pass,
                    .q = q,
                    .keys = pass->cache->keys[index],
                    .values = pass->cache->values[index],
                    .out = floats(pass, places * heads * d),
                    .scale = a->scale / (a->inverse_layer_scale ? index + 1 : 1),
                    .window = slides ? a->window : 0};
    at.scores = floats(pass, pass->cache->capacity * workers_count());
    workers_run(attend_some, &at, pass->rows * heads,
                pass->n * (pass->cache->length + pass->n) * 2 * d);
    apply(pass, &layer->matrix[SLOT_O], at.out, places, y);
}

/* ---- a layer ---- */

/* A norm of x into `y`; without one, x itself. */
static const float *normed(Pass *pass, const Norm *norm, const float *x, float *y) {
    if (!norm->w)
        return x;
    norm_all(pass, norm, x, y, pass->places, (ptrdiff_t)pass->arch->hidden);
    return y;
}

static void one_layer(Pass *pass, int index, float *x) {
    const Arch *a = pass->arch;
    const Layer *layer = &pass->model->layers[index];
    ptrdiff_t n = pass->places * (ptrdiff_t)a->hidden;
    float *normal = floats(pass, n), *branch = floats(pass, n);
    const Norm *norm = layer->norm;
    if (a->parallel) {
        float *second = floats(pass, n);
        const float *h = normed(pass, &norm[SLOT_NORM_ATTENTION], x, normal);
        attention(pass, index, h, branch);
        if (!a->shared_norm)
            h = normed(pass, &norm[SLOT_NORM_MLP], x, normal);
        mlp(pass, layer, h, second);
        for (ptrdiff_t i = 0; i < n; i++)
            x[i] =
                round_to(pass->precision, round_to(pass->precision, branch[i] + second[i]) + x[i]);
        return;
    }
    const float *h = a->post_norm ? x : normed(pass, &norm[SLOT_NORM_ATTENTION], x, normal);
    attention(pass, index, h, branch);
    if (norm[SLOT_NORM_AFTER_ATTENTION].w)
        norm_all(pass, &norm[SLOT_NORM_AFTER_ATTENTION], branch, branch, pass->places,
                 (ptrdiff_t)a->hidden);
    if (a->residual_from_norm)
        memcpy(x, h, sizeof *x * (size_t)n);
    add(pass, x, branch, n);
    if (a->post_norm)
        norm_all(pass, &norm[SLOT_NORM_ATTENTION], x, x, pass->places, (ptrdiff_t)a->hidden);
    h = a->post_norm ? x : normed(pass, &norm[SLOT_NORM_MLP], x, normal);
    mlp(pass, layer, h, branch);
    if (norm[SLOT_NORM_AFTER_MLP].w)
        norm_all(pass, &norm[SLOT_NORM_AFTER_MLP], branch, branch, pass->places,
                 (ptrdiff_t)a->hidden);
    if (a->residual_from_norm)
        memcpy(x, h, sizeof *x * (size_t)n);
    add(pass, x, branch, n);
    if (a->post_norm)
        norm_all(pass, &norm[SLOT_NORM_MLP], x, x, pass->places, (ptrdiff_t)a->hidden);
}

/* ---- in and out ---- */

static const float *alibi_slopes(Arena *arena, int64_t heads) {
    float *out = new (arena, float, (ptrdiff_t)heads);
    double power = exp2(floor(log2((double)heads))), base = exp2(-exp2(-(log2(power) - 3)));
    double extra = exp2(-exp2(-(log2(2 * power) - 3)));
    for (int64_t i = 0; i < heads; i++)
        out[i] = (double)i < power ? powf((float)base, (float)(i + 1))
                                   : powf((float)extra, (float)(2 * (i - (int64_t)power) + 1));
    return out;
}

static int64_t position_of(const Pass *pass, ptrdiff_t place) {
    return pass->cache
        ->position[place / pass->n * pass->cache->capacity + pass->cache->length + place % pass->n];
}

/* Dynamic rope grows with the longest text so far, also over later, shorter ones, and starts anew
 * with one that is below the original length (modeling_rope_utils.py, dynamic_frequency_update). */
static int64_t dynamic_length(const Pass *pass, int64_t length) {
    int64_t *kept = pass->model->rope_length;
    if (length > *kept || length < pass->arch->positions)
        *kept = length;
    return *kept;
}

static void prepare_positions(Pass *pass) {
    const Arch *a = pass->arch;
    if (a->position == POSITION_ALIBI || a->position == POSITION_ALIBI_FALCON)
        pass->slopes = alibi_slopes(pass->scratch, a->heads);
    int64_t longest = 0;
    for (ptrdiff_t p = 0; p < pass->places; p++)
        longest = position_of(pass, p) > longest ? position_of(pass, p) : longest;
    if (a->position == POSITION_ROPE && a->rope.type == ROPE_DYNAMIC)
        longest = dynamic_length(pass, longest + 1) - 1;
    for (int kind = 0; kind < 2 && a->position == POSITION_ROPE; kind++) {
        RopeTable table = rope_table(pass->scratch, kind ? &a->sliding_rope : &a->rope, a->head_dim,
                                     (double)a->positions, longest + 1);
        pass->pairs[kind] = table.pairs;
        pass->cosine[kind] = floats(pass, pass->places * table.pairs);
        pass->sine[kind] = floats(pass, pass->places * table.pairs);
        for (ptrdiff_t p = 0; p < pass->places; p++)
            rope_angles(&table, position_of(pass, p), pass->precision,
                        pass->cosine[kind] + p * table.pairs, pass->sine[kind] + p * table.pairs);
    }
}

static float *embed(Pass *pass, const int32_t *ids) {
    const Arch *a = pass->arch;
    const Layer *out = &pass->model->outside;
    ptrdiff_t width = (ptrdiff_t)a->embed_dim, hidden = (ptrdiff_t)a->hidden;
    float *x = floats(pass, pass->places * width);
    float scale = round_to(pass->precision, (float)a->embed_scale);
    for (ptrdiff_t p = 0; p < pass->places; p++) {
        float *row = x + p * width;
        matrix_row(&out->matrix[SLOT_EMBED], ids[p], row);
        for (ptrdiff_t i = 0; i < width && scale != 0; i++)
            row[i] = round_to(pass->precision, row[i] * scale);
    }
    if (out->matrix[SLOT_PROJECT_IN].kind) {
        float *wide = floats(pass, pass->places * hidden);
        apply(pass, &out->matrix[SLOT_PROJECT_IN], x, pass->places, wide);
        x = wide;
    }
    if (out->norm[SLOT_EMBED_NORM].w)
        norm_all(pass, &out->norm[SLOT_EMBED_NORM], x, x, pass->places, hidden);
    float *learned = floats(pass, hidden);
    for (ptrdiff_t p = 0; p < pass->places && a->position == POSITION_LEARNED; p++) {
        int64_t at = position_of(pass, p) + a->position_offset;
        matrix_row(&out->matrix[SLOT_POSITION],
                   (ptrdiff_t)(at < a->positions + a->position_offset ? at : 0), learned);
        for (ptrdiff_t i = 0; i < hidden; i++)
            x[p * hidden + i] = round_to(pass->precision, x[p * hidden + i] + learned[i]);
    }
    return x;
}

/* Logits of each row's last place. */
static void head(Pass *pass, const float *x, float *logits) {
    const Arch *a = pass->arch;
    const Layer *out = &pass->model->outside;
    ptrdiff_t hidden = (ptrdiff_t)a->hidden, vocab = (ptrdiff_t)a->vocab;
    float *last = floats(pass, pass->rows * hidden);
    for (ptrdiff_t r = 0; r < pass->rows; r++)
        memcpy(last + r * hidden, x + ((r + 1) * pass->n - 1) * hidden, sizeof *x * (size_t)hidden);
    if (out->norm[SLOT_FINAL_NORM].w)
        norm_all(pass, &out->norm[SLOT_FINAL_NORM], last, last, pass->rows, hidden);
    if (out->matrix[SLOT_PROJECT_OUT].kind) {
        float *narrow = floats(pass, pass->rows * (ptrdiff_t)a->embed_dim);
        apply(pass, &out->matrix[SLOT_PROJECT_OUT], last, pass->rows, narrow);
        last = narrow;
    }
    apply(pass, &out->matrix[SLOT_HEAD], last, pass->rows, logits);
    for (ptrdiff_t i = 0; i < pass->rows * vocab; i++) {
        if (a->logit_divisor != 1)
            logits[i] = round_to(pass->precision, logits[i] / (float)a->logit_divisor);
        if (a->final_softcap > 0) {
            float capped = round_to(pass->precision, logits[i] / (float)a->final_softcap);
            capped = round_to(pass->precision, tanhf(capped));
            logits[i] = round_to(pass->precision, capped * (float)a->final_softcap);
        }
    }
}

Cache cache_new(Arena *arena, const Model *model, ptrdiff_t rows, ptrdiff_t capacity) {
    const Arch *a = model->arch;
    Cache out = {.rows = rows, .capacity = capacity};
    uint64_t width;
    ptrdiff_t n = -1; /* what does not fit is more than any limit */
    if (multiply((uint64_t)(a->kv_heads * a->head_dim), (uint64_t)rows * (uint64_t)capacity,
                 &width) &&
        width < PTRDIFF_MAX)
        n = (ptrdiff_t)width;
    out.keys = new (arena, float *, (ptrdiff_t)model->loaded);
    out.values = new (arena, float *, (ptrdiff_t)model->loaded);
    for (ptrdiff_t i = 0; i < (ptrdiff_t)model->loaded; i++) {
        out.keys[i] = new (arena, float, n);
        out.values[i] = new (arena, float, n);
    }
    out.visible = new (arena, unsigned char, rows *capacity);
    out.position = new (arena, int64_t, rows * capacity);
    return out;
}

bool forward(Model *model, Cache *cache, const int32_t *ids, ptrdiff_t n, float *logits) {
    ArenaMark mark = arena_mark(model->scratch);
    Pass pass = {.model = model,
                 .arch = model->arch,
                 .precision = model->load->precision,
                 .cache = cache,
                 .scratch = model->scratch,
                 .rows = cache->rows,
                 .n = n,
                 .places = cache->rows * n};
    prepare_positions(&pass);
    float *x = embed(&pass, ids);
    for (int i = 0; i < model->loaded; i++) {
        ArenaMark layer = arena_mark(model->scratch);
        if (!model_enter(model, i))
            break;
        one_layer(&pass, i, x);
        arena_reset(model->scratch, layer);
    }
    bool finite = true;
    if (logits)
        head(&pass, x, logits);
    for (ptrdiff_t i = 0; i < pass.places * (ptrdiff_t)model->arch->hidden && !logits; i++)
        finite &= isfinite(x[i]) ||
                  !cache->visible[i / (ptrdiff_t)model->arch->hidden / n * cache->capacity +
                                  cache->length];
    cache->length += n;
    arena_reset(model->scratch, mark);
    return finite;
}
