/* The kernels for every processor of the architecture: SSE2 on x86-64, NEON on aarch64. */
#include "levels.h"

#define LC_THIS_LEVEL 0
#define LC_TABLE lc_table_baseline
#include "level.h"
