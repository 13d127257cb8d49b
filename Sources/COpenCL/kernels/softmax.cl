/* Softmax over the units of each sample: a vector of samples to a work-item. Offsets and the stride count lanes. */

/* The numbers that all units of a sample share: softmax y[k] = e^(y[k] − largest)/sum. */
typedef struct column {
    lanes largest, sum;
} column;

INLINE column columnOf(__global const lanes *y, int units, int stride) {
    column c = {y[0], splat(0)};
    for (int u = 1; u < units; u++) {
        const lanes value = y[u * stride];
        c.largest = choose(value <= c.largest, c.largest, choose(c.largest != c.largest, c.largest, value));
    }
    for (int u = 0; u < units; u++) c.sum += exponential(y[u * stride] - c.largest);
    return c;
}

__kernel void softmax(__global lanes *a, int aAt, __global const lanes *b, int bAt, int units, int stride) {
    FOR_EACH(s, stride) {
        const column c = columnOf(b + bAt + s, units, stride);
        for (int u = 0; u < units; u++)
            a[aAt + s + u * stride] = exponential(b[bAt + s + u * stride] - c.largest) / c.sum;
    }
}

/* dz = y ∘ (dy − Σ_units dy ∘ y) */
__kernel void softmaxGradient(
    __global lanes *a, int aAt, __global const lanes *b, int bAt, __global const lanes *e, int eAt, int units,
    int stride) {
    FOR_EACH(s, stride) {
        lanes sum = splat(0);
        for (int u = 0; u < units; u++) sum += b[bAt + s + u * stride] * e[eAt + s + u * stride];
        for (int u = 0; u < units; u++)
            a[aAt + s + u * stride] = e[eAt + s + u * stride] * (b[bAt + s + u * stride] - sum);
    }
}
