/*
 * Products by columns: all a_i b_j with the same i + j are summed before the next column begins. So
 * each product costs one multiplication and four additions in registers, and nothing but results is
 * stored. The low and the high halves of the products have a sum each. Neither can overflow 128
 * bits, and the two chains of carries run side by side. Short lengths are instantiated with a
 * constant length, which unrolls them entirely.
 *
 * An upper half needs half the products. From KARATSUBA_ limbs on, full products are Karatsuba's:
 * three products of half the length instead of four. From MULDERS_ limbs on, an upper half is
 * composed of one full product and two shorter upper halves (Mulders, "On short multiplications and
 * divisions", 2000). The thresholds are measured (bench/native/gmp.sh). They are the same
 * everywhere, so that every machine gives the same bits.
 *
 * Rejected: rows (each needs a carry through memory), assembly (gains 15 % in a column, and loses
 * it between columns), Toom-3 (where it would win, the transform of fourier.c wins more).
 */
#include "fixed/limbs.h"

#include <string.h>

#include "fixed/limbs_columns.h"

enum { UNROLLED = 24, KARATSUBA_MUL = 32, KARATSUBA_SQR = 48, MULDERS_MUL = 64, MULDERS_SQR = 96 };

/*
 * Karatsuba takes 4 h + 1 <= 2 n + 3 limbs at each level, 4 n + 6 log2 n in all. Mulders takes 2 k
 * <= 1.4 n + 2 before Karatsuba's 4 k <= 2.8 n + 4. 128 is enough for the rest at any length.
 */
int64_t fmandel_limbs_scratch(int n) { return 5 * (int64_t)n + 128; }

/* The columns of a b from `first` on, with the carry out of the last one: 2n - first limbs. */
ALWAYS_INLINE void mul_columns(limb *r, const limb *a, const limb *b, int n, int first) {
  limb2 carry = 0;
  for (int k = first; k <= 2 * n - 2; k++) {
    limb2 low = carry, high = 0;
    int top = k < n ? k : n - 1;
#pragma GCC unroll 4
    for (int i = k - top; i <= top; i++) {
      limb2 product = (limb2)a[i] * b[k - i];
      low += (limb)product;
      high += (limb)(product >> 64);
    }
    *r++ = (limb)low;
    carry = high + (low >> 64);
  }
  *r = (limb)carry;
}

/* r[2h + 1] = z0 + z2, where z0 has 2h limbs, z2 has 2l limbs, l <= h. */
static void sum_of_ends(limb *r, const limb *z0, const limb *z2, int h, int l) {
  limb carry = limbs_add(r, z0, z2, 2 * l);
  memcpy(r + 2 * l, z0 + 2 * l, (size_t)(2 * h - 2 * l) * sizeof(limb));
  r[2 * h] = 0;
  limbs_carry(r + 2 * l, carry);
}

/*
 * Adds the middle term of 2h + 1 limbs at column h. The product has room for it, since h + 1 <= 2l.
 */
static void add_middle(limb *r, const limb *middle, int h) {
  limb carry = limbs_add(r + h, r + h, middle, 2 * h + 1);
  if (carry != 0) limbs_carry(r + 3 * h + 1, carry);
}

/*
 * r[h] = |low - high| of the two halves of a, where high has n - h limbs. Returns 1 if the
 * difference is negative.
 */
static int difference(limb *r, const limb *a, int n, int h) {
  limb top = h == n - h ? a[n - 1] : 0;
  limb borrow = limbs_sub(r, a, a + h, h - 1);
  limb2 t = (limb2)a[h - 1] - top - borrow;
  r[h - 1] = (limb)t;
  if ((limb)(t >> 64) == 0) return 0;
  limb carry = 1;
  for (int i = 0; i < h; i++) {
    r[i] = ~r[i] + carry;
    carry &= r[i] == 0;
  }
  return 1;
}

/* With a = a1 B^h + a0 and b likewise: a0 b1 + a1 b0 = a0 b0 + a1 b1 - (a0 - a1)(b0 - b1). */
void fmandel_limbs_mul(limb *r, const limb *a, const limb *b, int n, limb *scratch) {
  if (n < KARATSUBA_MUL) {
    mul_columns(r, a, b, n, 0);
    return;
  }
  int h = (n + 1) / 2, l = n - h;
  limb *inner = scratch, *middle = scratch + 2 * h, *rest = scratch + 4 * h + 1;
  int negative = difference(r, a, n, h) ^ difference(r + h, b, n, h);
  fmandel_limbs_mul(inner, r, r + h, h, rest);
  fmandel_limbs_mul(r, a, b, h, rest);
  fmandel_limbs_mul(r + 2 * h, a + h, b + h, l, rest);
  sum_of_ends(middle, r, r + 2 * h, h, l);
  if (negative)
    middle[2 * h] += limbs_add(middle, middle, inner, 2 * h);
  else
    middle[2 * h] -= limbs_sub(middle, middle, inner, 2 * h);
  add_middle(r, middle, h);
}

void fmandel_limbs_sqr(limb *r, const limb *a, int n, limb *scratch) {
  if (n < KARATSUBA_SQR) {
    sqr_columns(r, a, n, 0);
    return;
  }
  int h = (n + 1) / 2, l = n - h;
  limb *inner = scratch, *middle = scratch + 2 * h, *rest = scratch + 4 * h + 1;
  difference(r, a, n, h);
  fmandel_limbs_sqr(inner, r, h, rest);
  fmandel_limbs_sqr(r, a, h, rest);
  fmandel_limbs_sqr(r + 2 * h, a + h, l, rest);
  sum_of_ends(middle, r, r + 2 * h, h, l);
  middle[2 * h] -= limbs_sub(middle, middle, inner, 2 * h);
  add_middle(r, middle, h);
}

/*
 * How many of n limbs Mulders' full product takes: about 0.7 n is best if full products are
 * Karatsuba's.
 */
static int full_part(int n) { return n - n * 3 / 10; }

/*
 * r[n + 2] += p[l + 2] + x y, or twice that, both at the bottom. p is the upper half of a product
 * of l limbs, which also starts at column n - 2. x y is the one product of that column that neither
 * the full product nor the upper half has.
 */
static void add_upper(limb *r, const limb *p, limb x, limb y, int l, int twice) {
  limb2 corner = (limb2)x * y;
  limb carry = 0;
  for (int round = 0; round <= twice; round++) {
    carry = limbs_add(r, r, p, l + 2);
    limbs_carry(r + l + 2, carry);
    limb pair[2] = {(limb)corner, (limb)(corner >> 64)};
    carry = limbs_add(r, r, pair, 2);
    limbs_carry(r + 2, carry);
  }
}

/*
 * The upper k limbs of a and of b are multiplied in full: columns from 2l on, with l = n - k <= n/2
 * - 1, of which those from n - 2 on are kept. What remains are the pairs with j < l, which need i
 * >= k - 1: the upper half of a[k ..] b[.. l], and i = k - 1, j = l - 1; and the same with a and b
 * exchanged.
 */
void fmandel_limbs_mul_high(limb *r, const limb *a, const limb *b, int n, limb *scratch) {
  if (n < MULDERS_MUL) {
    mul_columns(r, a, b, n, n - 2);
    return;
  }
  int k = full_part(n), l = n - k;
  limb *full = scratch, *upper = scratch, *rest = scratch + 2 * k;
  fmandel_limbs_mul(full, a + l, b + l, k, rest);
  memcpy(r, full + (n - 2 - 2 * l), (size_t)(n + 2) * sizeof(limb));
  fmandel_limbs_mul_high(upper, a + k, b, l, rest);
  add_upper(r, upper, a[k - 1], b[l - 1], l, 0);
  fmandel_limbs_mul_high(upper, b + k, a, l, rest);
  add_upper(r, upper, b[k - 1], a[l - 1], l, 0);
}

/*
 * A constant length in each case makes 24 limbs 40 % faster. Going on to 32 would double the code
 * again.
 */
static void sqr_high_short(limb *r, const limb *a, int n) {
#define CASE(N) \
  case N:       \
    sqr_columns(r, a, N, N - 2); \
    break;
  switch (n) {
    CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12) CASE(13)
    CASE(14) CASE(15) CASE(16) CASE(17) CASE(18) CASE(19) CASE(20) CASE(21) CASE(22) CASE(23) CASE(24)
  }
#undef CASE
}

void fmandel_limbs_sqr_high(limb *r, const limb *a, int n, limb *scratch) {
  if (n <= UNROLLED) {
    sqr_high_short(r, a, n);
    return;
  }
  if (n < MULDERS_SQR) {
    sqr_columns(r, a, n, n - 2);
    return;
  }
  int k = full_part(n), l = n - k;
  limb *full = scratch, *upper = scratch, *rest = scratch + 2 * k;
  fmandel_limbs_sqr(full, a + l, k, rest);
  memcpy(r, full + (n - 2 - 2 * l), (size_t)(n + 2) * sizeof(limb));
  fmandel_limbs_mul_high(upper, a + k, a, l, rest);
  add_upper(r, upper, a[k - 1], a[l - 1], l, 1);
}
