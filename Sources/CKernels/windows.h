/*
 * Weighted sums over the windows of images. A value at (channel, y, x) is a row of samples, row (channel·height + y)·width + x;
 * an output is a weighted sum of the rows in its window. The rows are read where they are, but where they compete for the
 * nearest cache (`isBanded`); the weights are copied into the order in which the registers want them.
 */
#pragma once

/* SUMS_ROWS × SUMS_VECTORS: outputs × vectors of samples that are summed at once. */
#if LC_THIS_LEVEL == 4
#define SUMS_ROWS 8
#define SUMS_VECTORS 2
#elif LC_THIS_LEVEL == 3 || defined(__aarch64__)
#define SUMS_ROWS 6
#define SUMS_VECTORS 1
#else
#define SUMS_ROWS 2
#define SUMS_VECTORS 1
#endif

/*
 * PAGE: floats of a page of memory; BAND: floats of the inputs that a row of windows shares, copied side by side; MOST_TERMS:
 * terms of a sum that are added before the next, whole channels of at most 31 × 31; PACKED_WEIGHTS: weights that stay in a near
 * cache; SAMPLES_AT_ONCE: samples whose windows do.
 */
enum {
    PAGE = 1024, BAND = 32768, USUAL_TERMS = 512, MOST_TERMS = 1024, PACKED_WEIGHTS = 16384, SAMPLES_AT_ONCE = 64
};

/* The taps of a window that meet the image along one axis: `count` of them, `first`, first + step, …, at the places `place`,
   place + move, …. */
typedef struct cut {
    int32_t first, step, count, place, move;
} cut;

INLINE int32_t quotientUp(int32_t a, int32_t b) { return a <= 0 ? 0 : b == 1 ? a : (a + b - 1) / b; }

/*
 * The cut of the window of place `at` along an axis of `taps` taps and `size` input places. isBackward: the inputs are the
 * convolution's outputs, whose windows the place is in.
 */
INLINE cut cutOf(const lc_window *window, bool isBackward, int32_t at, int32_t taps, int32_t size) {
    const int32_t stride = window->stride, dilation = window->dilation, padding = window->padding;
    if (!isBackward) {
        const int32_t origin = at * stride - padding, first = quotientUp(-origin, dilation);
        const int32_t end = quotientUp(size - origin, dilation);
        const int32_t count = (end < taps ? end : taps) - first;
        return (cut){first, 1, count > 0 ? count : 0, origin + first * dilation, dilation};
    }
    const int32_t origin = at + padding;
    if (stride == 1) {
        const int32_t first = quotientUp(origin - (size - 1), dilation), end = quotientUp(origin + 1, dilation);
        const int32_t count = (end < taps ? end : taps) - first;
        return (cut){first, 1, count > 0 ? count : 0, origin - first * dilation, -dilation};
    }
    cut found = {0, 1, 0, 0, 0};
    for (int32_t tap = 0; tap < taps; tap++) {
        const int32_t distance = origin - tap * dilation;
        if (distance < 0 || distance % stride != 0 || distance / stride >= size) continue;
        if (found.count == 0)
            found.first = tap, found.place = distance / stride;
        else if (found.count == 1)
            found.step = tap - found.first, found.move = distance / stride - found.place;
        found.count++;
    }
    return found;
}

INLINE void clearRows(float *x, int64_t rows, const lc_batch *batch) {
    const area region = areaOf((int32_t)rows, batch);
    FOR_EACH_VECTOR(region, at) store(x + at, splat(0));
}

INLINE bool haveSameTaps(cut a, cut b) { return a.first == b.first && a.count == b.count; }

/* The terms of one place's sums: where each term's row lies after the first one's, and the number of its weight. */
typedef struct terms {
    int64_t count;
    bool isWhole; /* no tap is cut off: term k has weight k */
    int64_t offset[MOST_TERMS];
    int32_t weight[MOST_TERMS];
} terms;

/* Weighted sums at many places: outputs [outputs, outHeight, outWidth] of inputs [channels, inHeight, inWidth]. */
typedef struct windowSums {
    const lc_window *window;
    bool isBackward;
    float *out;
    const float *in, *weights, *bias;
    int32_t outputs, outHeight, outWidth, channels, inHeight, inWidth;
    /* The weight of output o, channel c and tap t is at o·outer + c·inner + t. */
    int64_t outer, inner;
    /* Of layers whose weights are not shared: floats from one place's weights to the next one's, else 0. */
    int64_t perPlace;
} windowSums;

/*
 * Where rows of the image lie a multiple of a page apart in memory, or its channels a multiple of four pages, the terms of a
 * sum compete for few places in the nearest cache. Then one vector of samples of the inputs that a row of windows shares is
 * copied side by side, each row once: band[column, channel, row modulo the window's height].
 */
INLINE bool isBanded(const windowSums *sums, int64_t stride) {
    const lc_window *window = sums->window;
    const int64_t row = sums->inWidth * stride, plane = sums->inHeight * row;
    return SUMS_VECTORS == 1 && sums->perPlace == 0 && window->dilation == 1 && window->kernelHeight * window->kernelWidth > 1
        && window->kernelHeight * sums->inWidth * LC_LANES <= BAND && (row % PAGE == 0 || plane % (4 * PAGE) == 0);
}

/* Floats of a band from one column to the next. */
INLINE int64_t bandStep(const windowSums *sums, int32_t channels) {
    return (int64_t)channels * sums->window->kernelHeight * LC_LANES;
}

/* Where a row of the image lies in a column of the band. */
INLINE int64_t bandRow(const windowSums *sums, int32_t channel, int32_t row) {
    const int32_t high = sums->window->kernelHeight;
    return ((int64_t)channel * high + row % high) * LC_LANES;
}

/* Copies the rows that windows meet, of which those before `known` are there. Returns the first row that is not. */
INLINE int32_t copyBand(
    float *band, const windowSums *sums, const float *image, int32_t channels, cut vertical, int32_t known, int64_t stride) {
    if (vertical.count == 0) return known;
    const int64_t step = bandStep(sums, channels), plane = (int64_t)sums->inHeight * sums->inWidth;
    const int32_t last = vertical.place + (vertical.count - 1) * vertical.move;
    const int32_t top = vertical.move < 0 ? last : vertical.place, bottom = vertical.move < 0 ? vertical.place : last;
    for (int32_t row = known > top ? known : top; row <= bottom; row++)
        for (int32_t c = 0; c < channels; c++) {
            const float *from = image + (c * plane + (int64_t)row * sums->inWidth) * stride;
            float *to = band + bandRow(sums, c, row);
            for (int32_t x = 0; x < sums->inWidth; x++) store(to + x * step, load(from + x * stride));
        }
    return bottom + 1;
}

INLINE void findTerms(
    terms *found, const windowSums *sums, int32_t channels, cut vertical, cut horizontal, bool banded, int64_t stride) {
    const int32_t wide = sums->window->kernelWidth, taps = sums->window->kernelHeight * wide;
    const int64_t plane = (int64_t)sums->inHeight * sums->inWidth;
    int64_t count = 0;
    for (int32_t c = 0; c < channels; c++)
        for (int32_t i = 0; i < vertical.count; i++)
            for (int32_t j = 0; j < horizontal.count; j++) {
                found->offset[count] = banded
                    ? j * horizontal.move * bandStep(sums, channels) + bandRow(sums, c, vertical.place + i * vertical.move)
                    : (c * plane + (int64_t)i * vertical.move * sums->inWidth + j * horizontal.move) * stride;
                found->weight[count++] =
                    c * taps + (vertical.first + i * vertical.step) * wide + horizontal.first + j * horizontal.step;
            }
    found->count = count;
    found->isWhole = count == (int64_t)channels * taps;
}

/* packed[k, i] = the weight of output i and term k, k over all taps of some channels. */
INLINE void packTaps(
    float *packed, const windowSums *sums, const float *weights, int32_t rows, int32_t channels) {
    const int32_t taps = sums->window->kernelHeight * sums->window->kernelWidth;
    for (int32_t i = 0; i < rows; i++)
        for (int32_t c = 0; c < channels; c++) {
            const float *source = weights + i * sums->outer + c * sums->inner;
            float *target = packed + (int64_t)c * taps * rows + i;
            if (sums->window->flips)
                for (int32_t t = 0; t < taps; t++) target[t * rows] = source[taps - 1 - t];
            else
                for (int32_t t = 0; t < taps; t++) target[t * rows] = source[t];
        }
}

/* out[i, s] (+)= Σ_k packed[k, i]·x[k, s] for `rows` outputs and `vectors` vectors of samples. */
INLINE void sumTerms(
    int rows, int vectors, bool isWhole, const terms *list, float *out, int64_t outStep, const float *packed,
    const float *bias, int64_t biasStep, bool continues, const float *in) {
    lanes sum[8][SUMS_VECTORS];
    for (int i = 0; i < rows; i++)
        for (int v = 0; v < vectors; v++)
            sum[i][v] = continues ? load(out + i * outStep + v * LC_LANES) : splat(bias ? bias[i * biasStep] : 0);
    for (int64_t k = 0; k < list->count; k++) {
        const float *x = in + list->offset[k];
        const float *w = packed + (isWhole ? k : list->weight[k]) * rows;
        lanes input[SUMS_VECTORS];
        for (int v = 0; v < vectors; v++) input[v] = load(x + v * LC_LANES);
        for (int i = 0; i < rows; i++)
            for (int v = 0; v < vectors; v++) sum[i][v] = multiplyAdd(splat(w[i]), input[v], sum[i][v]);
    }
    for (int i = 0; i < rows; i++)
        for (int v = 0; v < vectors; v++) store(out + i * outStep + v * LC_LANES, sum[i][v]);
}

typedef void sumsOfRows(
    const terms *list, float *out, int64_t outStep, const float *packed, const float *bias, int64_t biasStep,
    bool continues, const float *in, int64_t width);

/* All samples of some outputs at one place; a function of its own for each number of outputs. */
#define SUMS_OF_ROWS(rows)                                                                                          \
    __attribute__((noinline)) static void sumsOf##rows##Rows(                                                       \
        const terms *list, float *out, int64_t outStep, const float *packed, const float *bias, int64_t biasStep,   \
        bool continues, const float *in, int64_t width) {                                                           \
        int64_t s = 0;                                                                                              \
        if (list->isWhole) {                                                                                        \
            for (; s + SUMS_VECTORS * LC_LANES <= width; s += SUMS_VECTORS * LC_LANES)                              \
                sumTerms(                                                                                           \
                    rows, SUMS_VECTORS, true, list, out + s, outStep, packed, bias, biasStep, continues, in + s);   \
        } else {                                                                                                    \
            for (; s + SUMS_VECTORS * LC_LANES <= width; s += SUMS_VECTORS * LC_LANES)                              \
                sumTerms(                                                                                           \
                    rows, SUMS_VECTORS, false, list, out + s, outStep, packed, bias, biasStep, continues, in + s);  \
        }                                                                                                           \
        if (SUMS_VECTORS > 1 && s < width)                                                                          \
            sumTerms(rows, 1, false, list, out + s, outStep, packed, bias, biasStep, continues, in + s);            \
    }
SUMS_OF_ROWS(1)
SUMS_OF_ROWS(2)
#if SUMS_ROWS > 2
SUMS_OF_ROWS(3)
SUMS_OF_ROWS(4)
SUMS_OF_ROWS(5)
SUMS_OF_ROWS(6)
#endif
#if SUMS_ROWS > 6
SUMS_OF_ROWS(7)
SUMS_OF_ROWS(8)
#endif
#undef SUMS_OF_ROWS

static sumsOfRows *const sumsByRows[] = {
    NULL, sumsOf1Rows, sumsOf2Rows,
#if SUMS_ROWS > 2
    sumsOf3Rows, sumsOf4Rows, sumsOf5Rows, sumsOf6Rows,
#endif
#if SUMS_ROWS > 6
    sumsOf7Rows, sumsOf8Rows,
#endif
};

/* Outputs first … < end in blocks of about the same size, at most SUMS_ROWS: the first output of block `index` of `count`. */
INLINE int32_t blockStart(int32_t outputs, int32_t index, int32_t count) {
    return (int32_t)((int64_t)outputs * index / count);
}

/* Applies an activation to the results of outputs first … < end in a row of the image, which are in a near cache. */
INLINE void activateRow(
    const lc_op *next, const windowSums *sums, int32_t first, int32_t end, int32_t y, int64_t left,
    const lc_batch *batch) {
    lc_op part = *next;
    part.m = sums->outWidth;
    for (int32_t o = first; o < end; o++) {
        const int64_t at = ((int64_t)o * sums->outHeight + y) * sums->outWidth * batch->stride + left;
        part.a = next->a + at;
        part.b = next->b + at;
        activateTable[next->kind](&part, batch);
    }
}

/* Some channels' shares of some outputs' sums, for some samples: channels c … < c + channels, outputs first … < end, and of the
   samples those of `batch`, which begin at lane `left`. */
typedef struct share {
    int32_t c, channels, first, end;
    int64_t left;
    bool packs; /* the weights are to be brought into the order of `packed` */
} share;

static void sumShare(
    const windowSums *sums, share own, float *packed, float *band, terms *list, const lc_op *next, const lc_batch *batch) {
    const int64_t stride = batch->stride, width = roundedUp(batch->count);
    const int32_t wide = sums->window->kernelWidth, high = sums->window->kernelHeight, taps = high * wide;
    const int64_t outPlane = (int64_t)sums->outHeight * sums->outWidth;
    const float *image = sums->in + (int64_t)own.c * sums->inHeight * sums->inWidth * stride + own.left;
    const int32_t count = own.end - own.first, blocks = (count + SUMS_ROWS - 1) / SUMS_ROWS;
    const int64_t biasStep = sums->perPlace ? outPlane : 1;
    cut known[2] = {{.first = -1}, {.first = -1}};
    int32_t copied = 0;
    for (int32_t y = 0; y < sums->outHeight; y++) {
        const cut vertical = cutOf(sums->window, sums->isBackward, y, high, sums->inHeight);
        if (band) {
            copied = copyBand(band, sums, image, own.channels, vertical, copied, stride);
            known[0].first = -1;
        }
        for (int32_t x = 0; x < sums->outWidth; x++) {
            const cut horizontal = cutOf(sums->window, sums->isBackward, x, wide, sums->inWidth);
            if (!haveSameTaps(vertical, known[0]) || !haveSameTaps(horizontal, known[1])) {
                findTerms(list, sums, own.channels, vertical, horizontal, band, stride);
                known[0] = vertical;
                known[1] = horizontal;
            }
            const int64_t place = (int64_t)y * sums->outWidth + x;
            const float *in = band
                ? band + horizontal.place * bandStep(sums, own.channels)
                : image + ((int64_t)vertical.place * sums->inWidth + horizontal.place) * stride;
            const bool packs = sums->perPlace != 0 || (own.packs && place == 0);
            for (int32_t block = 0; block < blocks; block++) {
                const int32_t top = blockStart(count, block, blocks), o = own.first + top;
                const int32_t rows = blockStart(count, block + 1, blocks) - top;
                float *weights = packed + (int64_t)top * own.channels * taps;
                if (packs)
                    packTaps(
                        weights, sums, sums->weights + place * sums->perPlace + o * sums->outer + own.c * sums->inner,
                        rows, own.channels);
                sumsByRows[rows](
                    list, sums->out + (o * outPlane + place) * stride + own.left, outPlane * stride, weights,
                    sums->bias ? sums->bias + o * biasStep + (sums->perPlace ? place : 0) : NULL, biasStep, own.c > 0,
                    in, width);
            }
        }
        if (next && own.c + own.channels == sums->channels)
            activateRow(next, sums, own.first, own.end, y, own.left, batch);
    }
}

/*
 * All sums: some channels after the others, of them some outputs after the others, and of those some samples after the others,
 * at all places, for a block of outputs at a time. `next`: an activation that takes the results; NULL: none.
 */
static void sumWindows(const windowSums *sums, const lc_op *next, const lc_batch *batch) {
    const int32_t taps = sums->window->kernelHeight * sums->window->kernelWidth;
    const bool banded = isBanded(sums, batch->stride);
    const int32_t fitting = banded ? BAND / (sums->window->kernelHeight * sums->inWidth * LC_LANES) : sums->channels;
    const int32_t usual = taps >= USUAL_TERMS ? 1 : USUAL_TERMS / taps, atOnce = usual < fitting ? usual : fitting;
    const int32_t samples = banded ? LC_LANES : SAMPLES_AT_ONCE;
    _Alignas(64) float packed[PACKED_WEIGHTS], band[BAND];
    terms list;
    for (int32_t c = 0; c < sums->channels; c += atOnce) {
        const int32_t channels = sums->channels - c < atOnce ? sums->channels - c : atOnce;
        const int32_t most = PACKED_WEIGHTS / (channels * taps);
        const int32_t groups = (sums->outputs + most - 1) / most;
        for (int32_t group = 0; group < groups; group++) {
            share own = {c, channels, blockStart(sums->outputs, group, groups),
                         blockStart(sums->outputs, group + 1, groups), 0, true};
            lc_batch part = *batch;
            for (; own.left < batch->count; own.left += samples, own.packs = false) {
                const int64_t rest = batch->count - own.left;
                part.count = (int32_t)(rest < samples ? rest : samples);
                sumShare(sums, own, packed, banded ? band : NULL, &list, next, &part);
            }
        }
    }
}
