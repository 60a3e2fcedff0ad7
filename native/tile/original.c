/*
 * The original interface, f and mandelbrot, and its twin in double precision.
 *
 * Both loops end early when the iteration returns to an earlier state: then it never escapes, and
 * the value is the one that the limit would have given. The state is saved at growing ages (Brent),
 * so a cycle of any length is detected. The comparison is exact, so no bit of any value changes. A
 * closed form for the cardioid would change some, so it is not used here. Nothing may be contracted
 * into fused multiply-adds: the file is compiled with -ffp-contract=off.
 */
#include "fmandel/original.h"

#include <stddef.h>

#include "cancel.h"
#include "simd/fma.h"

/* 2^20 iterations take about 2 ms; the flag is polled that often, and before every sample */
enum { POLL = 1 << 20 };

/* The first n, from 0 on, with |z| > 2; max_iter if there is none; -1 if cancelled. */
static int escape32(float cr, float ci, int max_iter, const int32_t *cancel) {
  float zr = 0, zi = 0, kept_r = 0, kept_i = 0;
  int n = 0;
  for (int64_t age = 1; n < max_iter; n++) {
    const float r = zr, i = zi;
    zr = r * r - i * i + cr;
    zi = 2 * r * i + ci;
    if (zr * zr + zi * zi > 4.0f) return n;
    if (zr == kept_r && zi == kept_i) return max_iter;
    if (n == age) kept_r = zr, kept_i = zi, age *= 2;
    if (n % POLL == POLL - 1 && cancelled(cancel)) return -1;
  }
  return n;
}

/*
 * The plain version asks whether |z|, rounded, exceeds 2: whether re^2 + im^2 > (2 + 2^-52)^2, half
 * an ulp past 2. Squares decide it unless they are within rounding of 4: their relative error is
 * below 2^-52. There the sum is computed in twice the digits, to 2^-100. hypot would not do: each
 * C library rounds it in another way, and glibc's has a version that Debian 11 lacks.
 */
static int outside(double re, double im) {
  const double a = re * re, b = im * im, square = a + b, doubt = 4 * 0x1p-48;
  if (square < 4 - doubt) return 0;
  if (square > 4 + doubt) return 1;
  const double part = square - a;
  const double rest = (a - (square - part)) + (b - part) + fma(re, re, -a) + fma(im, im, -b);
  return (square - 4 - 0x1p-50) + (rest - 0x1p-104) > 0;
}

static int escape64(double cr, double ci, int max_iter, const int32_t *cancel) {
  double zr = 0, zi = 0, kept_r = 0, kept_i = 0;
  int n = 0;
  for (int64_t age = 1; n < max_iter; n++) {
    const double r = zr, i = zi;
    zr = r * r - i * i + cr;
    zi = r * i + i * r + ci;
    if (outside(zr, zi)) return n;
    if (zr == kept_r && zi == kept_i) return max_iter;
    if (n == age) kept_r = zr, kept_i = zi, age *= 2;
    if (n % POLL == POLL - 1 && cancelled(cancel)) return -1;
  }
  return n;
}

/* the quotient is single, the difference double, and the value single again */
static float value32(int n, int max_iter) {
  return (float)(1.0 - (double)((float)n / (float)max_iter));
}

float f(float x, float y, int max_iter) {
  return value32(escape32(x, y, max_iter, NULL), max_iter);
}

int fmandel_grid32(float x0, float y0, float x1, float y1, int grid, int first, int rows, int max_iter, float *mv,
                   const int32_t *cancel) {
  const float dx = (x1 - x0) / (float)grid, dy = (y1 - y0) / (float)grid;
  for (int m = first; m < first + rows; m++)
    for (int n = 0; n < grid; n++) {
      if (cancelled(cancel)) return FMANDEL_CANCELLED;
      const int count = escape32(x0 + (float)n * dx, y0 + (float)m * dy, max_iter, cancel);
      if (count < 0) return FMANDEL_CANCELLED;
      mv[(int64_t)(m - first) * grid + n] = value32(count, max_iter);
    }
  return FMANDEL_OK;
}

void mandelbrot(float x0, float y0, float x1, float y1, int grid, int max_iter, float *mv) {
  fmandel_grid32(x0, y0, x1, y1, grid, 0, grid, max_iter, mv, NULL);
}

int fmandel_grid64(double x0, double y0, double x1, double y1, int grid, int first, int rows, int max_iter, double *mv,
                   const int32_t *cancel) {
  const double dx = (x1 - x0) / grid, dy = (y1 - y0) / grid;
  for (int m = first; m < first + rows; m++)
    for (int n = 0; n < grid; n++) {
      if (cancelled(cancel)) return FMANDEL_CANCELLED;
      const int count = escape64(x0 + n * dx, y0 + m * dy, max_iter, cancel);
      if (count < 0) return FMANDEL_CANCELLED;
      mv[(int64_t)(m - first) * grid + n] = count < max_iter ? 1.0 - (double)count / max_iter : 0.0;
    }
  return FMANDEL_OK;
}
