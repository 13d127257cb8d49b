/* The optimizers' loops over flat spans, decay and the sum of squares. */
#pragma once

/* The numbers that an optimizer computes once for a step: for one network, and lane by lane. */
#define CONSTANTS(symbol, ...)                                      \
    typedef struct symbol { float __VA_ARGS__; } symbol;            \
    typedef struct symbol##Lanes { lanes __VA_ARGS__; } symbol##Lanes;

#define LC_OPTIMIZER_ARITHMETIC
#define LC_OPTIMIZER(symbol, id, slots)
#include "optimizers/list.h"
#undef LC_OPTIMIZER_ARITHMETIC

/* The same constants in all lanes. The structures hold nothing but floats, or as many vectors. */
#define LC_OPTIMIZER(symbol, id, slots)                                                          \
    INLINE symbol##Lanes symbol##Spread(symbol constants) {                                      \
        enum { COUNT = sizeof(symbol) / sizeof(float) };                                         \
        _Static_assert(sizeof(symbol##Lanes) == COUNT * sizeof(lanes), "a constant is a float"); \
        float values[COUNT];                                                                     \
        lanes vectors[COUNT];                                                                    \
        symbol##Lanes spread;                                                                    \
        __builtin_memcpy(values, &constants, sizeof values);                                     \
        for (int i = 0; i < COUNT; i++) vectors[i] = splat(values[i]);                           \
        __builtin_memcpy(&spread, vectors, sizeof spread);                                       \
        return spread;                                                                           \
    }
#include "optimizers/list.h"

/* A difference w − w is 0 unless w is not finite: the sum over all shows it, at one addition a vector. */
#define LC_OPTIMIZER(symbol, id, slots)                                                                            \
    static bool symbol##Update(const lc_update *u, float *w, const float *g, float *state0, float *state1, int64_t n) { \
        const symbol##Lanes constants = symbol##Spread(symbol##Constants(u));                                      \
        const float scale = u->scale;                                                                              \
        lanes unsound = splat(0), s0 = splat(0), s1 = splat(0);                                                    \
        int64_t i = 0;                                                                                             \
        for (; i + LC_LANES <= n; i += LC_LANES) {                                                                 \
            lanes weights = loadAnywhere(w + i);                                                                   \
            if (slots > 0) s0 = loadAnywhere(state0 + i);                                                          \
            if (slots > 1) s1 = loadAnywhere(state1 + i);                                                          \
            symbol##Step(&constants, &weights, scale * loadAnywhere(g + i), &s0, &s1);                             \
            storeAnywhere(w + i, weights);                                                                         \
            if (slots > 0) storeAnywhere(state0 + i, s0);                                                          \
            if (slots > 1) storeAnywhere(state1 + i, s1);                                                          \
            unsound += weights - weights;                                                                          \
        }                                                                                                          \
        if (i < n) {                                                                                               \
            lanes weights = loadFirst(w + i, n - i);                                                               \
            if (slots > 0) s0 = loadFirst(state0 + i, n - i);                                                      \
            if (slots > 1) s1 = loadFirst(state1 + i, n - i);                                                      \
            symbol##Step(&constants, &weights, scale * loadFirst(g + i, n - i), &s0, &s1);                         \
            storeFirst(w + i, weights, n - i);                                                                     \
            if (slots > 0) storeFirst(state0 + i, s0, n - i);                                                      \
            if (slots > 1) storeFirst(state1 + i, s1, n - i);                                                      \
            weights = loadFirst(w + i, n - i);                                                                     \
            unsound += weights - weights;                                                                          \
        }                                                                                                          \
        return anyNonzero(unsound);                                                                                \
    }
#include "optimizers/list.h"

static bool update(const lc_update *u, float *w, const float *g, float *state0, float *state1, int64_t n) {
    static bool (*const table[])(const lc_update *, float *, const float *, float *, float *, int64_t) = {
#define LC_OPTIMIZER(symbol, id, slots) symbol##Update,
#include "optimizers/list.h"
    };
    return table[u->kind](u, w, g, state0, state1, n);
}

/* w − rate·(l2·old + l1·sign old), and 0 where that takes w through 0 under L1. */
INLINE lanes decayed(lanes w, lanes old, lanes rate, lanes l1, lanes l2) {
    const lanes after = w - rate * (l2 * old + l1 * signOf(old));
    /* Signs are compared: the product of two tiny weights would be 0. */
    return choose((l1 > 0) & (signOf(w) * signOf(after) < 0), splat(0), after);
}

static void decay(float *w, const float *old, int64_t n, float scalarRate, float scalarL1, float scalarL2) {
    const lanes rate = splat(scalarRate), l1 = splat(scalarL1), l2 = splat(scalarL2);
    int64_t i = 0;
    for (; i + LC_LANES <= n; i += LC_LANES)
        storeAnywhere(w + i, decayed(loadAnywhere(w + i), loadAnywhere(old + i), rate, l1, l2));
    if (i < n) storeFirst(w + i, decayed(loadFirst(w + i, n - i), loadFirst(old + i, n - i), rate, l1, l2), n - i);
}

static double sumOfSquares(const float *x, int64_t n) {
    doubles sum = 0;
    int64_t i = 0;
    for (; i + LC_LANES <= n; i += LC_LANES) {
        const doubles v = __builtin_convertvector(loadAnywhere(x + i), doubles);
        sum += v * v;
    }
    if (i < n) {
        const doubles v = __builtin_convertvector(loadFirst(x + i, n - i), doubles);
        sum += v * v;
    }
    return sumOfDoubles(sum);
}
