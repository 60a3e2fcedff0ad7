/* The two largest components in closed form, and views that are their own mirror image. */
#ifndef FMANDEL_INTERIOR_CLOSED_FORM_H
#define FMANDEL_INTERIOR_CLOSED_FORM_H

#include <stdint.h>

#include "simd/fma.h"

/*
 * The main cardioid is q (q + x) < im^2 / 4 with x = re - 1/4, q = x^2 + im^2. The disc of period 2
 * is (re + 1)^2 + im^2 < 1/16. Both are shrunk by more than the rounding of either side, so that no
 * sample outside is accepted: q (q + x) by 2^-49 q, where it is off by at most 11 units of 2^-53 q,
 * and the disc by 2^-53, where the sum, near 1/16, is off by 3/16 of that.
 */
#define CARDIOID_MARGIN 0x1p-49
#define PERIOD_2_DISC (0.0625 - 0x1p-53)

static inline int in_closed_form(double re, double im) {
  const double x = re - 0.25, im2 = im * im, q = fma(x, x, im2);
  return q * (q + (x + CARDIOID_MARGIN)) < 0.25 * im2 || fma(re + 1, re + 1, im2) < PERIOD_2_DISC;
}

/*
 * Are the rows below the middle those above it with the other sign of the imaginary part? Then
 * their orbits are mirror images too, and nu is the same. re and im are as in fmandel_tile or, if
 * points is 1, as in fmandel_points.
 */
static inline int mirrored(const double *re, const double *im, int width, int height, int points) {
  if (height % 2 != 0) return 0;
  for (int j = 0; j < height / 2; j++) {
    if (!points && im[j] != -im[height - 1 - j]) return 0;
    const int64_t here = (int64_t)j * width, there = (int64_t)(height - 1 - j) * width;
    for (int i = 0; points && i < width; i++)
      if (re[here + i] != re[there + i] || im[here + i] != -im[there + i]) return 0;
  }
  return 1;
}

#endif
