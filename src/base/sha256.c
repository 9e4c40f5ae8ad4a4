/* FIPS 180-4, section 6.2. Its constants are the first 32 bits of the fractional parts of the cube
 * (and square) roots of the first primes; they are computed, so that none can be mistyped. */
#include "base/sha256.h"

#include <string.h>

static uint32_t rotate(uint32_t x, int n) {
    return x >> n | x << (32 - n);
}

/* floor(2^32 frac(prime^(1/root))): the largest x with x^root <= prime * 2^(32 root), without its
 * whole part. */
static uint32_t fraction(uint64_t prime, int root) {
    typedef unsigned __int128 Wide;
    uint64_t low = 0, high = (uint64_t)1 << 37; /* the 64th prime is 311: roots are below 2^5 */
    Wide power = (Wide)prime << (32 * root);
    while (high - low > 1) {
        Wide middle = (low + high) / 2;
        if ((root == 2 ? middle * middle : middle * middle * middle) <= power)
            low = (uint64_t)middle;
        else
            high = (uint64_t)middle;
    }
    return (uint32_t)low;
}

static void constants(uint32_t k[64], uint32_t h[8]) {
    int n = 0;
    for (uint64_t p = 2; n < 64; p++) {
        bool prime = true;
        for (uint64_t d = 2; d * d <= p; d++)
            prime &= p % d != 0;
        if (!prime)
            continue;
        if (n < 8)
            h[n] = fraction(p, 2);
        k[n++] = fraction(p, 3);
    }
}

static void block(uint32_t h[8], const uint32_t k[64], const unsigned char *p) {
    uint32_t w[64], s[8];
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)p[4 * i] << 24 | (uint32_t)p[4 * i + 1] << 16 |
               (uint32_t)p[4 * i + 2] << 8 | p[4 * i + 3];
    for (int i = 16; i < 64; i++) {
        uint32_t a = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3;
        uint32_t b = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10;
        w[i] = w[i - 16] + a + w[i - 7] + b;
    }
    memcpy(s, h, sizeof s);
    for (int i = 0; i < 64; i++) {
        uint32_t a = rotate(s[4], 6) ^ rotate(s[4], 11) ^ rotate(s[4], 25),
                 choice = (s[4] & s[5]) ^ (~s[4] & s[6]);
        uint32_t b = rotate(s[0], 2) ^ rotate(s[0], 13) ^ rotate(s[0], 22),
                 majority = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]);
        uint32_t one = s[7] + a + choice + k[i] + w[i], two = b + majority;
        memmove(s + 1, s, 7 * sizeof *s);
        s[4] += one;
        s[0] = one + two;
    }
    for (int i = 0; i < 8; i++)
        h[i] += s[i];
}

Str sha256_hex(Arena *arena, const void *bytes, size_t n) {
    uint32_t k[64], h[8];
    unsigned char last[128] = {0};
    const unsigned char *p = bytes;
    constants(k, h);
    size_t rest = n % 64, whole = n - rest, tail = rest < 56 ? 64 : 128;
    for (size_t at = 0; at < whole; at += 64)
        block(h, k, p + at);
    if (rest)
        memcpy(last, p + whole, rest);
    last[rest] = 0x80;
    for (int i = 0; i < 8; i++)
        last[tail - 1 - (size_t)i] = (unsigned char)((uint64_t)n * 8 >> 8 * i);
    for (size_t at = 0; at < tail; at += 64)
        block(h, k, last + at);
    Buf out = {.arena = arena};
    for (int i = 0; i < 8; i++)
        buf_format(&out, "%08x", h[i]);
    return buf_str(&out);
}
