/*
 * Frames of films: invariants of any filter, and no access outside the arrays (run under
 * sanitizers).
 */
#include <fmandel/fmandel.h>

#include "check.h"

static uint8_t *picture(int64_t width, int64_t height, int kind) {
  uint8_t *rgb = malloc(3 * (size_t)(width * height));
  for (int64_t at = 0; at < 3 * width * height; at++)
    rgb[at] = kind < 256 ? (uint8_t)kind : (uint8_t)(random_bits() >> 56);
  return rgb;
}

static void frame(const fmandel_picture *key, const fmandel_picture *next, double part, int64_t width, int64_t height,
                  uint8_t *rgb, const int32_t *cancel, int expected) {
  const int64_t bytes = fmandel_film_scratch(key, width, height);
  void *scratch = aligned_alloc(16, (size_t)bytes);
  const int status = fmandel_film_frame(key, next, part, width, height, rgb, scratch, cancel);
  CHECK(status == expected, "%d, %lld x %lld of %lld x %lld, part %g", status, (long long)width, (long long)height,
        (long long)key->width, (long long)key->height, part);
  free(scratch);
}

static void sizes(void) {
  static const int64_t SIZES[][4] = {{1, 1, 1, 1}, {2, 2, 1, 1}, {8, 3, 1, 1}, {7, 5, 7, 5}, {64, 36, 32, 18}, {33, 47, 16, 11}, {40, 40, 5, 40}, {200, 2, 100, 1}};
  for (unsigned s = 0; s < sizeof SIZES / sizeof *SIZES; s++) {
    const int64_t *size = SIZES[s], bytes = 3 * size[2] * size[3];
    uint8_t *first = picture(size[0], size[1], 200), *second = picture(size[0], size[1], 200), *out = malloc((size_t)bytes);
    const fmandel_picture key = {first, size[0], size[1]}, next = {second, size[0], size[1]};
    for (int step = 0; step <= 20; step++) {
      frame(&key, step > 0 ? &next : NULL, step / 20.0, size[2], size[3], out, NULL, FMANDEL_OK);
      /* one colour stays that colour: the weights of every pixel add up to 1 */
      for (int64_t at = 0; at < bytes; at++) CHECK(out[at] == 200, "%u, step %d, byte %lld: %d", s, step, (long long)at, out[at]);
    }
    free(first), free(second), free(out);
  }
}

static void random_pictures(void) {
  for (int turn = 0; turn < 300; turn++) {
    const int64_t width = 1 + (int64_t)(random_bits() % 40), height = 1 + (int64_t)(random_bits() % 40);
    const int64_t wide = width + (int64_t)(random_bits() % (uint64_t)(7 * width + 1)), high = height + (int64_t)(random_bits() % 90);
    uint8_t *first = picture(wide, high, 256), *second = picture(wide, high, 256), *out = malloc((size_t)(3 * width * height));
    const fmandel_picture key = {first, wide, high}, next = {second, wide, high};
    frame(&key, &next, random_between(0, 1), width, height, out, NULL, FMANDEL_OK);
    free(first), free(second), free(out);
  }
}

static void refuses(void) {
  uint8_t *rgb = picture(32, 32, 0), out[48];
  const fmandel_picture key = {rgb, 32, 32}, small = {rgb, 16, 16};
  const int32_t stop = 1;
  frame(&key, NULL, 0, 4, 4, out, &stop, FMANDEL_CANCELLED);
  frame(&key, NULL, 0.5, 4, 4, out, NULL, FMANDEL_REFUSED);
  frame(&key, &small, 0.5, 4, 4, out, NULL, FMANDEL_REFUSED);
  frame(&key, &key, -0.1, 4, 4, out, NULL, FMANDEL_REFUSED);
  frame(&key, &key, NAN, 4, 4, out, NULL, FMANDEL_REFUSED);
  CHECK(fmandel_film_scratch(&key, 3, 4) == -1, "more than 8 times finer");
  CHECK(fmandel_film_scratch(&key, 33, 4) == -1, "wider than its key frame");
  free(rgb);
}

int main(void) {
  sizes();
  random_pictures();
  refuses();
  return checked();
}
