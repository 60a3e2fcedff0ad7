/* What is done to every number of a tile on its way out. Plain loops that compilers turn into vectors, with nothing that could round differently. */
#include "fmandel.h"

void fmandel_narrow(const double *from, int64_t count, float *to) {
  for (int64_t i = 0; i < count; i++) to[i] = (float)from[i];
}

void fmandel_differences(const uint8_t *index, int width, int height, uint8_t *rows) {
  for (int row = 0; row < height; row++, index += width, rows += width + 1) {
    rows[0] = 1;
    rows[1] = index[0];
    for (int i = 1; i < width; i++) rows[i + 1] = (uint8_t)(index[i] - index[i - 1]);
  }
}
