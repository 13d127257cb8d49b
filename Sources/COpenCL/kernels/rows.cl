/* Rows in and out: batches of a dataset, masks, and the operations on values alone. Offsets count lanes. */

/* a[u, s] = data[u, order[first + s]], 0 from sample `count` on; one value to a work-item. */
__kernel void gather(
    __global float *a, int aAt, __global const float *data, int dataStride, __global const int *order, int first,
    int count, int stride) {
    const int s = get_global_id(0), u = get_global_id(1);
    a[aAt + u * stride + s] = s < count ? data[u * dataStride + order[first + s]] : 0.0f;
}

/* c = a mask in {0, 1/(1 − rate)}, a = b ∘ c: the processor's masks, number for number. */
__kernel void dropout(
    __global lanes *a, int aAt, __global const lanes *b, int bAt, __global lanes *c, int cAt, float rate, int stream,
    int stride, ulong seed, ulong counter) {
    const int s = get_global_id(0), u = get_global_id(1), at = u * stride + s;
    const ulong key = dropoutKey(seed, counter, stream);
    const float kept = rate < 1 ? 1 / (1 - rate) : 0.0f;
    const words sample = __builtin_convertvector(LANE_INDEX + s * LC_LANES, words);
    const lanes drawn = uniformOf((words)((uint)key), (words)((uint)(key >> 32)), (uint)u, sample);
    const lanes mask = choose(drawn < rate, splat(0), splat(kept));
    c[cAt + at] = mask;
    a[aAt + at] = b[bAt + at] * mask;
}

__kernel void scaleBy(
    __global lanes *a, int aAt, __global const lanes *b, int bAt, __global const lanes *c, int cAt) {
    const int i = get_global_id(0);
    a[aAt + i] = b[bAt + i] * c[cAt + i];
}

__kernel void copy(__global lanes *a, int aAt, __global const lanes *b, int bAt) {
    const int i = get_global_id(0);
    a[aAt + i] = b[bAt + i];
}
