/*
 * Entries of the BLA tables under construction: how steps are composed of steps. See
 * docs/theory/bla.md.
 */
#ifndef FMANDEL_BLA_ENTRY_H
#define FMANDEL_BLA_ENTRY_H

#include "bla/bla.h"
#include "bla/cdd.h"
#include "orbit/iterate.h"

/*
 * At 2^-32 three pixels of 64 at the place "layers" had wrong counts. From 2^-40 on no grid
 * changes, and only the doubles' own rounding remains. 2^-44 keeps a distance from that and costs
 * 5 % of the time; 2^-52 would cost 25.
 */
#define BLA_TOLERANCE 0x1p-44

typedef struct {
  cdd a, b;
  double p[ORDER][2]; /* in units of 2^(a.e); p[k] belongs to u^k, p[0] is a rounded */
  floatexp r; /* a real number; 0 for a step that is never valid */
  int64_t rho; /* u = z 2^-rho; |u| <= 1 while |z| <= r */
} bla_entry;

/*
 * Larger than any delta: samples are within 2^8 of the reference, and everything is within its
 * escape radius.
 */
static const floatexp RADIUS_UNBOUNDED = {1, 0, 4096};
static const bla_entry NO_STEP = {.r = {0, 0, FLOATEXP_ZERO_EXPONENT}};

static floatexp floatexp_times(floatexp a, double x) { return floatexp_mul(a, floatexp_of(x, 0)); }
static floatexp floatexp_over(floatexp a, floatexp b) { return floatexp_normal((floatexp){a.re / b.re, 0, a.e - b.e}); }
static floatexp floatexp_lesser(floatexp a, floatexp b) { return floatexp_less(a, b) ? a : b; }
static double square_norm(const double *a) { return a[0] * a[0] + a[1] * a[1]; }
static double modulus(const double *a) { return __builtin_sqrt(square_norm(a)); }

/* out += x y */
static inline void accumulate(double *out, const double *x, const double *y) {
  out[0] = __builtin_fma(-x[1], y[1], __builtin_fma(x[0], y[0], out[0]));
  out[1] = __builtin_fma(x[1], y[0], __builtin_fma(x[0], y[1], out[1]));
}

/*
 * x^(1/6): the root of the cube root, which takes two rounds of Newton from the chord between 1 and
 * 8. At most a thousandth too large.
 */
static floatexp sixth_root(double x) {
  if (x == 0) return (floatexp){0, 0, FLOATEXP_ZERO_EXPONENT};
  const floatexp a = floatexp_of(x, 0);
  const int64_t third = (a.e + 30000) / 3 - 10000, rest = a.e - 3 * third; /* 0, 1 or 2 */
  const double v = a.re * power_of_two(rest);
  double y = 1 + (v - 1) * (1.0 / 7);
  for (int i = 0; i < 2; i++) y = (2 * y + v / (y * y)) * (1.0 / 3);
  const int64_t half = third >> 1;
  return floatexp_of(__builtin_sqrt(y * power_of_two(third - 2 * half)) * power_of_two(half), 0);
}

/* The same step in units of another rho. */
static void rescale(bla_entry *x, int64_t rho) {
  const double factor = power_of_two(rho - x->rho);
  double power = 1;
  for (int k = 1; k < ORDER; k++) {
    power *= factor;
    x->p[k][0] *= power;
    x->p[k][1] *= power;
  }
  x->rho = rho;
}

/* As small a rho as the radius allows. */
static void settle_radius(bla_entry *x, floatexp r) {
  x->r = r;
  rescale(x, r.e + 1);
}

static bla_entry step_of_iteration(floatexp z) {
  const floatexp a = floatexp_times(z, 2);
  if (a.re == 0 && a.im == 0) return NO_STEP;
  bla_entry out = {.a = {{a.re, 0}, {a.im, 0}, a.e}, .b = cdd_of(1, 0), .r = floatexp_times(floatexp_abs(z), 0.5)};
  out.rho = out.r.e + 1;
  out.p[0][0] = a.re;
  out.p[0][1] = a.im;
  out.p[1][0] = power_of_two(out.rho - a.e);
  return out;
}

/* The iteration at Z[m]; `low` has what doubles leave of the iterates, or is NULL. */
static bla_entry step_at(const fmandel_reference *reference, const float *low, int64_t m) {
  const floatexp z = reference_iterate(reference, m);
  bla_entry out = step_of_iteration(z);
  if (low && z.e > -900) {
    const double unit = 2 * low_unit(floatexp_re(z), floatexp_im(z)) * power_of_two(-out.a.e);
    out.a.re.low = low[2 * m] * unit, out.a.im.low = low[2 * m + 1] * unit;
  }
  return out;
}

/*
 * x, then y, which has `powers` powers of z: 2 for a single iteration. With q = sum x_k u^k, x is w
 * = 2^e z q. So y's own u is sigma u q, sigma = 2^(e + rho - rho_y), and x then y is z q sum y_k
 * (sigma u q)^k. Horner's rule evaluates that, with polynomials truncated after u^6. The last
 * coefficient tells how far the omitted terms can be omitted.
 */
static bla_entry merge_steps(const bla_entry *x, const bla_entry *y, int powers, int64_t exponent) {
  floatexp reach = floatexp_abs(cdd_to_floatexp(x->b));
  reach.e += exponent;
  if (x->r.re == 0 || !floatexp_less(reach, y->r)) return NO_STEP;
  const double ax = modulus(x->p[0]), ay = modulus(y->p[0]);
  const floatexp lead = floatexp_over(floatexp_add(y->r, (floatexp){-reach.re, 0, reach.e}), (floatexp){ax, 0, x->a.e}), most = floatexp_lesser(lead, x->r);
  bla_entry from = *x;
  rescale(&from, most.e + 1);
  double growth = 0;
  for (int k = 1; k < ORDER; k++) growth += modulus(from.p[k]);
  bla_entry out = {.a = cdd_mul(y->a, x->a), .b = cdd_add(cdd_mul(y->a, x->b), y->b), .rho = from.rho};
  floatexp r = floatexp_lesser(x->r, floatexp_over(lead, floatexp_of(1 + growth / ax, 0)));

  const double sigma = power_of_two(x->a.e + from.rho - y->rho);
  double sum[ORDER + 1][2] = {{y->p[powers - 1][0], y->p[powers - 1][1]}}, next[ORDER + 1][2];
  for (int power = powers - 2; power >= 0; power--) {
    /*
     * sum = y_power + sigma u q sum, of degree powers - 1 - power, truncated at ORDER; higher
     * coefficients stay 0
     */
    memset(next, 0, sizeof next);
    for (int i = 0; i < ORDER; i++) {
      const double h[2] = {sigma * from.p[i][0], sigma * from.p[i][1]};
      for (int k = 0; k + i + 1 <= ORDER && k <= (powers - 1 - power - 1) * ORDER; k++) accumulate(next[k + i + 1], h, sum[k]);
    }
    next[0][0] = y->p[power][0];
    next[0][1] = y->p[power][1];
    memcpy(sum, next, sizeof sum);
  }
  memset(next, 0, sizeof next);
  for (int i = 0; i < ORDER; i++)
    for (int k = 0; k + i <= ORDER; k++) accumulate(next[k + i], from.p[i], sum[k]);

  /* in units of 2^(x.e + y.e), which may be one off from the product's own exponent */
  const double unit = power_of_two(x->a.e + y->a.e - out.a.e), least = BLA_TOLERANCE * modulus(next[0]);
  const floatexp a = cdd_to_floatexp(out.a);
  out.p[0][0] = a.re * power_of_two(a.e - out.a.e);
  out.p[0][1] = a.im * power_of_two(a.e - out.a.e);
  /* 2 |D| |B| cmax <= tolerance |A| of y, or z c and c^2 would matter */
  const floatexp mixed = floatexp_mul(floatexp_of(2 * modulus(y->p[1]), 0), reach);
  floatexp bound = floatexp_of(BLA_TOLERANCE * ay, 0);
  bound.e += y->rho;
  if (!floatexp_less(bound, mixed)) {
    for (int k = 1; k < ORDER; k++) {
      out.p[k][0] = next[k][0] * unit;
      out.p[k][1] = next[k][1] * unit;
    }
    const double left_out = modulus(next[ORDER]);
    if (left_out > 0) {
      floatexp root = sixth_root(least / left_out);
      root.e += out.rho;
      r = floatexp_lesser(r, root);
    }
  } else {
    const double left_out = modulus(next[1]);
    if (left_out > 0) {
      floatexp most_linear = floatexp_of(least / left_out, 0);
      most_linear.e += out.rho;
      r = floatexp_lesser(r, most_linear);
    }
  }
  settle_radius(&out, r);
  return out;
}

/* x, the dip after it, and y. */
static bla_entry join_steps(const bla_entry *x, const bla_entry *dip, const bla_entry *y, int64_t exponent) {
  const bla_entry to = merge_steps(x, dip, 2, exponent);
  return merge_steps(&to, y, ORDER, exponent);
}

/* A block of iterations one after the other, whatever their magnitudes. */
static bla_entry compose_scalar(const fmandel_reference *reference, const float *low, int64_t m, int64_t count) {
  bla_entry out = step_at(reference, low, m);
  for (int64_t i = 1; i < count; i++) {
    bla_entry next = step_at(reference, low, m + i);
    out = merge_steps(&out, &next, 2, reference->exponent);
  }
  return out;
}

#endif
