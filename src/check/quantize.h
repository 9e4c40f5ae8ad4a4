/* bitsandbytes' 4-bit and 8-bit weights, to the bit. */
#ifndef HFFIX_CHECK_QUANTIZE_H
#define HFFIX_CHECK_QUANTIZE_H

#include "check/matrix.h"

enum { BLOCK_4BIT = 64, BLOCK_ABSMAX = 256 };

extern const float code_nf4[16], code_fp4[16]; /* by code */
const float *code_dynamic(Arena *arena); /* 256 sorted values, create_dynamic_map(True, 7, 8) */

typedef struct Quantized4 {
    unsigned char *packed; /* (n + 1) / 2 */
    float *absmax;         /* as dequantizing sees it */
    ptrdiff_t n_packed, n_blocks;
    unsigned char *absmax_codes; /* double quantization; NULL without */
    float *absmax2, offset;      /* of every 256 absmax */
    ptrdiff_t n_blocks2;
} Quantized4;

/* Elements of all rows of `m` in order, in blocks of 64. */
Quantized4 quantize_4bit(Arena *arena, const Matrix *m, const float *code, bool twice);
void dequantize_4bit(const Matrix *m, ptrdiff_t row, float *out); /* code x absmax, in float */

/* Per row: q = round(w x 127 / max). `codes` is rows x columns. */
void quantize_8bit(Arena *arena, const Matrix *m, int8_t **codes, float **scb);

#endif
