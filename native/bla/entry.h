/* Entries of the BLA tables while they are built: how steps are made of steps. See docs/theory/bla.md. */
#ifndef FMANDEL_BLA_ENTRY_H
#define FMANDEL_BLA_ENTRY_H

#include "bla/bla.h"
#include "bla/twofold.h"

/*
 * At 2^-32 three pixels of 64 at the place "layers" had wrong counts; from 2^-40 on no grid changes any more, and the doubles' own
 * rounding is what is left. 2^-44 keeps a distance from that and costs 5 % of the time; 2^-52 would cost 25.
 */
#define BLA_TOLERANCE 0x1p-44

typedef struct {
  fine a, b;
  double p[ORDER][2]; /* in units of 2^(a.e), p[k] that of u^k, p[0] = a rounded */
  scaled r;           /* a real number, 0 for a step that never holds */
  int64_t rho;        /* u = z 2^-rho; |u| <= 1 while |z| <= r */
} bla_entry;

/* beyond any delta: samples stay within 2^8 of the reference, and everything within its escape radius */
static const scaled ENDLESS = {1, 0, 4096};
static const bla_entry NEVER = {.r = {0, 0, SCALED_ZERO_EXPONENT}};

static scaled scaled_times(scaled a, double x) { return scaled_mul(a, scaled_of(x, 0)); }
static scaled scaled_over(scaled a, scaled b) { return scaled_normal((scaled){a.re / b.re, 0, a.e - b.e}); }
static scaled scaled_lesser(scaled a, scaled b) { return scaled_less(a, b) ? a : b; }
static double square_norm(const double *a) { return a[0] * a[0] + a[1] * a[1]; }
static double modulus(const double *a) { return __builtin_sqrt(square_norm(a)); }

/* out += x y */
static inline void accumulate(double *out, const double *x, const double *y) {
  out[0] = __builtin_fma(-x[1], y[1], __builtin_fma(x[0], y[0], out[0]));
  out[1] = __builtin_fma(x[1], y[0], __builtin_fma(x[0], y[1], out[1]));
}

/* x^(1/6): the root of the cube root, that by two rounds of Newton from the chord between 1 and 8, at most a thousandth too large */
static scaled sixth_root(double x) {
  if (x == 0) return (scaled){0, 0, SCALED_ZERO_EXPONENT};
  const scaled a = scaled_of(x, 0);
  const int64_t third = (a.e + 30000) / 3 - 10000, rest = a.e - 3 * third; /* 0, 1 or 2 */
  const double v = a.re * power_of_two(rest);
  double y = 1 + (v - 1) * (1.0 / 7);
  for (int i = 0; i < 2; i++) y = (2 * y + v / (y * y)) * (1.0 / 3);
  const int64_t half = third >> 1;
  return scaled_of(__builtin_sqrt(y * power_of_two(third - 2 * half)) * power_of_two(half), 0);
}

/* the same step in units of another rho */
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

/* as small a rho as the radius lets it have */
static void settle_radius(bla_entry *x, scaled r) {
  x->r = r;
  rescale(x, r.e + 1);
}

static bla_entry single_step(scaled z) {
  const scaled a = scaled_times(z, 2);
  if (a.re == 0 && a.im == 0) return NEVER;
  bla_entry out = {.a = {{a.re, 0}, {a.im, 0}, a.e}, .b = fine_of(1, 0), .r = scaled_times(scaled_abs(z), 0.5)};
  out.rho = out.r.e + 1;
  out.p[0][0] = a.re;
  out.p[0][1] = a.im;
  out.p[1][0] = power_of_two(out.rho - a.e);
  return out;
}

/*
 * x, then y, which has so many powers of z: 2 for a single iteration. With q = sum x_k u^k, x is w = 2^e z q, so that y's own u is
 * sigma u q, sigma = 2^(e + rho - rho_y), and x then y is z q sum y_k (sigma u q)^k: Horner's rule with polynomials cut behind u^6, whose
 * last coefficient tells how far what is left out may be left out.
 */
static bla_entry merged(const bla_entry *x, const bla_entry *y, int powers, int64_t exponent) {
  scaled reach = scaled_abs(rounded(x->b));
  reach.e += exponent;
  if (x->r.re == 0 || !scaled_less(reach, y->r)) return NEVER;
  const double ax = modulus(x->p[0]), ay = modulus(y->p[0]);
  const scaled lead = scaled_over(scaled_add(y->r, (scaled){-reach.re, 0, reach.e}), (scaled){ax, 0, x->a.e}), most = scaled_lesser(lead, x->r);
  bla_entry from = *x;
  rescale(&from, most.e + 1);
  double growth = 0;
  for (int k = 1; k < ORDER; k++) growth += modulus(from.p[k]);
  bla_entry out = {.a = fine_mul(y->a, x->a), .b = fine_add(fine_mul(y->a, x->b), y->b), .rho = from.rho};
  scaled r = scaled_lesser(x->r, scaled_over(lead, scaled_of(1 + growth / ax, 0)));

  const double sigma = power_of_two(x->a.e + from.rho - y->rho);
  double sum[ORDER + 1][2] = {{y->p[powers - 1][0], y->p[powers - 1][1]}}, next[ORDER + 1][2];
  for (int power = powers - 2; power >= 0; power--) {
    /* sum = y_power + sigma u q sum, of degree powers - 1 - power at least as far as ORDER; what is beyond stays 0 */
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
  const scaled a = rounded(out.a);
  out.p[0][0] = a.re * power_of_two(a.e - out.a.e);
  out.p[0][1] = a.im * power_of_two(a.e - out.a.e);
  /* 2 |D| |B| cmax <= tolerance |A| of y, or z c and c^2 would matter */
  const scaled mixed = scaled_mul(scaled_of(2 * modulus(y->p[1]), 0), reach);
  scaled bound = scaled_of(BLA_TOLERANCE * ay, 0);
  bound.e += y->rho;
  if (!scaled_less(bound, mixed)) {
    for (int k = 1; k < ORDER; k++) {
      out.p[k][0] = next[k][0] * unit;
      out.p[k][1] = next[k][1] * unit;
    }
    const double left_out = modulus(next[ORDER]);
    if (left_out > 0) {
      scaled root = sixth_root(least / left_out);
      root.e += out.rho;
      r = scaled_lesser(r, root);
    }
  } else {
    const double left_out = modulus(next[1]);
    if (left_out > 0) {
      scaled most_linear = scaled_of(least / left_out, 0);
      most_linear.e += out.rho;
      r = scaled_lesser(r, most_linear);
    }
  }
  settle_radius(&out, r);
  return out;
}

/* x, the dip behind it, and y */
static bla_entry joined(const bla_entry *x, const bla_entry *dip, const bla_entry *y, int64_t exponent) {
  const bla_entry to = merged(x, dip, 2, exponent);
  return merged(&to, y, ORDER, exponent);
}

/* a block of iterations one after the other, whatever their magnitudes */
static bla_entry composed_wide(const fmandel_reference *reference, int64_t m, int64_t count) {
  bla_entry out = single_step(reference_iterate(reference, m));
  for (int64_t i = 1; i < count; i++) {
    bla_entry next = single_step(reference_iterate(reference, m + i));
    out = merged(&out, &next, 2, reference->exponent);
  }
  return out;
}

#endif
