/*
 * Dropout, from a counter-based generator: a mask is a function of (seed, counter, stream, unit, lane)
 * and of nothing that happened before (after Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011).
 */
#pragma once

/* SplitMix64's finalizer (Steele, Lea and Flood, 2014). */
INLINE uint64_t mixed64(uint64_t x) {
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

/* A bijection of 32 bits with low bias (Wellons, "Prospecting for hash functions", 2018). */
INLINE words mixed32(words x) {
    x = (x ^ (x >> 16)) * 0x7FEB352Du;
    x = (x ^ (x >> 15)) * 0x846CA68Bu;
    return x ^ (x >> 16);
}

/* Sixteen numbers in [0, 1) with 24 random bits each, for one unit and the samples from s on. */
INLINE lanes uniform(uint64_t key, uint32_t unit, uint32_t s) {
    const words sample = __builtin_convertvector(laneIndex(), words) + s;
    const words bits = mixed32(mixed32(sample ^ (uint32_t)key) + ((uint32_t)(key >> 32) ^ unit * 0x9E3779B9u));
    return __builtin_convertvector(__builtin_convertvector(bits >> 8, ints), lanes) * 0x1p-24f;
}

static void dropout(const lc_op *op, const lc_batch *batch) {
    const float rate = op->p[0], kept = rate < 1 ? 1 / (1 - rate) : 0;
    const uint64_t position = batch->counter * 0x9E3779B97F4A7C15u + (uint64_t)(uint32_t)op->kind;
    const uint64_t key = mixed64(mixed64(batch->seed + 0x9E3779B97F4A7C15u) + position);
    for (int64_t u = 0; u < op->m; u++)
        for (int64_t s = 0; s < batch->count; s += LC_LANES) {
            const int64_t at = u * batch->stride + s;
            const lanes mask = choose(uniform(key, (uint32_t)u, (uint32_t)(batch->first + s)) < rate, splat(0), splat(kept));
            store(op->c + at, mask);
            store(op->a + at, load(op->b + at) * mask);
        }
}
