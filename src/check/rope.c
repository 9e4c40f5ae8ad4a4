/* transformers 5.23, modeling_rope_utils.py. What torch computes in float32 is float here, what
 * Python computes is double. */
#include "check/rope.h"

#include <math.h>

static const double PI = 3.14159265358979323846;

static void plain(RopeTable *out, double theta, ptrdiff_t dim) {
    for (ptrdiff_t i = 0; i < out->pairs; i++)
        out->frequency[i] = 1.0f / powf((float)theta, (float)(2 * i) / (float)dim);
}

static void llama3(RopeTable *out, const Rope *rope) {
    double low = rope->original / rope->low, high = rope->original / rope->high;
    for (ptrdiff_t i = 0; i < out->pairs; i++) {
        float frequency = out->frequency[i], wave = (float)(2 * PI) / frequency;
        float scaled = wave > (float)low ? frequency / (float)rope->factor : frequency;
        if (!(wave < (float)high) && !(wave > (float)low)) {
            float smooth =
                ((float)rope->original / wave - (float)rope->low) / (float)(rope->high - rope->low);
            scaled = (1 - smooth) * scaled / (float)rope->factor + smooth * scaled;
        }
        out->frequency[i] = scaled;
    }
}

static double yarn_scale(double scale, double mscale) {
    return scale <= 1 ? 1 : 0.1 * mscale * log(scale) + 1;
}

/* The dimension whose wave turns `rotations` times within the original length. */
static double yarn_dimension(double rotations, ptrdiff_t dim, const Rope *rope) {
    return (double)dim * log(rope->original / (rotations * 2 * PI)) / (2 * log(rope->theta));
}

static void yarn(RopeTable *out, const Rope *rope, ptrdiff_t dim, double maximum) {
    double factor = rope->factor > 0 ? rope->factor : maximum / rope->original;
    double low = yarn_dimension(rope->beta_fast > 0 ? rope->beta_fast : 32, dim, rope);
    double high = yarn_dimension(rope->beta_slow > 0 ? rope->beta_slow : 1, dim, rope);
    if (rope->truncate) {
        low = floor(low);
        high = ceil(high);
    }
    low = fmax(low, 0);
    high = fmin(high, (double)(dim - 1));
    if (low == high)
        high += 0.001;
    for (ptrdiff_t i = 0; i < out->pairs; i++) {
        float ramp = fminf(fmaxf(((float)i - (float)low) / (float)(high - low), 0), 1),
              keep = 1 - ramp;
        float wave = powf((float)rope->theta, (float)(2 * i) / (float)dim);
        out->frequency[i] = 1.0f / ((float)factor * wave) * (1 - keep) + 1.0f / wave * keep;
    }
    if (rope->attention_factor > 0)
        out->factor = (float)rope->attention_factor;
    else if (rope->mscale > 0 && rope->mscale_all_dim > 0)
        out->factor =
            (float)(yarn_scale(factor, rope->mscale) / yarn_scale(factor, rope->mscale_all_dim));
    else
        out->factor = (float)yarn_scale(factor, 1);
}

static void longrope(RopeTable *out, const Rope *rope, ptrdiff_t dim, double maximum,
                     int64_t length) {
    double factor = rope->factor > 0 ? rope->factor : maximum / rope->original;
    JsonIter it =
        json_iter((double)length > rope->original ? rope->long_factor : rope->short_factor);
    for (ptrdiff_t i = 0; i < out->pairs; i++) {
        float extension = json_next(&it) ? (float)json_number(it.value, 1) : 1;
        out->frequency[i] =
            1.0f / (extension * powf((float)rope->theta, (float)(2 * i) / (float)dim));
    }
    if (rope->attention_factor > 0)
        out->factor = (float)rope->attention_factor;
    else if (factor > 1)
        out->factor = (float)sqrt(1 + log(factor) / log(rope->original));
}

RopeTable rope_table(Arena *arena, const Rope *rope, int64_t head_dim, double maximum,
                     int64_t length) {
    ptrdiff_t dim = (ptrdiff_t)((double)head_dim * rope->partial);
    RopeTable out = {.pairs = (dim + 1) / 2, .factor = 1}; /* an odd dim turns one value more */
    out.frequency = new (arena, float, out.pairs + 1);
    double theta = rope->theta;
    if (rope->type == ROPE_DYNAMIC && (double)length > maximum && dim > 2)
        theta *= pow(rope->factor * (double)length / maximum - (rope->factor - 1),
                     (double)dim / (double)(dim - 2));
    plain(&out, theta, dim);
    switch (rope->type) {
    case ROPE_DEFAULT:
    case ROPE_DYNAMIC:
        break;
    case ROPE_LINEAR:
        for (ptrdiff_t i = 0; i < out.pairs; i++)
            out.frequency[i] /= (float)rope->factor;
        break;
    case ROPE_LLAMA3:
        llama3(&out, rope);
        break;
    case ROPE_YARN:
        yarn(&out, rope, dim, maximum);
        break;
    case ROPE_LONGROPE:
        longrope(&out, rope, dim, maximum, length);
        break;
    }
    return out;
}

void rope_angles(const RopeTable *table, int64_t position, Precision precision, float *cosine,
                 float *sine) {
    for (ptrdiff_t i = 0; i < table->pairs; i++) {
        float angle = table->frequency[i] * (float)position;
        cosine[i] = round_to(precision, cosf(angle) * table->factor);
        sine[i] = round_to(precision, sinf(angle) * table->factor);
    }
}

void rope_turn(float *x, const float *cosine, const float *sine, ptrdiff_t pairs,
               Precision precision) {
    for (ptrdiff_t i = 0; i < pairs; i++) {
        float a = x[i], b = x[i + pairs];
        x[i] = round_to(precision,
                        round_to(precision, a * cosine[i]) + round_to(precision, -b * sine[i]));
        x[i + pairs] = round_to(precision, round_to(precision, b * cosine[i]) +
                                               round_to(precision, a * sine[i]));
    }
}
