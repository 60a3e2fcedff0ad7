/* The doors of the second look: what they refuse, and the instruction set's own loops behind them. */
#include "field.h"

#include <math.h>

#include "field_kernel.h"
#include "isa.h"

static const field_loops *chosen(void) {
  switch (isa_chosen()) {
#if defined(__x86_64__)
    case ISA_AVX2: return &fmandel_field_avx2;
    case ISA_AVX512: return &fmandel_field_avx512;
#elif defined(__aarch64__)
    case ISA_NEON: return &fmandel_field_neon;
#endif
    default: return &fmandel_field_baseline;
  }
}

/* added to a count: the whole number above it is n, and what is missing to that tells where between R and R^2 the last iterate lies */
static double last(double escape_radius) { return log2(log2(escape_radius)); }


int fmandel_distance(const fmandel_field_view *view, double escape_radius, double pixel, const double *nu, float *distance,
                     const int32_t *cancel) {
  const field f = {view, last(escape_radius), pixel, 0, nu, distance, cancel};
  return chosen()->distance(&f);
}

int fmandel_stripe(const fmandel_field_view *view, double escape_radius, const double *nu, float *stripe, const int32_t *cancel) {
  const field f = {view, last(escape_radius), 0, 0, nu, stripe, cancel};
  return chosen()->stripe(&f);
}

int fmandel_cycle(const fmandel_field_view *view, int64_t max_iter, const double *nu, float *cycle, const int32_t *cancel) {
  const field f = {view, 0, 0, max_iter, nu, cycle, cancel};
  return chosen()->cycle(&f);
}

static int deep(int (*run)(const deep_field *), const fmandel_reference *reference, const fmandel_deep_view *view, int64_t max_iter,
                double escape_radius, double pixel, const double *nu, float *out, const int32_t *cancel) {
  deep_kernel kernel;
  if (!deep_prepare(&kernel, reference, view, max_iter, escape_radius, NULL, cancel)) return FMANDEL_REFUSED;
  const deep_field f = {&kernel, last(escape_radius), scaled_normal((scaled){pixel, 0, view->exponent}), nu, out};
  return run(&f);
}

int fmandel_deep_distance(const fmandel_reference *reference, const fmandel_deep_view *view, int64_t max_iter, double escape_radius,
                          double pixel, const double *nu, float *distance, const int32_t *cancel) {
  return deep(chosen()->deep_distance, reference, view, max_iter, escape_radius, pixel, nu, distance, cancel);
}

int fmandel_deep_stripe(const fmandel_reference *reference, const fmandel_deep_view *view, int64_t max_iter, double escape_radius,
                        const double *nu, float *stripe, const int32_t *cancel) {
  return deep(chosen()->deep_stripe, reference, view, max_iter, escape_radius, 1, nu, stripe, cancel);
}

int fmandel_deep_cycle(const fmandel_reference *reference, const fmandel_deep_view *view, int64_t max_iter, double escape_radius,
                       const double *nu, float *cycle, const int32_t *cancel) {
  return deep(chosen()->deep_cycle, reference, view, max_iter, escape_radius, 0, nu, cycle, cancel);
}
