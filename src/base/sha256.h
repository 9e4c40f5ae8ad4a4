/* SHA-256, for comparing quantized weights with those of another program. */
#ifndef HFFIX_BASE_SHA256_H
#define HFFIX_BASE_SHA256_H

#include "base/str.h"

Str sha256_hex(Arena *arena, const void *bytes, size_t n);

#endif
