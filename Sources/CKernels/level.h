/*
 * All kernels of one instruction-set level. A file level_X.c sets LC_THIS_LEVEL (the number of an
 * lc_level, for the preprocessor), LC_TABLE and the compiler's target for functions, then includes this.
 */
#include "vector.h"
#include "elementary.h"
#include "affine.h"
#include "activate.h"
#include "softmax.h"
#include "loss.h"
#include "dropout.h"
#include "update.h"

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

static void run(const lc_op *ops, int32_t count, const lc_batch *batch) {
    for (const lc_op *op = ops; op < ops + count; op++) switch ((lc_opcode)op->code) {
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

/* A dataset's rows are in memory one unit after the other, as a batch's are; the order picks the samples. */
static void gather(
    float *out, int32_t stride, const float *data, int64_t dataStride, int32_t units, const int32_t *order,
    int64_t first, int32_t count) {
    for (int64_t u = 0; u < units; u++) {
        const float *row = data + u * dataStride;
        for (int64_t s = 0; s < count; s += LC_LANES) {
            const int64_t rest = count - s;
            float *target = out + u * stride + s;
            if (order) {
                float values[LC_LANES] = {0};
                for (int64_t i = 0; i < (rest < LC_LANES ? rest : LC_LANES); i++) values[i] = row[order[first + s + i]];
                store(target, loadAnywhere(values));
            } else {
                store(target, rest < LC_LANES ? loadFirst(row + first + s, rest) : loadAnywhere(row + first + s));
            }
        }
    }
}

const lc_kernels LC_TABLE = {
    .level = (lc_level)LC_THIS_LEVEL,
    .run = run,
    .gather = gather,
    .loss = loss,
    .update = update,
    .decay = decay,
    .sumOfSquares = sumOfSquares,
    .activation = activation,
};
