/* A view of a Julia set, unpacked; and the loop of each instruction set. */
#ifndef FMANDEL_JULIA_KERNEL_H
#define FMANDEL_JULIA_KERNEL_H

#include "julia.h"

typedef struct {
  double cr, ci;
  const double *re, *im;
  int width, height;
  int64_t max_iter;
  double radius2; /* R^2 */
  double *nu;
  const int32_t *cancel;
} julia_view;

typedef int julia_loop(const julia_view *view, fmandel_counts *counts);

julia_loop fmandel_julia_baseline, fmandel_julia_avx2, fmandel_julia_avx512, fmandel_julia_neon;

#endif
