/*
 * The public functions of the attribute passes, which check their arguments and call the
 * instruction set in use.
 */
#include "fmandel/styles.h"

#include <math.h>

#include "styles/kernel.h"
#include "simd/kernels.h"

/*
 * Added to a count: the integer above the sum is n, and the difference to it tells where the last
 * iterate is between R and R^2.
 */
static double last(double escape_radius) { return log2(log2(escape_radius)); }

int fmandel_distance(const fmandel_samples *samples, double pixel, const double *nu, float *distance, const int32_t *cancel) {
  const styles_pass f = {samples, last(samples->escape_radius), pixel, nu, distance, cancel};
  return fmandel_kernels()->distance(&f);
}

int fmandel_stripe(const fmandel_samples *samples, const double *nu, float *stripe, const int32_t *cancel) {
  const styles_pass f = {samples, last(samples->escape_radius), 0, nu, stripe, cancel};
  return fmandel_kernels()->stripe(&f);
}

int fmandel_cycle(const fmandel_samples *samples, const double *nu, float *cycle, const int32_t *cancel) {
  const styles_pass f = {samples, 0, 0, nu, cycle, cancel};
  return fmandel_kernels()->cycle(&f);
}

static int deep(int (*run)(const styles_deep_pass *), const fmandel_reference *reference, const fmandel_deep_view *view, double pixel,
                const double *nu, float *out, const int32_t *cancel) {
  deep_kernel kernel;
  if (!fmandel_deep_prepare(&kernel, reference, view, NULL, cancel)) return FMANDEL_REFUSED;
  const styles_deep_pass f = {&kernel, last(view->escape_radius), floatexp_normal((floatexp){pixel, 0, view->exponent}), nu, out};
  return run(&f);
}

int fmandel_deep_distance(const fmandel_reference *reference, const fmandel_deep_view *view, double pixel, const double *nu, float *distance,
                          const int32_t *cancel) {
  return deep(fmandel_kernels()->deep_distance, reference, view, pixel, nu, distance, cancel);
}

int fmandel_deep_stripe(const fmandel_reference *reference, const fmandel_deep_view *view, const double *nu, float *stripe, const int32_t *cancel) {
  return deep(fmandel_kernels()->deep_stripe, reference, view, 1, nu, stripe, cancel);
}

int fmandel_deep_cycle(const fmandel_reference *reference, const fmandel_deep_view *view, const double *nu, float *cycle, const int32_t *cancel) {
  return deep(fmandel_kernels()->deep_cycle, reference, view, 0, nu, cycle, cancel);
}
