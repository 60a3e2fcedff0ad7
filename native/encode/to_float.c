/* What is done to every number of a tile on its way out. Plain loops that compilers turn into vectors, with nothing that could round differently. */
#include "fmandel/tile.h"

void fmandel_to_float(const double *from, int64_t count, float *to) {
  for (int64_t i = 0; i < count; i++) to[i] = (float)from[i];
}
