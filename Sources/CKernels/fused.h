/*
 * A product and the activation, or the derivative, that takes its results, as one operation: the results are in registers
 * then, and a small layer's activation takes a third of its product's time otherwise. All that the two operations write is
 * written.
 */
#pragma once

typedef void pairOfOperations(const lc_op *, const lc_op *next, const lc_batch *);

/* Whether `next` is the activation of all of a convolution's results: it takes them row by row of the image. */
INLINE bool isOfConvolution(const lc_op *op, const lc_op *next) {
    return op->code == LC_OP_CONVOLVE && next->code == LC_OP_ACTIVATE && next->b == op->a
        && next->m == op->m * op->window.outHeight * op->window.outWidth;
}

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

/* The function that does an operation together with the next one; NULL: none. */
INLINE pairOfOperations *pairOf(const lc_op *op, const lc_op *next, const lc_batch *batch) {
    if (isOfConvolution(op, next)) return convolveThen;
    if (next->b != op->a || workOf(op, batch) > PACKED_WORK) return NULL;
    if (op->code == LC_OP_AFFINE && next->code == LC_OP_ACTIVATE && next->m == op->m && op->c)
        return affineActivateTable[next->kind];
    /* A learned parameter's gradient needs all of the results first. */
    if (op->code == LC_OP_AFFINE_GRAD_INPUT && next->code == LC_OP_ACTIVATE_GRAD && next->m == op->n && !next->f)
        return gradInputActivateTable[next->kind];
    return NULL;
}
#else
INLINE pairOfOperations *pairOf(const lc_op *op, const lc_op *next, const lc_batch *batch) {
    return isOfConvolution(op, next) ? convolveThen : NULL;
}
#endif
