/*
 * Weighted sums at every step of a sequence [steps, values], over the step itself or over neighbouring ones: a dense layer that
 * all steps share, a convolution over time, and the gradient of a recurrent weight, whose inputs are the states a step before.
 * Weights are PyTorch's of Conv1d: [m, n, taps]. Step t's tap k is at step t + k·dilation − padding; beyond the sequence it is 0.
 */
#pragma once

/* `product`, whose sums may be added to what is there. */
INLINE void stepProduct(
    bool continues, float *z, const float *w, const float *bias, const float *x, int64_t outputs, int64_t terms,
    int64_t outer, int64_t inner, const lc_batch *batch) {
    const int64_t width = roundedUp(batch->count), stride = batch->stride;
    int64_t s = 0;
    for (; s + OUTPUT_VECTORS * LC_LANES <= width; s += OUTPUT_VECTORS * LC_LANES)
        allWeightedSums(
            OUTPUT_ROWS, OUTPUT_VECTORS, continues, z + s, stride, w, outer, inner, bias, x + s, stride, outputs, terms,
            NOTHING_FOLLOWS);
#if OUTPUT_VECTORS > 1
    if (s < width)
        allWeightedSums(
            SINGLE_OUTPUT_ROWS, 1, continues, z + s, stride, w, outer, inner, bias, x + s, stride, outputs, terms,
            NOTHING_FOLLOWS);
#endif
}

/* The two as functions: they are called from many places. */
__attribute__((noinline)) static void newStepProduct(
    float *z, const float *w, const float *bias, const float *x, int64_t outputs, int64_t terms, int64_t outer,
    int64_t inner, const lc_batch *batch) {
    stepProduct(false, z, w, bias, x, outputs, terms, outer, inner, batch);
}

__attribute__((noinline)) static void addStepProduct(
    float *z, const float *w, const float *x, int64_t outputs, int64_t terms, int64_t outer, int64_t inner,
    const lc_batch *batch) {
    stepProduct(true, z, w, NULL, x, outputs, terms, outer, inner, batch);
}

/* Writes one number to each of `rows` rows. */
INLINE void fillRows(float *a, int64_t rows, const float *values, const lc_batch *batch) {
    const int64_t width = roundedUp(batch->count);
    for (int64_t i = 0; i < rows; i++)
        for (int64_t s = 0; s < width; s += LC_LANES) store(a + i * batch->stride + s, splat(values ? values[i] : 0));
}

static void stepsAffine(const lc_op *op, const lc_batch *batch) {
    const lc_steps steps = op->steps;
    const int64_t stride = batch->stride, m = op->m, n = op->n;
    for (int32_t t = 0; t < steps.count; t++) {
        float *z = op->a + (int64_t)t * steps.pitch * stride;
        bool begun = false;
        for (int32_t k = 0; k < steps.taps; k++) {
            const int32_t at = t + k * steps.dilation - steps.padding;
            if (at < 0 || at >= steps.count) continue;
            const float *x = op->d + (int64_t)at * steps.inputPitch * stride;
            if (begun)
                addStepProduct(z, op->b + k, x, m, n, n * steps.taps, steps.taps, batch);
            else
                newStepProduct(z, op->b + k, op->c, x, m, n, n * steps.taps, steps.taps, batch);
            begun = true;
        }
        if (!begun) fillRows(z, m, op->c, batch);
    }
}

static void stepsGradInput(const lc_op *op, const lc_batch *batch) {
    const lc_steps steps = op->steps;
    const int64_t stride = batch->stride, m = op->m, n = op->n;
    for (int32_t at = 0; at < steps.count; at++) {
        float *dx = op->a + (int64_t)at * steps.inputPitch * stride;
        bool begun = false;
        for (int32_t k = 0; k < steps.taps; k++) {
            const int32_t t = at - k * steps.dilation + steps.padding;
            if (t < 0 || t >= steps.count) continue;
            const float *dz = op->d + (int64_t)t * steps.pitch * stride;
            if (begun)
                addStepProduct(dx, op->b + k, dz, n, m, steps.taps, n * steps.taps, batch);
            else
                newStepProduct(dx, op->b + k, NULL, dz, n, m, steps.taps, n * steps.taps, batch);
            begun = true;
        }
        if (!begun) fillRows(dx, n, NULL, batch);
    }
}

/* Floats of x over all steps whose gradients are summed before the next. */
#define STEPS_INPUTS 8192

/* A block of gradients, and where its operands lie: `step` floats from one step to the next. */
typedef struct stepBlock {
    float *dw;
    int64_t outer, inner;
    const float *dz, *x;
    int64_t dzStep, xStep, steps, width, stride;
    bool accumulate;
} stepBlock;

/* dw[i·outer + j·inner] (+)= Σ over steps and samples of dz[i]·x[j] for rows × columns weights. */
INLINE void stepGradients(int rows, int columns, const stepBlock *block) {
    const int64_t width = block->width, stride = block->stride;
    halves half[4];
    for (int first = 0; first < columns; first += GRADIENT_AT_ONCE) {
        const int end = first + GRADIENT_AT_ONCE < columns ? first + GRADIENT_AT_ONCE : columns;
        lanes sum[4][4];
        for (int i = 0; i < rows; i++)
            for (int j = first; j < end; j++) sum[i][j] = splat(0);
        for (int64_t t = 0; t < block->steps; t++) {
            const float *dz = block->dz + t * block->dzStep, *x = block->x + t * block->xStep;
            for (int64_t s = 0; s < width; s += LC_LANES) {
                lanes input[4];
                for (int j = first; j < end; j++) input[j] = load(x + j * stride + s);
                for (int i = 0; i < rows; i++) {
                    const lanes gradient = load(dz + i * stride + s);
                    for (int j = first; j < end; j++) sum[i][j] = multiplyAdd(gradient, input[j], sum[i][j]);
                }
            }
        }
        for (int j = first; j < end; j++)
            half[j] = foldColumn(rows, sum[0][j], sum[1 % rows][j], sum[2 % rows][j], sum[3 % rows][j]);
    }
    const lanes total = sumHalves(columns, half);
    for (int i = 0; i < rows; i++) {
        const quad part = quarter(total, i);
        for (int j = 0; j < columns; j++) {
            float *out = block->dw + i * block->outer + j * block->inner;
            *out = block->accumulate ? *out + part[j] : part[j];
        }
    }
}

/* All rows of `columns` columns. */
INLINE void stepGradientRows(int columns, stepBlock block, int64_t m) {
    int64_t i = 0;
#define BLOCK(rows) \
    (stepGradients(rows, columns, &block), block.dw += rows * block.outer, block.dz += rows * block.stride, i += rows)
    while (m - i >= GRADIENT_ROWS) BLOCK(GRADIENT_ROWS);
#if GRADIENT_ROWS == 4
    if (m - i >= 2) BLOCK(2);
#endif
    if (i < m) BLOCK(1);
#undef BLOCK
}

/* Functions of their own, so that registers are not shared. */
__attribute__((noinline)) static void stepGradientsOfColumns(const stepBlock *block, int64_t m) {
    stepGradientRows(GRADIENT_COLUMNS, *block, m);
}

__attribute__((noinline)) static void stepGradientsOfColumn(const stepBlock *block, int64_t m) {
    stepGradientRows(1, *block, m);
}

/* db[i] (+)= the sums of dz over steps and samples. */
static void stepBiasGradients(
    float *db, const float *dz, int64_t m, int64_t step, int64_t steps, int64_t width, int64_t stride, bool accumulate) {
    for (int64_t i = 0; i < m; i++) {
        lanes sum = splat(0);
        for (int64_t t = 0; t < steps; t++)
            for (int64_t s = 0; s < width; s += LC_LANES) sum += load(dz + t * step + i * stride + s);
        const float total = sumOfLanes(sum);
        db[i] = accumulate ? db[i] + total : total;
    }
}

static void stepsGradParams(const lc_op *op, const lc_batch *batch) {
    const lc_steps steps = op->steps;
    const int64_t stride = batch->stride, width = roundedUp(batch->count), m = op->m, n = op->n;
    const bool accumulate = ((op->flags | batch->flags) & LC_ACCUMULATE) != 0;
    const int64_t dzStep = steps.pitch * stride, xStep = steps.inputPitch * stride;
    if (op->c) stepBiasGradients(op->c, op->d, m, dzStep, steps.count, width, stride, accumulate);
    const int64_t most = STEPS_INPUTS / (width * GRADIENT_COLUMNS), atOnce = most > 1 ? most : 1;
    for (int32_t k = 0; k < steps.taps; k++) {
        /* The steps whose tap lies in the sequence. */
        const int64_t shift = (int64_t)k * steps.dilation - steps.padding;
        const int64_t first = shift < 0 ? -shift : 0, end = shift > 0 ? steps.count - shift : steps.count;
        stepBlock block = {.outer = n * steps.taps, .inner = steps.taps, .dzStep = dzStep, .xStep = xStep,
                           .width = width, .stride = stride};
        int64_t t = first;
        do {
            const int64_t left = end > t ? end - t : 0;
            block.steps = left < atOnce ? left : atOnce;
            block.accumulate = accumulate || t > first;
            block.dz = op->d + t * dzStep;
            int64_t j = 0;
            while (j < n) {
                block.dw = op->a + k + j * steps.taps;
                block.x = op->e + (t + shift) * xStep + j * stride;
                if (n - j >= GRADIENT_COLUMNS) {
                    stepGradientsOfColumns(&block, m);
                    j += GRADIENT_COLUMNS;
                } else {
                    stepGradientsOfColumn(&block, m);
                    j++;
                }
            }
            t += atOnce;
        } while (t < end);
    }
}

/* Of each lane of a vector: whether it has a step, and the number of its steps. */
INLINE ints hasStep(const float *lengths, int64_t s, int32_t t) {
    return lengths ? splat((float)t) < load(lengths + s) : splat(0) == splat(0);
}

INLINE lanes stepCount(const float *lengths, int64_t s, int32_t count) {
    return lengths ? atLeast(load(lengths + s), 1) : splat((float)count);
}

static void stepsLast(const lc_op *op, const lc_batch *batch) {
    const int64_t stride = batch->stride, width = roundedUp(batch->count), step = op->steps.pitch * stride;
    for (int64_t s = 0; s < width; s += LC_LANES) {
        const lanes last = stepCount(op->g, s, op->steps.count) - 1;
        for (int32_t t = 0; t < op->steps.count; t++) {
            const ints isLast = last == splat((float)t);
            if (__builtin_reduce_or(isLast) == 0) continue;
            for (int64_t at = s; at < s + (op->m - op->n) * stride; at += stride)
                store(op->a + at, choose(isLast, load(op->b + t * step + at), load(op->a + at)));
        }
        for (int64_t at = s + (op->m - op->n) * stride; at < s + op->m * stride; at += stride)
            store(op->a + at, load(op->b + at));
    }
}

static void stepsLastGrad(const lc_op *op, const lc_batch *batch) {
    const int64_t stride = batch->stride, width = roundedUp(batch->count), step = op->steps.pitch * stride;
    for (int64_t s = 0; s < width; s += LC_LANES) {
        const lanes last = stepCount(op->g, s, op->steps.count) - 1;
        for (int32_t t = 0; t < op->steps.count; t++) {
            const ints isLast = last == splat((float)t);
            for (int64_t j = 0; j < op->m; j++) {
                const int64_t at = s + j * stride;
                const ints isTaken = j < op->m - op->n ? isLast : splat((float)t) == splat(0);
                store(op->a + t * step + at, choose(isTaken, load(op->b + at), splat(0)));
            }
        }
    }
}

static void stepsSum(const lc_op *op, const lc_batch *batch) {
    const int64_t stride = batch->stride, width = roundedUp(batch->count), step = op->steps.pitch * stride;
    for (int64_t s = 0; s < width; s += LC_LANES) {
        const lanes factor = op->p[0] / (op->p[1] == 1 ? stepCount(op->g, s, op->steps.count) : splat(1));
        for (int64_t at = s; at < s + op->m * stride; at += stride) {
            lanes sum = splat(0);
            for (int32_t t = 0; t < op->steps.count; t++)
                sum += choose(hasStep(op->g, s, t), load(op->b + t * step + at), splat(0));
            store(op->a + at, factor * sum);
        }
    }
}

static void stepsSpread(const lc_op *op, const lc_batch *batch) {
    const int64_t stride = batch->stride, width = roundedUp(batch->count), step = op->steps.pitch * stride;
    for (int64_t s = 0; s < width; s += LC_LANES) {
        const lanes factor = op->p[0] / (op->p[1] == 1 ? stepCount(op->g, s, op->steps.count) : splat(1));
        for (int32_t t = 0; t < op->steps.count; t++) {
            const lanes own = choose(hasStep(op->g, s, t), factor, splat(0));
            for (int64_t at = s; at < s + op->m * stride; at += stride)
                store(op->a + t * step + at, own * load(op->b + at));
        }
    }
}

static void stepsLossGrad(const lc_op *op, const lc_batch *batch) {
    const int64_t stride = batch->stride, width = roundedUp(batch->count), step = op->m * stride;
    lc_op own = *op;
    for (int32_t t = 0; t < op->steps.count; t++) {
        own.a = op->a + t * step;
        own.b = op->b + t * step;
        own.c = op->c + t * step;
        lossGradTable[op->kind](&own, batch);
        for (int64_t i = 0; i < op->m; i++)
            for (int64_t s = 0; s < width; s += LC_LANES) {
                float *gradient = own.a + i * stride + s;
                store(gradient, load(gradient) * load(op->g + t * stride + s));
            }
    }
}

static double stepsLoss(
    int32_t kind, const float *p, const float *y, const float *t, const float *shares, int32_t units, int32_t steps,
    const lc_batch *batch) {
    doubles sum = 0;
    for (int32_t step = 0; step < steps; step++)
        for (int32_t s = 0; s < batch->count; s += LC_LANES) {
            const int64_t at = (int64_t)step * units * batch->stride + s;
            lc_batch own = *batch;
            own.count = batch->count - s < LC_LANES ? batch->count - s : LC_LANES;
            doubles part;
            lossSums(kind, p, y + at, t + at, units, &own, &part);
            sum += part * __builtin_convertvector(load(shares + (int64_t)step * batch->stride + s), doubles);
        }
    return sumOfDoubles(sum);
}
