/*
 * The plain loop, one sample after the other, whose bits the vectors must give. For tests; not
 * exported.
 */
#ifndef FMANDEL_TILE_TILE_SCALAR_H
#define FMANDEL_TILE_TILE_SCALAR_H

#include "fmandel/tile.h"

#ifdef __cplusplus
extern "C" {
#endif

int fmandel_tile_scalar(const double *re, int width, const double *im, int height, int64_t max_iter,
                        double escape_radius, double *nu, fmandel_counts *counts, const int32_t *cancel);

#ifdef __cplusplus
}
#endif
#endif
