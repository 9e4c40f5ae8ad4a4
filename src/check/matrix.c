/* Products with weights. One row of weights is turned into floats and multiplied with all rows of
 * x, so that a weight is read from memory once however many positions there are; several rows of
 * weights can be worked on at once, in threads. The inner loop, dot(), is written in the compilers'
 * vector extension and compiled for several instruction sets (kernels.c). */
#include "check/matrix.h"

#include <math.h>

#include "base/workers.h"
#include "check/kernels.h"
#include "check/quantize.h"

static const float OUTLIER = 6.0f; /* bitsandbytes' llm_int8_threshold */

void round_all(Precision precision, float *x, ptrdiff_t n) {
    if (precision == BFLOAT16)
        for (ptrdiff_t i = 0; i < n; i++)
            x[i] = round_bf16(x[i]);
    if (precision == FLOAT16)
        for (ptrdiff_t i = 0; i < n; i++)
            x[i] = round_f16(x[i]);
}

static void row_4bit(const Matrix *m, ptrdiff_t row, float *out) {
    dequantize_4bit(m, row, out);
    round_all(m->load, out, m->columns);
    round_all(m->compute, out, m->columns);
}

void matrix_row(const Matrix *m, ptrdiff_t row, float *out) {
    ptrdiff_t n = m->transposed ? m->rows : m->columns;
    switch (m->kind) {
    case MATRIX_NONE:
        break;
    case MATRIX_F32:
        memcpy(out, m->p + row * n * 4, (size_t)n * 4);
        round_all(m->load, out, n);
        break;
    case MATRIX_BF16:
        kernels()->from_bf16(m->p + row * n * 2, n, out);
        if (m->load == FLOAT16)
            round_all(m->load, out, n);
        break;
    case MATRIX_F16:
        kernels()->from_f16(m->p + row * n * 2, n, out);
        if (m->load == BFLOAT16)
            round_all(m->load, out, n);
        break;
    case MATRIX_4BIT:
        row_4bit(m, row, out);
        break;
    case MATRIX_8BIT:
        for (ptrdiff_t c = 0; c < n; c++)
            out[c] = (float)((const int8_t *)m->p)[row * n + c];
        break;
    }
}

/* ---- plain and 4-bit weights ---- */

typedef struct Product {
    const Matrix *m;
    const float *x;
    ptrdiff_t n;
    float *y;
    float *rows; /* one for each worker */
} Product;

static void product_rows(void *context, int worker, ptrdiff_t from, ptrdiff_t end) {
    const Product *p = context;
    const Matrix *m = p->m;
    float *row = p->rows + worker * m->columns;
    if (p->n == 1 && m->kind == MATRIX_BF16 && m->load != FLOAT16) {
        for (ptrdiff_t r = from; r < end; r++)
            p->y[r] = kernels()->dot_bf16(p->x, m->p + r * m->columns * 2, m->columns) +
                      (m->bias ? m->bias[r] : 0);
        return;
    }
    for (ptrdiff_t r = from; r < end; r++) {
        const float *weights = row;
        bool as_is =
            m->kind == MATRIX_F32 && m->load == FLOAT32 && (uintptr_t)m->p % sizeof(float) == 0;
        if (as_is)
            weights = (const float *)(const void *)(m->p + r * m->columns * 4);
        else
            matrix_row(m, r, row);
        float bias = m->bias ? m->bias[r] : 0;
        for (ptrdiff_t i = 0; i < p->n; i++)
            p->y[i * m->rows + r] =
                kernels()->dot(p->x + i * m->columns, weights, m->columns) + bias;
    }
}

/* Stored [columns][rows]: every stored row is added to the outputs, times its input. */
static void product_transposed(void *context, int worker, ptrdiff_t from, ptrdiff_t end) {
    const Product *p = context;
    const Matrix *m = p->m;
    float *row = p->rows + worker * m->rows;
    for (ptrdiff_t i = 0; i < p->n; i++)
        for (ptrdiff_t r = from; r < end; r++)
            p->y[i * m->rows + r] = m->bias ? m->bias[r] : 0;
    for (ptrdiff_t c = 0; c < m->columns; c++) {
        matrix_row(m, c, row);
        for (ptrdiff_t i = 0; i < p->n; i++)
            kernels()->add_scaled(p->y + i * m->rows + from, row + from, p->x[i * m->columns + c],
                                  end - from);
    }
}

static void apply_plain(const Matrix *m, const float *x, ptrdiff_t n, float *y, Arena *scratch) {
    Product product = {m, x, n, y, NULL};
    ptrdiff_t width = m->transposed ? m->rows : m->columns;
    product.rows = new (scratch, float, width *workers_count());
    workers_run(m->transposed ? product_transposed : product_rows, &product, m->rows,
                m->columns * n);
}

/* ---- 8-bit weights ---- */

typedef struct Product8 {
    const Matrix *m;
    ptrdiff_t n, outliers;
    const int8_t *x;             /* quantized inputs */
    const float *stats;          /* largest magnitude of every row of x */
    const float *outlying;       /* n x outliers inputs that are multiplied in floats */
    const ptrdiff_t *outlier_at; /* their columns */
    Precision precision;
    float *y;
} Product8;

static void product_8bit(void *context, int worker, ptrdiff_t from, ptrdiff_t end) {
    const Product8 *p = context;
    const Matrix *m = p->m;
    (void)worker;
    for (ptrdiff_t r = from; r < end; r++) {
        const int8_t *w = (const int8_t *)m->p + r * m->columns;
        float bias = m->bias ? m->bias[r] : 0;
        for (ptrdiff_t i = 0; i < p->n; i++) {
            int32_t sum = kernels()->dot_8bit(p->x + i * m->columns, w, m->columns);
            float y = (float)sum * (p->stats[i] * m->scb[r]) * 6.200124e-05f + bias; /* 1 / 127^2 */
            y = round_to(p->precision, y);
            if (p->outliers) {
                float more = 0;
                for (ptrdiff_t k = 0; k < p->outliers; k++) {
                    float weight = (float)w[p->outlier_at[k]] * m->scb[r] * 7.874015718698502e-3f;
                    more += p->outlying[i * p->outliers + k] * round_to(p->precision, weight);
                }
                y = round_to(p->precision, y + more);
            }
            p->y[i * m->rows + r] = y;
        }
    }
}

/* Inputs of a column in which any row reaches OUTLIER are taken out of the 8-bit product. */
static void apply_8bit(const Matrix *m, const float *x, ptrdiff_t n, Precision precision, float *y,
                       Arena *scratch) {
    ptrdiff_t columns = m->columns;
    float *rounded = new (scratch, float, n *columns), *stats = new (scratch, float, n);
    int8_t *codes = new (scratch, int8_t, n * columns);
    ptrdiff_t *outlier_at = new (scratch, ptrdiff_t, columns), outliers = 0;
    for (ptrdiff_t i = 0; i < n * columns; i++)
        rounded[i] = round_f16(x[i]);
    for (ptrdiff_t c = 0; c < columns; c++) {
        bool outlier = false;
        for (ptrdiff_t i = 0; i < n; i++)
            outlier |= fabsf(rounded[i * columns + c]) >= OUTLIER;
        if (outlier)
            outlier_at[outliers++] = c;
    }
    float *outlying = new (scratch, float, n *outliers);
    for (ptrdiff_t i = 0; i < n; i++) {
        float *row = rounded + i * columns, largest = 0;
        for (ptrdiff_t c = 0; c < columns; c++)
            if (fabsf(row[c]) < OUTLIER)
                largest = fmaxf(largest, fabsf(row[c]));
        for (ptrdiff_t k = 0; k < outliers; k++) {
            outlying[i * outliers + k] = x[i * columns + outlier_at[k]];
            row[outlier_at[k]] = 0;
        }
        stats[i] = largest;
        float scale = largest > 0 ? 1.0f / largest * 127.0f : 0;
        for (ptrdiff_t c = 0; c < columns; c++)
            codes[i * columns + c] = (int8_t)rintf(row[c] * scale);
    }
    Product8 product = {m, n, outliers, codes, stats, outlying, outlier_at, precision, y};
    workers_run(product_8bit, &product, m->rows, columns * n);
}

void matrix_apply(const Matrix *m, const float *x, ptrdiff_t n, Precision precision, float *y,
                  Arena *scratch) {
    ArenaMark mark = arena_mark(scratch);
    if (m->kind == MATRIX_8BIT) {
        apply_8bit(m, x, n, precision, y, scratch);
    } else if (m->kind == MATRIX_4BIT && m->compute != precision) {
        float *cast = new (scratch, float, n * m->columns);
        memcpy(cast, x, sizeof *x * (size_t)(n * m->columns));
        round_all(m->compute, cast, n * m->columns);
        apply_plain(m, cast, n, y, scratch);
        round_all(m->compute, y, n * m->rows);
    } else {
        apply_plain(m, x, n, y, scratch);
    }
    round_all(precision, y, n * m->rows);
    arena_reset(scratch, mark);
}
