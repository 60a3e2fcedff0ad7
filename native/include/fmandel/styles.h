/*
 * Attributes of samples that styles show, besides the count: the distance to the set, the path of
 * the orbit, the cycle that attracts it. An attribute pass takes samples whose counts are known, so
 * the kernels that count carry none of these. docs/theory/styles.md has the formulas.
 */
#ifndef FMANDEL_STYLES_H
#define FMANDEL_STYLES_H

#include "fmandel/deep.h"

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * Samples in doubles, and how far they are iterated: the samples of fmandel_tile, or of
 * fmandel_julia if julia is 1, where c is the set's. If points is 1, they are those of
 * fmandel_points, with both coordinates of each sample.
 */
typedef struct {
  const double *re, *im;
  int width, height;
  int points;
  int julia;
  double cr, ci;
  int64_t max_iter;
  double escape_radius;
} fmandel_samples;

/*
 * The distance estimate as a complex number, D = z ln|z| / z', where z' is the derivative of z by
 * the sample's position in pixels. |D| is the distance to the set in pixels, off by less than a
 * factor of two near the set. D points away from the set; up is +i.
 *
 *   pixel      the width of a pixel: in units of the plane, or of 2^exponent for a deep view
 *   nu         as filled by fmandel_tile, fmandel_julia or fmandel_deep for the same samples and
 *              escape_radius
 *   distance   receives D as 2 floats a sample; 0 for samples that did not escape
 *   cancel     as for fmandel_tile
 *
 * Every instruction set gives the same bits. Returns FMANDEL_OK or FMANDEL_CANCELLED; the deep
 * function returns FMANDEL_REFUSED if fmandel_deep does.
 */
int fmandel_distance(const fmandel_samples *samples, double pixel, const double *nu, float *distance, const int32_t *cancel);
int fmandel_deep_distance(const fmandel_reference *reference, const fmandel_deep_view *view, double pixel, const double *nu, float *distance,
                          const int32_t *cancel);

/*
 * The stripe average: the mean of (1 + cos(4 arg z_k)) / 2 over the last iterates before the
 * escape, from 0 to 1. The iterates are weighted by age, so that the average is continuous where
 * the count changes. `stripe` receives one float a sample, 0 for samples that did not escape.
 * Everything else as above.
 */
int fmandel_stripe(const fmandel_samples *samples, const double *nu, float *stripe, const int32_t *cancel);
int fmandel_deep_stripe(const fmandel_reference *reference, const fmandel_deep_view *view, const double *nu, float *stripe, const int32_t *cancel);

/*
 * The attracting cycle in which a sample's orbit ends. `cycle` receives two floats a sample: the
 * period, and |F'|, the derivative once around, from 0 (at the nucleus) to 1 (at the rim). Both are
 * 0 for samples that escape and for those without a cycle found within max_iter.
 */
int fmandel_cycle(const fmandel_samples *samples, const double *nu, float *cycle, const int32_t *cancel);
int fmandel_deep_cycle(const fmandel_reference *reference, const fmandel_deep_view *view, const double *nu, float *cycle, const int32_t *cancel);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
