/* Checks for unit tests. A test program is a list of functions and UNIT_MAIN(f, g, …); it prints
 * every check that fails, with its place, and exits with 1 if there was one. Checks stay on in
 * release builds. */
#ifndef HFFIX_TESTS_UNIT_H
#define HFFIX_TESTS_UNIT_H

#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"

static int unit_failures, unit_checks;

#define CHECK(condition)                                                    \
    do {                                                                    \
        unit_checks++;                                                      \
        if (!(condition)) {                                                 \
            unit_failures++;                                                \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
        }                                                                   \
    } while (0)

#define CHECK_STR(got, want) unit_check_str((got), (want), __FILE__, __LINE__)
#define CHECK_INT(got, want) unit_check_int((long long)(got), (long long)(want), __FILE__, __LINE__)

static inline void unit_check_str(Str got, Str want, const char *file, int line) {
    unit_checks++;
    if (str_eq(got, want))
        return;
    unit_failures++;
    fprintf(stderr, "%s:%d: got\n---\n%.*s\n--- want\n%.*s\n---\n", file, line, STR_ARG(got),
            STR_ARG(want));
}

static inline void unit_check_int(long long got, long long want, const char *file, int line) {
    unit_checks++;
    if (got == want)
        return;
    unit_failures++;
    fprintf(stderr, "%s:%d: got %lld, want %lld\n", file, line, got, want);
}

#define UNIT_MAIN(...)                                                \
    int main(void) {                                                  \
        void (*const tests[])(void) = {__VA_ARGS__};                  \
        for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)     \
            tests[i]();                                               \
        printf("%d checks, %d failed\n", unit_checks, unit_failures); \
        return unit_failures != 0;                                    \
    }

#endif
