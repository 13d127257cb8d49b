/*
 * Operations whose results at a place follow from their operands at that place alone, several after each other: they are done
 * some rows at a time, so that each finds what the one before has written in the nearest cache.
 */
#pragma once

/* CHAIN_FLOATS: of each operand at once. LONG_CHAIN: floats of a result from which that pays; lanes that are left out of the
   rows do not count. */
enum { CHAIN_FLOATS = 4096, LONG_CHAIN = 1 << 16 };

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

/* The rows of an operation in a chain; 0: it cannot be in one. */
INLINE int64_t placesOf(const lc_op *op) {
    const placeOperands operands = placeTable[op->code];
    /* A learned activation's gradient sums over all places. */
    if (!operands.rows || (op->code == LC_OP_ACTIVATE_GRAD && op->f)) return 0;
    return operands.units ? op->m * rowsOf(op) : op->m;
}

INLINE float *operandOf(const lc_op *op, int index) {
    float *const operands[] = {op->a, op->b, op->c, op->d, op->e};
    return operands[index];
}

/* Whether the first writes what the other has at another place. */
static bool crosses(const lc_op *op, const lc_op *other, int64_t length) {
    const intptr_t bytes = length * (intptr_t)sizeof(float);
    for (int i = 0; i < 5; i++) {
        if (!(placeTable[other->code].rows >> i & 1) || !operandOf(other, i)) continue;
        const intptr_t apart = (intptr_t)operandOf(other, i) - (intptr_t)op->a;
        if (apart != 0 && apart < bytes && -apart < bytes) return true;
    }
    return false;
}

/* The end of the chain that begins at `first`: behind it where there is none. */
static const lc_op *endOfChain(const lc_op *first, const lc_op *end, const lc_batch *batch) {
    const int64_t places = placesOf(first), length = places * batch->stride;
    if (places * roundedUp(batch->count) < LONG_CHAIN) return first + 1;
    int64_t unitRows = placeTable[first->code].units ? rowsOf(first) : 0;
    for (const lc_op *next = first + 1; next < end; next++) {
        if (placesOf(next) != places) return next;
        if (placeTable[next->code].units) {
            if (unitRows && unitRows != rowsOf(next)) return next;
            unitRows = rowsOf(next);
        }
        for (const lc_op *op = first; op < next; op++)
            if (crosses(op, next, length) || crosses(next, op, length)) return next;
    }
    return end;
}

/* `count` rows of an operation from the row `first` on: of one unit, or whole units. */
INLINE lc_op rowsFrom(const lc_op *op, int64_t first, int64_t count, const lc_batch *batch) {
    const placeOperands operands = placeTable[op->code];
    const int64_t unitRows = rowsOf(op);
    lc_op part = *op;
    float **const own[] = {&part.a, &part.b, &part.c, &part.d, &part.e};
    for (int i = 0; i < 5; i++) {
        if (!*own[i]) continue;
        if (operands.rows >> i & 1) *own[i] += first * batch->stride;
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

/* The operations of a chain, a part of a unit's rows or some whole units at a time. */
static void runChain(operation *const *table, const lc_op *ops, const lc_op *end, const lc_batch *batch) {
    const int64_t places = placesOf(ops), most = CHAIN_FLOATS / roundedUp(batch->count), step = most < 1 ? 1 : most;
    int64_t unitRows = 1;
    for (const lc_op *op = ops; op < end; op++)
        if (placeTable[op->code].units) unitRows = rowsOf(op);
    int64_t count;
    for (int64_t first = 0; first < places; first += count) {
        const int64_t left = unitRows <= step ? places - first : unitRows - first % unitRows;
        const int64_t rows = unitRows <= step ? step / unitRows * unitRows : step;
        count = rows < left ? rows : left;
        for (const lc_op *op = ops; op < end; op++) {
            const lc_op part = rowsFrom(op, first, count, batch);
            table[op->code](&part, batch);
        }
    }
}
