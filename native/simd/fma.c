/*
 * a b + c, rounded once, by integers: for Windows, where fma of mingw-w64's C library rounds the
 * product to the 64 digits of the x87 first, so that some results differ in their last bit
 * (simd/fma.h). It takes some 20 ns.
 *
 * Product and summand lie in 128 bits each, with their highest bit at 125. The smaller one is
 * shifted right, and what is shifted out sets the lowest bit: it can then decide a rounding, but
 * not be taken for nothing. If digits cancel, they were at most one place apart, and nothing was
 * shifted out.
 */
#include "simd/fma.h"

#include <stdint.h>

typedef unsigned __int128 wide;

/* digits 2^exponent */
typedef struct {
  wide digits;
  int exponent;
} number;

static int high_bit(wide a) { return a >> 64 ? 127 - __builtin_clzll((uint64_t)(a >> 64)) : 63 - __builtin_clzll((uint64_t)a); }

static number normal(wide digits, int exponent) {
  const int shift = 125 - high_bit(digits);
  return (number){digits << shift, exponent - shift};
}

/* the 53 digits of |a| */
static uint64_t digits_of(double a, int *exponent) {
  const double part = frexp(fabs(a), exponent);
  *exponent -= 53;
  return (uint64_t)ldexp(part, 53);
}

static wide shifted(wide a, int places) {
  if (places > 127) return 1;
  return a >> places | ((a & (((wide)1 << places) - 1)) != 0);
}

double fmandel_fma(double a, double b, double c) {
  if (!isfinite(a) || !isfinite(b) || a == 0 || b == 0) return a * b + c;
  if (!isfinite(c)) return c;
  if (c == 0) return a * b;
  int ea, eb, ec;
  const wide product = (wide)digits_of(a, &ea) * digits_of(b, &eb), summand = digits_of(c, &ec);
  const number p = normal(product, ea + eb), q = normal(summand, ec);
  const int down = p.exponent - q.exponent, p_down = down < 0 ? -down : 0, q_down = down > 0 ? down : 0;
  const int exponent = p.exponent + p_down, p_negative = !signbit(a) != !signbit(b), q_negative = !!signbit(c);
  const wide x = shifted(p.digits, p_down), y = shifted(q.digits, q_down);
  const int differ = p_negative != q_negative, negative = x > y || !differ ? p_negative : q_negative;
  const wide sum = !differ ? x + y : x > y ? x - y : y - x;
  if (sum == 0) return 0;
  /* places below the last of 53 digits, or of those that a subnormal has */
  const int most = high_bit(sum) - 52, least = -1074 - exponent, places = most > least ? most : least;
  if (places > 127) return negative ? -0.0 : 0.0;
  double rounded;
  if (places <= 0) {
    rounded = ldexp((double)(uint64_t)sum, exponent);
  } else {
    const wide rest = sum & (((wide)1 << places) - 1), half = (wide)1 << (places - 1);
    uint64_t digits = (uint64_t)(sum >> places);
    digits += rest > half || (rest == half && (digits & 1));
    rounded = ldexp((double)digits, exponent + places);
  }
  return negative ? -rounded : rounded;
}
