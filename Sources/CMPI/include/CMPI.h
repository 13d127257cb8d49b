/*
 * Ranks: processes that a launcher (mpirun, srun) has started together, on one machine or several, and that MPI connects. Every
 * rank makes the same calls in the same order, and each call waits for all. Where a rank is lost, the launcher ends the others.
 */
#pragma once

#include <stdint.h>

typedef struct lc_ranks {
    int32_t rank, count;         /* this one's number, from 0, and how many there are */
    int32_t onHost;              /* how many of them run on this machine */
} lc_ranks;

/* Joins the others; alone where no launcher started the process. */
lc_ranks lc_ranks_begin(void);
/* Leaves them, before the process ends. */
void lc_ranks_end(void);
/* Ends all ranks at once. */
void lc_ranks_abort(int32_t status);
/* The machine's name. */
const char *lc_ranks_host(void);

/* Leaves in each rank the sums over all of them. */
void lc_ranks_sum_floats(float *values, int64_t count);
void lc_ranks_sum_doubles(double *values, int64_t count);
/* Leaves in each rank the values of rank 0. */
void lc_ranks_spread_doubles(double *values, int64_t count);
/* Leaves in each rank the bytes of all: `all` holds `count` of each, in the ranks' order. */
void lc_ranks_gather(const uint8_t *own, int32_t count, uint8_t *all);
