/*
 * Newton's method for Z_p(C) = 0 without new iterations in fixed point: Z_p(C + c) = Z_p(C) + z_p(c), and the delta z_p
 * and the derivative are had in doubles along the orbit that is there, as the kernel has them for a pixel. C is thus
 * moved to the nucleus with 40 bits of the distance right, and the orbit with it, by adding the deltas. Where more is
 * asked, the moved C is iterated anew in fixed point and the same done from there, for 40 bits more each time.
 *
 * That is little for a nucleus of thousands of digits and all that a reference needs: an error of C counts against the
 * samples' spacing, and a neighbourhood is some 2^14 spacings wide. Newton's method in full precision throughout would
 * cost six to ten orbits with their derivatives instead.
 */
#include <math.h>
#include <string.h>

#include "cancel.h"
#include "fmandel/fixed.h"
#include "fmandel/tile.h"
#include "orbit/iterate.h"
#include "fixed/limbs.h"

enum { POLL = 4096, NEWTON_STEPS = 32 };

/* bits of |c| that Newton's method in doubles gets right: 53 less what millions of roundings add up to */
enum { GAIN = 40 };

/* an iterate within this of what the disc spans is 0: far below what is, far above what Newton's method leaves */
enum { CLOSED = -30 };

static int is_zero(scaled a) { return a.re == 0 && a.im == 0; }
static scaled negative(scaled a) { return (scaled){-a.re, -a.im, a.e}; }

/* a 2^by; 0 stays 0 */
static scaled times_power(scaled a, int64_t by) {
  if (!is_zero(a)) a.e += by;
  return a;
}

static scaled quotient(scaled a, scaled b) {
  double norm = b.re * b.re + b.im * b.im;
  return times_power(scaled_mul(a, (scaled){b.re / norm, -b.im / norm, 0}), -b.e);
}

/* a complex number x 2^e that runs through many steps: its exponent is adjusted only when the doubles need it */
typedef struct {
  double re, im;
  int64_t e;
  double unit; /* 2^e, 0 below the double's range */
} running;

static running run_from(scaled a) {
  /* an exponent of its own for zero too, which any c may be added to */
  int64_t e = is_zero(a) ? 0 : a.e;
  return (running){a.re, a.im, e, power_of_two(e)};
}
static scaled run_to(running a) { return scaled_normal((scaled){a.re, a.im, a.e}); }
static int run_leaves(running a) {
  double norm = norm_max(a.re, a.im);
  return norm > 0x1p200 || norm < 0x1p-200;
}

typedef struct {
  scaled value, derivative; /* Z_p(C + c), and its derivative by C */
  int64_t period;           /* the first divisor m of p with Z_m = 0 as nearly as Newton's method tells */
  int lost;                 /* an iterate fell below what its double holds: iterate it in fixed point */
} moved;

/*
 * z <- (2 Z + z) z + c and D <- 2 (Z + z) D + 1 along the orbit up to p; with write set the orbit becomes that of C +
 * c. Steps where Z is tiny, or where z or D leaves the middle of the doubles' range, have an exponent for every number.
 */
static int move(fmandel_orbit *orbit, int64_t p, scaled c, scaled disc, int write, moved *result,
                const int32_t *cancel) {
  double *Z = orbit->z;
  fmandel_tiny *tiny = orbit->tiny, *tiny_end = orbit->tiny + orbit->tiny_count;
  running z = run_from(c), d = run_from(scaled_of(1, 0)); /* z_1 = c, D_1 = 1 */
  double c_re = c.re, c_im = c.im;                        /* c in units of z's exponent */
  *result = (moved){.period = p};

  for (int64_t m = 1; m < p; m++) {
    if (m % POLL == 0 && cancelled(cancel)) return FMANDEL_CANCELLED;
    double Z_re = Z[2 * m], Z_im = Z[2 * m + 1];
    double re = Z_re + z.re * z.unit, im = Z_im + z.im * z.unit; /* the moved iterate */
    double norm = norm_max(re, im);
    if (!(norm < 0x1p40)) return FMANDEL_ASTRAY;
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

    scaled old = is_tiny ? scaled_from_tiny(*tiny) : scaled_of(Z_re, Z_im);
    scaled delta = run_to(z), slope = run_to(d), now = scaled_add(old, delta);
    if (write) {
      Z[2 * m] = scaled_re(now);
      Z[2 * m + 1] = scaled_im(now);
      if (is_tiny)
        *tiny = (fmandel_tiny){m, now.e, now.re, now.im};
      else if (now.e < TINY_EXPONENT - 30)
        result->lost = 1;
    }
    if (is_tiny) tiny++;
    scaled reach = times_power(scaled_mul(disc, slope), CLOSED);
    if (may_close && m < result->period && scaled_less(now, reach)) result->period = m;
    z = run_from(scaled_add(scaled_mul(scaled_add(scaled_add(old, old), delta), delta), c));
    d = run_from(scaled_add(scaled_mul(scaled_add(now, now), slope), scaled_of(1, 0)));
    c_re = c.re * power_of_two(c.e - z.e);
    c_im = c.im * power_of_two(c.e - z.e);
  }

  /* the last iterate decides where the zero is: from the fixed-point number, not from its double */
  result->value = scaled_add(scaled_from(orbit->last), run_to(z));
  result->derivative = run_to(d);
  return FMANDEL_OK;
}

/* c with Z_p(C + c) = 0, from 0 on; the orbit stands at length p */
static int newton(fmandel_orbit *orbit, scaled disc, scaled *c, const int32_t *cancel) {
  scaled reach = times_power(disc, 1);
  *c = quotient(negative(scaled_from(orbit->last)), scaled_from(orbit->derivative));
  for (int i = 0; i < NEWTON_STEPS && scaled_less(scaled_abs(*c), reach); i++) {
    moved at;
    int status = move(orbit, orbit->length, *c, disc, 0, &at, cancel);
    if (status != FMANDEL_OK) return status;
    scaled step = quotient(negative(at.value), at.derivative);
    *c = scaled_add(*c, step);
    if (is_zero(step) || step.e <= c->e - GAIN) return FMANDEL_OK;
  }
  return FMANDEL_ASTRAY;
}

/* C += c */
static void move_centre(fmandel_orbit *orbit, scaled c) {
  int n = fmandel_orbit_limbs(orbit->bits);
  limb *part = orbit->work, *step = orbit->work + 6 * n; /* the sum's place, free between two iterations */
  fmandel_fixed_from_scaled(step, n, c.re, c.e);
  fmandel_fixed_add(part, part, step, n);
  fmandel_fixed_from_scaled(step, n, c.im, c.e);
  fmandel_fixed_add(part + n, part + n, step, n);
}

/* back to length 0 at another C; candidates that were had stay had */
static void restart(fmandel_orbit *orbit, const limb *re, const limb *im) {
  fmandel_scaled nearest = orbit->nearest;
  fmandel_orbit_start(orbit, re, im, orbit->bits, orbit->radius);
  orbit->nearest = nearest;
}

static void close_orbit(fmandel_orbit *orbit, const moved *at) {
  int64_t p = at->period;
  orbit->length = orbit->period = p;
  orbit->z[2 * p] = orbit->z[2 * p + 1] = 0;
  orbit->last = (fmandel_scaled){0, 0, SCALED_ZERO_EXPONENT};
  orbit->derivative = scaled_out(at->derivative);
  while (orbit->tiny_count > 0 && orbit->tiny[orbit->tiny_count - 1].m >= p) orbit->tiny_count--;
}

int fmandel_nucleus(fmandel_orbit *orbit, const fmandel_scaled *disc, int64_t tolerance, int64_t *progress,
                    const int32_t *cancel) {
  const int64_t p = orbit->length;
  const int n = fmandel_orbit_limbs(orbit->bits);
  limb *first = orbit->work + 4 * n; /* C as it was */
  memcpy(first, orbit->work, 2 * (size_t)n * sizeof(limb));

  for (int spoilt = 0;;) {
    scaled c;
    moved at;
    int status = newton(orbit, scaled_from(*disc), &c, cancel);
    if (status == FMANDEL_OK && c.e + 1 - GAIN <= tolerance) {
      spoilt = 1;
      status = move(orbit, p, c, scaled_from(*disc), 1, &at, cancel);
      if (status == FMANDEL_OK && !at.lost) {
        move_centre(orbit, c);
        close_orbit(orbit, &at);
        return FMANDEL_OK;
      }
    }
    if (status == FMANDEL_OK) {
      spoilt = 1;
      move_centre(orbit, c);
      restart(orbit, orbit->work, orbit->work + n);
      status = fmandel_orbit_run(orbit, p, NULL, progress, cancel);
      if (status == FMANDEL_OK && orbit->length < p) status = FMANDEL_ASTRAY;
    }
    if (status == FMANDEL_ASTRAY && spoilt) restart(orbit, first, first + n);
    if (status != FMANDEL_OK) return status;
  }
}

/*
 * Near the nucleus f^p maps z to about l z^2 + ..., l = 2 Z_1 2 Z_2 ... 2 Z_(p-1), and a change c of C moves its value
 * at 0 by l b c, b = 1 + 1/(2 Z_1) + 1/(2 Z_1 2 Z_2) + ...: with w = l z this is w <- w^2 + l^2 b c, so c is to the
 * small set what l^2 b c is to the whole.
 */
fmandel_scaled fmandel_nucleus_size(const fmandel_orbit *orbit) {
  const fmandel_tiny *tiny = orbit->tiny, *tiny_end = orbit->tiny + orbit->tiny_count;
  const scaled one = scaled_of(1, 0);
  scaled l = one, b = one;
  for (int64_t m = 1; m < orbit->period; m++) {
    int is_tiny = tiny < tiny_end && tiny->m == m;
    scaled z = is_tiny ? scaled_from_tiny(*tiny++) : scaled_of(orbit->z[2 * m], orbit->z[2 * m + 1]);
    l = scaled_mul(l, times_power(z, 1));
    b = scaled_add(b, quotient(one, l));
  }
  return scaled_out(quotient(one, scaled_mul(b, scaled_mul(l, l))));
}
