/*
 * A product and the activation, or the derivative, that takes its results, as one operation: the results are in registers
 * then, and a small layer's activation takes a third of its product's time otherwise. All that the two operations write is
 * written.
 */
#pragma once

typedef void pairOfOperations(const lc_op *, const lc_op *next, const lc_batch *);

#if JOINS_ACTIVATIONS

/* `product`, with the size of small batches as a constant: the small layers' addresses are then constants too. */
INLINE void productThen(
    float *z, const float *w, const float *bias, const float *x, int64_t outputs, int64_t terms, int64_t outer,
    int64_t inner, const lc_batch *batch, following next) {
    const lc_batch twoVectors = {.count = 2 * LC_LANES, .stride = 2 * LC_LANES};
    if (isTwoVectors(batch))
        product(z, w, bias, x, outputs, terms, outer, inner, &twoVectors, next);
    else
        product(z, w, bias, x, outputs, terms, outer, inner, batch, next);
}

#define LC_LONG_ACTIVATION(symbol, id, value, derivative)
#define LC_ACTIVATION(symbol, id, value, derivative)                                                     \
    static void symbol##AfterAffine(const lc_op *op, const lc_op *next, const lc_batch *batch) {         \
        const lc_op own = *next;                                                                         \
        const following activation = {symbol##ActivateAt, &own, op->a, learnedParameter(&own, batch)};   \
        productThen(op->a, op->b, op->c, op->d, op->m, op->n, op->n, 1, batch, activation);              \
    }                                                                                                    \
    static void symbol##AfterGradInput(const lc_op *op, const lc_op *next, const lc_batch *batch) {      \
        const lc_op own = *next;                                                                         \
        const following slope = {symbol##GradientAt, &own, op->a, learnedParameter(&own, batch)};        \
        productThen(op->a, op->b, NULL, op->d, op->n, op->m, 1, op->n, batch, slope);                    \
    }
#include "activations/list.h"

/* NULL for a long activation, whose text is not to be repeated for every result of a product. */
static pairOfOperations *const affineActivateTable[] = {
#define LC_LONG_ACTIVATION(symbol, id, value, derivative) NULL,
#define LC_ACTIVATION(symbol, id, value, derivative) symbol##AfterAffine,
#include "activations/list.h"
};

static pairOfOperations *const gradInputActivateTable[] = {
#define LC_LONG_ACTIVATION(symbol, id, value, derivative) NULL,
#define LC_ACTIVATION(symbol, id, value, derivative) symbol##AfterGradInput,
#include "activations/list.h"
};

#endif

/* The function that does an operation together with the next one, which takes its results; NULL: there is none for so many. */
INLINE pairOfOperations *pairOf(const lc_op *op, const lc_op *next, const lc_batch *batch) {
    if (op->code == LC_OP_CONVOLVE) return convolveThen; /* It takes them row by row of the image. */
#if JOINS_ACTIVATIONS
    if (workOf(op, batch) <= PACKED_WORK)
        return op->code == LC_OP_AFFINE ? affineActivateTable[next->kind] : gradInputActivateTable[next->kind];
#endif
    return NULL;
}
