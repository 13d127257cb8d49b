/*
 * A recurrent layer over all steps of a sequence, and its way back. `kind` is the cell, m its units; each step has the rows of
 * its gates (one, four or three times m), in which the sums W_ih x + b_ih lie before, and of the cell's own values.
 *
 * LC_OP_RECUR: a = the states h [steps, m], b = W_hh, c = b_hh, d = the gates, which replace the sums, e and h = the state and an
 * LSTM's cell before the first step or NULL, which are 0, f = c [steps, m] of an LSTM or q of a GRU, g = the samples' lengths or
 * NULL. Steps behind a sample's end have the state 0.
 * LC_OP_RECUR_GRAD: a = the gradients at the sums, b = W_hh, c = of a GRU those at W_hh h + b_hh (the same but for q's), of an
 * LSTM a row for each unit's cell, d = the gates, e = the gradients at the states from outside, to which those from the step
 * after are added, f and g as before, h = the states. Where a state comes before the first step (`steps.continues`), a GRU's h and
 * an LSTM's f begin with it; no gradient goes there.
 *
 * `isLanes`: networks side by side, each with weights of its own (population.h).
 */
#pragma once

INLINE int64_t gatesOf(int cell) { return cell == LC_CELL_LSTM ? 4 : cell == LC_CELL_GRU ? 3 : 1; }

/* The step that is done i-th. */
INLINE int64_t stepAt(const lc_steps *steps, int64_t i) { return steps->isReversed ? steps->count - 1 - i : i; }

INLINE void recurWith(bool isLanes, int cell, const lc_op *op, const lc_batch *batch) {
    const int64_t stride = batch->stride, width = roundedUp(batch->count), m = op->m, gates = gatesOf(cell) * m;
    const int64_t next = m * stride, each = isLanes ? LC_LANES : 1;
    const float *bias = op->c;
    for (int64_t i = 0; i < op->steps.count; i++) {
        const int64_t t = stepAt(&op->steps, i), before = i > 0 ? stepAt(&op->steps, i - 1) : t;
        float *h = op->a + t * op->steps.pitch * stride, *z = op->d + t * gates * stride;
        float *own = op->f ? op->f + t * next : NULL;
        const float *state = i > 0 ? op->a + before * op->steps.pitch * stride : op->e;
        const float *memory = cell != LC_CELL_LSTM ? NULL : i > 0 ? op->f + before * next : op->h;
        if (state) {
            addProduct(isLanes, z, op->b, state, cell == LC_CELL_GRU ? 2 * m : gates, m, m, 1, batch);
            if (cell == LC_CELL_GRU)
                newProduct(
                    isLanes, own, op->b + 2 * m * m * each, bias + 2 * m * each, state, m, m, m, 1, batch);
        } else if (cell == LC_CELL_GRU) {
            for (int64_t j = 0; j < m; j++)
                for (int64_t s = 0; s < width; s += LC_LANES)
                    store(own + j * stride + s, parameterAt(isLanes, bias, 2 * m + j));
        }
        for (int64_t s = 0; s < width; s += LC_LANES) {
            const ints isReal = hasStep(op->g, s, (int32_t)t);
            for (int64_t j = 0; j < m; j++) {
                const int64_t at = j * stride + s;
                if (cell == LC_CELL_LSTM) {
                    const lstmUnit unit = lstmStep(
                        load(z + at) + parameterAt(isLanes, bias, j), load(z + next + at) + parameterAt(isLanes, bias, m + j),
                        load(z + 2 * next + at) + parameterAt(isLanes, bias, 2 * m + j),
                        load(z + 3 * next + at) + parameterAt(isLanes, bias, 3 * m + j),
                        memory ? load(memory + at) : splat(0));
                    store(z + at, unit.i);
                    store(z + next + at, unit.f);
                    store(z + 2 * next + at, unit.g);
                    store(z + 3 * next + at, unit.o);
                    store(own + at, choose(isReal, unit.c, splat(0)));
                    store(h + at, choose(isReal, unit.h, splat(0)));
                } else if (cell == LC_CELL_GRU) {
                    const gruUnit unit = gruStep(
                        load(z + at) + parameterAt(isLanes, bias, j), load(z + next + at) + parameterAt(isLanes, bias, m + j),
                        load(z + 2 * next + at), load(own + at), state ? load(state + at) : splat(0));
                    store(z + at, unit.r);
                    store(z + next + at, unit.z);
                    store(z + 2 * next + at, unit.n);
                    store(h + at, choose(isReal, unit.h, splat(0)));
                } else {
                    const lanes sum = load(z + at) + parameterAt(isLanes, bias, j);
                    const lanes y = cell == LC_CELL_TANH ? hyperbolicTangent(sum) : atLeast(sum, 0);
                    store(z + at, y);
                    store(h + at, choose(isReal, y, splat(0)));
                }
            }
        }
    }
}

INLINE void recurGradWith(bool isLanes, int cell, const lc_op *op, const lc_batch *batch) {
    const int64_t stride = batch->stride, width = roundedUp(batch->count), m = op->m, gates = gatesOf(cell) * m;
    const int64_t next = m * stride, lead = op->steps.continues ? 1 : 0, pitch = op->steps.pitch * stride;
    for (int64_t i = op->steps.count - 1; i >= 0; i--) {
        const int64_t t = stepAt(&op->steps, i), before = i > 0 ? stepAt(&op->steps, i - 1) : t;
        const bool isLast = i == op->steps.count - 1;
        const float *own = cell == LC_CELL_LSTM ? op->f + (t + lead) * next : cell == LC_CELL_GRU ? op->f + t * next : NULL;
        const float *memory = cell != LC_CELL_LSTM ? NULL : i > 0 ? op->f + (before + lead) * next : lead ? op->f : NULL;
        const float *state = cell != LC_CELL_GRU ? NULL : i > 0 ? op->h + (before + lead) * pitch : lead ? op->h : NULL;
        float *dz = op->a + t * gates * stride;
        const float *z = op->d + t * gates * stride, *dh = op->e + t * op->steps.pitch * stride;
        float *passed = op->e + before * op->steps.pitch * stride;
        float *atState = cell == LC_CELL_GRU ? op->c + t * gates * stride : dz;
        for (int64_t s = 0; s < width; s += LC_LANES) {
            const ints isReal = hasStep(op->g, s, (int32_t)t);
            for (int64_t j = 0; j < m; j++) {
                const int64_t at = j * stride + s;
                const lanes gradient = choose(isReal, load(dh + at), splat(0));
                if (cell == LC_CELL_LSTM) {
                    lstmUnit unit = {
                        .i = load(z + at), .f = load(z + next + at), .g = load(z + 2 * next + at),
                        .o = load(z + 3 * next + at), .c = load(own + at)};
                    const lanes cellBefore = memory ? load(memory + at) : splat(0);
                    const lanes fromLater = isLast ? splat(0) : choose(isReal, load(op->c + at), splat(0));
                    unit = lstmStepBack(unit, cellBefore, gradient, fromLater);
                    store(dz + at, unit.i);
                    store(dz + next + at, unit.f);
                    store(dz + 2 * next + at, unit.g);
                    store(dz + 3 * next + at, unit.o);
                    store(op->c + at, unit.c);
                } else if (cell == LC_CELL_GRU) {
                    gruUnit unit = {
                        .r = load(z + at), .z = load(z + next + at), .n = load(z + 2 * next + at),
                        .q = load(own + at)};
                    unit = gruStepBack(unit, state ? load(state + at) : splat(0), gradient);
                    store(dz + at, unit.r);
                    store(dz + next + at, unit.z);
                    store(dz + 2 * next + at, unit.n);
                    store(atState + at, unit.r);
                    store(atState + next + at, unit.z);
                    store(atState + 2 * next + at, unit.q);
                    if (i > 0) store(passed + at, load(passed + at) + unit.h);
                } else {
                    const lanes y = load(z + at);
                    store(
                        dz + at,
                        cell == LC_CELL_TANH ? gradient * (1 - y * y) : choose(y > 0, gradient, splat(0)));
                }
            }
        }
        if (i > 0) addProduct(isLanes, passed, op->b, atState, m, gates, 1, m, batch);
    }
}

#define CELL(name, cell)                                                                                             \
    static void name##Recur(const lc_op *op, const lc_batch *batch) { recurWith(false, cell, op, batch); }           \
    static void name##RecurGrad(const lc_op *op, const lc_batch *batch) { recurGradWith(false, cell, op, batch); }   \
    static void name##LanesRecur(const lc_op *op, const lc_batch *batch) { recurWith(true, cell, op, batch); }       \
    static void name##LanesRecurGrad(const lc_op *op, const lc_batch *batch) { recurGradWith(true, cell, op, batch); }
CELL(tanhCell, LC_CELL_TANH)
CELL(reluCell, LC_CELL_RELU)
CELL(lstmCell, LC_CELL_LSTM)
CELL(gruCell, LC_CELL_GRU)
#undef CELL

#define TABLE(name, way)                                                          \
    static void name(const lc_op *op, const lc_batch *batch) {                     \
        static operation *const table[LC_CELL_COUNT] = {                           \
            tanhCell##way, reluCell##way, lstmCell##way, gruCell##way};        \
        table[op->kind](op, batch);                                                \
    }
TABLE(recur, Recur)
TABLE(recurGrad, RecurGrad)
TABLE(lanesRecur, LanesRecur)
TABLE(lanesRecurGrad, LanesRecurGrad)
#undef TABLE
