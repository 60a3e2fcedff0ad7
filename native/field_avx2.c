/* AVX2 with FMA: four lanes */
#if defined(__x86_64__)
#include <immintrin.h>

#include "field_kernel.h"

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx2,fma")
#endif

#define LANES 4
#include "field_lanes.h"

#include "field_cycle.h"

const field_loops fmandel_field_avx2 = {distance, stripe, cycle, deep_distance, deep_stripe, deep_cycle};

#if defined(__clang__)
#pragma clang attribute pop
#endif
#else
typedef int nothing; /* a file may not be empty */
#endif
