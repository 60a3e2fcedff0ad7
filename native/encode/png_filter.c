/* The rows of a PNG with the filter Sub. */
#include "fmandel/encode.h"

void fmandel_png_sub_filter(const uint8_t *index, int width, int height, uint8_t *rows) {
  for (int row = 0; row < height; row++, index += width, rows += width + 1) {
    rows[0] = 1;
    rows[1] = index[0];
    for (int i = 1; i < width; i++) rows[i + 1] = (uint8_t)(index[i] - index[i - 1]);
  }
}
