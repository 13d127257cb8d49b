/* The optimizers' updates over the flat parameters, with clipping and the decoupled decay in the same kernel. */

/* Partial sums of x² over `count` numbers from `first` on, one to a group: sums[group], added to what is there where `adds`. */
__kernel void sumOfSquares(
    __global const float *x, int first, int count, int adds, __global float *sums, __local float *parts) {
    float sum = 0;
    for (int i = get_global_id(0); i < count; i += get_global_size(0)) sum += x[first + i] * x[first + i];
    parts[get_local_id(0)] = sum;
    barrier(CLK_LOCAL_MEM_FENCE);
    if (get_local_id(0) == 0) {
        float total = 0;
        for (int i = 0; i < get_local_size(0); i++) total += parts[i];
        sums[get_group_id(0)] = adds ? sums[get_group_id(0)] + total : total;
    }
}

/* min(1, clip / (‖g‖ + 1e-6)) with ‖g‖ = scale · √Σ sums; 1 without clipping (clip < 0). */
INLINE float clipFactor(__global const float *sums, int groups, float scale, float clip) {
    if (clip < 0) return 1;
    float total = 0;
    for (int i = 0; i < groups; i++) total += sums[i];
    return fmin(1.0f, clip / (sqrt(total) * scale + 1e-6f));
}

/* w − rate·(l2·old + l1·sign old), and 0 where that takes w through 0 under L1. */
INLINE lanes decayed(lanes w, lanes old, lanes rate, lanes l1, lanes l2) {
    const lanes after = w - rate * (l2 * old + l1 * signOf(old));
    return choose((l1 > 0) & (signOf(w) * signOf(after) < 0), splat(0), after);
}

#define CONSTANTS(symbol, ...)                           \
    typedef struct symbol { float __VA_ARGS__; } symbol; \
    typedef struct symbol##Lanes { lanes __VA_ARGS__; } symbol##Lanes;

/* The constants of a step as the optimizer names them: the same in all lanes, and each lane's own. */
#define LC_SPREAD(symbol)                                                                     \
    INLINE symbol##Lanes symbol##From(const lanes *constants) {                               \
        union { symbol##Lanes named; lanes all[sizeof(symbol) / sizeof(float)]; } spread;     \
        for (int i = 0; i < (int)(sizeof(symbol) / sizeof(float)); i++) spread.all[i] = constants[i]; \
        return spread.named;                                                                  \
    }                                                                                         \
    INLINE symbol##Lanes symbol##Spread(const float *constants) {                             \
        union { symbol##Lanes named; lanes all[sizeof(symbol) / sizeof(float)]; } spread;     \
        for (int i = 0; i < (int)(sizeof(symbol) / sizeof(float)); i++) spread.all[i] = splat(constants[i]); \
        return spread.named;                                                                  \
    }

/* Updates `count` vectors from `first` on. `diverged`: the first step after which a weight was not finite; no later step changes a weight. */
#define LC_UPDATE_KERNEL(symbol, SLOTS)                                                                       \
    __kernel void symbol##Update(                                                                             \
        __global lanes *w, __global const lanes *g, __global lanes *s0, __global lanes *s1,                   \
        __global const float *sums, int groups, int first, int count, int decaying, __global int *diverged,   \
        int step, float16 constants, float scale, float clip, float rate, float l1, float l2) {                         \
        if (*diverged < step) return;                                                                         \
        float numbers[16];                                                                                    \
        vstore16(constants, 0, numbers);                                                                      \
        const symbol##Lanes k = symbol##Spread(numbers);                                                      \
        const float factor = scale * clipFactor(sums, groups, scale, clip);                                   \
        FOR_EACH(at, count) {                                                                                 \
            const int i = first + at;                                                                         \
            const lanes old = w[i];                                                                           \
            lanes weights = old, slot0 = splat(0), slot1 = splat(0);                                          \
            if (SLOTS > 0) slot0 = s0[i];                                                                     \
            if (SLOTS > 1) slot1 = s1[i];                                                                     \
            symbol##Step(&k, &weights, factor * g[i], &slot0, &slot1);                                        \
            if (ANY(weights - weights != 0)) atomic_min(diverged, step);                                      \
            if (i < decaying) weights = decayed(weights, old, splat(rate), splat(l1), splat(l2));             \
            w[i] = weights;                                                                                   \
            if (SLOTS > 0) s0[i] = slot0;                                                                     \
            if (SLOTS > 1) s1[i] = slot1;                                                                     \
        }                                                                                                     \
    }
