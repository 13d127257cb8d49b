/* Dropout, with masks from the counter-based generator. */
#pragma once

#include "generator.h"

/* One mask for all n rows of a unit; n = 0: it has one. */
static void dropout(const lc_op *op, const lc_batch *batch) {
    const int64_t rows = op->n > 1 ? op->n : 1;
    const float rate = op->p[0], kept = rate < 1 ? 1 / (1 - rate) : 0;
    const uint64_t key = noiseKey(batch->seed, batch->counter, op->kind);
    const words low = (words)(uint32_t)key, high = (words)(uint32_t)(key >> 32);
    for (int64_t u = 0; u < op->m; u++)
        for (int64_t s = 0; s < batch->count; s += LC_LANES) {
            const int64_t at = u * rows * batch->stride + s;
            const words sample = __builtin_convertvector(laneIndex(), words) + (uint32_t)(batch->first + s);
            const lanes mask = choose(uniformOf(low, high, (uint32_t)u, sample) < rate, splat(0), splat(kept));
            for (int64_t row = at; row < at + rows * batch->stride; row += batch->stride) {
                store(op->c + row, mask);
                store(op->a + row, load(op->b + row) * mask);
            }
        }
}
