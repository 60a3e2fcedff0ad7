/* The transform itself, by vectors of four doubles. See fourier.c. */
#ifndef FMANDEL_FIXED_FOURIER_TEMPLATE_H
#define FMANDEL_FIXED_FOURIER_TEMPLATE_H

#include <math.h>
#include <string.h>

#include "fixed/fourier_plan.h"
#include "inline.h"

/* Writes the digits of a into one part of the points, and 0 into the rest of that part. */
ALWAYS_INLINE void fourier_split(double *part, const limb *a, int n, fourier_plan p, fourier_places at) {
  limbs_add(at.sum, a, at.halves, n);
  at.sum[n] = 0;
  const limb mask = ((limb)1 << p.bits) - 1;
  const double half = (double)((limb)1 << (p.bits - 1));
  int64_t all = (int64_t)1 << p.q;
  for (int64_t i = 0, bit = 0; i < p.digits; i++, bit += p.bits) {
    limb2 two = (limb2)at.sum[bit / 64 + 1] << 64 | at.sum[bit / 64];
    part[i / 4 * 8 + i % 4] = (double)(int64_t)((limb)(two >> bit % 64) & mask) - half;
  }
  for (int64_t i = p.digits; i < all; i++) part[i / 4 * 8 + i % 4] = 0;
}

/* One step of radix 4 over blocks of m vectors, from the top. */
ALWAYS_INLINE void fourier_step_forth(four_points *x, int64_t count, int64_t m, const fourier_root *roots) {
  int64_t q = m / 4, stride = count / m;
  for (four_points *block = x; block < x + count; block += m)
    for (int64_t j = 0; j < q; j++) {
      four_points *a = block + j, *b = a + q, *c = b + q, *d = c + q;
      fourier_root w1 = roots[j * stride], w2 = roots[2 * j * stride], w3 = roots[3 * j * stride];
      four sum_re = a->re + c->re, sum_im = a->im + c->im, dif_re = a->re - c->re, dif_im = a->im - c->im;
      four odd_re = b->re + d->re, odd_im = b->im + d->im, turn_re = b->im - d->im, turn_im = d->re - b->re;
      four re = dif_re + turn_re, im = dif_im + turn_im;
      b->re = re * w1.re - im * w1.im;
      b->im = re * w1.im + im * w1.re;
      re = sum_re - odd_re, im = sum_im - odd_im;
      c->re = re * w2.re - im * w2.im;
      c->im = re * w2.im + im * w2.re;
      re = dif_re - turn_re, im = dif_im - turn_im;
      d->re = re * w3.re - im * w3.im;
      d->im = re * w3.im + im * w3.re;
      a->re = sum_re + odd_re;
      a->im = sum_im + odd_im;
    }
}

/* Its inverse but for the factor 4, with the conjugate roots. */
ALWAYS_INLINE void fourier_step_back(four_points *x, int64_t count, int64_t m, const fourier_root *roots) {
  int64_t q = m / 4, stride = count / m;
  for (four_points *block = x; block < x + count; block += m)
    for (int64_t j = 0; j < q; j++) {
      four_points *a = block + j, *b = a + q, *c = b + q, *d = c + q;
      fourier_root w1 = roots[j * stride], w2 = roots[2 * j * stride], w3 = roots[3 * j * stride];
      four b_re = b->re * w1.re + b->im * w1.im, b_im = b->im * w1.re - b->re * w1.im;
      four c_re = c->re * w2.re + c->im * w2.im, c_im = c->im * w2.re - c->re * w2.im;
      four d_re = d->re * w3.re + d->im * w3.im, d_im = d->im * w3.re - d->re * w3.im;
      four sum_re = a->re + c_re, sum_im = a->im + c_im, dif_re = a->re - c_re, dif_im = a->im - c_im;
      four odd_re = b_re + d_re, odd_im = b_im + d_im, turn_re = d_im - b_im, turn_im = b_re - d_re;
      a->re = sum_re + odd_re;
      a->im = sum_im + odd_im;
      b->re = dif_re + turn_re;
      b->im = dif_im + turn_im;
      c->re = sum_re - odd_re;
      c->im = sum_im - odd_im;
      d->re = dif_re - turn_re;
      d->im = dif_im - turn_im;
    }
}

/*
 * The two points of radix 2 that remain if the number of vectors is twice a power of 4. This is its
 * own inverse.
 */
ALWAYS_INLINE void fourier_step_two(four_points *x, int64_t count) {
  for (four_points *a = x; a < x + count; a += 2) {
    four re = a[0].re - a[1].re, im = a[0].im - a[1].im;
    a[0].re += a[1].re;
    a[0].im += a[1].im;
    a[1].re = re;
    a[1].im = im;
  }
}

#define FOURIER_TRANSPOSE(a, b, c, d)                                                      \
  do {                                                                                      \
    four low_ab = __builtin_shufflevector(a, b, 0, 4, 2, 6), high_ab = __builtin_shufflevector(a, b, 1, 5, 3, 7); \
    four low_cd = __builtin_shufflevector(c, d, 0, 4, 2, 6), high_cd = __builtin_shufflevector(c, d, 1, 5, 3, 7); \
    a = __builtin_shufflevector(low_ab, low_cd, 0, 1, 4, 5);                                \
    b = __builtin_shufflevector(high_ab, high_cd, 0, 1, 4, 5);                              \
    c = __builtin_shufflevector(low_ab, low_cd, 2, 3, 6, 7);                                \
    d = __builtin_shufflevector(high_ab, high_cd, 2, 3, 6, 7);                              \
  } while (0)

/*
 * Transposes four vectors, so that a lane is a frequency. Across them: the last step forth, the
 * squares, the first step back.
 */
ALWAYS_INLINE void fourier_square_points(four_points *x, int64_t count, const four_points *last) {
  for (four_points *a = x; a < x + count; a += 4, last += 3) {
    four re[4] = {a[0].re, a[1].re, a[2].re, a[3].re}, im[4] = {a[0].im, a[1].im, a[2].im, a[3].im};
    FOURIER_TRANSPOSE(re[0], re[1], re[2], re[3]);
    FOURIER_TRANSPOSE(im[0], im[1], im[2], im[3]);
    for (int c = 1; c < 4; c++) {
      four t = re[c] * last[c - 1].re - im[c] * last[c - 1].im;
      im[c] = re[c] * last[c - 1].im + im[c] * last[c - 1].re;
      re[c] = t;
    }
    four sum_re = re[0] + re[2], sum_im = im[0] + im[2], dif_re = re[0] - re[2], dif_im = im[0] - im[2];
    four odd_re = re[1] + re[3], odd_im = im[1] + im[3], turn_re = im[1] - im[3], turn_im = re[3] - re[1];
    four f_re[4] = {sum_re + odd_re, dif_re + turn_re, sum_re - odd_re, dif_re - turn_re};
    four f_im[4] = {sum_im + odd_im, dif_im + turn_im, sum_im - odd_im, dif_im - turn_im};
    for (int s = 0; s < 4; s++) {
      four t = f_re[s] * f_re[s] - f_im[s] * f_im[s];
      f_im[s] = 2 * f_re[s] * f_im[s];
      f_re[s] = t;
    }
    sum_re = f_re[0] + f_re[2], sum_im = f_im[0] + f_im[2], dif_re = f_re[0] - f_re[2], dif_im = f_im[0] - f_im[2];
    odd_re = f_re[1] + f_re[3], odd_im = f_im[1] + f_im[3], turn_re = f_im[3] - f_im[1], turn_im = f_re[1] - f_re[3];
    re[0] = sum_re + odd_re, im[0] = sum_im + odd_im, re[1] = dif_re + turn_re, im[1] = dif_im + turn_im;
    re[2] = sum_re - odd_re, im[2] = sum_im - odd_im, re[3] = dif_re - turn_re, im[3] = dif_im - turn_im;
    for (int c = 1; c < 4; c++) {
      four t = re[c] * last[c - 1].re + im[c] * last[c - 1].im;
      im[c] = im[c] * last[c - 1].re - re[c] * last[c - 1].im;
      re[c] = t;
    }
    FOURIER_TRANSPOSE(re[0], re[1], re[2], re[3]);
    FOURIER_TRANSPOSE(im[0], im[1], im[2], im[3]);
    for (int r = 0; r < 4; r++) {
      a[r].re = re[r];
      a[r].im = im[r];
    }
  }
}

/*
 * The limbs of sum part_k 2^(b k) from bit 64 (n - 1) on. The sums below bit 64 (n - 1) - 128 are
 * left out: each is below 2^46, and together they are less than 2^-64 ulp.
 */
ALWAYS_INLINE void fourier_join(limb *r, const double *part, int n, fourier_plan p, fourier_places at) {
  /* adding 1.5 2^52 moves a double's integer part into its lowest bits, rounded to the nearest */
  const double shift = 0x1.8p52, unit = ldexp(1, -p.q);
  const limb mask = ((limb)1 << p.bits) - 1;
  int64_t from = 64 * (int64_t)(n - 1) - 128, all = (int64_t)1 << p.q;
  int64_t i = (from + p.bits - 1) / p.bits, carry = 0;
  int filled = (int)(i * p.bits - from);
  limb word = 0, *out = at.out, *end = at.out + n + 2;
  for (; out < end; i++) {
    if (i < all) {
      double moved = part[i / 4 * 8 + i % 4] * unit + shift;
      int64_t bits;
      memcpy(&bits, &moved, sizeof bits);
      carry += bits - 0x4338000000000000;
    }
    limb digit = (limb)carry & mask;
    carry >>= p.bits;
    word |= digit << filled;
    filled += p.bits;
    if (filled >= 64) {
      *out++ = word;
      filled -= 64;
      word = filled == 0 ? 0 : digit >> (p.bits - filled);
    }
  }
  memcpy(r, at.out + 2, (size_t)n * sizeof(limb));
}

ALWAYS_INLINE void fourier_square_by(limb *re, limb *im, int n, limb *memory) {
  fourier_plan p = fourier_plan_of(n);
  fourier_places at = fourier_places_of(memory, p, n);
  int64_t count = (int64_t)1 << (p.q - 2), m;
  double *parts = (double *)at.x;
  fourier_split(parts, re, n, p, at);
  fourier_split(parts + 4, im, n, p, at);
  for (m = count; m >= 4; m /= 4) fourier_step_forth(at.x, count, m, at.roots);
  if (m == 2) fourier_step_two(at.x, count);
  fourier_square_points(at.x, count, at.last);
  if (m == 2) fourier_step_two(at.x, count);
  for (m *= 4; m <= count; m *= 4) fourier_step_back(at.x, count, m, at.roots);
  fourier_join(re, parts, n, p, at);
  fourier_join(im, parts + 4, n, p, at);
}

static void fourier_square_all(limb *re, limb *im, int n, limb *memory) { fourier_square_by(re, im, n, memory); }

#endif
