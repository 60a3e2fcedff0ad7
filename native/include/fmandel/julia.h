/* Smooth iteration counts of the filled Julia set of z^2 + c, in double precision. */
#ifndef FMANDEL_JULIA_H
#define FMANDEL_JULIA_H

#include "fmandel/status.h"

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * Fills nu. All numbers mean what they mean for fmandel_tile, but the samples are starting points:
 * z_1 = re + i im, z_{n+1} = z_n^2 + c. So the count at z = c equals the Mandelbrot set's count at
 * c. |c| must be at most R^2 - R, so that no orbit comes back from beyond R.
 *
 * Every instruction set gives the same bits. Returns FMANDEL_OK or FMANDEL_CANCELLED.
 */
int fmandel_julia(double cr, double ci, const double *re, int width, const double *im, int height, int64_t max_iter,
                  double escape_radius, double *nu, fmandel_counts *counts, const int32_t *cancel);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
