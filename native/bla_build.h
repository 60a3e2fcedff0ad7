/*
 * Building the BLA tables, for the instruction set that the including file is compiled for: see bla.h for what they are, and docs/theory.md, "BLA", for the algebra.
 *
 * Two steps x, then y, with z small, make the step whose coefficients are those of y(x(z)) up to z^3, and B = Ay Bx + By. It holds where
 *
 *   x holds                                            r <= rx
 *   x leads to where y holds                           (|Ax| + |Dx| r + |Ex| r^2) r + |Bx| cmax <= ry
 *   what is left out is small beside A z               r^3 <= tolerance |A| / |coefficient of z^4|
 *   z c and c^2, which y's D brings in, are small      2 |Dy| |Bx| cmax <= tolerance |Ay|
 *
 * A single iteration is exact at any z, but holds to |z| <= |Z|/2 only: beyond there may be a rebase to do.
 *
 * The last asks nothing of r. Where it fails D and E are dropped instead, and r <= tolerance |A| / |D|: the linear BLA.
 *
 * The table is built in one pass along the orbit, as a binary counter counts: blocks of 32 iterations are composed, and
 * two neighbours of one level merge into one of the next as soon as the second is there, so no more than one entry a level is
 * ever pending. A and B are carried with twice the double's digits until an entry is written, since they are products over up to
 * millions of iterations. A table built in doubles had 556 of 576 counts of evolution_trees right in a first sketch and 567 with more digits;
 * in what stands here it is 560 and 561, and costs a third of the table's time.
 *
 * Only + - * / and square roots of IEEE arithmetic are used, so the tables are the same bits everywhere.
 */
#ifndef FMANDEL_BLA_BUILD_H
#define FMANDEL_BLA_BUILD_H

#include "bla.h"
#include "cancel.h"
#include "fmandel.h"

/*
 * At 2^-32 three pixels of 64 at the place "layers" had wrong counts; from 2^-40 on no grid changes any more, and the doubles' own
 * rounding is what is left. 2^-44 keeps a distance from that and costs 5 % of the time; 2^-52 would cost 25.
 */
#define TOLERANCE 0x1p-44

/* ---- arithmetic: numbers with twice the double's digits, as unevaluated sums ---- */

typedef struct {
  double high, low;
} twofold;

static twofold two_sum(double a, double b) {
  double sum = a + b, part = sum - a;
  return (twofold){sum, (a - (sum - part)) + (b - part)};
}

/* x y + u v, the smaller products xy_low + uv_low besides */
static twofold two_products(double x, double y, double u, double v, double low) {
  double p = x * y, q = u * v;
  twofold sum = two_sum(p, q);
  low += (__builtin_fma(x, y, -p) + __builtin_fma(u, v, -q)) + sum.low;
  return two_sum(sum.high, low);
}

/* a complex number of that kind, times 2^e */
typedef struct {
  twofold re, im;
  int64_t e;
} fine;

static fine fine_of(double re, double im) { return (fine){{re, 0}, {im, 0}, 0}; }

static fine fine_normal(fine a) {
  scaled s = scaled_normal((scaled){a.re.high, a.im.high, 0});
  if (s.e == SCALED_ZERO_EXPONENT) return (fine){{0, 0}, {0, 0}, s.e};
  double half = power_of_two(-s.e / 2), rest = power_of_two(-s.e - -s.e / 2);
  return (fine){{s.re, a.re.low * half * rest}, {s.im, a.im.low * half * rest}, a.e + s.e};
}

static scaled rounded(fine a) { return scaled_normal((scaled){a.re.high, a.im.high, a.e}); }

/* without the exponents, for blocks that need none; b a plain complex number */
static void fine_scale(fine *a, double re, double im) {
  twofold x = two_products(a->re.high, re, -a->im.high, im, a->re.low * re - a->im.low * im);
  a->im = two_products(a->re.high, im, a->im.high, re, a->re.low * im + a->im.low * re);
  a->re = x;
}

static fine fine_mul(fine a, fine b) {
  fine out;
  out.re = two_products(a.re.high, b.re.high, -a.im.high, b.im.high,
                        a.re.high * b.re.low + a.re.low * b.re.high - (a.im.high * b.im.low + a.im.low * b.im.high));
  out.im = two_products(a.re.high, b.im.high, a.im.high, b.re.high,
                        a.re.high * b.im.low + a.re.low * b.im.high + (a.im.high * b.re.low + a.im.low * b.re.high));
  out.e = a.e + b.e;
  return fine_normal(out);
}

static fine fine_add(fine a, fine b) {
  if (a.e < b.e) {
    fine t = a;
    a = b;
    b = t;
  }
  double shift = power_of_two(b.e - a.e);
  twofold re = two_sum(a.re.high, b.re.high * shift), im = two_sum(a.im.high, b.im.high * shift);
  a.re = two_sum(re.high, re.low + (a.re.low + b.re.low * shift));
  a.im = two_sum(im.high, im.low + (a.im.low + b.im.low * shift));
  return fine_normal(a);
}

/* ---- entries ---- */

typedef struct {
  fine a, b;
  scaled d, e, r; /* r a real number, 0 for a step that never holds */
} entry;

static const scaled NONE = {0, 0, SCALED_ZERO_EXPONENT};
static const scaled ONE = {1, 0, 0};
/* beyond any delta: samples stay within 2^8 of the reference, and everything within its escape radius */
static const scaled ENDLESS = {1, 0, 4096};

static scaled times(scaled a, double x) { return scaled_mul(a, scaled_of(x, 0)); }
static scaled over(scaled a, scaled b) { return scaled_normal((scaled){a.re / b.re, 0, a.e - b.e}); }
static scaled lesser(scaled a, scaled b) { return scaled_less(a, b) ? a : b; }

/* the cube root of a non-negative number, by Newton from within a factor 1.6: exact to the key's sixteenth after four rounds */
static scaled cube_root(scaled a) {
  if (a.re == 0) return a;
  int64_t third = a.e / 3, rest = a.e - 3 * third;
  double v = a.re * power_of_two(rest), x = rest > 1 ? 2 : 1;
  for (int i = 0; i < 5; i++) x = (2 * x + v / (x * x)) / 3;
  return scaled_normal((scaled){x, 0, third});
}

static entry single(scaled z) {
  scaled a = times(z, 2);
  return (entry){{{a.re, 0}, {a.im, 0}, a.e}, fine_of(1, 0), ONE, NONE, times(scaled_abs(z), 0.5)};
}

static entry merged(const entry *x, const entry *y, int64_t exponent) {
  entry out = {fine_of(0, 0), fine_of(0, 0), NONE, NONE, NONE};
  scaled xa = rounded(x->a), ya = rounded(y->a), ax = scaled_abs(xa), ay = scaled_abs(ya), reach = scaled_abs(rounded(x->b));
  reach.e += exponent;
  if (x->r.re == 0 || !scaled_less(reach, y->r)) return out;
  out.a = fine_mul(y->a, x->a);
  out.b = fine_add(fine_mul(y->a, x->b), y->b);
  scaled dx = over(scaled_abs(x->d), ax), ex = over(scaled_abs(x->e), ax);
  scaled lead = over(scaled_add(y->r, (scaled){-reach.re, 0, reach.e}), ax), most = lesser(lead, x->r);
  scaled growth = scaled_mul(most, scaled_add(dx, scaled_mul(ex, most)));
  out.r = lesser(x->r, over(lead, scaled_add(ONE, growth)));

  scaled a2 = scaled_mul(xa, xa), tolerance = scaled_of(TOLERANCE, 0), twice_dy = times(scaled_abs(y->d), 2);
  scaled dy = over(scaled_abs(y->d), ay), dyax = scaled_mul(dy, ax);
  if (!scaled_less(scaled_mul(tolerance, ay), scaled_mul(twice_dy, reach))) {
    scaled ey = over(scaled_abs(y->e), ay);
    out.d = scaled_add(scaled_mul(ya, x->d), scaled_mul(y->d, a2));
    out.e = scaled_add(scaled_mul(ya, x->e), scaled_add(times(scaled_mul(y->d, scaled_mul(xa, x->d)), 2),
                                                        scaled_mul(y->e, scaled_mul(xa, a2))));
    scaled fourth = scaled_mul(dyax, scaled_add(scaled_mul(dx, dx), times(ex, 2)));
    fourth = scaled_add(fourth, times(scaled_mul(scaled_mul(ey, ax), scaled_mul(ax, dx)), 3));
    if (fourth.re > 0) out.r = lesser(out.r, cube_root(over(tolerance, fourth)));
  } else {
    scaled second = scaled_add(dx, dyax);
    if (second.re > 0) out.r = lesser(out.r, over(tolerance, second));
  }
  return out;
}

/* a block of iterations one after the other, whatever their magnitudes */
static entry composed_wide(const fmandel_reference *reference, int64_t m, int64_t count) {
  entry out = single(reference_iterate(reference, m));
  for (int64_t i = 1; i < count; i++) {
    entry next = single(reference_iterate(reference, m + i));
    out = merged(&out, &next, reference->exponent);
  }
  return out;
}

static void multiply(double *out, const double *x, const double *y) {
  double re = x[0] * y[0] - x[1] * y[1], im = x[0] * y[1] + x[1] * y[0];
  out[0] = re;
  out[1] = im;
}

static double square(double re, double im) { return re * re + im * im; }

/*
 * The same for all but a few blocks, those without a dip: without exponents, and with the bounds of the single steps, y = (2 Z, 1, 1, 0), in
 * squares of moduli, so that one root at the end is enough. |A| r and |B| cmax are held to |Z|/8 each and what
 * D and E add to A r to as much again, which keeps |z| within |Z|/2. Returns 0 where something leaves the range in which squares are safe.
 */
static inline int composed(const double *z, int64_t count, double cmax, entry *out) {
  const double tolerance2 = TOLERANCE * TOLERANCE, low = 0x1p-400, high = 0x1p400;
  fine a = fine_of(2 * z[0], 2 * z[1]), b = fine_of(1, 0);
  double d[2] = {1, 0}, e[2] = {0, 0}, r2 = square(z[0], z[1]) * 0x1p-4, r6 = high;
  double a2 = square(a.re.high, a.im.high), d2 = 1, e2 = 0;
  int linear = 0;
  if (a2 < low) return 0;
  for (int64_t i = 1; i < count; i++) {
    double x[2] = {2 * z[2 * i], 2 * z[2 * i + 1]}, a0[2] = {a.re.high, a.im.high}, t[2], fourth[2];
    const double near = square(x[0], x[1]) * 0x1p-8; /* (|Z|/8)^2 */
    if (square(b.re.high, b.im.high) * (cmax * cmax) > near) return 0;
    if (near < r2 * a2) r2 = near / a2;
    if (a2 < 16 * d2 * r2) r2 = a2 / (16 * d2); /* |D| r <= |A|/4 */
    if (a2 < 16 * e2 * (r2 * r2)) r2 = __builtin_sqrt(a2 / (16 * e2)); /* |E| r^2 <= |A|/4 */
    linear |= 4 * square(b.re.high, b.im.high) * (cmax * cmax) > tolerance2 * square(x[0], x[1]);
    multiply(fourth, d, d);
    multiply(t, a0, e);
    fourth[0] += 2 * t[0];
    fourth[1] += 2 * t[1];
    multiply(e, x, e);
    multiply(t, a0, d);
    e[0] += 2 * t[0];
    e[1] += 2 * t[1];
    multiply(d, x, d);
    multiply(t, a0, a0);
    d[0] += t[0];
    d[1] += t[1];
    fine_scale(&a, x[0], x[1]);
    fine_scale(&b, x[0], x[1]);
    twofold one_more = two_sum(1, b.re.high);
    b.re = two_sum(one_more.high, one_more.low + b.re.low);
    a2 = square(a.re.high, a.im.high);
    d2 = square(d[0], d[1]);
    e2 = square(e[0], e[1]);
    if (!(a2 > low && a2 < high && square(b.re.high, b.im.high) < high && d2 < high && e2 < high)) return 0;
    double bound = tolerance2 * a2 / (linear ? d2 : square(fourth[0], fourth[1]));
    if (linear) {
      if (bound < r2) r2 = bound;
      d[0] = d[1] = e[0] = e[1] = d2 = e2 = 0;
    } else if (bound < r6) {
      r6 = bound;
    }
  }
  scaled r = scaled_of(__builtin_sqrt(r2), 0), third = cube_root(scaled_of(__builtin_sqrt(r6), 0));
  *out = (entry){fine_normal(a), fine_normal(b), scaled_of(d[0], d[1]), scaled_of(e[0], e[1]), lesser(r, third)};
  return 1;
}

/* ---- the tables ---- */

typedef struct {
  const fmandel_bla *bla;
  int32_t *keys;
  void *steps;
} table;

static table table_of(fmandel_reference *reference, const fmandel_bla *bla) {
  char *base = (char *)reference;
  return (table){bla, (int32_t *)(base + bla->keys), base + bla->steps};
}

/* an entry goes into the plain table where plain deltas may use it: r above the floor, and A z well inside the range, see bla.h */
static void write_plain(table *t, int64_t at, const entry *x, int64_t exponent, double *widest) {
  plain_step *step = (plain_step *)t->steps + at;
  scaled a = rounded(x->a), b = rounded(x->b);
  b.e += exponent;
  if (x->r.e < PLAIN_FLOOR_EXPONENT || a.e < -700) {
    t->keys[at] = KEY_OF_ZERO;
    *step = (plain_step){{0}, {0}, {0}, {0}};
  } else {
    t->keys[at] = key_of_scaled(x->r);
    if (scaled_re(x->r) > *widest) *widest = scaled_re(x->r);
    *step = (plain_step){{scaled_re(a), scaled_im(a)},
                         {scaled_re(b), scaled_im(b)},
                         {scaled_re(x->d), scaled_im(x->d)},
                         {scaled_re(x->e), scaled_im(x->e)}};
  }
}

static void write_wide(table *t, int64_t at, const entry *x) {
  t->keys[at] = key_of_scaled(x->r);
  ((wide_step *)t->steps)[at] = (wide_step){rounded(x->a), rounded(x->b), x->d, x->e};
}

/* both tables' entry of so many iterations, the last of them in block g */
static void write(fmandel_reference *reference, table *plain, table *wide, int64_t g, int64_t level, const entry *x) {
  int64_t start = g + 1 - ((int64_t)1 << level), apart = WIDE_FIRST - PLAIN_FIRST;
  write_plain(plain, bla_index(plain->bla, start) + level, x, reference->exponent, &reference->widest);
  if (level >= apart && start >> apart < wide->bla->groups)
    write_wide(wide, bla_index(wide->bla, start >> apart) + level - apart, x);
}

/*
 * What one whole period does to a delta z at m = 0: the step over Z[1] .. Z[p-1], with coefficients A, B, D, E, applied to
 * u = z^2 + c. As far as D and E do not count that is v <- v^2 + k with v = A z and k = A (A + B) c: a small Mandelbrot set
 * in k.
 *
 * D and E add |A| (|D| |u|^2 + |E| |u|^3) to v, where |u| <= 4/|A|^2 + 2/(|A| |A + B|) while |v| <= 2 and |k| <= 2. Held below
 * 2^-12 they move the multiplier of an attracting cycle by less than 2^-5 wherever it is below 1 - 2^-5, so those k are
 * interior for certain.
 */
static void find_interior(fmandel_reference *reference, const entry *period) {
  scaled xa = rounded(period->a), a = scaled_abs(xa), sum = rounded(fine_add(period->a, period->b)), k = scaled_mul(xa, sum);
  if (period->r.re == 0 || a.re == 0 || k.e == SCALED_ZERO_EXPONENT) return;
  scaled u = scaled_add(over(scaled_of(4, 0), scaled_mul(a, a)), over(scaled_of(2, 0), scaled_mul(a, scaled_abs(sum))));
  scaled bend = scaled_mul(scaled_mul(a, scaled_mul(u, u)), scaled_add(scaled_abs(period->d), scaled_mul(scaled_abs(period->e), u)));
  if (!scaled_less(u, period->r) || !scaled_less(bend, scaled_of(0x1p-12, 0))) return;
  k.e += reference->exponent;
  /* a minibrot so much smaller than the neighbourhood: no sample but the nucleus comes near it at this factor either */
  if (k.e > 1000) k.e = 1000;
  reference->interior_re = scaled_re(k);
  reference->interior_im = scaled_im(k);
  reference->has_interior = 1;
}

static int bla_build(fmandel_reference *reference, int64_t *progress, const int32_t *cancel) {
  const double *z = (const double *)((const char *)reference + reference->z);
  const int64_t exponent = reference->exponent, groups = reference->plain.groups, block = (int64_t)1 << PLAIN_FIRST;
  const double cmax = power_of_two(exponent);
  table plain = table_of(reference, &reference->plain), wide = table_of(reference, &reference->wide);
  /* entries that reach past the orbit's end are never written below, and never hold */
  for (int64_t i = 0; i < plain.bla->entries; i++) plain.keys[i] = KEY_OF_ZERO;
  for (int64_t i = 0; i < wide.bla->entries; i++) wide.keys[i] = KEY_OF_ZERO;

  entry pending[64];
  for (int64_t g = 0; g < groups; g++) {
    int64_t m = 1 + g * block, level = 0;
    if (g % 4096 == 0) {
      if (progress) __atomic_store_n(progress, m, __ATOMIC_RELAXED);
      if (cancelled(cancel)) return FMANDEL_CANCELLED;
    }
    entry x;
    if (!composed(z + 2 * m, block, cmax, &x)) x = composed_wide(reference, m, block);
    write(reference, &plain, &wide, g, 0, &x);
    for (; g >> level & 1; level++) {
      x = merged(&pending[level], &x, exponent);
      write(reference, &plain, &wide, g, level + 1, &x);
    }
    pending[level] = x;
  }

  if (reference->period > 0) {
    /* what is pending, the longest first, and the few iterations behind the last block */
    entry period = {fine_of(1, 0), fine_of(0, 0), NONE, NONE, ENDLESS};
    int64_t m = 1;
    for (int64_t level = 62; level >= 0; level--)
      if (groups >> level & 1) {
        period = m == 1 ? pending[level] : merged(&period, &pending[level], exponent);
        m += block << level;
      }
    for (; m < reference->period; m++) {
      entry next = single(reference_iterate(reference, m));
      period = m == 1 ? next : merged(&period, &next, exponent);
    }
    find_interior(reference, &period);
  }
  if (progress) __atomic_store_n(progress, reference->length, __ATOMIC_RELAXED);
  return FMANDEL_OK;
}

#endif
