/* The doors of the second look: what they refuse, and the instruction set's own loops behind them. */
#include "fmandel/styles.h"

#include <math.h>

#include "styles/kernel.h"
#include "simd/kernels.h"

/* added to a count: the whole number above it is n, and what is missing to that tells where between R and R^2 the last iterate lies */
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
