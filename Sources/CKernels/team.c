/* A team of threads that does the parts of one task at once. */
#define _GNU_SOURCE 1
#include "CKernels.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

/* How often a worker looks for the next task before it sleeps: some 20 microseconds, more than passes between two
   products of one training step, and far less than between two pictures. */
enum { SPINS = 4000 };

struct lc_team {
    int32_t size;
    pthread_t *threads;
    /* What is to be done: written before the task is announced, and left alone until all its parts are done. */
    void (*work)(void *, int32_t);
    void *context;
    _Atomic uint32_t parts;
    /* The task's number, and in the lower half its next part: who raises it has that part. */
    _Atomic uint64_t next;
    _Atomic uint32_t unfinished;
    _Atomic int32_t sleeping;
    _Atomic bool ending;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
};

static inline void relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static uint32_t task_number(lc_team *team) {
    return (uint32_t)(atomic_load_explicit(&team->next, memory_order_acquire) >> 32);
}

/* Waits for a task other than `last`. */
static uint32_t next_task(lc_team *team, uint32_t last) {
    for (int i = 0; i < SPINS; i++) {
        const uint32_t task = task_number(team);
        if (task != last) return task;
        relax();
    }
    pthread_mutex_lock(&team->mutex);
    atomic_fetch_add(&team->sleeping, 1);
    uint32_t task;
    while ((task = task_number(team)) == last) pthread_cond_wait(&team->wake, &team->mutex);
    atomic_fetch_sub(&team->sleeping, 1);
    pthread_mutex_unlock(&team->mutex);
    return task;
}

/* Does parts of the task until none is left. A thread that comes late finds another task's number, and one that the
   system has put aside keeps nobody waiting for parts that it has not begun. */
static void take_part(lc_team *team, uint32_t task) {
    uint64_t next = atomic_load(&team->next);
    while ((uint32_t)(next >> 32) == task && (uint32_t)next < atomic_load(&team->parts)) {
        if (!atomic_compare_exchange_weak(&team->next, &next, next + 1)) continue;
        team->work(team->context, (int32_t)(uint32_t)next);
        atomic_fetch_sub_explicit(&team->unfinished, 1, memory_order_release);
        next = atomic_load(&team->next);
    }
}

static void *worker(void *argument) {
    lc_team *team = argument;
    uint32_t task = 0;
    while (true) {
        task = next_task(team, task);
        if (atomic_load(&team->ending)) return NULL;
        take_part(team, task);
    }
}

/* A new task of so many parts. Returns its number. */
static uint32_t announce(lc_team *team, uint32_t parts) {
    const uint32_t task = task_number(team) + 1;
    atomic_store(&team->unfinished, parts);
    atomic_store(&team->parts, parts);
    atomic_store(&team->next, (uint64_t)task << 32);
    if (atomic_load(&team->sleeping) != 0) {
        pthread_mutex_lock(&team->mutex);
        pthread_cond_broadcast(&team->wake);
        pthread_mutex_unlock(&team->mutex);
    }
    return task;
}

lc_team *lc_team_create(int32_t threads) {
    lc_team *team = calloc(1, sizeof *team);
    team->threads = calloc((size_t)threads, sizeof *team->threads);
    team->size = 1;
    pthread_mutex_init(&team->mutex, NULL);
    pthread_cond_init(&team->wake, NULL);
    /* Signals belong to the threads that know the terminal; a fault must still be the faulting thread's own. */
    sigset_t all, before;
    sigfillset(&all);
    const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT};
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) sigdelset(&all, faults[i]);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (team->size < threads) {
        /* A smaller team does the same. */
        if (pthread_create(&team->threads[team->size], NULL, worker, team) != 0) break;
        team->size++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return team;
}

int32_t lc_team_size(const lc_team *team) { return team->size; }

void lc_team_run(lc_team *team, int32_t parts, void (*work)(void *, int32_t), void *context) {
    if (team->size == 1 || parts == 1) {
        for (int32_t part = 0; part < parts; part++) work(context, part);
        return;
    }
    team->work = work;
    team->context = context;
    take_part(team, announce(team, (uint32_t)parts));
    /* What another thread has begun is nearly done, unless the system has put that thread aside. */
    for (int spins = 0; atomic_load_explicit(&team->unfinished, memory_order_acquire) != 0; spins++) {
        if (spins < SPINS)
            relax();
        else
            sched_yield();
    }
}

void lc_team_destroy(lc_team *team) {
    atomic_store(&team->ending, true);
    announce(team, 0);
    for (int32_t part = 1; part < team->size; part++) pthread_join(team->threads[part], NULL);
    pthread_cond_destroy(&team->wake);
    pthread_mutex_destroy(&team->mutex);
    free(team->threads);
    free(team);
}
