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

/* The key of one layer's masks in one training step. */
INLINE uint64_t dropoutKey(uint64_t seed, uint64_t counter, int32_t stream) {
    const uint64_t position = counter * 0x9E3779B97F4A7C15u + (uint64_t)(uint32_t)stream;
    return mixed64(mixed64(seed + 0x9E3779B97F4A7C15u) + position);
}

/* Sixteen numbers in [0, 1) with 24 random bits each, for one unit; keys (as their halves) and samples lane by lane. */
INLINE lanes uniformOf(words low, words high, uint32_t unit, words sample) {
    const words bits = mixed32(mixed32(sample ^ low) + (high ^ unit * 0x9E3779B9u));
    return __builtin_convertvector(__builtin_convertvector(bits >> 8, ints), lanes) * 0x1p-24f;
}

static void dropout(const lc_op *op, const lc_batch *batch) {
    const float rate = op->p[0], kept = rate < 1 ? 1 / (1 - rate) : 0;
    const uint64_t key = dropoutKey(batch->seed, batch->counter, op->kind);
    const words low = (words)(uint32_t)key, high = (words)(uint32_t)(key >> 32);
    for (int64_t u = 0; u < op->m; u++)
        for (int64_t s = 0; s < batch->count; s += LC_LANES) {
            const int64_t at = u * batch->stride + s;
            const words sample = __builtin_convertvector(laneIndex(), words) + (uint32_t)(batch->first + s);
            const lanes mask = choose(uniformOf(low, high, (uint32_t)u, sample) < rate, splat(0), splat(kept));
            store(op->c + at, mask);
            store(op->a + at, load(op->b + at) * mask);
        }
}
