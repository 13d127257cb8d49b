/*
 * Operations whose results at a place follow from their operands at that place alone, several after each other: they are done
 * some rows at a time, so that each finds what the one before has written in the nearest cache.
 */
#pragma once

#include "places.h"

/* CHAIN_FLOATS: of each operand at once. LONG_CHAIN: floats of a result from which that pays; lanes that are left out of the
   rows do not count. */
enum { CHAIN_FLOATS = 4096, LONG_CHAIN = 1 << 16 };

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
            const lc_op part = rowsFrom(op, first, count, batch->stride);
            table[op->code](&part, batch);
        }
    }
}
