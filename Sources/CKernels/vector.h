/*
 * Sixteen samples side by side. The compiler maps the types to one zmm, two ymm or four 128-bit
 * registers, whichever the level has; all functions are inlined, so no vector crosses a call.
 */
#pragma once

/* The warning is about vectors that are passed between functions; these all are inlined. */
#pragma clang diagnostic ignored "-Wpsabi"

#define INLINE static inline __attribute__((always_inline))

typedef float lanes __attribute__((ext_vector_type(LC_LANES)));
typedef float lanesAnywhere __attribute__((ext_vector_type(LC_LANES), aligned(4)));
typedef int32_t ints __attribute__((ext_vector_type(LC_LANES)));
typedef uint32_t words __attribute__((ext_vector_type(LC_LANES)));
typedef int64_t longs __attribute__((ext_vector_type(LC_LANES)));
typedef double doubles __attribute__((ext_vector_type(LC_LANES)));
typedef float eight __attribute__((ext_vector_type(8)));
typedef float eightAnywhere __attribute__((ext_vector_type(8), aligned(4)));
typedef float quad __attribute__((ext_vector_type(4)));
typedef float quadAnywhere __attribute__((ext_vector_type(4), aligned(4)));

/* A vector in a row of a tensor (64-byte aligned), and one that may begin anywhere. */
INLINE lanes load(const float *x) { return *(const lanes *)x; }
INLINE void store(float *x, lanes v) { *(lanes *)x = v; }
INLINE lanes loadAnywhere(const float *x) { return *(const lanesAnywhere *)x; }
INLINE void storeAnywhere(float *x, lanes v) { *(lanesAnywhere *)x = v; }

INLINE lanes splat(float x) { return (lanes)x; }

INLINE ints laneIndex(void) { return (ints){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}; }

/* Lane by lane: mask ? a : b. */
INLINE lanes choose(ints mask, lanes a, lanes b) { return mask ? a : b; }

/* A NaN in x stays NaN, in both: the comparison is false then. */
INLINE lanes atLeast(lanes x, float bound) { return choose(splat(bound) > x, splat(bound), x); }
INLINE lanes atMost(lanes x, float bound) { return choose(splat(bound) < x, splat(bound), x); }

/* Likewise with a bound for each lane. */
INLINE lanes greater(lanes x, lanes bound) { return choose(bound > x, bound, x); }
INLINE lanes lesser(lanes x, lanes bound) { return choose(bound < x, bound, x); }

INLINE lanes magnitude(lanes x) { return __builtin_elementwise_abs(x); }
INLINE lanes withSign(lanes size, lanes sign) { return __builtin_elementwise_copysign(size, sign); }
INLINE lanes squareRoot(lanes x) { return __builtin_elementwise_sqrt(x); }

/*
 * a · b + c, fused where the level can. What must come out the same in two places says it with this: whether the compiler
 * fuses a sum of its own accord depends on what stands around it.
 */
INLINE lanes multiplyAdd(lanes a, lanes b, lanes c) {
#if LC_THIS_LEVEL >= 3 || defined(__aarch64__)
    return __builtin_elementwise_fma(a, b, c);
#else
    return a * b + c;
#endif
}

INLINE ints bitsOf(lanes x) { return __builtin_bit_cast(ints, x); }
INLINE lanes fromBits(ints x) { return __builtin_bit_cast(lanes, x); }

/* The first `count` < 16 values from x, the other lanes 0. */
INLINE lanes loadFirst(const float *x, int64_t count) {
#if LC_THIS_LEVEL == 4
    return (lanes)_mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), x);
#else
    float part[LC_LANES] = {0};
    for (int64_t i = 0; i < count; i++) part[i] = x[i];
    return loadAnywhere(part);
#endif
}

INLINE void storeFirst(float *x, lanes v, int64_t count) {
#if LC_THIS_LEVEL == 4
    _mm512_mask_storeu_ps(x, (__mmask16)((1u << count) - 1), (__m512)v);
#else
    float part[LC_LANES];
    storeAnywhere(part, v);
    for (int64_t i = 0; i < count; i++) x[i] = part[i];
#endif
}

/* Halves of a, then of b, added: eight partial sums of each. A product in a or b is rounded before. */
INLINE lanes foldHalves(lanes a, lanes b) {
#pragma clang fp contract(off)
    return __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23)
        + __builtin_shufflevector(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
}

/*
 * Of two results of foldHalves: four partial sums each of four vectors, one to a quarter. The order of every other pair of
 * addends makes one of the two operands a blend, which costs less than a move between halves of a register.
 */
INLINE lanes foldQuarters(lanes a, lanes b) {
    return __builtin_shufflevector(a, b, 0, 1, 2, 3, 12, 13, 14, 15, 16, 17, 18, 19, 28, 29, 30, 31)
        + __builtin_shufflevector(a, b, 4, 5, 6, 7, 8, 9, 10, 11, 20, 21, 22, 23, 24, 25, 26, 27);
}

/*
 * Within each quarter: two partial sums of a and of b, side by side, and then the four sums begun in a and b. Shuffles of
 * this kind cost nothing beside the products; the even and the odd lanes would become horizontal additions, which do.
 */
INLINE lanes foldPairs(lanes a, lanes b) {
    return __builtin_shufflevector(a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29)
        + __builtin_shufflevector(a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31);
}

INLINE lanes foldSingles(lanes a, lanes b) {
    return __builtin_shufflevector(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29)
        + __builtin_shufflevector(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
}

/* Eight partial sums of each of up to four vectors. */
typedef struct halves {
    lanes first, second;
} halves;

/* With fewer than four rows, `second` repeats what is in `first`. */
INLINE halves foldColumn(int rows, lanes a, lanes b, lanes c, lanes d) {
    const lanes first = foldHalves(a, b);
    return (halves){first, rows <= 2 ? first : foldHalves(c, d)};
}

/*
 * The sums over the lanes of rows × columns vectors, in a tree whose shape does not depend on the
 * values: row r's sums are in quarter r, one lane to a column. With fewer than four rows or columns
 * the rest repeats what is there, which costs nothing once the compiler has seen it.
 */
INLINE lanes sumHalves(int columns, const halves half[4]) {
    lanes column[4];
    for (int c = 0; c < 4; c++) column[c] = foldQuarters(half[c % columns].first, half[c % columns].second);
    return foldSingles(foldPairs(column[0], column[1]), foldPairs(column[2], column[3]));
}

INLINE lanes sumLanes(int rows, int columns, lanes terms[4][4]) {
    halves half[4];
    for (int c = 0; c < columns; c++)
        half[c] = foldColumn(rows, terms[0][c], terms[1 % rows][c], terms[2 % rows][c], terms[3 % rows][c]);
    return sumHalves(columns, half);
}

INLINE quad quarter(lanes v, int index) {
    switch (index) {
    case 0: return __builtin_shufflevector(v, v, 0, 1, 2, 3);
    case 1: return __builtin_shufflevector(v, v, 4, 5, 6, 7);
    case 2: return __builtin_shufflevector(v, v, 8, 9, 10, 11);
    default: return __builtin_shufflevector(v, v, 12, 13, 14, 15);
    }
}

INLINE eightAnywhere firstEight(lanes v) { return __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7); }

INLINE float sumOfLanes(lanes v) {
    lanes terms[4][4] = {{v}};
    return sumLanes(1, 1, terms)[0];
}

INLINE double sumOfDoubles(doubles v) {
    double sum[LC_LANES];
    for (int i = 0; i < LC_LANES; i++) sum[i] = v[i];
    for (int width = LC_LANES / 2; width > 0; width /= 2)
        for (int i = 0; i < width; i++) sum[i] += sum[i + width];
    return sum[0];
}

/* Whether a lane is not 0; NaN counts. */
INLINE bool anyNonzero(lanes v) { return __builtin_reduce_or(v != 0.0f) != 0; }

INLINE int32_t roundedUp(int32_t count) { return (count + LC_LANES - 1) & ~(LC_LANES - 1); }

/* A tensor's rows as the loops over single values see them: one long row where no lane is left out. */
typedef struct area {
    int32_t rows;
    int64_t length, stride;
} area;

INLINE area areaOf(int32_t units, const lc_batch *batch) {
    const int32_t length = roundedUp(batch->count);
    if (length == batch->stride) return (area){1, (int64_t)units * length, 0};
    return (area){units, length, batch->stride};
}

/* Runs the statement that follows for each vector of `region`, with its offset in `at`. */
#define FOR_EACH_VECTOR(region, at)                                                              \
    for (int64_t row_ = 0; row_ < (region).rows; row_++)                                         \
        for (int64_t at = row_ * (region).stride, end_ = at + (region).length; at < end_; at += LC_LANES)
