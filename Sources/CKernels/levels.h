/* Shared by the files of the levels and the choice between them. */
#pragma once
#include <cblas.h>
#include <math.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif
#include "CKernels.h"

extern const lc_kernels lc_table_baseline;
#if defined(__x86_64__)
extern const lc_kernels lc_table_v3, lc_table_v4;
#endif
