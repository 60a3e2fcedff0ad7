/* The tile kernel's public functions, which call the instruction set in use. */
#include "fmandel/tile.h"

#include "simd/kernels.h"

int fmandel_tile(const double *re, int width, const double *im, int height, int64_t max_iter, double escape_radius,
                 double *nu, fmandel_counts *counts, const int32_t *cancel) {
  return fmandel_kernels()->tile(re, width, im, height, 0, max_iter, escape_radius, nu, counts, cancel);
}

int fmandel_points(const double *re, const double *im, int width, int height, int64_t max_iter, double escape_radius, double *nu,
                   fmandel_counts *counts, const int32_t *cancel) {
  return fmandel_kernels()->tile(re, width, im, height, 1, max_iter, escape_radius, nu, counts, cancel);
}
