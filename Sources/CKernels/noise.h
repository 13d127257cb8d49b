/* Gaussian noise from the counter-based generator. */
#pragma once

#include "generator.h"

/* a = b + p0·noise, stream `kind` of the generator. */
static void noise(const lc_op *op, const lc_batch *batch) {
    const uint64_t key = noiseKey(batch->seed, batch->counter, op->kind);
    const words low = (words)(uint32_t)key, high = (words)(uint32_t)(key >> 32);
    for (int64_t u = 0; u < op->m; u++)
        for (int64_t s = 0; s < batch->count; s += LC_LANES) {
            const int64_t at = u * batch->stride + s;
            const words sample = __builtin_convertvector(laneIndex(), words) + (uint32_t)(batch->first + s);
            store(op->a + at, load(op->b + at) + op->p[0] * normalOf(low, high, (uint32_t)u, sample));
        }
}
