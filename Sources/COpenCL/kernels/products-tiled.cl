/*
 * The products of a dense layer on a graphics card: a group of TILE × TILE work-items (16 × 16, where the device has so
 * large groups) makes 4 × 4 results each, from tiles in local memory. Offsets count floats.
 */
#pragma OPENCL FP_CONTRACT ON

#define SIDE (4 * TILE)
#define DEPTH TILE
#define PITCH (SIDE + 1)

/* C[i, j] = bias[i] + Σ_k A[i·aRow + k·aColumn]·B[k·bRow + j·bColumn] (+ C), C's rows `pitch` apart. */
INLINE void product(
    __global float *C, __global const float *A, __global const float *B, __global const float *bias, int rows,
    int columns, int depth, int aRow, int aColumn, int bRow, int bColumn, int pitch, int accumulate,
    __local float *tileA, __local float *tileB) {
    const int x = get_local_id(0), y = get_local_id(1), item = y * TILE + x;
    const int left = get_group_id(0) * SIDE, top = get_group_id(1) * SIDE;
    float sum[4][4];
#pragma unroll
    for (int i = 0; i < 4; i++)
#pragma unroll
        for (int j = 0; j < 4; j++) sum[i][j] = 0;
    for (int k0 = 0; k0 < depth; k0 += DEPTH) {
        /* Neighbours read neighbours: along whichever axis is contiguous. */
#pragma unroll
        for (int part = 0; part < 4; part++) {
            const int at = item + part * TILE * TILE;
            const int i = aColumn == 1 ? at / DEPTH : at % SIDE, ka = aColumn == 1 ? at % DEPTH : at / SIDE;
            const int j = bRow == 1 ? at / DEPTH : at % SIDE, kb = bRow == 1 ? at % DEPTH : at / SIDE;
            tileA[ka * PITCH + i] =
                top + i < rows && k0 + ka < depth ? A[(top + i) * aRow + (k0 + ka) * aColumn] : 0.0f;
            tileB[kb * PITCH + j] =
                left + j < columns && k0 + kb < depth ? B[(k0 + kb) * bRow + (left + j) * bColumn] : 0.0f;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int k = 0; k < DEPTH; k++) {
            float a[4], b[4];
#pragma unroll
            for (int i = 0; i < 4; i++) {
                a[i] = tileA[k * PITCH + y + TILE * i];
                b[i] = tileB[k * PITCH + x + TILE * i];
            }
#pragma unroll
            for (int i = 0; i < 4; i++)
#pragma unroll
                for (int j = 0; j < 4; j++) sum[i][j] += a[i] * b[j];
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
#pragma unroll
    for (int i = 0; i < 4; i++)
#pragma unroll
        for (int j = 0; j < 4; j++) {
            const int row = top + y + TILE * i, column = left + x + TILE * j;
            if (row < rows && column < columns) {
                __global float *target = C + row * pitch + column;
                *target = sum[i][j] + (bias ? bias[row] : 0.0f) + (accumulate ? *target : 0.0f);
            }
        }
}

/* z[i, s] = bias[i] + Σ_k w[i·outer + k·inner]·x[k, s] */
__kernel __attribute__((reqd_work_group_size(TILE, TILE, 1))) void weightedSums(
    __global float *z, int zAt, __global const float *w, int wAt, __global const float *bias, int biasAt,
    __global const float *x, int xAt, int outputs, int terms, int outer, int inner, int stride) {
    __local float tileA[DEPTH * PITCH], tileB[DEPTH * PITCH];
    product(
        z + zAt, w + wAt, x + xAt, biasAt < 0 ? 0 : bias + biasAt, outputs, stride, terms, outer, inner, stride, 1,
        stride, 0, tileA, tileB);
}

/* a[i, j] (+)= Σ_s d[i, s]·e[j, s] */
__kernel __attribute__((reqd_work_group_size(TILE, TILE, 1))) void outerSums(
    __global float *a, int aAt, __global const float *d, int dAt, __global const float *e, int eAt, int m, int n,
    int stride, int accumulate) {
    __local float tileA[DEPTH * PITCH], tileB[DEPTH * PITCH];
    product(
        a + aAt, d + dAt, e + eAt, 0, m, n, stride, stride, 1, 1, stride, n, accumulate, tileA, tileB);
}
