/* w −= rate·g */
#ifdef LC_OPTIMIZER_ARITHMETIC
typedef struct sgd {
    float rate;
} sgd;

INLINE sgd sgdConstants(const lc_update *u) { return (sgd){(float)u->learningRate}; }

INLINE void sgdStep(const sgd *k, lanes *w, lanes g, lanes *s0, lanes *s1) { *w -= k->rate * g; }
#endif
LC_OPTIMIZER(sgd, "sgd", 0)
