/*
 * Each weight has its own step size: times η+ where the gradient kept its sign since the last step,
 * times η− where it changed (and no step there), within [minStep, maxStep]; w −= size·sign g. Slots: the
 * previous gradient, the step size, which starts at the learning rate (Riedmiller and Braun, 1993, as in PyTorch).
 */
#ifdef LC_OPTIMIZER_ARITHMETIC
CONSTANTS(rprop, etaMinus, etaPlus, minStep, maxStep, firstSize, first)

#ifndef __OPENCL_VERSION__
INLINE rprop rpropConstants(const lc_update *u) {
    return (rprop){(float)u->p[0], (float)u->p[1], (float)u->p[2], (float)u->p[3], (float)u->learningRate, u->step == 1 ? 1 : 0};
}
#endif

INLINE void rpropStep(const rpropLanes *k, lanes *w, lanes g, lanes *s0, lanes *s1) {
    /* Signs are multiplied, not gradients: the product of two tiny gradients would be 0. */
    const ints first = k->first != 0;
    const lanes agreement = choose(first, splat(0), signOf(g) * signOf(*s0));
    const lanes factor = choose(agreement > 0, k->etaPlus, choose(agreement < 0, k->etaMinus, splat(1)));
    const lanes size = choose(first, k->firstSize, *s1) * factor;
    *s1 = lesser(greater(size, k->minStep), k->maxStep);
    *s0 = choose(agreement < 0, splat(0), g);
    *w -= signOf(*s0) * *s1;
}
#endif
LC_OPTIMIZER(rprop, "rprop", 2)
