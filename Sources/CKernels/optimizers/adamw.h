/* w *= 1 − rate·weightDecay, then Adam's step without weight decay (Loshchilov and Hutter, 2019, as in PyTorch). */
#ifdef LC_OPTIMIZER_ARITHMETIC
typedef struct adamw {
    adam step;
    float keep;
} adamw;

typedef struct adamwLanes {
    adamLanes step;
    lanes keep;
} adamwLanes;

#ifndef __OPENCL_VERSION__
INLINE adamw adamwConstants(const lc_update *u) {
    adamw k = {adamConstants(u), (float)(1 - u->learningRate * u->p[3])};
    k.step.weightDecay = 0;
    return k;
}
#endif

INLINE void adamwStep(const adamwLanes *k, lanes *w, lanes g, lanes *s0, lanes *s1) {
    *w *= k->keep;
    adamStep(&k->step, w, g, s0, s1);
}
#endif
LC_OPTIMIZER(adamw, "adamw", 2)
