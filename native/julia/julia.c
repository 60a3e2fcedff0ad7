/* The Julia kernel's public function, which calls the instruction set in use. */
#include "fmandel/julia.h"

#include "julia/view.h"
#include "simd/kernels.h"

int fmandel_julia(double cr, double ci, const double *re, int width, const double *im, int height, int64_t max_iter,
                  double escape_radius, double *nu, fmandel_counts *counts, const int32_t *cancel) {
  const julia_view view = {cr, ci, re, im, width, height, max_iter, escape_radius * escape_radius, nu, cancel};
  fmandel_counts sum = {0};
  const int status = fmandel_kernels()->julia(&view, &sum);
  if (status == FMANDEL_OK && counts) *counts = sum;
  return status;
}
