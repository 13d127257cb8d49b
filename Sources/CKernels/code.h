/* The code of an autoencoder: values drawn from a distribution, and penalties on a code. */
#pragma once

#include "generator.h"

/* Lanes without a sample hold 0: penalties and their gradients have no loss that sees to that. */
INLINE lanes ofSamples(lanes x, int64_t s, const lc_batch *batch) {
    return choose(laneIndex() + (int32_t)s < batch->count, x, splat(0));
}

/* a[m] = b[m] + e^(½ b[m + u])·c, with the normal deviates c of stream `kind`: b holds m means, then m logarithms of variances. */
static void drawCode(const lc_op *op, const lc_batch *batch) {
    const uint64_t key = noiseKey(batch->seed, batch->counter, op->kind);
    const words low = (words)(uint32_t)key, high = (words)(uint32_t)(key >> 32);
    const int64_t variances = op->m * batch->stride;
    for (int64_t u = 0; u < op->m; u++)
        for (int64_t s = 0; s < batch->count; s += LC_LANES) {
            const int64_t at = u * batch->stride + s;
            const words number = __builtin_convertvector(laneIndex(), words) + (uint32_t)(batch->first + s);
            const lanes deviate = normalOf(low, high, (uint32_t)u, number);
            store(op->c + at, deviate);
            store(op->a + at, load(op->b + at) + exponential(0.5f * load(op->b + variances + at)) * deviate);
        }
}

/* a[2m] = the gradient at c, of the drawn values' gradient b (which may be missing) by the deviates d (missing: 0), and of p0
   times the divergence. */
static void drawCodeGrad(const lc_op *op, const lc_batch *batch) {
    const int64_t variances = op->m * batch->stride;
    for (int64_t u = 0; u < op->m; u++)
        for (int64_t s = 0; s < batch->count; s += LC_LANES) {
            const int64_t at = u * batch->stride + s;
            const lanes mean = load(op->c + at), deviation = exponential(0.5f * load(op->c + variances + at));
            const lanes dy = op->b ? load(op->b + at) : splat(0), deviate = op->d ? load(op->d + at) : splat(0);
            const lanes byMean = dy + ofSamples(op->p[0] * mean, s, batch);
            const lanes byVariance = 0.5f * (dy * deviate * deviation
                + ofSamples(op->p[0] * (deviation * deviation - 1), s, batch));
            store(op->a + at, byMean);
            store(op->a + variances + at, byVariance);
        }
}

/* a[1] = p0·½ Σ over m of (μ² + e^v − 1 − v), of the means μ and the logarithms v in b[2m]: the divergence from N(0, 1). */
static void codeDivergence(const lc_op *op, const lc_batch *batch) {
    const int64_t variances = op->m * batch->stride;
    for (int64_t s = 0; s < batch->count; s += LC_LANES) {
        lanes sum = splat(0);
        for (int64_t u = 0; u < op->m; u++) {
            const lanes mean = load(op->b + u * batch->stride + s);
            const lanes logarithms = load(op->b + variances + u * batch->stride + s);
            sum += mean * mean + exponential(logarithms) - 1 - logarithms;
        }
        store(op->a + s, ofSamples(0.5f * op->p[0] * sum, s, batch));
    }
}

/* Mean activations below this, or above 1 minus this, are on the tangent of the divergence: it has no value at 0, 1 and beyond. */
#define LEAST_MEAN 0.01f

/* The divergence of a mean activation from its target, and its slope. */
INLINE lanes meanDivergence(lanes mean, float target, lanes *slope) {
    const lanes inside = atMost(atLeast(mean, LEAST_MEAN), 1 - LEAST_MEAN);
    *slope = (1 - target) / (1 - inside) - target / inside;
    return target * logarithm(target / inside) + (1 - target) * logarithm((1 - target) / (1 - inside))
        + *slope * (mean - inside);
}

/* a[m] = p1 · the divergence of each unit's mean over the samples of b[m], of n rows each, from p0, in every lane with a sample. */
static void sparsity(const lc_op *op, const lc_batch *batch) {
    const int64_t rows = rowsOf(op);
    for (int64_t u = 0; u < op->m; u++) {
        const lanes sum = sampleSum(op->b + u * rows * batch->stride, NULL, splat(0), rows, batch);
        lanes slope;
        const lanes value = meanDivergence(sum / (float)(samplesOf(batch) * rows), op->p[0], &slope);
        for (int64_t s = 0; s < batch->count; s += LC_LANES)
            store(op->a + u * batch->stride + s, ofSamples(op->p[1] * value, s, batch));
    }
}

/* a[m] = its gradient at b[m], of n rows each: the loss is the sum over the samples, of which each has the same penalty. */
static void sparsityGrad(const lc_op *op, const lc_batch *batch) {
    const int64_t rows = rowsOf(op);
    for (int64_t u = 0; u < op->m; u++) {
        const lanes sum = sampleSum(op->b + u * rows * batch->stride, NULL, splat(0), rows, batch);
        lanes slope;
        meanDivergence(sum / (float)(samplesOf(batch) * rows), op->p[0], &slope);
        FOR_EACH_OF_UNIT(op, u, batch, at, s) store(op->a + at, ofSamples(op->p[1] * slope / (float)rows, s, batch));
    }
}
