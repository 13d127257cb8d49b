/* s = decay·s + (1 − decay)·g², w −= rate·g/(√s + ε) (Tieleman and Hinton, 2012, as in PyTorch) */
#ifdef LC_OPTIMIZER_ARITHMETIC
CONSTANTS(rmsprop, rate, decay, rest, epsilon)

#ifndef __OPENCL_VERSION__
INLINE rmsprop rmspropConstants(const lc_update *u) {
    return (rmsprop){(float)u->learningRate, (float)u->p[0], (float)(1 - u->p[0]), (float)u->p[1]};
}
#endif

INLINE void rmspropStep(const rmspropLanes *k, lanes *w, lanes g, lanes *s0, lanes *s1) {
    *s0 = k->decay * *s0 + k->rest * g * g;
    *w -= k->rate * g / (squareRoot(*s0) + k->epsilon);
}
#endif
LC_OPTIMIZER(rmsprop, "rmsprop", 1)
