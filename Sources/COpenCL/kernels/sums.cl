/* The kernels beside the products on every device. Offsets count lanes but for c's. */

/* c[i] (+)= Σ_s d[i, s]: a group to a row. */
__kernel void rowSums(
    __global float *c, int cAt, __global const lanes *d, int dAt, int stride, int accumulate, __local float *parts) {
    const int row = get_group_id(0);
    lanes sum = splat(0);
    for (int s = get_local_id(0); s < stride; s += get_local_size(0)) sum += d[dAt + row * stride + s];
    parts[get_local_id(0)] = sumOfLanes(sum);
    barrier(CLK_LOCAL_MEM_FENCE);
    if (get_local_id(0) == 0) {
        float total = 0;
        for (int i = 0; i < get_local_size(0); i++) total += parts[i];
        c[cAt + row] = total + (accumulate ? c[cAt + row] : 0.0f);
    }
}

/* z[i, s] = bias[i], before a product that is added; 0 where there is none. */
__kernel void spreadBias(__global lanes *z, int zAt, __global const float *bias, int biasAt, int stride) {
    const int i = get_global_id(1);
    FOR_EACH(s, stride) z[zAt + i * stride + s] = splat(biasAt < 0 ? 0.0f : bias[biasAt < 0 ? 0 : biasAt + i]);
}
