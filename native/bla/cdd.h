/* Complex double-double numbers with an exponent. */
#ifndef FMANDEL_BLA_CDD_H
#define FMANDEL_BLA_CDD_H

#include "fixed/dd.h"
#include "fixed/floatexp.h"

/* Times 2^e. */
typedef struct {
  dd re, im;
  int64_t e;
} cdd;

static cdd cdd_of(double re, double im) { return (cdd){{re, 0}, {im, 0}, 0}; }

static cdd cdd_normal(cdd a) {
  floatexp s = floatexp_normal((floatexp){a.re.high, a.im.high, 0});
  if (s.e == FLOATEXP_ZERO_EXPONENT) return (cdd){{0, 0}, {0, 0}, s.e};
  double half = power_of_two(-s.e / 2), rest = power_of_two(-s.e - -s.e / 2);
  return (cdd){{s.re, a.re.low * half * rest}, {s.im, a.im.low * half * rest}, a.e + s.e};
}

static floatexp cdd_to_floatexp(cdd a) { return floatexp_normal((floatexp){a.re.high, a.im.high, a.e}); }

static cdd cdd_mul(cdd a, cdd b) {
  cdd out;
  out.re = two_product_sum(a.re.high, b.re.high, -a.im.high, b.im.high,
                        a.re.high * b.re.low + a.re.low * b.re.high - (a.im.high * b.im.low + a.im.low * b.im.high));
  out.im = two_product_sum(a.re.high, b.im.high, a.im.high, b.re.high,
                        a.re.high * b.im.low + a.re.low * b.im.high + (a.im.high * b.re.low + a.im.low * b.re.high));
  out.e = a.e + b.e;
  return cdd_normal(out);
}

static cdd cdd_add(cdd a, cdd b) {
  if (a.e < b.e) {
    cdd t = a;
    a = b;
    b = t;
  }
  double shift = power_of_two(b.e - a.e);
  dd re = two_sum(a.re.high, b.re.high * shift), im = two_sum(a.im.high, b.im.high * shift);
  a.re = two_sum(re.high, re.low + (a.re.low + b.re.low * shift));
  a.im = two_sum(im.high, im.low + (a.im.low + b.im.low * shift));
  return cdd_normal(a);
}

#endif
