/* Rows in and out: batches of a dataset, masks, and the operations on values alone. Offsets count lanes. */

/* a[u, s] = data[u, order[first + s]], 0 from sample `count` on; a unit to each place on the second axis. */
__kernel void gather(
    __global float *a, int aAt, __global const float *data, int dataStride, __global const int *order, int first,
    int count, int stride) {
    const int u = get_global_id(1);
    FOR_EACH(s, stride) a[aAt + u * stride + s] = s < count ? data[u * dataStride + order[first + s]] : 0.0f;
}

/* c = a mask in {0, 1/(1 − rate)}, one for all rows of a unit, a = b ∘ c: the processor's masks, number for number. */
__kernel void dropout(
    __global lanes *a, int aAt, __global const lanes *b, int bAt, __global lanes *c, int cAt, float rate, int stream,
    int rows, int stride, ulong seed, ulong counter) {
    const uint u = get_global_id(1);
    const ulong key = noiseKey(seed, counter, stream);
    const float kept = rate < 1 ? 1 / (1 - rate) : 0.0f;
    FOR_EACH(s, stride) {
        const words sample = __builtin_convertvector(LANE_INDEX + s * LC_LANES, words);
        const lanes drawn = uniformOf((words)((uint)key), (words)((uint)(key >> 32)), u, sample);
        const lanes mask = choose(drawn < rate, splat(0), splat(kept));
        for (int row = u * rows; row < (u + 1) * rows; row++) {
            c[cAt + row * stride + s] = mask;
            a[aAt + row * stride + s] = b[bAt + row * stride + s] * mask;
        }
    }
}

__kernel void scaleBy(
    __global lanes *a, int aAt, __global const lanes *b, int bAt, __global const lanes *c, int cAt, int count) {
    FOR_EACH(i, count) a[aAt + i] = b[bAt + i] * c[cAt + i];
}

__kernel void copy(__global lanes *a, int aAt, __global const lanes *b, int bAt, int count) {
    FOR_EACH(i, count) a[aAt + i] = b[bAt + i];
}

__kernel void add(
    __global lanes *a, int aAt, __global const lanes *b, int bAt, __global const lanes *c, int cAt, int count) {
    FOR_EACH(i, count) a[aAt + i] = b[bAt + i] + c[cAt + i];
}

__kernel void scale(__global lanes *a, int aAt, __global const lanes *b, int bAt, float factor, int count) {
    FOR_EACH(i, count) a[aAt + i] = factor * b[bAt + i];
}

__kernel void maximum(
    __global lanes *a, int aAt, __global const lanes *b, int bAt, __global const lanes *c, int cAt, int count) {
    FOR_EACH(i, count) a[aAt + i] = larger(b[bAt + i], c[cAt + i]);
}

__kernel void maximumGradient(
    __global lanes *a, int aAt, __global const lanes *b, int bAt, __global const lanes *c, int cAt,
    __global const lanes *d, int dAt, float winsTies, int count) {
    FOR_EACH(i, count) {
        const lanes own = c[cAt + i], other = d[dAt + i];
        a[aAt + i] = choose(winsTies == 1 ? own >= other : own > other, b[bAt + i], splat(0));
    }
}
