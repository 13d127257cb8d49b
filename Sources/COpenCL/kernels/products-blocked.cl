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

/* a[i, j] (+)= Σ_s d[i, s]·e[j, s] */
__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void outerSums(
    __global float *a, int aAt, __global const float *d, int dAt, __global const float *e, int eAt, int m, int n,
    int stride, int accumulate) {
    const int top = get_global_id(1) * BLOCK, left = get_global_id(0) * BLOCK;
    __global const float *rows[BLOCK], *columns[BLOCK];
    float16 sum[BLOCK][BLOCK];
#pragma unroll
    for (int i = 0; i < BLOCK; i++) {
        rows[i] = d + dAt + min(top + i, m - 1) * stride;
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
#pragma unroll
    for (int i = 0; i < BLOCK; i++)
#pragma unroll
        for (int j = 0; j < BLOCK; j++)
            if (top + i < m && left + j < n) {
                __global float *target = a + aAt + (top + i) * n + left + j;
                *target = sumOfLanes(sum[i][j]) + (accumulate ? *target : 0.0f);
            }
}
