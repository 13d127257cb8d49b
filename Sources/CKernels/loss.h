/* The losses: for each entry of the list the sum of its values, and its gradients. */
#pragma once

/* Which lanes of the vector that begins at sample s are in use. */
INLINE ints lanesInUse(int64_t s, const lc_batch *batch) { return laneIndex() < (int32_t)(batch->count - s); }

/* For the losses whose outputs stand alone. */
INLINE column noColumn(const float *y, int32_t units, int64_t stride) { return (column){splat(0), splat(0)}; }

#define LC_LOSS(symbol, id, value, gradient) LOSS_LOOPS(symbol, value, gradient, noColumn)
#define LC_COLUMN_LOSS(symbol, id, value, gradient) LOSS_LOOPS(symbol, value, gradient, columnOf)
#define LOSS_LOOPS(symbol, valueOf, gradientOf, columnFrom)                                                            \
    INLINE lanes symbol##Loss(lanes y, lanes t, const float *p, column column) { return valueOf; }                     \
    INLINE lanes symbol##Slope(lanes y, lanes t, const float *p, column column) { return gradientOf; }                 \
    static void symbol##Sums(                                                                                          \
        const float *p, const float *y, const float *t, int32_t units, const lc_batch *batch, doubles *sums) {         \
        const int64_t stride = batch->stride;                                                                          \
        doubles sum = 0;                                                                                               \
        for (int64_t s = 0; s < batch->count; s += LC_LANES) {                                                         \
            const column shared = columnFrom(y + s, units, stride);                                                    \
            const ints used = lanesInUse(s, batch);                                                                    \
            for (int64_t at = s; at < s + units * stride; at += stride) {                                              \
                const lanes loss = symbol##Loss(load(y + at), load(t + at), p, shared);                                \
                sum += __builtin_convertvector(choose(used, loss, splat(0)), doubles);                                 \
            }                                                                                                          \
        }                                                                                                              \
        *sums = sum;                                                                                                   \
    }                                                                                                                  \
    static void symbol##LossGrad(const lc_op *op, const lc_batch *batch) {                                             \
        const int64_t stride = batch->stride;                                                                          \
        const int32_t units = op->m;                                                                                   \
        for (int64_t s = 0; s < batch->count; s += LC_LANES) {                                                         \
            const column shared = columnFrom(op->b + s, units, stride);                                                \
            const ints used = lanesInUse(s, batch);                                                                    \
            for (int64_t at = s; at < s + units * stride; at += stride) {                                              \
                const lanes slope = symbol##Slope(load(op->b + at), load(op->c + at), op->p, shared);                  \
                store(op->a + at, choose(used, slope, splat(0)));                                                      \
            }                                                                                                          \
        }                                                                                                              \
    }
#include "losses/list.h"
#undef LOSS_LOOPS

static operation *const lossGradTable[] = {
#define LC_LOSS(symbol, id, value, gradient) symbol##LossGrad,
#include "losses/list.h"
};

/* The sums over the batch, lane by lane. */
static void lossSums(
    int32_t kind, const float *p, const float *y, const float *t, int32_t units, const lc_batch *batch, doubles *sums) {
    static void (*const table[])(const float *, const float *, const float *, int32_t, const lc_batch *, doubles *) = {
#define LC_LOSS(symbol, id, value, gradient) symbol##Sums,
#include "losses/list.h"
    };
    const float none[4] = {0};
    table[kind](p ? p : none, y, t, units, batch, sums);
}

static double loss(
    int32_t kind, const float *p, const float *y, const float *t, int32_t units, const lc_batch *batch) {
    doubles sums;
    lossSums(kind, p, y, t, units, batch, &sums);
    return sumOfDoubles(sums);
}
