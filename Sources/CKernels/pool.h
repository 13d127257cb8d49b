/*
 * Windows over each channel of an image: the largest value, a sum, and the ways back. Rows are those of convolve.h; a window's
 * taps beyond the image do not count.
 */
#pragma once

/* The part of a place's window that lies in the image: rows top … < bottom, columns left … < right. */
typedef struct frame {
    int32_t top, bottom, left, right;
} frame;

INLINE frame frameOf(const lc_window *w, int32_t y, int32_t x) {
    const int32_t top = y * w->stride - w->padding, left = x * w->stride - w->padding;
    const int32_t bottom = top + w->kernelHeight, right = left + w->kernelWidth;
    return (frame){top > 0 ? top : 0, bottom < w->height ? bottom : w->height, left > 0 ? left : 0,
                   right < w->width ? right : w->width};
}

/* Whether the windows meet each place of the image once. */
INLINE bool isTiling(const lc_window *w) {
    return w->padding == 0 && w->stride == w->kernelHeight && w->stride == w->kernelWidth
        && w->outHeight * w->stride == w->height && w->outWidth * w->stride == w->width;
}

/* Runs the statement that follows for each window of each channel: `in` and `out` are its channel's first input row and its
   own output row, in floats. */
#define FOR_EACH_WINDOW(op, batch)                                                                                   \
    for (int64_t c_ = 0, out = 0, in = 0; c_ < (op)->m;                                                              \
         c_++, in += (int64_t)(op)->window.height * (op)->window.width * (batch)->stride)                            \
        for (int32_t y = 0; y < (op)->window.outHeight; y++)                                                         \
            for (int32_t x = 0; x < (op)->window.outWidth; x++, out += (batch)->stride)

/* Runs the statement that follows for each tap of a frame: `tap` is its row, in floats. */
#define FOR_EACH_TAP(frame, width, stride)                                                                           \
    for (int32_t i_ = (frame).top; i_ < (frame).bottom; i_++)                                                        \
        for (int64_t tap = ((int64_t)i_ * (width) + (frame).left) * (stride), end_ = tap + ((frame).right - (frame).left) * (stride); \
             tap < end_; tap += (stride))

/* a = the largest of b in each window; not a number where one is not. */
static void poolMaximum(const lc_op *op, const lc_batch *batch) {
    const lc_window *w = &op->window;
    const int64_t width = roundedUp(batch->count), stride = batch->stride;
    FOR_EACH_WINDOW(op, batch) {
        const frame f = frameOf(w, y, x);
        const float *source = op->b + in;
        const int64_t first = ((int64_t)f.top * w->width + f.left) * stride;
        if (w->kernelHeight == 2 && w->kernelWidth == 2 && f.bottom - f.top == 2 && f.right - f.left == 2) {
            const int64_t below = first + w->width * stride;
            for (int64_t s = 0; s < width; s += LC_LANES)
                store(
                    op->a + out + s,
                    larger(
                        larger(load(source + first + s), load(source + first + stride + s)),
                        larger(load(source + below + s), load(source + below + stride + s))));
            continue;
        }
        for (int64_t s = 0; s < width; s += LC_LANES) {
            lanes largest = load(source + first + s);
            FOR_EACH_TAP(f, w->width, stride) largest = larger(largest, load(source + tap + s));
            store(op->a + out + s, largest);
        }
    }
}

/* a = b at the first of the largest of d in each window, whose value is e; where windows overlap the sum. */
static void poolMaximumGrad(const lc_op *op, const lc_batch *batch) {
    const lc_window *w = &op->window;
    const int64_t width = roundedUp(batch->count), stride = batch->stride;
    const bool adds = !isTiling(w);
    if (adds) clearRows(op->a, (int64_t)op->m * w->height * w->width, batch);
    FOR_EACH_WINDOW(op, batch) {
        const frame f = frameOf(w, y, x);
        for (int64_t s = 0; s < width; s += LC_LANES) {
            const lanes largest = load(op->e + out + s);
            lanes rest = load(op->b + out + s);
            ints isFree = (ints)(-1);
            FOR_EACH_TAP(f, w->width, stride) {
                float *target = op->a + in + tap + s;
                const ints isHit = (load(op->d + in + tap + s) == largest) & isFree;
                const lanes own = choose(isHit, rest, splat(0));
                store(target, adds ? load(target) + own : own);
                isFree &= ~isHit;
            }
        }
    }
}

/* The factor of a window's sum: p0, or with p1 = 1 one by the taps that lie in the image. */
INLINE float windowFactor(const lc_op *op, frame f) {
    return op->p[1] == 1 ? 1.0f / ((f.bottom - f.top) * (f.right - f.left)) : op->p[0];
}

/* a = factor·Σ of b in each window. */
static void poolSum(const lc_op *op, const lc_batch *batch) {
    const lc_window *w = &op->window;
    const int64_t width = roundedUp(batch->count), stride = batch->stride;
    FOR_EACH_WINDOW(op, batch) {
        const frame f = frameOf(w, y, x);
        const float factor = windowFactor(op, f);
        for (int64_t s = 0; s < width; s += LC_LANES) {
            lanes sum = splat(0);
            FOR_EACH_TAP(f, w->width, stride) sum += load(op->b + in + tap + s);
            store(op->a + out + s, factor * sum);
        }
    }
}

/* a = at each place factor·Σ of b over the windows that it is in. */
static void poolSpread(const lc_op *op, const lc_batch *batch) {
    const lc_window *w = &op->window;
    const int64_t width = roundedUp(batch->count), stride = batch->stride;
    const bool adds = !isTiling(w);
    if (adds) clearRows(op->a, (int64_t)op->m * w->height * w->width, batch);
    FOR_EACH_WINDOW(op, batch) {
        const frame f = frameOf(w, y, x);
        const float factor = windowFactor(op, f);
        for (int64_t s = 0; s < width; s += LC_LANES) {
            const lanes own = factor * load(op->b + out + s);
            FOR_EACH_TAP(f, w->width, stride) {
                float *target = op->a + in + tap + s;
                store(target, adds ? load(target) + own : own);
            }
        }
    }
}
