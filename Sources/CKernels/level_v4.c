/* The kernels for x86-64-v4: AVX-512. The compiler would prefer 256-bit registers; min_vector_width lets it use zmm. */
#include "levels.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("arch=x86-64-v4"), min_vector_width(512))), apply_to = function)
#pragma clang fp contract(fast)
#define LC_THIS_LEVEL 4
#define LC_TABLE lc_table_v4
#include "level.h"
#pragma clang attribute pop
#endif
