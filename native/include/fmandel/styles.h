/*
 * What styles show of a sample that escaped, beside its count: how far from the set it lies, and which way its orbit went. Both are a second look at
 * samples whose counts are known, so the kernels that count carry neither. The formulas stand in docs/theory/styles.md.
 */
#ifndef FMANDEL_STYLES_H
#define FMANDEL_STYLES_H

#include "fmandel/deep.h"

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * Samples in doubles, and how far they are iterated: those of fmandel_tile, or of fmandel_julia where julia is 1 and c is the set's. Where points
 * is 1 they are those of fmandel_points, with both coordinates of each.
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
 * The distance estimate as a complex number, D = z ln|z| / z', z' the derivative of z by the sample's place in pixels. |D| is the distance to the
 * set in pixels, off by less than a factor of two near the set; D points away from the set, up being +i.
 *
 *   pixel      width of a pixel: in the plane's unit; for a deep view in units of 2^exponent
 *   nu         what fmandel_tile, fmandel_julia or fmandel_deep filled for these samples and this escape_radius
 *   distance   2 floats a sample, filled: D; 0 for samples that did not escape
 *   cancel     as in fmandel.h
 *
 * The numbers are the same bits on every instruction set. Returns FMANDEL_OK or FMANDEL_CANCELLED; the deep one FMANDEL_REFUSED where fmandel_deep does.
 */
int fmandel_distance(const fmandel_samples *samples, double pixel, const double *nu, float *distance, const int32_t *cancel);
int fmandel_deep_distance(const fmandel_reference *reference, const fmandel_deep_view *view, double pixel, const double *nu, float *distance,
                          const int32_t *cancel);

/*
 * The stripe average: the mean of (1 + cos(4 arg z_k)) / 2 over the last iterates before the escape, from 0 to 1, weighted by their age so that
 * it is continuous where the count changes. `stripe` is one float a sample, 0 for samples that did not escape; all else as above.
 */
int fmandel_stripe(const fmandel_samples *samples, const double *nu, float *stripe, const int32_t *cancel);
int fmandel_deep_stripe(const fmandel_reference *reference, const fmandel_deep_view *view, const double *nu, float *stripe, const int32_t *cancel);

/*
 * The attracting cycle that a sample's orbit ends in: `cycle` is two floats a sample, its period and |F'|, the derivative once around, from 0 (its nucleus) to 1
 * (its rim); 0 and 0 for samples that escape and those of which no cycle is found within max_iter.
 */
int fmandel_cycle(const fmandel_samples *samples, const double *nu, float *cycle, const int32_t *cancel);
int fmandel_deep_cycle(const fmandel_reference *reference, const fmandel_deep_view *view, const double *nu, float *cycle, const int32_t *cancel);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
