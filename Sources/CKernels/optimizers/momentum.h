/* v = momentum·v + g, w −= rate·v; v starts at 0 (Polyak, 1964, as in PyTorch, without dampening) */
#ifdef LC_OPTIMIZER_ARITHMETIC
CONSTANTS(momentum, rate, momentum)

#ifndef __OPENCL_VERSION__
INLINE momentum momentumConstants(const lc_update *u) { return (momentum){(float)u->learningRate, (float)u->p[0]}; }
#endif

INLINE void momentumStep(const momentumLanes *k, lanes *w, lanes g, lanes *s0, lanes *s1) {
    *s0 = k->momentum * *s0 + g;
    *w -= k->rate * *s0;
}
#endif
LC_OPTIMIZER(momentum, "momentum", 1)
