/* A square by columns, for callers with a constant length: it is unrolled entirely. See limbs.c. */
#ifndef FMANDEL_FIXED_LIMBS_COLUMNS_H
#define FMANDEL_FIXED_LIMBS_COLUMNS_H

#include "fixed/limbs.h"
#include "inline.h"

/*
 * The columns of a a from `first` on, each pair once and doubled, with the carry out of the last
 * one: 2n - first limbs.
 */
ALWAYS_INLINE void sqr_columns(limb *r, const limb *a, int n, int first) {
  limb2 carry = 0;
#pragma GCC unroll 25
  for (int k = first; k <= 2 * n - 2; k++) {
    limb2 low = 0, high = 0;
    int i = k < n ? 0 : k - n + 1, j = k - i;
#pragma GCC unroll 12
    for (; i < j; i++, j--) {
      limb2 product = (limb2)a[i] * a[j];
      low += (limb)product;
      high += (limb)(product >> 64);
    }
    low = 2 * low + carry;
    high *= 2;
    if (i == j) {
      limb2 product = (limb2)a[i] * a[i];
      low += (limb)product;
      high += (limb)(product >> 64);
    }
    *r++ = (limb)low;
    carry = high + (low >> 64);
  }
  *r = (limb)carry;
}

#endif
