/* v = momentum·v + g, w −= rate·(g + momentum·v); v starts at 0 (Sutskever et al., 2013, as in PyTorch) */
#ifdef LC_OPTIMIZER_ARITHMETIC
CONSTANTS(nesterov, rate, momentum)

#ifndef __OPENCL_VERSION__
INLINE nesterov nesterovConstants(const lc_update *u) { return (nesterov){(float)u->learningRate, (float)u->p[0]}; }
#endif

INLINE void nesterovStep(const nesterovLanes *k, lanes *w, lanes g, lanes *s0, lanes *s1) {
    *s0 = k->momentum * *s0 + g;
    *w -= k->rate * (k->momentum * *s0 + g);
}
#endif
LC_OPTIMIZER(nesterov, "nesterov", 1)
