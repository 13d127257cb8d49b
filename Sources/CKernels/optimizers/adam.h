/*
 * g += weightDecay·w; m = β1·m + (1 − β1)·g; v = β2·v + (1 − β2)·g²;
 * w −= rate/(1 − β1^t)·m/(√v/√(1 − β2^t) + ε) at step t (Kingma and Ba, 2015, as in PyTorch).
 */
#ifdef LC_OPTIMIZER_ARITHMETIC
CONSTANTS(adam, rate, beta2, rest1, rest2, epsilon, weightDecay, inverseRoot)

#ifndef __OPENCL_VERSION__
INLINE adam adamConstants(const lc_update *u) {
    const double correction1 = 1 - pow(u->p[0], (double)u->step), correction2 = 1 - pow(u->p[1], (double)u->step);
    return (adam){
        .rate = (float)(u->learningRate / correction1),
        .beta2 = (float)u->p[1],
        .rest1 = (float)(1 - u->p[0]),
        .rest2 = (float)(1 - u->p[1]),
        .epsilon = (float)u->p[2],
        .weightDecay = (float)u->p[3],
        .inverseRoot = (float)(1 / sqrt(correction2)),
    };
}
#endif

INLINE void adamStep(const adamLanes *k, lanes *w, lanes g, lanes *s0, lanes *s1) {
    g += k->weightDecay * *w;
    *s0 += k->rest1 * (g - *s0);
    *s1 = k->beta2 * *s1 + k->rest2 * g * g;
    *w -= k->rate * *s0 / (squareRoot(*s1) * k->inverseRoot + k->epsilon);
}
#endif
LC_OPTIMIZER(adam, "adam", 2)
