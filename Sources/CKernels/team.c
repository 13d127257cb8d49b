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

/*
 * All threads look at these: the number of the present task, whether workers may still join it, and how many are at it.
 * Workers join by themselves, so one that sleeps or has no core delays nobody; the rest does its parts. A task of fewer
 * parts than the team has threads is the business of the first threads alone: the others sleep on, for a thread that
 * looks about takes time from its core's other thread.
 */
#define NUMBER 0xFFFFFFFF00000000u
#define ONE_TASK 0x100000000u
#define OPEN 0x80000000u
#define WORKERS 0x7FFFFFFFu

struct lc_team {
    int32_t size;
    int32_t places; /* threads asked for */
    pthread_t *threads;
    lc_work *work;
    void *context;
    int32_t parts;
    _Atomic int32_t next; /* the first part that nobody has taken */
    _Atomic uint64_t state;
    _Atomic int32_t wanted; /* the threads that the present task can use */
    _Atomic int32_t sleeping;
    _Atomic bool ending;
    pthread_mutex_t mutex;
    struct sleeper {
        bool sleeps;
        pthread_cond_t wake;
    } *sleepers; /* for each thread */
};

typedef struct member {
    lc_team *team;
    int32_t thread;
} member;

static inline void relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Whether the state shows a task after `*last` that has a part for the thread, or the end; `*last` follows the others. */
static bool is_called(lc_team *team, int32_t thread, uint64_t *last, uint64_t *state) {
    *state = atomic_load(&team->state);
    if ((*state & NUMBER) == *last) return false;
    if (thread < atomic_load_explicit(&team->wanted, memory_order_relaxed)) return true;
    *last = *state & NUMBER;
    return false;
}

/* Waits until the state shows a task after `last` that has a part for the thread, open or not. */
static uint64_t next_task(lc_team *team, int32_t thread, uint64_t last) {
    uint64_t state;
    for (int i = 0; i < SPINS; i++) {
        if (is_called(team, thread, &last, &state)) return state;
        relax();
    }
    struct sleeper *self = &team->sleepers[thread];
    pthread_mutex_lock(&team->mutex);
    atomic_fetch_add(&team->sleeping, 1);
    self->sleeps = true;
    while (!is_called(team, thread, &last, &state)) pthread_cond_wait(&self->wake, &team->mutex);
    self->sleeps = false;
    atomic_fetch_sub(&team->sleeping, 1);
    pthread_mutex_unlock(&team->mutex);
    return state;
}

/* Takes parts until none is left. Which thread takes which does not matter to the result. */
static void do_parts(lc_team *team, int32_t thread) {
    int32_t part;
    while ((part = atomic_fetch_add_explicit(&team->next, 1, memory_order_relaxed)) < team->parts)
        team->work(team->context, part, thread);
}

static void *worker(void *argument) {
    const member self = *(member *)argument;
    free(argument);
    lc_team *team = self.team;
    uint64_t last = 0;
    while (true) {
        uint64_t state = next_task(team, self.thread, last);
        if (atomic_load(&team->ending)) return NULL;
        last = state & NUMBER;
        bool joined = false;
        while (!joined && (state & OPEN) && (state & NUMBER) == last)
            joined = atomic_compare_exchange_weak_explicit(
                &team->state, &state, state + 1, memory_order_acq_rel, memory_order_acquire);
        if (!joined) continue;
        do_parts(team, self.thread);
        atomic_fetch_sub_explicit(&team->state, 1, memory_order_release);
    }
}

/* Wakes those of the first threads who sleep, after a new task was shown. */
static void ring(lc_team *team, int32_t threads) {
    if (atomic_load(&team->sleeping) == 0) return;
    pthread_mutex_lock(&team->mutex);
    for (int32_t thread = 1; thread < threads; thread++)
        if (team->sleepers[thread].sleeps) pthread_cond_signal(&team->sleepers[thread].wake);
    pthread_mutex_unlock(&team->mutex);
}

lc_team *lc_team_create(int32_t threads) {
    lc_team *team = calloc(1, sizeof *team);
    team->threads = calloc((size_t)threads, sizeof *team->threads);
    team->size = 1;
    team->places = threads;
    team->sleepers = calloc((size_t)threads, sizeof *team->sleepers);
    for (int32_t thread = 0; thread < threads; thread++) pthread_cond_init(&team->sleepers[thread].wake, NULL);
    pthread_mutex_init(&team->mutex, NULL);
    /* Signals belong to the threads that know the terminal; a fault must still be the faulting thread's own. */
    sigset_t all, before;
    sigfillset(&all);
    const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT};
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) sigdelset(&all, faults[i]);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    /* A smaller team does the same. */
    for (int32_t thread = 1; thread < threads; thread++) {
        member *self = malloc(sizeof *self);
        *self = (member){team, thread};
        if (pthread_create(&team->threads[thread], NULL, worker, self) != 0) {
            free(self);
            break;
        }
        team->size++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return team;
}

int32_t lc_team_size(const lc_team *team) { return team->size; }

void lc_team_run(lc_team *team, int32_t parts, lc_work *work, void *context) {
    if (team->size == 1 || parts < 2) {
        for (int32_t part = 0; part < parts; part++) work(context, part, 0);
        return;
    }
    /* Nobody is at the last task any more, nor can join it. */
    team->work = work;
    team->context = context;
    team->parts = parts;
    const int32_t wanted = parts < team->size ? parts : team->size;
    atomic_store_explicit(&team->next, 0, memory_order_relaxed);
    atomic_store_explicit(&team->wanted, wanted, memory_order_relaxed);
    atomic_store(&team->state, ((atomic_load(&team->state) & NUMBER) + ONE_TASK) | OPEN);
    ring(team, wanted);
    do_parts(team, 0);
    atomic_fetch_and(&team->state, ~(uint64_t)OPEN);
    /* A worker has one part left to end at most, a short wait unless another program has its core. */
    for (int spins = 0; atomic_load_explicit(&team->state, memory_order_acquire) & WORKERS; spins++) {
        if (spins < SPINS)
            relax();
        else
            sched_yield();
    }
}

void lc_team_destroy(lc_team *team) {
    atomic_store(&team->ending, true);
    atomic_store(&team->wanted, team->size);
    atomic_fetch_add(&team->state, ONE_TASK);
    ring(team, team->size);
    for (int32_t thread = 1; thread < team->size; thread++) pthread_join(team->threads[thread], NULL);
    for (int32_t thread = 0; thread < team->places; thread++) pthread_cond_destroy(&team->sleepers[thread].wake);
    free(team->sleepers);
    pthread_mutex_destroy(&team->mutex);
    free(team->threads);
    free(team);
}
