/*
 * All kernels of one instruction-set level. A file level_X.c sets LC_THIS_LEVEL (the number of an
 * lc_level, for the preprocessor), LC_TABLE and the compiler's target for functions, then includes this.
 */
#include "vector.h"
#include "elementary.h"
#include "affine.h"
#include "activate.h"
#include "convolve.h"
#include "fused.h"
#include "softmax.h"
#include "loss.h"
#include "dropout.h"
#include "noise.h"
#include "normalize.h"
#include "pool.h"
#include "lane-products.h"
#include "steps.h"
#include "cells.h"
#include "recur.h"
#include "attend.h"
#include "embed.h"
#include "code.h"
#include "energy.h"
#include "update.h"
#include "gather.h"
#include "chain.h"

static void scaleBy(const lc_op *op, const lc_batch *batch) {
    const area region = areaOf(op->m, batch);
    FOR_EACH_VECTOR(region, at) store(op->a + at, load(op->b + at) * load(op->c + at));
}

static void copy(const lc_op *op, const lc_batch *batch) {
    const area region = areaOf(op->m, batch);
    FOR_EACH_VECTOR(region, at) store(op->a + at, load(op->b + at));
}

static void add(const lc_op *op, const lc_batch *batch) {
    const area region = areaOf(op->m, batch);
    FOR_EACH_VECTOR(region, at) store(op->a + at, load(op->b + at) + load(op->c + at));
}

static void scale(const lc_op *op, const lc_batch *batch) {
    const area region = areaOf(op->m, batch);
    FOR_EACH_VECTOR(region, at) store(op->a + at, op->p[0] * load(op->b + at));
}

static void maximum(const lc_op *op, const lc_batch *batch) {
    const area region = areaOf(op->m, batch);
    FOR_EACH_VECTOR(region, at) store(op->a + at, larger(load(op->b + at), load(op->c + at)));
}

static void maximumGrad(const lc_op *op, const lc_batch *batch) {
    const area region = areaOf(op->m, batch);
    FOR_EACH_VECTOR(region, at) {
        const lanes own = load(op->c + at), other = load(op->d + at);
        store(op->a + at, choose(op->p[0] == 1 ? own >= other : own > other, load(op->b + at), splat(0)));
    }
}

static void activate(const lc_op *op, const lc_batch *batch) { activateTable[op->kind](op, batch); }
static void lossGrad(const lc_op *op, const lc_batch *batch) { lossGradTable[op->kind](op, batch); }

/* Calls keep the loop over the operations small, whose cost a small network's step feels. */
static operation *const operationTable[LC_OP_COUNT] = {
    [LC_OP_AFFINE] = affine,
    [LC_OP_AFFINE_GRAD_INPUT] = affineGradInput,
    [LC_OP_AFFINE_GRAD_PARAMS] = affineGradParams,
    [LC_OP_AFFINE_TRANSPOSED] = affineTransposed,
    [LC_OP_ROW_SUMS] = sumRows,
    [LC_OP_ACTIVATE] = activate,
    [LC_OP_ACTIVATE_GRAD] = activateGrad,
    [LC_OP_SOFTMAX] = softmax,
    [LC_OP_SOFTMAX_GRAD] = softmaxGrad,
    [LC_OP_DROPOUT] = dropout,
    [LC_OP_SCALE_BY] = scaleBy,
    [LC_OP_LOSS_GRAD] = lossGrad,
    [LC_OP_COPY] = copy,
    [LC_OP_ADD] = add,
    [LC_OP_SCALE] = scale,
    [LC_OP_MAXIMUM] = maximum,
    [LC_OP_MAXIMUM_GRAD] = maximumGrad,
    [LC_OP_NOISE] = noise,
    [LC_OP_NORMALIZE_BATCH] = normalizeBatch,
    [LC_OP_NORMALIZE_BATCH_GRAD] = normalizeBatchGrad,
    [LC_OP_NORMALIZE_BY_STATE] = normalizeByState,
    [LC_OP_NORMALIZE_BY_STATE_GRAD] = normalizeByStateGrad,
    [LC_OP_NORMALIZE_UNITS] = normalizeUnits,
    [LC_OP_NORMALIZE_UNITS_GRAD] = normalizeUnitsGrad,
    [LC_OP_SCALE_SHIFT] = scaleShift,
    [LC_OP_SCALE_SHIFT_GRAD] = scaleShiftGrad,
    [LC_OP_RESPOND] = respond,
    [LC_OP_RESPOND_GRAD] = respondGrad,
    [LC_OP_CONVOLVE] = convolve,
    [LC_OP_CONVOLVE_BACK] = convolveBack,
    [LC_OP_CONVOLVE_GRAD] = convolveGradWeights,
    [LC_OP_POOL_MAXIMUM] = poolMaximum,
    [LC_OP_POOL_MAXIMUM_GRAD] = poolMaximumGrad,
    [LC_OP_POOL_SUM] = poolSum,
    [LC_OP_POOL_SPREAD] = poolSpread,
    [LC_OP_STEPS_AFFINE] = stepsAffine,
    [LC_OP_STEPS_GRAD_INPUT] = stepsGradInput,
    [LC_OP_STEPS_GRAD_PARAMS] = stepsGradParams,
    [LC_OP_STEPS_LAST] = stepsLast,
    [LC_OP_STEPS_LAST_GRAD] = stepsLastGrad,
    [LC_OP_STEPS_SUM] = stepsSum,
    [LC_OP_STEPS_SPREAD] = stepsSpread,
    [LC_OP_STEPS_LOSS_GRAD] = stepsLossGrad,
    [LC_OP_RECUR] = recur,
    [LC_OP_RECUR_GRAD] = recurGrad,
    [LC_OP_ATTEND] = attend,
    [LC_OP_ATTEND_GRAD] = attendGrad,
    [LC_OP_EMBED] = embed,
    [LC_OP_EMBED_GRAD] = embedGrad,
    [LC_OP_DRAW_CODE] = drawCode,
    [LC_OP_DRAW_CODE_GRAD] = drawCodeGrad,
    [LC_OP_CODE_DIVERGENCE] = codeDivergence,
    [LC_OP_SPARSITY] = sparsity,
    [LC_OP_SPARSITY_GRAD] = sparsityGrad,
    [LC_OP_DRAW_BITS] = drawBits,
    [LC_OP_DRAW_CLASS] = drawClass,
    [LC_OP_DIFFERENCE] = difference,
    [LC_OP_SQUARED_DISTANCE] = squaredDistance,
    [LC_OP_FREE_ENERGY] = freeEnergy,
    [LC_OP_FLIP_SCORE] = flipScore,
};

static void run(const lc_op *ops, int32_t count, const lc_batch *batch) {
    const lc_op *end = ops + count;
    for (const lc_op *op = ops; op < end; op++) {
        if (op->flags & LC_TAKEN_BY_NEXT && op + 1 < end) {
            pairOfOperations *pair = pairOf(op, op + 1, batch);
            if (pair) {
                pair(op, op + 1, batch);
                op++;
                continue;
            }
        } else if (op->flags & LC_BEGINS_CHAIN) {
            const lc_op *next = endOfChain(op, end, batch);
            if (next > op + 1) {
                runChain(operationTable, op, next, batch);
                op = next - 1;
                continue;
            }
        }
        operationTable[op->code](op, batch);
    }
}

#include "population.h"

const lc_kernels LC_TABLE = {
    .level = (lc_level)LC_THIS_LEVEL,
    .run = run,
    .gather = gather,
    .gatherBytes = gatherBytes,
    .gatherTokens = gatherTokens,
    .gatherClasses = gatherClasses,
    .loss = loss,
    .stepsLoss = stepsLoss,
    .update = update,
    .decay = decay,
    .sumOfSquares = sumOfSquares,
    .descendWithCost = descendWithCost,
    .activation = activation,
    .population = {
        .run = populationRun,
        .gather = populationGather,
        .loss = populationLoss,
        .stepsLoss = populationStepsLoss,
        .update = populationUpdate,
        .decay = populationDecay,
        .sumOfSquares = populationSumOfSquares,
    },
};
