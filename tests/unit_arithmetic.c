/* Numbers, quantized weights, products and rotary frequencies, against values that torch and
 * bitsandbytes give, or that can be worked out by hand. */
#include <math.h>
#include <string.h>

#include "base/sha256.h"
#include "base/workers.h"
#include "check/kernels.h"
#include "check/plan.h"
#include "check/quantize.h"
#include "check/rope.h"
#include "tests/unit.h"

static Arena arena;

static void test_rounding(void) {
    CHECK(round_bf16(1.00390625f) == 1.0f);       /* halfway, to even */
    CHECK(round_bf16(1.01171875f) == 1.015625f);  /* halfway, to even, upwards */
    CHECK(round_bf16(1.00390637f) == 1.0078125f); /* just above halfway */
    CHECK(isinf(round_bf16(3.4e38f)) && isnan(round_bf16(NAN)));
    CHECK(round_f16(1.00048828125f) == 1.0f && round_f16(65519.0f) == 65504.0f);
    CHECK(isinf(round_f16(65520.0f)) && round_f16(-70000.0f) == -INFINITY);
    CHECK(round_f16(0x1p-24f) == 0x1p-24f && round_f16(0x1p-25f) == 0.0f); /* halfway to 0 */
    CHECK(round_f16(0x1.8p-25f) == 0x1p-24f && isnan(round_f16(NAN)));
    CHECK(float_of_f16(0x3C00) == 1.0f && float_of_f16(0x0001) == 0x1p-24f &&
          float_of_f16(0x8000) == 0);
    CHECK(isinf(float_of_f16(0xFC00)) && isnan(float_of_f16(0x7C01)) &&
          float_of_f16(0x7BFF) == 65504.0f);
    for (uint32_t i = 0; i < 0x10000; i++) { /* what was a float16 stays itself */
        float f = float_of_f16((uint16_t)i);
        CHECK(isnan(f) ? isnan(round_f16(f)) : round_f16(f) == f);
    }
}

/* The vector forms give what the plain ones do, at every length. */
static void test_kernels(void) {
    enum { N = 70 };
    uint16_t halves[N];
    float a[N], b[N], wide[N];
    int8_t p[N], q[N];
    for (int i = 0; i < N; i++) {
        halves[i] = (uint16_t)(i * 937);
        a[i] = (float)(i % 7) - 3;
        b[i] = (float)(i % 5) - 2;
        p[i] = (int8_t)(i * 31);
        q[i] = (int8_t)(i * 17);
    }
    for (ptrdiff_t n = 0; n <= N; n++) {
        float sum = 0;
        int32_t sum8 = 0;
        for (ptrdiff_t i = 0; i < n; i++) {
            sum += a[i] * b[i];
            sum8 += p[i] * q[i];
        }
        CHECK(kernels()->dot(a, b, n) == sum && kernels()->dot_8bit(p, q, n) == sum8);
        kernels()->from_f16((const unsigned char *)halves, n, wide);
        bool same = true;
        for (ptrdiff_t i = 0; i < n; i++)
            same &= wide[i] == float_of_f16(halves[i]) ||
                    (isnan(wide[i]) && isnan(float_of_f16(halves[i])));
        kernels()->from_bf16((const unsigned char *)halves, n, wide);
        for (ptrdiff_t i = 0; i < n; i++)
            same &= wide[i] == float_of_bf16(halves[i]) ||
                    (isnan(wide[i]) && isnan(float_of_bf16(halves[i])));
        memcpy(wide, a, sizeof a);
        kernels()->add_scaled(wide, b, 2, n);
        for (ptrdiff_t i = 0; i < N; i++)
            same &= wide[i] == a[i] + (i < n ? 2 * b[i] : 0);
        CHECK(same);
    }
}

static Matrix matrix(const float *p, ptrdiff_t rows, ptrdiff_t columns) {
    return (Matrix){
        .kind = MATRIX_F32, .rows = rows, .columns = columns, .p = (const unsigned char *)p};
}

static void test_4bit(void) {
    float w[2 * 64 + 1];
    for (int i = 0; i < 129; i++)
        w[i] = (float)(i % 16) / 15 * 2 - 1;
    Matrix m = matrix(w, 1, 129);
    Quantized4 q = quantize_4bit(&arena, &m, code_nf4, false);
    CHECK_INT(q.n_packed, 65);
    CHECK_INT(q.n_blocks, 3);
    CHECK(q.absmax[0] == 1 && q.absmax[2] == 1);
    CHECK_INT(q.packed[1], 0x12);  /* -0.733, -0.6: the first in the high half */
    CHECK_INT(q.packed[64], 0x07); /* -1, and the code of 0 behind an odd end */
    float zeros[64] = {0, 0.001f, -0.001f, 1};
    m = matrix(zeros, 1, 64);
    q = quantize_4bit(&arena, &m, code_fp4, false);
    CHECK_INT(q.packed[0], 0x08); /* 0 is 0, just above it is negative zero */
    CHECK_INT(q.packed[1], 0x03); /* just below it is 0, 1 is 3 */
    memset(zeros, 0, sizeof zeros);
    q = quantize_4bit(&arena, &m, code_nf4, false);
    CHECK(q.absmax[0] == 0 && q.packed[0] == 0x77);
}

static void test_double(void) {
    const float *code = code_dynamic(&arena);
    CHECK(code[0] == -0.99296875f && code[127] == 0 && code[255] == 1 && code[254] == 0.99296875f);
    bool sorted = true;
    for (int i = 1; i < 256; i++)
        sorted &= code[i] > code[i - 1];
    CHECK(sorted);
    static float w[64 * 4];
    for (int i = 0; i < 256; i++)
        w[i] = (float)(i / 64 + 1) * (i % 64 ? 0.5f : 1);
    Matrix m = matrix(w, 4, 64);
    Quantized4 q = quantize_4bit(&arena, &m, code_nf4, true);
    CHECK(q.offset == 2.5f && q.absmax2[0] == 1.5f);
    CHECK_INT(q.absmax_codes[3], 255); /* 1.5 above the mean: 1 */
    CHECK(q.absmax[3] == 4.0f);
    CHECK_INT(q.absmax_codes[0], 0); /* the lowest value is -0.993, not -1 */
}

static void test_8bit(void) {
    float w[] = {1, -2, 0.5f, 0, 0, 0};
    Matrix m = matrix(w, 2, 3);
    int8_t *codes;
    float *scb;
    quantize_8bit(&arena, &m, &codes, &scb);
    CHECK(scb[0] == 2 && scb[1] == 0);
    CHECK(codes[0] == 64 && codes[1] == -127 && codes[2] == 32 &&
          codes[3] == 0); /* 63.5 and 31.75 */
    Matrix eight = {.kind = MATRIX_8BIT,
                    .rows = 2,
                    .columns = 3,
                    .p = (const unsigned char *)codes,
                    .scb = scb};
    float x[] = {1, 1, 1, 10, 0, 0}, y[4];
    matrix_apply(&eight, x, 1, FLOAT32, y, &arena);
    CHECK(fabsf(y[0] - (-0.5f)) < 0.02f && y[1] == 0);
    matrix_apply(&eight, x + 3, 1, FLOAT32, y, &arena); /* above 6: multiplied in floats */
    CHECK(fabsf(y[0] - 10 * 64 * 2 / 127.0f) < 1e-4f);
}

static void test_products(void) {
    float w[] = {1, 2, 3, 4, 5, 6}, x[] = {1, 10, 100, 1, 0, -1}, bias[] = {0.5f, -0.5f}, y[4];
    Matrix m = matrix(w, 2, 3);
    m.bias = bias;
    matrix_apply(&m, x, 2, FLOAT32, y, &arena);
    CHECK(y[0] == 321.5f && y[1] == 653.5f && y[2] == -1.5f && y[3] == -2.5f);
    float stored[] = {1, 4, 2, 5, 3, 6};
    Matrix t = matrix(stored, 2, 3);
    t.transposed = true;
    t.bias = bias;
    matrix_apply(&t, x, 2, FLOAT32, y, &arena);
    CHECK(y[0] == 321.5f && y[1] == 653.5f && y[2] == -1.5f && y[3] == -2.5f);
    matrix_apply(&m, x, 1, BFLOAT16, y, &arena);
    CHECK(y[0] == 322 && y[1] == 652); /* 8 bits of 321.5 and 653.5 */
}

static void test_threads(void) {
    enum { N = 600 };
    static float w[N * N], x[N], one[N], four[N];
    for (int i = 0; i < N * N; i++)
        w[i] = (float)(i % 13) - 6;
    for (int i = 0; i < N; i++)
        x[i] = (float)(i % 3);
    Matrix m = matrix(w, N, N);
    matrix_apply(&m, x, 1, FLOAT32, one, &arena);
    workers_start(4);
    for (int i = 0; i < 20; i++)
        matrix_apply(&m, x, 1, FLOAT32, four, &arena);
    workers_stop();
    CHECK(!memcmp(one, four, sizeof one));
}

static void test_rope(void) {
    Rope rope = {.theta = 10000,
                 .partial = 1,
                 .original = 64,
                 .low = 1,
                 .high = 4,
                 .factor = 8,
                 .truncate = true};
    RopeTable t = rope_table(&arena, &rope, 8, 64, 1);
    CHECK(t.pairs == 4 && t.frequency[0] == 1 && fabsf(t.frequency[1] - 0.1f) < 1e-8f &&
          t.factor == 1);
    rope.type = ROPE_LINEAR;
    CHECK(rope_table(&arena, &rope, 8, 64, 1).frequency[0] == 0.125f);
    rope.type = ROPE_LLAMA3; /* a wave of 6.28 is kept, one of 628 divided */
    t = rope_table(&arena, &rope, 8, 512, 1);
    CHECK(t.frequency[0] == 1 && fabsf(t.frequency[2] - 0.00125f) < 1e-9f);
    rope.type = ROPE_DYNAMIC;
    CHECK(rope_table(&arena, &rope, 8, 64, 64).frequency[3] >
          rope_table(&arena, &rope, 8, 64, 65).frequency[3]);
    rope.type = ROPE_YARN;
    CHECK(fabsf(rope_table(&arena, &rope, 8, 512, 1).factor - (0.1f * logf(8) + 1)) < 1e-6f);
    rope.partial = 0.25;
    CHECK_INT(rope_table(&arena, &rope, 16, 64, 1).pairs, 2);
    float x[] = {1, 2, 3, 4}, c[] = {0, 1}, s[] = {1, 0}; /* halves, not neighbours, are turned */
    rope_turn(x, c, s, 2, FLOAT32);
    CHECK(x[0] == -3 && x[1] == 2 && x[2] == 1 && x[3] == 4);
}

static void test_hash(void) {
    CHECK_STR(sha256_hex(&arena, "", 0),
              S("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    CHECK_STR(sha256_hex(&arena, "abc", 3),
              S("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    char million[1000];
    memset(million, 'a', sizeof million);
    CHECK_STR(sha256_hex(&arena, million, 1000),
              S("41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3"));
}

static void test_sizes(void) {
    uint64_t *sizes;
    ptrdiff_t n;
    CHECK(plan_sizes(&arena, S("80GiB,24GiB"), &sizes, &n) && n == 2 &&
          sizes[0] == (uint64_t)80 << 30);
    CHECK(plan_sizes(&arena, S("1.5GB"), &sizes, &n) && n == 1 && sizes[0] == 1500000000);
    CHECK(!plan_sizes(&arena, S("80 apples"), &sizes, &n) &&
          !plan_sizes(&arena, S(""), &sizes, &n));
    CHECK(!plan_sizes(&arena, S("GiB"), &sizes, &n) &&
          !plan_sizes(&arena, S("99999999999GiB"), &sizes, &n));
}

static void test_done(void) {
    arena_close(&arena);
}

UNIT_MAIN(test_rounding, test_kernels, test_4bit, test_double, test_8bit, test_products,
          test_threads, test_rope, test_hash, test_sizes, test_done)
