/* w −= rate·g */
#ifdef LC_OPTIMIZER_ARITHMETIC
CONSTANTS(sgd, rate)

#ifndef __OPENCL_VERSION__
INLINE sgd sgdConstants(const lc_update *u) { return (sgd){(float)u->learningRate}; }
#endif

INLINE void sgdStep(const sgdLanes *k, lanes *w, lanes g, lanes *s0, lanes *s1) { *w -= k->rate * g; }
#endif
LC_OPTIMIZER(sgd, "sgd", 0)
