/* what every processor of the family has: two lanes */
#define LANES 2
#include "julia_lanes.h"

int fmandel_julia_baseline(const julia_view *view, fmandel_counts *counts) { return julia(view, counts); }
