/*
 * The products of a dense layer on a processor: a work-item makes a block of results in registers, sixteen samples to a
 * vector. Beyond the last row or column a block repeats it and throws the copies away. Offsets count floats.
 */
#pragma OPENCL FP_CONTRACT ON

#define ROWS 8
#define VECTORS 2

/* z[i, s] = bias[i] + Σ_k w[i·outer + k·inner]·x[k, s] */
__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void weightedSums(
    __global float *z, int zAt, __global const float *w, int wAt, __global const float *bias, int biasAt,
    __global const float *x, int xAt, int outputs, int terms, int outer, int inner, int stride) {
    const int first = get_global_id(1) * ROWS, last = outputs - 1;
    const int left = get_global_id(0) * VECTORS * 16, right = min(left + 16, stride - 16);
    __global const float *row[ROWS];
    float16 sum[ROWS][VECTORS];
#pragma unroll
    for (int i = 0; i < ROWS; i++) {
        const int at = min(first + i, last);
        row[i] = w + wAt + at * outer;
        sum[i][0] = sum[i][1] = biasAt < 0 ? 0.0f : bias[biasAt + at];
    }
    __global const float *input = x + xAt;
    for (int k = 0; k < terms; k++) {
        const float16 a = vload16(0, input + left), b = vload16(0, input + right);
#pragma unroll
        for (int i = 0; i < ROWS; i++) {
            const float weight = row[i][k * inner];
            sum[i][0] += weight * a;
            sum[i][1] += weight * b;
        }
        input += stride;
    }
#pragma unroll
    for (int i = 0; i < ROWS; i++)
        if (first + i <= last) {
            vstore16(sum[i][0], 0, z + zAt + (first + i) * stride + left);
            vstore16(sum[i][1], 0, z + zAt + (first + i) * stride + right);
        }
}

#define BLOCK 4

/*
 * The sums over the lanes of 4 × 4 vectors in one tree of fifteen additions: row r's sums are in quarter r, one to a
 * column. Each fold adds halves of two vectors and puts the results beside each other.
 */
float16 foldHalves(float16 a, float16 b) { return (float16)(a.lo, b.lo) + (float16)(a.hi, b.hi); }

float16 foldQuarters(float16 a, float16 b) {
    return (float16)(a.s0123, a.s89ab, b.s0123, b.s89ab) + (float16)(a.s4567, a.scdef, b.s4567, b.scdef);
}

float16 foldPairs(float16 a, float16 b) {
    return (float16)(a.s01, b.s01, a.s45, b.s45, a.s89, b.s89, a.scd, b.scd)
        + (float16)(a.s23, b.s23, a.s67, b.s67, a.sab, b.sab, a.sef, b.sef);
}

float16 foldSingles(float16 a, float16 b) {
    return (float16)(a.s02, b.s02, a.s46, b.s46, a.s8a, b.s8a, a.sce, b.sce)
        + (float16)(a.s13, b.s13, a.s57, b.s57, a.s9b, b.s9b, a.sdf, b.sdf);
}

/* Blocks beside each other that one work-item makes: starting one costs as much as a block. */
#define BLOCKS 8

/* a[i, j] (+)= Σ_s d[i, s]·e[j, s] */
__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void outerSums(
    __global float *a, int aAt, __global const float *d, int dAt, __global const float *e, int eAt, int m, int n,
    int stride, int accumulate) {
    const int top = get_global_id(1) * BLOCK;
    const int end = min(n, (int)(get_global_id(0) + 1) * BLOCKS * BLOCK);
    __global const float *rows[BLOCK];
#pragma unroll
    for (int i = 0; i < BLOCK; i++) rows[i] = d + dAt + min(top + i, m - 1) * stride;
    for (int left = get_global_id(0) * BLOCKS * BLOCK; left < end; left += BLOCK) {
        __global const float *columns[BLOCK];
        float16 sum[BLOCK][BLOCK];
#pragma unroll
        for (int i = 0; i < BLOCK; i++) {
            columns[i] = e + eAt + min(left + i, n - 1) * stride;
#pragma unroll
            for (int j = 0; j < BLOCK; j++) sum[i][j] = 0.0f;
        }
        for (int s = 0; s < stride; s += 16) {
            float16 right[BLOCK];
#pragma unroll
            for (int j = 0; j < BLOCK; j++) right[j] = vload16(0, columns[j] + s);
#pragma unroll
            for (int i = 0; i < BLOCK; i++) {
                const float16 factor = vload16(0, rows[i] + s);
#pragma unroll
                for (int j = 0; j < BLOCK; j++) sum[i][j] += factor * right[j];
            }
        }
        float16 column[BLOCK];
#pragma unroll
        for (int j = 0; j < BLOCK; j++)
            column[j] = foldQuarters(foldHalves(sum[0][j], sum[1][j]), foldHalves(sum[2][j], sum[3][j]));
        const float16 total = foldSingles(foldPairs(column[0], column[1]), foldPairs(column[2], column[3]));
        const float4 sums[BLOCK] = {total.s0123, total.s4567, total.s89ab, total.scdef};
#pragma unroll
        for (int i = 0; i < BLOCK; i++) {
            if (top + i >= m) break;
            __global float *target = a + aAt + (top + i) * n + left;
            if (left + BLOCK <= n) {
                vstore4(accumulate ? sums[i] + vload4(0, target) : sums[i], 0, target);
            } else {
                const float part[BLOCK] = {sums[i].x, sums[i].y, sums[i].z, sums[i].w};
                for (int j = 0; left + j < n; j++) target[j] = part[j] + (accumulate ? target[j] : 0.0f);
            }
        }
    }
}
