/* Numbers with twice the double's digits, as unevaluated sums; complex, with an exponent. */
#ifndef FMANDEL_BLA_TWOFOLD_H
#define FMANDEL_BLA_TWOFOLD_H

#include "fixed/scaled.h"

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

#endif
