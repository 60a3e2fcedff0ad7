/*
 * Newton's method for Z_p(C) = 0 without new iterations in fixed point. Z_p(C + c) = Z_p(C) +
 * z_p(c), and the delta z_p and the derivative are computed along the orbit that exists, as the
 * kernel does for a pixel.
 *
 * Doubles find c to 20 bits, and once more to 40. The error of c shifts the picture: a
 * neighbourhood is 2^25 of its finest samples wide. So the last pass carries what each double
 * leaves as well: of Z from the fixed-point number, of the delta from its own roundings. It moves
 * the orbit to C + c and gives Z_p(C + c) to 2^-70 of z_p, and with it the rest of the way. That is
 * so short that each iterate moves by D_m times it.
 *
 * If more is required, the moved C is iterated again in fixed point, and the same is done from
 * there. Newton's method in full precision throughout would cost six to ten orbits with their
 * derivatives instead.
 */
#include <math.h>
#include <string.h>

#include "cancel.h"
#include "fmandel/fixed.h"
#include "fmandel/tile.h"
#include "fixed/dd.h"
#include "fixed/limbs.h"
#include "orbit/iterate.h"

enum { POLL = 4096, NEWTON_STEPS = 32 };

/*
 * A step of Newton's method in doubles that is this many bits shorter than c is the last one: the
 * next one would be twice as many.
 */
enum { SHORT_STEP = 20 };

/*
 * Up to this period an orbit takes microseconds, so Newton's method continues to the last bits of
 * the fixed-point number, which are noise and rounded away. A nucleus that is exact in binary, such
 * as -1, is then found exactly.
 */
enum { SHORT_PERIOD = 64, NOISE = 16 };

/* The rest is this many bits shorter than c, or the orbit cannot follow to first order. */
enum { SHORT_REST = 32 };

/*
 * bits of |c| that are right then: twice as many, for the terms beyond the first order. Z has 77
 * bits, less what a million roundings add up to, which is more.
 */
enum { GAIN = 2 * SHORT_REST };

/*
 * an iterate within this of the disc's image counts as 0: far below real iterates, far above
 * Newton's residue
 */
enum { CLOSED = -30 };

static int is_zero(floatexp a) { return a.re == 0 && a.im == 0; }
static floatexp negative(floatexp a) { return (floatexp){-a.re, -a.im, a.e}; }

/* a 2^by; 0 stays 0 */
static floatexp times_power(floatexp a, int64_t by) {
  if (!is_zero(a)) a.e += by;
  return a;
}

static floatexp quotient(floatexp a, floatexp b) {
  double norm = b.re * b.re + b.im * b.im;
  return times_power(floatexp_mul(a, (floatexp){b.re / norm, -b.im / norm, 0}), -b.e);
}

/*
 * a complex number x 2^e that runs through many steps: its exponent changes only when the doubles
 * need it
 */
typedef struct {
  double re, im;
  int64_t e;
  double unit; /* 2^e, 0 below the double's range */
} scaled_running;

static scaled_running run_from(floatexp a) {
  /* zero has an exponent of its own too, so that any c can be added to it */
  int64_t e = is_zero(a) ? 0 : a.e;
  return (scaled_running){a.re, a.im, e, power_of_two(e)};
}
static floatexp run_to(scaled_running a) { return floatexp_normal((floatexp){a.re, a.im, a.e}); }
static int run_leaves(scaled_running a) {
  double norm = norm_max(a.re, a.im);
  return norm > 0x1p200 || norm < 0x1p-200;
}

/* D <- 2 Z D + 1 in D's unit */
static inline void step_slope(scaled_running *d, double re, double im) {
  const double t = 2 * (re * d->re - im * d->im) + power_of_two(-d->e);
  d->im = 2 * (re * d->im + im * d->re);
  d->re = t;
}

/* The same where Z or D leaves the middle of the double's range. */
static scaled_running next_slope(floatexp d, floatexp z) {
  return run_from(floatexp_add(floatexp_mul(floatexp_add(z, z), d), floatexp_of(1, 0)));
}

typedef struct {
  floatexp value, derivative; /* Z_p(C + c), and its derivative by C */
  int64_t period; /* the first divisor m of p with Z_m = 0, as nearly as Newton's method can tell */
  int lost; /* an iterate fell below what its double holds: it must be iterated in fixed point */
} perturbed;

/* an iterate that may be where the orbit of a divisor of p closes */
static inline int may_close(int64_t m, int64_t p, double norm) { return norm < 0x1p-20 && p % m == 0; }

static inline int closes(floatexp now, floatexp derivative, floatexp disc) {
  return floatexp_less(now, times_power(floatexp_mul(disc, derivative), CLOSED));
}

/*
 * z <- (2 Z + z) z + c and D <- 2 (Z + z) D + 1 along the orbit up to p. Where Z is tiny, or z or D
 * leaves the middle of the double's range, every number has an exponent.
 */
static int perturb_orbit(const fmandel_orbit *orbit, floatexp c, floatexp disc, perturbed *result, const int32_t *cancel) {
  const int64_t p = orbit->length;
  const double *Z = orbit->z;
  const fmandel_tiny *tiny = orbit->tiny, *tiny_end = orbit->tiny + orbit->tiny_count;
  scaled_running z = run_from(c), d = run_from(floatexp_of(1, 0)); /* z_1 = c, D_1 = 1 */
  double c_re = c.re, c_im = c.im; /* c in units of z's exponent */
  *result = (perturbed){.period = p};

  for (int64_t m = 1; m < p; m++) {
    if (m % POLL == 0 && cancelled(cancel)) return FMANDEL_CANCELLED;
    double Z_re = Z[2 * m], Z_im = Z[2 * m + 1];
    double re = Z_re + z.re * z.unit, im = Z_im + z.im * z.unit; /* the moved iterate */
    double norm = norm_max(re, im);
    if (!(norm < 0x1p40)) return FMANDEL_NOT_CONVERGED;
    const int is_tiny = tiny < tiny_end && tiny->m == m, maybe = may_close(m, p, norm);

    if (!is_tiny && !maybe && norm >= TINY && !run_leaves(z) && !run_leaves(d)) {
      double t_re = Z_re + re, t_im = Z_im + im;
      const double u = t_re * z.re - t_im * z.im + c_re;
      z.im = t_re * z.im + t_im * z.re + c_im;
      z.re = u;
      step_slope(&d, re, im);
      continue;
    }

    floatexp old = is_tiny ? floatexp_from_tiny(*tiny) : floatexp_of(Z_re, Z_im);
    floatexp delta = run_to(z), slope = run_to(d), now = floatexp_add(old, delta);
    if (is_tiny) tiny++;
    if (maybe && m < result->period && closes(now, slope, disc)) result->period = m;
    z = run_from(floatexp_add(floatexp_mul(floatexp_add(floatexp_add(old, old), delta), delta), c));
    d = next_slope(slope, now);
    c_re = c.re * power_of_two(c.e - z.e);
    c_im = c.im * power_of_two(c.e - z.e);
  }

  /*
   * the last iterate decides where the zero is, so the fixed-point number is used, not its double
   */
  result->value = floatexp_add(floatexp_from(orbit->last), run_to(z));
  result->derivative = run_to(d);
  return FMANDEL_OK;
}

/*
 * Finds c with Z_p(C + c) = 0, from 0 on. The orbit has length p. Steps below the tolerance may be
 * the rounding of the fixed-point number.
 */
static int newton(fmandel_orbit *orbit, floatexp disc, int64_t tolerance, floatexp *c, const int32_t *cancel) {
  floatexp reach = times_power(disc, 1);
  *c = quotient(negative(floatexp_from(orbit->last)), floatexp_from(orbit->derivative));
  for (int i = 0; i < NEWTON_STEPS && floatexp_less(floatexp_abs(*c), reach); i++) {
    perturbed at;
    int status = perturb_orbit(orbit, *c, disc, &at, cancel);
    if (status != FMANDEL_OK) return status;
    floatexp step = quotient(negative(at.value), at.derivative);
    *c = floatexp_add(*c, step);
    if (is_zero(step) || step.e <= c->e - SHORT_STEP || step.e < tolerance) return FMANDEL_OK;
  }
  return FMANDEL_NOT_CONVERGED;
}

/* a part of a number in fixed point, C's or the last iterate's, and 2^e (high + low) */
static void add_to(fmandel_orbit *orbit, int which, double high, double low, int64_t e) {
  const int n = fmandel_orbit_limbs(orbit->bits);
  limb *const part = orbit->work + which * n;
  limb *const step = orbit->work + 6 * n; /* the place of the sum, free between two iterations */
  fmandel_fixed_from_floatexp(step, n, high, e);
  fmandel_fixed_add(part, part, step, n);
  fmandel_fixed_from_floatexp(step, n, low, e);
  fmandel_fixed_add(part, part, step, n);
}

/* C += c */
static void move_centre(fmandel_orbit *orbit, floatexp c) {
  add_to(orbit, 0, c.re, 0, c.e);
  add_to(orbit, 1, c.im, 0, c.e);
}

/* C to the nearest multiple of 2^NOISE ulp */
static void round_centre(fmandel_orbit *orbit) {
  const limb mask = ~(((limb)1 << NOISE) - 1);
  const double half = 1 << (NOISE - 1);
  add_to(orbit, 0, half, 0, -orbit->bits);
  add_to(orbit, 1, half, 0, -orbit->bits);
  orbit->work[0] &= mask;
  orbit->work[fmandel_orbit_limbs(orbit->bits)] &= mask;
}

/* the same number with a mantissa near 1 */
static void normalise(scaled_running *a, double *low_re, double *low_im) {
  const floatexp to = run_to(*a);
  const double unit = power_of_two(a->e - to.e);
  *low_re *= unit, *low_im *= unit;
  *a = run_from(to);
}

/*
 * The orbit's Z become those of C + c, by the recurrence of `perturb_orbit` with what each double
 * leaves carried along. Z_p in fixed point becomes Z_p(C + c).
 */
static int move_orbit(fmandel_orbit *orbit, floatexp c, floatexp disc, perturbed *result, const int32_t *cancel) {
  const int64_t p = orbit->length;
  double *const Z = orbit->z;
  float *const low = orbit->low;
  fmandel_tiny *tiny = orbit->tiny, *tiny_end = orbit->tiny + orbit->tiny_count;
  scaled_running z = run_from(c), d = run_from(floatexp_of(1, 0));
  double z_low_re = 0, z_low_im = 0; /* in units of z's exponent, as c_re and c_im */
  double c_re = c.re, c_im = c.im;
  *result = (perturbed){.period = p};

  for (int64_t m = 1; m < p; m++) {
    if (m % POLL == 0 && cancelled(cancel)) return FMANDEL_CANCELLED;
    if (run_leaves(z) && !is_zero(run_to(z))) {
      normalise(&z, &z_low_re, &z_low_im);
      c_re = c.re * power_of_two(c.e - z.e);
      c_im = c.im * power_of_two(c.e - z.e);
    }
    if (run_leaves(d)) d = run_from(run_to(d));
    const double Z_re = Z[2 * m], Z_im = Z[2 * m + 1], unit = low_unit(Z_re, Z_im);
    const double rest_re = low[2 * m] * unit, rest_im = low[2 * m + 1] * unit;
    const double delta_re = z.re * z.unit, delta_im = z.im * z.unit, delta_low_re = z_low_re * z.unit, delta_low_im = z_low_im * z.unit;
    dd sum_re = two_sum(Z_re, delta_re), sum_im = two_sum(Z_im, delta_im);
    sum_re.low += rest_re + delta_low_re, sum_im.low += rest_im + delta_low_im;
    const double re = sum_re.high + sum_re.low, im = sum_im.high + sum_im.low;
    const double norm = norm_max(re, im);
    if (!(norm < 0x1p40)) return FMANDEL_NOT_CONVERGED;
    const int is_tiny = tiny < tiny_end && tiny->m == m;
    if (may_close(m, p, norm) && m < result->period && closes(is_tiny ? floatexp_add(floatexp_from_tiny(*tiny), run_to(z)) : floatexp_of(re, im), run_to(d), disc))
      result->period = m;

    if (!is_tiny && norm >= TINY) {
      put_iterate(orbit, m, sum_re, sum_im);
      /* t = 2 Z + z */
      dd t_re = two_sum(2 * Z_re, delta_re), t_im = two_sum(2 * Z_im, delta_im);
      t_re.low += 2 * rest_re + delta_low_re, t_im.low += 2 * rest_im + delta_low_im;
      const dd next_re = product_sum(t_re.high, z.re, -t_im.high, z.im,
                                     (t_re.high * z_low_re - t_im.high * z_low_im) + (t_re.low * z.re - t_im.low * z.im));
      const dd next_im = product_sum(t_re.high, z.im, t_im.high, z.re,
                                     (t_re.high * z_low_im + t_im.high * z_low_re) + (t_re.low * z.im + t_im.low * z.re));
      const dd with_c_re = two_sum(next_re.high, c_re), with_c_im = two_sum(next_im.high, c_im);
      z.re = with_c_re.high, z.im = with_c_im.high;
      z_low_re = next_re.low + with_c_re.low, z_low_im = next_im.low + with_c_im.low;
      step_slope(&d, re, im);
      continue;
    }

    const floatexp old = is_tiny ? floatexp_from_tiny(*tiny) : floatexp_add(floatexp_of(Z_re, Z_im), floatexp_of(rest_re, rest_im));
    const floatexp delta = floatexp_add(run_to(z), floatexp_normal((floatexp){z_low_re, z_low_im, z.e})), slope = run_to(d), now = floatexp_add(old, delta);
    Z[2 * m] = floatexp_re(now), Z[2 * m + 1] = floatexp_im(now);
    low[2 * m] = low[2 * m + 1] = 0;
    if (is_tiny) *tiny++ = (fmandel_tiny){m, now.e, now.re, now.im};
    else if (now.e < TINY_EXPONENT - 30 && !is_zero(now)) result->lost = 1; /* 0 closes the orbit */
    z = run_from(floatexp_add(floatexp_mul(floatexp_add(floatexp_add(old, old), delta), delta), c));
    d = next_slope(slope, now);
    z_low_re = z_low_im = 0;
    c_re = c.re * power_of_two(c.e - z.e);
    c_im = c.im * power_of_two(c.e - z.e);
  }

  add_to(orbit, 2, z.re, z_low_re, z.e);
  add_to(orbit, 3, z.im, z_low_im, z.e);
  result->value = iterate_as_floatexp(orbit->work, fmandel_orbit_limbs(orbit->bits));
  result->derivative = run_to(d);
  return FMANDEL_OK;
}

/* the orbit's Z become those of C + c, to first order */
static void follow(fmandel_orbit *orbit, int64_t p, floatexp c) {
  double *const Z = orbit->z;
  const float *const low = orbit->low;
  fmandel_tiny *tiny = orbit->tiny, *tiny_end = orbit->tiny + orbit->tiny_count;
  scaled_running d = run_from(floatexp_of(1, 0));
  double unit = power_of_two(c.e), c_re = c.re * unit, c_im = c.im * unit; /* in units of D's exponent */
  for (int64_t m = 1; m < p; m++) {
    const double Z_re = Z[2 * m], Z_im = Z[2 * m + 1];
    floatexp z;
    if (tiny < tiny_end && tiny->m == m) {
      const floatexp now = z = floatexp_add(floatexp_from_tiny(*tiny), floatexp_mul(run_to(d), c));
      *tiny++ = (fmandel_tiny){m, now.e, now.re, now.im};
      Z[2 * m] = floatexp_re(now), Z[2 * m + 1] = floatexp_im(now);
    } else {
      const double rest_unit = low_unit(Z_re, Z_im);
      dd re = two_sum(Z_re, d.re * c_re - d.im * c_im), im = two_sum(Z_im, d.re * c_im + d.im * c_re);
      re.low += low[2 * m] * rest_unit, im.low += low[2 * m + 1] * rest_unit;
      put_iterate(orbit, m, re, im);
      if (!run_leaves(d)) {
        step_slope(&d, Z_re, Z_im);
        continue;
      }
      z = floatexp_of(Z_re, Z_im);
    }
    d = next_slope(run_to(d), z);
    unit = power_of_two(c.e + d.e), c_re = c.re * unit, c_im = c.im * unit;
  }
}

/* Back to length 0 at another C. Candidates that were reported are not reported again. */
static void restart(fmandel_orbit *orbit, const limb *re, const limb *im) {
  fmandel_floatexp nearest = orbit->nearest;
  fmandel_orbit_start(orbit, re, im, orbit->bits, orbit->radius);
  orbit->nearest = nearest;
}

static void close_orbit(fmandel_orbit *orbit, const perturbed *at, int64_t tolerance) {
  int64_t p = at->period;
  orbit->tolerance = tolerance;
  orbit->length = orbit->period = p;
  orbit->z[2 * p] = orbit->z[2 * p + 1] = 0;
  orbit->last = (fmandel_floatexp){0, 0, FLOATEXP_ZERO_EXPONENT};
  orbit->derivative = floatexp_out(at->derivative);
  while (orbit->tiny_count > 0 && orbit->tiny[orbit->tiny_count - 1].m >= p) orbit->tiny_count--;
}

int fmandel_nucleus(fmandel_orbit *orbit, const fmandel_floatexp *disc, int64_t tolerance, int64_t *progress,
                    const int32_t *cancel) {
  const int64_t p = orbit->length;
  const int n = fmandel_orbit_limbs(orbit->bits);
  limb *first = orbit->work + 4 * n; /* C as it was */
  memcpy(first, orbit->work, 2 * (size_t)n * sizeof(limb));

  /*
   * each round gains GAIN of the remaining bits: after more rounds than all bits need, it does not
   * converge
   */
  const int64_t rounds = orbit->bits / GAIN + 8, enough = p <= SHORT_PERIOD ? NOISE - orbit->bits : tolerance;
  int modified = 0;
  for (int64_t round = 0; round < rounds; round++) {
    floatexp c, rest;
    perturbed at;
    int status = newton(orbit, floatexp_from(*disc), tolerance, &c, cancel);
    if (status == FMANDEL_OK) {
      modified = 1;
      status = move_orbit(orbit, c, floatexp_from(*disc), &at, cancel);
    }
    if (status == FMANDEL_OK) {
      move_centre(orbit, c);
      if (!at.lost) {
        rest = quotient(negative(at.value), at.derivative);
        move_centre(orbit, rest);
        if (rest.e < enough || (rest.e <= c.e - SHORT_REST && c.e - GAIN <= enough)) {
          follow(orbit, at.period, rest);
          if (p <= SHORT_PERIOD) round_centre(orbit);
          close_orbit(orbit, &at, tolerance);
          return FMANDEL_OK;
        }
      }
      restart(orbit, orbit->work, orbit->work + n);
      status = fmandel_orbit_run(orbit, p, NULL, progress, cancel);
      if (status == FMANDEL_OK && orbit->length < p) status = FMANDEL_NOT_CONVERGED;
    }
    if (status == FMANDEL_NOT_CONVERGED && modified) restart(orbit, first, first + n);
    if (status != FMANDEL_OK) return status;
  }
  restart(orbit, first, first + n);
  return FMANDEL_NOT_CONVERGED;
}

/*
 * Near the nucleus f^p maps z to about l z^2 + ..., with l = 2 Z_1 2 Z_2 ... 2 Z_(p-1), and a
 * change c of C moves its value at 0 by l b c, with b = 1 + 1/(2 Z_1) + 1/(2 Z_1 2 Z_2) + .... With
 * w = l z this is w <- w^2 + l^2 b c. So c is to the minibrot what l^2 b c is to the whole set.
 */
fmandel_floatexp fmandel_nucleus_size(const fmandel_orbit *orbit) {
  const fmandel_tiny *tiny = orbit->tiny, *tiny_end = orbit->tiny + orbit->tiny_count;
  const floatexp one = floatexp_of(1, 0);
  floatexp l = one, b = one;
  for (int64_t m = 1; m < orbit->period; m++) {
    int is_tiny = tiny < tiny_end && tiny->m == m;
    floatexp z = is_tiny ? floatexp_from_tiny(*tiny++) : floatexp_of(orbit->z[2 * m], orbit->z[2 * m + 1]);
    l = floatexp_mul(l, times_power(z, 1));
    b = floatexp_add(b, quotient(one, l));
  }
  return floatexp_out(quotient(one, floatexp_mul(b, floatexp_mul(l, l))));
}
