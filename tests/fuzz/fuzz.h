/* A fuzz target is a file fuzz_NAME.c with a libFuzzer entry. Under clang with -DHFFIX_FUZZ=ON it
 * is linked with libFuzzer; otherwise with driver.c, which changes the seeds in a fixed order and
 * makes a test of it. A target may only read `data`; it fails by crashing, by not coming to an end,
 * and by taking more memory than LIMIT says. */
#ifndef HFFIX_TESTS_FUZZ_H
#define HFFIX_TESTS_FUZZ_H

#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LIMIT = 64 << 20 }; /* bytes that an arena may take */

/* A folder of this process's own, current from the first call on. */
static inline void fuzz_folder(void) {
    static char path[4096];
    if (path[0])
        return;
    const char *base = getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/hffix-fuzz-XXXXXX", base && *base ? base : "/tmp");
    if (!mkdtemp(path) || chdir(path) != 0) {
        perror(path);
        exit(2);
    }
}

static inline void fuzz_write(const char *name, const void *bytes, size_t n) {
    FILE *file = fopen(name, "wb");
    if (!file || fwrite(bytes, 1, n, file) != n || fclose(file) != 0) {
        perror(name);
        exit(2);
    }
}

/* What was taken must be within the limit; the arena is as new afterwards. */
static inline void fuzz_close(Arena *arena) {
    if (arena->limit && arena->used > arena->limit)
        abort();
    arena_close(arena);
}

#endif
