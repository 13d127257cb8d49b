/*
 * Normalization over a batch (a unit to a work-item) and over a sample's units (a vector of samples to a work-item), a scale
 * and a shift, and Gaussian noise: see normalize.h and noise.h of the processor's kernels. Offsets of rows count lanes.
 */

/* Σ over the samples of `rows` rows of (a − center)·(b − center); with `plain`, of a − center. */
INLINE float sampleSum(
    __global const lanes *a, __global const lanes *b, int plain, float center, int rows, int stride, int count) {
    lanes sum = splat(0);
    for (int row = 0; row < rows * stride; row += stride)
        for (int s = 0; s < stride; s++) {
            const lanes left = a[row + s] - center;
            const lanes term = plain ? left : left * (b[row + s] - center);
            sum += choose(LANE_INDEX + s * LC_LANES < count, term, splat(0));
        }
    return sumOfLanes(sum);
}

__kernel void normalizeBatch(
    __global lanes *a, int aAt, __global const lanes *b, int bAt, __global lanes *c, int cAt, __global float *mean,
    int meanAt, __global float *variance, int varianceAt, float4 p, int units, int rows, int stride, int count) {
    const int n = count * rows;
    FOR_EACH(u, units) {
        __global const lanes *x = b + bAt + u * rows * stride;
        const float center = sampleSum(x, x, 1, 0.0f, rows, stride, count) / n;
        const float spread = sampleSum(x, x, 0, center, rows, stride, count) / n;
        const float inverse = 1 / sqrt(spread + p.y);
        for (int at = 0; at < rows * stride; at++)
            a[aAt + u * rows * stride + at] =
                choose(LANE_INDEX + at % stride * LC_LANES < count, (x[at] - center) * inverse, splat(0));
        for (int s = 0; s < stride; s++) c[cAt + u * stride + s] = splat(inverse);
        const float unbiased = n > 1 ? spread * ((float)n / (n - 1)) : spread;
        mean[meanAt + u] = (1 - p.x) * mean[meanAt + u] + p.x * center;
        variance[varianceAt + u] = (1 - p.x) * variance[varianceAt + u] + p.x * unbiased;
    }
}

__kernel void normalizeBatchGradient(
    __global lanes *a, int aAt, __global const lanes *b, int bAt, __global const lanes *c, int cAt,
    __global const lanes *e, int eAt, float4 p, int units, int rows, int stride, int count) {
    const int n = count * rows;
    FOR_EACH(u, units) {
        __global const lanes *dy = b + bAt + u * rows * stride, *y = e + eAt + u * rows * stride;
        const float mean = sampleSum(dy, dy, 1, 0.0f, rows, stride, count) / n;
        const float slope = sampleSum(dy, y, 0, 0.0f, rows, stride, count) / n;
        for (int at = 0; at < rows * stride; at++) {
            const lanes dx = c[cAt + u * stride + at % stride] * (dy[at] - mean - y[at] * slope);
            a[aAt + u * rows * stride + at] =
                choose(LANE_INDEX + at % stride * LC_LANES < count, dx, splat(0));
        }
    }
}

__kernel void normalizeByState(
    __global lanes *a, int aAt, __global const lanes *b, int bAt, __global const float *mean, int meanAt,
    __global const float *variance, int varianceAt, float4 p, int units, int rows, int stride, int count) {
    FOR_EACH(u, units) {
        const float inverse = 1 / sqrt(variance[varianceAt + u] + p.y);
        for (int at = u * rows * stride; at < (u + 1) * rows * stride; at++)
            a[aAt + at] = (b[bAt + at] - mean[meanAt + u]) * inverse;
    }
}

__kernel void normalizeByStateGradient(
    __global lanes *a, int aAt, __global const lanes *b, int bAt, __global const float *variance, int varianceAt,
    float4 p, int units, int rows, int stride, int count) {
    FOR_EACH(u, units) {
        const float inverse = 1 / sqrt(variance[varianceAt + u] + p.y);
        for (int at = u * rows * stride; at < (u + 1) * rows * stride; at++) a[aAt + at] = b[bAt + at] * inverse;
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
    __global const float *shift, int shiftAt, int rows, int stride) {
    const int row = get_global_id(1), u = row / rows;
    const float offset = shiftAt < 0 ? 0.0f : shift[shiftAt < 0 ? 0 : shiftAt + u];
    const float factor = scaleAt < 0 ? 1.0f : scale[scaleAt < 0 ? 0 : scaleAt + u];
    FOR_EACH(s, stride) a[aAt + row * stride + s] = factor * b[bAt + row * stride + s] + offset;
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

/* Local response normalization over p.x neighbouring channels: see `respond` of the processor's kernels. */
__kernel void respond(
    __global lanes *a, int aAt, __global const lanes *b, int bAt, __global lanes *c, int cAt, float4 p, int units,
    int rows, int stride) {
    const int plane = rows * stride, size = (int)p.x;
    FOR_EACH(i, units * plane) {
        const int u = i / plane, at = i % plane, end = min(units - 1, u + (size - 1) / 2);
        lanes sum = splat(0);
        for (int v = max(0, u - size / 2); v <= end; v++) sum += b[bAt + v * plane + at] * b[bAt + v * plane + at];
        const lanes scale = p.w + p.y / p.x * sum;
        c[cAt + i] = scale;
        a[aAt + i] = b[bAt + i] * exponential(-p.z * logarithm(scale));
    }
}

__kernel void respondGradient(
    __global lanes *a, int aAt, __global const lanes *b, int bAt, __global const lanes *c, int cAt,
    __global const lanes *d, int dAt, __global const lanes *e, int eAt, float4 p, int units, int rows, int stride) {
    const int plane = rows * stride, size = (int)p.x;
    FOR_EACH(i, units * plane) {
        const int u = i / plane, at = i % plane, end = min(units - 1, u + size / 2);
        lanes sum = splat(0);
        for (int v = max(0, u - (size - 1) / 2); v <= end; v++)
            sum += b[bAt + v * plane + at] * e[eAt + v * plane + at] / c[cAt + v * plane + at];
        a[aAt + i] = b[bAt + i] * exponential(-p.z * logarithm(c[cAt + i])) - 2 * p.y * p.z / p.x * d[dAt + i] * sum;
    }
}
