/*
 * The Julia kernel of the instruction set in use against the plain loop, bit for bit, and both
 * against the definition.
 */
#include <fmandel/fmandel.h>
#include "tile/iteration.h"
#include "tile/tile_scalar.h"
#include "julia/julia_scalar.h"
#include "check.h"

enum { SIDE = 61 };

static double re[SIDE], im[SIDE];

static void square(double x, double y, double size, int width, int height) {
  for (int i = 0; i < width; i++) re[i] = x + size * ((i + 0.5) / width - 0.5);
  for (int j = 0; j < height; j++) im[j] = y - size * ((j + 0.5) / height - 0.5);
}

static fmandel_counts twins_agree(double cr, double ci, int width, int height, int64_t max_iter, double radius, double *nu) {
  static double fast[SIDE * SIDE + 1], slow[SIDE * SIDE + 1];
  fmandel_counts counts = {-1, -1, -1, -1, -1}, slow_counts = {-2, -2, -2, -2, -2};
  const int count = width * height;
  for (int i = 0; i <= count; i++) fast[i] = slow[i] = 12345.5;
  CHECK(fmandel_julia(cr, ci, re, width, im, height, max_iter, radius, fast, &counts, NULL) == FMANDEL_OK, "ends");
  fmandel_julia_scalar(cr, ci, re, width, im, height, max_iter, radius, slow, &slow_counts, NULL);
  int differ = 0;
  for (int i = 0; i <= count; i++) differ += memcmp(&fast[i], &slow[i], sizeof *fast) != 0;
  CHECK(differ == 0 && fast[count] == 12345.5, "%d of %d samples differ, c %.17g %.17g, %d x %d, limit %lld, radius %g", differ,
        count, cr, ci, width, height, (long long)max_iter, radius);
  CHECK(memcmp(&counts, &slow_counts, sizeof counts) == 0, "counts, c %.17g %.17g, limit %lld: %lld %lld", cr, ci,
        (long long)max_iter, (long long)counts.iterations, (long long)slow_counts.iterations);
  CHECK(counts.escaped + counts.interior + counts.limited == count, "the counts add up");
  if (nu) memcpy(nu, fast, sizeof *nu * (size_t)count);
  return counts;
}

/* the definition, by the C library's own logarithms */
static double defined(double cr, double ci, double zr, double zi, int64_t max_iter, double radius) {
  for (int64_t n = 1; n <= max_iter; n++) {
    if (hypot(zr, zi) > radius) {
      const double nu = (double)n - log2(log2(hypot(zr, zi)));
      return nu > 0 ? nu : 0;
    }
    const double r = fma(-zi, zi, fma(zr, zr, cr));
    zi = fma(zr + zr, zi, ci);
    zr = r;
  }
  return FMANDEL_LIMIT;
}

static void follows_the_definition(void) {
  static const struct {
    double re, im;
    /* is there an attracting cycle? If not, at most the origin returns, where its orbit is exact */
    int interior;
  } points[] = {{-0.123, 0.745, 1}, {-1, 0, 1}, {0, 0, 1}, {0.285, 0.01, 0}, {-0.8, 0.156, 0}, {0, 1, 0}, {-2, 0, 0}, {2.5, -3, 0}};
  static double nu[SIDE * SIDE];
  for (unsigned p = 0; p < sizeof points / sizeof *points; p++) {
    square(0, 0, 4, SIDE, SIDE);
    const double cr = points[p].re, ci = points[p].im;
    const fmandel_counts counts = twins_agree(cr, ci, SIDE, SIDE, 3000, 256, nu);
    CHECK((counts.interior > 1) == points[p].interior, "interior of %g %g: %lld", cr, ci, (long long)counts.interior);
    for (int at = 0; at < SIDE * SIDE; at++) {
      const double truth = defined(cr, ci, re[at % SIDE], im[at / SIDE], 3000, 256);
      if (truth < 0) CHECK(nu[at] < 0, "c %g %g, sample %d: %.17g", cr, ci, at, nu[at]);
      else CHECK(fabs(nu[at] - truth) < 1e-9 * (1 + truth), "c %g %g, sample %d: %.17g, not %.17g", cr, ci, at, nu[at], truth);
    }
  }
}

/* the count at z = c is that of the Mandelbrot set at c */
static void meets_the_mandelbrot_set(void) {
  for (int i = 0; i < 300; i++) {
    const double cr = random_between(-2, 1), ci = random_between(-1.5, 1.5);
    double one, other;
    fmandel_tile_scalar(&cr, 1, &ci, 1, 2000, 256, &one, NULL, NULL);
    fmandel_julia(cr, ci, &cr, 1, &ci, 1, 2000, 256, &other, NULL, NULL);
    CHECK(one < 0 ? other < 0 : one == other, "%.17g %.17g: %.17g and %.17g", cr, ci, one, other);
  }
}

static void any_view(void) {
  static const int64_t limits[] = {1, 2, 7, 8, 9, 10, 16, 17, 100, 1001, 5000};
  for (int i = 0; i < 200; i++) {
    const int width = 1 + (int)(random_bits() % SIDE), height = 1 + (int)(random_bits() % 9);
    square(random_between(-2, 2), random_between(-2, 2), pow(2, random_between(-30, 2)), width, height);
    const double radius = random_bits() & 1 ? 256 : random_between(4, 1e6);
    twins_agree(random_between(-2, 2), random_between(-1.5, 1.5), width, height, limits[random_bits() % 11], radius, NULL);
  }
}

static void stops_when_cancelled(void) {
  static double nu[SIDE * SIDE];
  const int32_t cancel = 1;
  square(0, 0, 1, SIDE, SIDE);
  CHECK(fmandel_julia(0.25, 0, re, SIDE, im, SIDE, 1000000000, 256, nu, NULL, &cancel) == FMANDEL_CANCELLED, "stops");
  CHECK(fmandel_julia_scalar(0.25, 0, re, SIDE, im, SIDE, 1000000000, 256, nu, NULL, &cancel) == FMANDEL_CANCELLED, "stops");
}

int main(void) {
  follows_the_definition();
  meets_the_mandelbrot_set();
  any_view();
  stops_when_cancelled();
  return checked();
}
