/* A linear module's weight as it is held, and products with it.
 *
 * Weights stay as they are in the file, or become 4-bit or 8-bit codes; rows are turned into floats
 * when they are needed. Activations are floats whose values have been rounded to the load type. */
#ifndef HFFIX_CHECK_MATRIX_H
#define HFFIX_CHECK_MATRIX_H

#include <stdbool.h>

#include "base/arena.h"
#include "check/numbers.h"

typedef enum MatrixKind {
    MATRIX_NONE,
    MATRIX_F32,
    MATRIX_F16,
    MATRIX_BF16,
    MATRIX_4BIT,
    MATRIX_8BIT
} MatrixKind;

typedef struct Matrix {
    MatrixKind kind;
    ptrdiff_t rows, columns; /* outputs, inputs */
    bool transposed;         /* stored [columns][rows]; never when quantized */
    Precision load;          /* what elements are rounded to when they are read */
    Precision compute;       /* 4-bit: in which the product is taken */
    const unsigned char
        *p;              /* elements, not aligned; 4-bit: two a byte, the first in the high half */
    const float *absmax; /* 4-bit: of every 64 elements, counted through all rows */
    const float *code;   /* 4-bit: the 16 values */
    const float *scb;    /* 8-bit: largest magnitude of every row */
    const float *bias;   /* NULL: none */
} Matrix;

/* Row `row` of what is stored, as floats, rounded to the load type. */
void matrix_row(const Matrix *m, ptrdiff_t row, float *out);

/* y[n][rows] = x[n][columns] · mᵀ + bias, rounded to `precision`; x has been rounded to it. */
void matrix_apply(const Matrix *m, const float *x, ptrdiff_t n, Precision precision, float *y,
                  Arena *scratch);

#endif
