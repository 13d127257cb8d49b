/* Operations whose results at a place follow from their operands at that place alone. */
#pragma once

#include "CKernels.h"

/* The rows of a unit, which has n of them: the places of a channel; 0: one. */
static inline int64_t rowsOf(const lc_op *op) { return op->n > 1 ? op->n : 1; }

/* Which of an operation's operands a, b, c, d, e have a row for each place (bit 0 is a), and which a number for each unit. */
typedef struct placeOperands {
    uint8_t rows, units;
} placeOperands;

static const placeOperands placeTable[LC_OP_COUNT] = {
    [LC_OP_ACTIVATE] = {.rows = 3},
    [LC_OP_ACTIVATE_GRAD] = {.rows = 1 + 2 + 8 + 16},
    [LC_OP_SCALE_BY] = {.rows = 7},
    [LC_OP_COPY] = {.rows = 3},
    [LC_OP_ADD] = {.rows = 7},
    [LC_OP_SCALE] = {.rows = 3},
    [LC_OP_MAXIMUM] = {.rows = 7},
    [LC_OP_MAXIMUM_GRAD] = {.rows = 15},
    [LC_OP_NORMALIZE_BY_STATE] = {.rows = 3, .units = 4 + 8},
    [LC_OP_NORMALIZE_BY_STATE_GRAD] = {.rows = 3, .units = 8},
    [LC_OP_SCALE_SHIFT] = {.rows = 3, .units = 4 + 8},
};

/* The rows of such an operation; 0: it is another one. */
static inline int64_t placesOf(const lc_op *op) {
    const placeOperands operands = placeTable[op->code];
    /* A learned activation's gradient sums over all places. */
    if (!operands.rows || (op->code == LC_OP_ACTIVATE_GRAD && op->f)) return 0;
    return operands.units ? op->m * rowsOf(op) : op->m;
}

static inline float *operandOf(const lc_op *op, int index) {
    float *const operands[] = {op->a, op->b, op->c, op->d, op->e};
    return operands[index];
}

/* `count` rows of an operation from the row `first` on: of one unit, or whole units. */
static inline lc_op rowsFrom(const lc_op *op, int64_t first, int64_t count, int64_t stride) {
    const placeOperands operands = placeTable[op->code];
    const int64_t unitRows = rowsOf(op);
    lc_op part = *op;
    float **const own[] = {&part.a, &part.b, &part.c, &part.d, &part.e};
    for (int i = 0; i < 5; i++) {
        if (!*own[i]) continue;
        if (operands.rows >> i & 1) *own[i] += first * stride;
        if (operands.units >> i & 1) *own[i] += first / unitRows;
    }
    if (!operands.units) {
        part.m = (int32_t)count;
    } else if (count % unitRows == 0) {
        part.m = (int32_t)(count / unitRows);
    } else {
        part.m = 1;
        part.n = (int32_t)count;
    }
    return part;
}
