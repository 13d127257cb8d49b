/* Units that are on or off at random, the energies of their states, and the update of what they learn. */
#pragma once

#include "generator.h"

/* The keys of an operation's draws, and the numbers of the samples of a vector. */
#define DRAWS(op, batch)                                             \
    const uint64_t key = noiseKey(batch->seed, batch->counter, op->kind); \
    const words low = (words)(uint32_t)key, high = (words)(uint32_t)(key >> 32)
#define SAMPLE_NUMBERS(batch, s) (__builtin_convertvector(laneIndex(), words) + (uint32_t)(batch->first + s))

/* a[m] = 1 with the probability b[m], else 0: stream `kind`. */
static void drawBits(const lc_op *op, const lc_batch *batch) {
    DRAWS(op, batch);
    for (int64_t u = 0; u < op->m; u++)
        for (int64_t s = 0; s < batch->count; s += LC_LANES) {
            const int64_t at = u * batch->stride + s;
            const lanes drawn = uniformOf(low, high, (uint32_t)u, SAMPLE_NUMBERS(batch, s));
            store(op->a + at, choose(drawn < load(op->b + at), splat(1), splat(0)));
        }
}

/* a[m] = 1 for one unit of the m with the probabilities b[m], which sum to 1, and 0 for the others: stream `kind`. */
static void drawClass(const lc_op *op, const lc_batch *batch) {
    DRAWS(op, batch);
    for (int64_t s = 0; s < batch->count; s += LC_LANES) {
        lanes rest = uniformOf(low, high, 0, SAMPLE_NUMBERS(batch, s)), free = splat(1);
        for (int64_t u = 0; u < op->m; u++) {
            const int64_t at = u * batch->stride + s;
            const lanes probability = load(op->b + at);
            /* The last unit takes what rounding leaves. */
            const lanes hit = u + 1 == op->m ? free : choose(rest < probability, free, splat(0));
            store(op->a + at, hit);
            free -= hit;
            rest -= probability;
        }
    }
}

/* a[m] = p0·(b − c), and 0 in lanes without a sample; c may be missing. */
static void difference(const lc_op *op, const lc_batch *batch) {
    for (int64_t u = 0; u < op->m; u++)
        for (int64_t s = 0; s < batch->count; s += LC_LANES) {
            const int64_t at = u * batch->stride + s;
            const lanes value = op->c ? load(op->b + at) - load(op->c + at) : load(op->b + at);
            store(op->a + at, choose(lanesInUse(s, batch), op->p[0] * value, splat(0)));
        }
}

/* a[1] = Σ over m of (b − c)², and 0 in lanes without a sample. */
static void squaredDistance(const lc_op *op, const lc_batch *batch) {
    for (int64_t s = 0; s < batch->count; s += LC_LANES) {
        lanes sum = splat(0);
        for (int64_t at = s; at < s + op->m * batch->stride; at += batch->stride) {
            const lanes apart = load(op->b + at) - load(op->c + at);
            sum = multiplyAdd(apart, apart, sum);
        }
        store(op->a + s, choose(lanesInUse(s, batch), sum, splat(0)));
    }
}

/*
 * a[1] = the free energy of n values b[n] with the biases d[n] before m units with the weighted sums c[m]:
 * −Σ softplus(c) − Σ d·b, and with p0 = 1, of normal values, −Σ softplus(c) + ½ Σ (b − d)²; with p1 = 1 the m are normal, of
 * the means c, and of the means e[m] where all b are 0: −½ Σ (c² − e²) − Σ d·b. 0 in lanes without a sample.
 */
static void freeEnergy(const lc_op *op, const lc_batch *batch) {
    const int64_t stride = batch->stride;
    for (int64_t s = 0; s < batch->count; s += LC_LANES) {
        lanes sum = splat(0);
        for (int64_t u = 0; u < op->m; u++) {
            const lanes sums = load(op->c + u * stride + s);
            sum -= op->p[1] == 1 ? 0.5f * (sums * sums - op->e[u] * op->e[u]) : softPlus(sums);
        }
        for (int64_t i = 0; i < op->n; i++) {
            const lanes value = load(op->b + i * stride + s);
            const lanes apart = value - op->d[i];
            sum += op->p[0] == 1 ? 0.5f * apart * apart : -op->d[i] * value;
        }
        store(op->a + s, choose(lanesInUse(s, batch), sum, splat(0)));
    }
}

/*
 * a[1] = Σ over n of ln σ(F(b with b[i] → 1 − b[i]) − F(b)): the pseudo-likelihood of each of the n values given the others, of
 * m units with the weighted sums c[m], the biases d[n] and the weights e[m, n]; f[m] takes softplus(c).
 */
static void flipScore(const lc_op *op, const lc_batch *batch) {
    const int64_t stride = batch->stride, m = op->m, n = op->n;
    for (int64_t s = 0; s < batch->count; s += LC_LANES) {
        for (int64_t at = s; at < s + m * stride; at += stride) store(op->f + at, softPlus(load(op->c + at)));
        lanes sum = splat(0);
        for (int64_t i = 0; i < n; i++) {
            const lanes change = 1 - 2 * load(op->b + i * stride + s);
            lanes fall = op->d[i] * change;
            for (int64_t j = 0; j < m; j++) {
                const int64_t at = j * stride + s;
                fall += softPlus(multiplyAdd(change, splat(op->e[j * n + i]), load(op->c + at))) - load(op->f + at);
            }
            /* ln σ(−fall) */
            sum -= softPlus(fall);
        }
        store(op->a + s, choose(lanesInUse(s, batch), sum, splat(0)));
    }
}

/* v = momentum·v + (scale·g + cost·w), w −= rate·v over n floats, whole vectors. Says whether a weight is no longer finite. */
static bool descendWithCost(
    float *w, float *v, const float *g, int64_t n, float momentum, float rate, float scale, float cost) {
    lanes unsound = splat(0);
    for (int64_t i = 0; i < n; i += LC_LANES) {
        const lanes old = loadAnywhere(w + i);
        const lanes speed = momentum * loadAnywhere(v + i) + (scale * loadAnywhere(g + i) + cost * old);
        const lanes weights = old - rate * speed;
        storeAnywhere(v + i, speed);
        storeAnywhere(w + i, weights);
        unsound += weights - weights;
    }
    return anyNonzero(unsound);
}
