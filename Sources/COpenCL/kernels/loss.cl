/* Losses: their gradients, and what each sample comes to: a vector of samples to a work-item. */

INLINE column noColumn(__global const lanes *y, int units, int stride) {
    column c = {splat(0), splat(0)};
    return c;
}

/* COLUMN: columnOf for the losses whose terms need all outputs of a sample, else noColumn. */
#define LC_LOSS(symbol, value, gradient, COLUMN)                                                              \
    INLINE lanes symbol##Loss(lanes y, lanes t, const float *p, column column) { return value; }              \
    INLINE lanes symbol##Slope(lanes y, lanes t, const float *p, column column) { return gradient; }

#define LC_LOSS_KERNELS(symbol, COLUMN)                                                                       \
    __kernel void symbol##LossGradient(                                                                       \
        __global lanes *a, int aAt, __global const lanes *b, int bAt, __global const lanes *c, int cAt,       \
        float4 knobs, int units, int stride, int count) {                                                     \
        const float p[4] = {knobs.x, knobs.y, knobs.z, knobs.w};                                              \
        FOR_EACH(s, stride) {                                                                                 \
            const column shared = COLUMN(b + bAt + s, units, stride);                                         \
            const ints used = LANE_INDEX + s * LC_LANES < (ints)(count);                                      \
            for (int u = 0; u < units; u++) {                                                                 \
                const int at = s + u * stride;                                                                \
                a[aAt + at] = choose(used, symbol##Slope(b[bAt + at], c[cAt + at], p, shared), splat(0));     \
            }                                                                                                 \
        }                                                                                                     \
    }                                                                                                         \
    __kernel void symbol##LossValue(                                                                          \
        __global lanes *sums, __global const lanes *b, int bAt, __global const lanes *c, int cAt,             \
        float4 knobs, int units, int stride) {                                                                \
        const float p[4] = {knobs.x, knobs.y, knobs.z, knobs.w};                                              \
        FOR_EACH(s, stride) {                                                                                 \
            const column shared = COLUMN(b + bAt + s, units, stride);                                         \
            lanes sum = splat(0);                                                                             \
            for (int u = 0; u < units; u++)                                                                   \
                sum += symbol##Loss(b[bAt + s + u * stride], c[cAt + s + u * stride], p, shared);             \
            sums[s] = sum;                                                                                    \
        }                                                                                                     \
    }

/* The class that the output says: above the boundary, or the largest unit. */
__kernel void answers(
    __global lanes *classes, __global const lanes *y, int yAt, int units, int stride, float boundary) {
    FOR_EACH(s, stride) {
        lanes best = y[yAt + s];
        lanes answer = units == 1 ? choose(best > boundary, splat(1), splat(0)) : splat(0);
        for (int u = 1; u < units; u++) {
            const lanes value = y[yAt + s + u * stride];
            const ints isLarger = value > best;
            answer = choose(isLarger, splat(u), answer);
            best = choose(isLarger, value, best);
        }
        classes[s] = answer;
    }
}
