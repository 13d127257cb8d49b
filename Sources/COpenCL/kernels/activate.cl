/* Activations: a[i] = f(b[i]), and a[i] = b[i] · f'(d[i]), `count` vectors. Offsets count lanes. */

#define LC_ACTIVATION(symbol, value, derivative)                                                              \
    INLINE lanes symbol##Value(lanes z, const float *p, lanes learned) { return value; }                      \
    INLINE lanes symbol##Derivative(lanes z, lanes y, const float *p, lanes learned) { return derivative; }

#define LC_ACTIVATION_KERNELS(symbol)                                                                         \
    __kernel void symbol##Activate(                                                                           \
        __global lanes *a, int aAt, __global const lanes *b, int bAt, __global const float *c, int cAt,       \
        float4 knobs, int count) {                                                                            \
        const float p[4] = {knobs.x, knobs.y, knobs.z, knobs.w};                                              \
        const lanes learned = splat(cAt < 0 ? 0.0f : c[cAt < 0 ? 0 : cAt]);                                   \
        FOR_EACH(i, count) a[aAt + i] = symbol##Value(b[bAt + i], p, learned);                                \
    }                                                                                                         \
    __kernel void symbol##Gradient(                                                                           \
        __global lanes *a, int aAt, __global const lanes *b, int bAt, __global const float *c, int cAt,       \
        __global const lanes *d, int dAt, __global const lanes *e, int eAt, float4 knobs,                     \
        int count) {                                                                                          \
        const float p[4] = {knobs.x, knobs.y, knobs.z, knobs.w};                                              \
        const lanes learned = splat(cAt < 0 ? 0.0f : c[cAt < 0 ? 0 : cAt]);                                   \
        FOR_EACH(i, count)                                                                                    \
        a[aAt + i] = b[bAt + i] * symbol##Derivative(d[dAt + i], e[eAt + i], p, learned);                     \
    }

#define LC_LEARNED_ACTIVATION(symbol, byParameter)                                                            \
    INLINE lanes symbol##ByParameter(lanes z, lanes y, const float *p, lanes learned) { return byParameter; }

/* f (+)= Σ b · ∂y/∂parameter over units and samples, by one group. */
#define LC_LEARNED_ACTIVATION_KERNEL(symbol, byParameter)                                                     \
    LC_LEARNED_ACTIVATION(symbol, byParameter)                                                                \
    __kernel void symbol##ParameterGradient(                                                                  \
        __global float *f, int fAt, __global const lanes *b, int bAt, __global const float *c, int cAt,       \
        __global const lanes *d, int dAt, __global const lanes *e, int eAt, float4 knobs, int count,          \
        int accumulate, __local float *sums) {                                                                \
        const float p[4] = {knobs.x, knobs.y, knobs.z, knobs.w};                                              \
        const lanes learned = splat(c[cAt]);                                                                  \
        lanes sum = splat(0);                                                                                 \
        for (int i = get_local_id(0); i < count; i += get_local_size(0))                                      \
            sum += b[bAt + i] * symbol##ByParameter(d[dAt + i], e[eAt + i], p, learned);                      \
        sums[get_local_id(0)] = sumOfLanes(sum);                                                              \
        barrier(CLK_LOCAL_MEM_FENCE);                                                                         \
        if (get_local_id(0) == 0) {                                                                           \
            float total = 0;                                                                                  \
            for (int i = 0; i < get_local_size(0); i++) total += sums[i];                                     \
            f[fAt] = total + (accumulate ? f[fAt] : 0.0f);                                                    \
        }                                                                                                     \
    }
