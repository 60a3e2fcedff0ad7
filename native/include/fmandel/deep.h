/*
 * Smooth iteration counts at any depth: perturbation of a reference orbit, with rebasing and BLA of order six. The method is
 * described in docs/theory; references come from reference.h.
 */
#ifndef FMANDEL_DEEP_H
#define FMANDEL_DEEP_H

#include "fmandel/reference.h"

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * The samples of a view at any depth, and how far they are iterated. Column i, row j is at the reference point plus
 *
 *   (re + i column_step_re + j row_step_re  +  i (im + i column_step_im + j row_step_im)) 2^exponent
 *
 * where the i before the parenthesis is the imaginary unit. In an upright view column_step_im and row_step_re are 0, and rows that go
 * down have a negative row_step_im. The caller subtracts the reference point in as many digits as it takes, and rounds the difference once.
 */
typedef struct {
  double re, im; /* of the sample in column 0, row 0 */
  double column_step_re, column_step_im, row_step_re, row_step_im;
  int64_t exponent; /* all of these are in units of 2^exponent */
  int width, height;
  int64_t max_iter; /* 1 .. 2^53; at most the reference's length, unless the reference escaped or is periodic */
  double escape_radius; /* 2 .. 1e100; at most half the reference's own where the reference escaped */
  int integer_counts; /* 1: nu is filled with n itself, the first iteration with |z_n| > R, instead of the smooth count */
} fmandel_deep_view;

/*
 * Like fmandel_tile, in every number's meaning, for a view at any depth.
 *
 *   reference   from fmandel_reference_from
 *   view        all samples lie within 2^E of the reference point, E the reference's exponent, and the farthest not nearer than 2^(E - 900)
 *   nu[height * width], counts, cancel   as for fmandel_tile
 *
 * The numbers are the same bits on every instruction set. Samples at the same points in another view may differ in the last digits.
 * Returns FMANDEL_OK, FMANDEL_CANCELLED or FMANDEL_REFUSED.
 */
int fmandel_deep(const fmandel_reference *reference, const fmandel_deep_view *view, double *nu, fmandel_counts *counts, const int32_t *cancel);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
