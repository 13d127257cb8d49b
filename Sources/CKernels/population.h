/*
 * Sixteen networks side by side, one to a lane (lc_population_kernels). Loops over single values are the same as for one
 * network, whose lanes are samples: there each (sample, network) is a lane. Here is what differs: products whose
 * weights are vectors too, and everything for which each network has numbers of its own.
 */
#pragma once

/* `lanesOf` is the batch in lanes, samples × networks; `samples` are those of one network. */

/* z[m, B] = bias[m] + W[m, n]·x[n, B] */
static void populationAffine(const lc_op *op, const lc_batch *lanesOf, int64_t samples) {
    const int64_t stride = lanesOf->stride;
    laneProduct(
        (lattice){op->a, stride, LC_LANES}, (lattice){op->b, (int64_t)op->n * LC_LANES, LC_LANES},
        (lattice){op->d, LC_LANES, stride}, op->c, op->m, samples, op->n);
}

/* dx[n, B] = W[m, n]ᵀ·dz[m, B] */
static void populationGradInput(const lc_op *op, const lc_batch *lanesOf, int64_t samples) {
    const int64_t stride = lanesOf->stride;
    laneProduct(
        (lattice){op->a, stride, LC_LANES}, (lattice){op->b, LC_LANES, (int64_t)op->n * LC_LANES},
        (lattice){op->d, LC_LANES, stride}, NULL, op->n, samples, op->m);
}

/* z[n, B] = bias[n] + W[m, n]ᵀ·x[m, B] */
static void populationAffineTransposed(const lc_op *op, const lc_batch *lanesOf, int64_t samples) {
    const int64_t stride = lanesOf->stride;
    laneProduct(
        (lattice){op->a, stride, LC_LANES}, (lattice){op->b, LC_LANES, (int64_t)op->n * LC_LANES},
        (lattice){op->d, LC_LANES, stride}, op->c, op->n, samples, op->m);
}

/*
 * Sums over a batch in the very order in which one network alone adds them up: sample s goes to partial sum s mod 16,
 * and the sixteen are added in the tree of sumLanes. So a network's bits do not depend on whether it trains alone.
 */
typedef struct treeSums {
    lanes of[TREE_ROWS][TREE_COLUMNS];
} treeSums;

/* Partial sum `first`: Σ a(i, s)·b(j, s) over s = first, first + 16, …; without b, Σ a(i, s). */
INLINE treeSums partialSums(
    int rows, int columns, const float *a, const float *b, int64_t stride, int64_t samples, int64_t first) {
    treeSums sums;
    const int64_t at = first * LC_LANES;
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++)
            sums.of[i][j] = b ? load(a + i * stride + at) * load(b + j * stride + at) : load(a + i * stride + at);
    for (int64_t s = first + LC_LANES; s < samples; s += LC_LANES)
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < columns; j++) {
                const lanes left = load(a + i * stride + s * LC_LANES);
                sums.of[i][j] =
                    b ? multiplyAdd(left, load(b + j * stride + s * LC_LANES), sums.of[i][j]) : sums.of[i][j] + left;
            }
    return sums;
}

/*
 * A node of the tree, over the partial sums first, first + STEP, …; what has no samples is 0 and left out. A product is
 * rounded before it is added to another, as it is where one network's lanes are shuffled between.
 */
#define TREE_NODE(STEP, CHILD)                                                                                  \
    INLINE treeSums treeSums##STEP(                                                                             \
        int rows, int columns, const float *a, const float *b, int64_t stride, int64_t samples, int64_t first) { \
        _Pragma("clang fp contract(off)") treeSums sums = CHILD(rows, columns, a, b, stride, samples, first);                                     \
        if (first + STEP < samples) {                                                                           \
            const treeSums others = CHILD(rows, columns, a, b, stride, samples, first + STEP);                  \
            for (int i = 0; i < rows; i++)                                                                      \
                for (int j = 0; j < columns; j++) sums.of[i][j] += others.of[i][j];                             \
        }                                                                                                       \
        return sums;                                                                                            \
    }
TREE_NODE(8, partialSums)
TREE_NODE(4, treeSums8)
TREE_NODE(2, treeSums4)
TREE_NODE(1, treeSums2)
#undef TREE_NODE

/* out(i, j) (+)= Σ_s a(i, s)·b(j, s) for one block; rows of `out` are `outer` apart. */
INLINE void laneGradientBlock(
    int rows, int columns, float *out, int64_t outer, const float *a, const float *b, int64_t stride,
    int64_t samples, bool accumulate) {
#pragma clang fp contract(off)
    const treeSums sums = treeSums1(rows, columns, a, b, stride, samples, 0);
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++) {
            float *target = out + i * outer + j * LC_LANES;
            store(target, accumulate ? load(target) + sums.of[i][j] : sums.of[i][j]);
        }
}

/* dW[m, n] (+)= dz[m, B]·x[n, B]ᵀ, db[m] (+)= row sums of dz */
static void populationGradParams(const lc_op *op, const lc_batch *lanesOf, int64_t samples) {
    const int64_t stride = lanesOf->stride, m = op->m, n = op->n, outer = n * LC_LANES;
    const bool accumulate = ((op->flags | lanesOf->flags) & LC_ACCUMULATE) != 0;
    for (int64_t i = 0; i < m; i += TREE_ROWS) {
        const float *dz = op->d + i * stride;
        float *row = op->a + i * outer;
#define BLOCK(rows, columns)                                                                                       \
    laneGradientBlock(                                                                                             \
        rows, columns, row + j * LC_LANES, outer, dz, op->e + j * stride, stride, samples, accumulate)
        int64_t j = 0;
        if (i + TREE_ROWS <= m) {
            for (; j + TREE_COLUMNS <= n; j += TREE_COLUMNS) BLOCK(TREE_ROWS, TREE_COLUMNS);
            for (; j < n; j++) BLOCK(TREE_ROWS, 1);
            if (op->c)
                laneGradientBlock(
                    TREE_ROWS, 1, op->c + i * LC_LANES, LC_LANES, dz, NULL, stride, samples, accumulate);
        } else {
            for (; j + TREE_COLUMNS <= n; j += TREE_COLUMNS) BLOCK(1, TREE_COLUMNS);
            for (; j < n; j++) BLOCK(1, 1);
            if (op->c)
                laneGradientBlock(1, 1, op->c + i * LC_LANES, LC_LANES, dz, NULL, stride, samples, accumulate);
        }
#undef BLOCK
    }
}

/* db[m] (+)= row sums of dz[m, B] */
static void populationRowSums(const lc_op *op, const lc_batch *lanesOf, int64_t samples) {
    const bool accumulate = ((op->flags | lanesOf->flags) & LC_ACCUMULATE) != 0;
    for (int64_t i = 0; i < op->m; i++)
        laneGradientBlock(
            1, 1, op->a + i * LC_LANES, LC_LANES, op->b + i * lanesOf->stride, NULL, lanesOf->stride, samples,
            accumulate);
}

/* The halves of each network's key of one layer's random numbers. */
typedef struct laneKeys {
    words low, high;
} laneKeys;

INLINE laneKeys laneKeysOf(const lc_op *op, const lc_batch *lanesOf, const uint64_t *seeds) {
    laneKeys keys;
    for (int l = 0; l < LC_LANES; l++) {
        const uint64_t key = noiseKey(seeds[l], lanesOf->counter, op->kind);
        keys.low[l] = (uint32_t)key;
        keys.high[l] = (uint32_t)(key >> 32);
    }
    return keys;
}

/* The masks that each network would draw alone: see dropout.h. */
static void populationDropout(
    const lc_op *op, const lc_batch *lanesOf, int64_t samples, const uint64_t *seeds) {
    const lanes rate = load(op->f), kept = choose(rate < 1, 1 / (1 - rate), splat(0));
    const int64_t rows = op->n > 1 ? op->n : 1;
    const laneKeys keys = laneKeysOf(op, lanesOf, seeds);
    for (int64_t u = 0; u < op->m; u++)
        for (int64_t s = 0; s < samples; s++) {
            const int64_t at = u * rows * lanesOf->stride + s * LC_LANES;
            const words sample = (words)(uint32_t)(lanesOf->first + s);
            const lanes mask =
                choose(uniformOf(keys.low, keys.high, (uint32_t)u, sample) < rate, splat(0), kept);
            for (int64_t row = at; row < at + rows * lanesOf->stride; row += lanesOf->stride) {
                store(op->c + row, mask);
                store(op->a + row, load(op->b + row) * mask);
            }
        }
}

/* The noise that each network would draw alone: see noise.h. */
static void populationNoise(const lc_op *op, const lc_batch *lanesOf, int64_t samples, const uint64_t *seeds) {
    const lanes deviation = load(op->f);
    const laneKeys keys = laneKeysOf(op, lanesOf, seeds);
    for (int64_t u = 0; u < op->m; u++)
        for (int64_t s = 0; s < samples; s++) {
            const int64_t at = u * lanesOf->stride + s * LC_LANES;
            const words sample = (words)(uint32_t)(lanesOf->first + s);
            store(op->a + at, load(op->b + at) + deviation * normalOf(keys.low, keys.high, (uint32_t)u, sample));
        }
}

static void populationRun(const lc_op *ops, int32_t count, const lc_batch *batch, const uint64_t *seeds) {
    const int64_t samples = batch->count;
    lc_batch all = *batch;
    all.count *= LC_LANES;
    all.stride *= LC_LANES;
    all.flags |= LC_NETWORK_LANES;
    for (const lc_op *op = ops; op < ops + count; op++) switch ((lc_opcode)op->code) {
        case LC_OP_AFFINE: populationAffine(op, &all, samples); break;
        case LC_OP_AFFINE_GRAD_INPUT: populationGradInput(op, &all, samples); break;
        case LC_OP_AFFINE_GRAD_PARAMS: populationGradParams(op, &all, samples); break;
        case LC_OP_AFFINE_TRANSPOSED: populationAffineTransposed(op, &all, samples); break;
        case LC_OP_ROW_SUMS:
            if (op->n > 1)
                sumRows(op, &all);
            else
                populationRowSums(op, &all, samples);
            break;
        case LC_OP_DROPOUT: populationDropout(op, &all, samples, seeds); break;
        case LC_OP_NOISE: populationNoise(op, &all, samples, seeds); break;
        case LC_OP_STEPS_AFFINE: lanesStepsAffine(op, &all); break;
        case LC_OP_STEPS_GRAD_INPUT: lanesStepsGradInput(op, &all); break;
        case LC_OP_STEPS_GRAD_PARAMS: lanesStepsGradParams(op, &all); break;
        case LC_OP_RECUR: lanesRecur(op, &all); break;
        case LC_OP_RECUR_GRAD: lanesRecurGrad(op, &all); break;
        case LC_OP_EMBED: lanesEmbed(op, &all); break;
        case LC_OP_EMBED_GRAD: lanesEmbedGrad(op, &all); break;
        default: operationTable[op->code](op, &all);
        }
}

static void populationGather(
    float *out, int32_t stride, const float *const *data, int64_t dataStride, int32_t units,
    const int32_t *const *orders, int64_t first, int32_t count) {
    bool alike = true;
    for (int l = 1; l < LC_LANES; l++) alike = alike && data[l] == data[0] && (!orders || orders[l] == orders[0]);
    for (int64_t u = 0; u < units; u++) {
        float *target = out + u * stride * LC_LANES;
        for (int64_t s = first; s < first + count; s++, target += LC_LANES) {
            if (alike)
                store(target, splat(data[0][u * dataStride + (orders ? orders[0][s] : s)]));
            else
                for (int l = 0; l < LC_LANES; l++) target[l] = data[l][u * dataStride + (orders ? orders[l][s] : s)];
        }
    }
}

static void populationLoss(
    int32_t kind, const float *p, const float *y, const float *t, int32_t units, const lc_batch *batch,
    double *sums) {
    lc_batch all = *batch;
    all.count *= LC_LANES;
    all.stride *= LC_LANES;
    doubles added;
    lossSums(kind, p, y, t, units, &all, &added);
    for (int l = 0; l < LC_LANES; l++) sums[l] += added[l];
}

static void populationStepsLoss(
    int32_t kind, const float *p, const float *y, const float *t, const float *shares, int32_t units, int32_t steps,
    const lc_batch *batch, double *sums) {
    lc_batch all = *batch;
    all.count *= LC_LANES;
    all.stride *= LC_LANES;
    lanesStepsLoss(kind, p, y, t, shares, units, steps, &all, sums);
}

/* A bit for each lane that is not 0; NaN counts. */
INLINE uint32_t lanesNotZero(lanes v) {
    const ints different = v != 0.0f;
    uint32_t bits = 0;
    if (__builtin_reduce_or(different) != 0)
        for (int l = 0; l < LC_LANES; l++) bits |= (different[l] ? 1u : 0u) << l;
    return bits;
}

/* Each network's constants come to its lane; networks with the same settings, as those of one step size, share them. */
#define LC_OPTIMIZER(symbol, id, slots)                                                                            \
    static symbol##Lanes symbol##Collect(const lc_update *us) {                                                    \
        enum { COUNT = sizeof(symbol) / sizeof(float) };                                                           \
        _Alignas(64) float table[COUNT][LC_LANES];                                                                 \
        float values[COUNT];                                                                                       \
        for (int l = 0; l < LC_LANES; l++) {                                                                       \
            if (l == 0 || !haveSameSettings(us + l, us + l - 1)) {                                                 \
                const symbol constants = symbol##Constants(us + l);                                                \
                __builtin_memcpy(values, &constants, sizeof values);                                               \
            }                                                                                                      \
            for (int i = 0; i < COUNT; i++) table[i][l] = values[i];                                               \
        }                                                                                                          \
        symbol##Lanes collected;                                                                                   \
        __builtin_memcpy(&collected, table, sizeof collected);                                                     \
        return collected;                                                                                          \
    }                                                                                                              \
    static uint32_t symbol##PopulationUpdate(                                                                      \
        const lc_update *us, float *w, const float *g, float *state0, float *state1, int64_t n) {                  \
        const symbol##Lanes constants = symbol##Collect(us);                                                       \
        lanes scale, unsound = splat(0), s0 = splat(0), s1 = splat(0);                                             \
        for (int l = 0; l < LC_LANES; l++) scale[l] = us[l].scale;                                                 \
        for (int64_t i = 0; i < n * LC_LANES; i += LC_LANES) {                                                     \
            lanes weights = load(w + i);                                                                           \
            if (slots > 0) s0 = load(state0 + i);                                                                  \
            if (slots > 1) s1 = load(state1 + i);                                                                  \
            symbol##Step(&constants, &weights, scale * load(g + i), &s0, &s1);                                     \
            store(w + i, weights);                                                                                 \
            if (slots > 0) store(state0 + i, s0);                                                                  \
            if (slots > 1) store(state1 + i, s1);                                                                  \
            unsound += weights - weights;                                                                          \
        }                                                                                                          \
        return lanesNotZero(unsound);                                                                              \
    }

INLINE bool haveSameSettings(const lc_update *a, const lc_update *b) {
    bool same = a->learningRate == b->learningRate && a->step == b->step;
    for (int i = 0; i < 6; i++) same = same && a->p[i] == b->p[i];
    return same;
}
#include "optimizers/list.h"

static uint32_t populationUpdate(
    const lc_update *us, float *w, const float *g, float *state0, float *state1, int64_t n) {
    static uint32_t (*const table[])(const lc_update *, float *, const float *, float *, float *, int64_t) = {
#define LC_OPTIMIZER(symbol, id, slots) symbol##PopulationUpdate,
#include "optimizers/list.h"
    };
    return table[us->kind](us, w, g, state0, state1, n);
}

static void populationDecay(
    float *w, const float *old, int64_t n, const float *rate, const float *l1, const float *l2) {
    const lanes rates = loadAnywhere(rate), first = loadAnywhere(l1), second = loadAnywhere(l2);
    for (int64_t i = 0; i < n * LC_LANES; i += LC_LANES)
        store(w + i, decayed(load(w + i), load(old + i), rates, first, second));
}

static void populationSumOfSquares(const float *x, int64_t n, double *sums) {
    doubles sum = 0;
    for (int64_t i = 0; i < n * LC_LANES; i += LC_LANES) {
        const doubles v = __builtin_convertvector(load(x + i), doubles);
        sum += v * v;
    }
    for (int l = 0; l < LC_LANES; l++) sums[l] = sum[l];
}
