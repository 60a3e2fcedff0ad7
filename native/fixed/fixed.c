#include "fmandel/fixed.h"

#include <string.h>

#include "fixed/limbs.h"

/* Two magnitudes, a product with its guard limb and its top, and what the product needs. */
int64_t fmandel_fixed_scratch(int n) { return 3 * (int64_t)n + 2 + fmandel_limbs_scratch(n); }

void fmandel_fixed_add(uint64_t *r, const uint64_t *a, const uint64_t *b, int n) { limbs_add(r, a, b, n); }

void fmandel_fixed_sub(uint64_t *r, const uint64_t *a, const uint64_t *b, int n) { limbs_sub(r, a, b, n); }

/* All ones for a negative number, otherwise 0. */
static inline limb sign_mask(const limb *a, int n) { return (limb)((int64_t)a[n - 1] >> 63); }

/* a if mask is 0, -a if it is all ones. This needs no branch on an unpredictable sign. */
static inline void negate_where(limb *r, const limb *a, int n, limb mask) {
  limb carry = mask & 1;
  for (int i = 0; i < n; i++) {
    limb t = a[i] ^ mask;
    r[i] = t + carry;
    carry = r[i] < carry;
  }
}

void fmandel_fixed_negate(uint64_t *r, const uint64_t *a, int n) { negate_where(r, a, n, ~(limb)0); }

void fmandel_fixed_sqr(uint64_t *r, const uint64_t *a, int n, uint64_t *scratch) {
  limb *x = scratch, *product = x + n, *rest = product + n + 2;
  negate_where(x, a, n, sign_mask(a, n));
  fmandel_limbs_sqr_high(product, x, n, rest);
  memcpy(r, product + 1, (size_t)n * sizeof(limb));
}

int fmandel_fixed_sign(const uint64_t *a, int n) {
  if ((int64_t)a[n - 1] < 0) return -1;
  for (int i = n - 1; i >= 0; i--)
    if (a[i] != 0) return 1;
  return 0;
}

/*
 * The magnitude of a is m 2^e with m in [2^63, 2^64). The lowest bit of m is also set if any bit
 * below it is, so that one conversion of m to double rounds as if it saw them all. 0 if a is 0.
 */
static limb leading_bits(const limb *a, int n, int64_t *e) {
  limb mask = sign_mask(a, n);
  int top = n - 1;
  while (top >= 0 && a[top] == mask) top--;
  if (top < 0) { /* 0, or all ones: -1 ulp */
    *e = -64 * (int64_t)(n - 1) - 63;
    return mask & (limb)1 << 63;
  }

  /*
   * the two top limbs, negated if need be: the 1 that completes the complement reaches them if all
   * below is 0
   */
  limb high = a[top] ^ mask, low = top > 0 ? a[top - 1] ^ mask : 0, below = 0;
  for (int i = top - 2; i >= 0 && below == 0; i--) below = a[i];
  if (mask != 0 && below == 0) {
    if (top == 0 || ++low == 0) high++;
    if (high == 0) { /* a power of B, one limb further up */
      *e = 64 * (int64_t)(top - n + 2) - 63;
      return (limb)1 << 63;
    }
  }
  int shift = __builtin_clzll(high);
  *e = 64 * (int64_t)(top - n + 1) - shift;
  limb2 bits = ((limb2)high << 64 | low) << shift;
  return (limb)(bits >> 64) | ((limb)bits != 0 || below != 0);
}

static double power_of_two(int64_t e) {
  limb bits = (limb)(e + 1023) << 52;
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

double fmandel_fixed_to_double(const uint64_t *a, int n) {
  int64_t e;
  limb m = leading_bits(a, n, &e);
  if (m == 0 || e < -1022 - 63) return 0;
  /* m 2^-63 first, because 2^e alone may be below the double's range */
  double x = (double)m * 0x1p-63 * power_of_two(e + 63);
  return (int64_t)a[n - 1] < 0 ? -x : x;
}

double fmandel_fixed_to_doubles(const uint64_t *a, int n, double *rest) {
  const limb mask = sign_mask(a, n);
  int top = n - 1;
  while (top >= 0 && a[top] == mask) top--;
  *rest = 0;
  /* the upper limbs of the magnitude, without the 1 that completes the complement */
  const limb high = top >= 0 ? a[top] ^ mask : 0;
  if (high == 0) return fmandel_fixed_to_double(a, n);
  const limb low = top > 0 ? a[top - 1] ^ mask : 0, below = top > 1 ? a[top - 2] ^ mask : 0;
  const int shift = __builtin_clzll(high);
  limb2 bits = (limb2)high << 64 | low;
  if (shift > 0) bits = bits << shift | below >> (64 - shift);
  const int64_t e = 64 * (int64_t)(top - n + 1) - shift; /* of the upper half's lowest bit */
  if (e < -900) return fmandel_fixed_to_double(a, n);
  /* 53 bits of it, rounded to nearest. A tie that the lower limbs decide may go either way. */
  const limb upper = (limb)(bits >> 64), mantissa = (upper >> 11) + (upper >> 10 & 1);
  /* the difference modulo 2^64, of which it needs 63 bits */
  const int64_t left = (int64_t)((limb)(bits >> 12) - (mantissa << 63));
  const double x = (double)(int64_t)mantissa * power_of_two(e + 11), size = (double)left * power_of_two(e - 52);
  *rest = mask != 0 ? -size : size;
  return mask != 0 ? -x : x;
}

double fmandel_fixed_to_floatexp(const uint64_t *a, int n, int64_t *exponent) {
  int64_t e;
  limb m = leading_bits(a, n, &e);
  if (m == 0) {
    *exponent = -((int64_t)1 << 60);
    return 0;
  }
  double x = (double)m * 0x1p-63;
  *exponent = e + 63;
  if (x == 2) {
    x = 1;
    ++*exponent;
  }
  return (int64_t)a[n - 1] < 0 ? -x : x;
}

void fmandel_fixed_from_floatexp(uint64_t *r, int n, double mantissa, int64_t exponent) {
  memset(r, 0, (size_t)n * sizeof(limb));
  limb bits;
  memcpy(&bits, &mantissa, sizeof bits);
  int64_t field = (int64_t)(bits >> 52 & 0x7ff);
  limb m = bits & (((limb)1 << 52) - 1);
  if (field != 0) m |= (limb)1 << 52;
  /* the lowest bit of m counts 2^at ulp */
  int64_t at = exponent + (field != 0 ? field : 1) - 1075 + 64 * (int64_t)(n - 1);
  if (at < 0) {
    m = at > -64 ? m >> -at : 0;
    at = 0;
  }
  int64_t i = at / 64;
  limb2 wide = (limb2)m << (at % 64);
  if (i < n) r[i] = (limb)wide;
  if (i + 1 < n) r[i + 1] = (limb)(wide >> 64);
  negate_where(r, r, n, bits >> 63 ? ~(limb)0 : 0);
}

/* Bits [at, at + 64) of the words, 0 outside. */
static limb bits_at(const limb *words, int64_t count, int64_t at) {
  int64_t i = at >> 6;
  int part = (int)(at & 63);
  limb low = i >= 0 && i < count ? words[i] : 0, high = i + 1 >= 0 && i + 1 < count ? words[i + 1] : 0;
  return part == 0 ? low : low >> part | high << (64 - part);
}

int fmandel_fixed_from_words(uint64_t *r, int n, const uint64_t *words, int64_t count, int negative,
                             int64_t fraction_bits) {
  while (count > 0 && words[count - 1] == 0) count--;
  memset(r, 0, (size_t)n * sizeof(limb));
  if (count == 0) return 1;
  int64_t bits = 64 * count - __builtin_clzll(words[count - 1]);
  if (bits - fraction_bits > 62) return 0;
  int64_t lowest = fraction_bits - 64 * (int64_t)(n - 1);
  if (bits < lowest) return 1;
  for (int i = 0; i < n; i++) r[i] = bits_at(words, count, lowest + 64 * (int64_t)i);
  if (lowest > 0) limbs_carry(r, bits_at(words, count, lowest - 1) & 1);
  if (r[n - 1] >> 62 != 0) return 0;
  negate_where(r, r, n, negative ? ~(limb)0 : 0);
  return 1;
}
