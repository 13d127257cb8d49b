/*
 * Convolutions and pooling: see convolve.h and pool.h of the processor's kernels. A work-item takes a vector of samples at a
 * place, in a convolution IMAGE_VECTORS of IMAGE_ROWS channels. Offsets of rows count lanes.
 */
#pragma OPENCL FP_CONTRACT ON

#define IMAGE_ROWS 8
#if LC_LANES == 16
#define IMAGE_VECTORS 2
#else
#define IMAGE_VECTORS 1
#endif
#define WINDOW                                                                                                      \
    int height, int width, int outHeight, int outWidth, int high, int wide, int step, int padding, int dilation,    \
        int flips, int isLocal, int m, int n, int stride

/* z[m, windows] = bias[m] + w ⋆ x[n, places] */
__kernel void convolve(
    __global lanes *z, int zAt, __global const float *w, int wAt, __global const float *bias, int biasAt,
    __global const lanes *x, int xAt, WINDOW) {
    const int first = get_global_id(1) * IMAGE_ROWS, last = m - 1, taps = high * wide, places = outHeight * outWidth;
    const int parts = (stride + IMAGE_VECTORS - 1) / IMAGE_VECTORS;
    FOR_EACH(i, places * parts) {
        const int place = i / parts, s = i % parts * IMAGE_VECTORS, more = min(IMAGE_VECTORS, stride - s) - 1;
        const int top = place / outWidth * step - padding, left = place % outWidth * step - padding;
        __global const float *row[IMAGE_ROWS];
        lanes sum[IMAGE_ROWS][IMAGE_VECTORS];
#pragma unroll
        for (int r = 0; r < IMAGE_ROWS; r++) {
            const int at = min(first + r, last);
            row[r] = w + wAt + ((isLocal ? place * m : 0) + at) * n * taps;
            for (int v = 0; v < IMAGE_VECTORS; v++)
                sum[r][v] = splat(biasAt < 0 ? 0.0f : bias[biasAt + (isLocal ? at * places + place : at)]);
        }
        const int firstX = max(0, (dilation - 1 - left) / dilation), endX = min(wide, (width - left + dilation - 1) / dilation);
        for (int c = 0; c < n; c++)
            for (int ky = 0; ky < high; ky++) {
                const int y = top + ky * dilation;
                if (y < 0 || y >= height) continue;
                for (int kx = firstX; kx < endX; kx++) {
                    const int tap = ky * wide + kx, k = c * taps + (flips ? taps - 1 - tap : tap);
                    __global const lanes *input = x + xAt + ((c * height + y) * width + left + kx * dilation) * stride + s;
                    lanes own[IMAGE_VECTORS];
                    own[0] = input[0];
                    if (IMAGE_VECTORS > 1) own[IMAGE_VECTORS - 1] = input[more];
#pragma unroll
                    for (int r = 0; r < IMAGE_ROWS; r++)
                        for (int v = 0; v < IMAGE_VECTORS; v++) sum[r][v] += row[r][k] * own[v];
                }
            }
#pragma unroll
        for (int r = 0; r < IMAGE_ROWS; r++)
            if (first + r <= last)
                for (int v = 0; v <= more; v++) z[zAt + ((first + r) * places + place) * stride + s + v] = sum[r][v];
    }
}

/* x[n, places] = bias[n] + the sums of w ∘ z[m, windows] over the windows that a place is in */
__kernel void convolveBack(
    __global lanes *x, int xAt, __global const float *w, int wAt, __global const float *bias, int biasAt,
    __global const lanes *z, int zAt, WINDOW) {
    const int first = get_global_id(1) * IMAGE_ROWS, last = n - 1, taps = high * wide, windows = outHeight * outWidth;
    const int parts = (stride + IMAGE_VECTORS - 1) / IMAGE_VECTORS;
    FOR_EACH(i, height * width * parts) {
        const int place = i / parts, s = i % parts * IMAGE_VECTORS, more = min(IMAGE_VECTORS, stride - s) - 1;
        const int y = place / width, at = place % width;
        int row[IMAGE_ROWS];
        lanes sum[IMAGE_ROWS][IMAGE_VECTORS];
#pragma unroll
        for (int r = 0; r < IMAGE_ROWS; r++) {
            row[r] = min(first + r, last) * taps;
            for (int v = 0; v < IMAGE_VECTORS; v++)
                sum[r][v] = splat(biasAt < 0 ? 0.0f : bias[biasAt + min(first + r, last)]);
        }
        for (int ky = 0; ky < high; ky++) {
            const int below = y + padding - ky * dilation, oy = below / step;
            if (below < 0 || below % step != 0 || oy >= outHeight) continue;
            for (int kx = 0; kx < wide; kx++) {
                const int aside = at + padding - kx * dilation, ox = aside / step, tap = ky * wide + kx;
                if (aside < 0 || aside % step != 0 || ox >= outWidth) continue;
                const int window = oy * outWidth + ox;
                __global const float *weights =
                    w + wAt + (isLocal ? window * m * n * taps : 0) + (flips ? taps - 1 - tap : tap);
                for (int f = 0; f < m; f++, weights += n * taps) {
                    __global const lanes *input = z + zAt + (f * windows + window) * stride + s;
                    lanes own[IMAGE_VECTORS];
                    own[0] = input[0];
                    if (IMAGE_VECTORS > 1) own[IMAGE_VECTORS - 1] = input[more];
#pragma unroll
                    for (int r = 0; r < IMAGE_ROWS; r++)
                        for (int v = 0; v < IMAGE_VECTORS; v++) sum[r][v] += weights[row[r]] * own[v];
                }
            }
        }
#pragma unroll
        for (int r = 0; r < IMAGE_ROWS; r++)
            if (first + r <= last)
                for (int v = 0; v <= more; v++)
                    x[xAt + ((first + r) * height * width + place) * stride + s + v] = sum[r][v];
    }
}

/* Filters × taps whose gradients a group adds up, and those of the taps that it does at once, as vectors have room. */
#if LC_LANES == 16
#define TAP_ROWS 4
#define TAPS_OF_GROUP 6
#ifdef __AVX512F__
#define TAP_COLUMNS 6
#else
#define TAP_COLUMNS 2
#endif
#else
#define TAP_ROWS 8
#define TAPS_OF_GROUP 1
#define TAP_COLUMNS 1
#endif

/* dw[filter, tap] (+)= Σ over windows and samples of dz·x: a group to TAPS_OF_GROUP taps of TAP_ROWS filters, which it adds up
   together. */
__kernel void convolveGradient(
    __global float *dw, int dwAt, __global const lanes *dz, int dzAt, __global const lanes *x, int xAt, WINDOW,
    int accumulate, __local float *parts) {
    const int taps = high * wide, windows = outHeight * outWidth, last = m - 1, lastTap = n * taps - 1;
    const int first = get_group_id(1) * TAP_ROWS, size = get_local_size(0);
    const int firstWindow = isLocal ? get_group_id(2) : 0, end = isLocal ? firstWindow + 1 : windows;
    for (int column = 0; column < TAPS_OF_GROUP; column += TAP_COLUMNS) {
        const int k = get_group_id(0) * TAPS_OF_GROUP + column;
        int row[TAP_ROWS], plane[TAP_COLUMNS], below[TAP_COLUMNS], aside[TAP_COLUMNS];
        lanes sum[TAP_ROWS][TAP_COLUMNS];
#pragma unroll
        for (int j = 0; j < TAP_COLUMNS; j++) {
            const int own = min(k + j, lastTap), tap = own % taps;
            plane[j] = xAt + own / taps * height * width * stride;
            below[j] = tap / wide * dilation - padding;
            aside[j] = tap % wide * dilation - padding;
        }
#pragma unroll
        for (int r = 0; r < TAP_ROWS; r++) {
            row[r] = dzAt + min(first + r, last) * windows * stride;
            for (int j = 0; j < TAP_COLUMNS; j++) sum[r][j] = splat(0);
        }
        for (int window = firstWindow; window < end; window++) {
            const int top = window / outWidth * step, left = window % outWidth * step;
            int input[TAP_COLUMNS], meets[TAP_COLUMNS], all = 1, any = 0;
#pragma unroll
            for (int j = 0; j < TAP_COLUMNS; j++) {
                const int y = top + below[j], at = left + aside[j];
                meets[j] = y >= 0 && y < height && at >= 0 && at < width;
                input[j] = plane[j] + (y * width + at) * stride;
                all &= meets[j];
                any |= meets[j];
            }
            if (!any) continue;
            for (int s = get_local_id(0); s < stride; s += size) {
                lanes gradient[TAP_ROWS];
#pragma unroll
                for (int r = 0; r < TAP_ROWS; r++) gradient[r] = dz[row[r] + window * stride + s];
                if (all) {
#pragma unroll
                    for (int j = 0; j < TAP_COLUMNS; j++) {
                        const lanes own = x[input[j] + s];
#pragma unroll
                        for (int r = 0; r < TAP_ROWS; r++) sum[r][j] += gradient[r] * own;
                    }
                } else {
#pragma unroll
                    for (int j = 0; j < TAP_COLUMNS; j++)
                        if (meets[j]) {
                            const lanes own = x[input[j] + s];
#pragma unroll
                            for (int r = 0; r < TAP_ROWS; r++) sum[r][j] += gradient[r] * own;
                        }
                }
            }
        }
#pragma unroll
        for (int r = 0; r < TAP_ROWS; r++)
            for (int j = 0; j < TAP_COLUMNS; j++)
                parts[(r * TAPS_OF_GROUP + column + j) * size + get_local_id(0)] = sumOfLanes(sum[r][j]);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int i = get_local_id(0); i < TAP_ROWS * TAPS_OF_GROUP; i += size) {
        const int filter = first + i / TAPS_OF_GROUP, own = get_group_id(0) * TAPS_OF_GROUP + i % TAPS_OF_GROUP;
        const int tap = own % taps;
        if (filter > last || own > lastTap) continue;
        float total = 0;
        for (int item = 0; item < size; item++) total += parts[i * size + item];
        const int at = dwAt + ((isLocal ? firstWindow * m : 0) + filter) * n * taps + own - tap
            + (flips ? taps - 1 - tap : tap);
        dw[at] = total + (accumulate ? dw[at] : 0.0f);
    }
}

/* The first and the last row or column of a window that lie in the image. */
INLINE int firstOf(int window, int step, int padding) { return max(0, window * step - padding); }
INLINE int lastOf(int window, int step, int padding, int taps, int size) {
    return min(size - 1, window * step - padding + taps - 1);
}

/* The first and the last window that a place is in. */
INLINE int firstWindow(int at, int step, int padding, int taps) {
    const int first = at + padding - taps + 1;
    return first <= 0 ? 0 : (first + step - 1) / step;
}
INLINE int lastWindow(int at, int step, int padding, int windows) { return min(windows - 1, (at + padding) / step); }

__kernel void poolMaximum(
    __global lanes *a, int aAt, __global const lanes *b, int bAt, float4 p, WINDOW) {
    const int c = get_global_id(1);
    FOR_EACH(i, outHeight * outWidth * stride) {
        const int place = i / stride, s = i % stride, oy = place / outWidth, ox = place % outWidth;
        const int left = firstOf(ox, step, padding), right = lastOf(ox, step, padding, wide, width);
        const int top = firstOf(oy, step, padding);
        lanes largest = b[bAt + ((c * height + top) * width + left) * stride + s];
        for (int y = top; y <= lastOf(oy, step, padding, high, height); y++)
            for (int x = left; x <= right; x++)
                largest = larger(largest, b[bAt + ((c * height + y) * width + x) * stride + s]);
        a[aAt + c * outHeight * outWidth * stride + i] = largest;
    }
}

__kernel void poolMaximumGradient(
    __global lanes *a, int aAt, __global const lanes *b, int bAt, __global const lanes *d, int dAt,
    __global const lanes *e, int eAt, float4 p, WINDOW) {
    const int c = get_global_id(1);
    if (step >= high && step >= wide) {
        /* No place is in two windows: a work-item fills the places from its window to the next. */
        FOR_EACH(i, outHeight * outWidth * stride) {
            const int place = i / stride, s = i % stride, oy = place / outWidth, ox = place % outWidth;
            const int top = oy * step - padding, left = ox * step - padding;
            const int endY = oy + 1 < outHeight ? top + step : height, endX = ox + 1 < outWidth ? left + step : width;
            const int at = c * height * width * stride + s, window = c * outHeight * outWidth * stride + i;
            const lanes largest = e[eAt + window], gradient = b[bAt + window];
            ints isFree = largest == largest;
            for (int y = max(0, top); y < endY; y++)
                for (int x = max(0, left); x < endX; x++) {
                    lanes own = splat(0);
                    if (y < top + high && x < left + wide) {
                        const ints isFirst = isFree & (d[dAt + at + (y * width + x) * stride] == largest);
                        own = choose(isFirst, gradient, own);
                        isFree &= ~isFirst;
                    }
                    a[aAt + at + (y * width + x) * stride] = own;
                }
        }
        return;
    }
    FOR_EACH(i, height * width * stride) {
        const int place = i / stride, s = i % stride, y = place / width, x = place % width;
        __global const lanes *image = d + dAt + c * height * width * stride + s;
        const lanes own = image[place * stride];
        lanes sum = splat(0);
        for (int oy = firstWindow(y, step, padding, high); oy <= lastWindow(y, step, padding, outHeight); oy++)
            for (int ox = firstWindow(x, step, padding, wide); ox <= lastWindow(x, step, padding, outWidth); ox++) {
                const int window = ((c * outHeight + oy) * outWidth + ox) * stride + s;
                ints isFirst = own == e[eAt + window];
                const int left = firstOf(ox, step, padding), right = lastOf(ox, step, padding, wide, width);
                for (int u = firstOf(oy, step, padding); u <= y; u++)
                    for (int v = left; v <= (u < y ? right : x - 1); v++)
                        isFirst &= image[(u * width + v) * stride] != own;
                sum += choose(isFirst, b[bAt + window], splat(0));
            }
        a[aAt + c * height * width * stride + i] = sum;
    }
}

INLINE float windowFactor(float4 p, int rows, int columns) { return p.y == 1 ? 1.0f / (rows * columns) : p.x; }

__kernel void poolSum(__global lanes *a, int aAt, __global const lanes *b, int bAt, float4 p, WINDOW) {
    const int c = get_global_id(1);
    FOR_EACH(i, outHeight * outWidth * stride) {
        const int place = i / stride, s = i % stride, oy = place / outWidth, ox = place % outWidth;
        const int left = firstOf(ox, step, padding), right = lastOf(ox, step, padding, wide, width);
        const int top = firstOf(oy, step, padding), bottom = lastOf(oy, step, padding, high, height);
        lanes sum = splat(0);
        for (int y = top; y <= bottom; y++)
            for (int x = left; x <= right; x++) sum += b[bAt + ((c * height + y) * width + x) * stride + s];
        a[aAt + c * outHeight * outWidth * stride + i] = windowFactor(p, bottom - top + 1, right - left + 1) * sum;
    }
}

__kernel void poolSpread(__global lanes *a, int aAt, __global const lanes *b, int bAt, float4 p, WINDOW) {
    const int c = get_global_id(1);
    FOR_EACH(i, height * width * stride) {
        const int place = i / stride, s = i % stride, y = place / width, x = place % width;
        lanes sum = splat(0);
        for (int oy = firstWindow(y, step, padding, high); oy <= lastWindow(y, step, padding, outHeight); oy++)
            for (int ox = firstWindow(x, step, padding, wide); ox <= lastWindow(x, step, padding, outWidth); ox++) {
                const int rows = lastOf(oy, step, padding, high, height) - firstOf(oy, step, padding) + 1;
                const int columns = lastOf(ox, step, padding, wide, width) - firstOf(ox, step, padding) + 1;
                sum += windowFactor(p, rows, columns) * b[bAt + ((c * outHeight + oy) * outWidth + ox) * stride + s];
            }
        a[aAt + c * height * width * stride + i] = sum;
    }
}

/* The arithmetic that may follow counts on the rounding of each operation. */
#pragma OPENCL FP_CONTRACT OFF
