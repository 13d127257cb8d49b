/*
 * Whole epochs of one network in one launch, by one group: the parameters are in local memory, the samples of a batch
 * are the lanes. What stands in capitals is the network's, as constants: PARAMETERS, PADDED (a multiple of 16),
 * DECAYING, VALUES, TRAINING, INPUTS, TARGETS, TARGET_AT, MASKS, SLOTS, GROUP (work-items), and UPDATE, the optimizer.
 */
#define NUMBERS 24 /* of a step: the optimizer's constants, then these */
#define AT_SCALE 16
#define AT_RATE 17
#define AT_L1 18
#define AT_L2 19
#define AT_CLIP 20
#if LC_LANES == 16
#define FROM_LOCAL(x) vload16(0, x)
#define TO_LOCAL(v, x) vstore16(v, 0, x)
#else
#define FROM_LOCAL(x) (*(x))
#define TO_LOCAL(v, x) (*(x) = (v))
#endif
/* Rows of the gradient that are added up at once. */
#define ROWS_AT_ONCE (PADDED * GROUP <= 4096 ? PADDED : 4096 / GROUP)

INLINE lanes pick(__global const float *row, __global const int *order, int count) {
#if LC_LANES == 16
    float values[16];
    for (int i = 0; i < 16; i++) values[i] = i < count ? row[order[i]] : 0.0f;
    return vload16(0, values);
#else
    return count > 0 ? row[order[0]] : 0.0f;
#endif
}

__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1))) void epochs(
    __global float *parameters, __global float *state0, __global float *state1, __global float *carried,
    __global const float *inputs, __global const float *targets, int dataStride, __global const int *rows,
    __global const int4 *steps, __global const ulong2 *keys, __global const float *numbers, int stepCount,
    __global const float *dropoutRates, __global int *diverged) {
    __local float w[PADDED], g[PADDED], s0[PADDED], s1[PADDED], sums[GROUP > 1 ? 4096 : 1];
    __local float factor;
    __local int stopped;
    const int item = get_local_id(0);
    for (int i = item; i < PADDED; i += GROUP) {
        w[i] = parameters[i];
        g[i] = carried[i];
        s0[i] = SLOTS > 0 ? state0[i] : 0.0f;
        s1[i] = SLOTS > 1 ? state1[i] : 0.0f;
    }
    lanes rates[MASKS + 1];
    words low[MASKS + 1], high[MASKS + 1];
    for (int i = 0; i < MASKS; i++) rates[i] = splat(dropoutRates[i]);
    if (item == 0) stopped = *diverged != INT_MAX;
    barrier(CLK_LOCAL_MEM_FENCE);
    // After a divergence in a launch before this one nothing changes any more.
    if (stopped) return;

    for (int step = 0; step < stepCount; step++) {
        const int first = steps[step].x, count = steps[step].y, flags = steps[step].z;
        __global const float *number = numbers + step * NUMBERS;
        for (int i = 0; i < MASKS; i++) {
            const ulong key = dropoutKey(keys[step].x, keys[step].y, streams[i]);
            low[i] = (words)((uint)key);
            high[i] = (words)((uint)(key >> 32));
        }
        lanes gradient[PADDED];
#if UNROLLS
#pragma unroll
#endif
        for (int i = 0; i < PARAMETERS; i++) gradient[i] = splat(0);
        for (int s = item * LC_LANES; s < count; s += GROUP * LC_LANES) {
            lanes v[VALUES], t[TRAINING];
            const int left = count - s;
            for (int u = 0; u < INPUTS; u++) v[u] = pick(inputs + u * dataStride, rows + first + s, left);
            for (int u = 0; u < TARGETS; u++) t[TARGET_AT + u] = pick(targets + u * dataStride, rows + first + s, left);
            pass(
                w, gradient, v, t, LANE_INDEX < (ints)(left), __builtin_convertvector(LANE_INDEX + s, words), low, high,
                rates);
        }
#if GROUP == 1
#if UNROLLS
#pragma unroll
#endif
        for (int i = 0; i < PARAMETERS; i++) g[i] = sumOfLanes(gradient[i]) + (flags & 1 ? g[i] : 0.0f);
#else
#if UNROLLS
#pragma unroll
#endif
        for (int base = 0; base < PARAMETERS; base += ROWS_AT_ONCE) {
#if UNROLLS
#pragma unroll
#endif
            for (int i = 0; i < ROWS_AT_ONCE; i++)
                if (base + i < PARAMETERS) sums[i * GROUP + item] = gradient[base + i];
            barrier(CLK_LOCAL_MEM_FENCE);
            for (int i = item; i < ROWS_AT_ONCE && base + i < PARAMETERS; i += GROUP) {
                float sum = 0;
                for (int k = 0; k < GROUP; k++) sum += sums[i * GROUP + (k + item) % GROUP];
                g[base + i] = sum + (flags & 1 ? g[base + i] : 0.0f);
            }
            barrier(CLK_LOCAL_MEM_FENCE);
        }
#endif
        if (!(flags & 2)) continue;
        if (item == 0) {
            float squares = 0;
            if (number[AT_CLIP] >= 0)
                for (int i = 0; i < PARAMETERS; i++) squares += g[i] * g[i];
            const float scale = number[AT_SCALE];
            factor = number[AT_CLIP] < 0 ? scale
                                         : scale * fmin(1.0f, number[AT_CLIP] / (sqrt(squares) * scale + 1e-6f));
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        float constants[16];
        for (int i = 0; i < 16; i++) constants[i] = number[i];
        const UPDATE_LANES k = UPDATE_SPREAD(constants);
        ints unsound = 0;
        for (int i = item * LC_LANES; i < PADDED; i += GROUP * LC_LANES) {
            const lanes old = FROM_LOCAL(w + i);
            lanes weights = old, slot0 = FROM_LOCAL(s0 + i), slot1 = FROM_LOCAL(s1 + i);
            UPDATE_STEP(&k, &weights, factor * FROM_LOCAL(g + i), &slot0, &slot1);
            unsound |= (weights - weights != 0);
            if (number[AT_L1] != 0 || number[AT_L2] != 0) {
                const lanes after =
                    decayed(weights, old, splat(number[AT_RATE]), splat(number[AT_L1]), splat(number[AT_L2]));
                weights = choose(LANE_INDEX + i < (ints)(DECAYING), after, weights);
            }
            TO_LOCAL(weights, w + i);
            TO_LOCAL(slot0, s0 + i);
            TO_LOCAL(slot1, s1 + i);
        }
        if (ANY(unsound)) stopped = 1;
        barrier(CLK_LOCAL_MEM_FENCE);
        if (stopped) {
            if (item == 0) *diverged = steps[step].w;
            break;
        }
    }
    for (int i = item; i < PADDED; i += GROUP) {
        parameters[i] = w[i];
        carried[i] = g[i];
        if (SLOTS > 0) state0[i] = s0[i];
        if (SLOTS > 1) state1[i] = s1[i];
    }
}
