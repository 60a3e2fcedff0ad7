/* what every processor of the family has: two lanes */
#define LANES 2
#include "deep_lanes.h"

const deep_loops fmandel_deep_baseline = {bla_build, run};
