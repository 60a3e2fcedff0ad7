/*
 * The exact count of one point, by fixed-point arithmetic alone: z <- z^2 + c with all the digits
 * that the caller requests, without perturbation, tables or doubles. Also the backward error of a
 * count that another method gives for the point: the distance to a point for which that count is
 * right.
 *
 * In a dense place counts change within 2^-14 of a sample or less. There, equal counts say more
 * about the place than about the kernel. The backward error shows the kernel's loss of accuracy.
 * See docs/theory/error-bound.md.
 */
#ifndef FMANDEL_EXACT_H
#define FMANDEL_EXACT_H

#include <stdint.h>

#include "fmandel/orbit.h"

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

typedef struct {
  /* set by the caller */
  uint64_t *work; /* fmandel_exact_work(bits) limbs, which the structure uses until the last call */
  int64_t bits; /* fractional bits: a multiple of 64, at least 128 */
  int64_t max_iter; /* 1 .. 2^53 */
  double radius; /* the escape radius R, 2 .. 2^30 */

  /* filled by fmandel_exact_run */
  int64_t n; /* the first iteration with |z_n| > R; 0 if there is none up to max_iter */
  double nu; /* the smooth count as fmandel_tile defines it, or FMANDEL_LIMIT */
  fmandel_floatexp z, derivative; /* z_n and dz_n/dc, or those at max_iter */
  int64_t iterations; /* in fixed point, in all calls so far */

  /* iterates kept on the way, for nearby points: one every `stride` iterations */
  int64_t stride, checkpoints;
} fmandel_exact;

/* Limbs of work memory, about 1,100 numbers. -1 if bits is not in 128 .. 2^27. */
int64_t fmandel_exact_work(int64_t bits);

/*
 * Iterates re + i im, numbers of fmandel_orbit_limbs(bits) limbs as in fixed.h, |re + i im| < 4. An
 * iteration errs by less than 3 ulp a limb. With twice the digits that tell samples apart, the
 * count is therefore that of a point within 2^-bits/2 of the sample. Returns FMANDEL_OK or
 * FMANDEL_CANCELLED.
 */
int fmandel_exact_run(fmandel_exact *exact, const uint64_t *re, const uint64_t *im, const int32_t *cancel);

/*
 * The backward error of nu, the smooth count by another method (negative if that found no escape):
 * approximately the least distance, in samples `spacing` apart, to a point for which this count is
 * right. Call fmandel_exact_run first.
 *
 *   tolerance  a smooth count this near to the truth is right
 *   most       how far to search, in samples, at most 1
 *   budget     how many iterations the search may take
 *
 * Returns 0 if nu is right. If it is right for a nearby point, returns an upper bound of the
 * distance, mostly less than twice as large. Returns INFINITY if no such point was found.
 */
double fmandel_exact_error(fmandel_exact *exact, double nu, fmandel_floatexp spacing, double tolerance, double most, int64_t budget,
                           const int32_t *cancel);

/*
 * How much the smooth count of a sample that escaped changes within one sample, to first order.
 * Call fmandel_exact_run first.
 */
double fmandel_exact_slope(const fmandel_exact *exact, fmandel_floatexp spacing);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
