/*
 * Weighted sums at every step of a sequence [steps, values], over the step itself or over neighbouring ones: a dense layer that
 * all steps share, a convolution over time, and the gradient of a recurrent weight, whose inputs are the states a step before.
 * Weights are PyTorch's of Conv1d: [m, n, taps]. Step t's tap k is at step t + k·dilation − padding; beyond the sequence it is 0.
 */
#pragma once

#if PACKED_WORK < BLAS_WORK
/* Weights that are apart, in columns: a function of its own, lest its blocks of memory stand in the frame of small products. */
__attribute__((noinline)) static void packedStepProduct(
    bool continues, float *z, const float *w, const float *bias, const float *x, int64_t outputs, int64_t terms,
    int64_t inner, const lc_batch *batch) {
    packedProduct(true, continues, z, w, bias, x, outputs, terms, 1, inner, batch);
}
#endif

/* `product`, whose sums may be added to what is there. */
INLINE void stepProduct(
    bool continues, float *z, const float *w, const float *bias, const float *x, int64_t outputs, int64_t terms,
    int64_t outer, int64_t inner, const lc_batch *batch) {
    const int64_t width = roundedUp(batch->count), stride = batch->stride;
#if PACKED_WORK < BLAS_WORK
    if (outer == 1 && inner > 1 && outputs * terms * width > PACKED_WORK) {
        packedStepProduct(continues, z, w, bias, x, outputs, terms, inner, batch);
        return;
    }
#endif
    int64_t s = 0;
    for (; s + OUTPUT_VECTORS * LC_LANES <= width; s += OUTPUT_VECTORS * LC_LANES)
        allWeightedSums(
            OUTPUT_ROWS, OUTPUT_VECTORS, continues, z + s, stride, w, outer, inner, bias, x + s, stride, outputs, terms,
            NOTHING_FOLLOWS);
#if OUTPUT_VECTORS > 1
    if (s < width)
        allWeightedSums(
            SINGLE_OUTPUT_ROWS, 1, continues, z + s, stride, w, outer, inner, bias, x + s, stride, outputs, terms,
            NOTHING_FOLLOWS);
#endif
}

/* The two as functions: they are called from many places. */
__attribute__((noinline)) static void newStepProduct(
    float *z, const float *w, const float *bias, const float *x, int64_t outputs, int64_t terms, int64_t outer,
    int64_t inner, const lc_batch *batch) {
    stepProduct(false, z, w, bias, x, outputs, terms, outer, inner, batch);
}

__attribute__((noinline)) static void addStepProduct(
    float *z, const float *w, const float *x, int64_t outputs, int64_t terms, int64_t outer, int64_t inner,
    const lc_batch *batch) {
    stepProduct(true, z, w, NULL, x, outputs, terms, outer, inner, batch);
}

/*
 * Products of networks side by side: weights and biases are vectors. Here `batch` counts lanes, samples × networks; the weights
 * of a sum are still `outer` and `inner` parameters apart.
 */
__attribute__((noinline)) static void laneStepProduct(
    bool continues, float *z, const float *w, const float *bias, const float *x, int64_t outputs, int64_t terms,
    int64_t outer, int64_t inner, const lc_batch *batch) {
    const int64_t stride = batch->stride, samples = batch->count / LC_LANES;
    const lattice out = {z, stride, LC_LANES}, weights = {(float *)w, outer * LC_LANES, inner * LC_LANES};
    const lattice inputs = {(float *)x, LC_LANES, stride};
    if (continues)
        addLaneProduct(out, weights, inputs, outputs, samples, terms);
    else
        laneProduct(out, weights, inputs, bias, outputs, samples, terms);
}

INLINE void newProduct(
    bool isLanes, float *z, const float *w, const float *bias, const float *x, int64_t outputs, int64_t terms,
    int64_t outer, int64_t inner, const lc_batch *batch) {
    if (isLanes)
        laneStepProduct(false, z, w, bias, x, outputs, terms, outer, inner, batch);
    else
        newStepProduct(z, w, bias, x, outputs, terms, outer, inner, batch);
}

INLINE void addProduct(
    bool isLanes, float *z, const float *w, const float *x, int64_t outputs, int64_t terms, int64_t outer,
    int64_t inner, const lc_batch *batch) {
    if (isLanes)
        laneStepProduct(true, z, w, NULL, x, outputs, terms, outer, inner, batch);
    else
        addStepProduct(z, w, x, outputs, terms, outer, inner, batch);
}

/* Numbers of parameter i: those of networks side by side, or one for all. */
INLINE lanes parameterAt(bool isLanes, const float *values, int64_t i) {
    return isLanes ? load(values + i * LC_LANES) : splat(values[i]);
}

INLINE void stepsAffineWith(bool isLanes, const lc_op *op, const lc_batch *batch) {
    const lc_steps steps = op->steps;
    const int64_t stride = batch->stride, m = op->m, n = op->n, each = isLanes ? LC_LANES : 1;
    for (int32_t t = 0; t < steps.count; t++) {
        float *z = op->a + (int64_t)t * steps.pitch * stride;
        bool begun = false;
        for (int32_t k = 0; k < steps.taps; k++) {
            const int32_t at = t + k * steps.dilation - steps.padding;
            if (at < 0 || at >= steps.count) continue;
            const float *x = op->d + (int64_t)at * steps.inputPitch * stride;
            if (begun)
                addProduct(isLanes, z, op->b + k * each, x, m, n, n * steps.taps, steps.taps, batch);
            else
                newProduct(isLanes, z, op->b + k * each, op->c, x, m, n, n * steps.taps, steps.taps, batch);
            begun = true;
        }
        if (begun) continue;
        for (int64_t i = 0; i < m; i++)
            for (int64_t s = 0; s < roundedUp(batch->count); s += LC_LANES)
                store(z + i * stride + s, op->c ? parameterAt(isLanes, op->c, i) : splat(0));
    }
}

static void stepsAffine(const lc_op *op, const lc_batch *batch) { stepsAffineWith(false, op, batch); }
static void lanesStepsAffine(const lc_op *op, const lc_batch *batch) { stepsAffineWith(true, op, batch); }

INLINE void stepsGradInputWith(bool isLanes, const lc_op *op, const lc_batch *batch) {
    const lc_steps steps = op->steps;
    const int64_t stride = batch->stride, m = op->m, n = op->n, each = isLanes ? LC_LANES : 1;
    for (int32_t at = 0; at < steps.count; at++) {
        float *dx = op->a + (int64_t)at * steps.inputPitch * stride;
        bool begun = false;
        for (int32_t k = 0; k < steps.taps; k++) {
            const int32_t t = at - k * steps.dilation + steps.padding;
            if (t < 0 || t >= steps.count) continue;
            const float *dz = op->d + (int64_t)t * steps.pitch * stride;
            if (begun)
                addProduct(isLanes, dx, op->b + k * each, dz, n, m, steps.taps, n * steps.taps, batch);
            else
                newProduct(isLanes, dx, op->b + k * each, NULL, dz, n, m, steps.taps, n * steps.taps, batch);
            begun = true;
        }
        if (begun) continue;
        for (int64_t i = 0; i < n; i++)
            for (int64_t s = 0; s < roundedUp(batch->count); s += LC_LANES) store(dx + i * stride + s, splat(0));
    }
}

static void stepsGradInput(const lc_op *op, const lc_batch *batch) { stepsGradInputWith(false, op, batch); }
static void lanesStepsGradInput(const lc_op *op, const lc_batch *batch) { stepsGradInputWith(true, op, batch); }

/* Floats of x over all steps whose gradients are summed before the next; and of dz where it is packed, which pays from so many rows,
   columns and steps on. */
#define STEPS_INPUTS 8192
#define STEPS_GRADIENTS (3 << 13)
#define PACKED_STEPS_ROWS 32
#if LC_THIS_LEVEL == 3
#define PACKED_STEPS_COLUMNS 16
#else
#define PACKED_STEPS_COLUMNS 48
#endif
#define PACKED_STEPS 8

/* A block of gradients, and where its operands lie: `step` floats from one step to the next. */
typedef struct stepBlock {
    float *dw;
    int64_t outer, inner;
    const float *dz, *x;
    int64_t dzStep, xStep, steps, width, stride;
    bool accumulate;
} stepBlock;

/* Writes or adds up rows × columns gradients whose sums over the lanes are still to be made. */
INLINE void storeStepGradients(int rows, int columns, const stepBlock *block, const halves half[4]) {
    const lanes total = sumHalves(columns, half);
    for (int i = 0; i < rows; i++) {
        const quad part = quarter(total, i);
        for (int j = 0; j < columns; j++) {
            float *out = block->dw + i * block->outer + j * block->inner;
            *out = block->accumulate ? *out + part[j] : part[j];
        }
    }
}

/* dw[i·outer + j·inner] (+)= Σ over steps and samples of dz[i]·x[j] for rows × columns weights. */
INLINE void stepGradients(int rows, int columns, const stepBlock *block) {
    const int64_t width = block->width, stride = block->stride;
    halves half[4];
    for (int first = 0; first < columns; first += GRADIENT_AT_ONCE) {
        const int end = first + GRADIENT_AT_ONCE < columns ? first + GRADIENT_AT_ONCE : columns;
        lanes sum[4][4];
        for (int i = 0; i < rows; i++)
            for (int j = first; j < end; j++) sum[i][j] = splat(0);
        for (int64_t t = 0; t < block->steps; t++) {
            const float *dz = block->dz + t * block->dzStep, *x = block->x + t * block->xStep;
            for (int64_t s = 0; s < width; s += LC_LANES) {
                lanes input[4];
                for (int j = first; j < end; j++) input[j] = load(x + j * stride + s);
                for (int i = 0; i < rows; i++) {
                    const lanes gradient = load(dz + i * stride + s);
                    for (int j = first; j < end; j++) sum[i][j] = multiplyAdd(gradient, input[j], sum[i][j]);
                }
            }
        }
        for (int j = first; j < end; j++)
            half[j] = foldColumn(rows, sum[0][j], sum[1 % rows][j], sum[2 % rows][j], sum[3 % rows][j]);
    }
    storeStepGradients(rows, columns, block, half);
}

/* All rows of `columns` columns. */
INLINE void stepGradientRows(int columns, stepBlock block, int64_t m) {
    int64_t i = 0;
#define BLOCK(rows) \
    (stepGradients(rows, columns, &block), block.dw += rows * block.outer, block.dz += rows * block.stride, i += rows)
    while (m - i >= GRADIENT_ROWS) BLOCK(GRADIENT_ROWS);
#if GRADIENT_ROWS == 4
    if (m - i >= 2) BLOCK(2);
#endif
    if (i < m) BLOCK(1);
#undef BLOCK
}

/* Functions of their own, so that registers are not shared. */
__attribute__((noinline)) static void stepGradientsOfColumns(const stepBlock *block, int64_t m) {
    stepGradientRows(GRADIENT_COLUMNS, *block, m);
}

__attribute__((noinline)) static void stepGradientsOfColumn(const stepBlock *block, int64_t m) {
    stepGradientRows(1, *block, m);
}

/* All columns of a block of rows. */
INLINE void stepGradientColumns(const stepBlock *all, int64_t m, int64_t n) {
    stepBlock block = *all;
    for (int64_t j = 0; j < n;) {
        block.dw = all->dw + j * all->inner;
        block.x = all->x + j * all->stride;
        if (n - j >= GRADIENT_COLUMNS) {
            stepGradientsOfColumns(&block, m);
            j += GRADIENT_COLUMNS;
        } else {
            stepGradientsOfColumn(&block, m);
            j++;
        }
    }
}

/* Copies `count` rows, each of all steps, one row after the other. */
static void packSteps(float *packed, const float *rows, int64_t count, int64_t step, const stepBlock *block) {
    for (int64_t i = 0; i < count; i++)
        for (int64_t t = 0; t < block->steps; t++)
            for (int64_t s = 0; s < block->width; s += LC_LANES, packed += LC_LANES)
                store(packed, load(rows + t * step + i * block->stride + s));
}

#if LC_THIS_LEVEL == 3
/*
 * Gradients of rows that are packed, of a single step: half a vector at a time, so that four rows by three columns of sums are in
 * registers. Every sum is in the order of stepGradients.
 */
#define PACKED_GRADIENT_COLUMNS 3

INLINE void packedStepGradients(int rows, int columns, const stepBlock *block) {
    eight sums[2][4][PACKED_GRADIENT_COLUMNS];
    for (int side = 0; side < 2; side++) {
        const float *dz = block->dz + side * LC_LANES / 2, *x = block->x + side * LC_LANES / 2;
        eight sum[4][PACKED_GRADIENT_COLUMNS];
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < columns; j++) sum[i][j] = (eight)0.0f;
        for (int64_t s = 0; s < block->width; s += LC_LANES) {
            eight input[PACKED_GRADIENT_COLUMNS];
            for (int j = 0; j < columns; j++) input[j] = *(const eight *)(x + j * block->stride + s);
            for (int i = 0; i < rows; i++) {
                const eight gradient = *(const eight *)(dz + i * block->stride + s);
                for (int j = 0; j < columns; j++)
                    sum[i][j] = __builtin_elementwise_fma(gradient, input[j], sum[i][j]);
            }
        }
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < columns; j++) sums[side][i][j] = sum[i][j];
    }
    halves half[4];
    lanes sum[4][PACKED_GRADIENT_COLUMNS];
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++)
            sum[i][j] = __builtin_shufflevector(
                sums[0][i][j], sums[1][i][j], 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    for (int j = 0; j < columns; j++)
        half[j] = foldColumn(rows, sum[0][j], sum[1 % rows][j], sum[2 % rows][j], sum[3 % rows][j]);
    storeStepGradients(rows, columns, block, half);
}

/* All rows of `columns` columns. */
INLINE void packedStepGradientRows(int columns, stepBlock block, int64_t m) {
    int64_t i = 0;
#define BLOCK(rows) \
    (packedStepGradients(rows, columns, &block), block.dw += rows * block.outer, block.dz += rows * block.stride, i += rows)
    while (m - i >= 4) BLOCK(4);
    while (i < m) BLOCK(1);
#undef BLOCK
}

INLINE void packedStepGradientsOf(const stepBlock *block, int64_t m, int64_t columns) {
    switch (columns) {
    case 1: packedStepGradientRows(1, *block, m); break;
    case 2: packedStepGradientRows(2, *block, m); break;
    default: packedStepGradientRows(PACKED_GRADIENT_COLUMNS, *block, m);
    }
}
#else
#define PACKED_GRADIENT_COLUMNS GRADIENT_COLUMNS
INLINE void packedStepGradientsOf(const stepBlock *block, int64_t m, int64_t columns) {
    stepGradientColumns(block, m, columns);
}
#endif

/*
 * The same with rows laid side by side in the stack: where the steps are whole pages apart, they compete for the same places in the
 * caches. Every sum is in the same order.
 */
__attribute__((noinline)) static void packedStepGradientColumns(const stepBlock *all, int64_t m, int64_t n) {
    _Alignas(64) float gradients[STEPS_GRADIENTS], inputs[STEPS_INPUTS];
    const int64_t length = all->steps * all->width, atOnce = STEPS_GRADIENTS / length / 4 * 4;
    stepBlock block = *all;
    block.steps = 1;
    block.width = block.stride = length;
    block.dz = gradients;
    block.x = inputs;
    for (int64_t i = 0; i < m; i += atOnce) {
        const int64_t rows = m - i < atOnce ? m - i : atOnce;
        packSteps(gradients, all->dz + i * all->stride, rows, all->dzStep, all);
        for (int64_t j = 0; j < n;) {
            const int64_t columns = n - j < PACKED_GRADIENT_COLUMNS ? n - j : PACKED_GRADIENT_COLUMNS;
            packSteps(inputs, all->x + j * all->stride, columns, all->xStep, all);
            block.dw = all->dw + i * all->outer + j * all->inner;
            packedStepGradientsOf(&block, rows, columns);
            j += columns;
        }
    }
}

/* db[i] (+)= the sums of dz over steps and samples. */
static void stepBiasGradients(
    float *db, const float *dz, int64_t m, int64_t step, int64_t steps, int64_t width, int64_t stride, bool accumulate) {
    for (int64_t i = 0; i < m; i++) {
        lanes sum = splat(0);
        for (int64_t t = 0; t < steps; t++)
            for (int64_t s = 0; s < width; s += LC_LANES) sum += load(dz + t * step + i * stride + s);
        const float total = sumOfLanes(sum);
        db[i] = accumulate ? db[i] + total : total;
    }
}

static void stepsGradParams(const lc_op *op, const lc_batch *batch) {
    const lc_steps steps = op->steps;
    const int64_t stride = batch->stride, width = roundedUp(batch->count), m = op->m, n = op->n;
    const bool accumulate = ((op->flags | batch->flags) & LC_ACCUMULATE) != 0;
    const int64_t dzStep = steps.pitch * stride, xStep = steps.inputPitch * stride;
    if (op->c) stepBiasGradients(op->c, op->d, m, dzStep, steps.count, width, stride, accumulate);
    const int64_t most = STEPS_INPUTS / (width * GRADIENT_COLUMNS), atOnce = most > 1 ? most : 1;
    for (int32_t k = 0; k < steps.taps; k++) {
        /* The steps whose tap lies in the sequence. */
        const int64_t shift = (int64_t)k * steps.dilation - steps.padding;
        const int64_t first = shift < 0 ? -shift : 0, end = shift > 0 ? steps.count - shift : steps.count;
        stepBlock block = {.outer = n * steps.taps, .inner = steps.taps, .dzStep = dzStep, .xStep = xStep,
                           .width = width, .stride = stride};
        int64_t t = first;
        do {
            const int64_t left = end > t ? end - t : 0;
            block.steps = left < atOnce ? left : atOnce;
            block.accumulate = accumulate || t > first;
            block.dw = op->a + k;
            block.dz = op->d + t * dzStep;
            block.x = op->e + (t + shift) * xStep;
            const bool isPacked = m >= PACKED_STEPS_ROWS && n >= PACKED_STEPS_COLUMNS && block.steps >= PACKED_STEPS;
            if (isPacked && block.steps * width * GRADIENT_COLUMNS <= STEPS_INPUTS)
                packedStepGradientColumns(&block, m, n);
            else
                stepGradientColumns(&block, m, n);
            t += atOnce;
        } while (t < end);
    }
}

/* Of networks side by side: a block of gradients, and the sums of a block of rows. */
typedef struct laneStepBlock {
    float *dw;
    int64_t outer, inner; /* in parameters */
    const float *dz, *x;  /* x NULL: the sums of dz */
    int64_t dzStep, xStep, steps, samples, stride;
    bool accumulate;
} laneStepBlock;

/* dw(i, j) (+)= Σ over steps and samples of dz(i)·x(j), lane by lane, in the order of stepGradients: sample s goes to partial sum
   s mod 16 over all steps, and the sixteen are added in the tree of sumLanes. */
INLINE void laneStepGradients(int rows, int columns, const laneStepBlock *block) {
    const int64_t stride = block->stride, samples = block->samples, parts = samples < LC_LANES ? samples : LC_LANES;
    lanes part[LC_LANES][BLOCK_ROWS][BLOCK_COLUMNS];
    for (int64_t first = 0; first < parts; first++) {
        lanes sum[BLOCK_ROWS][BLOCK_COLUMNS];
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < columns; j++) sum[i][j] = splat(0);
        for (int64_t t = 0; t < block->steps; t++)
            for (int64_t s = first; s < samples; s += LC_LANES) {
                const float *dz = block->dz + t * block->dzStep + s * LC_LANES;
                const float *x = block->x ? block->x + t * block->xStep + s * LC_LANES : NULL;
                lanes input[BLOCK_COLUMNS];
                for (int j = 0; j < columns && x; j++) input[j] = load(x + j * stride);
                for (int i = 0; i < rows; i++) {
                    const lanes gradient = load(dz + i * stride);
                    for (int j = 0; j < columns; j++)
                        sum[i][j] = x ? multiplyAdd(gradient, input[j], sum[i][j]) : sum[i][j] + gradient;
                }
            }
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < columns; j++) part[first][i][j] = sum[i][j];
    }
    for (int64_t step = LC_LANES / 2; step > 0; step /= 2)
        for (int64_t first = 0; first < step && first + step < parts; first++)
            for (int i = 0; i < rows; i++)
                for (int j = 0; j < columns; j++) part[first][i][j] += part[first + step][i][j];
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++) {
            float *out = block->dw + (i * block->outer + j * block->inner) * LC_LANES;
            const lanes total = parts > 0 ? part[0][i][j] : splat(0);
            store(out, block->accumulate ? load(out) + total : total);
        }
}

/* All rows of `columns` columns. */
INLINE void laneStepGradientRows(int columns, laneStepBlock block, int64_t m) {
    int64_t i = 0;
#define BLOCK(rows)                                                                                               \
    (laneStepGradients(rows, columns, &block), block.dw += rows * block.outer * LC_LANES,                         \
     block.dz += rows * block.stride, i += rows)
    while (m - i >= BLOCK_ROWS) BLOCK(BLOCK_ROWS);
    while (i < m) BLOCK(1);
#undef BLOCK
}

__attribute__((noinline)) static void laneStepGradientsOfColumns(const laneStepBlock *block, int64_t m) {
    laneStepGradientRows(BLOCK_COLUMNS, *block, m);
}

__attribute__((noinline)) static void laneStepGradientsOfColumn(const laneStepBlock *block, int64_t m) {
    laneStepGradientRows(1, *block, m);
}

static void lanesStepsGradParams(const lc_op *op, const lc_batch *batch) {
    const lc_steps steps = op->steps;
    const int64_t stride = batch->stride, samples = batch->count / LC_LANES, m = op->m, n = op->n;
    const bool accumulate = ((op->flags | batch->flags) & LC_ACCUMULATE) != 0;
    const int64_t dzStep = steps.pitch * stride, xStep = steps.inputPitch * stride;
    if (op->c) {
        const laneStepBlock sums = {
            .dw = op->c, .outer = 1, .dz = op->d, .dzStep = dzStep, .steps = steps.count, .samples = samples,
            .stride = stride, .accumulate = accumulate};
        laneStepGradientsOfColumn(&sums, m);
    }
    /* As many steps at once as one network alone takes. */
    const int64_t most = STEPS_INPUTS / (roundedUp((int32_t)samples) * GRADIENT_COLUMNS), atOnce = most > 1 ? most : 1;
    for (int32_t k = 0; k < steps.taps; k++) {
        const int64_t shift = (int64_t)k * steps.dilation - steps.padding;
        const int64_t first = shift < 0 ? -shift : 0, end = shift > 0 ? steps.count - shift : steps.count;
        laneStepBlock block = {
            .outer = n * steps.taps, .inner = steps.taps, .dzStep = dzStep, .xStep = xStep, .samples = samples,
            .stride = stride};
        int64_t t = first;
        do {
            const int64_t left = end > t ? end - t : 0;
            block.steps = left < atOnce ? left : atOnce;
            block.accumulate = accumulate || t > first;
            block.dz = op->d + t * dzStep;
            int64_t j = 0;
            while (j < n) {
                block.dw = op->a + (k + j * steps.taps) * LC_LANES;
                block.x = op->e + (t + shift) * xStep + j * stride;
                if (n - j >= BLOCK_COLUMNS) {
                    laneStepGradientsOfColumns(&block, m);
                    j += BLOCK_COLUMNS;
                } else {
                    laneStepGradientsOfColumn(&block, m);
                    j++;
                }
            }
            t += atOnce;
        } while (t < end);
    }
}

/* Of each lane of a vector: whether it has a step, and the number of its steps. */
INLINE ints hasStep(const float *lengths, int64_t s, int32_t t) {
    return lengths ? splat((float)t) < load(lengths + s) : splat(0) == splat(0);
}

INLINE lanes stepCount(const float *lengths, int64_t s, int32_t count) {
    return lengths ? atLeast(load(lengths + s), 1) : splat((float)count);
}

static void stepsLast(const lc_op *op, const lc_batch *batch) {
    const int64_t stride = batch->stride, width = roundedUp(batch->count), step = op->steps.pitch * stride;
    for (int64_t s = 0; s < width; s += LC_LANES) {
        const lanes last = stepCount(op->g, s, op->steps.count) - 1;
        for (int32_t t = 0; t < op->steps.count; t++) {
            const ints isLast = last == splat((float)t);
            if (__builtin_reduce_or(isLast) == 0) continue;
            for (int64_t at = s; at < s + (op->m - op->n) * stride; at += stride)
                store(op->a + at, choose(isLast, load(op->b + t * step + at), load(op->a + at)));
        }
        for (int64_t at = s + (op->m - op->n) * stride; at < s + op->m * stride; at += stride)
            store(op->a + at, load(op->b + at));
    }
}

static void stepsLastGrad(const lc_op *op, const lc_batch *batch) {
    const int64_t stride = batch->stride, width = roundedUp(batch->count), step = op->steps.pitch * stride;
    for (int64_t s = 0; s < width; s += LC_LANES) {
        const lanes last = stepCount(op->g, s, op->steps.count) - 1;
        for (int32_t t = 0; t < op->steps.count; t++) {
            const ints isLast = last == splat((float)t);
            for (int64_t j = 0; j < op->m; j++) {
                const int64_t at = s + j * stride;
                const ints isTaken = j < op->m - op->n ? isLast : splat((float)t) == splat(0);
                store(op->a + t * step + at, choose(isTaken, load(op->b + at), splat(0)));
            }
        }
    }
}

static void stepsSum(const lc_op *op, const lc_batch *batch) {
    const int64_t stride = batch->stride, width = roundedUp(batch->count), step = op->steps.pitch * stride;
    for (int64_t s = 0; s < width; s += LC_LANES) {
        const lanes factor = 1 / (op->p[0] == 1 ? stepCount(op->g, s, op->steps.count) : splat(1));
        for (int64_t at = s; at < s + op->m * stride; at += stride) {
            lanes sum = splat(0);
            for (int32_t t = 0; t < op->steps.count; t++)
                sum += choose(hasStep(op->g, s, t), load(op->b + t * step + at), splat(0));
            store(op->a + at, factor * sum);
        }
    }
}

static void stepsSpread(const lc_op *op, const lc_batch *batch) {
    const int64_t stride = batch->stride, width = roundedUp(batch->count), step = op->steps.pitch * stride;
    for (int64_t s = 0; s < width; s += LC_LANES) {
        const lanes factor = 1 / (op->p[0] == 1 ? stepCount(op->g, s, op->steps.count) : splat(1));
        for (int32_t t = 0; t < op->steps.count; t++) {
            const lanes own = choose(hasStep(op->g, s, t), factor, splat(0));
            for (int64_t at = s; at < s + op->m * stride; at += stride)
                store(op->a + t * step + at, own * load(op->b + at));
        }
    }
}

static void stepsLossGrad(const lc_op *op, const lc_batch *batch) {
    const int64_t stride = batch->stride, width = roundedUp(batch->count), step = op->m * stride;
    lc_op own = *op;
    for (int32_t t = 0; t < op->steps.count; t++) {
        own.a = op->a + t * step;
        own.b = op->b + t * step;
        own.c = op->c + t * step;
        lossGradTable[op->kind](&own, batch);
        for (int64_t i = 0; i < op->m; i++)
            for (int64_t s = 0; s < width; s += LC_LANES) {
                float *gradient = own.a + i * stride + s;
                store(gradient, load(gradient) * load(op->g + t * stride + s));
            }
    }
}

static double stepsLoss(
    int32_t kind, const float *p, const float *y, const float *t, const float *shares, int32_t units, int32_t steps,
    const lc_batch *batch) {
    doubles sum = 0;
    for (int32_t step = 0; step < steps; step++)
        for (int32_t s = 0; s < batch->count; s += LC_LANES) {
            const int64_t at = (int64_t)step * units * batch->stride + s;
            lc_batch own = *batch;
            own.count = batch->count - s < LC_LANES ? batch->count - s : LC_LANES;
            doubles part;
            lossSums(kind, p, y + at, t + at, units, &own, &part);
            sum += part * __builtin_convertvector(load(shares + (int64_t)step * batch->stride + s), doubles);
        }
    return sumOfDoubles(sum);
}

/* Adds each network's sum to sums[LC_LANES]: a vector is a sample of sixteen networks. */
static void lanesStepsLoss(
    int32_t kind, const float *p, const float *y, const float *t, const float *shares, int32_t units, int32_t steps,
    const lc_batch *batch, double *sums) {
    doubles sum = 0;
    for (int32_t step = 0; step < steps; step++)
        for (int32_t s = 0; s < batch->count; s += LC_LANES) {
            const int64_t at = (int64_t)step * units * batch->stride + s;
            lc_batch own = *batch;
            own.count = LC_LANES;
            doubles part;
            lossSums(kind, p, y + at, t + at, units, &own, &part);
            sum += part * __builtin_convertvector(load(shares + (int64_t)step * batch->stride + s), doubles);
        }
    for (int l = 0; l < LC_LANES; l++) sums[l] += sum[l];
}
