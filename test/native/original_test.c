/* f, mandelbrot and the two grids against the original's own loops, bit for bit. */
#include <fmandel/fmandel.h>
#include "check.h"

/* the kernel as the original had it, under other names */
static float original_f(float x, float y, int max_iter) {
  float cr = x, ci = y, zr = 0, zi = 0;
  int n = 0;
  for (n = 0; n < max_iter; n++) {
    float tzr = zr, tzi = zi;
    zr = tzr * tzr - tzi * tzi + cr;
    zi = 2 * tzr * tzi + ci;
    if (zr * zr + zi * zi > 4.0) break;
  }
  return 1.0 - (float)n / (float)max_iter;
}

static void original_mandelbrot(float x0, float y0, float x1, float y1, int grid, int max_iter, float *mv) {
  float dx = (x1 - x0) / (float)grid, dy = (y1 - y0) / (float)grid;
  for (int n = 0; n < grid; n++)
    for (int m = 0; m < grid; m++) mv[n * grid + m] = original_f(x0 + (float)m * dx, y0 + (float)n * dy, max_iter);
}

/* numbers of 113 bits */
#ifdef __x86_64__
typedef __float128 quad;
#else
typedef long double quad;
#endif

/*
 * Does |z|, rounded to a double, exceed 2? It does from beyond 2 + 2^-52 on, which lies half way to
 * the next double. A C library's hypot may be wrong in the last digit.
 */
static int exceeds_two(double re, double im) {
  const quad edge = (quad)2 + 0x1p-52, square = (quad)re * re + (quad)im * im;
  return square > edge * edge;
}

/* its plain version: z**2 is a product of complex numbers, abs(z) is rounded */
static double plain_f(double x, double y, int max_iter) {
  double zr = 0, zi = 0;
  for (int n = 0; n < max_iter; n++) {
    const double r = zr * zr - zi * zi, i = zr * zi + zi * zr;
    zr = r + x, zi = i + y;
    if (exceeds_two(zr, zi)) return 1.0 - (double)n / max_iter;
  }
  return 0.0;
}

enum { GRID = 60 };

static void grids_agree(double x0, double y0, double x1, double y1, int max_iter) {
  static float got32[GRID * GRID], want32[GRID * GRID];
  static double got64[GRID * GRID], want64[GRID * GRID];
  original_mandelbrot(x0, y0, x1, y1, GRID, max_iter, want32);
  mandelbrot(x0, y0, x1, y1, GRID, max_iter, got32);
  CHECK(memcmp(got32, want32, sizeof got32) == 0, "mandelbrot at %g %g %g %g, %d", x0, y0, x1, y1, max_iter);
  CHECK(fmandel_grid32(x0, y0, x1, y1, GRID, 0, GRID, max_iter, got32, NULL) == FMANDEL_OK, "grid32");
  CHECK(memcmp(got32, want32, sizeof got32) == 0, "grid32 at %g %g %g %g, %d", x0, y0, x1, y1, max_iter);

  const double dx = (x1 - x0) / GRID, dy = (y1 - y0) / GRID;
  for (int m = 0; m < GRID; m++)
    for (int n = 0; n < GRID; n++) want64[m * GRID + n] = plain_f(x0 + n * dx, y0 + m * dy, max_iter);
  CHECK(fmandel_grid64(x0, y0, x1, y1, GRID, 0, GRID, max_iter, got64, NULL) == FMANDEL_OK, "grid64");
  CHECK(memcmp(got64, want64, sizeof got64) == 0, "grid64 at %g %g %g %g, %d", x0, y0, x1, y1, max_iter);

  /* strips of uneven height are the same rows */
  memset(got32, 0xff, sizeof got32);
  memset(got64, 0xff, sizeof got64);
  for (int first = 0, rows = 7; first < GRID; first += rows) {
    if (first + rows > GRID) rows = GRID - first;
    fmandel_grid32(x0, y0, x1, y1, GRID, first, rows, max_iter, got32 + first * GRID, NULL);
    fmandel_grid64(x0, y0, x1, y1, GRID, first, rows, max_iter, got64 + first * GRID, NULL);
  }
  CHECK(memcmp(got32, want32, sizeof got32) == 0, "strips of grid32 at %g %g %g %g, %d", x0, y0, x1, y1, max_iter);
  CHECK(memcmp(got64, want64, sizeof got64) == 0, "strips of grid64 at %g %g %g %g, %d", x0, y0, x1, y1, max_iter);
}

int main(void) {
  for (int max_iter = 1; max_iter <= 12; max_iter++) grids_agree(-2, -1.5, 1, 1.5, max_iter);
  grids_agree(-2, -1.5, 1, 1.5, 1000);
  grids_agree(1, 1.5, -2, -1.5, 100);
  grids_agree(-0.75, 0.09, -0.73, 0.11, 3000);
  grids_agree(-1.7687789, -0.0017, -1.7687780, 0.0017, 3000);
  grids_agree(-2, 0, 2, 0, 500);
  grids_agree(-1e19, -1e19, 1e19, 1e19, 50);
  grids_agree(-1e300, -1e300, 1e300, 1e300, 50);
  /* |z| = 2 to the last bits, where a sum of squares and hypot may disagree */
  grids_agree(-2, -1e-8, -2 + 1e-15, 1e-8, 200);
  for (int k = 0; k < 40; k++) {
    const double x = random_between(-2, 0.5), y = random_between(-1.2, 1.2), size = exp2(random_between(-40, 1));
    grids_agree(x, y, x + size, y + size, 1 + (int)random_between(0, 800));
  }

  /* on the circle of radius 2 the first iterate is the sample itself */
  int border = 0;
  for (int k = 0; k < 20000; k++) {
    const double angle = random_between(0, 6.283185307179586), x = 2 * cos(angle), y = 2 * sin(angle);
    double got;
    fmandel_grid64(x, y, x, y, 1, 0, 1, 3, &got, NULL);
    border += got != plain_f(x, y, 3);
  }
  CHECK(border == 0, "%d of 20000 samples on the circle |c| = 2 differ", border);

  int differ = 0;
  for (int k = 0; k < 20000; k++) {
    const float x = random_between(-2, 0.6), y = random_between(-1.2, 1.2);
    const int max_iter = 1 + (int)random_between(0, 2000);
    const float got = f(x, y, max_iter), want = original_f(x, y, max_iter);
    differ += memcmp(&got, &want, sizeof got) != 0;
  }
  CHECK(differ == 0, "f differs on %d of 20000 random samples", differ);
  CHECK(f(0, 0, 2147483647) == 0, "the centre of the set at the largest limit ends by its cycle");
  CHECK(f(2.5f, 0, 0) != f(2.5f, 0, 0) && f(0, 0, -3) == original_f(0, 0, -3), "limits that are none, as the original has it");

  const int32_t stop = 1;
  static float out32[GRID * GRID];
  static double out64[GRID * GRID];
  CHECK(fmandel_grid32(-2, -1.5, 1, 1.5, GRID, 0, GRID, 1000, out32, &stop) == FMANDEL_CANCELLED, "grid32 stops");
  CHECK(fmandel_grid64(-2, -1.5, 1, 1.5, GRID, 0, GRID, 1000, out64, &stop) == FMANDEL_CANCELLED, "grid64 stops");
  return checked();
}
