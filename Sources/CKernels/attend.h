/*
 * Scaled dot-product attention of one head over the steps of a sequence. Each step has the rows q, k and v, m of each, one
 * after the other. `e` and `d` hold the weights [steps, steps]: row t tells how much step t takes from each.
 */
#pragma once

/* a[t] = Σ_u w[t,u] v[u] with w[t] = softmax over u of p0·q[t]·k[u], of the sample's own steps, with p1 = 1 of those up to t
   (b = q, k, v; e = w; g = lengths or NULL) */
static void attend(const lc_op *op, const lc_batch *batch) {
    const int64_t stride = batch->stride, width = roundedUp(batch->count), m = op->m, count = op->steps.count;
    for (int64_t s = 0; s < width; s += LC_LANES)
        for (int64_t t = 0; t < count; t++) {
            const float *q = op->b + t * 3 * m * stride + s;
            float *w = op->e + t * count * stride + s, *y = op->a + t * m * stride + s;
            const int64_t end = op->p[1] == 1 ? t + 1 : count;
            lanes largest = splat(-1e30f), total = splat(0);
            for (int64_t u = 0; u < end; u++) {
                const float *k = op->b + (u * 3 * m + m) * stride + s;
                lanes sum = splat(0);
                for (int64_t j = 0; j < m; j++) sum = multiplyAdd(load(q + j * stride), load(k + j * stride), sum);
                sum = choose(hasStep(op->g, s, (int32_t)u), op->p[0] * sum, splat(-1e30f));
                store(w + u * stride, sum);
                largest = greater(largest, sum);
            }
            for (int64_t u = 0; u < end; u++) {
                const lanes share = choose(
                    hasStep(op->g, s, (int32_t)u), exponential(load(w + u * stride) - largest), splat(0));
                store(w + u * stride, share);
                total += share;
            }
            for (int64_t u = 0; u < count; u++)
                store(w + u * stride, u < end ? load(w + u * stride) / atLeast(total, 1e-30f) : splat(0));
            for (int64_t j = 0; j < m; j++) {
                lanes sum = splat(0);
                for (int64_t u = 0; u < end; u++)
                    sum = multiplyAdd(
                        load(w + u * stride), load(op->b + (u * 3 * m + 2 * m + j) * stride + s), sum);
                store(y + j * stride, sum);
            }
        }
}

/* a = the gradients at q, k and v; d = w, in whose place come the gradients at the products p0·q·k (b = q, k, v; e = dy) */
static void attendGrad(const lc_op *op, const lc_batch *batch) {
    const int64_t stride = batch->stride, width = roundedUp(batch->count), m = op->m, count = op->steps.count;
    for (int64_t s = 0; s < width; s += LC_LANES) {
        for (int64_t row = 0; row < count * 3 * m; row++) store(op->a + row * stride + s, splat(0));
        for (int64_t t = 0; t < count; t++) {
            const float *q = op->b + t * 3 * m * stride + s, *dy = op->e + t * m * stride + s;
            float *w = op->d + t * count * stride + s, *dq = op->a + t * 3 * m * stride + s;
            const int64_t end = op->p[1] == 1 ? t + 1 : count;
            lanes whole = splat(0);
            for (int turn = 0; turn < 2; turn++)
                for (int64_t u = 0; u < end; u++) {
                    const float *k = op->b + (u * 3 * m + m) * stride + s, *v = k + m * stride;
                    float *dk = op->a + (u * 3 * m + m) * stride + s, *dv = dk + m * stride;
                    const lanes share = load(w + u * stride);
                    lanes slope = splat(0);
                    for (int64_t j = 0; j < m; j++)
                        slope = multiplyAdd(load(dy + j * stride), load(v + j * stride), slope);
                    if (turn == 0) {
                        whole = multiplyAdd(share, slope, whole);
                        continue;
                    }
                    const lanes product = share * (slope - whole), own = op->p[0] * product;
                    store(w + u * stride, product);
                    for (int64_t j = 0; j < m; j++) {
                        const int64_t at = j * stride;
                        store(dq + at, multiplyAdd(own, load(k + at), load(dq + at)));
                        store(dk + at, multiplyAdd(own, load(q + at), load(dk + at)));
                        store(dv + at, multiplyAdd(share, load(dy + at), load(dv + at)));
                    }
                }
        }
    }
}
