/* The kernels for x86-64-v3: AVX2 and FMA. */
#include "levels.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"), min_vector_width(256))), apply_to = function)
#pragma clang fp contract(fast)
#define LC_THIS_LEVEL 3
#define LC_TABLE lc_table_v3
#include "level.h"
#pragma clang attribute pop
#endif
