/* Sources: bitsandbytes 0.50.2, backends/default/ops.py (quantize_4bit, quantize_blockwise),
 * functional.py (get_4bit_type, create_dynamic_map), nn/modules.py (Int8Params). All arithmetic is
 * in float32, in the order of the originals: a last bit that differs can be another code. */
#include "check/quantize.h"

#ifdef __clang__
#pragma STDC FP_CONTRACT OFF /* as gcc does under -std=c11 */
#endif

#include <math.h>
#include <stdlib.h>

#include "check/kernels.h"

/* clang-format off */
const float code_nf4[16] = {
    -1.0f, -0.6961928009986877f, -0.5250730514526367f, -0.39491748809814453f,
    -0.28444138169288635f, -0.18477343022823334f, -0.09105003625154495f, 0.0f,
    0.07958029955625534f, 0.16093020141124725f, 0.24611230194568634f, 0.33791524171829224f,
    0.44070982933044434f, 0.5626170039176941f, 0.7229568362236023f, 1.0f,
};
/* clang-format on */

const float code_fp4[16] = {
    0.0f,  0.0625f / 12,  8.0f / 12,  12.0f / 12,  4.0f / 12,  6.0f / 12,  2.0f / 12,  3.0f / 12,
    -0.0f, -0.0625f / 12, -8.0f / 12, -12.0f / 12, -4.0f / 12, -6.0f / 12, -2.0f / 12, -3.0f / 12,
};

/* fp4's codes by value; 0 stands for all of (-0.0026, 0], 8 for (0, 0.0026]. */
static const unsigned char fp4_order[16] = {11, 10, 13, 12, 15, 14, 9, 0, 8, 1, 6, 7, 4, 5, 2, 3};

typedef struct Steps {
    float middle[15]; /* between neighbouring values */
    unsigned char code[16];
} Steps;

static Steps steps_of(const float *code) {
    Steps steps;
    for (int i = 0; i < 16; i++)
        steps.code[i] = code == code_fp4 ? fp4_order[i] : (unsigned char)i;
    for (int i = 0; i < 15; i++)
        steps.middle[i] = (code[steps.code[i]] + code[steps.code[i + 1]]) / 2;
    return steps;
}

static void quantize_block(const Steps *steps, const float *x, ptrdiff_t at, ptrdiff_t n,
                           Quantized4 *out) {
    float largest = 0, scaled[BLOCK_4BIT];
    unsigned char below[BLOCK_4BIT];
    for (ptrdiff_t i = 0; i < n; i++)
        largest = fabsf(x[i]) > largest ? fabsf(x[i]) : largest;
    bool whole = n == BLOCK_4BIT; /* a short block at the end is divided, the others multiplied */
    float divisor = largest > 1e-38f ? largest : 1e-38f, scale = 1.0f / divisor;
    out->absmax[at / BLOCK_4BIT] = whole ? largest : divisor;
    for (ptrdiff_t i = 0; i < n; i++) { /* what is no number becomes -1 */
        float y = whole ? x[i] * scale : x[i] / divisor;
        scaled[i] = y > -1.0f ? y < 1.0f ? y : 1.0f : -1.0f;
    }
    kernels()->count_steps(scaled, n, steps->middle, below);
    for (ptrdiff_t i = 0; i < n; i++) /* blocks begin at even places */
        out->packed[(at + i) / 2] |= (unsigned char)(steps->code[below[i]] << (i % 2 ? 0 : 4));
}

/* ---- double quantization ---- */

static int by_value(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

const float *code_dynamic(Arena *arena) {
    float *out = new (arena, float, 256);
    int n = 0;
    for (int i = 0; i < 7; i++) {
        int items = (1 << i) + 1; /* boundaries: linspace(0.1, 1, items) in float32 */
        /* torch's linspace counts up in its first half and down in the second */
        float step = (1.0f - 0.1f) / (float)(items - 1);
        for (int k = 0; k + 1 < items; k++) {
            float low =
                k < items / 2 ? 0.1f + step * (float)k : 1.0f - step * (float)(items - 1 - k);
            float high = k + 1 < items / 2 ? 0.1f + step * (float)(k + 1)
                                           : 1.0f - step * (float)(items - 2 - k);
            float mean = (low + high) / 2.0f;
            float scaled = (float)(pow(10, i - 6)) * mean;
            out[n++] = scaled;
            out[n++] = -scaled;
        }
    }
    out[n++] = 0;
    out[n++] = 1;
    qsort(out, (size_t)n, sizeof *out, by_value);
    return out;
}

/* bitsandbytes looks the code up in a table of 65536 entries over [-1, 1]: x is rounded to one of
 * them before the nearest value is taken (csrc/cpu_ops.cpp). */
static unsigned char nearest(const float *code, float x) {
    int entry = (int)((x + 1.0f) * 32767.5f + 0.5f), low = 0, high = 255;
    x = (float)(entry / 32767.5 - 1);
    while (high - low > 1) {
        int middle = (low + high) / 2;
        if (code[middle] <= x)
            low = middle;
        else
            high = middle;
    }
    return (unsigned char)(fabsf(x - code[low]) <= fabsf(code[high] - x) ? low : high);
}

/* ---- torch's mean, to its last bit ---- */

/* A last bit of the mean decides codes, so the sum goes the way of torch's (ATen/native/cpu/
 * SumKernel.cpp, cascade_sum): LANES sums side by side, four rows of them at a time, which move up
 * one of LEVELS levels after every `step` additions. From 32768 numbers on torch sums in threads,
 * and its last bit depends on their number. */
enum { LANES = 8, ROWS = 4, LEVELS = 4 };

static int ceil_log2(ptrdiff_t n) {
    int log = 0;
    while (((ptrdiff_t)1 << log) < n)
        log++;
    return log;
}

static float lane_sum(const float *x, ptrdiff_t vectors, int lane) {
    float level[LEVELS][ROWS] = {{0}};
    ptrdiff_t n = vectors / ROWS, i = 0;
    int power = ceil_log2(n) / LEVELS > 4 ? ceil_log2(n) / LEVELS : 4;
    ptrdiff_t step = (ptrdiff_t)1 << power;
    while (i + step <= n) {
        for (ptrdiff_t end = i + step; i < end; i++)
            for (int row = 0; row < ROWS; row++)
                level[0][row] += x[(i * ROWS + row) * LANES + lane];
        for (int up = 1; up < LEVELS; up++) {
            for (int row = 0; row < ROWS; row++) {
                level[up][row] += level[up - 1][row];
                level[up - 1][row] = 0;
            }
            if (i & (step - 1) << (up * power))
                break;
        }
    }
    for (; i < n; i++)
        for (int row = 0; row < ROWS; row++)
            level[0][row] += x[(i * ROWS + row) * LANES + lane];
    for (int up = 1; up < LEVELS; up++)
        for (int row = 0; row < ROWS; row++)
            level[0][row] += level[up][row];
    for (i = n * ROWS; i < vectors; i++)
        level[0][0] += x[i * LANES + lane];
    for (int row = 1; row < ROWS; row++)
        level[0][0] += level[0][row];
    return level[0][0];
}

static float mean(const float *x, ptrdiff_t n) {
    float sum = 0;
    for (ptrdiff_t i = n / LANES * LANES; i < n; i++)
        sum += x[i];
    for (int lane = 0; lane < LANES; lane++)
        sum += lane_sum(x, n / LANES, lane);
    return sum / (float)n;
}

static void quantize_absmax(Arena *arena, Quantized4 *out) {
    const float *code = code_dynamic(arena);
    ptrdiff_t n = out->n_blocks;
    out->offset = mean(out->absmax, n);
    out->n_blocks2 = (n + BLOCK_ABSMAX - 1) / BLOCK_ABSMAX;
    out->absmax2 = new (arena, float, out->n_blocks2);
    out->absmax_codes = new (arena, unsigned char, n);
    for (ptrdiff_t block = 0; block < out->n_blocks2; block++) {
        ptrdiff_t from = block * BLOCK_ABSMAX,
                  end = from + BLOCK_ABSMAX < n ? from + BLOCK_ABSMAX : n;
        float largest = 0;
        for (ptrdiff_t i = from; i < end; i++)
            largest = fmaxf(largest, fabsf(out->absmax[i] - out->offset));
        out->absmax2[block] = largest;
        float scale = 1.0f / fmaxf(largest, 1e-38f);
        for (ptrdiff_t i = from; i < end; i++) {
            float x = fminf(fmaxf((out->absmax[i] - out->offset) * scale, -1.0f), 1.0f);
            out->absmax_codes[i] = nearest(code, x);
            out->absmax[i] = code[out->absmax_codes[i]] * largest + out->offset;
        }
    }
}

Quantized4 quantize_4bit(Arena *arena, const Matrix *m, const float *code, bool twice) {
    ptrdiff_t n = m->rows * m->columns;
    Quantized4 out = {.n_packed = (n + 1) / 2, .n_blocks = (n + BLOCK_4BIT - 1) / BLOCK_4BIT};
    out.packed = new (arena, unsigned char, out.n_packed);
    out.absmax = new (arena, float, out.n_blocks);
    Steps steps = steps_of(code);
    float *row = new (arena, float, m->columns + BLOCK_4BIT), block[BLOCK_4BIT];
    ptrdiff_t filled = 0, at = 0;
    for (ptrdiff_t r = 0; r < m->rows; r++) {
        matrix_row(m, r, row);
        for (ptrdiff_t c = 0; c < m->columns; c++) {
            block[filled++] = row[c];
            if (filled == BLOCK_4BIT) {
                quantize_block(&steps, block, at, filled, &out);
                at += filled;
                filled = 0;
            }
        }
    }
    if (filled)
        quantize_block(&steps, block, at, filled, &out);
    if (n % 2) { /* the last half byte is the code of 0 */
        unsigned char below;
        kernels()->count_steps(&(float){0}, 1, steps.middle, &below);
        out.packed[n / 2] |= steps.code[below];
    }
    if (twice)
        quantize_absmax(arena, &out);
    return out;
}

/* Where rows are no multiple of 64 long, blocks run on over their ends, but bitsandbytes' kernel
 * for processors with AVX-512 takes the block of (row, column) for row x (columns / 64) + column /
 * 64 when it can read 16 columns at a time (csrc/cpu_ops.cpp). What is computed here is compared
 * with what it computes; GPUs and other processors have it right. */
void dequantize_4bit(const Matrix *m, ptrdiff_t row, float *out) {
    ptrdiff_t from = row * m->columns, per_row = m->columns / BLOCK_4BIT;
    for (ptrdiff_t c = 0, end; c < m->columns; c = end) {
        ptrdiff_t block = (from + c) / BLOCK_4BIT, of_row = row * per_row + c / BLOCK_4BIT;
        end = (block + 1) * BLOCK_4BIT - from;
        if (m->columns % 16 == 0) {
            end = (c / BLOCK_4BIT + 1) * BLOCK_4BIT;
            block = of_row;
        }
        end = end < m->columns ? end : m->columns;
        float scale = m->absmax[block];
        for (ptrdiff_t i = c; i < end; i++) {
            unsigned char byte = m->p[(from + i) / 2];
            out[i] = m->code[(from + i) % 2 ? byte & 15 : byte >> 4] * scale;
        }
    }
}

/* ---- 8 bits ---- */

void quantize_8bit(Arena *arena, const Matrix *m, int8_t **codes, float **scb) {
    *codes = new (arena, int8_t, m->rows * m->columns);
    *scb = new (arena, float, m->rows);
    float *row = new (arena, float, m->columns);
    for (ptrdiff_t r = 0; r < m->rows; r++) {
        float largest = 0;
        matrix_row(m, r, row);
        for (ptrdiff_t c = 0; c < m->columns; c++) {
            row[c] = round_f16(row[c]);
            largest = fmaxf(largest, fabsf(row[c]));
        }
        (*scb)[r] = largest;
        float scale =
            largest > 0 ? 1.0f / largest * 127.0f : 0; /* as torch divides a number by a tensor */
        for (ptrdiff_t c = 0; c < m->columns; c++)
            (*codes)[r * m->columns + c] = (int8_t)rintf(row[c] * scale);
    }
}
