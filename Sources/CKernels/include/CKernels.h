#pragma once
/*
 * The arithmetic of the CPU backend: one source, compiled once per instruction-set level, reached
 * through one table of functions chosen at start.
 *
 * Layout. A batch is stored with the sample axis innermost: a tensor of `units` values per sample is
 * `units` rows of `stride` floats, row u at `base + u * stride`, sample s in lane s. `stride` is a
 * multiple of LC_LANES and every base is 64-byte aligned, so that each loop runs over whole vectors
 * of samples whatever the layer's width. Lanes from `batch` to the next multiple of LC_LANES are
 * computed too; they hold finite values, and zeros in every gradient (the loss op sees to that), so
 * that sums over lanes need no mask. Parameters have PyTorch's layout: weight [out, in], row-major.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LC_LANES 16

typedef enum lc_level { LC_LEVEL_BASELINE = 0, LC_LEVEL_V3 = 3, LC_LEVEL_V4 = 4 } lc_level;

/* The arithmetic of an operation. B is the number of lanes in use, rounded up to LC_LANES. */
typedef enum lc_opcode {
    LC_OP_AFFINE,             /* a[m,B] = c[m] + b[m,n] · d[n,B]            (a = z, b = W, c = bias or NULL, d = x) */
    LC_OP_AFFINE_GRAD_INPUT,  /* a[n,B] = b[m,n]ᵀ · d[m,B]                  (a = dx, b = W, d = dz) */
    LC_OP_AFFINE_GRAD_PARAMS, /* a[m,n] (+)= d[m,B] · e[n,B]ᵀ, c[m] (+)= row sums of d (a = dW, c = db or NULL, d = dz, e = x) */
    LC_OP_AFFINE_TRANSPOSED,  /* a[n,B] = c[n] + b[m,n]ᵀ · d[m,B]           (a = z, b = W of another layer, c = bias, d = x) */
    LC_OP_ROW_SUMS,           /* a[m] (+)= sums of b[m,B], of n rows each   (a = db, b = dz; n = 0: of single rows) */
    LC_OP_ACTIVATE,           /* a[m,B] = f(b[m,B])                         (a = y, b = z, c = learned parameter or NULL) */
    LC_OP_ACTIVATE_GRAD,      /* a[m,B] = b[m,B] · f'(d)                    (a = dz, b = dy, d = z, e = y, c = learned parameter, f (+)= its gradient) */
    LC_OP_SOFTMAX,            /* a[:,s] = softmax(b[:,s]) over m units      (a = y, b = z) */
    LC_OP_SOFTMAX_GRAD,       /* a = y ∘ (b − Σ_units b ∘ y)                (a = dz, b = dy, e = y) */
    LC_OP_DROPOUT,            /* c = mask in {0, 1/(1 − p0)}, a = b ∘ c; stream `kind` of the counter-based generator (a = y, b = x, c = mask) */
    LC_OP_SCALE_BY,           /* a[m,B] = b ∘ c                             (dropout's backward, a given mask) */
    LC_OP_LOSS_GRAD,          /* a[m,B] = ∂(Σ over the batch of loss)/∂b, 0 in lanes ≥ batch (a = gradient, b = y or z, c = target) */
    LC_OP_COPY,               /* a[m,B] = b[m,B] */
    LC_OP_ADD,                /* a[m,B] = b + c */
    LC_OP_SCALE,              /* a[m,B] = p0·b */
    LC_OP_MAXIMUM,            /* a[m,B] = the larger of b and c */
    LC_OP_MAXIMUM_GRAD,       /* a[m,B] = b where c > d (p0 = 1: c ≥ d), else 0 */
    LC_OP_NOISE,              /* a = b + p0·normal deviates of stream `kind`  (a = y, b = x) */
    LC_OP_NORMALIZE_BATCH,    /* over the samples, and over n rows of each unit: see normalize.h; changes the running statistics d and e */
    LC_OP_NORMALIZE_BATCH_GRAD,
    LC_OP_NORMALIZE_BY_STATE, /* with the running mean c and the running variance d */
    LC_OP_NORMALIZE_BY_STATE_GRAD,
    LC_OP_NORMALIZE_UNITS,    /* over the units of each sample */
    LC_OP_NORMALIZE_UNITS_GRAD,
    LC_OP_SCALE_SHIFT,        /* a[m,B] = c[m] ∘ b + d[m]                   (c and d may be NULL) */
    LC_OP_SCALE_SHIFT_GRAD,   /* a[m] (+)= Σ b ∘ d, c[m] (+)= Σ b, over the samples */
    LC_OP_RESPOND,            /* local response normalization: see normalize.h  (a = y, b = x, c = scale) */
    LC_OP_RESPOND_GRAD,       /* (a = dx, b = dy, c = scale, d = x, e = y) */
    LC_OP_CONVOLVE,           /* a[m,…] = c[m] + b ⋆ d[n,…]: see convolve.h     (a = z, b = weights, c = bias or NULL, d = x) */
    LC_OP_CONVOLVE_BACK,      /* a[n,…] = c[n] + b ⋆ᵀ d[m,…]                    (a = dx, b = weights, c = bias or NULL, d = dz) */
    LC_OP_CONVOLVE_GRAD,      /* a (+)= the weights' gradients                  (d = dz, e = x) */
    LC_OP_POOL_MAXIMUM,       /* a[m,…] = the largest of b[m,…] in each window: see pool.h */
    LC_OP_POOL_MAXIMUM_GRAD,  /* (a = dx, b = dy, d = x, e = y) */
    LC_OP_POOL_SUM,           /* a[m,…] = p0·Σ of b[m,…] in each window, with p1 = 1 the mean over what lies in the image */
    LC_OP_POOL_SPREAD,        /* a[m,…] = p0·Σ of b[m,…] over the windows of a place, likewise */
    LC_OP_STEPS_AFFINE,       /* a[t,m] = c[m] + Σ_k b[m,n,k] · d[t + k·dilation − padding, n] for every step t: see steps.h */
    LC_OP_STEPS_GRAD_INPUT,   /* a[t,n] = the gradient of d there                  (a = dx, b = W, d = dz) */
    LC_OP_STEPS_GRAD_PARAMS,  /* a[m,n,k] (+)= that of b, c[m] (+)= row sums of d  (a = dW, c = db or NULL, d = dz, e = x) */
    LC_OP_STEPS_LAST,         /* a[m] = b[t,m] at the last step of each sample, the last n of the m at the first step */
    LC_OP_STEPS_LAST_GRAD,    /* a[t,m] = b[m] there, else 0 */
    LC_OP_STEPS_SUM,          /* a[m] = Σ_t b[t,m], with p0 = 1 divided by the number of steps */
    LC_OP_STEPS_SPREAD,       /* a[t,m] = b[m], likewise */
    LC_OP_RECUR,              /* a recurrent layer over all steps: see recur.h */
    LC_OP_RECUR_GRAD,
    LC_OP_STEPS_LOSS_GRAD,    /* LC_OP_LOSS_GRAD at every step, times g[t]: a step's share of its sample's loss */
    LC_OP_ATTEND,             /* attention over the steps: see attend.h */
    LC_OP_ATTEND_GRAD,
    LC_OP_EMBED,              /* a[t,m] = the row of b[n,m] whose number is d[t], 0 where that is negative */
    LC_OP_EMBED_GRAD,         /* a[n,m] (+)= the sums of d[t,m] by e[t], of p1 columns from p0 on */
    LC_OP_DRAW_CODE,          /* a[m] = b[m] + e^(½ b[m + u])·c, c = normal deviates of stream `kind`: see code.h */
    LC_OP_DRAW_CODE_GRAD,     /* (a = db [2m], b = da or NULL, c = b, d = c or NULL), and that of p0 times the divergence */
    LC_OP_CODE_DIVERGENCE,    /* a[1] = p0 times the divergence of b[2m] from N(0, 1) */
    LC_OP_SPARSITY,           /* a[m] = p1 times the divergence of the means of b[m], of n rows each, from p0 */
    LC_OP_SPARSITY_GRAD,      /* a[m] = its gradient at b[m] */
    LC_OP_DRAW_BITS,          /* a[m] = 1 with the probability b[m], else 0, of stream `kind`: see energy.h */
    LC_OP_DRAW_CLASS,         /* a[m] = 1 for one of the m units, by the probabilities b[m], of stream `kind` */
    LC_OP_DIFFERENCE,         /* a[m] = p0·(b − c), 0 in lanes ≥ batch          (c may be NULL) */
    LC_OP_SQUARED_DISTANCE,   /* a[1] = Σ over m of (b − c)² */
    LC_OP_FREE_ENERGY,        /* a[1] = that of b[n] before the sums c[m], with the biases d[n] */
    LC_OP_FLIP_SCORE,         /* a[1] = the pseudo-likelihood of b[n], with the weights e[m,n]; f[m] is changed */
    LC_OP_COUNT
} lc_opcode;

enum {
    LC_ACCUMULATE = 1,    /* flags: parameter gradients are added to what is there, else they replace it */
    LC_NETWORK_LANES = 2, /* flags of a batch: each lane is a network of its own, with its own parameters (lc_population_kernels) */
    LC_TAKEN_BY_NEXT = 4, /* flags of an operation (lc_find_joins): the next one may take its results from registers … */
    LC_BEGINS_CHAIN = 8,  /* … or be done with it some rows at a time */
};

/*
 * How windows move over an image of height × width values in each channel; window (y, x) begins at row y·stride − padding and
 * column x·stride − padding, and its taps lie `dilation` apart.
 */
typedef struct lc_window {
    int32_t height, width, outHeight, outWidth;
    int32_t kernelHeight, kernelWidth, stride, padding, dilation;
    bool flips;   /* the kernel is turned by 180° */
    bool isLocal; /* each window has weights of its own: [outHeight, outWidth, m, n, kernelHeight, kernelWidth] */
    int32_t firstTap, tapCount; /* of all weights of a filter those whose gradients are wanted */
} lc_window;

/*
 * The time steps of a sequence [steps, values]: each is a run of rows. Operands that another operation interleaves with
 * others have `pitch` rows from one step to the next (of the results and their gradients), and `inputPitch` (of the inputs).
 */
typedef struct lc_steps {
    int32_t count, pitch, inputPitch;
    int32_t taps, dilation, padding; /* of weights over neighbouring steps */
    bool isReversed;                 /* from the last step to the first */
    bool continues;                  /* a state comes before the first step: see recur.h */
} lc_steps;

/* The cells of recurrent layers: `kind` of an LC_OP_RECUR. */
typedef enum lc_cell { LC_CELL_TANH, LC_CELL_RELU, LC_CELL_LSTM, LC_CELL_GRU, LC_CELL_COUNT } lc_cell;

typedef struct lc_op {
    int32_t code;  /* lc_opcode */
    int32_t kind;  /* which activation, loss or stream: an index into the lists below */
    int32_t flags;
    int32_t m, n;  /* units out, units in */
    int32_t whole; /* units out of the operation of which this is a part, or m */
    float p[4];    /* the entry's knobs, in the order in which the entry lists them */
    float *a, *b, *c, *d, *e, *f, *g, *h;
    lc_window window; /* of operations over images */
    lc_steps steps;   /* of operations over sequences */
} lc_op;

/* The numbers that change from call to call. */
typedef struct lc_batch {
    int32_t count;    /* samples in use, 1 … stride */
    int32_t stride;   /* floats from one unit's row to the next */
    uint64_t seed;    /* the counter-based generator's key (dropout) … */
    uint64_t counter; /* … and its position: the training step */
    int32_t flags;    /* LC_ACCUMULATE for all parameter gradients */
    int32_t first;    /* the number of the first sample here in its batch, for the generator */
} lc_batch;

/* One optimizer's update over a flat span; `scale` turns the summed gradient into the mean. */
typedef struct lc_update {
    int32_t kind;            /* index into the list of optimizers */
    float scale;             /* g = scale · gradient */
    double learningRate;     /* the scheduled rate of this step */
    double p[6];             /* the entry's knobs after learningRate, in the order in which it lists them */
    int64_t step;            /* 1 for the first update */
} lc_update;

/*
 * Sixteen networks of the same shape side by side, one to a lane: no sum crosses lanes, and what a lane holds never
 * touches another. Each value of the layout above becomes a vector: row u of a tensor is at `base + u · stride`, in it
 * sample s of network l at s·LC_LANES + l, and parameter i of network l at i·LC_LANES + l. A batch's `count` and
 * `stride` are here those of one network (samples), times LC_LANES in memory. What differs between networks comes
 * as arrays of LC_LANES.
 */
typedef struct lc_population_kernels {
    /* Runs operations. `seeds`: each network's key of the noise streams (batch->seed is not used); an LC_OP_DROPOUT and
       an LC_OP_NOISE find each network's knob at f. OpenBLAS is never used. */
    void (*run)(const lc_op *ops, int32_t count, const lc_batch *batch, const uint64_t *seeds);
    /* gather, with each network's own data (all with the same `units` and `dataStride`) and order; `orders` may be NULL. */
    void (*gather)(float *out, int32_t stride, const float *const *data, int64_t dataStride, int32_t units,
                   const int32_t *const *orders, int64_t first, int32_t count);
    /* Adds each network's sum over the batch to sums[LC_LANES]. */
    void (*loss)(int32_t kind, const float *p, const float *y, const float *t, int32_t units, const lc_batch *batch,
                 double *sums);
    /* The same of steps, each with its share of its sample's loss. */
    void (*stepsLoss)(int32_t kind, const float *p, const float *y, const float *t, const float *shares, int32_t units,
                      int32_t steps, const lc_batch *batch, double *sums);
    /* One update with each network's own settings: us[LC_LANES], of one kind; n parameters (vectors). Returns the lanes in
       which a weight is no longer finite, a bit to each. */
    uint32_t (*update)(const lc_update *us, float *w, const float *g, float *state0, float *state1, int64_t n);
    /* The decoupled decay, with rate[LC_LANES], l1[LC_LANES], l2[LC_LANES]. */
    void (*decay)(float *w, const float *old, int64_t n, const float *rate, const float *l1, const float *l2);
    /* Each network's Σ x² over n vectors, in double, to sums[LC_LANES]. */
    void (*sumOfSquares)(const float *x, int64_t n, double *sums);
} lc_population_kernels;

/* The functions of one level. Each is bit-for-bit repeatable; levels agree within 4e-6 relative. */
typedef struct lc_kernels {
    lc_level level;
    /* Runs `count` operations in order; those that lc_find_joins has marked may be done together, with the same bits. */
    void (*run)(const lc_op *ops, int32_t count, const lc_batch *batch);
    /* Copies rows order[first …< first + count] (order NULL: first, first + 1, …) of a dataset stored as
       `units` rows of `dataStride` floats into a batch of `units` rows of `stride` floats; zeros fill the last vector.
       Behind the last row there are LC_LANES more floats, which may be read. */
    void (*gather)(float *out, int32_t stride, const float *data, int64_t dataStride, int32_t units,
                   const int32_t *order, int64_t first, int32_t count);
    /* The same of bytes, sample by sample: `channels` of `size` bytes, each of which stands for values[256 · channel + byte]. */
    void (*gatherBytes)(float *out, int32_t stride, const uint8_t *data, int32_t size, int32_t channels,
                        const float *values, const int32_t *order, int64_t first, int32_t count);
    /* The same of sequences of symbols' numbers: `counts[i]` of them from tokens + starts[i] on, −1 at the steps behind. */
    void (*gatherTokens)(float *out, int32_t stride, const uint16_t *tokens, const int64_t *starts,
                         const uint16_t *counts, int32_t steps, const int32_t *order, int64_t first, int32_t count);
    /* The targets of labels, `steps` for each sample: for each step `units` rows, `high` at its class and `low` at the others, and
       behind all a row for each step's share; 0 at a step whose label is `none`. */
    void (*gatherClasses)(float *out, int32_t stride, const float *labels, int32_t steps, int32_t units, float low,
                          float high, float share, float none, const int32_t *order, int64_t first, int32_t count);
    /* The sum over the batch of the loss (reduced in double). */
    double (*loss)(int32_t kind, const float *p, const float *y, const float *t, int32_t units, const lc_batch *batch);
    /* The same of `steps` steps of `units` each, of which each has a share of its sample's loss. */
    double (*stepsLoss)(int32_t kind, const float *p, const float *y, const float *t, const float *shares, int32_t units,
                        int32_t steps, const lc_batch *batch);
    /* w[0…<n] updated in place; true when a weight is no longer finite. state0, state1: the optimizer's slots or NULL,
       zeros before the first step (which `step` = 1 tells). */
    bool (*update)(const lc_update *u, float *w, const float *g, float *state0, float *state1, int64_t n);
    /* The decoupled decay after an update: w −= rate·(l2·old + l1·sign(old)); under L1 a weight whose sign that changes becomes 0. */
    void (*decay)(float *w, const float *old, int64_t n, float rate, float l1, float l2);
    /* Σ x², in double. */
    double (*sumOfSquares)(const float *x, int64_t n);
    /* v = momentum·v + (scale·g + cost·w), w −= rate·v, n a multiple of LC_LANES. Says whether a weight is no longer finite. */
    bool (*descendWithCost)(
        float *w, float *v, const float *g, int64_t n, float momentum, float rate, float scale, float cost);
    /* y[i] = f(x[i]) for activation `kind` over a flat span (tests of accuracy; any length, any alignment);
       a learned parameter is taken from p[0]. */
    void (*activation)(int32_t kind, const float *p, const float *x, float *y, int64_t n);
    lc_population_kernels population;
} lc_kernels;

/* The best level that this processor has. */
lc_level lc_best_level(void);
/* The table of `level`, or NULL when the processor lacks it or the build does not contain it. */
const lc_kernels *lc_kernels_at(lc_level level);
/* "v4", "v3", "baseline". */
const char *lc_level_name(lc_level level);

/* Indices of the lists, by the ids of the catalogue; −1 when there is no such entry. Among the losses are the
   perceptron's rules, "rule.rosenblatt", "rule.delta" and "rule.hebb". The lists are in activations/list.h and so on. */
int32_t lc_activation_index(const char *id);
int32_t lc_loss_index(const char *id);
int32_t lc_optimizer_index(const char *id);
/* The optimizer's number of state slots (0, 1 or 2). */
int32_t lc_optimizer_slots(int32_t kind);

/* Marks the operations of a list that may be done together with the next one, whose pass then need not look for them. */
void lc_find_joins(lc_op *ops, int32_t count);
/* The rows of an operation whose results at a place follow from its operands at that place alone; 0: it is another one. */
int64_t lc_places(const lc_op *op);
/* `count` of these rows from the row `first` on: whole units, where it has numbers for each unit, or rows of one. */
lc_op lc_place_rows(const lc_op *op, int64_t first, int64_t count, int64_t stride);

/*
 * The text of the arithmetic, for backends that compile it for another device: what the CPU computes is written once.
 * The text is C over `lanes` and the functions of vector.h, which such a backend provides.
 */
typedef struct lc_formula {
    const char *symbol;
    const char *value, *derivative; /* of an activation; of a loss its value and its gradient */
    const char *byParameter;        /* of a learned activation, else NULL */
    bool sharesColumn;              /* of a loss: its terms need all outputs of a sample */
} lc_formula;
lc_formula lc_activation_formula(int32_t kind);
lc_formula lc_loss_formula(int32_t kind);
/* The functions of elementary.h and the generator of generator.h. */
const char *lc_elementary_text(void);
const char *lc_generator_text(void);
/* The functions of cells.h. */
const char *lc_cells_text(void);
/* The steps of all optimizers (`<symbol>Lanes`, `<symbol>Step`), as their list describes them, one text for each kind; NULL
   beyond the last kind. */
const char *lc_optimizer_text(int32_t kind);
const char *lc_optimizer_symbol(int32_t kind);
#define LC_MOST_CONSTANTS 16
/* The numbers that an optimizer computes once for a step, in their order; returns how many there are. */
int32_t lc_optimizer_constants(const lc_update *u, float constants[LC_MOST_CONSTANTS]);

/* Threads that do the parts of one task at once: each takes the next part until none is left, the caller too. Workers
   look for the next task for a few microseconds and then sleep. One task at a time, from one thread at a time. */
typedef struct lc_team lc_team;
/* A part's work; `thread` is the number of the team's thread that does it, the caller's is 0. */
typedef void lc_work(void *context, int32_t part, int32_t thread);
/* - threads: with the caller's; the team is smaller where the system gives no more. */
lc_team *lc_team_create(int32_t threads);
int32_t lc_team_size(const lc_team *team);
/* Does every part in 0 ..< parts once, and returns when all are done. */
void lc_team_run(lc_team *team, int32_t parts, lc_work *work, void *context);
void lc_team_destroy(lc_team *team);

/* The words of OpenBLAS about itself: its version, its threading and the processor it was chosen for. */
const char *lc_blas_name(void);
