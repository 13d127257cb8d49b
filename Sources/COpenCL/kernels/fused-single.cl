/*
 * Whole epochs of one network in one launch, by one group: the parameters are in local memory, the samples of a batch
 * are the lanes. What stands in capitals is the network's, as constants: PARAMETERS, PADDED (a multiple of 16),
 * DECAYING, VALUES, TRAINING, INPUTS, TARGETS, TARGET_AT, OUTPUTS, OUTPUT_AT, CLASSES (0: regression), BOUNDARY, DRAWS,
 * SLOTS, GROUP (work-items), and UPDATE, the optimizer. A step has NUMBERS numbers: the optimizer's constants, then those
 * at AT_SCALE and so on.
 */
#if LC_LANES == 16
#define FROM_LOCAL(x) vload16(0, x)
#define TO_LOCAL(v, x) vstore16(v, 0, x)
#else
#define FROM_LOCAL(x) (*(x))
#define TO_LOCAL(v, x) (*(x) = (v))
#endif
#if GROUP == 1
#define COUNT(x) (*(x) += 1)
#else
#define COUNT(x) atomic_inc(x)
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

/* The first values of a row. */
INLINE lanes take(__global const float *row, int count) {
#if LC_LANES == 16
    if (count >= 16) return vload16(0, row);
    float values[16];
    for (int i = 0; i < 16; i++) values[i] = i < count ? row[i] : 0.0f;
    return vload16(0, values);
#else
    return count > 0 ? row[0] : 0.0f;
#endif
}

/* The sum of all work-items' lanes: the same number in each of them. */
INLINE float sumOfGroup(__local float *sums, lanes value) {
#if GROUP == 1
    return sumOfLanes(value);
#else
    const int item = get_local_id(0);
    barrier(CLK_LOCAL_MEM_FENCE);
    sums[item] = value;
    barrier(CLK_LOCAL_MEM_FENCE);
    float sum = 0;
    for (int k = 0; k < GROUP; k++) sum += sums[k];
    return sum;
#endif
}

/*
 * The mean loss over `count` samples, and their number by true and predicted class, or for regression the mean of the
 * squared distances from output to target.
 */
INLINE float measure(
    __local const float *w, __global const float *inputs, __global const float *targets, int dataStride,
    __global const int *classes, int count, __global int *counts, float *squaredDistance, __local float *sums) {
    const int item = get_local_id(0);
    for (int i = item; i < CLASSES * CLASSES; i += GROUP) counts[i] = 0;
    barrier(CLK_GLOBAL_MEM_FENCE);
    lanes sum = splat(0), lost = splat(0), squares = splat(0), lostSquares = splat(0);
    for (int s = item * LC_LANES; s < count; s += GROUP * LC_LANES) {
        lanes v[VALUES], t[TRAINING];
        const int left = count - s;
        for (int u = 0; u < INPUTS; u++) v[u] = take(inputs + u * dataStride + s, left);
        for (int u = 0; u < TARGETS; u++) t[TARGET_AT + u] = take(targets + u * dataStride + s, left);
        answer(w, v, t);
        /* Kahan's sum: thousands of samples lose nothing. */
        const lanes term = choose(LANE_INDEX < (ints)(left), lossOf(v, t), splat(0)) - lost, next = sum + term;
        lost = (next - sum) - term;
        sum = next;
#if CLASSES == 0
        const lanes distance = v[OUTPUT_AT] - t[TARGET_AT];
        const lanes square = choose(LANE_INDEX < (ints)(left), distance * distance, splat(0)) - lostSquares;
        const lanes total = squares + square;
        lostSquares = (total - squares) - square;
        squares = total;
#else
        lanes best = v[OUTPUT_AT], said = OUTPUTS == 1 ? choose(best > BOUNDARY, splat(1), splat(0)) : splat(0);
        for (int u = 1; u < OUTPUTS; u++) {
            const ints isLarger = v[OUTPUT_AT + u] > best;
            said = choose(isLarger, splat(u), said);
            best = choose(isLarger, v[OUTPUT_AT + u], best);
        }
        float answers[LC_LANES];
        store(answers, said);
        for (int l = 0; l < LC_LANES; l++)
            if (l < left) COUNT(counts + classes[s + l] * CLASSES + (int)answers[l]);
#endif
    }
#if CLASSES == 0
    *squaredDistance = sumOfGroup(sums, squares) / count;
#endif
    return sumOfGroup(sums, sum) / count;
}

__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1))) void epochs(
    __global float *parameters, __global float *state0, __global float *state1, __global float *carried,
    __global const float *inputs, __global const float *targets, int dataStride, __global const int *rows,
    __global const int4 *steps, __global const ulong2 *keys, __global const float *numbers, int stepCount,
    __global const float *drawKnobs, __global int *diverged, __global const float *shownTargets,
    __global const int *classes, int trainCount, int testCount, __global float *results, __global int *counts) {
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
    lanes knobs[DRAWS + 1];
    words low[DRAWS + 1], high[DRAWS + 1];
    for (int i = 0; i < DRAWS; i++) knobs[i] = splat(drawKnobs[i]);
    if (item == 0) stopped = *diverged != INT_MAX;
    barrier(CLK_LOCAL_MEM_FENCE);
    // After a divergence in a launch before this one nothing changes any more.
    if (stopped) return;

    for (int step = 0; step < stepCount; step++) {
        const int first = steps[step].x, count = steps[step].y, flags = steps[step].z;
        __global const float *number = numbers + step * NUMBERS;
        if (flags & 4) {
            __global int *counted = counts + 2 * CLASSES * CLASSES * first;
            float means[2] = {0, 0}, squaredDistances[2] = {0, 0};
            // One place that measures, lest compilers make two of it.
#pragma unroll 1
            for (int set = 0; set < (testCount > 0 ? 2 : 1); set++) {
                const int start = set * trainCount;
                means[set] = measure(
                    w, inputs + start, shownTargets + start, dataStride, classes + start,
                    set == 0 ? trainCount : testCount, counted + set * CLASSES * CLASSES, squaredDistances + set, sums);
            }
            float absolute = 0, squares = 0;
            for (int i = item; i < DECAYING; i += GROUP) {
                absolute += fabs(w[i]);
                squares += w[i] * w[i];
            }
#if GROUP > 1
            absolute = sumOfGroup(sums, absolute);
            squares = sumOfGroup(sums, squares);
#endif
            if (item == 0) {
                __global float *result = results + 6 * first;
                result[0] = means[0];
                result[1] = means[1];
                result[2] = absolute;
                result[3] = squares;
                result[4] = squaredDistances[0];
                result[5] = squaredDistances[1];
            }
            barrier(CLK_LOCAL_MEM_FENCE);
            if (isfinite(means[0]) && isfinite(means[1])) continue;
            if (item == 0) *diverged = steps[step].w;
            break;
        }
        for (int i = 0; i < DRAWS; i++) {
            const ulong key = noiseKey(keys[step].x, keys[step].y, streams[i]);
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
                knobs);
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
