/*
 * Shared by the tests of deep views: a place of deep_truth.h with its orbit and reference, and both
 * kernels called alike.
 */
#ifndef NEIGHBOURHOOD_H
#define NEIGHBOURHOOD_H

#include <fmandel/fmandel.h>
#include "deep/deep_scalar.h"
#include "check.h"
#include "deep_truth.h"

enum { TRUTHS = sizeof truths / sizeof *truths, RADIUS = 1000, REFERENCE_RADIUS = 10000 };

typedef struct {
  fmandel_orbit orbit;
  void *buffer;
  int64_t bytes;
  const fmandel_reference *reference;
} neighbourhood;

static inline void start_orbit(fmandel_orbit *orbit, const char *re, const char *im, int64_t bits, int64_t capacity) {
  const int n = fmandel_orbit_limbs(bits);
  uint64_t *c = malloc(2 * (size_t)n * sizeof *c);
  CHECK(fmandel_fixed_from_decimal(c, n, re, (int64_t)strlen(re)), "%s", re);
  CHECK(fmandel_fixed_from_decimal(c + n, n, im, (int64_t)strlen(im)), "%s", im);
  memset(orbit, 0, sizeof *orbit);
  orbit->capacity = capacity;
  orbit->z = malloc(2 * (size_t)(capacity + 1) * sizeof(double));
  orbit->low = malloc(2 * (size_t)(capacity + 1) * sizeof(float));
  orbit->tiny_capacity = 1000;
  orbit->tiny = malloc(1000 * sizeof(fmandel_tiny));
  orbit->work = malloc((size_t)fmandel_orbit_work(bits) * sizeof(uint64_t));
  fmandel_orbit_start(orbit, c, c + n, bits, REFERENCE_RADIUS);
  free(c);
}

/* moves an orbit that has not run by (re + i im) 2^exponent */
static inline void move(fmandel_orbit *orbit, double re, double im, int64_t exponent) {
  const int n = fmandel_orbit_limbs(orbit->bits);
  uint64_t *c = malloc(3 * (size_t)n * sizeof *c);
  fmandel_fixed_from_floatexp(c + 2 * n, n, re, exponent);
  fmandel_fixed_add(c, fmandel_orbit_re(orbit), c + 2 * n, n);
  fmandel_fixed_from_floatexp(c + 2 * n, n, im, exponent);
  fmandel_fixed_add(c + n, fmandel_orbit_im(orbit), c + 2 * n, n);
  fmandel_orbit_start(orbit, c, c + n, orbit->bits, REFERENCE_RADIUS);
  free(c);
}

static inline void build(neighbourhood *at, int64_t exponent) {
  at->bytes = fmandel_reference_bytes(&at->orbit, exponent);
  at->buffer = malloc((size_t)at->bytes);
  int64_t progress = -1;
  CHECK(fmandel_reference_build(at->buffer, at->bytes, &at->orbit, exponent, &progress, NULL) == FMANDEL_OK, "the reference is built");
  CHECK(progress == at->orbit.length, "progress ends at %lld", (long long)progress);
  at->reference = fmandel_reference_from(at->buffer, at->bytes);
  CHECK(at->reference != NULL, "the reference is one");
}

static inline void leave(neighbourhood *at) {
  free(at->orbit.z);
  free(at->orbit.low);
  free(at->orbit.tiny);
  free(at->orbit.work);
  free(at->buffer);
}

/*
 * the reference for a truth, (re + i im) 2^exponent beside the centre, valid for that much more
 * than the view
 */
static inline void settle(neighbourhood *at, const truth *t, double re, double im, int64_t exponent) {
  const int64_t bits = fmandel_orbit_bits(-t->zoom - 8, t->max_iter);
  start_orbit(&at->orbit, t->re, t->im, bits, t->max_iter);
  if (re != 0 || im != 0) move(&at->orbit, re, im, exponent);
  CHECK(fmandel_orbit_run(&at->orbit, t->max_iter, NULL, NULL, NULL) == FMANDEL_OK, "%s", t->name);
  const int64_t view = 2 - t->zoom;
  build(at, re == 0 && im == 0 ? view : (exponent > view ? exponent : view) + 1);
}

/*
 * the samples of deep_truth.c as a view from a reference (re + i im) 2^exponent beside the centre
 */
static inline fmandel_deep_view view_of(const truth *t, double re, double im, int64_t exponent) {
  const double stride = 256 / t->samples, first = (stride - 256) / 2;
  const double scale = re == 0 && im == 0 ? 0 : ldexp(1, (int)(exponent + t->zoom + 8));
  return (fmandel_deep_view){3 * first - re * scale, -3 * first - im * scale, 3 * stride, 0, 0, -3 * stride, -t->zoom - 8, t->samples, t->samples, 0, 0, 0};
}

/* the view's counts up to a limit and for a radius, and those by the plain loop */
static inline int count_deep(const fmandel_reference *reference, const fmandel_deep_view *view, int64_t max_iter, double radius, double *nu,
                      fmandel_counts *counts, const int32_t *cancel) {
  fmandel_deep_view limited = *view;
  limited.max_iter = max_iter, limited.escape_radius = radius;
  return fmandel_deep(reference, &limited, nu, counts, cancel);
}

static inline int count_deep_scalar(const fmandel_reference *reference, const fmandel_deep_view *view, int64_t max_iter, double radius, double *nu,
                             fmandel_counts *counts, const int32_t *cancel) {
  fmandel_deep_view limited = *view;
  limited.max_iter = max_iter, limited.escape_radius = radius;
  return fmandel_deep_scalar(reference, &limited, nu, counts, cancel);
}

static inline const truth *named(const char *name) {
  for (int i = 0; i < TRUTHS; i++)
    if (strcmp(truths[i].name, name) == 0) return &truths[i];
  CHECK(0, "no place %s", name);
  return truths;
}

#endif
