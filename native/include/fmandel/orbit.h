/*
 * Reference orbits: Z <- Z^2 + C from Z_0 = 0 in fixed point, each iterate kept as a pair of doubles.
 *
 * An iterate below 2^-960 (near a nucleus, or at its period) would lose its digits in a double, so it is kept a second
 * time, with an exponent of its own, in a sparse list: the kernel that adds deltas of that size needs it.
 *
 * An orbit ends because it escaped, because it is as long as asked, or because it closed (its reference point is a
 * nucleus: Z_p = 0 = Z_0). What runs is a state in the caller's memory: it can be stopped at any iteration and run on,
 * with the bits that an uninterrupted run gives. docs/theory/reference-orbit.md has the formulas.
 */
#ifndef FMANDEL_ORBIT_H
#define FMANDEL_ORBIT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

#ifndef FMANDEL_TINY
#define FMANDEL_TINY
/* the iterate Z[m] = (re + i im) 2^exponent where it is below 2^-960: the orbit's own array holds what a double can */
typedef struct {
  int64_t m, exponent;
  double re, im;
} fmandel_tiny;
#endif

/* (re + i im) 2^exponent, max(|re|, |im|) in [1, 2), or 0 with the exponent -2^60 */
typedef struct {
  double re, im;
  int64_t exponent;
} fmandel_floatexp;

typedef struct {
  /* the caller's, and may be replaced by larger ones (contents copied) between two runs */
  double *z;        /* 2 (capacity + 1) doubles: Z[0 .. length], re and im interleaved */
  int64_t capacity; /* at least 1 */
  fmandel_tiny *tiny; /* sorted by m; needed where bits > 960 */
  int64_t tiny_capacity;
  uint64_t *work; /* fmandel_orbit_work(bits) limbs: C and Z in fixed point, and scratch */

  /* the orbit's: to be read */
  int64_t bits;   /* fractional bits, a multiple of 64 */
  int limbs;      /* that the iterates have at the moment: fewer as the derivative grows */
  double radius;  /* escape radius, 2 .. 2^30 */
  int64_t length; /* Z[0 .. length] are there */
  int64_t period; /* length when Z[length] is Z[0] again, else 0 */
  int64_t escaped; /* 1 when |Z[length]| > radius */
  int64_t tiny_count;
  fmandel_floatexp derivative; /* dZ[length]/dC */
  fmandel_floatexp last;       /* Z[length] */
  fmandel_floatexp nearest;    /* the smallest Z that a disc of candidates held so far, see fmandel_orbit_run */
} fmandel_orbit;

/* what fmandel_orbit_run and fmandel_nucleus return besides FMANDEL_OK and FMANDEL_CANCELLED */
enum {
  FMANDEL_FULL = 3,      /* z or tiny is full: give more room and run on */
  FMANDEL_CANDIDATE = 4, /* length may be the period of a nucleus within the radius asked for */
  FMANDEL_NOT_CONVERGED = 5     /* Newton's method did not converge, or left the neighbourhood */
};

/*
 * Fractional bits for views whose samples are 2^spacing_exponent apart: the error of every iterate stays below what a
 * change of C by 2^-64 of that spacing causes, for max_iter iterations. -1 when the spacing is not in 2^-2^26 .. 2^8.
 */
int64_t fmandel_orbit_bits(int64_t spacing_exponent, int64_t max_iter);

/* limbs of a fixed-point number with that many fractional bits, and of an orbit's work memory */
int fmandel_orbit_limbs(int64_t bits);
int64_t fmandel_orbit_work(int64_t bits);

/*
 * Starts the orbit of C = re + i im, numbers of fmandel_orbit_limbs(bits) limbs as in fixed.h, |C| < 4; z, capacity,
 * tiny, tiny_capacity and work are set by the caller before.
 */
void fmandel_orbit_start(fmandel_orbit *orbit, const uint64_t *re, const uint64_t *im, int64_t bits, double radius);

/*
 * Runs on until length is max_iter or |Z| > radius: FMANDEL_OK; or until something else in the table above. After an
 * escape nothing runs.
 *
 *   max_iter   1 .. 2^53
 *   disc       NULL, or the radius of a disc around C (a positive number in disc->re): the run also stops, with
 *              FMANDEL_CANDIDATE, at each m where |Z_m| < disc |dZ_m/dC| and |Z_m| is below all earlier such; run on
 *              for the next
 *   progress   the length reached, written now and then for another thread to read; or NULL
 *   cancel     polled at least every few milliseconds; or NULL
 */
int fmandel_orbit_run(fmandel_orbit *orbit, int64_t max_iter, const fmandel_floatexp *disc, int64_t *progress,
                      const int32_t *cancel);

/*
 * Moves an orbit that ran to FMANDEL_CANDIDATE at length p to the nucleus of that period, by Newton's method.
 *
 *   disc       the moved C must lie within twice this radius of the first one
 *   tolerance  the nucleus is to be exact within 2^tolerance, not below 2^-bits
 *
 * FMANDEL_OK: the orbit is periodic, of length the period (p, or a divisor of it), and fmandel_orbit_re and _im give
 * the nucleus.
 * FMANDEL_ASTRAY: no such nucleus; the orbit is as it was, or (rarely) at its start again, and may run on: the
 * candidate does not come back. FMANDEL_CANCELLED, FMANDEL_FULL: the orbit is lost; start again.
 */
int fmandel_nucleus(fmandel_orbit *orbit, const fmandel_floatexp *disc, int64_t tolerance, int64_t *progress,
                    const int32_t *cancel);

/* the size of the minibrot around the nucleus of a periodic orbit, and its direction: the full set has size 1 */
fmandel_floatexp fmandel_nucleus_size(const fmandel_orbit *orbit);

/* 1 where the minibrot around the nucleus of a periodic orbit has a cardioid for its body, 0 where it is nearly a disc */
int fmandel_nucleus_is_cardioid(const fmandel_orbit *orbit);

/* the orbit's C, in its work memory */
const uint64_t *fmandel_orbit_re(const fmandel_orbit *orbit);
const uint64_t *fmandel_orbit_im(const fmandel_orbit *orbit);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
