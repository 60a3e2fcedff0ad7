#ifndef FMANDEL_ORIGINAL_H
#define FMANDEL_ORIGINAL_H

#include <stdint.h>

#include "fmandel/status.h"

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default) /* the library hides all symbols but those declared here */

/*
 * The original interface, unchanged: single precision throughout, without fused multiply-add.
 *
 * f: 1 - n/max_iter, where n (from 0) is the iteration of z <- z^2 + x + iy, z from 0, after which
 * |z| > 2; 0 if the limit was reached.
 *
 * mandelbrot: f over a grid of grid x grid samples, row-major in mv. Row m, column n is f(x0 + n
 * (x1 - x0)/grid, y0 + m (y1 - y0)/grid).
 */
float f(float x, float y, int max_iter);
void mandelbrot(float x0, float y0, float x1, float y1, int grid, int max_iter, float *mv);

/*
 * Rows first to first + rows - 1 of the same grid: mv has rows x grid numbers. Stops early when
 * *cancel becomes non-zero (cancel may be NULL). Returns FMANDEL_OK or FMANDEL_CANCELLED; after a
 * cancel the array is partly filled. grid32 is mandelbrot(). grid64 is its twin in double
 * precision: bit for bit the numbers of the original's plain Python version (|z| rounded once).
 */
int fmandel_grid32(float x0, float y0, float x1, float y1, int grid, int first, int rows, int max_iter, float *mv,
                   const int32_t *cancel);
int fmandel_grid64(double x0, double y0, double x1, double y1, int grid, int first, int rows, int max_iter, double *mv,
                   const int32_t *cancel);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
