/* The innermost loops, in the best form that this machine has. */
#ifndef HFFIX_CHECK_KERNELS_H
#define HFFIX_CHECK_KERNELS_H

#include <stddef.h>
#include <stdint.h>

typedef struct Kernels {
    float (*dot)(const float *a, const float *b, ptrdiff_t n);
    float (*dot_bf16)(const float *a, const unsigned char *b, ptrdiff_t n);
    int32_t (*dot_8bit)(const int8_t *a, const int8_t *b, ptrdiff_t n);
    void (*add_scaled)(float *y, const float *x, float factor, ptrdiff_t n); /* y += factor * x */
    void (*from_bf16)(const unsigned char *from, ptrdiff_t n, float *to);
    void (*from_f16)(const unsigned char *from, ptrdiff_t n, float *to);
    /* How many of 15 rising steps lie below each x. */
    void (*count_steps)(const float *x, ptrdiff_t n, const float *steps, unsigned char *counts);
} Kernels;

const Kernels *kernels(void);

#endif
