/* The activations: for each entry of the list a value loop, a gradient loop and a loop over a flat span. */
#pragma once

/* A learned activation's parameter: one for all lanes, or each network's own; 0 where nothing is learned. */
INLINE lanes learnedParameter(const lc_op *op, const lc_batch *batch) {
    if (!op->c) return splat(0);
    return batch->flags & LC_NETWORK_LANES ? load(op->c) : splat(*op->c);
}

#define LC_ACTIVATION(symbol, id, value, derivative)                                                              \
    INLINE lanes symbol##Value(lanes z, const float *p, lanes learned) { return value; }                          \
    INLINE lanes symbol##Derivative(lanes z, lanes y, const float *p, lanes learned) { return derivative; }       \
    INLINE void symbol##ActivateAt(const lc_op *op, int64_t at, lanes z, lanes learned) {                         \
        store(op->a + at, symbol##Value(z, op->p, learned));                                                      \
    }                                                                                                             \
    INLINE void symbol##GradientAt(const lc_op *op, int64_t at, lanes dy, lanes learned) {                        \
        store(op->a + at, dy * symbol##Derivative(load(op->d + at), load(op->e + at), op->p, learned));           \
    }                                                                                                             \
    static void symbol##Activate(const lc_op *op, const lc_batch *batch) {                                        \
        const area region = areaOf(op->m, batch);                                                                 \
        const lanes learned = learnedParameter(op, batch);                                                        \
        /* A copy: what the loop stores could otherwise be the operation. */                                      \
        const lc_op own = *op;                                                                                    \
        FOR_EACH_VECTOR(region, at) symbol##ActivateAt(&own, at, load(own.b + at), learned);                      \
    }                                                                                                             \
    static void symbol##Gradient(const lc_op *op, const lc_batch *batch) {                                        \
        const area region = areaOf(op->m, batch);                                                                 \
        const lanes learned = learnedParameter(op, batch);                                                        \
        const lc_op own = *op;                                                                                    \
        FOR_EACH_VECTOR(region, at) symbol##GradientAt(&own, at, load(own.b + at), learned);                      \
    }                                                                                                             \
    static void symbol##Span(const float *p, const float *x, float *y, int64_t n) {                               \
        int64_t i = 0;                                                                                            \
        for (; i + LC_LANES <= n; i += LC_LANES) storeAnywhere(y + i, symbol##Value(loadAnywhere(x + i), p, splat(p[0]))); \
        if (i < n) storeFirst(y + i, symbol##Value(loadFirst(x + i, n - i), p, splat(p[0])), n - i);              \
    }
#include "activations/list.h"

/* A learned parameter's gradient, Σ dy·∂y/∂parameter, over units and samples. */
#define LC_ACTIVATION(symbol, id, value, derivative)
#define LC_LEARNED_ACTIVATION(symbol, id, value, derivative, byParameter)                        \
    INLINE lanes symbol##ByParameter(lanes z, lanes y, const float *p, lanes learned) { return byParameter; } \
    static void symbol##ParameterGradient(const lc_op *op, const lc_batch *batch) {              \
        const area region = areaOf(op->m, batch);                                                \
        const lanes learned = learnedParameter(op, batch);                                       \
        lanes sum = splat(0);                                                                    \
        FOR_EACH_VECTOR(region, at)                                                              \
        sum += load(op->b + at) * symbol##ByParameter(load(op->d + at), load(op->e + at), op->p, learned); \
        const bool accumulate = ((op->flags | batch->flags) & LC_ACCUMULATE) != 0;               \
        if (batch->flags & LC_NETWORK_LANES)                                                     \
            store(op->f, accumulate ? load(op->f) + sum : sum);                                  \
        else                                                                                     \
            *op->f = sumOfLanes(sum) + (accumulate ? *op->f : 0);                                \
    }
#include "activations/list.h"

typedef void operation(const lc_op *, const lc_batch *);

static operation *const activateTable[] = {
#define LC_ACTIVATION(symbol, id, value, derivative) symbol##Activate,
#include "activations/list.h"
};

static operation *const activateGradTable[] = {
#define LC_ACTIVATION(symbol, id, value, derivative) symbol##Gradient,
#include "activations/list.h"
};

/* NULL for an activation that learns nothing. */
static operation *const parameterGradTable[] = {
#define LC_ACTIVATION(symbol, id, value, derivative) NULL,
#define LC_LEARNED_ACTIVATION(symbol, id, value, derivative, byParameter) symbol##ParameterGradient,
#include "activations/list.h"
};

static void activateGrad(const lc_op *op, const lc_batch *batch) {
    /* First, for a may be the same tensor as b. */
    if (op->f && parameterGradTable[op->kind]) parameterGradTable[op->kind](op, batch);
    activateGradTable[op->kind](op, batch);
}

static void activation(int32_t kind, const float *p, const float *x, float *y, int64_t n) {
    static void (*const table[])(const float *, const float *, float *, int64_t) = {
#define LC_ACTIVATION(symbol, id, value, derivative) symbol##Span,
#include "activations/list.h"
    };
    const float none[4] = {0};
    table[kind](p ? p : none, x, y, n);
}
