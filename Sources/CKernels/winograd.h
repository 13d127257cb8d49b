/*
 * Convolutions with windows of 3 × 3 and stride 1 by minimal filtering: four results of a filter, 2 × 2 of them, take 16
 * products for each channel in place of 36. Winograd's F(2 × 2, 3 × 3) after Lavin and Gray, Fast algorithms for convolutional
 * neural networks, 2016.
 *
 * A block of 4 × 4 inputs d becomes Bᵀ·d·B, a kernel g becomes G·g·Gᵀ; their products, place by place, summed over the channels,
 * are M, and the results are Aᵀ·M·A. Each sample by itself.
 */
#pragma once

#include "windows.h"

/*
 * PLACES: of a block; BLOCK_CHANNELS: channels whose blocks are transformed together; BLOCK_OUTPUTS: outputs whose weights are;
 * FEWEST_CHANNELS and FEWEST_RESULTS: of fewer channels or outputs and of smaller images the transforms take more time than they
 * save.
 */
enum { PLACES = 16, BLOCK_CHANNELS = 64, BLOCK_OUTPUTS = 64, FEWEST_CHANNELS = 8, FEWEST_RESULTS = 25 };

INLINE bool suitsBlocks(const windowSums *sums) {
    const lc_window *window = sums->window;
    return window->kernelHeight == 3 && window->kernelWidth == 3 && window->stride == 1 && window->dilation == 1
        && window->padding <= 2 && sums->perPlace == 0 && sums->channels >= FEWEST_CHANNELS
        && sums->outputs >= FEWEST_CHANNELS && sums->outHeight * sums->outWidth >= FEWEST_RESULTS;
}

/*
 * Floats from one place of the blocks to the next, for `vectors` vectors of samples of each channel: an odd number of vectors, so
 * that places do not lie a page apart.
 */
INLINE int64_t placeStep(int32_t channels, int vectors) { return (int64_t)((channels * vectors) | 1) * LC_LANES; }

/* packed[place, c, i] = G·g·Gᵀ of the kernel of output i and channel c. */
INLINE void packKernels(
    float *packed, const windowSums *sums, const float *weights, int32_t rows, int32_t channels) {
    const bool flips = sums->window->flips != sums->isBackward;
    for (int32_t c = 0; c < channels; c++) {
        eight g[3][3], half[4][3];
        for (int t = 0; t < 9; t++) {
            eight own = (eight)(0);
            for (int32_t i = 0; i < rows; i++) own[i] = weights[i * sums->outer + c * sums->inner + (flips ? 8 - t : t)];
            g[t / 3][t % 3] = own;
        }
        for (int j = 0; j < 3; j++) {
            half[0][j] = g[0][j];
            half[1][j] = 0.5f * (g[0][j] + g[1][j] + g[2][j]);
            half[2][j] = 0.5f * (g[0][j] - g[1][j] + g[2][j]);
            half[3][j] = g[2][j];
        }
        for (int i = 0; i < 4; i++) {
            const eight whole[4] = {
                half[i][0], 0.5f * (half[i][0] + half[i][1] + half[i][2]),
                0.5f * (half[i][0] - half[i][1] + half[i][2]), half[i][2]};
            for (int j = 0; j < 4; j++)
                for (int32_t r = 0; r < rows; r++)
                    packed[((int64_t)(4 * i + j) * channels + c) * rows + r] = whole[j][r];
        }
    }
}

/* blocks[place, c] = Bᵀ·d·B of the block whose first input is at (y, x), which may lie outside of the image: one of its
   `vectors` vectors of samples. */
INLINE void transformInputs(
    float *blocks, const windowSums *sums, const float *image, int32_t channels, int32_t y, int32_t x, int64_t stride,
    int vectors) {
    const int64_t step = placeStep(channels, vectors), plane = (int64_t)sums->inHeight * sums->inWidth * stride;
    const bool isInside = y >= 0 && x >= 0 && y + 4 <= sums->inHeight && x + 4 <= sums->inWidth;
    for (int32_t c = 0; c < channels; c++) {
        const float *from = image + c * plane + ((int64_t)y * sums->inWidth + x) * stride;
        float *to = blocks + (int64_t)c * vectors * LC_LANES;
        lanes half[4][4];
        for (int j = 0; j < 4; j++) {
            lanes d[4];
            for (int i = 0; i < 4; i++) {
                const bool meets = isInside
                    || (y + i >= 0 && y + i < sums->inHeight && x + j >= 0 && x + j < sums->inWidth);
                d[i] = meets ? load(from + ((int64_t)i * sums->inWidth + j) * stride) : splat(0);
            }
            half[0][j] = d[0] - d[2];
            half[1][j] = d[1] + d[2];
            half[2][j] = d[2] - d[1];
            half[3][j] = d[1] - d[3];
        }
        for (int i = 0; i < 4; i++) {
            store(to + (4 * i + 0) * step, half[i][0] - half[i][2]);
            store(to + (4 * i + 1) * step, half[i][1] + half[i][2]);
            store(to + (4 * i + 2) * step, half[i][2] - half[i][1]);
            store(to + (4 * i + 3) * step, half[i][1] - half[i][3]);
        }
    }
}

/* The results of one block of places: the first one's rows, and how many of the 2 × 2 there are. */
typedef struct results {
    float *out;
    int64_t outStep, rowStep, columnStep;
    bool hasRow, hasColumn, continues;
    const float *bias;
} results;

/* Aᵀ·M·A for some outputs and vectors of samples, M[place, i] = Σ_c packed[place, c, i]·blocks[place, c]. */
INLINE void sumBlocks(
    int rows, int vectors, const results *to, const float *packed, const float *blocks, int32_t channels) {
    const int64_t step = placeStep(channels, vectors);
    lanes product[PLACES][8][SUMS_VECTORS];
    for (int place = 0; place < PLACES; place++) {
        lanes sum[8][SUMS_VECTORS];
        for (int i = 0; i < rows; i++)
            for (int v = 0; v < vectors; v++) sum[i][v] = splat(0);
        const float *w = packed + (int64_t)place * channels * rows, *x = blocks + place * step;
        for (int32_t c = 0; c < channels; c++, w += rows, x += vectors * LC_LANES) {
            lanes input[SUMS_VECTORS];
            for (int v = 0; v < vectors; v++) input[v] = load(x + v * LC_LANES);
            for (int i = 0; i < rows; i++)
                for (int v = 0; v < vectors; v++) sum[i][v] = multiplyAdd(splat(w[i]), input[v], sum[i][v]);
        }
        for (int i = 0; i < rows; i++)
            for (int v = 0; v < vectors; v++) product[place][i][v] = sum[i][v];
    }
    for (int i = 0; i < rows; i++) {
        const lanes bias = splat(to->bias ? to->bias[i] : 0);
        for (int v = 0; v < vectors; v++) {
            lanes half[2][4];
            for (int j = 0; j < 4; j++) {
                const lanes m0 = product[j][i][v], m1 = product[4 + j][i][v];
                const lanes m2 = product[8 + j][i][v], m3 = product[12 + j][i][v];
                half[0][j] = m0 + m1 + m2;
                half[1][j] = m1 - m2 - m3;
            }
            for (int y = 0; y < 2; y++) {
                if (y == 1 && !to->hasRow) break;
                float *left = to->out + i * to->outStep + y * to->rowStep + v * LC_LANES, *right = left + to->columnStep;
                store(left, half[y][0] + half[y][1] + half[y][2] + (to->continues ? load(left) : bias));
                if (to->hasColumn)
                    store(right, half[y][1] - half[y][2] - half[y][3] + (to->continues ? load(right) : bias));
            }
        }
    }
}

typedef void sumsOfBlocks(
    const results *to, const float *packed, const float *blocks, int32_t channels, int vectors);

/* Of one vector of samples, or of SUMS_VECTORS. */
#define SUMS_OF_BLOCKS(rows)                                                                                   \
    __attribute__((noinline)) static void sumsOf##rows##Blocks(                                                \
        const results *to, const float *packed, const float *blocks, int32_t channels, int vectors) {          \
        if (vectors == SUMS_VECTORS)                                                                           \
            sumBlocks(rows, SUMS_VECTORS, to, packed, blocks, channels);                                       \
        else                                                                                                   \
            sumBlocks(rows, 1, to, packed, blocks, channels);                                                  \
    }
/* Of eight outputs and more a block has no fewer than four where it may have six or eight. */
#if SUMS_ROWS == 2
SUMS_OF_BLOCKS(2)
SUMS_OF_BLOCKS(1)
#else
SUMS_OF_BLOCKS(4)
SUMS_OF_BLOCKS(5)
SUMS_OF_BLOCKS(6)
#if SUMS_ROWS == 8
SUMS_OF_BLOCKS(7)
SUMS_OF_BLOCKS(8)
#endif
#endif
#undef SUMS_OF_BLOCKS

static sumsOfBlocks *const blocksByRows[] = {
#if SUMS_ROWS == 2
    NULL, sumsOf1Blocks, sumsOf2Blocks,
#else
    NULL, NULL, NULL, NULL, sumsOf4Blocks, sumsOf5Blocks, sumsOf6Blocks,
#if SUMS_ROWS == 8
    sumsOf7Blocks, sumsOf8Blocks,
#endif
#endif
};

/* The shares of some channels in the sums of some outputs: channels c … < c + channels, outputs first … < end. */
typedef struct blockShare {
    int32_t c, channels, first, end;
} blockShare;

static void sumShareOfBlocks(
    const windowSums *sums, blockShare own, float *packed, float *blocks, const lc_op *next, const lc_batch *batch) {
    const int64_t stride = batch->stride, width = roundedUp(batch->count);
    const int64_t plane = (int64_t)sums->outHeight * sums->outWidth;
    const int32_t count = own.end - own.first, groups = (count + SUMS_ROWS - 1) / SUMS_ROWS;
    const int32_t padding = sums->isBackward ? 2 - sums->window->padding : sums->window->padding;
    const float *image = sums->in + (int64_t)own.c * sums->inHeight * sums->inWidth * stride;
    for (int32_t group = 0; group < groups; group++) {
        const int32_t top = blockStart(count, group, groups);
        packKernels(
            packed + (int64_t)top * own.channels * PLACES, sums,
            sums->weights + (own.first + top) * sums->outer + own.c * sums->inner,
            blockStart(count, group + 1, groups) - top, own.channels);
    }
    for (int32_t y = 0; y < sums->outHeight; y += 2) {
        for (int32_t x = 0; x < sums->outWidth; x += 2)
            for (int64_t s = 0; s < width;) {
                const int vectors = s + SUMS_VECTORS * LC_LANES <= width ? SUMS_VECTORS : 1;
                for (int v = 0; v < vectors; v++)
                    transformInputs(
                        blocks + v * LC_LANES, sums, image + s + v * LC_LANES, own.channels, y - padding, x - padding,
                        stride, vectors);
                for (int32_t group = 0; group < groups; group++) {
                    const int32_t top = blockStart(count, group, groups), o = own.first + top;
                    const results to = {
                        sums->out + (o * plane + (int64_t)y * sums->outWidth + x) * stride + s, plane * stride,
                        sums->outWidth * stride, stride, y + 1 < sums->outHeight, x + 1 < sums->outWidth, own.c > 0,
                        sums->bias ? sums->bias + o : NULL};
                    blocksByRows[blockStart(count, group + 1, groups) - top](
                        &to, packed + (int64_t)top * own.channels * PLACES, blocks, own.channels, vectors);
                }
                s += vectors * LC_LANES;
            }
        if (!next || own.c + own.channels < sums->channels) continue;
        for (int32_t row = y; row < y + 2 && row < sums->outHeight; row++)
            activateRow(next, sums, own.first, own.end, row, 0, batch);
    }
}

/* All sums, some channels after the others, and of them some outputs after the others. */
static void sumByBlocks(const windowSums *sums, const lc_op *next, const lc_batch *batch) {
    _Alignas(64) float packed[PLACES * BLOCK_CHANNELS * BLOCK_OUTPUTS];
    _Alignas(64) float blocks[PLACES * (BLOCK_CHANNELS * SUMS_VECTORS + 1) * LC_LANES];
    const int32_t parts = (sums->channels + BLOCK_CHANNELS - 1) / BLOCK_CHANNELS;
    const int32_t groups = (sums->outputs + BLOCK_OUTPUTS - 1) / BLOCK_OUTPUTS;
    for (int32_t part = 0; part < parts; part++) {
        const int32_t c = blockStart(sums->channels, part, parts);
        for (int32_t group = 0; group < groups; group++) {
            const blockShare own = {c, blockStart(sums->channels, part + 1, parts) - c,
                                    blockStart(sums->outputs, group, groups), blockStart(sums->outputs, group + 1, groups)};
            sumShareOfBlocks(sums, own, packed, blocks, next, batch);
        }
    }
}
