/* NEON, which every 64-bit ARM has: two lanes */
#if defined(__aarch64__)
#define LANES 2
#include "julia_lanes.h"

int fmandel_julia_neon(const julia_view *view, fmandel_counts *counts) { return julia(view, counts); }
#else
typedef int nothing; /* a file may not be empty */
#endif
