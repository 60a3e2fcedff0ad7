/* Numbers in single precision: a plain loop, which compilers turn into vectors. */
#include "fmandel/tile.h"

void fmandel_to_float(const double *from, int64_t count, float *to) {
  for (int64_t i = 0; i < count; i++) to[i] = (float)from[i];
}
