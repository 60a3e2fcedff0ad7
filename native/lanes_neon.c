/* NEON, which every 64-bit ARM has: two lanes */
#if defined(__aarch64__)
#define LANES 2
#include "lanes.h"

const kernels fmandel_neon = {tile, points, index_of};
#else
typedef int nothing; /* a file may not be empty */
#endif
