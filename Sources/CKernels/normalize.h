/* Normalization over a sample's units or over a batch's samples, and a scale and a shift for each unit. */
#pragma once

#include "generator.h"

/* A parameter of a unit: one number for all lanes, or each network's own. */
INLINE lanes unitParameter(const float *base, int64_t unit, const lc_batch *batch) {
    return batch->flags & LC_NETWORK_LANES ? load(base + unit * LC_LANES) : splat(base[unit]);
}

INLINE void setUnitParameter(float *base, int64_t unit, const lc_batch *batch, lanes value) {
    if (batch->flags & LC_NETWORK_LANES)
        store(base + unit * LC_LANES, value);
    else
        base[unit] = value[0];
}

/* The samples of one network. */
INLINE int64_t samplesOf(const lc_batch *batch) {
    return batch->flags & LC_NETWORK_LANES ? batch->count / LC_LANES : batch->count;
}

INLINE lanes sampleTerm(const float *a, const float *b, lanes center, int64_t at) {
    const lanes left = load(a + at) - center;
    return b ? left * (load(b + at) - center) : left;
}

/*
 * Σ over the samples of (a − center)·(b − center), or of a − center where b is NULL, in every lane. Sample s goes to partial
 * sum s mod 16, and the sixteen are added in the tree of sumLanes, whether a lane is a sample or a network: a network's
 * bits do not depend on whether it trains alone.
 */
INLINE lanes sampleSum(const float *a, const float *b, lanes center, const lc_batch *batch) {
    if (batch->flags & LC_NETWORK_LANES) {
        lanes partial[LC_LANES];
        for (int i = 0; i < LC_LANES; i++) partial[i] = splat(0);
        for (int64_t s = 0; s < samplesOf(batch); s++) partial[s % LC_LANES] += sampleTerm(a, b, center, s * LC_LANES);
        for (int width = LC_LANES / 2; width > 0; width /= 2)
            for (int i = 0; i < width; i++) partial[i] += partial[i + width];
        return partial[0];
    }
    lanes sum = splat(0);
    int64_t s = 0;
    for (; s + LC_LANES <= batch->count; s += LC_LANES) sum += sampleTerm(a, b, center, s);
    if (s < batch->count)
        sum += choose(laneIndex() < (ints)(int32_t)(batch->count - s), sampleTerm(a, b, center, s), splat(0));
    return splat(sumOfLanes(sum));
}

/* a = (b − mean)/√(variance + p1) over the batch, c = 1/√(variance + p1) in every lane; the running mean d and the running
   variance e move by p0 towards the batch's (its unbiased variance). */
static void normalizeBatch(const lc_op *op, const lc_batch *batch) {
    const float momentum = op->p[0], epsilon = op->p[1], count = samplesOf(batch);
    const int64_t width = roundedUp(batch->count);
    for (int64_t u = 0; u < op->m; u++) {
        const int64_t row = u * batch->stride;
        const lanes mean = sampleSum(op->b + row, NULL, splat(0), batch) / count;
        const lanes variance = sampleSum(op->b + row, op->b + row, mean, batch) / count;
        const lanes inverse = 1 / squareRoot(variance + epsilon);
        for (int64_t s = 0; s < width; s += LC_LANES) {
            /* 0 in lanes without a sample: what such layers multiply there would grow without bound. */
            const lanes y = (load(op->b + row + s) - mean) * inverse;
            store(op->a + row + s, choose(laneIndex() + (int32_t)s < batch->count, y, splat(0)));
            store(op->c + row + s, inverse);
        }
        const lanes unbiased = count > 1 ? variance * (count / (count - 1)) : variance;
        setUnitParameter(
            op->d, u, batch, (1 - momentum) * unitParameter(op->d, u, batch) + momentum * mean);
        setUnitParameter(
            op->e, u, batch, (1 - momentum) * unitParameter(op->e, u, batch) + momentum * unbiased);
    }
}

/* a = c·(b − mean of b − e·mean of b·e), with e = normalizeBatch's result; 0 in lanes without a sample. */
static void normalizeBatchGrad(const lc_op *op, const lc_batch *batch) {
    const float count = samplesOf(batch);
    const int64_t width = roundedUp(batch->count);
    for (int64_t u = 0; u < op->m; u++) {
        const int64_t row = u * batch->stride;
        const lanes mean = sampleSum(op->b + row, NULL, splat(0), batch) / count;
        const lanes slope = sampleSum(op->b + row, op->e + row, splat(0), batch) / count;
        for (int64_t s = 0; s < width; s += LC_LANES) {
            const int64_t at = row + s;
            const lanes dx = load(op->c + at) * (load(op->b + at) - mean - load(op->e + at) * slope);
            store(op->a + at, choose(laneIndex() + (int32_t)s < batch->count, dx, splat(0)));
        }
    }
}

/* a = (b − c[m])/√(d[m] + p1): normalizeBatch with running statistics. */
static void normalizeByState(const lc_op *op, const lc_batch *batch) {
    const int64_t width = roundedUp(batch->count);
    for (int64_t u = 0; u < op->m; u++) {
        const int64_t row = u * batch->stride;
        const lanes mean = unitParameter(op->c, u, batch);
        const lanes inverse = 1 / squareRoot(unitParameter(op->d, u, batch) + op->p[1]);
        for (int64_t at = row; at < row + width; at += LC_LANES) store(op->a + at, (load(op->b + at) - mean) * inverse);
    }
}

/* a = b/√(d[m] + p1) */
static void normalizeByStateGrad(const lc_op *op, const lc_batch *batch) {
    const int64_t width = roundedUp(batch->count);
    for (int64_t u = 0; u < op->m; u++) {
        const int64_t row = u * batch->stride;
        const lanes inverse = 1 / squareRoot(unitParameter(op->d, u, batch) + op->p[1]);
        for (int64_t at = row; at < row + width; at += LC_LANES) store(op->a + at, load(op->b + at) * inverse);
    }
}

/* a = (b − mean)/√(variance + p0) over the m units of each sample, c[1, B] = 1/√(variance + p0). */
static void normalizeUnits(const lc_op *op, const lc_batch *batch) {
    const int64_t stride = batch->stride, width = roundedUp(batch->count), end = op->m * stride;
    for (int64_t s = 0; s < width; s += LC_LANES) {
        lanes mean = splat(0), variance = splat(0);
        for (int64_t u = s; u < end; u += stride) mean += load(op->b + u);
        mean /= (float)op->m;
        for (int64_t u = s; u < end; u += stride) variance += (load(op->b + u) - mean) * (load(op->b + u) - mean);
        const lanes inverse = 1 / squareRoot(variance / (float)op->m + op->p[0]);
        for (int64_t u = s; u < end; u += stride) store(op->a + u, (load(op->b + u) - mean) * inverse);
        store(op->c + s, inverse);
    }
}

/* a = c·(b − mean of b − e·mean of b·e) over the units of each sample, with e = normalizeUnits' result. */
static void normalizeUnitsGrad(const lc_op *op, const lc_batch *batch) {
    const int64_t stride = batch->stride, width = roundedUp(batch->count), end = op->m * stride;
    for (int64_t s = 0; s < width; s += LC_LANES) {
        lanes mean = splat(0), slope = splat(0);
        for (int64_t u = s; u < end; u += stride) {
            mean += load(op->b + u);
            slope += load(op->b + u) * load(op->e + u);
        }
        mean /= (float)op->m;
        slope /= (float)op->m;
        for (int64_t u = s; u < end; u += stride)
            store(op->a + u, load(op->c + s) * (load(op->b + u) - mean - load(op->e + u) * slope));
    }
}

/* a = c[m] ∘ b + d[m] (d may be missing). */
static void scaleShift(const lc_op *op, const lc_batch *batch) {
    const int64_t width = roundedUp(batch->count);
    for (int64_t u = 0; u < op->m; u++) {
        const int64_t row = u * batch->stride;
        const lanes scale = unitParameter(op->c, u, batch);
        const lanes shift = op->d ? unitParameter(op->d, u, batch) : splat(0);
        for (int64_t at = row; at < row + width; at += LC_LANES) store(op->a + at, scale * load(op->b + at) + shift);
    }
}

/* a[m] (+)= Σ over the samples of b ∘ d, c[m] (+)= Σ b. */
static void scaleShiftGrad(const lc_op *op, const lc_batch *batch) {
    const bool accumulate = ((op->flags | batch->flags) & LC_ACCUMULATE) != 0;
    for (int64_t u = 0; u < op->m; u++) {
        const int64_t row = u * batch->stride;
        const lanes scale = sampleSum(op->b + row, op->d + row, splat(0), batch);
        const lanes shift = sampleSum(op->b + row, NULL, splat(0), batch);
        setUnitParameter(op->a, u, batch, accumulate ? unitParameter(op->a, u, batch) + scale : scale);
        setUnitParameter(op->c, u, batch, accumulate ? unitParameter(op->c, u, batch) + shift : shift);
    }
}
