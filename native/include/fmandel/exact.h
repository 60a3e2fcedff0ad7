/*
 * The truth about one point, by fixed point alone: z <- z^2 + c with every digit that is asked for, and no perturbation, no table and no doubles on the way. And
 * the backward error of a count that somebody else gives for the point: how far from it lies another one whose count that is.
 *
 * Counts of a dense place change within 2^-14 of a sample and less, so equal counts say more about the place than about a kernel; the backward error says
 * what the kernel lost. See docs/theory/error-bound.md.
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
  uint64_t *work;   /* fmandel_exact_work(bits) limbs, the structure's own until the last call */
  int64_t bits;     /* fractional bits, at least 128, a multiple of 64 */
  int64_t max_iter; /* 1 .. 2^53 */
  double radius;    /* escape radius R, 2 .. 2^30 */

  /* filled by fmandel_exact_run */
  int64_t n;                  /* the first iteration with |z_n| > R, 0 where there is none up to max_iter */
  double nu;                  /* the smooth count as fmandel_tile defines it, or FMANDEL_LIMIT */
  fmandel_floatexp z, derivative; /* z_n and dz_n/dc, or those of max_iter */
  int64_t iterations;         /* in fixed point, of all calls so far */

  int64_t stride, checkpoints; /* iterates kept on the way, for points beside: one of so many iterations */
} fmandel_exact;

/* limbs of work memory, about 1,100 numbers; -1 where bits are not in 128 .. 2^27 */
int64_t fmandel_exact_work(int64_t bits);

/*
 * The orbit of re + i im, numbers of fmandel_orbit_limbs(bits) limbs as in fixed.h, |re + i im| < 4. An iteration errs by less than 3 ulp a limb, so with twice
 * the digits that tell samples apart the count is that of a point within 2^-bits/2 of a sample. Returns FMANDEL_OK or FMANDEL_CANCELLED.
 */
int fmandel_exact_run(fmandel_exact *exact, const uint64_t *re, const uint64_t *im, const int32_t *cancel);

/*
 * The backward error of nu, the smooth count of another method (negative where it found no escape): about the least distance, in samples `spacing` apart, of a
 * point that this count is right for. After fmandel_exact_run.
 *
 *   tolerance  a smooth count within this of the truth is right
 *   most       how far to look, in samples, at most 1
 *   budget     iterations that the search may take
 *
 * 0 where nu is right, an upper bound of the distance (mostly less than twice as much) where it is right beside, and INFINITY where no such point was found.
 */
double fmandel_exact_error(fmandel_exact *exact, double nu, fmandel_floatexp spacing, double tolerance, double most, int64_t budget,
                           const int32_t *cancel);

/* of a sample that escaped: by how much its smooth count changes within one sample, to first order. After fmandel_exact_run */
double fmandel_exact_slope(const fmandel_exact *exact, fmandel_floatexp spacing);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
