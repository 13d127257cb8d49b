/* Which operations may be done together with those behind them, as far as the operations alone tell. */
#pragma once

#include "places.h"

/* Whether `next` is the activation, or the derivative, that takes all of the results of a product. */
static inline bool isTakenBy(const lc_op *op, const lc_op *next) {
    if (next->b != op->a) return false;
    switch (op->code) {
    case LC_OP_CONVOLVE:
        return next->code == LC_OP_ACTIVATE && next->m == op->m * op->window.outHeight * op->window.outWidth;
    case LC_OP_AFFINE: return next->code == LC_OP_ACTIVATE && next->m == op->m && op->c;
    /* A learned parameter's gradient needs all of the results first. */
    case LC_OP_AFFINE_GRAD_INPUT: return next->code == LC_OP_ACTIVATE_GRAD && next->m == op->n && !next->f;
    default: return false;
    }
}

/* The flags of an operation, for the one that follows. */
static inline int32_t joinsOf(const lc_op *op, const lc_op *next) {
    if (isTakenBy(op, next)) return LC_TAKEN_BY_NEXT;
    return placesOf(op) && placesOf(op) == placesOf(next) ? LC_BEGINS_CHAIN : 0;
}
