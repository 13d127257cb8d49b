/*
 * Whole epochs of many networks of one shape in one launch: each lane is a network, with its parameters near the
 * processing element that has it. Parameter i of lane group g is at i · groups + g. The capitals are as in
 * fused-single.cl, and ALIKE: all networks take the same samples in the same order; SETTINGS: distinct settings.
 */

/* One value of each lane's own. */
INLINE lanes pick(__global const float *values, const int *at) {
#if LC_LANES == 16
    float picked[16];
    for (int i = 0; i < 16; i++) picked[i] = values[at[i]];
    return vload16(0, picked);
#else
    return values[at[0]];
#endif
}

INLINE void load_all(lanes *to, __global const lanes *from, int g, int groups) {
#if UNROLLS
#pragma unroll
#endif
    for (int i = 0; i < PARAMETERS; i++) to[i] = from[i * groups + g];
}

INLINE void store_all(__global lanes *to, const lanes *from, int g, int groups) {
#if UNROLLS
#pragma unroll
#endif
    for (int i = 0; i < PARAMETERS; i++) to[i * groups + g] = from[i];
}

/* sets: where each network's samples begin among the columns; orders: each one's rows, `orderStride` apart. */
__kernel void epochs(
    __global lanes *parameters, __global lanes *state0, __global lanes *state1, __global lanes *carried,
    __global const float *inputs, __global const float *targets, int dataStride, __global const int *sets,
    __global const int *orders, int orderStride, __global const int4 *steps, __global const ulong *counters,
    __global const float *numbers, __global const int *settings, int stepCount, __global const ulong *seeds,
    __global const lanes *drawKnobs, __global int *diverged, int groups) {
    const int g = get_global_id(0);
    if (g >= groups) return;
    lanes w[PARAMETERS], gradient[PARAMETERS], s0[SLOTS > 0 ? PARAMETERS : 1], s1[SLOTS > 1 ? PARAMETERS : 1];
    load_all(w, parameters, g, groups);
    load_all(gradient, carried, g, groups);
    if (SLOTS > 0) load_all(s0, state0, g, groups);
    if (SLOTS > 1) load_all(s1, state1, g, groups);
    lanes knobs[DRAWS + 1];
    words low[DRAWS + 1], high[DRAWS + 1];
    for (int i = 0; i < DRAWS; i++) knobs[i] = drawKnobs[i * groups + g];
    int set[LC_LANES], setting[LC_LANES];
    float living[LC_LANES];
    for (int l = 0; l < LC_LANES; l++) {
        const int network = g * LC_LANES + l;
        set[l] = sets[network];
        setting[l] = settings[network] * NUMBERS;
        living[l] = diverged[network] == INT_MAX ? 1.0f : 0.0f;
    }
    lanes alive = load(living);

    for (int step = 0; step < stepCount; step++) {
        const int first = steps[step].x, count = steps[step].y, flags = steps[step].z;
        for (int i = 0; i < DRAWS; i++) {
            uint lower[LC_LANES], upper[LC_LANES];
            for (int l = 0; l < LC_LANES; l++) {
                const ulong key = noiseKey(seeds[g * LC_LANES + l], counters[step], streams[i]);
                lower[l] = (uint)key;
                upper[l] = (uint)(key >> 32);
            }
#if LC_LANES == 16
            low[i] = vload16(0, lower);
            high[i] = vload16(0, upper);
#else
            low[i] = lower[0];
            high[i] = upper[0];
#endif
        }
        if (!(flags & 1)) {
#if UNROLLS
#pragma unroll
#endif
            for (int i = 0; i < PARAMETERS; i++) gradient[i] = splat(0);
        }
        for (int s = 0; s < count; s++) {
            lanes v[VALUES], t[TRAINING];
#if ALIKE
            const int at = set[0] + first + s;
            for (int u = 0; u < INPUTS; u++) v[u] = splat(inputs[u * dataStride + at]);
            for (int u = 0; u < TARGETS; u++) t[TARGET_AT + u] = splat(targets[u * dataStride + at]);
#else
            int at[LC_LANES];
            for (int l = 0; l < LC_LANES; l++)
                at[l] = set[l]
                    + (orderStride > 0 ? orders[(g * LC_LANES + l) * orderStride + first + s] : first + s);
            for (int u = 0; u < INPUTS; u++) v[u] = pick(inputs + u * dataStride, at);
            for (int u = 0; u < TARGETS; u++) t[TARGET_AT + u] = pick(targets + u * dataStride, at);
#endif
            pass(w, gradient, v, t, (ints)(-1), (words)((uint)s), low, high, knobs);
        }
        if (!(flags & 2)) continue;
        lanes number[NUMBERS];
        __global const float *numbersOfStep = numbers + step * SETTINGS * NUMBERS;
#if SETTINGS == 1
        for (int k = 0; k < NUMBERS; k++) number[k] = splat(numbersOfStep[k]);
#else
        for (int k = 0; k < NUMBERS; k++) number[k] = pick(numbersOfStep + k, setting);
#endif
        lanes factor = number[AT_SCALE];
        if (ANY(number[AT_CLIP] >= 0)) {
            lanes squares = splat(0);
#if UNROLLS
#pragma unroll
#endif
            for (int i = 0; i < PARAMETERS; i++) squares += gradient[i] * gradient[i];
            const lanes clipped = number[AT_CLIP] / (sqrt(squares) * factor + 1e-6f);
            factor *= choose(number[AT_CLIP] >= 0, lesser(splat(1), clipped), splat(1));
        }
        factor *= alive;
        const UPDATE_LANES k = UPDATE_FROM(number);
        const bool decays = ANY(number[AT_L1] != 0) || ANY(number[AT_L2] != 0);
        lanes unsound = splat(0);
#if UNROLLS
#pragma unroll
#endif
        for (int i = 0; i < PARAMETERS; i++) {
            const lanes old = w[i];
            UPDATE_STEP(&k, &w[i], factor * gradient[i], &s0[SLOTS > 0 ? i : 0], &s1[SLOTS > 1 ? i : 0]);
            unsound += w[i] - w[i];
            if (i < DECAYING && decays) w[i] = decayed(w[i], old, number[AT_RATE], number[AT_L1], number[AT_L2]);
        }
        if (ANY(unsound != 0)) {
            /* A network whose numbers are not finite any more becomes 0 and stays so. */
            float wrong[LC_LANES];
            store(wrong, choose(unsound != 0, splat(1), splat(0)));
            for (int l = 0; l < LC_LANES; l++)
                if (wrong[l] != 0 && diverged[g * LC_LANES + l] == INT_MAX)
                    diverged[g * LC_LANES + l] = steps[step].w;
            alive = choose(unsound != 0, splat(0), alive);
#if UNROLLS
#pragma unroll
#endif
            for (int i = 0; i < PARAMETERS; i++) {
                w[i] = choose(unsound != 0, splat(0), w[i]);
                gradient[i] = choose(unsound != 0, splat(0), gradient[i]);
                if (SLOTS > 0) s0[i] = choose(unsound != 0, splat(0), s0[i]);
                if (SLOTS > 1) s1[i] = choose(unsound != 0, splat(0), s1[i]);
            }
        }
    }
    store_all(parameters, w, g, groups);
    store_all(carried, gradient, g, groups);
    if (SLOTS > 0) store_all(state0, s0, g, groups);
    if (SLOTS > 1) store_all(state1, s1, g, groups);
}

/* Each network's mean loss over `count` samples from `first` on. */
__kernel void losses(
    __global const lanes *parameters, __global const float *inputs, __global const float *targets, int dataStride,
    __global const int *sets, int first, int count, __global lanes *means, int groups) {
    const int g = get_global_id(0);
    if (g >= groups) return;
    lanes w[PARAMETERS];
    load_all(w, parameters, g, groups);
    int at[LC_LANES];
    for (int l = 0; l < LC_LANES; l++) at[l] = sets[g * LC_LANES + l] + first;
    lanes sum = splat(0), lost = splat(0);
    for (int s = 0; s < count; s++) {
        lanes v[VALUES], t[TRAINING];
        for (int u = 0; u < INPUTS; u++) v[u] = pick(inputs + u * dataStride + s, at);
        for (int u = 0; u < TARGETS; u++) t[TARGET_AT + u] = pick(targets + u * dataStride + s, at);
        answer(w, v, t);
        /* Kahan's sum: thousands of samples lose nothing. */
        const lanes term = lossOf(v, t) - lost, next = sum + term;
        lost = (next - sum) - term;
        sum = next;
    }
    means[g] = sum / (float)count;
}
