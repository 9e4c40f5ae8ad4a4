/* bfloat16 and float16 as torch converts them: to the nearest, ties to even. */
#ifndef HFFIX_CHECK_NUMBERS_H
#define HFFIX_CHECK_NUMBERS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef enum Precision { FLOAT32, BFLOAT16, FLOAT16 } Precision;

static inline float float_of_bits(uint32_t bits) {
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

static inline uint32_t bits_of_float(float f) {
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    return bits;
}

static inline float float_of_bf16(uint16_t b) {
    return float_of_bits((uint32_t)b << 16);
}

static inline float round_bf16(float f) {
    uint32_t bits = bits_of_float(f);
    if ((bits & 0x7FFFFFFF) > 0x7F800000) /* stays a NaN */
        return float_of_bits((bits | 0x00400000) & 0xFFFF0000);
    return float_of_bits((bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000);
}

static inline float float_of_f16(uint16_t h) {
    uint32_t sign = (uint32_t)(h & 0x8000) << 16, rest = (uint32_t)(h & 0x7FFF) << 13;
    if ((h & 0x7C00) == 0x7C00)
        return float_of_bits(sign | 0x7F800000 | (rest & 0x7FFFFF));
    /* The exponent's bias is 112 smaller; the product makes small numbers right, too. */
    return float_of_bits(sign | bits_of_float(float_of_bits(rest) * 0x1p112f));
}

static inline float round_f16(float f) {
    uint32_t bits = bits_of_float(f), sign = bits & 0x80000000, magnitude = bits & 0x7FFFFFFF;
    if (magnitude >= 0x7F800000)
        return f;                /* infinite, or no number */
    if (magnitude >= 0x477FF000) /* 65520 and above: halfway to what would follow 65504 */
        return float_of_bits(sign | 0x7F800000);
    if (magnitude < 0x38800000) { /* below 2^-14: multiples of 2^-24 */
        float x = float_of_bits(magnitude) + 0x1p-1f;
        return float_of_bits(sign | bits_of_float(x - 0x1p-1f));
    }
    magnitude = (magnitude + 0xFFF + (magnitude >> 13 & 1)) & 0xFFFFE000;
    return float_of_bits(sign | magnitude);
}

static inline float round_to(Precision precision, float f) {
    return precision == FLOAT32 ? f : precision == BFLOAT16 ? round_bf16(f) : round_f16(f);
}

void round_all(Precision precision, float *x, ptrdiff_t n);

#endif
