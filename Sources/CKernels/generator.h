/*
 * A counter-based generator: a number is a function of (seed, counter, stream, unit, lane)
 * and of nothing that happened before (after Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011).
 * OpenCL programs contain this text too.
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

/* The key of one layer's draws in one training step. */
INLINE uint64_t noiseKey(uint64_t seed, uint64_t counter, int32_t stream) {
    const uint64_t position = counter * 0x9E3779B97F4A7C15u + (uint64_t)(uint32_t)stream;
    return mixed64(mixed64(seed + 0x9E3779B97F4A7C15u) + position);
}

/* Sixteen numbers in [0, 1) with 24 random bits each, for one unit; keys (as their halves) and samples lane by lane. */
INLINE lanes uniformOf(words low, words high, uint32_t unit, words sample) {
    const words bits = mixed32(mixed32(sample ^ low) + (high ^ unit * 0x9E3779B9u));
    return __builtin_convertvector(__builtin_convertvector(bits >> 8, ints), lanes) * 0x1p-24f;
}

/* Normal deviates of mean 0 and deviation 1 for one unit (Box and Muller, 1958): two numbers of the generator each. */
INLINE lanes normalOf(words low, words high, uint32_t unit, words sample) {
    const lanes size = squareRoot(-2 * logarithm(1 - uniformOf(low, high, 2 * unit, sample)));
    return size * cosine(6.28318531f * uniformOf(low, high, 2 * unit + 1, sample));
}
