#include "cancel.h"
#include "kernel.h"
#include "vector.h"

#include "smooth.h"

static int tile(const double *re, int width, const double *im, int height, int64_t max_iter, double escape_radius,
                double *nu, fmandel_counts *counts, const int32_t *cancel) {
  return fmandel_tile_scalar(re, width, im, height, max_iter, escape_radius, nu, counts, cancel);
}

static void index_of(const double *nu, int64_t count, double density, double bias, double offset, uint8_t *index) {
  int64_t at = 0;
  for (; at + LANES <= count; at += LANES) {
    const vec step = step_of(load(nu + at), density, bias, offset);
    for (int lane = 0; lane < LANES; lane++) index[at + lane] = (uint8_t)step[lane];
  }
  for (; at < count; at++) index[at] = (uint8_t)step_of(all(nu[at]), density, bias, offset)[0];
}
