/* A team of threads that does the parts of one task at once. */
#define _GNU_SOURCE 1
#include "CKernels.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

/* How often a worker looks for the next task before it sleeps: some 20 microseconds, more than passes between two
   products of one training step, and far less than between two pictures. */
enum { SPINS = 4000 };

struct lc_team {
    int32_t size;
    pthread_t *threads;
    void (*work)(void *, int32_t);
    void *context;
    _Atomic uint32_t task;    /* counts the tasks; odd steps do not matter, only that it changes */
    _Atomic int32_t working;  /* workers that have not finished the present task */
    _Atomic int32_t sleeping;
    _Atomic bool ending;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
};

typedef struct member {
    lc_team *team;
    int32_t part;
} member;

static inline void relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Waits for a task other than `last`. */
static uint32_t next_task(lc_team *team, uint32_t last) {
    for (int i = 0; i < SPINS; i++) {
        const uint32_t task = atomic_load_explicit(&team->task, memory_order_acquire);
        if (task != last) return task;
        relax();
    }
    pthread_mutex_lock(&team->mutex);
    atomic_fetch_add(&team->sleeping, 1);
    uint32_t task;
    while ((task = atomic_load(&team->task)) == last) pthread_cond_wait(&team->wake, &team->mutex);
    atomic_fetch_sub(&team->sleeping, 1);
    pthread_mutex_unlock(&team->mutex);
    return task;
}

static void *worker(void *argument) {
    member *self = argument;
    lc_team *team = self->team;
    const int32_t part = self->part;
    free(self);
    uint32_t task = 0;
    while (true) {
        task = next_task(team, task);
        if (atomic_load(&team->ending)) return NULL;
        team->work(team->context, part);
        atomic_fetch_sub_explicit(&team->working, 1, memory_order_release);
    }
}

static void announce(lc_team *team) {
    atomic_fetch_add(&team->task, 1);
    if (atomic_load(&team->sleeping) == 0) return;
    pthread_mutex_lock(&team->mutex);
    pthread_cond_broadcast(&team->wake);
    pthread_mutex_unlock(&team->mutex);
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
    for (int32_t part = 1; part < threads; part++) {
        member *self = malloc(sizeof *self);
        *self = (member){team, part};
        if (pthread_create(&team->threads[part], NULL, worker, self) != 0) {
            /* A smaller team does the same. */
            free(self);
            break;
        }
        team->size++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return team;
}

int32_t lc_team_size(const lc_team *team) { return team->size; }

void lc_team_run(lc_team *team, void (*work)(void *, int32_t), void *context) {
    if (team->size > 1) {
        team->work = work;
        team->context = context;
        atomic_store(&team->working, team->size - 1);
        announce(team);
    }
    work(context, 0);
    /* The parts are alike, so the wait is short, unless another program has the core. */
    for (int spins = 0; atomic_load_explicit(&team->working, memory_order_acquire) != 0; spins++) {
        if (spins < SPINS)
            relax();
        else
            sched_yield();
    }
}

void lc_team_destroy(lc_team *team) {
    atomic_store(&team->ending, true);
    announce(team);
    for (int32_t part = 1; part < team->size; part++) pthread_join(team->threads[part], NULL);
    pthread_cond_destroy(&team->wake);
    pthread_mutex_destroy(&team->mutex);
    free(team->threads);
    free(team);
}
