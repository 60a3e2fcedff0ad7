/*
 * One iteration costs three squarings, as (re + im)^2 - re^2 - im^2 = 2 re im, and a pass of
 * additions; or, for many limbs, a Fourier transform forth and back. See fixed-point.md and
 * reference-orbit.md in docs/theory. The derivative by C runs along in doubles with an exponent,
 * which takes a few nanoseconds. The search for periods and Newton's first step both use it.
 */
#include "fmandel/orbit.h"

#include <math.h>
#include <string.h>

#include "cancel.h"
#include "fmandel/fixed.h"
#include "fmandel/tile.h"
#include "fixed/fourier.h"
#include "orbit/iterate.h"
#include "fixed/limbs.h"
#include "fixed/limbs_columns.h"
#include "orbit/work.h"

/* an iteration at 27,000 bits takes 50 us, so this is a few ms */
enum { POLL = 64 };

/*
 * from this many limbs on, a Fourier transform squares faster than three products do: measured, and
 * the same everywhere
 */
enum { FOURIER = 96 };

/* up to this many limbs a step is unrolled entirely */
enum { SHORT = 6 };

/* what an orbit keeps however large the derivative is, so that its doubles are right */
enum { LEAST_BITS = 128 };

int fmandel_orbit_limbs(int64_t bits) { return (int)((bits + 63) / 64) + 1; }

/*
 * C, Z, C as it was before Newton moved it, a magnitude; then a sum, and three squares with guard
 * and top, or the transform's own memory.
 */
int64_t fmandel_orbit_work(int64_t bits) {
  int n = fmandel_orbit_limbs(bits), shorter = n < FOURIER ? n : FOURIER - 1;
  int64_t two_product_sums = 4 * (int64_t)shorter + 6 + fmandel_limbs_scratch(shorter), transform = n < FOURIER ? 0 : fmandel_fourier_memory(n);
  return 7 * (int64_t)n + (two_product_sums > transform ? two_product_sums : transform);
}

const uint64_t *fmandel_orbit_re(const fmandel_orbit *orbit) { return orbit->work; }
const uint64_t *fmandel_orbit_im(const fmandel_orbit *orbit) { return orbit->work + fmandel_orbit_limbs(orbit->bits); }

static int64_t log2_ceiling(int64_t x) { return x <= 1 ? 0 : 64 - __builtin_clzll((uint64_t)x - 1); }

/*
 * A step errs by less than 3 n ulp in either part, as if C had been off by that much; max_iter
 * steps by max_iter times as much.
 */
int64_t fmandel_orbit_bits(int64_t log2_spacing, int64_t max_iter) {
  if (log2_spacing > 8 || log2_spacing < -((int64_t)1 << 26) || max_iter < 1) return -1;
  int64_t bits = 64 + log2_ceiling(max_iter) - log2_spacing;
  int64_t n = fmandel_orbit_limbs(bits) + 1;
  return (bits + log2_ceiling(3 * n) + 63) / 64 * 64;
}

void fmandel_orbit_use_limbs(fmandel_orbit *orbit, int limbs) {
  int n = fmandel_orbit_limbs(orbit->bits);
  orbit->limbs = limbs;
  memset(orbit->work + 2 * n, 0, (size_t)(n - limbs) * sizeof(limb));
  memset(orbit->work + 3 * n, 0, (size_t)(n - limbs) * sizeof(limb));
  if (limbs >= FOURIER) fmandel_fourier_start(orbit->work + 7 * n, limbs);
}

void fmandel_orbit_start(fmandel_orbit *orbit, const uint64_t *re, const uint64_t *im, int64_t bits, double radius) {
  int n = fmandel_orbit_limbs(bits);
  memmove(orbit->work, re, (size_t)n * sizeof(limb));
  memmove(orbit->work + n, im, (size_t)n * sizeof(limb));
  memset(orbit->work + 2 * n, 0, 2 * (size_t)n * sizeof(limb));
  orbit->bits = 64 * (int64_t)(n - 1);
  orbit->radius = radius;
  orbit->length = orbit->period = orbit->escaped = orbit->tiny_count = 0;
  orbit->derivative = orbit->last = (fmandel_floatexp){0, 0, FLOATEXP_ZERO_EXPONENT};
  orbit->nearest = (fmandel_floatexp){0, 0, -FLOATEXP_ZERO_EXPONENT};
  orbit->tolerance = 0;
  orbit->z[0] = orbit->z[1] = 0;
  orbit->low[0] = orbit->low[1] = 0;
  fmandel_orbit_use_limbs(orbit, n);
}

/* r = |a| */
ALWAYS_INLINE void magnitude(limb *r, const limb *a, int n) {
  limb mask = (limb)((int64_t)a[n - 1] >> 63), carry = mask & 1;
  for (int i = 0; i < n; i++) {
    limb t = a[i] ^ mask;
    r[i] = t + carry;
    carry = r[i] < carry;
  }
}

/*
 * The rest of a step, in one pass past the guard limbs. The carries are small numbers of either
 * sign.
 */
ALWAYS_INLINE void sums(limb *re, limb *im, const limb *c_re, const limb *c_im, const limb *re2, const limb *im2, const limb *sum2, int n) {
  __int128 re_carry = 0, im_carry = 0;
#pragma GCC unroll 9
  for (int i = 0; i < n; i++) {
    re_carry += (__int128)re2[i] - im2[i] + c_re[i];
    im_carry += (__int128)sum2[i] - re2[i] - im2[i] + c_im[i];
    re[i] = (limb)re_carry;
    im[i] = (limb)im_carry;
    re_carry >>= 64;
    im_carry >>= 64;
  }
}

/* Z <- Z^2 + C with a constant n: calls and loops would be half the cost of so short a step. */
ALWAYS_INLINE void advance_short(limb *re, limb *im, const limb *c_re, const limb *c_im, int n) {
  limb x[SHORT], re2[SHORT + 2], im2[SHORT + 2], sum2[SHORT + 2], sum[SHORT];
  limbs_add(sum, re, im, n);
  magnitude(x, re, n);
  sqr_columns(re2, x, n, n - 2);
  magnitude(x, im, n);
  sqr_columns(im2, x, n, n - 2);
  magnitude(x, sum, n);
  sqr_columns(sum2, x, n, n - 2);
  sums(re, im, c_re, c_im, re2 + 1, im2 + 1, sum2 + 1, n);
}

/* Z <- Z^2 + C in the upper w of the n limbs. */
static void advance(limb *work, int n, int w) {
  limb *c_re = work + n - w, *c_im = c_re + n, *re = c_im + n, *im = re + n;
  limb *x = work + 6 * n, *sum = x + n;
  n = w; /* from here on */
#define CASE(N) \
  case N: advance_short(re, im, c_re, c_im, N); return;
  switch (n) { CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) }
#undef CASE
  if (n >= FOURIER) {
    fmandel_fourier_square(re, im, n, sum);
    limbs_add(re, re, c_re, n);
    limbs_add(im, im, c_im, n);
    return;
  }
  limb *re2 = sum + n, *im2 = re2 + n + 2, *sum2 = im2 + n + 2, *scratch = sum2 + n + 2;

  limbs_add(sum, re, im, n);
  magnitude(x, re, n);
  fmandel_limbs_sqr_high(re2, x, n, scratch);
  magnitude(x, im, n);
  fmandel_limbs_sqr_high(im2, x, n, scratch);
  magnitude(x, sum, n);
  fmandel_limbs_sqr_high(sum2, x, n, scratch);
  sums(re, im, c_re, c_im, re2 + 1, im2 + 1, sum2 + 1, n);
}

/*
 * D 2^e, whose larger part stays within 2^-256 .. 2^256, so that neither squares nor a step leave
 * the double's range
 */
typedef struct {
  double re, im;
  int64_t e;
} derivative;

static inline void step_derivative(derivative *d, double re, double im) {
  double one = power_of_two(-d->e);
  double t = 2 * (re * d->re - im * d->im) + one;
  d->im = 2 * (re * d->im + im * d->re);
  d->re = t;
  double norm = norm_max(d->re, d->im);
  if (norm > 0x1p256) {
    d->re *= 0x1p-256;
    d->im *= 0x1p-256;
    d->e += 256;
  } else if (norm < 0x1p-256 && d->e > 0) {
    d->re *= 0x1p256;
    d->im *= 0x1p256;
    d->e -= 256;
  }
}

/* The cost of the Fourier transform grows in steps: as many limbs as the same one takes. */
static int rounded_up(int limbs, int most) {
  int w = limbs < FOURIER ? limbs : fmandel_fourier_capacity(limbs);
  return w < most ? w : most;
}

/*
 * The limbs that the next step needs. An error of Z_m must be small against the effect of a change
 * of C by 2^-bits, |D_m| 2^-bits. So the fraction shrinks as the derivative grows, to half or less
 * at the end of a picture's iterations. Below the transform's lengths every limb is followed at
 * once; above, with two to spare, so that tables are not made over and over.
 */
static inline void adapt_limbs(fmandel_orbit *orbit, const derivative *d) {
  /* floor of log2 |D|, far below 0 for 0 */
  int64_t size = (int64_t)(double_bits(norm_max(d->re, d->im)) >> 52) - 1023 + d->e;
  int64_t bits = orbit->bits - (size > 0 ? size & -64 : 0);
  int most = (int)(orbit->bits >> 6) + 1, needed = (int)((bits > LEAST_BITS ? bits : LEAST_BITS) >> 6) + 1;
  if (needed > most) needed = most;
  if (needed == orbit->limbs) return;
  int limbs = rounded_up(needed, most);
  if (limbs < orbit->limbs && orbit->limbs >= FOURIER) limbs = rounded_up(needed + 2, most);
  if (limbs != orbit->limbs) fmandel_orbit_use_limbs(orbit, limbs);
}

/* the same where Z is too small for a double */
static void step_derivative_scaled(derivative *d, floatexp z) {
  floatexp t = floatexp_mul(z, floatexp_normal((floatexp){d->re, d->im, d->e + 1}));
  t = floatexp_add(t, (floatexp){1, 0, 0});
  int64_t e = t.e / 256 * 256;
  *d = (derivative){t.re * power_of_two(t.e - e), t.im * power_of_two(t.e - e), e};
}

/* |Z| < disc |D|, and nearer to 0 than all before */
static int is_candidate(fmandel_orbit *orbit, floatexp z, const derivative *d, const fmandel_floatexp *disc) {
  floatexp reach = floatexp_mul(floatexp_of(disc->re, 0), floatexp_abs(floatexp_normal((floatexp){d->re, d->im, d->e})));
  if (reach.re != 0) reach.e += disc->exponent;
  floatexp distance = floatexp_abs(z);
  if (!floatexp_less(distance, reach) || !floatexp_less(distance, floatexp_from(orbit->nearest))) return 0;
  orbit->nearest = floatexp_out(distance);
  return 1;
}

int fmandel_orbit_run(fmandel_orbit *orbit, int64_t max_iter, const fmandel_floatexp *disc, int64_t *progress,
                      const int32_t *cancel) {
  const int n = (int)(orbit->bits / 64) + 1;
  limb *work = orbit->work;
  double *z = orbit->z;
  const double escape = orbit->radius * orbit->radius;
  int64_t m = orbit->length;
  int status = FMANDEL_OK;

  floatexp last = floatexp_from(orbit->last);
  derivative d = {0, 0, 0};
  if (m > 0) {
    floatexp start = floatexp_from(orbit->derivative);
    d.e = start.e / 256 * 256;
    d.re = start.re * power_of_two(start.e - d.e);
    d.im = start.im * power_of_two(start.e - d.e);
  }

  while (m < max_iter && !orbit->escaped && orbit->period == 0) {
    if (m == orbit->capacity || (orbit->bits > -TINY_EXPONENT && orbit->tiny_count == orbit->tiny_capacity)) {
      status = FMANDEL_FULL;
      break;
    }
    if (m % POLL == 0) {
      if (progress) __atomic_store_n(progress, m, __ATOMIC_RELAXED);
      if (cancelled(cancel)) {
        status = FMANDEL_CANCELLED;
        break;
      }
    }

    if (norm_max(z[2 * m], z[2 * m + 1]) >= TINY)
      step_derivative(&d, z[2 * m], z[2 * m + 1]);
    else
      step_derivative_scaled(&d, last);
    adapt_limbs(orbit, &d);
    advance(work, n, orbit->limbs);
    m++;
    double re_low, im_low, re = fmandel_fixed_to_doubles(work + 2 * n, n, &re_low), im = fmandel_fixed_to_doubles(work + 3 * n, n, &im_low);
    z[2 * m] = re;
    z[2 * m + 1] = im;
    const double unit = low_unit(re, im), inverse = unit > 0 ? 1 / unit : 0;
    orbit->low[2 * m] = (float)(re_low * inverse);
    orbit->low[2 * m + 1] = (float)(im_low * inverse);
    if (re * re + im * im > escape) orbit->escaped = 1;

    double norm = norm_max(re, im);
    if (norm < TINY) {
      last = iterate_as_floatexp(work, n);
      if (last.re != 0 || last.im != 0)
        orbit->tiny[orbit->tiny_count++] = (fmandel_tiny){m, last.e, last.re, last.im};
    }

    /*
     * the doubles' own product decides in nearly all cases; 2 is more than the norms' sqrt 2. Below
     * 2^-700 it may have underflowed
     */
    if (disc && (norm < 0x1p-700 || norm < 2 * disc->re * power_of_two(disc->exponent + d.e) * norm_max(d.re, d.im)) &&
        is_candidate(orbit, norm < TINY ? last : floatexp_of(re, im), &d, disc)) {
      status = FMANDEL_CANDIDATE;
      break;
    }
  }

  orbit->length = m;
  orbit->last = floatexp_out(iterate_as_floatexp(work, n));
  orbit->derivative = floatexp_out(floatexp_normal((floatexp){d.re, d.im, d.e}));
  if (progress) __atomic_store_n(progress, m, __ATOMIC_RELAXED);
  return status;
}
