/*
 * Natural numbers as arrays of 64-bit limbs, least significant first: the products that fixed.c
 * needs. Lengths are at least 2. Results never overlap operands. Scratch memory has
 * fmandel_limbs_scratch(n) limbs. B is 2^64.
 */
#ifndef FMANDEL_FIXED_LIMBS_H
#define FMANDEL_FIXED_LIMBS_H

#include <stdint.h>

typedef uint64_t limb;
typedef unsigned __int128 limb2;

int64_t fmandel_limbs_scratch(int n);

/* r[2n] = a b, r[2n] = a^2 */
void fmandel_limbs_mul(limb *r, const limb *a, const limb *b, int n, limb *scratch);
void fmandel_limbs_sqr(limb *r, const limb *a, int n, limb *scratch);

/*
 * The upper half of a product: r[n + 2] = floor(S / B^(n-2)), where S is the sum of those a_i b_j
 * B^(i+j) with i + j >= n - 2. The products left out amount to less than n B^(n-1). So r / B, which
 * approximates a b / B^(n-1), is too small by less than n, and never too large.
 */
void fmandel_limbs_mul_high(limb *r, const limb *a, const limb *b, int n, limb *scratch);
void fmandel_limbs_sqr_high(limb *r, const limb *a, int n, limb *scratch);

/* r[n] = a + b and a - b. Return the carry and the borrow. r may be a or b. */
static inline limb limbs_add(limb *r, const limb *a, const limb *b, int n) {
  limb carry = 0;
  for (int i = 0; i < n; i++) {
    limb2 t = (limb2)a[i] + b[i] + carry;
    r[i] = (limb)t;
    carry = (limb)(t >> 64);
  }
  return carry;
}

static inline limb limbs_sub(limb *r, const limb *a, const limb *b, int n) {
  limb borrow = 0;
  for (int i = 0; i < n; i++) {
    limb2 t = (limb2)a[i] - b[i] - borrow;
    r[i] = (limb)t;
    borrow = (limb)(t >> 64) & 1;
  }
  return borrow;
}

/* Adds a small number at r, as far as the carry runs. The sum must fit. */
static inline void limbs_carry(limb *r, limb carry) {
  while (carry != 0) {
    *r += carry;
    carry = *r++ < carry;
  }
}

#endif
