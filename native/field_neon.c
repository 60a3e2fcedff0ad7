/* NEON, which every 64-bit ARM has: two lanes */
#if defined(__aarch64__)
#define LANES 2
#include "field_lanes.h"

#include "field_cycle.h"

const field_loops fmandel_field_neon = {distance, stripe, cycle, deep_distance, deep_stripe, deep_cycle};
#else
typedef int nothing; /* a file may not be empty */
#endif
