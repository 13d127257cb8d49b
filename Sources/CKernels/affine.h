/*
 * The three products of a dense layer: own kernels, and OpenBLAS for the largest.
 * Blocks of outputs are kept in registers; the block sizes follow the level's number of registers.
 */
#pragma once

/*
 * OUTPUT: rows × vectors of a product's results that are summed at once, SINGLE_OUTPUT_ROWS where there is but one vector,
 * PACKED_OUTPUT_ROWS in a packed product; JOINS_ACTIVATIONS: whether the activation behind a product is done with it, for
 * which a level with small registers has too few of them (a boundary is a twentieth slower); GRADIENT: rows × columns of a weight gradient, each a vector of sums, of which
 * GRADIENT_AT_ONCE columns fill the registers; GRADIENT_SINGLE_ROWS: whether batches of one or two vectors take one row by
 * up to eight columns instead. PACKED_WORK, BLAS_WORK: multiply-adds from which packing, and from which OpenBLAS, is faster,
 * measured on products of 16 × 16 × 16 to 2048 × 2048 × 512; packing takes one vector of samples at a time, and does not
 * pay at v4.
 */
#if LC_THIS_LEVEL == 4
#define OUTPUT_ROWS 8
#define OUTPUT_VECTORS 2
#define SINGLE_OUTPUT_ROWS 8
#define JOINS_ACTIVATIONS 1
#define GRADIENT_SINGLE_ROWS 0
#define GRADIENT_ROWS 4
#define GRADIENT_COLUMNS 4
#define GRADIENT_AT_ONCE 4
#define PACKED_WORK BLAS_WORK
#define BLAS_WORK (1 << 28)
#elif LC_THIS_LEVEL == 3 || defined(__aarch64__)
#define OUTPUT_ROWS 2
#define OUTPUT_VECTORS 2
#define SINGLE_OUTPUT_ROWS 4
#define PACKED_OUTPUT_ROWS 6
#define JOINS_ACTIVATIONS 1
#define GRADIENT_SINGLE_ROWS 1
#define GRADIENT_ROWS 2
#define GRADIENT_COLUMNS 4
#define GRADIENT_AT_ONCE 2
#define PACKED_WORK (1 << 20)
#define BLAS_WORK (1 << 28)
#else
#define OUTPUT_ROWS 2
#define OUTPUT_VECTORS 1
#define JOINS_ACTIVATIONS 0
#define GRADIENT_SINGLE_ROWS 1
#define GRADIENT_ROWS 2
#define GRADIENT_COLUMNS 1
#define GRADIENT_AT_ONCE 1
#define PACKED_WORK BLAS_WORK
#define BLAS_WORK (1 << 12)
#endif

/* Floats of x whose gradients are summed before the next: half of the smallest processors' nearest cache. */
#define GRADIENT_INPUTS 4096

/* Multiply-adds of an operation. */
INLINE int64_t workOf(const lc_op *op, const lc_batch *batch) {
    return (int64_t)op->m * op->n * roundedUp(batch->count);
}

/* Whether the samples fill two whole vectors of rows that are no longer; small batches do, and the compiler may then know. */
INLINE bool isTwoVectors(const lc_batch *batch) {
    return batch->stride == 2 * LC_LANES && batch->count > LC_LANES;
}

/* The operation that takes each vector of a product's results while it is in a register: an activation or its derivative. */
typedef struct following {
    void (*apply)(const lc_op *op, int64_t at, lanes value, lanes learned); /* NULL: nothing follows */
    const lc_op *op;
    const float *base; /* the first of the product's results, from which `at` counts */
    lanes learned;
} following;

#define NOTHING_FOLLOWS (following){NULL}

/*
 * z[i, s] = Σ_k w[i·outer + k·inner]·x[k, s] for `rows` outputs and `vectors` vectors of samples, begun with z[i, s] where
 * it `continues` a sum, else with the bias. Rows of z are `stride` floats apart, those of x `inputStride`.
 */
INLINE void weightedSums(
    int rows, int vectors, bool continues, float *z, int64_t stride, const float *w, int64_t outer, int64_t inner,
    const float *bias, const float *x, int64_t inputStride, int64_t terms, following next) {
    lanes sum[8][OUTPUT_VECTORS];
    for (int i = 0; i < rows; i++)
        for (int v = 0; v < vectors; v++)
            sum[i][v] = continues ? load(z + i * stride + v * LC_LANES) : splat(bias ? bias[i] : 0);
    for (int64_t k = 0; k < terms; k++) {
        lanes weight[8];
        for (int i = 0; i < rows; i++) weight[i] = splat(w[i * outer + k * inner]);
        for (int v = 0; v < vectors; v++) {
            const lanes input = load(x + k * inputStride + v * LC_LANES);
            for (int i = 0; i < rows; i++) sum[i][v] = multiplyAdd(weight[i], input, sum[i][v]);
        }
    }
    for (int i = 0; i < rows; i++)
        for (int v = 0; v < vectors; v++) {
            float *out = z + i * stride + v * LC_LANES;
            store(out, sum[i][v]);
            if (next.apply) next.apply(next.op, out - next.base, sum[i][v], next.learned);
        }
}

/* All outputs for `vectors` vectors of samples: blocks of at most `most` rows, largest first. */
INLINE void allWeightedSums(
    int most, int vectors, bool continues, float *z, int64_t stride, const float *w, int64_t outer, int64_t inner,
    const float *bias, const float *x, int64_t inputStride, int64_t outputs, int64_t terms, following next) {
    int64_t i = 0;
#define BLOCK(rows)                                                                                               \
    weightedSums(                                                                                                 \
        rows, vectors, continues, z + i * stride, stride, w + i * outer, outer, inner, bias ? bias + i : NULL, x, \
        inputStride, terms, next)
    for (; i + most <= outputs; i += most) BLOCK(most);
    if (most > 4 && i + 4 <= outputs) {
        BLOCK(4);
        i += 4;
    }
    if (most > 2 && i + 2 <= outputs) {
        BLOCK(2);
        i += 2;
    }
    if (i < outputs) BLOCK(1);
#undef BLOCK
}

/* All outputs for `width` lanes of samples. */
INLINE void product(
    float *z, const float *w, const float *bias, const float *x, int64_t outputs, int64_t terms, int64_t outer,
    int64_t inner, const lc_batch *batch, following next) {
    const int64_t width = roundedUp(batch->count), stride = batch->stride;
    int64_t s = 0;
    for (; s + OUTPUT_VECTORS * LC_LANES <= width; s += OUTPUT_VECTORS * LC_LANES)
        allWeightedSums(
            OUTPUT_ROWS, OUTPUT_VECTORS, false, z + s, stride, w, outer, inner, bias, x + s, stride, outputs, terms,
            next);
#if OUTPUT_VECTORS > 1
    if (s < width)
        allWeightedSums(
            SINGLE_OUTPUT_ROWS, 1, false, z + s, stride, w, outer, inner, bias, x + s, stride, outputs, terms, next);
#endif
}

#if PACKED_WORK < BLAS_WORK
/*
 * Blocks of a packed product: PACKED_TERMS × PACKED_LANES inputs, of which one vector of samples stays in the nearest
 * cache, all of them and PACKED_ROWS rows of weights in the next. Where the weights of a row are apart in memory,
 * PANEL_ROWS rows are laid side by side.
 */
enum { PACKED_TERMS = 256, PACKED_LANES = 64, PACKED_ROWS = 96, PANEL_ROWS = LC_LANES };

/* packed[k, i] = w[k·inner + i] for panels of PANEL_ROWS rows, one panel of PACKED_TERMS terms after the other. */
INLINE void packWeights(float *packed, const float *w, int64_t inner, int64_t rows, int64_t terms) {
    for (int64_t k = 0; k < terms; k++)
        for (int64_t i = 0; i < rows; i += PANEL_ROWS) {
            float *target = packed + i * PACKED_TERMS + k * PANEL_ROWS;
            const float *source = w + k * inner + i;
            if (rows - i >= PANEL_ROWS)
                store(target, loadAnywhere(source));
            else
                for (int64_t r = 0; r < rows - i; r++) target[r] = source[r];
        }
}

/*
 * The product of large matrices, where rows of x are so far apart that they compete for the same places in the caches.
 * Each sum is in the same order as in `product`; where it `continues` one it begins with what is there. isApart: `outer` is 1, the weights of a row are apart, else `inner` is 1.
 */
INLINE void packedProduct(
    bool isApart, bool continues, float *z, const float *w, const float *bias, const float *x, int64_t outputs, int64_t terms,
    int64_t outer, int64_t inner, const lc_batch *batch) {
    const int64_t width = roundedUp(batch->count), stride = batch->stride;
    _Alignas(64) float inputs[PACKED_TERMS * PACKED_LANES], weights[PACKED_TERMS * PACKED_ROWS];
    for (int64_t first = 0; first < terms; first += PACKED_TERMS) {
        const int64_t many = terms - first < PACKED_TERMS ? terms - first : PACKED_TERMS;
        for (int64_t left = 0; left < width; left += PACKED_LANES) {
            const int64_t right = width - left < PACKED_LANES ? width : left + PACKED_LANES;
            for (int64_t k = 0; k < many; k++)
                for (int64_t s = left; s < right; s += LC_LANES)
                    store(inputs + (s - left) * PACKED_TERMS + k * LC_LANES, load(x + (first + k) * stride + s));
            for (int64_t top = 0; top < outputs; top += PACKED_ROWS) {
                const int64_t bottom = outputs - top < PACKED_ROWS ? outputs : top + PACKED_ROWS;
                const float *rows = w + top * outer + first * inner;
                if (isApart) packWeights(weights, rows, inner, bottom - top, many);
                for (int64_t s = left; s < right; s += LC_LANES) {
                    const float *panel = inputs + (s - left) * PACKED_TERMS;
                    if (!isApart) {
                        allWeightedSums(
                            PACKED_OUTPUT_ROWS, 1, continues || first > 0, z + top * stride + s, stride, rows, outer, 1,
                            bias ? bias + top : NULL, panel, LC_LANES, bottom - top, many,
                            NOTHING_FOLLOWS);
                        continue;
                    }
                    for (int64_t i = top; i < bottom; i += PANEL_ROWS)
                        allWeightedSums(
                            PACKED_OUTPUT_ROWS, 1, continues || first > 0, z + i * stride + s, stride,
                            weights + (i - top) * PACKED_TERMS, 1, PANEL_ROWS, bias ? bias + i : NULL, panel, LC_LANES,
                            bottom - i < PANEL_ROWS ? bottom - i : PANEL_ROWS, many, NOTHING_FOLLOWS);
                }
            }
        }
    }
}

/* The products of a layer as functions of their own, lest their blocks of memory stand in the frame of small ones. */
__attribute__((noinline)) static void packedAffine(const lc_op *op, const lc_batch *batch) {
    packedProduct(false, false, op->a, op->b, op->c, op->d, op->m, op->n, op->n, 1, batch);
}

__attribute__((noinline)) static void packedGradInput(const lc_op *op, const lc_batch *batch) {
    packedProduct(true, false, op->a, op->b, NULL, op->d, op->n, op->m, 1, op->n, batch);
}
#endif

/* z[m, B] = bias[m] + W[m, n]·x[n, B] */
static void affine(const lc_op *op, const lc_batch *batch) {
    float *z = op->a;
    const float *w = op->b, *bias = op->c, *x = op->d;
    const int32_t m = op->m, n = op->n, width = roundedUp(batch->count);
    const int64_t work = workOf(op, batch);
    if (work <= PACKED_WORK) {
        if (bias)
            product(z, w, bias, x, m, n, n, 1, batch, NOTHING_FOLLOWS);
        else
            product(z, w, NULL, x, m, n, n, 1, batch, NOTHING_FOLLOWS);
        return;
    }
#if PACKED_WORK < BLAS_WORK
    if (work <= BLAS_WORK) {
        packedAffine(op, batch);
        return;
    }
#endif
    if (bias)
        for (int64_t i = 0; i < m; i++)
            for (int64_t s = 0; s < width; s += LC_LANES) store(z + i * batch->stride + s, splat(bias[i]));
    cblas_sgemm(
        CblasRowMajor, CblasNoTrans, CblasNoTrans, m, width, n, 1, w, n, x, batch->stride, bias ? 1 : 0, z,
        batch->stride);
}

/* dx[n, B] = W[m, n]ᵀ·dz[m, B] */
static void affineGradInput(const lc_op *op, const lc_batch *batch) {
    const int32_t m = op->m, n = op->n;
    const int64_t work = workOf(op, batch);
    if (work <= PACKED_WORK)
        product(op->a, op->b, NULL, op->d, n, m, 1, n, batch, NOTHING_FOLLOWS);
#if PACKED_WORK < BLAS_WORK
    else if (work <= BLAS_WORK)
        packedGradInput(op, batch);
#endif
    else
        cblas_sgemm(
            CblasRowMajor, CblasTrans, CblasNoTrans, n, roundedUp(batch->count), m, 1, op->b, n, op->d, batch->stride,
            0, op->a, batch->stride);
}

/* z[n, B] = bias[n] + W[m, n]ᵀ·x[m, B]: a function of its own, for few networks have such layers. */
__attribute__((noinline)) static void affineTransposed(const lc_op *op, const lc_batch *batch) {
    const int32_t m = op->m, n = op->n, width = roundedUp(batch->count);
    if (workOf(op, batch) <= PACKED_WORK) {
        product(op->a, op->b, op->c, op->d, n, m, 1, n, batch, NOTHING_FOLLOWS);
        return;
    }
#if PACKED_WORK < BLAS_WORK
    if (workOf(op, batch) <= BLAS_WORK) {
        packedProduct(true, false, op->a, op->b, op->c, op->d, n, m, 1, n, batch);
        return;
    }
#endif
    for (int64_t i = 0; i < n; i++)
        for (int64_t s = 0; s < width; s += LC_LANES) store(op->a + i * batch->stride + s, splat(op->c[i]));
    cblas_sgemm(
        CblasRowMajor, CblasTrans, CblasNoTrans, n, width, m, 1, op->b, n, op->d, batch->stride, 1, op->a,
        batch->stride);
}

/* dw[i, j] (+)= Σ_s dz[i, s]·x[j, s] for rows × columns weights. */
INLINE void weightGradients(
    int rows, int columns, float *dw, int64_t n, const float *dz, const float *x, int64_t width, int64_t stride,
    bool accumulate) {
    halves half[4];
    for (int first = 0; first < columns; first += GRADIENT_AT_ONCE) {
        const int end = first + GRADIENT_AT_ONCE < columns ? first + GRADIENT_AT_ONCE : columns;
        lanes sum[4][4];
        for (int i = 0; i < rows; i++)
            for (int j = first; j < end; j++) sum[i][j] = load(dz + i * stride) * load(x + j * stride);
        for (int64_t s = LC_LANES; s < width; s += LC_LANES) {
            lanes input[4];
            for (int j = first; j < end; j++) input[j] = load(x + j * stride + s);
            for (int i = 0; i < rows; i++) {
                const lanes gradient = load(dz + i * stride + s);
                for (int j = first; j < end; j++) sum[i][j] = multiplyAdd(gradient, input[j], sum[i][j]);
            }
        }
        for (int j = first; j < end; j++)
            half[j] = foldColumn(rows, sum[0][j], sum[1 % rows][j], sum[2 % rows][j], sum[3 % rows][j]);
    }
    const lanes total = sumHalves(columns, half);
    for (int i = 0; i < rows; i++) {
        float *out = dw + i * n;
        quad part = quarter(total, i);
        if (columns == 4) {
            if (accumulate) part += *(const quadAnywhere *)out;
            *(quadAnywhere *)out = part;
        } else {
            for (int j = 0; j < columns; j++) out[j] = accumulate ? out[j] + part[j] : part[j];
        }
    }
}

/* The gradients of `rows` rows of weights: blocks of columns, largest first. */
INLINE void rowsOfGradients(
    int rows, float *dw, int64_t n, const float *dz, const float *x, int64_t columns, int64_t width, int64_t stride,
    bool accumulate) {
    int64_t j = 0;
#define BLOCK(count) \
    (weightGradients(rows, count, dw + j, n, dz, x + j * stride, width, stride, accumulate), j += count)
    while (columns - j >= GRADIENT_COLUMNS) BLOCK(GRADIENT_COLUMNS);
#if GRADIENT_COLUMNS == 4
    if (columns - j >= 2) BLOCK(2);
#endif
    if (j < columns) BLOCK(1);
#undef BLOCK
}

/* A row of dz times a row of x, and a row of dz alone, with the vectors of samples added up: a partial sum in each lane. */
INLINE lanes productOfRows(const float *dz, const float *x, int64_t width) {
    lanes sum = load(dz) * load(x);
    for (int64_t s = LC_LANES; s < width; s += LC_LANES) sum = multiplyAdd(load(dz + s), load(x + s), sum);
    return sum;
}

INLINE lanes sumOfRow(const float *dz, int64_t width) {
    lanes sum = load(dz);
    for (int64_t s = LC_LANES; s < width; s += LC_LANES) sum += load(dz + s);
    return sum;
}

/*
 * out[0 ..< count] (+)= the sums over the lanes of pairs of vectors, for a count of 5 to 8: the first ones of the four pairs,
 * then the second ones.
 */
INLINE void storeSums(int count, float *out, const halves pairs[4], bool accumulate) {
    eightAnywhere sums = firstEight(sumHalves(4, pairs));
    if (count == 8) {
        if (accumulate) sums += *(const eightAnywhere *)out;
        *(eightAnywhere *)out = sums;
    } else {
        quadAnywhere four = sums.lo;
        if (accumulate) four += *(const quadAnywhere *)out;
        *(quadAnywhere *)out = four;
        for (int i = 4; i < count; i++) out[i] = accumulate ? out[i] + sums[i] : sums[i];
    }
}

/* dw[j] (+)= Σ_s dz[s]·x[j, s] for five to eight columns of a row. */
INLINE void rowOfWeightGradients(
    int columns, float *dw, const float *dz, const float *x, int64_t width, int64_t stride, bool accumulate) {
    halves pairs[4];
    for (int j = 0; j < 4; j++) {
        const lanes first = productOfRows(dz, x + j * stride, width);
        const lanes second = j + 4 < columns ? productOfRows(dz, x + (j + 4) * stride, width) : first;
        pairs[j] = foldColumn(2, first, second, first, second);
    }
    storeSums(columns, dw, pairs, accumulate);
}

/* db[i] (+)= Σ_s dz[i, s], eight rows at once, then four. */
INLINE void biasGradients(
    float *db, const float *dz, int64_t m, int64_t width, int64_t stride, bool accumulate) {
    int64_t i = 0;
    for (; i + 8 <= m; i += 8) {
        halves pairs[4];
        for (int r = 0; r < 4; r++) {
            const lanes first = sumOfRow(dz + (i + r) * stride, width);
            const lanes second = sumOfRow(dz + (i + r + 4) * stride, width);
            pairs[r] = foldColumn(2, first, second, first, second);
        }
        storeSums(8, db + i, pairs, accumulate);
    }
    for (; i < m; i += 4) {
        lanes sum[4][4];
        for (int r = 0; r < 4; r++) sum[r][0] = sumOfRow(dz + (i + r < m ? i + r : i) * stride, width);
        const lanes total = sumLanes(4, 1, sum);
        const quad parts = {total[0], total[4], total[8], total[12]};
        for (int r = 0; r < 4 && i + r < m; r++) db[i + r] = accumulate ? db[i + r] + parts[r] : parts[r];
    }
}

/* The gradients of all rows of some columns of weights. */
INLINE void gradientsOfColumns(
    float *dw, int64_t n, const float *dz, const float *x, int64_t m, int64_t columns, int64_t width, int64_t stride,
    bool accumulate) {
    int64_t i = 0;
#define BLOCK(rows) \
    (rowsOfGradients(rows, dw + i * n, n, dz + i * stride, x, columns, width, stride, accumulate), i += rows)
    while (m - i >= GRADIENT_ROWS) BLOCK(GRADIENT_ROWS);
#if GRADIENT_ROWS == 4
    if (m - i >= 2) BLOCK(2);
#endif
    if (i < m) BLOCK(1);
#undef BLOCK
}

/* The gradients of a layer for `width` lanes of samples, a number that the compiler knows. */
INLINE void gradientsOfFewSamples(const lc_op *op, int64_t width, int64_t stride, bool accumulate) {
    const int64_t m = op->m, n = op->n;
    float *dw = op->a;
    const float *dz = op->d, *x = op->e;
    if (op->c) biasGradients(op->c, dz, m, width, stride, accumulate);
    int64_t j = 0;
#if GRADIENT_SINGLE_ROWS
#define ROWS(columns)                                                                                         \
    do {                                                                                                      \
        for (int64_t i = 0; i < m; i++)                                                                       \
            rowOfWeightGradients(                                                                             \
                columns, dw + i * n + j, dz + i * stride, x + j * stride, width, stride, accumulate);         \
        j += columns;                                                                                         \
    } while (0)
    while (n - j >= 8) ROWS(8);
    switch (n - j) {
    case 7: ROWS(7); break;
    case 6: ROWS(6); break;
    case 5: ROWS(5); break;
    }
#undef ROWS
#endif
    if (j < n) gradientsOfColumns(dw + j, n, dz, x + j * stride, m, n - j, width, stride, accumulate);
}

/* Functions of their own, so that registers are not shared with what other operations need. */
__attribute__((noinline)) static void gradientsOfOneVector(const lc_op *op, int64_t stride, bool accumulate) {
    gradientsOfFewSamples(op, LC_LANES, stride, accumulate);
}

__attribute__((noinline)) static void gradientsOfTwoVectors(const lc_op *op, bool accumulate) {
    gradientsOfFewSamples(op, 2 * LC_LANES, 2 * LC_LANES, accumulate);
}

/* A function of its own: a small layer's step is not to carry what this needs. */
__attribute__((noinline)) static void gradientsOfLargeColumns(
    float *dw, int64_t n, const float *dz, const float *x, int64_t m, int64_t columns, int64_t width, int64_t stride,
    bool accumulate) {
    gradientsOfColumns(dw, n, dz, x, m, columns, width, stride, accumulate);
}

#if PACKED_WORK < BLAS_WORK
/*
 * The least rows of weights whose gradients are summed from packed columns of inputs: packing takes as long as a few rows' sums.
 * With more than LC_LANES columns such a layer is larger than networks that train side by side, whose sums (population.h) have
 * another order.
 */
enum { PACKED_GRADIENT_ROWS = 256 };

/* packed[s, j] = x[j, s] for up to LC_LANES rows of x, else 0, four by four: up to three lanes more than `terms` are read. */
INLINE void packColumns(float *packed, const float *x, int64_t stride, int64_t columns, int64_t terms) {
    int64_t j = 0;
    for (; j + 4 <= columns; j += 4)
        for (int64_t s = 0; s < terms; s += 4) {
            const float *from = x + j * stride + s;
            const quad a = *(const quadAnywhere *)from, b = *(const quadAnywhere *)(from + stride);
            const quad c = *(const quadAnywhere *)(from + 2 * stride), d = *(const quadAnywhere *)(from + 3 * stride);
            const quad ab = __builtin_shufflevector(a, b, 0, 4, 1, 5), ab2 = __builtin_shufflevector(a, b, 2, 6, 3, 7);
            const quad cd = __builtin_shufflevector(c, d, 0, 4, 1, 5), cd2 = __builtin_shufflevector(c, d, 2, 6, 3, 7);
            float *to = packed + s * LC_LANES + j;
            *(quadAnywhere *)to = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
            *(quadAnywhere *)(to + LC_LANES) = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
            *(quadAnywhere *)(to + 2 * LC_LANES) = __builtin_shufflevector(ab2, cd2, 0, 1, 4, 5);
            *(quadAnywhere *)(to + 3 * LC_LANES) = __builtin_shufflevector(ab2, cd2, 2, 3, 6, 7);
        }
    for (; j < columns; j++)
        for (int64_t s = 0; s < terms; s++) packed[s * LC_LANES + j] = x[j * stride + s];
    for (; j < LC_LANES; j++)
        for (int64_t s = 0; s < terms; s++) packed[s * LC_LANES + j] = 0;
}

/* dw[i, j] (+)= Σ_s dz[i, s]·packed[s, j] for `rows` rows and up to LC_LANES columns. */
INLINE void packedGradients(
    int rows, float *dw, int64_t n, const float *dz, int64_t stride, const float *packed, int64_t columns, int64_t terms,
    bool accumulate) {
    lanes sum[8];
    for (int i = 0; i < rows; i++) sum[i] = splat(0);
    for (int64_t s = 0; s < terms; s++) {
        const lanes input = load(packed + s * LC_LANES);
        for (int i = 0; i < rows; i++) sum[i] = multiplyAdd(splat(dz[i * stride + s]), input, sum[i]);
    }
    for (int i = 0; i < rows; i++) {
        float *out = dw + i * n;
        if (columns == LC_LANES)
            storeAnywhere(out, accumulate ? loadAnywhere(out) + sum[i] : sum[i]);
        else
            for (int64_t j = 0; j < columns; j++) out[j] = accumulate ? out[j] + sum[i][j] : sum[i][j];
    }
}

/* The gradients of a large layer: sums over the samples, one after the other, for a vector of columns at once. */
__attribute__((noinline)) static void packedGradParams(const lc_op *op, const lc_batch *batch, bool accumulate) {
    const int64_t m = op->m, n = op->n, stride = batch->stride, samples = batch->count;
    _Alignas(64) float inputs[PACKED_TERMS * PACKED_LANES];
    for (int64_t first = 0; first < samples; first += PACKED_TERMS) {
        const int64_t terms = samples - first < PACKED_TERMS ? samples - first : PACKED_TERMS;
        const bool adds = accumulate || first > 0;
        for (int64_t left = 0; left < n; left += PACKED_LANES) {
            const int64_t right = n - left < PACKED_LANES ? n : left + PACKED_LANES;
            for (int64_t j = left; j < right; j += LC_LANES)
                packColumns(
                    inputs + (j - left) * PACKED_TERMS, op->e + j * stride + first, stride,
                    right - j < LC_LANES ? right - j : LC_LANES, terms);
            for (int64_t top = 0; top < m; top += PACKED_ROWS) {
                const int64_t bottom = m - top < PACKED_ROWS ? m : top + PACKED_ROWS;
                for (int64_t j = left; j < right; j += LC_LANES) {
                    const int64_t columns = right - j < LC_LANES ? right - j : LC_LANES;
                    int64_t i = top;
#define BLOCK(rows)                                                                                             \
    (packedGradients(                                                                                           \
         rows, op->a + i * n + j, n, op->d + i * stride + first, stride, inputs + (j - left) * PACKED_TERMS,     \
         columns, terms, adds),                                                                                 \
     i += rows)
                    while (bottom - i >= PACKED_OUTPUT_ROWS) BLOCK(PACKED_OUTPUT_ROWS);
                    while (bottom - i >= 2) BLOCK(2);
                    if (i < bottom) BLOCK(1);
#undef BLOCK
                }
            }
        }
    }
}
#endif

/* The gradients of a layer that is large, or for more samples: a function of its own, too. */
__attribute__((noinline)) static void gradientsOfMoreSamples(const lc_op *op, const lc_batch *batch, bool accumulate) {
    const int32_t m = op->m, n = op->n;
    const int64_t stride = batch->stride, width = roundedUp(batch->count);
    float *dw = op->a;
    const float *dz = op->d, *x = op->e;
    if (op->c) biasGradients(op->c, dz, m, width, stride, accumulate);
    if ((int64_t)op->whole * n * width > BLAS_WORK) {
        cblas_sgemm(
            CblasRowMajor, CblasNoTrans, CblasTrans, m, n, (int)width, 1, dz, (int)stride, x, (int)stride,
            accumulate ? 1 : 0, dw, n);
        return;
    }
    if (n * width <= GRADIENT_INPUTS) {
        gradientsOfColumns(dw, n, dz, x, m, n, width, stride, accumulate);
        return;
    }
#if PACKED_WORK < BLAS_WORK
    if (op->whole >= PACKED_GRADIENT_ROWS && n > LC_LANES) {
        packedGradParams(op, batch, accumulate);
        return;
    }
#endif
    /* As many rows of x as stay in the nearest cache, in blocks of whole columns. */
    const int64_t most = GRADIENT_INPUTS / width / GRADIENT_COLUMNS * GRADIENT_COLUMNS;
    const int64_t step = most > GRADIENT_COLUMNS ? most : GRADIENT_COLUMNS;
    for (int64_t j = 0; j < n; j += step)
        gradientsOfLargeColumns(
            dw + j, n, dz, x + j * stride, m, n - j < step ? n - j : step, width, stride, accumulate);
}

/*
 * dW[m, n] (+)= dz[m, B]·x[n, B]ᵀ, db[m] (+)= row sums of dz. How they are summed depends on the whole operation, lest bits
 * depend on the parts that threads take.
 */
static void affineGradParams(const lc_op *op, const lc_batch *batch) {
    const int64_t inputs = (int64_t)op->n * roundedUp(batch->count);
    const bool accumulate = ((op->flags | batch->flags) & LC_ACCUMULATE) != 0;
    const bool isSmall = inputs <= GRADIENT_INPUTS && op->whole * inputs <= BLAS_WORK;
    if (isSmall && batch->count <= LC_LANES)
        gradientsOfOneVector(op, batch->stride, accumulate);
    else if (isSmall && isTwoVectors(batch))
        gradientsOfTwoVectors(op, accumulate);
    else
        gradientsOfMoreSamples(op, batch, accumulate);
}

/* db[m] (+)= row sums of dz[m, B] */
static void rowSums(const lc_op *op, const lc_batch *batch) {
    const bool accumulate = ((op->flags | batch->flags) & LC_ACCUMULATE) != 0;
    biasGradients(op->a, op->b, op->m, roundedUp(batch->count), batch->stride, accumulate);
}
