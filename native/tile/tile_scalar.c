/*
 * The tile kernel as a plain loop, one sample after the other. The vectors must give the same bits.
 */
#include "tile/tile_scalar.h"

#include "cancel.h"
#include "interior/cycle.h"

#define LANES 1
#include "simd/vector.h"

#include "fmandel/tile.h"
#include "interior/probe_template.h"
#include "tile/iteration.h"
#include "tile/smooth.h"

/*
 * 2^16 iterations take less than a millisecond if fma is an instruction, and a few milliseconds if
 * not
 */
enum { POLL = 1 << 16 };

/* Fills nu, which may hold a mark, and adds to the counts. */
static int sample(double cr, double ci, int marked, int64_t max_iter, double radius2, double *nu, fmandel_counts *counts,
                  const int32_t *cancel) {
  if (in_closed_form(cr, ci) || (marked && *nu < 0)) {
    *nu = FMANDEL_INTERIOR;
    counts->interior++;
    return FMANDEL_OK;
  }
  double zr = 0, zi = 0, kept_r = NAN, kept_i = NAN;
  int64_t n = 0, keep = KEEP;
  while (n < max_iter) {
    const double t = fma(zr, zr, cr);
    const double r = fma(-zi, zi, t);
    zi = fma(zr + zr, zi, ci);
    zr = r;
    n++;
    if (fma(zr, zr, zi * zi) > radius2) {
      *nu = smooth((vec){(double)n}, (vec){zr}, (vec){zi})[0];
      counts->escaped++;
      counts->iterations += n;
      return FMANDEL_OK;
    }
    if (n % BLOCK != 0) continue;
    if (zr == kept_r && zi == kept_i) {
      if (!cycle_attracts(zr, zi, cr, ci)) break;
      *nu = FMANDEL_INTERIOR;
      counts->interior++;
      counts->iterations += n;
      return FMANDEL_OK;
    }
    if (n == keep) kept_r = zr, kept_i = zi, keep = AGING * n;
    if (n % POLL == 0 && cancelled(cancel)) return FMANDEL_CANCELLED;
  }
  *nu = FMANDEL_LIMIT;
  counts->limited++;
  counts->iterations += max_iter;
  return FMANDEL_OK;
}

int fmandel_tile_scalar(const double *re, int width, const double *im, int height, int64_t max_iter,
                        double escape_radius, double *nu, fmandel_counts *counts, const int32_t *cancel) {
  const double radius2 = escape_radius * escape_radius;
  fmandel_counts all_counts = {0};
  const int half = mirrored(re, im, width, height, 0) ? height / 2 : height;
  marked_view f = {re, im, width, half, 0, nu, 0};
  if (!probe_view(&f, max_iter, cancel)) return FMANDEL_CANCELLED;
  if (f.marked)
    for (int row = half; row < height; row++)
      memcpy(nu + (int64_t)row * width, nu + (int64_t)(height - 1 - row) * width, sizeof *nu * (size_t)width);
  for (int row = 0; row < height; row++)
    for (int column = 0; column < width; column++, nu++)
      if (cancelled(cancel) || sample(re[column], im[row], f.marked, max_iter, radius2, nu, &all_counts, cancel) != FMANDEL_OK)
        return FMANDEL_CANCELLED;
  if (counts) *counts = all_counts;
  return FMANDEL_OK;
}
