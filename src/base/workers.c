/* One run at a time, so the pool is one static object: only the check's main thread calls in
 * here. */
#include "base/workers.h"

#include <pthread.h>
#include <stdbool.h>

enum { MOST_THREADS = 64 };
static const ptrdiff_t WORTH_A_THREAD = 200 * 1000; /* multiplications */

static struct {
    pthread_mutex_t lock;
    pthread_cond_t begin, done;
    pthread_t threads[MOST_THREADS];
    int n;       /* with the caller */
    long run;    /* counts runs */
    int working; /* threads that have not finished the run */
    bool stopping;
    WorkersTask task;
    void *context;
    ptrdiff_t items;
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER,
          .begin = PTHREAD_COND_INITIALIZER,
          .done = PTHREAD_COND_INITIALIZER,
          .n = 1};

static void do_part(int worker) {
    ptrdiff_t from = pool.items * worker / pool.n, end = pool.items * (worker + 1) / pool.n;
    if (end > from)
        pool.task(pool.context, worker, from, end);
}

static void *work(void *argument) {
    int worker = (int)(ptrdiff_t)argument;
    long seen = 0;
    pthread_mutex_lock(&pool.lock);
    for (;;) {
        while (pool.run == seen && !pool.stopping)
            pthread_cond_wait(&pool.begin, &pool.lock);
        if (pool.stopping)
            break;
        seen = pool.run;
        pthread_mutex_unlock(&pool.lock);
        do_part(worker);
        pthread_mutex_lock(&pool.lock);
        if (--pool.working == 0)
            pthread_cond_signal(&pool.done);
    }
    pthread_mutex_unlock(&pool.lock);
    return NULL;
}

void workers_start(int threads) {
    threads = threads > MOST_THREADS ? MOST_THREADS : threads;
    pool.stopping = false;
    pool.run = 0;
    int started = 1;
    while (started < threads &&
           pthread_create(&pool.threads[started], NULL, work, (void *)(ptrdiff_t)started) == 0)
        started++;
    pool.n = started;
}

void workers_stop(void) {
    pthread_mutex_lock(&pool.lock);
    pool.stopping = true;
    pthread_cond_broadcast(&pool.begin);
    pthread_mutex_unlock(&pool.lock);
    for (int i = 1; i < pool.n; i++)
        pthread_join(pool.threads[i], NULL);
    pool.n = 1;
}

int workers_count(void) {
    return pool.n;
}

void workers_run(WorkersTask task, void *context, ptrdiff_t items, ptrdiff_t cost) {
    if (pool.n == 1 || items < pool.n || cost < WORTH_A_THREAD / items) {
        if (items > 0)
            task(context, 0, 0, items);
        return;
    }
    pthread_mutex_lock(&pool.lock);
    pool.task = task;
    pool.context = context;
    pool.items = items;
    pool.working = pool.n - 1;
    pool.run++;
    pthread_cond_broadcast(&pool.begin);
    pthread_mutex_unlock(&pool.lock);
    do_part(0);
    pthread_mutex_lock(&pool.lock);
    while (pool.working > 0)
        pthread_cond_wait(&pool.done, &pool.lock);
    pthread_mutex_unlock(&pool.lock);
}
