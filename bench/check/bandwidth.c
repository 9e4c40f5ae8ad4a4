/* How many bytes a second this machine reads from memory, with one thread and with all:
 * `bandwidth THREADS` prints a line of two numbers. It is the bound of generating, since each token
 * reads every weight once. */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef uint64_t u64x8 __attribute__((vector_size(64)));
enum { MOST_THREADS = 64, ROUNDS = 4 };
static const size_t SIZE = (size_t)512 << 20;

typedef struct Part {
    const u64x8 *from, *end;
    u64x8 sum;
} Part;

static void *read_part(void *argument) {
    Part *part = argument;
    u64x8 a = {0}, b = {0}, c = {0}, d = {0};
    for (const u64x8 *p = part->from; p + 4 <= part->end; p += 4) {
        a ^= p[0];
        b ^= p[1];
        c ^= p[2];
        d ^= p[3];
    }
    part->sum = a ^ b ^ c ^ d;
    return NULL;
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double best(const u64x8 *data, int threads) {
    double fastest = 0;
    for (int round = 0; round < ROUNDS; round++) {
        Part parts[MOST_THREADS];
        pthread_t ids[MOST_THREADS];
        size_t n = SIZE / sizeof *data;
        double start = now();
        for (int i = 0; i < threads; i++) {
            parts[i] = (Part){.from = data + n * (size_t)i / (size_t)threads,
                              .end = data + n * (size_t)(i + 1) / (size_t)threads};
            if (i && pthread_create(&ids[i], NULL, read_part, &parts[i]) != 0)
                exit(2);
        }
        read_part(&parts[0]);
        for (int i = 1; i < threads; i++)
            pthread_join(ids[i], NULL);
        double rate = (double)SIZE / (now() - start);
        fastest = rate > fastest ? rate : fastest;
    }
    return fastest;
}

int main(int argc, char **argv) {
    int threads = argc > 1 ? atoi(argv[1]) : 1;
    void *data = NULL;
    if (threads < 1 || threads > MOST_THREADS || posix_memalign(&data, 64, SIZE) != 0)
        return 2;
    memset(data, 1, SIZE);
    printf("%.0f %.0f\n", best(data, 1), best(data, threads));
    free(data);
    return 0;
}
