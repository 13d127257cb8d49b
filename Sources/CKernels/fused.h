/*
 * A product and the activation, or the derivative, that takes its results, as one operation: the results are in registers
 * then, and a small layer's activation takes a third of its product's time otherwise. All that the two operations write is
 * written.
 */
#pragma once

#define LC_ACTIVATION(symbol, id, value, derivative)                                                     \
    static void symbol##AfterAffine(const lc_op *op, const lc_op *next, const lc_batch *batch) {         \
        const lc_op own = *next;                                                                         \
        const following activation = {symbol##ActivateAt, &own, op->a, learnedParameter(&own, batch)};   \
        product(op->a, op->b, op->c, op->d, op->m, op->n, op->n, 1, batch, activation);                  \
    }                                                                                                    \
    static void symbol##AfterGradInput(const lc_op *op, const lc_op *next, const lc_batch *batch) {      \
        const lc_op own = *next;                                                                         \
        const following slope = {symbol##GradientAt, &own, op->a, learnedParameter(&own, batch)};  \
        product(op->a, op->b, NULL, op->d, op->n, op->m, 1, op->n, batch, slope);                  \
    }
#include "activations/list.h"

typedef void pairOfOperations(const lc_op *, const lc_op *next, const lc_batch *);

static pairOfOperations *const affineActivateTable[] = {
#define LC_ACTIVATION(symbol, id, value, derivative) symbol##AfterAffine,
#include "activations/list.h"
};

static pairOfOperations *const gradInputActivateTable[] = {
#define LC_ACTIVATION(symbol, id, value, derivative) symbol##AfterGradInput,
#include "activations/list.h"
};

/* Runs an operation together with the next one where there is a way; returns whether it did. */
INLINE bool runWithNext(const lc_op *op, const lc_op *end, const lc_batch *batch) {
    const lc_op *next = op + 1;
    if (next == end || next->b != op->a || workOf(op, batch) > PACKED_WORK) return false;
    if (op->code == LC_OP_AFFINE && next->code == LC_OP_ACTIVATE && next->m == op->m && op->c) {
        affineActivateTable[next->kind](op, next, batch);
        return true;
    }
    /* A learned parameter's gradient needs all of the results first. */
    if (op->code == LC_OP_AFFINE_GRAD_INPUT && next->code == LC_OP_ACTIVATE_GRAD && next->m == op->n && !next->f) {
        gradInputActivateTable[next->kind](op, next, batch);
        return true;
    }
    return false;
}
