/* The rows of a PNG with the filters Sub and Up. */
#include <string.h>

#include "fmandel/encode.h"

enum { SUB = 1, UP = 2 };

void fmandel_png_sub_filter(const uint8_t *index, int width, int height, uint8_t *rows) {
  for (int row = 0; row < height; row++, index += width, rows += width + 1) {
    rows[0] = SUB;
    rows[1] = index[0];
    for (int i = 1; i < width; i++) rows[i + 1] = (uint8_t)(index[i] - index[i - 1]);
  }
}

/*
 * The sum of the differences' sizes as signed bytes. Parts of it are 16 bits wide, so that
 * compilers add eight of them or more at a time.
 */
static int64_t size_of_differences(const uint8_t *restrict from, const uint8_t *restrict other, int64_t count) {
  enum { AT_ONCE = 256 };
  int64_t sum = 0;
  while (count > 0) {
    const int64_t some = count < AT_ONCE ? count : AT_ONCE;
    uint16_t part = 0; /* at most 256 x 128 */
    for (int64_t i = 0; i < some; i++) {
      const uint8_t up = (uint8_t)(from[i] - other[i]), down = (uint8_t)-up;
      part = (uint16_t)(part + (up < down ? up : down));
    }
    sum += part, from += some, other += some, count -= some;
  }
  return sum;
}

void fmandel_png_filter(const uint8_t *pixels, int64_t stride, int64_t height, int pixel, uint8_t *rows) {
  static const uint8_t nothing[8];
  for (int64_t row = 0; row < height; row++, pixels += stride, rows += stride + 1) {
    const int64_t first = pixel < stride ? pixel : stride;
    int up = 0;
    if (row > 0) {
      const int64_t sub = size_of_differences(pixels, nothing, first) + size_of_differences(pixels + first, pixels, stride - first);
      up = size_of_differences(pixels, pixels - stride, stride) < sub;
    }
    rows[0] = up ? UP : SUB;
    uint8_t *restrict to = rows + 1;
    const uint8_t *restrict other = up ? pixels - stride : pixels;
    const int64_t from = up ? 0 : first;
    memcpy(to, pixels, (size_t)from);
    for (int64_t i = from; i < stride; i++) to[i] = (uint8_t)(pixels[i] - other[i - from]);
  }
}
