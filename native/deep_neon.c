/* NEON, which every 64-bit ARM has: two lanes */
#if defined(__aarch64__)
#define LANES 2
#include "deep_lanes.h"

const deep_loops fmandel_deep_neon = {bla_build, run};
#else
typedef int nothing; /* a file may not be empty */
#endif
