/* AVX2 with FMA: four lanes */
#if defined(__x86_64__)
#include <immintrin.h>

#include "julia_kernel.h"

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx2,fma")
#endif

#define LANES 4
#include "julia_lanes.h"

int fmandel_julia_avx2(const julia_view *view, fmandel_counts *counts) { return julia(view, counts); }

#if defined(__clang__)
#pragma clang attribute pop
#endif
#else
typedef int nothing; /* a file may not be empty */
#endif
