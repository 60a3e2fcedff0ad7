/*
 * Reference orbits: Z <- Z^2 + C from Z_0 = 0 in fixed point. Each iterate is kept as a pair of
 * doubles.
 *
 * An iterate below 2^-960 (near a nucleus, or at its period) would lose digits in a double. It is
 * kept a second time in a sparse list, with an exponent of its own, because the kernel adds deltas
 * of that size to it.
 *
 * An orbit ends when it escapes, when it is as long as requested, or when it closes (its reference
 * point is a nucleus: Z_p = 0 = Z_0). Its state is in the caller's memory: a run may stop at any
 * iteration and continue later, with the same bits as an uninterrupted run.
 * docs/theory/reference-orbit.md has the formulas.
 */
#ifndef FMANDEL_ORBIT_H
#define FMANDEL_ORBIT_H

#include <stdint.h>

#include "fmandel/platform.h"

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

#ifndef FMANDEL_TINY
#define FMANDEL_TINY
/*
 * The iterate Z[m] = (re + i im) 2^exponent, if below 2^-960; the orbit's own array has what fits a
 * double.
 */
typedef struct {
  int64_t m, exponent;
  double re, im;
} fmandel_tiny;
#endif

/* (re + i im) 2^exponent with max(|re|, |im|) in [1, 2); or 0 with the exponent -2^60 */
typedef struct {
  double re, im;
  int64_t exponent;
} fmandel_floatexp;

typedef struct {
  /* the caller's: may be replaced by larger ones, with their contents, between two runs */
  double *z; /* 2 (capacity + 1) doubles: Z[0 .. length], re and im interleaved */
  int64_t capacity; /* at least 1 */
  /*
   * 2 (capacity + 1) floats: what the doubles leave of each Z, in units of 2^-53 of its binade.
   * Needed until a nucleus is found. Where it is NULL afterwards, steps have fewer digits.
   */
  float *low;
  fmandel_tiny *tiny; /* sorted by m; needed if bits > 960 */
  int64_t tiny_capacity;
  uint64_t *work; /* fmandel_orbit_work(bits) limbs: C and Z in fixed point, and scratch */

  /* the orbit's: to be read only */
  int64_t bits; /* fractional bits, a multiple of 64 */
  int limbs; /* that iterates have at present: fewer as the derivative grows */
  double radius; /* escape radius, 2 .. 2^30 */
  int64_t length; /* Z[0 .. length] are known */
  int64_t period; /* equals length if Z[length] is Z[0] again, otherwise 0 */
  int64_t escaped; /* 1 if |Z[length]| > radius */
  int64_t tiny_count;
  fmandel_floatexp derivative; /* dZ[length]/dC */
  fmandel_floatexp last; /* Z[length] */
  int64_t tolerance; /* of the nucleus: it is exact within 2^tolerance */
  fmandel_floatexp nearest; /* the smallest Z of a candidate so far, see fmandel_orbit_run */
} fmandel_orbit;

/* results of fmandel_orbit_run and fmandel_nucleus, besides FMANDEL_OK and FMANDEL_CANCELLED */
enum {
  FMANDEL_FULL = 3, /* z, low or tiny is full: provide larger ones and run again */
  FMANDEL_CANDIDATE = 4, /* length may be the period of a nucleus within the disc */
  FMANDEL_NOT_CONVERGED = 5 /* Newton's method did not converge, or left the neighbourhood */
};

/*
 * Fractional bits for views with samples 2^log2_spacing apart: for max_iter iterations, the error
 * of every iterate stays below the effect of a change of C by 2^-64 of that spacing. -1 if
 * log2_spacing is not in -2^26 .. 8.
 */
int64_t fmandel_orbit_bits(int64_t spacing_exponent, int64_t max_iter);

/* Limbs of a fixed-point number with that many fractional bits, and of an orbit's work memory. */
int fmandel_orbit_limbs(int64_t bits);
int64_t fmandel_orbit_work(int64_t bits);

/*
 * Starts the orbit of C = re + i im, numbers of fmandel_orbit_limbs(bits) limbs as in fixed.h, |C|
 * < 4. The caller must have set z, capacity, tiny, tiny_capacity and work.
 */
void fmandel_orbit_start(fmandel_orbit *orbit, const uint64_t *re, const uint64_t *im, int64_t bits, double radius);

/*
 * Runs until length is max_iter or |Z| > radius, and returns FMANDEL_OK; or returns another of the
 * results above. After an escape it does nothing.
 *
 *   max_iter   1 .. 2^53
 *   disc       NULL, or the radius of a disc around C (a positive number in disc->re): the run
 *              also stops, with FMANDEL_CANDIDATE, at each m with |Z_m| < disc |dZ_m/dC| where
 *              |Z_m| is smaller than at all earlier such m; run again for the next
 *   progress   receives the length reached, now and then, for another thread to read; or NULL
 *   cancel     polled at least every few milliseconds; or NULL
 */
int fmandel_orbit_run(fmandel_orbit *orbit, int64_t max_iter, const fmandel_floatexp *disc, int64_t *progress,
                      const int32_t *cancel);

/*
 * Moves an orbit that ran to FMANDEL_CANDIDATE at length p to the nucleus of that period, by
 * Newton's method.
 *
 *   disc       the moved C must lie within twice this radius of the first one
 *   tolerance  the nucleus is exact within 2^tolerance, which must be at least 2^-bits
 *
 *   FMANDEL_OK             the orbit is periodic, its length is the period (p, or a divisor of p),
 *                          and fmandel_orbit_re and _im give the nucleus
 *   FMANDEL_NOT_CONVERGED  there is no such nucleus; the orbit is as it was, or (rarely) back at
 *                          its start, and may run again; that candidate is not found again
 *   FMANDEL_CANCELLED, FMANDEL_FULL   the orbit is lost; start again
 */
int fmandel_nucleus(fmandel_orbit *orbit, const fmandel_floatexp *disc, int64_t tolerance, int64_t *progress,
                    const int32_t *cancel);

/*
 * A saved orbit: one buffer, aligned for doubles, from which another orbit runs on with the same
 * bits. It holds no pointer.
 *
 *   fmandel_orbit_saved_bytes   the buffer's size
 *   fmandel_orbit_save          fills it
 *   fmandel_orbit_saved         the orbit's numbers in a buffer of any origin, without memory of
 *                               its own (z, tiny and work are NULL); NULL if the buffer is not a
 *                               saved orbit. Everything in it is checked, so that running on from
 *                               it touches no other memory, and ends
 *   fmandel_orbit_resume        continues from such a buffer. The caller must have set z, capacity
 *                               (at least the saved length), tiny, tiny_capacity (at least the
 *                               saved tiny_count) and work
 */
int64_t fmandel_orbit_saved_bytes(const fmandel_orbit *orbit);
void fmandel_orbit_save(const fmandel_orbit *orbit, void *buffer);
const fmandel_orbit *fmandel_orbit_saved(const void *buffer, int64_t bytes);
void fmandel_orbit_resume(fmandel_orbit *orbit, const void *buffer);

/*
 * The size and direction of the minibrot around the nucleus of a periodic orbit; the whole set has
 * size 1.
 */
fmandel_floatexp fmandel_nucleus_size(const fmandel_orbit *orbit);

/*
 * 1 if the minibrot around the nucleus of a periodic orbit has a cardioid for its body, 0 if it is
 * nearly a disc.
 */
int fmandel_nucleus_is_cardioid(const fmandel_orbit *orbit);

/* The orbit's C, in its work memory. */
const uint64_t *fmandel_orbit_re(const fmandel_orbit *orbit);
const uint64_t *fmandel_orbit_im(const fmandel_orbit *orbit);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
