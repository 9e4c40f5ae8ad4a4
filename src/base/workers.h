/* Threads that wait for rows of a product: starting one for every product would cost more than most
 * products do. */
#ifndef HFFIX_BASE_WORKERS_H
#define HFFIX_BASE_WORKERS_H

#include <stddef.h>

typedef void (*WorkersTask)(void *context, int worker, ptrdiff_t from, ptrdiff_t end);

void workers_start(int threads); /* at least 1: the caller's own; call once, before the first run */
void workers_stop(void);
int workers_count(void);

/* Calls `task` for parts of [0, items), in the caller's thread alone when there is little to do:
 * `cost` is the work of one item in multiplications. */
void workers_run(WorkersTask task, void *context, ptrdiff_t items, ptrdiff_t cost);

#endif
