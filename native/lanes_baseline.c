/* what every processor of the family has: two lanes */
#define LANES 2
#include "lanes.h"

const kernels fmandel_baseline = {tile, points, index_of};
