/*
 * The Julia kernel as a plain loop, one sample after the other. The vectors must give the same
 * bits.
 */
#include "julia/julia_scalar.h"

#include "cancel.h"
#include "julia/view.h"
#include "tile/iteration.h"

#define LANES 1
#include "simd/vector.h"

#include "tile/smooth.h"

/*
 * n of a sample that escapes, with its z beyond R; otherwise FMANDEL_INTERIOR or FMANDEL_LIMIT; 0
 * if cancelled. Also the number of iterates computed.
 */
static double sample(const julia_view *view, double *zr, double *zi, int64_t *n) {
  double kept_r = INFINITY, kept_i = INFINITY;
  int64_t keep = BLOCK;
  *n = 1;
  for (;;) {
    if (!(fma(*zr, *zr, *zi * *zi) <= view->radius2)) return (double)*n;
    const int64_t made = *n - 1;
    if (made > 0 && made % BLOCK == 0) {
      if (*zr == kept_r && *zi == kept_i) return FMANDEL_INTERIOR;
      if (made == keep) kept_r = *zr, kept_i = *zi, keep = made < KEEP ? KEEP : AGING * made;
      if (cancelled(view->cancel)) return 0;
    }
    if (*n == view->max_iter) return FMANDEL_LIMIT;
    const double t = fma(*zr, *zr, view->cr), i = *zi;
    *zi = fma(*zr + *zr, i, view->ci);
    *zr = fma(-i, i, t);
    ++*n;
  }
}

int fmandel_julia_scalar(double cr, double ci, const double *re, int width, const double *im, int height, int64_t max_iter,
                         double escape_radius, double *nu, fmandel_counts *counts, const int32_t *cancel) {
  const julia_view view = {cr, ci, re, im, width, height, max_iter, escape_radius * escape_radius, nu, cancel};
  fmandel_counts sum = {0};
  for (int row = 0; row < height; row++)
    for (int column = 0; column < width; column++, nu++) {
      double zr = re[column], zi = im[row];
      int64_t made;
      const double n = sample(&view, &zr, &zi, &made);
      if (n == 0 || cancelled(cancel)) return FMANDEL_CANCELLED;
      *nu = n < 0 ? n : smooth((vec){n}, (vec){zr}, (vec){zi})[0];
      sum.escaped += n > 0, sum.interior += n == FMANDEL_INTERIOR, sum.limited += n == FMANDEL_LIMIT;
      sum.iterations += made;
    }
  if (counts) *counts = sum;
  return FMANDEL_OK;
}
