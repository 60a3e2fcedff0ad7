/*
 * Newton's method for Z_p(C) = 0 without new iterations in fixed point. Z_p(C + c) = Z_p(C) +
 * z_p(c), and doubles give the delta z_p and the derivative along the orbit that exists, as the
 * kernel does for a pixel. So C moves to the nucleus with 40 bits of the distance right, and the
 * orbit with it, by adding the deltas. If more is required, the moved C is iterated anew in fixed
 * point and the same is done from there, for 40 bits more each time.
 *
 * That is little for a nucleus of thousands of digits, but all that a reference needs: an error of
 * C counts against the samples' spacing, and a neighbourhood is some 2^14 spacings wide. Newton's
 * method in full precision throughout would cost six to ten orbits with their derivatives instead.
 */
#include <math.h>
#include <string.h>

#include "cancel.h"
#include "fmandel/fixed.h"
#include "fmandel/tile.h"
#include "orbit/iterate.h"
#include "fixed/limbs.h"

enum { POLL = 4096, NEWTON_STEPS = 32 };

/*
 * bits of |c| that Newton's method gets right in doubles: 53 less what millions of roundings add up
 * to
 */
enum { GAIN = 40 };

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

typedef struct {
  floatexp value, derivative; /* Z_p(C + c), and its derivative by C */
  int64_t period; /* the first divisor m of p with Z_m = 0, as nearly as Newton's method can tell */
  int lost; /* an iterate fell below what its double holds: it must be iterated in fixed point */
} perturbed;

/*
 * z <- (2 Z + z) z + c and D <- 2 (Z + z) D + 1 along the orbit up to p. With `write` set, the
 * orbit becomes that of C + c. Where Z is tiny, or z or D leaves the middle of the double's range,
 * every number has an exponent.
 */
static int perturb_orbit(fmandel_orbit *orbit, int64_t p, floatexp c, floatexp disc, int write, perturbed *result,
                const int32_t *cancel) {
  double *Z = orbit->z;
  fmandel_tiny *tiny = orbit->tiny, *tiny_end = orbit->tiny + orbit->tiny_count;
  scaled_running z = run_from(c), d = run_from(floatexp_of(1, 0)); /* z_1 = c, D_1 = 1 */
  double c_re = c.re, c_im = c.im; /* c in units of z's exponent */
  *result = (perturbed){.period = p};

  for (int64_t m = 1; m < p; m++) {
    if (m % POLL == 0 && cancelled(cancel)) return FMANDEL_CANCELLED;
    double Z_re = Z[2 * m], Z_im = Z[2 * m + 1];
    double re = Z_re + z.re * z.unit, im = Z_im + z.im * z.unit; /* the moved iterate */
    double norm = norm_max(re, im);
    if (!(norm < 0x1p40)) return FMANDEL_NOT_CONVERGED;
    int is_tiny = tiny < tiny_end && tiny->m == m, may_close = norm < 0x1p-20 && p % m == 0;

    if (!is_tiny && !may_close && norm >= TINY && !run_leaves(z) && !run_leaves(d)) {
      if (write) {
        Z[2 * m] = re;
        Z[2 * m + 1] = im;
      }
      double t_re = Z_re + re, t_im = Z_im + im;
      double u = t_re * z.re - t_im * z.im + c_re;
      z.im = t_re * z.im + t_im * z.re + c_im;
      z.re = u;
      u = 2 * (re * d.re - im * d.im) + power_of_two(-d.e);
      d.im = 2 * (re * d.im + im * d.re);
      d.re = u;
      continue;
    }

    floatexp old = is_tiny ? floatexp_from_tiny(*tiny) : floatexp_of(Z_re, Z_im);
    floatexp delta = run_to(z), slope = run_to(d), now = floatexp_add(old, delta);
    if (write) {
      Z[2 * m] = floatexp_re(now);
      Z[2 * m + 1] = floatexp_im(now);
      if (is_tiny)
        *tiny = (fmandel_tiny){m, now.e, now.re, now.im};
      else if (now.e < TINY_EXPONENT - 30 && !is_zero(now)) /* 0 itself closes the orbit */
        result->lost = 1;
    }
    if (is_tiny) tiny++;
    floatexp reach = times_power(floatexp_mul(disc, slope), CLOSED);
    if (may_close && m < result->period && floatexp_less(now, reach)) result->period = m;
    z = run_from(floatexp_add(floatexp_mul(floatexp_add(floatexp_add(old, old), delta), delta), c));
    d = run_from(floatexp_add(floatexp_mul(floatexp_add(now, now), slope), floatexp_of(1, 0)));
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

/* Finds c with Z_p(C + c) = 0, from 0 on. The orbit has length p. */
static int newton(fmandel_orbit *orbit, floatexp disc, floatexp *c, const int32_t *cancel) {
  floatexp reach = times_power(disc, 1);
  *c = quotient(negative(floatexp_from(orbit->last)), floatexp_from(orbit->derivative));
  for (int i = 0; i < NEWTON_STEPS && floatexp_less(floatexp_abs(*c), reach); i++) {
    perturbed at;
    int status = perturb_orbit(orbit, orbit->length, *c, disc, 0, &at, cancel);
    if (status != FMANDEL_OK) return status;
    floatexp step = quotient(negative(at.value), at.derivative);
    *c = floatexp_add(*c, step);
    if (is_zero(step) || step.e <= c->e - GAIN) return FMANDEL_OK;
  }
  return FMANDEL_NOT_CONVERGED;
}

/* C += c */
static void move_centre(fmandel_orbit *orbit, floatexp c) {
  int n = fmandel_orbit_limbs(orbit->bits);
  /* the place of the sum, which is free between two iterations */
  limb *part = orbit->work, *step = orbit->work + 6 * n;
  fmandel_fixed_from_floatexp(step, n, c.re, c.e);
  fmandel_fixed_add(part, part, step, n);
  fmandel_fixed_from_floatexp(step, n, c.im, c.e);
  fmandel_fixed_add(part + n, part + n, step, n);
}

/* Back to length 0 at another C. Candidates that were reported are not reported again. */
static void restart(fmandel_orbit *orbit, const limb *re, const limb *im) {
  fmandel_floatexp nearest = orbit->nearest;
  fmandel_orbit_start(orbit, re, im, orbit->bits, orbit->radius);
  orbit->nearest = nearest;
}

static void close_orbit(fmandel_orbit *orbit, const perturbed *at) {
  int64_t p = at->period;
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
  const int64_t rounds = orbit->bits / GAIN + 8;
  int modified = 0;
  for (int64_t round = 0; round < rounds; round++) {
    floatexp c;
    perturbed at;
    int status = newton(orbit, floatexp_from(*disc), &c, cancel);
    if (status == FMANDEL_OK && c.e + 1 - GAIN <= tolerance) {
      modified = 1;
      status = perturb_orbit(orbit, p, c, floatexp_from(*disc), 1, &at, cancel);
      if (status == FMANDEL_OK && !at.lost) {
        move_centre(orbit, c);
        close_orbit(orbit, &at);
        return FMANDEL_OK;
      }
    }
    if (status == FMANDEL_OK) {
      modified = 1;
      move_centre(orbit, c);
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
