/* NEON, which every 64-bit ARM has: two lanes. */
#if defined(__aarch64__)
#define LANES 2
#define KERNELS fmandel_kernels_neon
#include "simd/kernels_template.h"
#else
typedef int nothing; /* a file must not be empty */
#endif
