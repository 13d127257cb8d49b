/* Convolutions over images, and the gradients of their weights. */
#pragma once

#include "windows.h"
#include "winograd.h"

/* TAPS_ROWS × TAPS_COLUMNS: filters × weights of each whose gradients are summed at once, in vectors of PART_LANES samples. */
#if LC_THIS_LEVEL == 4
#define PART_LANES 16
#define TAPS_ROWS 4
#define TAPS_COLUMNS 4
#elif LC_THIS_LEVEL == 3 || defined(__aarch64__)
#define PART_LANES 8
#define TAPS_ROWS 4
#define TAPS_COLUMNS 3
#else
#define PART_LANES 8
#define TAPS_ROWS 2
#define TAPS_COLUMNS 2
#endif

/* Floats of the gradients of TAPS_ROWS filters that stay in the nearest cache. */
enum { TAPS_BLOCK = 6144 };

/* All sums, the way that takes the least time. It depends on the layer alone: so do the bits. */
INLINE void sumAllWindows(const windowSums *sums, const lc_op *next, const lc_batch *batch) {
    if (suitsBlocks(sums))
        sumByBlocks(sums, next, batch);
    else
        sumWindows(sums, next, batch);
}

/* The floats of one place's weights where places have weights of their own, else 0. */
INLINE int64_t weightsPerPlace(const lc_op *op) {
    const lc_window *window = &op->window;
    return window->isLocal ? (int64_t)op->m * op->n * window->kernelHeight * window->kernelWidth : 0;
}

/* z[m, outHeight, outWidth] = c[m] + b ⋆ d[n, height, width], and what comes `next`. */
static void convolveThen(const lc_op *op, const lc_op *next, const lc_batch *batch) {
    const lc_window *w = &op->window;
    const int64_t taps = (int64_t)w->kernelHeight * w->kernelWidth;
    const windowSums sums = {w, false, op->a, op->d, op->b, op->c, op->m, w->outHeight, w->outWidth, op->n, w->height,
                             w->width, op->n * taps, taps, weightsPerPlace(op)};
    sumAllWindows(&sums, next, batch);
}

static void convolve(const lc_op *op, const lc_batch *batch) { convolveThen(op, NULL, batch); }

/* The same where each window has weights of its own: to a value of the image all of its windows add their sums. */
static void convolveLocalBack(const lc_op *op, const lc_batch *batch) {
    const lc_window *w = &op->window;
    const int64_t stride = batch->stride, width = roundedUp(batch->count), taps = (int64_t)w->kernelHeight * w->kernelWidth;
    const int64_t windows = (int64_t)w->outHeight * w->outWidth, step = op->n * taps;
    clearRows(op->a, (int64_t)op->n * w->height * w->width, batch);
    for (int64_t window = 0; window < windows; window++) {
        const cut vertical = cutOf(w, false, (int32_t)(window / w->outWidth), w->kernelHeight, w->height);
        const cut horizontal = cutOf(w, false, (int32_t)(window % w->outWidth), w->kernelWidth, w->width);
        for (int32_t c = 0; c < op->n; c++)
            for (int32_t i = 0; i < vertical.count; i++)
                for (int32_t j = 0; j < horizontal.count; j++) {
                    const int64_t t = (vertical.first + i) * w->kernelWidth + horizontal.first + j;
                    const float *weights = op->b + window * op->m * step + c * taps + (w->flips ? taps - 1 - t : t);
                    float *x = op->a
                        + (((int64_t)c * w->height + vertical.place + i * vertical.move) * w->width + horizontal.place
                           + j * horizontal.move) * stride;
                    for (int64_t s = 0; s < width; s += LC_LANES) {
                        lanes sum = load(x + s);
                        for (int64_t f = 0; f < op->m; f++)
                            sum = multiplyAdd(
                                splat(weights[f * step]), load(op->d + (f * windows + window) * stride + s), sum);
                        store(x + s, sum);
                    }
                }
    }
}

/* a[n, height, width] = c[n] + the sums of b over the windows of d[m, outHeight, outWidth] that a place is in. */
static void convolveBack(const lc_op *op, const lc_batch *batch) {
    const lc_window *w = &op->window;
    if (w->isLocal) {
        convolveLocalBack(op, batch);
        return;
    }
    const int64_t taps = (int64_t)w->kernelHeight * w->kernelWidth;
    const windowSums sums = {w, true, op->a, op->d, op->b, op->c, op->n, w->height, w->width, op->m, w->outHeight,
                             w->outWidth, taps, op->n * taps, 0};
    sumAllWindows(&sums, NULL, batch);
}

/* PART_LANES samples side by side. */
#if PART_LANES == LC_LANES
typedef lanes part;
#else
typedef float part __attribute__((ext_vector_type(PART_LANES)));
#endif

INLINE part loadPart(const float *x) { return *(const part *)x; }

INLINE part multiplyAddParts(part a, part b, part c) {
#if LC_THIS_LEVEL >= 3 || defined(__aarch64__)
    return __builtin_elementwise_fma(a, b, c);
#else
    return a * b + c;
#endif
}

/* The sums over the lanes of rows × columns parts: row r's are in quarter r, one lane to a column. */
INLINE lanes sumParts(int rows, int columns, part sum[4][4]) {
#if PART_LANES == LC_LANES
    return sumLanes(rows, columns, sum);
#else
#define BOTH(a, b) __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
    halves half[4];
    for (int c = 0; c < columns; c++) {
        half[c].first = BOTH(sum[0][c], sum[1 % rows][c]);
        half[c].second = rows <= 2 ? half[c].first : BOTH(sum[2 % rows][c], sum[3 % rows][c]);
    }
#undef BOTH
    return sumHalves(columns, half);
#endif
}

/* The gradients of a layer's weights: what their sums read, for a block of output places. */
typedef struct tapSums {
    const lc_op *op;
    int64_t stride, width;
    int32_t top, bottom, left, right; /* the block: rows top … < bottom, columns left … < right */
    float *out;
    int64_t outStep; /* floats from a filter's weights to the next one's */
    bool adds;
} tapSums;

/* out[i, j] (+)= Σ over the block's places and the samples of dz[i, place]·x[place moved by tap j], for rows × columns weights. */
INLINE void sumTaps(int rows, int columns, const tapSums *sums, int32_t filter, int64_t tap) {
    const lc_op *op = sums->op;
    const lc_window *w = &op->window;
    const int64_t stride = sums->stride, width = sums->width, plane = (int64_t)w->outHeight * w->outWidth * stride;
    const int32_t wide = w->kernelWidth, high = w->kernelHeight;
    /* Of each tap: its first row's place, and the outputs whose windows it meets the image in. */
    const float *channel[4];
    int32_t below[4], aside[4], first[4], end[4], low = sums->left, most = sums->right;
    for (int j = 0; j < columns; j++) {
        const int64_t c = (tap + j) / (high * wide);
        const int32_t t = (int32_t)((tap + j) - c * high * wide);
        channel[j] = op->e + c * w->height * w->width * stride;
        below[j] = t / wide * w->dilation - w->padding;
        aside[j] = t % wide * w->dilation - w->padding;
        first[j] = quotientUp(-aside[j], w->stride);
        end[j] = quotientUp(w->width - aside[j], w->stride);
        low = first[j] > low ? first[j] : low;
        most = end[j] < most ? end[j] : most;
    }
    part sum[4][4];
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++) sum[i][j] = (part)(0);
    const bool isRun = w->stride == 1 && width == stride;
    for (int32_t y = sums->top; y < sums->bottom; y++) {
        const float *dz = op->d + filter * plane + (int64_t)y * w->outWidth * stride;
        const float *x[4];
        bool meets[4], all = true;
        for (int j = 0; j < columns; j++) {
            const int32_t row = y * w->stride + below[j];
            meets[j] = row >= 0 && row < w->height;
            all = all && meets[j];
            x[j] = channel[j] + ((int64_t)row * w->width + aside[j]) * stride;
        }
        int32_t at = sums->left;
        while (at < sums->right) {
            if (all && at >= low && at < most) {
                /* Places at which all taps meet the image; in one run where their rows follow each other. */
                const int64_t times = isRun ? 1 : most - at, length = isRun ? (most - at) * width : width;
                for (int64_t n = 0; n < times; n++) {
                    const float *gradients = dz + (at + n) * stride;
                    const int64_t move = (at + n) * w->stride * stride;
                    for (int64_t s = 0; s < length; s += PART_LANES) {
                        part input[4];
                        for (int j = 0; j < columns; j++) input[j] = loadPart(x[j] + move + s);
                        for (int i = 0; i < rows; i++) {
                            const part gradient = loadPart(gradients + i * plane + s);
                            for (int j = 0; j < columns; j++)
                                sum[i][j] = multiplyAddParts(gradient, input[j], sum[i][j]);
                        }
                    }
                }
                at = most;
                continue;
            }
            const int64_t move = (int64_t)at * w->stride * stride;
            for (int j = 0; j < columns; j++) {
                if (!meets[j] || at < first[j] || at >= end[j]) continue;
                for (int64_t s = 0; s < width; s += PART_LANES) {
                    const part input = loadPart(x[j] + move + s);
                    for (int i = 0; i < rows; i++)
                        sum[i][j] = multiplyAddParts(loadPart(dz + at * stride + i * plane + s), input, sum[i][j]);
                }
            }
            at++;
        }
    }
    _Alignas(64) float total[LC_LANES];
    store(total, sumParts(rows, columns, sum));
    const int64_t taps = high * wide;
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++) {
            const int64_t own = tap + j, t = own % taps;
            float *target = sums->out + (filter + i) * sums->outStep + (w->flips ? own - t + taps - 1 - t : own);
            *target = sums->adds ? *target + total[4 * i + j] : total[4 * i + j];
        }
}

/* Some taps of `rows` filters: blocks of columns, largest first. */
#define TAPS_OF_ROWS(rows, columns)                                                                               \
    __attribute__((noinline)) static void tapsOf##rows##Rows(                                                     \
        const tapSums *sums, int32_t filter, int64_t tap, int64_t end) {                                          \
        for (; tap + columns <= end; tap += columns) sumTaps(rows, columns, sums, filter, tap);                   \
        switch (end - tap) {                                                                                      \
        case 3: sumTaps(rows, 3, sums, filter, tap); break;                                                       \
        case 2: sumTaps(rows, 2, sums, filter, tap); break;                                                       \
        case 1: sumTaps(rows, 1, sums, filter, tap); break;                                                       \
        }                                                                                                         \
    }
TAPS_OF_ROWS(1, 4)
#if TAPS_ROWS == 2
TAPS_OF_ROWS(2, TAPS_COLUMNS)
#else
TAPS_OF_ROWS(2, 4)
TAPS_OF_ROWS(3, 4)
TAPS_OF_ROWS(4, TAPS_COLUMNS)
#endif
#undef TAPS_OF_ROWS

/* The gradients of the taps from firstTap on of all filters, for a block of places. */
static void tapsOfBlock(const tapSums *sums) {
    const lc_op *op = sums->op;
    const int64_t tap = op->window.firstTap, end = tap + op->window.tapCount;
    int32_t filter = 0;
#if TAPS_ROWS == 4
    /* Six rows are two blocks of three, and five one of three and one of two. */
    for (; op->m - filter >= 4 && op->m - filter != 6 && op->m - filter != 5; filter += 4)
        tapsOf4Rows(sums, filter, tap, end);
    for (; op->m - filter >= 3; filter += 3) tapsOf3Rows(sums, filter, tap, end);
#endif
    for (; op->m - filter >= 2; filter += 2) tapsOf2Rows(sums, filter, tap, end);
    if (filter < op->m) tapsOf1Rows(sums, filter, tap, end);
}

/* a (+)= the weights' gradients, of gradients d[m, outHeight, outWidth] and inputs e[n, height, width]. */
static void convolveGradWeights(const lc_op *op, const lc_batch *batch) {
    const lc_window *w = &op->window;
    const bool accumulate = ((op->flags | batch->flags) & LC_ACCUMULATE) != 0;
    const int64_t taps = (int64_t)w->kernelHeight * w->kernelWidth, plane = (int64_t)w->outHeight * w->outWidth;
    tapSums sums = {.op = op, .stride = batch->stride, .width = roundedUp(batch->count), .out = op->a,
                    .outStep = op->n * taps};
    if (w->isLocal) {
        for (int64_t place = 0; place < plane; place++, sums.out += op->m * sums.outStep) {
            sums.top = (int32_t)(place / w->outWidth);
            sums.left = (int32_t)(place % w->outWidth);
            sums.bottom = sums.top + 1;
            sums.right = sums.left + 1;
            sums.adds = accumulate;
            tapsOfBlock(&sums);
        }
    } else {
        const int64_t places = TAPS_BLOCK / (TAPS_ROWS * sums.width);
        const int32_t high = places > w->outWidth ? (int32_t)(places / w->outWidth) : 1;
        const int32_t wide = places > w->outWidth ? w->outWidth : places > 8 ? (int32_t)places : 8;
        sums.adds = accumulate;
        for (sums.top = 0; sums.top < w->outHeight; sums.top += high) {
            sums.bottom = w->outHeight - sums.top < high ? w->outHeight : sums.top + high;
            for (sums.left = 0; sums.left < w->outWidth; sums.left += wide) {
                sums.right = w->outWidth - sums.left < wide ? w->outWidth : sums.left + wide;
                tapsOfBlock(&sums);
                sums.adds = true;
            }
        }
    }
}
