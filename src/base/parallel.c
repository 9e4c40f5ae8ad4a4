/* A counter hands out items; results wait in a ring until it is their turn. A worker that is a
 * whole ring ahead of the oldest unfinished item waits, so memory stays bounded whatever an item
 * takes. The thread that completes the oldest item passes on all results that have become due. */
#include "base/parallel.h"

#include <pthread.h>
#include <stdbool.h>
#include <unistd.h>

enum { RING = 256, MAX_THREADS = 64, FEW_ITEMS = 8 };

typedef struct Shared {
    const ParallelJob *job;
    pthread_mutex_t lock;
    pthread_cond_t moved; /* `due` has grown */
    ptrdiff_t next, due;  /* first item not handed out; first whose result was not passed on */
    bool finishing;       /* some thread is passing results on */
    void *result[RING];
    bool done[RING];
} Shared;

/* Passes on what is due; called with the lock held, which it gives up around `finish`. */
static void pass_on(Shared *shared) {
    const ParallelJob *job = shared->job;
    if (shared->finishing)
        return;
    shared->finishing = true;
    while (shared->due < job->items && shared->done[shared->due % RING]) {
        ptrdiff_t item = shared->due;
        void *result = shared->result[item % RING];
        pthread_mutex_unlock(&shared->lock);
        job->finish(job->context, item, result);
        pthread_mutex_lock(&shared->lock);
        shared->done[item % RING] = false;
        shared->due++;
        pthread_cond_broadcast(&shared->moved);
    }
    shared->finishing = false;
}

static void *worker(void *argument) {
    Shared *shared = argument;
    const ParallelJob *job = shared->job;
    void *thread = job->thread_open ? job->thread_open(job->context) : NULL;
    pthread_mutex_lock(&shared->lock);
    while (shared->next < job->items) {
        ptrdiff_t item = shared->next;
        if (item - shared->due >= RING) {
            pthread_cond_wait(&shared->moved, &shared->lock);
            continue;
        }
        shared->next++;
        pthread_mutex_unlock(&shared->lock);
        void *result = job->work(job->context, thread, item);
        pthread_mutex_lock(&shared->lock);
        shared->result[item % RING] = result;
        shared->done[item % RING] = true;
        pass_on(shared);
    }
    pthread_mutex_unlock(&shared->lock);
    if (job->thread_close)
        job->thread_close(job->context, thread);
    return NULL;
}

static void run_here(const ParallelJob *job) {
    void *thread = job->thread_open ? job->thread_open(job->context) : NULL;
    for (ptrdiff_t item = 0; item < job->items; item++)
        job->finish(job->context, item, job->work(job->context, thread, item));
    if (job->thread_close)
        job->thread_close(job->context, thread);
}

void parallel_run(const ParallelJob *job) {
    if (job->threads <= 1 || job->items <= FEW_ITEMS) {
        run_here(job);
        return;
    }
    Shared shared = {.job = job};
    pthread_mutex_init(&shared.lock, NULL);
    pthread_cond_init(&shared.moved, NULL);
    pthread_t threads[MAX_THREADS];
    int started = 0;
    int wanted = job->threads < MAX_THREADS ? job->threads : MAX_THREADS;
    while (started < wanted - 1 && !pthread_create(&threads[started], NULL, worker, &shared))
        started++;
    worker(&shared); /* the caller works too, so that it goes on even when no thread starts */
    for (int i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    pthread_cond_destroy(&shared.moved);
    pthread_mutex_destroy(&shared.lock);
}

int parallel_cores(void) {
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores < 1 ? 1 : cores > MAX_THREADS ? MAX_THREADS : (int)cores;
}
