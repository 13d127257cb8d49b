/* s += g², w −= rate·g/(√s + ε) (Duchi et al., 2011, as in PyTorch) */
#ifdef LC_OPTIMIZER_ARITHMETIC
CONSTANTS(adagrad, rate, epsilon)

#ifndef __OPENCL_VERSION__
INLINE adagrad adagradConstants(const lc_update *u) { return (adagrad){(float)u->learningRate, (float)u->p[0]}; }
#endif

INLINE void adagradStep(const adagradLanes *k, lanes *w, lanes g, lanes *s0, lanes *s1) {
    *s0 += g * g;
    *w -= k->rate * g / (squareRoot(*s0) + k->epsilon);
}
#endif
LC_OPTIMIZER(adagrad, "adagrad", 1)
