/* Normalization over a sample's units or over a batch's samples, a scale and a shift for each unit, and sums of units. */
#pragma once

#include "generator.h"
#include "places.h"

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
 * Σ over the samples of `rows` rows of (a − center)·(b − center), or of a − center where b is NULL, in every lane. Sample s
 * goes to partial sum s mod 16, and the sixteen are added in the tree of sumLanes, whether a lane is a sample or a network: a
 * network's bits do not depend on whether it trains alone.
 */
INLINE lanes sampleSum(const float *a, const float *b, lanes center, int64_t rows, const lc_batch *batch) {
    const int64_t end = rows * batch->stride;
    if (batch->flags & LC_NETWORK_LANES) {
        lanes partial[LC_LANES];
        for (int i = 0; i < LC_LANES; i++) partial[i] = splat(0);
        for (int64_t row = 0; row < end; row += batch->stride)
            for (int64_t s = 0; s < samplesOf(batch); s++)
                partial[s % LC_LANES] += sampleTerm(a, b, center, row + s * LC_LANES);
        for (int width = LC_LANES / 2; width > 0; width /= 2)
            for (int i = 0; i < width; i++) partial[i] += partial[i + width];
        return partial[0];
    }
    lanes sum = splat(0);
    if (batch->count == batch->stride) {
        for (int64_t at = 0; at < end; at += LC_LANES) sum += sampleTerm(a, b, center, at);
        return splat(sumOfLanes(sum));
    }
    for (int64_t row = 0; row < end; row += batch->stride) {
        int64_t s = 0;
        for (; s + LC_LANES <= batch->count; s += LC_LANES) sum += sampleTerm(a, b, center, row + s);
        if (s < batch->count)
            sum += choose(laneIndex() < (ints)(int32_t)(batch->count - s), sampleTerm(a, b, center, row + s), splat(0));
    }
    return splat(sumOfLanes(sum));
}

/* Σ a and Σ a·b over the samples of `rows` rows, in the order of sampleSum, in one pass over the memory. */
INLINE void sampleSums(
    const float *a, const float *b, int64_t rows, const lc_batch *batch, lanes *sum, lanes *product) {
    if (batch->flags & LC_NETWORK_LANES || batch->count != batch->stride) {
        *sum = sampleSum(a, NULL, splat(0), rows, batch);
        *product = sampleSum(a, b, splat(0), rows, batch);
        return;
    }
    lanes sums = splat(0), products = splat(0);
    const int64_t end = rows * batch->stride;
    for (int64_t at = 0; at < end; at += LC_LANES) {
        const lanes value = load(a + at);
        sums += value;
        products += value * load(b + at);
    }
    *sum = splat(sumOfLanes(sums));
    *product = splat(sumOfLanes(products));
}

/* Runs the statement that follows for each vector of a unit's rows: `at` is its offset, `s` its first lane. */
#define FOR_EACH_OF_UNIT(op, unit, batch, at, s)                                                                    \
    for (int64_t at##Row = (unit) * rowsOf(op) * (batch)->stride, at##End = at##Row + rowsOf(op) * (batch)->stride; \
         at##Row < at##End; at##Row += (batch)->stride)                                                             \
        for (int64_t s = 0, at = at##Row; s < roundedUp((batch)->count); s += LC_LANES, at += LC_LANES)

/* a = (b − mean)/√(variance + p1) over the batch and a unit's rows, c = 1/√(variance + p1) in every lane; the running mean d
   and the running variance e move by p0 towards the batch's (its unbiased variance). */
static void normalizeBatch(const lc_op *op, const lc_batch *batch) {
    const int64_t rows = rowsOf(op);
    const float momentum = op->p[0], epsilon = op->p[1], count = samplesOf(batch) * rows;
    const int64_t width = roundedUp(batch->count);
    for (int64_t u = 0; u < op->m; u++) {
        const float *x = op->b + u * rows * batch->stride;
        const lanes mean = sampleSum(x, NULL, splat(0), rows, batch) / count;
        const lanes variance = sampleSum(x, x, mean, rows, batch) / count;
        const lanes inverse = 1 / squareRoot(variance + epsilon);
        FOR_EACH_OF_UNIT(op, u, batch, at, s) {
            /* 0 in lanes without a sample: what such layers multiply there would grow without bound. */
            const lanes y = (load(op->b + at) - mean) * inverse;
            store(op->a + at, choose(laneIndex() + (int32_t)s < batch->count, y, splat(0)));
        }
        for (int64_t s = 0; s < width; s += LC_LANES) store(op->c + u * batch->stride + s, inverse);
        const lanes unbiased = count > 1 ? variance * (count / (count - 1)) : variance;
        setUnitParameter(
            op->d, u, batch, (1 - momentum) * unitParameter(op->d, u, batch) + momentum * mean);
        setUnitParameter(
            op->e, u, batch, (1 - momentum) * unitParameter(op->e, u, batch) + momentum * unbiased);
    }
}

/* a = c·(b − mean of b − e·mean of b·e), with e = normalizeBatch's result; 0 in lanes without a sample. */
static void normalizeBatchGrad(const lc_op *op, const lc_batch *batch) {
    const int64_t rows = rowsOf(op);
    const float count = samplesOf(batch) * rows;
    for (int64_t u = 0; u < op->m; u++) {
        const float *dy = op->b + u * rows * batch->stride, *y = op->e + u * rows * batch->stride;
        const float *inverse = op->c + u * batch->stride;
        lanes mean, slope;
        sampleSums(dy, y, rows, batch, &mean, &slope);
        mean /= count;
        slope /= count;
        FOR_EACH_OF_UNIT(op, u, batch, at, s) {
            const lanes dx = load(inverse + s) * (load(op->b + at) - mean - load(op->e + at) * slope);
            store(op->a + at, choose(laneIndex() + (int32_t)s < batch->count, dx, splat(0)));
        }
    }
}

/* a = (b − c[m])/√(d[m] + p1): normalizeBatch with running statistics. */
static void normalizeByState(const lc_op *op, const lc_batch *batch) {
    for (int64_t u = 0; u < op->m; u++) {
        const lanes mean = unitParameter(op->c, u, batch);
        const lanes inverse = 1 / squareRoot(unitParameter(op->d, u, batch) + op->p[1]);
        FOR_EACH_OF_UNIT(op, u, batch, at, s) store(op->a + at, (load(op->b + at) - mean) * inverse);
    }
}

/* a = b/√(d[m] + p1) */
static void normalizeByStateGrad(const lc_op *op, const lc_batch *batch) {
    for (int64_t u = 0; u < op->m; u++) {
        const lanes inverse = 1 / squareRoot(unitParameter(op->d, u, batch) + op->p[1]);
        FOR_EACH_OF_UNIT(op, u, batch, at, s) store(op->a + at, load(op->b + at) * inverse);
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

/* a = c[m] ∘ b + d[m] (d may be missing), for all rows of a unit. */
static void scaleShift(const lc_op *op, const lc_batch *batch) {
    for (int64_t u = 0; u < op->m; u++) {
        const lanes scale = op->c ? unitParameter(op->c, u, batch) : splat(1);
        const lanes shift = op->d ? unitParameter(op->d, u, batch) : splat(0);
        FOR_EACH_OF_UNIT(op, u, batch, at, s) store(op->a + at, scale * load(op->b + at) + shift);
    }
}

/* a[m] (+)= Σ over the samples and a unit's rows of b ∘ d, c[m] (+)= Σ b. */
static void scaleShiftGrad(const lc_op *op, const lc_batch *batch) {
    const bool accumulate = ((op->flags | batch->flags) & LC_ACCUMULATE) != 0;
    const int64_t rows = rowsOf(op);
    for (int64_t u = 0; u < op->m; u++) {
        const int64_t first = u * rows * batch->stride;
        lanes scale, shift;
        sampleSums(op->b + first, op->d + first, rows, batch, &shift, &scale);
        setUnitParameter(op->a, u, batch, accumulate ? unitParameter(op->a, u, batch) + scale : scale);
        setUnitParameter(op->c, u, batch, accumulate ? unitParameter(op->c, u, batch) + shift : shift);
    }
}

/* a[m] (+)= Σ of b over the samples and a unit's rows; of single rows as a dense layer's biases' gradients are summed. */
static void sumRows(const lc_op *op, const lc_batch *batch) {
    if (op->n <= 1) {
        rowSums(op, batch);
        return;
    }
    const bool accumulate = ((op->flags | batch->flags) & LC_ACCUMULATE) != 0;
    const int64_t rows = rowsOf(op);
    for (int64_t u = 0; u < op->m; u++) {
        const lanes sum = sampleSum(op->b + u * rows * batch->stride, NULL, splat(0), rows, batch);
        setUnitParameter(op->a, u, batch, accumulate ? unitParameter(op->a, u, batch) + sum : sum);
    }
}

/*
 * Local response normalization over `p0` neighbouring channels: c = p3 + p1/p0·Σ b² of a place's neighbours, a = b/c^p2. m
 * channels of n rows each.
 */
static void respond(const lc_op *op, const lc_batch *batch) {
    const int64_t width = roundedUp(batch->count), stride = batch->stride, size = (int64_t)op->p[0];
    const float share = op->p[1] / op->p[0];
    for (int64_t u = 0; u < op->m; u++) {
        const int64_t first = u > size / 2 ? u - size / 2 : 0;
        const int64_t end = u + (size - 1) / 2 < op->m - 1 ? u + (size - 1) / 2 + 1 : op->m;
        for (int64_t row = 0; row < op->n; row++)
            for (int64_t s = 0; s < width; s += LC_LANES) {
                lanes sum = splat(0);
                for (int64_t v = first; v < end; v++) {
                    const lanes x = load(op->b + (v * op->n + row) * stride + s);
                    sum += x * x;
                }
                const int64_t at = (u * op->n + row) * stride + s;
                const lanes scale = op->p[3] + share * sum;
                store(op->c + at, scale);
                store(op->a + at, load(op->b + at) * exponential(-op->p[2] * logarithm(scale)));
            }
    }
}

/* a = b/c^p2 − 2·p1·p2/p0·d·Σ b·e/c over the channels whose neighbour a channel is: d = respond's input, e its result. */
static void respondGrad(const lc_op *op, const lc_batch *batch) {
    const int64_t width = roundedUp(batch->count), stride = batch->stride, size = (int64_t)op->p[0];
    const float share = 2 * op->p[1] * op->p[2] / op->p[0];
    for (int64_t u = 0; u < op->m; u++) {
        const int64_t first = u > (size - 1) / 2 ? u - (size - 1) / 2 : 0;
        const int64_t end = u + size / 2 < op->m - 1 ? u + size / 2 + 1 : op->m;
        for (int64_t row = 0; row < op->n; row++)
            for (int64_t s = 0; s < width; s += LC_LANES) {
                lanes sum = splat(0);
                for (int64_t v = first; v < end; v++) {
                    const int64_t at = (v * op->n + row) * stride + s;
                    sum += load(op->b + at) * load(op->e + at) / load(op->c + at);
                }
                const int64_t at = (u * op->n + row) * stride + s;
                const lanes power = exponential(-op->p[2] * logarithm(load(op->c + at)));
                store(op->a + at, load(op->b + at) * power - share * load(op->d + at) * sum);
            }
    }
}
