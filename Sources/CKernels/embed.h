/* Rows of a table by their numbers, which are the inputs. */
#pragma once

/* The row that a number names: the nearest whole number within the table; −1 for a negative one. */
INLINE int64_t rowOf(float number, int32_t rows) {
    if (!(number >= 0)) return -1;
    return number < rows - 1 ? (int64_t)(number + 0.5f) : rows - 1;
}

static void embed(const lc_op *op, const lc_batch *batch) {
    const int64_t stride = batch->stride, width = roundedUp(batch->count), m = op->m;
    for (int64_t t = 0; t < op->steps.count; t++)
        for (int64_t s = 0; s < width; s += LC_LANES) {
            const float *row[LC_LANES];
            static const float none[1] = {0};
            bool isNone[LC_LANES];
            for (int l = 0; l < LC_LANES; l++) {
                const int64_t number = rowOf(op->d[t * stride + s + l], op->n);
                isNone[l] = number < 0;
                row[l] = isNone[l] ? none : op->b + number * m;
            }
            for (int64_t j = 0; j < m; j++) {
                float *out = op->a + (t * m + j) * stride + s;
                for (int l = 0; l < LC_LANES; l++) out[l] = row[l][isNone[l] ? 0 : j];
            }
        }
}

static void embedGrad(const lc_op *op, const lc_batch *batch) {
    const int64_t stride = batch->stride, m = op->m, first = (int64_t)op->p[0], end = first + (int64_t)op->p[1];
    const bool accumulate = ((op->flags | batch->flags) & LC_ACCUMULATE) != 0;
    if (!accumulate)
        for (int64_t row = 0; row < op->n; row++)
            for (int64_t j = first; j < end; j++) op->a[row * m + j] = 0;
    for (int64_t t = 0; t < op->steps.count; t++)
        for (int64_t s = 0; s < batch->count; s++) {
            const int64_t row = rowOf(op->e[t * stride + s], op->n);
            if (row < 0) continue;
            for (int64_t j = first; j < end; j++) op->a[row * m + j] += op->d[(t * m + j) * stride + s];
        }
}

/* The same of networks side by side: a vector is a sample of sixteen networks, each with a table of its own. */
static void lanesEmbed(const lc_op *op, const lc_batch *batch) {
    const int64_t stride = batch->stride, m = op->m;
    for (int64_t t = 0; t < op->steps.count; t++)
        for (int64_t s = 0; s < batch->count; s += LC_LANES)
            for (int l = 0; l < LC_LANES; l++) {
                const int64_t row = rowOf(op->d[t * stride + s + l], op->n);
                for (int64_t j = 0; j < m; j++)
                    op->a[(t * m + j) * stride + s + l] = row < 0 ? 0 : op->b[(row * m + j) * LC_LANES + l];
            }
}

static void lanesEmbedGrad(const lc_op *op, const lc_batch *batch) {
    const int64_t stride = batch->stride, m = op->m;
    const bool accumulate = ((op->flags | batch->flags) & LC_ACCUMULATE) != 0;
    if (!accumulate)
        for (int64_t i = 0; i < op->n * m * LC_LANES; i += LC_LANES) store(op->a + i, splat(0));
    for (int64_t t = 0; t < op->steps.count; t++)
        for (int64_t s = 0; s < batch->count; s++) {
            const int64_t row = rowOf(op->e[t * stride + s], op->n), l = s % LC_LANES;
            if (row < 0) continue;
            for (int64_t j = 0; j < m; j++) op->a[(row * m + j) * LC_LANES + l] += op->d[(t * m + j) * stride + s];
        }
}
