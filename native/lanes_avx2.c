/* AVX2 with FMA: four lanes */
#if defined(__x86_64__)
#include <immintrin.h>

#include "kernel.h"

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx2,fma")
#endif

#define LANES 4
#include "lanes.h"

const kernels fmandel_avx2 = {tile, points, index_of};

#if defined(__clang__)
#pragma clang attribute pop
#endif
#else
typedef int nothing; /* a file may not be empty */
#endif
