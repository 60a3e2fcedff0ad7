/* NEON, which every 64-bit ARM has: two lanes */
#if defined(__aarch64__)
#define LANES 2
#include "field_lanes.h"

#include "field_deep.h"

const field_loops fmandel_field_neon = {distance, stripe, deep_distance, deep_stripe};
#else
typedef int nothing; /* a file may not be empty */
#endif
