/* AVX2 with FMA: four lanes. */
#if defined(__x86_64__) && !defined(FMANDEL_BASELINE)
#include <immintrin.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

/*
 * included after the target is set, so that small functions of headers have fma even where they are
 * called
 */
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx2,fma")
#endif

#define LANES 4
#define KERNELS fmandel_kernels_avx2
#include "simd/kernels_template.h"

#if defined(__clang__)
#pragma clang attribute pop
#endif
#else
typedef int nothing; /* a file must not be empty */
#endif
