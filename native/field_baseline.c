/* what every processor of the family has: two lanes */
#define LANES 2
#include "field_lanes.h"

#include "field_cycle.h"

const field_loops fmandel_field_baseline = {distance, stripe, cycle, deep_distance, deep_stripe, deep_cycle};
