/* AVX-512: eight lanes */
#if defined(__x86_64__)
#include <immintrin.h>

#include "deep_kernel.h"

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,fma"))), apply_to = function)
#else
#pragma GCC target("avx512f,avx512dq,fma")
#endif

#define LANES 8
#include "deep_lanes.h"

const deep_loops fmandel_deep_avx512 = {bla_build, run};

#if defined(__clang__)
#pragma clang attribute pop
#endif
#else
typedef int nothing; /* a file may not be empty */
#endif
