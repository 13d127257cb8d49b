/* Softmax over the units of each sample. */
#pragma once

/* The numbers that all units of sixteen samples share: softmax y[k] = e^(y[k] − largest)/sum. */
typedef struct column {
    lanes largest, sum;
} column;

INLINE column columnOf(const float *y, int32_t units, int64_t stride) {
    column c = {load(y), splat(0)};
    for (int64_t u = 1; u < units; u++) {
        const lanes value = load(y + u * stride);
        /* A NaN stays or comes in. */
        c.largest = choose(value <= c.largest, c.largest, choose(c.largest != c.largest, c.largest, value));
    }
    for (int64_t u = 0; u < units; u++) c.sum += exponential(load(y + u * stride) - c.largest);
    return c;
}

static void softmax(const lc_op *op, const lc_batch *batch) {
    const int64_t stride = batch->stride, width = roundedUp(batch->count);
    for (int64_t s = 0; s < width; s += LC_LANES) {
        const column c = columnOf(op->b + s, op->m, stride);
        for (int64_t u = s; u < s + op->m * stride; u += stride)
            store(op->a + u, exponential(load(op->b + u) - c.largest) / c.sum);
    }
}

/* dz = y ∘ (dy − Σ_units dy ∘ y) */
static void softmaxGrad(const lc_op *op, const lc_batch *batch) {
    const int64_t stride = batch->stride, width = roundedUp(batch->count);
    for (int64_t s = 0; s < width; s += LC_LANES) {
        lanes sum = splat(0);
        for (int64_t u = s; u < s + op->m * stride; u += stride) sum += load(op->b + u) * load(op->e + u);
        for (int64_t u = s; u < s + op->m * stride; u += stride)
            store(op->a + u, load(op->e + u) * (load(op->b + u) - sum));
    }
}
