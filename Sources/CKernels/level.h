/*
 * All kernels of one instruction-set level. A file level_X.c sets LC_THIS_LEVEL (the number of an
 * lc_level, for the preprocessor), LC_TABLE and the compiler's target for functions, then includes this.
 */
#include "vector.h"
#include "elementary.h"
#include "affine.h"
#include "activate.h"
#include "fused.h"
#include "softmax.h"
#include "loss.h"
#include "dropout.h"
#include "update.h"
#include "gather.h"

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

INLINE void runOne(const lc_op *op, const lc_batch *batch) {
    switch ((lc_opcode)op->code) {
    case LC_OP_AFFINE: affine(op, batch); break;
    case LC_OP_AFFINE_GRAD_INPUT: affineGradInput(op, batch); break;
    case LC_OP_AFFINE_GRAD_PARAMS: affineGradParams(op, batch); break;
    case LC_OP_ACTIVATE: activateTable[op->kind](op, batch); break;
    case LC_OP_ACTIVATE_GRAD: activateGrad(op, batch); break;
    case LC_OP_SOFTMAX: softmax(op, batch); break;
    case LC_OP_SOFTMAX_GRAD: softmaxGrad(op, batch); break;
    case LC_OP_DROPOUT: dropout(op, batch); break;
    case LC_OP_SCALE_BY: scaleBy(op, batch); break;
    case LC_OP_LOSS_GRAD: lossGradTable[op->kind](op, batch); break;
    case LC_OP_COPY: copy(op, batch); break;
    case LC_OP_ADD: add(op, batch); break;
    case LC_OP_COUNT: __builtin_unreachable();
    }
}

static void run(const lc_op *ops, int32_t count, const lc_batch *batch) {
    const lc_op *end = ops + count;
    for (const lc_op *op = ops; op < end; op++) {
        if (runWithNext(op, end, batch))
            op++;
        else
            runOne(op, batch);
    }
}

#include "population.h"

const lc_kernels LC_TABLE = {
    .level = (lc_level)LC_THIS_LEVEL,
    .run = run,
    .gather = gather,
    .loss = loss,
    .update = update,
    .decay = decay,
    .sumOfSquares = sumOfSquares,
    .activation = activation,
    .population = {
        .run = populationRun,
        .gather = populationGather,
        .loss = populationLoss,
        .update = populationUpdate,
        .decay = populationDecay,
        .sumOfSquares = populationSumOfSquares,
    },
};
