/*
 * Operations over the steps of sequences: see steps.h, recur.h and embed.h of the processor's kernels. Offsets of rows count
 * lanes.
 */
#define STEPS int count, int pitch, int inputPitch, int taps, int dilation, int padding, int isReversed, int m, int n, int stride

/* z[t, m] = bias[m] + Σ_k w[m, n, k]·x[t + k·dilation − padding, n] */
__kernel void stepsAffine(
    __global lanes *z, int zAt, __global const float *w, int wAt, __global const float *bias, int biasAt,
    __global const lanes *x, int xAt, STEPS) {
    FOR_EACH(item, count * m * stride) {
        const int s = item % stride, i = item / stride % m, t = item / stride / m;
        lanes sum = splat(biasAt < 0 ? 0.0f : bias[biasAt < 0 ? 0 : biasAt + i]);
        for (int k = 0; k < taps; k++) {
            const int at = t + k * dilation - padding;
            if (at < 0 || at >= count) continue;
            for (int j = 0; j < n; j++)
                sum += w[wAt + (i * n + j) * taps + k] * x[xAt + (at * inputPitch + j) * stride + s];
        }
        z[zAt + (t * pitch + i) * stride + s] = sum;
    }
}

__kernel void stepsInputGradient(
    __global lanes *dx, int dxAt, __global const float *w, int wAt, __global const lanes *dz, int dzAt, STEPS) {
    FOR_EACH(item, count * n * stride) {
        const int s = item % stride, j = item / stride % n, at = item / stride / n;
        lanes sum = splat(0);
        for (int k = 0; k < taps; k++) {
            const int t = at - k * dilation + padding;
            if (t < 0 || t >= count) continue;
            for (int i = 0; i < m; i++)
                sum += w[wAt + (i * n + j) * taps + k] * dz[dzAt + (t * pitch + i) * stride + s];
        }
        dx[dxAt + (at * inputPitch + j) * stride + s] = sum;
    }
}

/* Adds up what a group's work-items hold, and writes or adds the sum. */
INLINE void writeSum(__global float *out, float own, int accumulate, __local float *parts) {
    parts[get_local_id(0)] = own;
    barrier(CLK_LOCAL_MEM_FENCE);
    if (get_local_id(0) == 0) {
        float total = 0;
        for (int i = 0; i < get_local_size(0); i++) total += parts[i];
        *out = total + (accumulate ? *out : 0.0f);
    }
}

/* dw[m, n, k] (+)= Σ over steps and samples of dz·x: a group to a weight. */
__kernel void stepsParameterGradient(
    __global float *dw, int dwAt, __global const lanes *dz, int dzAt, __global const lanes *x, int xAt, STEPS,
    int accumulate, __local float *parts) {
    const int weight = get_group_id(0), k = weight % taps, j = weight / taps % n, i = weight / taps / n;
    lanes sum = splat(0);
    for (int t = 0; t < count; t++) {
        const int at = t + k * dilation - padding;
        if (at < 0 || at >= count) continue;
        for (int s = get_local_id(0); s < stride; s += get_local_size(0))
            sum += dz[dzAt + (t * pitch + i) * stride + s] * x[xAt + (at * inputPitch + j) * stride + s];
    }
    writeSum(dw + dwAt + weight, sumOfLanes(sum), accumulate, parts);
}

/* db[m] (+)= Σ over steps and samples of dz: a group to a row. */
__kernel void stepsBiasGradient(
    __global float *db, int dbAt, __global const lanes *dz, int dzAt, STEPS, int accumulate, __local float *parts) {
    const int i = get_group_id(0);
    lanes sum = splat(0);
    for (int t = 0; t < count; t++)
        for (int s = get_local_id(0); s < stride; s += get_local_size(0))
            sum += dz[dzAt + (t * pitch + i) * stride + s];
    writeSum(db + dbAt + i, sumOfLanes(sum), accumulate, parts);
}

/* Which lanes have a step, and the number of their steps. */
INLINE ints hasStep(__global const lanes *lengths, int at, int t) {
    return at < 0 ? splat(0) == splat(0) : splat((float)t) < lengths[at < 0 ? 0 : at];
}

INLINE lanes stepCount(__global const lanes *lengths, int at, int count) {
    return at < 0 ? splat((float)count) : atLeast(lengths[at < 0 ? 0 : at], 1);
}

#define LENGTH_AT (gAt < 0 ? -1 : gAt + s)

__kernel void stepsLast(
    __global lanes *a, int aAt, __global const lanes *b, int bAt, __global const lanes *g, int gAt, STEPS) {
    FOR_EACH(item, m * stride) {
        const int s = item % stride, j = item / stride;
        const lanes last = stepCount(g, LENGTH_AT, count) - 1;
        lanes taken = b[bAt + j * stride + s];
        for (int t = 1; t < count && j < m - n; t++)
            taken = choose(last == splat((float)t), b[bAt + (t * pitch + j) * stride + s], taken);
        a[aAt + item] = taken;
    }
}

__kernel void stepsLastGradient(
    __global lanes *a, int aAt, __global const lanes *b, int bAt, __global const lanes *g, int gAt, STEPS) {
    FOR_EACH(item, count * m * stride) {
        const int s = item % stride, j = item / stride % m, t = item / stride / m;
        const lanes last = j < m - n ? stepCount(g, LENGTH_AT, count) - 1 : splat(0);
        a[aAt + (t * pitch + j) * stride + s] = choose(last == splat((float)t), b[bAt + j * stride + s], splat(0));
    }
}

__kernel void stepsSum(
    __global lanes *a, int aAt, __global const lanes *b, int bAt, __global const lanes *g, int gAt, float4 p, STEPS) {
    FOR_EACH(item, m * stride) {
        const int s = item % stride, j = item / stride;
        lanes sum = splat(0);
        for (int t = 0; t < count; t++)
            sum += choose(hasStep(g, LENGTH_AT, t), b[bAt + (t * pitch + j) * stride + s], splat(0));
        a[aAt + item] = 1 / (p.x == 1 ? stepCount(g, LENGTH_AT, count) : splat(1)) * sum;
    }
}

__kernel void stepsSpread(
    __global lanes *a, int aAt, __global const lanes *b, int bAt, __global const lanes *g, int gAt, float4 p, STEPS) {
    FOR_EACH(item, count * m * stride) {
        const int s = item % stride, j = item / stride % m, t = item / stride / m;
        const lanes factor = 1 / (p.x == 1 ? stepCount(g, LENGTH_AT, count) : splat(1));
        a[aAt + (t * pitch + j) * stride + s] =
            choose(hasStep(g, LENGTH_AT, t), factor, splat(0)) * b[bAt + j * stride + s];
    }
}

/*
 * One step of a recurrent layer; a work-item takes a unit and a vector of samples. `before`: the step whose state comes in, −1 at
 * the first one. On the way back `later` is the step that this one's state went into, −1 at the last one.
 */
#define RECUR                                                                                                        \
    __global lanes *a, int aAt, __global const float *w, int wAt, __global const float *bias, int biasAt,            \
        __global lanes *d, int dAt, __global lanes *f, int fAt, __global const lanes *g, int gAt, int t, int before, \
        int pitch, int m, int stride
#define RECUR_BACK                                                                                                     \
    __global lanes *a, int aAt, __global const float *w, int wAt, __global lanes *c, int cAt, __global const lanes *d, \
        int dAt, __global lanes *e, int eAt, __global const lanes *f, int fAt, __global const lanes *g, int gAt,       \
        __global const lanes *h, int hAt, int t, int before, int later, int pitch, int m, int stride

/* Σ_k w[first + j, k]·x[k] over the m rows of x, and Σ_k w[k, j]·x[k] over `count` of them. */
INLINE lanes rowSum(__global const float *w, __global const lanes *x, int m, int stride) {
    lanes sum = splat(0);
    for (int k = 0; k < m; k++) sum += w[k] * x[k * stride];
    return sum;
}

INLINE lanes columnSum(__global const float *w, __global const lanes *x, int m, int count, int stride) {
    lanes sum = splat(0);
    for (int k = 0; k < count; k++) sum += w[k * m] * x[k * stride];
    return sum;
}

INLINE lanes stateSum(
    __global const float *w, int wAt, __global const lanes *h, int hAt, int before, int row, int pitch, int m, int stride) {
    return before < 0 ? splat(0) : rowSum(w + wAt + row * m, h + hAt + before * pitch * stride, m, stride);
}

#define STATE_SUM(row) stateSum(w, wAt, a, aAt + s, before, row, pitch, m, stride)

INLINE void plainStep(int isTanh, RECUR) {
    FOR_EACH(item, m * stride) {
        const int s = item % stride, j = item / stride, at = dAt + t * m * stride + item;
        const lanes sum = d[at] + bias[biasAt + j] + STATE_SUM(j);
        const lanes y = isTanh ? hyperbolicTangent(sum) : atLeast(sum, 0);
        d[at] = y;
        a[aAt + t * pitch * stride + item] = choose(hasStep(g, LENGTH_AT, t), y, splat(0));
    }
}

__kernel void tanhStepAt(RECUR) {
    plainStep(1, a, aAt, w, wAt, bias, biasAt, d, dAt, f, fAt, g, gAt, t, before, pitch, m, stride);
}

__kernel void reluStepAt(RECUR) {
    plainStep(0, a, aAt, w, wAt, bias, biasAt, d, dAt, f, fAt, g, gAt, t, before, pitch, m, stride);
}

__kernel void lstmStepAt(RECUR) {
    FOR_EACH(item, m * stride) {
        const int s = item % stride, j = item / stride, next = m * stride, at = dAt + t * 4 * next + item;
        const ints isReal = hasStep(g, LENGTH_AT, t);
        const lstmUnit unit = lstmStep(
            d[at] + bias[biasAt + j] + STATE_SUM(j), d[at + next] + bias[biasAt + m + j] + STATE_SUM(m + j),
            d[at + 2 * next] + bias[biasAt + 2 * m + j] + STATE_SUM(2 * m + j),
            d[at + 3 * next] + bias[biasAt + 3 * m + j] + STATE_SUM(3 * m + j),
            before < 0 ? splat(0) : f[fAt + before * next + item]);
        d[at] = unit.i;
        d[at + next] = unit.f;
        d[at + 2 * next] = unit.g;
        d[at + 3 * next] = unit.o;
        f[fAt + t * next + item] = choose(isReal, unit.c, splat(0));
        a[aAt + t * pitch * stride + item] = choose(isReal, unit.h, splat(0));
    }
}

__kernel void gruStepAt(RECUR) {
    FOR_EACH(item, m * stride) {
        const int s = item % stride, j = item / stride, next = m * stride, at = dAt + t * 3 * next + item;
        const gruUnit unit = gruStep(
            d[at] + bias[biasAt + j] + STATE_SUM(j), d[at + next] + bias[biasAt + m + j] + STATE_SUM(m + j), d[at + 2 * next],
            bias[biasAt + 2 * m + j] + STATE_SUM(2 * m + j),
            before < 0 ? splat(0) : a[aAt + before * pitch * stride + item]);
        d[at] = unit.r;
        d[at + next] = unit.z;
        d[at + 2 * next] = unit.n;
        f[fAt + t * next + item] = unit.q;
        a[aAt + t * pitch * stride + item] = choose(hasStep(g, LENGTH_AT, t), unit.h, splat(0));
    }
}

/* The gradient at a state: from outside, and from the step after through its `gates` times m sums. */
INLINE lanes stateGradient(
    __global const float *w, __global const lanes *dz, __global const lanes *e, int later, int rows, int m, int stride) {
    return later < 0 ? *e : *e + columnSum(w, dz, m, rows, stride);
}

#define STATE_GRADIENT(sums, gates) \
    stateGradient(                  \
        w + wAt + j, sums + later * (gates) * m * stride + s, e + eAt + t * pitch * stride + item, later, (gates) * m, m, stride)

INLINE void plainStepBack(int isTanh, RECUR_BACK) {
    FOR_EACH(item, m * stride) {
        const int s = item % stride, j = item / stride, at = t * m * stride + item;
        const lanes dh = STATE_GRADIENT(a + aAt, 1), y = d[dAt + at];
        e[eAt + t * pitch * stride + item] = dh;
        const lanes own = choose(hasStep(g, LENGTH_AT, t), dh, splat(0));
        a[aAt + at] = isTanh ? own * (1 - y * y) : choose(y > 0, own, splat(0));
    }
}

__kernel void tanhStepBackAt(RECUR_BACK) {
    plainStepBack(
        1, a, aAt, w, wAt, c, cAt, d, dAt, e, eAt, f, fAt, g, gAt, h, hAt, t, before, later, pitch, m, stride);
}

__kernel void reluStepBackAt(RECUR_BACK) {
    plainStepBack(
        0, a, aAt, w, wAt, c, cAt, d, dAt, e, eAt, f, fAt, g, gAt, h, hAt, t, before, later, pitch, m, stride);
}

__kernel void lstmStepBackAt(RECUR_BACK) {
    FOR_EACH(item, m * stride) {
        const int s = item % stride, j = item / stride, next = m * stride, at = t * 4 * next + item;
        const ints isReal = hasStep(g, LENGTH_AT, t);
        const lanes dh = STATE_GRADIENT(a + aAt, 4);
        e[eAt + t * pitch * stride + item] = dh;
        lstmUnit unit;
        unit.i = d[dAt + at];
        unit.f = d[dAt + at + next];
        unit.g = d[dAt + at + 2 * next];
        unit.o = d[dAt + at + 3 * next];
        unit.c = f[fAt + t * next + item];
        unit.h = splat(0);
        unit = lstmStepBack(
            unit, before < 0 ? splat(0) : f[fAt + before * next + item], choose(isReal, dh, splat(0)),
            later < 0 ? splat(0) : choose(isReal, c[cAt + item], splat(0)));
        a[aAt + at] = unit.i;
        a[aAt + at + next] = unit.f;
        a[aAt + at + 2 * next] = unit.g;
        a[aAt + at + 3 * next] = unit.o;
        c[cAt + item] = unit.c;
    }
}

__kernel void gruStepBackAt(RECUR_BACK) {
    FOR_EACH(item, m * stride) {
        const int s = item % stride, j = item / stride, next = m * stride, at = t * 3 * next + item;
        lanes dh = STATE_GRADIENT(c + cAt, 3);
        if (later >= 0)
            dh += choose(hasStep(g, LENGTH_AT, later), e[eAt + later * pitch * stride + item], splat(0))
                * d[dAt + later * 3 * next + item + next];
        e[eAt + t * pitch * stride + item] = dh;
        gruUnit unit;
        unit.r = d[dAt + at];
        unit.z = d[dAt + at + next];
        unit.n = d[dAt + at + 2 * next];
        unit.q = f[fAt + t * next + item];
        unit.h = splat(0);
        unit = gruStepBack(
            unit, before < 0 ? splat(0) : h[hAt + before * pitch * stride + item],
            choose(hasStep(g, LENGTH_AT, t), dh, splat(0)));
        a[aAt + at] = unit.r;
        a[aAt + at + next] = unit.z;
        a[aAt + at + 2 * next] = unit.n;
        c[cAt + at] = unit.r;
        c[cAt + at + next] = unit.z;
        c[cAt + at + 2 * next] = unit.q;
    }
}

/* The row of a table that a number names, −1 for a negative one. */
INLINE int rowOf(float number, int rows) {
    if (!(number >= 0)) return -1;
    return number < rows - 1 ? (int)(number + 0.5f) : rows - 1;
}

/* z[t, m] = the row of w[n, m] that x[t] names. Offsets of z and x count floats here. */
__kernel void embed(
    __global float *z, int zAt, __global const float *w, int wAt, __global const float *x, int xAt, int count, int m, int n,
    int stride) {
    FOR_EACH(item, count * m * stride) {
        const int s = item % stride, j = item / stride % m, t = item / stride / m;
        const int row = rowOf(x[xAt + t * stride + s], n);
        z[zAt + item] = row < 0 ? 0.0f : w[wAt + max(row, 0) * m + j];
    }
}

/* dw[n, m] (+)= the sums of dz by the rows that x names: a work-item to a weight. */
__kernel void embedGradient(
    __global float *dw, int dwAt, __global const float *dz, int dzAt, __global const float *x, int xAt, int count, int m,
    int n, int stride, int accumulate) {
    FOR_EACH(item, n * m) {
        const int row = item / m, j = item % m;
        float sum = 0;
        for (int t = 0; t < count; t++)
            for (int s = 0; s < stride; s++)
                if (rowOf(x[xAt + t * stride + s], n) == row) sum += dz[dzAt + (t * m + j) * stride + s];
        dw[dwAt + item] = sum + (accumulate ? dw[dwAt + item] : 0.0f);
    }
}

/* Each step's share of its sample's loss, into the gradient of its m rows. */
__kernel void stepsShares(
    __global lanes *gradient, int gradientAt, __global const lanes *shares, int sharesAt, int count, int m, int stride) {
    FOR_EACH(item, count * m * stride)
        gradient[gradientAt + item] *= shares[sharesAt + item / (m * stride) * stride + item % stride];
}

/* Attention: see attend.h of the processor's kernels. A work-item takes a step and a vector of samples. */
__kernel void attend(
    __global lanes *a, int aAt, __global const lanes *b, int bAt, __global lanes *e, int eAt, __global const lanes *g, int gAt,
    float4 p, STEPS) {
    FOR_EACH(item, count * stride) {
        const int s = item % stride, t = item / stride, end = p.y == 1 ? t + 1 : count;
        __global const lanes *q = b + bAt + t * 3 * m * stride + s;
        __global lanes *w = e + eAt + t * count * stride + s;
        lanes largest = splat(-1e30f), total = splat(0);
        for (int u = 0; u < end; u++) {
            __global const lanes *k = b + bAt + (u * 3 * m + m) * stride + s;
            lanes sum = splat(0);
            for (int j = 0; j < m; j++) sum += q[j * stride] * k[j * stride];
            sum = choose(hasStep(g, LENGTH_AT, u), p.x * sum, splat(-1e30f));
            w[u * stride] = sum;
            largest = greater(largest, sum);
        }
        for (int u = 0; u < end; u++) {
            const lanes share = choose(hasStep(g, LENGTH_AT, u), exponential(w[u * stride] - largest), splat(0));
            w[u * stride] = share;
            total += share;
        }
        for (int u = 0; u < count; u++) w[u * stride] = u < end ? w[u * stride] / atLeast(total, 1e-30f) : splat(0);
        for (int j = 0; j < m; j++) {
            lanes sum = splat(0);
            for (int u = 0; u < end; u++) sum += w[u * stride] * b[bAt + (u * 3 * m + 2 * m + j) * stride + s];
            a[aAt + (t * m + j) * stride + s] = sum;
        }
    }
}

/* The gradient at v; then at the products, in place of the weights, and at q; then at k. */
__kernel void attendValueGradient(
    __global lanes *a, int aAt, __global const lanes *b, int bAt, __global lanes *d, int dAt, __global const lanes *e, int eAt,
    float4 p, STEPS) {
    FOR_EACH(item, count * stride) {
        const int s = item % stride, u = item / stride;
        for (int j = 0; j < m; j++) {
            lanes sum = splat(0);
            for (int t = 0; t < count; t++)
                sum += d[dAt + (t * count + u) * stride + s] * e[eAt + (t * m + j) * stride + s];
            a[aAt + (u * 3 * m + 2 * m + j) * stride + s] = sum;
        }
    }
}

__kernel void attendQueryGradient(
    __global lanes *a, int aAt, __global const lanes *b, int bAt, __global lanes *d, int dAt, __global const lanes *e, int eAt,
    float4 p, STEPS) {
    FOR_EACH(item, count * stride) {
        const int s = item % stride, t = item / stride, end = p.y == 1 ? t + 1 : count;
        __global lanes *w = d + dAt + t * count * stride + s;
        lanes whole = splat(0);
        for (int turn = 0; turn < 2; turn++)
            for (int u = 0; u < end; u++) {
                lanes slope = splat(0);
                for (int j = 0; j < m; j++)
                    slope += e[eAt + (t * m + j) * stride + s] * b[bAt + (u * 3 * m + 2 * m + j) * stride + s];
                if (turn == 0)
                    whole += w[u * stride] * slope;
                else
                    w[u * stride] = w[u * stride] * (slope - whole);
            }
        for (int j = 0; j < m; j++) {
            lanes sum = splat(0);
            for (int u = 0; u < end; u++) sum += w[u * stride] * b[bAt + (u * 3 * m + m + j) * stride + s];
            a[aAt + (t * 3 * m + j) * stride + s] = p.x * sum;
        }
    }
}

__kernel void attendKeyGradient(
    __global lanes *a, int aAt, __global const lanes *b, int bAt, __global lanes *d, int dAt, __global const lanes *e, int eAt,
    float4 p, STEPS) {
    FOR_EACH(item, count * stride) {
        const int s = item % stride, u = item / stride;
        for (int j = 0; j < m; j++) {
            lanes sum = splat(0);
            for (int t = 0; t < count; t++)
                sum += d[dAt + (t * count + u) * stride + s] * b[bAt + (t * 3 * m + j) * stride + s];
            a[aAt + (u * 3 * m + m + j) * stride + s] = p.x * sum;
        }
    }
}
