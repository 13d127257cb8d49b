/*
 * Products of networks side by side, one to a lane, whose weights are vectors too: see population.h. Sums are in the order in
 * which one network alone adds them up.
 */
#pragma once

/* Results that a block keeps in registers: rows × columns vectors; TREE: of a gradient, with up to five partial sums. */
#if LC_THIS_LEVEL == 4
#define BLOCK_ROWS 4
#define BLOCK_COLUMNS 4
#define TREE_ROWS 2
#define TREE_COLUMNS 2
#elif LC_THIS_LEVEL == 3 || defined(__aarch64__)
#define BLOCK_ROWS 2
#define BLOCK_COLUMNS 2
#define TREE_ROWS 1
#define TREE_COLUMNS 2
#else
#define BLOCK_ROWS 1
#define BLOCK_COLUMNS 2
#define TREE_ROWS 1
#define TREE_COLUMNS 1
#endif

/* A matrix of vectors: element (i, k) is at base + i·outer + k·inner. */
typedef struct lattice {
    float *base;
    int64_t outer, inner;
} lattice;

/* out(i, j) = bias(i) + Σ_k a(i, k)·b(j, k) for one block, lane by lane; where it `continues` a sum, begun with out(i, j). */
INLINE void laneProductBlock(
    int rows, int columns, bool continues, lattice out, lattice a, lattice b, const float *bias, int64_t terms) {
    lanes sum[BLOCK_ROWS][BLOCK_COLUMNS];
    for (int i = 0; i < rows; i++) {
        const lanes start = bias ? load(bias + i * LC_LANES) : splat(0);
        for (int j = 0; j < columns; j++)
            sum[i][j] = continues ? load(out.base + i * out.outer + j * out.inner) : start;
    }
    for (int64_t k = 0; k < terms; k++) {
        lanes right[BLOCK_COLUMNS];
        for (int j = 0; j < columns; j++) right[j] = load(b.base + j * b.outer + k * b.inner);
        for (int i = 0; i < rows; i++) {
            const lanes left = load(a.base + i * a.outer + k * a.inner);
            for (int j = 0; j < columns; j++) sum[i][j] = multiplyAdd(left, right[j], sum[i][j]);
        }
    }
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++) store(out.base + i * out.outer + j * out.inner, sum[i][j]);
}

/* A block's rows, all columns: blocks of columns, largest first. */
INLINE void laneProductRows(
    int rows, bool continues, lattice out, lattice a, lattice b, const float *bias, int64_t columns, int64_t terms) {
    int64_t j = 0;
#define BLOCK(width)                                                                                          \
    laneProductBlock(                                                                                         \
        rows, width, continues, (lattice){out.base + j * out.inner, out.outer, out.inner}, a,                            \
        (lattice){b.base + j * b.outer, b.outer, b.inner}, bias, terms)
    for (; j + BLOCK_COLUMNS <= columns; j += BLOCK_COLUMNS) BLOCK(BLOCK_COLUMNS);
#if BLOCK_COLUMNS == 4
    if (j + 2 <= columns) {
        BLOCK(2);
        j += 2;
    }
#endif
    if (j < columns) BLOCK(1);
#undef BLOCK
}

/* Blocks of rows, largest first. */
INLINE void laneProductBlocks(
    bool continues, lattice out, lattice a, lattice b, const float *bias, int64_t rows, int64_t columns, int64_t terms) {
    int64_t i = 0;
#define BLOCK(height)                                                                                          \
    laneProductRows(                                                                                           \
        height, continues, (lattice){out.base + i * out.outer, out.outer, out.inner},                                     \
        (lattice){a.base + i * a.outer, a.outer, a.inner}, b, bias ? bias + i * LC_LANES : NULL, columns, terms)
    for (; i + BLOCK_ROWS <= rows; i += BLOCK_ROWS) BLOCK(BLOCK_ROWS);
#if BLOCK_ROWS == 4
    if (i + 2 <= rows) {
        BLOCK(2);
        i += 2;
    }
#endif
    if (i < rows) BLOCK(1);
#undef BLOCK
}

/* out[rows, columns] = bias[rows] + a[rows, terms]·b[columns, terms]ᵀ, lane by lane: a layer's answers, and the gradient of its inputs. */
static void laneProduct(
    lattice out, lattice a, lattice b, const float *bias, int64_t rows, int64_t columns, int64_t terms) {
    laneProductBlocks(false, out, a, b, bias, rows, columns, terms);
}

/* The same, added to what is there. */
static void addLaneProduct(lattice out, lattice a, lattice b, int64_t rows, int64_t columns, int64_t terms) {
    laneProductBlocks(true, out, a, b, NULL, rows, columns, terms);
}
