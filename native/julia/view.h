/* A view of a Julia set, unpacked. */
#ifndef FMANDEL_JULIA_VIEW_H
#define FMANDEL_JULIA_VIEW_H

#include "fmandel/julia.h"

typedef struct {
  double cr, ci;
  const double *re, *im;
  int width, height;
  int64_t max_iter;
  double radius2; /* R^2 */
  double *nu;
  const int32_t *cancel;
} julia_view;

#endif
