/* AVX-512: eight lanes */
#if defined(__x86_64__)
#include <immintrin.h>

#include "kernel.h"

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,fma"))), apply_to = function)
#else
#pragma GCC target("avx512f,avx512dq,fma")
#endif

#define LANES 8
#include "lanes.h"

const kernels fmandel_avx512 = {tile, points, index_of};

#if defined(__clang__)
#pragma clang attribute pop
#endif
#else
typedef int nothing; /* a file may not be empty */
#endif
