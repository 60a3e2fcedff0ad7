/* The instructions that every processor of the family has: two lanes. */
#define LANES 2
#define KERNELS fmandel_kernels_baseline
#include "simd/kernels_template.h"
