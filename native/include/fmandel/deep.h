/*
 * Smooth iteration counts at any depth, by perturbation of a reference orbit with rebasing and BLA
 * of order six. docs/theory describes the method. reference.h makes the references.
 */
#ifndef FMANDEL_DEEP_H
#define FMANDEL_DEEP_H

#include "fmandel/reference.h"

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * The samples of a view at any depth, and how far they are iterated. Column i, row j is at the
 * reference point plus
 *
 *   (re + i column_step_re + j row_step_re  +  I (im + i column_step_im + j row_step_im)) 2^e
 *
 * where I is the imaginary unit and e the exponent. In an upright view column_step_im and
 * row_step_re are 0, and rows that go down have a negative row_step_im. The caller subtracts the
 * reference point with as many digits as that takes, and rounds the difference once.
 */
typedef struct {
  double re, im; /* of the sample in column 0, row 0 */
  double column_step_re, column_step_im, row_step_re, row_step_im;
  int64_t exponent; /* the unit of all these numbers is 2^exponent */
  int width, height;
  /* 1 .. 2^53. At most the reference's length, unless the reference escaped or is periodic */
  int64_t max_iter;
  double escape_radius; /* 2 .. 1e100. At most half the reference's own, if the reference escaped */
  /* 1: nu receives n itself, the first iteration with |z_n| > R, not the smooth count */
  int integer_counts;
} fmandel_deep_view;

/*
 * Fills nu for a view at any depth. All numbers mean what they mean for fmandel_tile.
 *
 *   reference              from fmandel_reference_from
 *   view                   all samples must lie within 2^E of the reference point, where E is the
 *                          reference's exponent; the farthest must not be nearer than 2^(E - 900)
 *   nu[height * width], counts, cancel   as for fmandel_tile
 *
 * Every instruction set gives the same bits. Another view that has samples at the same points may
 * give them other last digits. Returns FMANDEL_OK, FMANDEL_CANCELLED or FMANDEL_REFUSED.
 */
int fmandel_deep(const fmandel_reference *reference, const fmandel_deep_view *view, double *nu, fmandel_counts *counts, const int32_t *cancel);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
