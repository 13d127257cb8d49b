/*
 * The three products of a dense layer: own kernels for small ones, OpenBLAS where its packing pays.
 * Blocks of outputs are kept in registers; the block sizes follow the level's number of registers.
 */
#pragma once

/*
 * OUTPUT: rows × vectors of a product's results that are summed at once; GRADIENT: rows × columns of a weight
 * gradient, each a vector of sums. BLAS_WORK: multiply-adds from which OpenBLAS is faster, measured on products of
 * 16 × 16 × 16 to 2048 × 2048 × 256. At v4 these loops reach 265 GFLOP/s on a core where OpenBLAS 0.3.21 has
 * 130, and lose only where rows are so far apart that they compete for the same places in the cache.
 */
#if LC_THIS_LEVEL == 4
#define OUTPUT_ROWS 8
#define OUTPUT_VECTORS 2
#define GRADIENT_ROWS 4
#define GRADIENT_COLUMNS 4
#define BLAS_WORK (1 << 28)
#elif LC_THIS_LEVEL == 3 || defined(__aarch64__)
#define OUTPUT_ROWS 4
#define OUTPUT_VECTORS 1
#define GRADIENT_ROWS 2
#define GRADIENT_COLUMNS 2
#define BLAS_WORK (1 << 22)
#else
#define OUTPUT_ROWS 2
#define OUTPUT_VECTORS 1
#define GRADIENT_ROWS 2
#define GRADIENT_COLUMNS 1
#define BLAS_WORK (1 << 12)
#endif

INLINE bool isLarge(const lc_op *op, const lc_batch *batch) {
    return (int64_t)op->m * op->n * roundedUp(batch->count) > BLAS_WORK;
}

/* z[i, s] = bias[i] + Σ_k w[i·outer + k·inner]·x[k, s] for `rows` outputs and `vectors` vectors of samples. */
INLINE void weightedSums(
    int rows, int vectors, float *z, const float *w, const float *bias, const float *x, int64_t terms, int64_t outer,
    int64_t inner, int64_t stride) {
    lanes sum[OUTPUT_ROWS][OUTPUT_VECTORS];
    for (int i = 0; i < rows; i++)
        for (int v = 0; v < vectors; v++) sum[i][v] = splat(bias ? bias[i] : 0);
    for (int64_t k = 0; k < terms; k++) {
        lanes input[OUTPUT_VECTORS];
        for (int v = 0; v < vectors; v++) input[v] = load(x + k * stride + v * LC_LANES);
        for (int i = 0; i < rows; i++)
            for (int v = 0; v < vectors; v++)
                sum[i][v] = multiplyAdd(splat(w[i * outer + k * inner]), input[v], sum[i][v]);
    }
    for (int i = 0; i < rows; i++)
        for (int v = 0; v < vectors; v++) store(z + i * stride + v * LC_LANES, sum[i][v]);
}

/* All outputs for `vectors` vectors of samples: blocks of rows, largest first. */
INLINE void allWeightedSums(
    int vectors, float *z, const float *w, const float *bias, const float *x, int64_t outputs, int64_t terms,
    int64_t outer, int64_t inner, int64_t stride) {
    int64_t i = 0;
#define BLOCK(rows) \
    weightedSums(rows, vectors, z + i * stride, w + i * outer, bias ? bias + i : NULL, x, terms, outer, inner, stride)
    for (; i + OUTPUT_ROWS <= outputs; i += OUTPUT_ROWS) BLOCK(OUTPUT_ROWS);
#if OUTPUT_ROWS == 8
    if (i + 4 <= outputs) {
        BLOCK(4);
        i += 4;
    }
#endif
#if OUTPUT_ROWS >= 4
    if (i + 2 <= outputs) {
        BLOCK(2);
        i += 2;
    }
#endif
    if (i < outputs) BLOCK(1);
#undef BLOCK
}

INLINE void smallProduct(
    float *z, const float *w, const float *bias, const float *x, int64_t outputs, int64_t terms, int64_t outer,
    int64_t inner, const lc_batch *batch) {
    const int64_t width = roundedUp(batch->count), stride = batch->stride;
    int64_t s = 0;
    for (; s + OUTPUT_VECTORS * LC_LANES <= width; s += OUTPUT_VECTORS * LC_LANES)
        allWeightedSums(OUTPUT_VECTORS, z + s, w, bias, x + s, outputs, terms, outer, inner, stride);
#if OUTPUT_VECTORS > 1
    if (s < width) allWeightedSums(1, z + s, w, bias, x + s, outputs, terms, outer, inner, stride);
#endif
}

/* z[m, B] = bias[m] + W[m, n]·x[n, B] */
static void affine(const lc_op *op, const lc_batch *batch) {
    float *z = op->a;
    const float *w = op->b, *bias = op->c, *x = op->d;
    const int32_t m = op->m, n = op->n, width = roundedUp(batch->count);
    if (!isLarge(op, batch)) {
        if (bias)
            smallProduct(z, w, bias, x, m, n, n, 1, batch);
        else
            smallProduct(z, w, NULL, x, m, n, n, 1, batch);
        return;
    }
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
    if (isLarge(op, batch))
        cblas_sgemm(
            CblasRowMajor, CblasTrans, CblasNoTrans, n, roundedUp(batch->count), m, 1, op->b, n, op->d, batch->stride,
            0, op->a, batch->stride);
    else
        smallProduct(op->a, op->b, NULL, op->d, n, m, 1, n, batch);
}

/* dw[i, j] (+)= Σ_s dz[i, s]·x[j, s] for rows × columns weights. */
INLINE void weightGradients(
    int rows, int columns, float *dw, int64_t n, const float *dz, const float *x, int64_t width, int64_t stride,
    bool accumulate) {
    lanes sum[4][4];
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++) sum[i][j] = load(dz + i * stride) * load(x + j * stride);
    for (int64_t s = LC_LANES; s < width; s += LC_LANES) {
        lanes input[4];
        for (int j = 0; j < columns; j++) input[j] = load(x + j * stride + s);
        for (int i = 0; i < rows; i++) {
            const lanes gradient = load(dz + i * stride + s);
            for (int j = 0; j < columns; j++) sum[i][j] = multiplyAdd(gradient, input[j], sum[i][j]);
        }
    }
    const lanes total = sumLanes(rows, columns, sum);
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
    int rows, float *dw, int64_t n, const float *dz, const float *x, int64_t width, int64_t stride, bool accumulate) {
    int64_t j = 0;
#define BLOCK(columns) weightGradients(rows, columns, dw + j, n, dz, x + j * stride, width, stride, accumulate)
    for (; j + GRADIENT_COLUMNS <= n; j += GRADIENT_COLUMNS) BLOCK(GRADIENT_COLUMNS);
#if GRADIENT_COLUMNS == 4
    if (j + 2 <= n) {
        BLOCK(2);
        j += 2;
    }
#endif
    if (j < n) BLOCK(1);
#undef BLOCK
}

/* db[i] (+)= Σ_s dz[i, s], four rows at once. */
INLINE void biasGradients(
    float *db, const float *dz, int64_t m, int64_t width, int64_t stride, bool accumulate) {
    for (int64_t i = 0; i < m; i += 4) {
        lanes sum[4][4];
        for (int r = 0; r < 4; r++) {
            const float *row = dz + (i + r < m ? i + r : i) * stride;
            sum[r][0] = load(row);
            for (int64_t s = LC_LANES; s < width; s += LC_LANES) sum[r][0] += load(row + s);
        }
        const lanes total = sumLanes(4, 1, sum);
        const quad parts = {total[0], total[4], total[8], total[12]};
        for (int r = 0; r < 4 && i + r < m; r++) db[i + r] = accumulate ? db[i + r] + parts[r] : parts[r];
    }
}

/* dW[m, n] (+)= dz[m, B]·x[n, B]ᵀ, db[m] (+)= row sums of dz */
static void affineGradParams(const lc_op *op, const lc_batch *batch) {
    const int32_t m = op->m, n = op->n;
    const int64_t stride = batch->stride, width = roundedUp(batch->count);
    const bool accumulate = ((op->flags | batch->flags) & LC_ACCUMULATE) != 0;
    float *dw = op->a;
    const float *dz = op->d, *x = op->e;
    if (op->c) biasGradients(op->c, dz, m, width, stride, accumulate);
    if (isLarge(op, batch)) {
        cblas_sgemm(
            CblasRowMajor, CblasNoTrans, CblasTrans, m, n, (int)width, 1, dz, (int)stride, x, (int)stride,
            accumulate ? 1 : 0, dw, n);
        return;
    }
    int64_t i = 0;
#define BLOCK(rows) rowsOfGradients(rows, dw + i * n, n, dz + i * stride, x, width, stride, accumulate)
    for (; i + GRADIENT_ROWS <= m; i += GRADIENT_ROWS) BLOCK(GRADIENT_ROWS);
#if GRADIENT_ROWS == 4
    if (i + 2 <= m) {
        BLOCK(2);
        i += 2;
    }
#endif
    if (i < m) BLOCK(1);
#undef BLOCK
}
