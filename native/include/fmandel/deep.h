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
 * Where the samples are: column i, row j is at the reference point plus ((re + i step_re + j tilt_re) + i (im + j step_im + i tilt_im)) 2^exponent,
 * the tilts being 0 but where the view is rotated. For rows that go down step_im is negative. The caller subtracts the reference point in as
 * many digits as it takes and rounds the difference once.
 */
typedef struct {
  double re, im, step_re, step_im;
  int64_t exponent;
  int width, height;
  int whole; /* 1: nu is filled with n itself, the first iteration with |z_n| > R, instead of the smooth count */
  double tilt_re, tilt_im;
} fmandel_deep_view;

/*
 * Like fmandel_tile, in every number's meaning, for a view at any depth.
 *
 *   reference      from fmandel_reference_from
 *   view           all samples within 2^E of the reference point, E the reference's exponent, and the farthest
 *                  not nearer than 2^(E - 900)
 *   max_iter       1 .. 2^53; where the reference neither escaped nor is periodic, at most its length
 *   escape_radius  2 .. 1e100; where the reference escaped, at most half the reference's own
 *   nu[height * width], counts, cancel   as in fmandel.h
 *
 * The numbers are the same bits on every instruction set; another view's samples at the same points may differ in the last digits. Returns FMANDEL_OK, FMANDEL_CANCELLED or FMANDEL_REFUSED.
 */
int fmandel_deep(const fmandel_reference *reference, const fmandel_deep_view *view, int64_t max_iter, double escape_radius,
                 double *nu, fmandel_counts *counts, const int32_t *cancel);

/* the same, one sample after the other: the oracle of the tests */
int fmandel_deep_scalar(const fmandel_reference *reference, const fmandel_deep_view *view, int64_t max_iter,
                        double escape_radius, double *nu, fmandel_counts *counts, const int32_t *cancel);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
