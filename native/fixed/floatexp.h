/*
 * Complex numbers (re + i im) 2^e with the exponent in a word of its own, for deltas, radii and
 * coefficients below the double's range. A normal number has max(|re|, |im|) in [1, 2). Zero has an
 * exponent below all others.
 *
 * Only the few steps that start a deep pixel, and the builder of the BLA table, compute in these.
 * They are plain structures passed by value, which compilers keep in registers. Every operation
 * rounds as the double's does, once a product.
 */
#ifndef FMANDEL_FIXED_FLOATEXP_H
#define FMANDEL_FIXED_FLOATEXP_H

#include <stdint.h>
#include <string.h>

#include "inline.h"

typedef struct {
  double re, im;
  int64_t e;
} floatexp;

/*
 * far below any exponent that arithmetic reaches, and far enough from overflow to be added a few
 * times
 */
#define FLOATEXP_ZERO_EXPONENT (-((int64_t)1 << 60))

static inline uint64_t double_bits(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

/* 2^e; 0 below the normal range, where the addend does not count anyway */
static inline double power_of_two(int64_t e) {
  if (e < -1022) return 0;
  if (e > 1023) e = 1023;
  uint64_t bits = (uint64_t)(e + 1023) << 52;
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static inline double norm_max(double re, double im) {
  re = __builtin_fabs(re);
  im = __builtin_fabs(im);
  return re > im ? re : im;
}

/* from 1 to 1.42 times the modulus */
static inline double norm_sum(double re, double im) { return __builtin_fabs(re) + __builtin_fabs(im); }

ALWAYS_INLINE floatexp floatexp_normal(floatexp a) {
  double norm = norm_max(a.re, a.im);
  if (norm == 0) return (floatexp){0, 0, FLOATEXP_ZERO_EXPONENT};
  if (norm < 0x1p-1022) {
    a.re *= 0x1p64;
    a.im *= 0x1p64;
    a.e -= 64;
    norm *= 0x1p64;
  }
  int64_t e = (int64_t)(double_bits(norm) >> 52) - 1023;
  /* in two factors, since 2^-1023 alone is below the normal range */
  double half = power_of_two(-e / 2), rest = power_of_two(-e - -e / 2);
  return (floatexp){a.re * half * rest, a.im * half * rest, a.e + e};
}

ALWAYS_INLINE floatexp floatexp_of(double re, double im) { return floatexp_normal((floatexp){re, im, 0}); }

/* as doubles: exact within their range, 0 below it, infinite above */
static inline double floatexp_re(floatexp a) {
  return a.e > 1023 ? a.re * 0x1p1023 * 2 : a.re * power_of_two(a.e);
}
static inline double floatexp_im(floatexp a) {
  return a.e > 1023 ? a.im * 0x1p1023 * 2 : a.im * power_of_two(a.e);
}

ALWAYS_INLINE floatexp floatexp_mul(floatexp a, floatexp b) {
  return floatexp_normal((floatexp){__builtin_fma(-a.im, b.im, a.re * b.re), __builtin_fma(a.im, b.re, a.re * b.im), a.e + b.e});
}

ALWAYS_INLINE floatexp floatexp_add(floatexp a, floatexp b) {
  if (a.e < b.e) {
    floatexp t = a;
    a = b;
    b = t;
  }
  double shift = power_of_two(b.e - a.e);
  return floatexp_normal((floatexp){__builtin_fma(b.re, shift, a.re), __builtin_fma(b.im, shift, a.im), a.e});
}

/* compares the max-norms of two normal numbers */
static inline int floatexp_less(floatexp a, floatexp b) {
  return a.e != b.e ? a.e < b.e : norm_max(a.re, a.im) < norm_max(b.re, b.im);
}

/* |a| as a real number: im is 0 */
static inline floatexp floatexp_abs(floatexp a) {
  return floatexp_normal((floatexp){__builtin_sqrt(a.re * a.re + a.im * a.im), 0, a.e});
}

#endif
