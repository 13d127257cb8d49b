/*
 * The cells of recurrent layers, value by value, as PyTorch defines them: what becomes of the sums at a unit's gates, and the
 * way back. OpenCL programs contain this text too.
 */
#pragma once

/* An LSTM's unit: the gates i, f, g, o, the cell c and the state h. */
typedef struct lstmUnit {
    lanes i, f, g, o, c, h;
} lstmUnit;

/* Of the sums at the gates and the cell before: i = σ(zi), f = σ(zf), g = tanh(zg), o = σ(zo), c = f c′ + i g, h = o tanh(c). */
INLINE lstmUnit lstmStep(lanes zi, lanes zf, lanes zg, lanes zo, lanes before) {
    lstmUnit unit;
    unit.i = logistic(zi);
    unit.f = logistic(zf);
    unit.g = hyperbolicTangent(zg);
    unit.o = logistic(zo);
    unit.c = unit.f * before + unit.i * unit.g;
    unit.h = unit.o * hyperbolicTangent(unit.c);
    return unit;
}

/* The gradients at the gates' sums, in the places of i, f, g and o, and in that of c at the cell before. dh and dc are those at
   h and, from the step after, at c; h is not read. */
INLINE lstmUnit lstmStepBack(lstmUnit unit, lanes before, lanes dh, lanes dc) {
    const lanes bent = hyperbolicTangent(unit.c);
    const lanes whole = dc + dh * unit.o * (1 - bent * bent);
    lstmUnit back;
    back.i = whole * unit.g * unit.i * (1 - unit.i);
    back.f = whole * before * unit.f * (1 - unit.f);
    back.g = whole * unit.i * (1 - unit.g * unit.g);
    back.o = dh * bent * unit.o * (1 - unit.o);
    back.c = whole * unit.f;
    back.h = dh;
    return back;
}

/* A GRU's unit: the gates r, z and n, what comes of the state before (q = W_hn h′ + b_hn), and the state h. */
typedef struct gruUnit {
    lanes r, z, n, q, h;
} gruUnit;

/* r = σ(zr), z = σ(zz), n = tanh(zn + r q), h = (1 − z) n + z h′. */
INLINE gruUnit gruStep(lanes zr, lanes zz, lanes zn, lanes q, lanes before) {
    gruUnit unit;
    unit.r = logistic(zr);
    unit.z = logistic(zz);
    unit.n = hyperbolicTangent(zn + unit.r * q);
    unit.q = q;
    unit.h = unit.n + unit.z * (before - unit.n);
    return unit;
}

/* The gradients at the sums of r, z and n, at q, and in the place of h what goes past the gates to the state before. */
INLINE gruUnit gruStepBack(gruUnit unit, lanes before, lanes dh) {
    gruUnit back;
    back.n = dh * (1 - unit.z) * (1 - unit.n * unit.n);
    back.z = dh * (before - unit.n) * unit.z * (1 - unit.z);
    back.r = back.n * unit.q * unit.r * (1 - unit.r);
    back.q = back.n * unit.r;
    back.h = dh * unit.z;
    return back;
}
