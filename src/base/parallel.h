/* Work on numbered items in several threads, with results taken in the items' order. */
#ifndef HFFIX_BASE_PARALLEL_H
#define HFFIX_BASE_PARALLEL_H

#include <stddef.h>

typedef struct ParallelJob {
    ptrdiff_t items;
    int threads; /* at least 1; with 1, or with few items, everything runs in the caller's thread */
    void *context;
    /* Called once in each thread before its first item, and after its last. May be NULL. */
    void *(*thread_open)(void *context);
    void (*thread_close)(void *context, void *thread);
    /* Does item i. The result is handed to `finish`. */
    void *(*work)(void *context, void *thread, ptrdiff_t item);
    /* Takes the results one at a time in the order of items, never two at once, while later items
     * are still being worked on. At most a bounded number of results wait. */
    void (*finish)(void *context, ptrdiff_t item, void *result);
} ParallelJob;

void parallel_run(const ParallelJob *job);
int parallel_cores(void); /* cores that this process may use */

#endif
