/* Smooth iteration counts of the filled Julia set of z^2 + c, in double precision. */
#ifndef FMANDEL_JULIA_H
#define FMANDEL_JULIA_H

#include "fmandel/status.h"

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * Like fmandel_tile in every number's meaning, but that the samples are starting points: z_1 = re + i im, z_{n+1} = z_n^2 + c. So the
 * count at z = c is the Mandelbrot set's own at c. |c| is at most R^2 - R, so that nothing comes back from beyond R.
 *
 * The numbers are the same bits on every instruction set. Returns FMANDEL_OK or FMANDEL_CANCELLED.
 */
int fmandel_julia(double cr, double ci, const double *re, int width, const double *im, int height, int64_t max_iter,
                  double escape_radius, double *nu, fmandel_counts *counts, const int32_t *cancel);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
