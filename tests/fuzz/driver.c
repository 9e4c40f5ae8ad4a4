/* Runs a fuzz target without libFuzzer: `fuzz_NAME [--runs N | --seconds N] [--run N [--save FILE]]
 * SEED…`. The seeds first, then inputs that are made of them: number N depends on N and the seeds
 * alone, so that a failure is had again by its number. Runs happen in a child process, which
 * reports the number it is at in shared memory; a child that dies is told of and ends the test. */
#define _XOPEN_SOURCE   700
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#define _DARWIN_C_SOURCE
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "tests/fuzz/fuzz.h"

enum { LARGEST = 1 << 17, SECONDS_A_RUN = 20 };

typedef struct Input {
    unsigned char *p;
    size_t n;
} Input;

static Input *seeds;
static size_t n_seeds;

static Input read_input(const char *path) {
    FILE *file = fopen(path, "rb");
    Input in = {malloc(LARGEST), 0};
    if (!file || !in.p) {
        perror(path);
        exit(2);
    }
    in.n = fread(in.p, 1, LARGEST, file);
    fclose(file);
    return in;
}

static uint64_t next(uint64_t *state) { /* splitmix64 */
    uint64_t z = *state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

static size_t below(uint64_t *state, size_t n) {
    return n ? (size_t)(next(state) % n) : 0;
}

/* Puts `n` bytes in the place of `gone` ones. */
static void put(Input *in, size_t at, size_t gone, const unsigned char *bytes, size_t n) {
    gone = gone < in->n - at ? gone : in->n - at;
    if (in->n - gone + n > LARGEST)
        return;
    memmove(in->p + at + n, in->p + at + gone, in->n - at - gone);
    memcpy(in->p + at, bytes, n);
    in->n = in->n - gone + n;
}

/* Words that readers of these formats stop at. */
static const char *const words[] = {
    "\"",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "null",
    "true",
    "-1",
    "0",
    "1e309",
    "NaN",
    "\\u0000",
    "\\ud800",
    "18446744073709551615",
    "9223372036854775808",
    "4294967296",
    "-9223372036854775808",
    "1e15",
    "0.5",
    "\xFF",
    "\xC3",
    "\xE2\x96\x81",
    "\n",
    "\t",
    "    ",
    "(",
    ")",
    "$",
    "+",
    "-",
    "#",
    "(?:a+)+$",
    ".*",
    "{1,60000}",
    "\\p{L}",
    "model.",
    "**",
    "'''",
    "lambda x: ",
    "\0",
};

static void change(Input *in, uint64_t *state) {
    static unsigned char piece[4096];
    size_t at = below(state, in->n + 1), n = below(state, 1 + below(state, 256));
    const Input *other = &seeds[below(state, n_seeds)];
    size_t from = below(state, other->n);
    switch (below(state, 8)) {
    case 0:
        if (at < in->n)
            in->p[at] ^= (unsigned char)(1u << below(state, 8));
        break;
    case 1:
        if (at < in->n)
            in->p[at] = (unsigned char)next(state);
        break;
    case 2: /* out */
        put(in, at, n, piece, 0);
        break;
    case 3: /* again, and again */
        n = n < in->n - at ? n : in->n - at;
        memcpy(piece, in->p + at, n);
        for (size_t k = below(state, 200); k != (size_t)-1; k--)
            put(in, at, 0, piece, n);
        break;
    case 4: /* from another one */
        n = n < other->n - from ? n : other->n - from;
        put(in, at, n, other->p + from, n);
        break;
    case 5:
        in->n = below(state, 4) ? in->n : at;
        break;
    default: {
        const char *word = words[below(state, sizeof words / sizeof *words)];
        size_t length = *word ? strlen(word) : 1;
        put(in, at, below(state, 3) * below(state, 8), (const unsigned char *)word, length);
        break;
    }
    }
}

static void make(uint64_t run, Input *in) {
    uint64_t state = run * 0x2545F4914F6CDD1Du;
    const Input *seed = &seeds[run < n_seeds ? run : below(&state, n_seeds)];
    memcpy(in->p, seed->p, in->n = seed->n);
    if (run >= n_seeds)
        for (size_t k = 1 + below(&state, 6); k > 0; k--)
            change(in, &state);
}

/* The input lies in memory of just its size, so that a sanitizer sees a read behind it. */
static void give(const Input *in) {
    unsigned char *exact = malloc(in->n ? in->n : 1);
    if (!exact)
        exit(2);
    memcpy(exact, in->p, in->n);
    (void)LLVMFuzzerTestOneInput(exact, in->n);
    free(exact);
}

static uint64_t number(const char *text) {
    return text ? strtoull(text, NULL, 10) : 0;
}

static void run_all(uint64_t runs, uint64_t seconds, volatile uint64_t *at) {
    Input in = {malloc(LARGEST + 1), 0};
    time_t end = time(NULL) + (time_t)seconds;
    for (; seconds ? time(NULL) < end : *at < n_seeds + runs; ++*at) {
        make(*at, &in);
        alarm(SECONDS_A_RUN);
        give(&in);
    }
    free(in.p);
    exit(0);
}

int main(int argc, char **argv) {
    uint64_t runs = 2000, seconds = 0, one = UINT64_MAX;
    const char *save = NULL;
    seeds = calloc((size_t)argc, sizeof *seeds);
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--runs"))
            runs = number(argv[++i]);
        else if (!strcmp(argv[i], "--seconds"))
            seconds = number(argv[++i]);
        else if (!strcmp(argv[i], "--run"))
            one = number(argv[++i]);
        else if (!strcmp(argv[i], "--save"))
            save = argv[++i];
        else
            seeds[n_seeds++] = read_input(argv[i]);
    }
    if (!n_seeds) {
        fputs("no seeds\n", stderr);
        return 2;
    }
    if (one != UINT64_MAX) {
        Input in = {malloc(LARGEST + 1), 0};
        make(one, &in);
        if (save)
            fuzz_write(save, in.p, in.n);
        give(&in);
        return 0;
    }
    volatile uint64_t *at =
        mmap(NULL, sizeof *at, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t child = at == MAP_FAILED ? -1 : fork();
    if (child == 0)
        run_all(runs, seconds, at);
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child)
        return 2;
    if (WIFSIGNALED(status) || WEXITSTATUS(status)) {
        fprintf(stderr, "run %llu: %s %d; again: --run %llu [--save FILE] and the same seeds\n",
                (unsigned long long)*at, WIFSIGNALED(status) ? "signal" : "status",
                WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
                (unsigned long long)*at);
        return 1;
    }
    printf("%llu inputs\n", (unsigned long long)*at);
    return 0;
}
