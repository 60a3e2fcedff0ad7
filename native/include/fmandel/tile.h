/* Smooth iteration counts of the Mandelbrot set in double precision. */
#ifndef FMANDEL_TILE_H
#define FMANDEL_TILE_H

#include <stdint.h>

#include "fmandel/status.h"

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default) /* the library hides all symbols but those declared here */

/*
 * Fills nu with the smooth iteration counts of a view, in double precision.
 *
 *   re[width], im[height]  the samples' real and imaginary parts, finite
 *   max_iter               the iteration limit, 1 .. 2^53
 *   escape_radius          R, 2 .. 1e100
 *   nu[height * width]     row-major: n - log2(log2 |z_n|), never below 0, where n is the first
 *                          iteration with |z_n| > R (z_0 = 0, z_1 = c), so that near |z| = 2 nu is
 *                          in (n', n' + 1] for the original's n', for any R; or FMANDEL_INTERIOR or
 *                          FMANDEL_LIMIT
 *   counts                 receives the counts, or NULL
 *   cancel                 polled at least every few milliseconds, or NULL
 *
 * Every instruction set gives the same bits. Returns FMANDEL_OK or FMANDEL_CANCELLED.
 */
int fmandel_tile(const double *re, int width, const double *im, int height, int64_t max_iter, double escape_radius,
                 double *nu, fmandel_counts *counts, const int32_t *cancel);

/*
 * The same for samples given by both coordinates each, re[height * width] and im[height * width],
 * row by row: those of a rotated view, or arbitrary points with a height of 1. If they are the
 * samples of a tile, the numbers are those of fmandel_tile.
 */
int fmandel_points(const double *re, const double *im, int width, int height, int64_t max_iter, double escape_radius, double *nu,
                   fmandel_counts *counts, const int32_t *cancel);

/*
 * The radius of a disc about re + i im, exactly these doubles, that belongs to the set entirely. It
 * follows from the multiplier of the cycle that attracts the orbit, and is at least about a fifth
 * of the distance to the boundary. 0 if no cycle of a few thousand iterations is found. Takes at
 * most a millisecond, mostly far less.
 */
double fmandel_interior_radius(double re, double im);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
