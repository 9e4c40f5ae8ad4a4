/* kernels_body.inc holds the loops once, in GCC's and clang's vector extension; it is compiled here
 * for each instruction set, and the processor is asked at the first use which it has. On other
 * machines than x86-64 the one form is what the compiler makes for it (NEON on arm64). */
#include "check/kernels.h"

#include <string.h>

#include "check/numbers.h"

typedef float f32x16 __attribute__((vector_size(64), aligned(4)));
typedef uint32_t u32x16 __attribute__((vector_size(64), aligned(4)));
typedef int32_t i32x16 __attribute__((vector_size(64), aligned(4)));
typedef uint16_t u16x16 __attribute__((vector_size(32), aligned(1)));
typedef uint8_t u8x16 __attribute__((vector_size(16), aligned(1)));
typedef int8_t i8x16 __attribute__((vector_size(16), aligned(1)));

enum { AHEAD = 2048 }; /* bytes; weights come from memory faster when they are asked for early */

#define TARGET
#define NAME(f) f##_plain
#include "check/kernels_body.inc"
#undef TARGET
#undef NAME

#if defined(__x86_64__)
#define TARGET  __attribute__((target("avx2,fma,f16c")))
#define NAME(f) f##_avx2
#include "check/kernels_body.inc"
#undef TARGET
#undef NAME
#define TARGET  __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,fma,f16c")))
#define NAME(f) f##_avx512
#include "check/kernels_body.inc"
#undef TARGET
#undef NAME
#endif

const Kernels *kernels(void) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq"))
        return &kernels_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return &kernels_avx2;
#endif
    return &kernels_plain;
}
