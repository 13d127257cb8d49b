/* Batches out of a dataset, whose rows are in memory one unit after the other, as a batch's are. */
#pragma once

/* row[order[0]], row[order[1]], … for `count` ≤ 16 samples, the other lanes 0. */
INLINE lanes pick(const float *row, const int32_t *order, int64_t count) {
#if LC_THIS_LEVEL == 4
    const __mmask16 used = (__mmask16)((1u << count) - 1);
    return (lanes)_mm512_mask_i32gather_ps(
        _mm512_setzero_ps(), used, _mm512_maskz_loadu_epi32(used, order), row, sizeof(float));
#else
    float values[LC_LANES] = {0};
    for (int64_t i = 0; i < count; i++) values[i] = row[order[i]];
    return loadAnywhere(values);
#endif
}

/*
 * The first `used` ≤ 16 values from x, the other lanes 0. Without masked loads all sixteen are read: a vector that is put
 * together from single values has to wait until each of them is written.
 */
INLINE lanes firstOf(const float *x, int64_t used) {
    if (used == LC_LANES) return loadAnywhere(x);
#if LC_THIS_LEVEL == 4
    return loadFirst(x, used);
#else
    return choose(laneIndex() < (int32_t)used, loadAnywhere(x), splat(0));
#endif
}

static void gather(
    float *out, int32_t stride, const float *data, int64_t dataStride, int32_t units, const int32_t *order,
    int64_t first, int32_t count) {
    for (int64_t u = 0; u < units; u++) {
        const float *row = data + u * dataStride;
        for (int64_t s = 0; s < count; s += LC_LANES) {
            const int64_t rest = count - s, used = rest < LC_LANES ? rest : LC_LANES;
            float *target = out + u * stride + s;
            if (order)
                store(target, pick(row, order + first + s, used));
            else
                store(target, firstOf(row + first + s, used));
        }
    }
}

/* Out of bytes, each of which stands for a float of its channel. */
static void gatherBytes(
    float *out, int32_t stride, const uint8_t *data, int32_t size, int32_t channels, const float *values,
    const int32_t *order, int64_t first, int32_t count) {
    const int64_t width = (int64_t)size * channels;
    for (int64_t s = 0; s < count; s += LC_LANES) {
        const int64_t rest = count - s, used = rest < LC_LANES ? rest : LC_LANES;
        const uint8_t *samples[LC_LANES];
        for (int64_t i = 0; i < used; i++) {
            const int64_t at = first + s + i;
            samples[i] = data + (order ? order[at] : at) * width;
        }
        for (int64_t c = 0; c < channels; c++) {
            const float *floats = values + 256 * c;
            for (int64_t u = c * size; u < (c + 1) * size; u++) {
                float *target = out + u * stride + s;
                if (used == LC_LANES) {
                    for (int64_t i = 0; i < LC_LANES; i++) target[i] = floats[samples[i][u]];
                } else {
                    for (int64_t i = 0; i < used; i++) target[i] = floats[samples[i][u]];
                    for (int64_t i = used; i < LC_LANES; i++) target[i] = 0;
                }
            }
        }
    }
}

/* Out of sequences of symbols' numbers. */
static void gatherTokens(
    float *out, int32_t stride, const uint16_t *tokens, const int64_t *starts, const uint16_t *counts, int32_t steps,
    const int32_t *order, int64_t first, int32_t count) {
    for (int64_t s = 0; s < count; s += LC_LANES) {
        for (int64_t i = s; i < s + LC_LANES; i++) {
            if (i >= count) {
                for (int64_t t = 0; t < steps; t++) out[t * stride + i] = 0;
                continue;
            }
            const int64_t sample = order ? order[first + i] : first + i;
            const uint16_t *own = tokens + starts[sample];
            const int64_t length = counts[sample];
            for (int64_t t = 0; t < length; t++) out[t * stride + i] = own[t];
            for (int64_t t = length; t < steps; t++) out[t * stride + i] = -1;
        }
    }
}

/* The targets of the classes of steps. */
static void gatherClasses(
    float *out, int32_t stride, const float *labels, int32_t steps, int32_t units, float low, float high, float share,
    float none, const int32_t *order, int64_t first, int32_t count) {
    float *shares = out + (int64_t)steps * units * stride;
    for (int64_t s = 0; s < count; s += LC_LANES) {
        const int64_t rest = count - s, used = rest < LC_LANES ? rest : LC_LANES;
        const float *own[LC_LANES];
        for (int64_t i = 0; i < used; i++) {
            const int64_t at = first + s + i;
            own[i] = labels + (order ? order[at] : at) * steps;
        }
        for (int64_t t = 0; t < steps; t++) {
            float lows[LC_LANES] = {0}, parts[LC_LANES] = {0};
            for (int64_t i = 0; i < used; i++) {
                const int isAsked = own[i][t] != none;
                lows[i] = isAsked ? low : 0;
                parts[i] = isAsked ? share : 0;
            }
            float *rows = out + t * units * stride + s;
            const lanes value = loadAnywhere(lows);
            for (int64_t u = 0; u < units; u++) store(rows + u * stride, value);
            for (int64_t i = 0; i < used; i++)
                if (own[i][t] != none) rows[(int64_t)own[i][t] * stride + i] = high;
            store(shares + t * stride + s, loadAnywhere(parts));
        }
    }
}
