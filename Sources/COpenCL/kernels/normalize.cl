/*
 * Normalization over a batch (a unit to a work-item) and over a sample's units (a vector of samples to a work-item), a scale
 * and a shift, and Gaussian noise: see normalize.h and noise.h of the processor's kernels. Offsets of rows count lanes.
 */

/* Σ over the samples of (a − center)·(b − center); with `plain`, of a − center. */
INLINE float sampleSum(
    __global const lanes *a, __global const lanes *b, int plain, float center, int stride, int count) {
    lanes sum = splat(0);
    for (int s = 0; s < stride; s++) {
        const lanes left = a[s] - center;
        const lanes term = plain ? left : left * (b[s] - center);
        sum += choose(LANE_INDEX + s * LC_LANES < count, term, splat(0));
    }
    return sumOfLanes(sum);
}

__kernel void normalizeBatch(
    __global lanes *a, int aAt, __global const lanes *b, int bAt, __global lanes *c, int cAt, __global float *mean,
    int meanAt, __global float *variance, int varianceAt, float4 p, int units, int stride, int count) {
    FOR_EACH(u, units) {
        __global const lanes *x = b + bAt + u * stride;
        const float center = sampleSum(x, x, 1, 0.0f, stride, count) / count;
        const float spread = sampleSum(x, x, 0, center, stride, count) / count;
        const float inverse = 1 / sqrt(spread + p.y);
        for (int s = 0; s < stride; s++) {
            a[aAt + u * stride + s] =
                choose(LANE_INDEX + s * LC_LANES < count, (x[s] - center) * inverse, splat(0));
            c[cAt + u * stride + s] = splat(inverse);
        }
        const float unbiased = count > 1 ? spread * ((float)count / (count - 1)) : spread;
        mean[meanAt + u] = (1 - p.x) * mean[meanAt + u] + p.x * center;
        variance[varianceAt + u] = (1 - p.x) * variance[varianceAt + u] + p.x * unbiased;
    }
}

__kernel void normalizeBatchGradient(
    __global lanes *a, int aAt, __global const lanes *b, int bAt, __global const lanes *c, int cAt,
    __global const lanes *e, int eAt, float4 p, int units, int stride, int count) {
    FOR_EACH(u, units) {
        __global const lanes *dy = b + bAt + u * stride, *y = e + eAt + u * stride;
        const float mean = sampleSum(dy, dy, 1, 0.0f, stride, count) / count;
        const float slope = sampleSum(dy, y, 0, 0.0f, stride, count) / count;
        for (int s = 0; s < stride; s++) {
            const lanes dx = c[cAt + u * stride + s] * (dy[s] - mean - y[s] * slope);
            a[aAt + u * stride + s] = choose(LANE_INDEX + s * LC_LANES < count, dx, splat(0));
        }
    }
}

__kernel void normalizeByState(
    __global lanes *a, int aAt, __global const lanes *b, int bAt, __global const float *mean, int meanAt,
    __global const float *variance, int varianceAt, float4 p, int units, int stride, int count) {
    FOR_EACH(u, units) {
        const float inverse = 1 / sqrt(variance[varianceAt + u] + p.y);
        for (int s = 0; s < stride; s++)
            a[aAt + u * stride + s] = (b[bAt + u * stride + s] - mean[meanAt + u]) * inverse;
    }
}

__kernel void normalizeByStateGradient(
    __global lanes *a, int aAt, __global const lanes *b, int bAt, __global const float *variance, int varianceAt,
    float4 p, int units, int stride, int count) {
    FOR_EACH(u, units) {
        const float inverse = 1 / sqrt(variance[varianceAt + u] + p.y);
        for (int s = 0; s < stride; s++) a[aAt + u * stride + s] = b[bAt + u * stride + s] * inverse;
    }
}

__kernel void normalizeUnits(
    __global lanes *a, int aAt, __global const lanes *b, int bAt, __global lanes *c, int cAt, float4 p, int units,
    int stride) {
    FOR_EACH(s, stride) {
        lanes mean = splat(0), variance = splat(0);
        for (int u = 0; u < units; u++) mean += b[bAt + u * stride + s];
        mean /= (float)units;
        for (int u = 0; u < units; u++)
            variance += (b[bAt + u * stride + s] - mean) * (b[bAt + u * stride + s] - mean);
        const lanes inverse = 1 / squareRoot(variance / (float)units + p.x);
        for (int u = 0; u < units; u++) a[aAt + u * stride + s] = (b[bAt + u * stride + s] - mean) * inverse;
        c[cAt + s] = inverse;
    }
}

__kernel void normalizeUnitsGradient(
    __global lanes *a, int aAt, __global const lanes *b, int bAt, __global const lanes *c, int cAt,
    __global const lanes *e, int eAt, int units, int stride) {
    FOR_EACH(s, stride) {
        lanes mean = splat(0), slope = splat(0);
        for (int u = 0; u < units; u++) {
            mean += b[bAt + u * stride + s];
            slope += b[bAt + u * stride + s] * e[eAt + u * stride + s];
        }
        mean /= (float)units;
        slope /= (float)units;
        for (int u = 0; u < units; u++)
            a[aAt + u * stride + s] =
                c[cAt + s] * (b[bAt + u * stride + s] - mean - e[eAt + u * stride + s] * slope);
    }
}

__kernel void scaleShift(
    __global lanes *a, int aAt, __global const lanes *b, int bAt, __global const float *scale, int scaleAt,
    __global const float *shift, int shiftAt, int stride) {
    const int u = get_global_id(1);
    const float offset = shiftAt < 0 ? 0.0f : shift[shiftAt < 0 ? 0 : shiftAt + u];
    FOR_EACH(s, stride) a[aAt + u * stride + s] = scale[scaleAt + u] * b[bAt + u * stride + s] + offset;
}

/* sums[u] (+)= Σ over the samples of dy ∘ x: a group to a unit. */
__kernel void scaleGradient(
    __global float *sums, int sumsAt, __global const lanes *dy, int dyAt, __global const lanes *x, int xAt, int stride,
    int accumulate, __local float *parts) {
    const int u = get_group_id(0);
    lanes sum = splat(0);
    for (int s = get_local_id(0); s < stride; s += get_local_size(0))
        sum += dy[dyAt + u * stride + s] * x[xAt + u * stride + s];
    parts[get_local_id(0)] = sumOfLanes(sum);
    barrier(CLK_LOCAL_MEM_FENCE);
    if (get_local_id(0) == 0) {
        float total = 0;
        for (int i = 0; i < get_local_size(0); i++) total += parts[i];
        sums[sumsAt + u] = total + (accumulate ? sums[sumsAt + u] : 0.0f);
    }
}

/* a = b + deviation·noise: the processor's noise, number for number. */
__kernel void noise(
    __global lanes *a, int aAt, __global const lanes *b, int bAt, float deviation, int stream, int stride, ulong seed,
    ulong counter) {
    const uint u = get_global_id(1);
    const ulong key = noiseKey(seed, counter, stream);
    FOR_EACH(s, stride) {
        const int at = u * stride + s;
        const words sample = __builtin_convertvector(LANE_INDEX + s * LC_LANES, words);
        a[aAt + at] = b[bAt + at] + deviation * normalOf((words)((uint)key), (words)((uint)(key >> 32)), u, sample);
    }
}
