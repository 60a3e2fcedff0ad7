/*
 * a b + c in vectors, rounded once, by additions and products that are rounded each: for processors
 * that have no instruction for it. The result is that of fma to the last bit.
 *
 *   a b = p + q        Dekker's product of halves that Veltkamp's splitting makes: exact
 *   c + q = t + u      Knuth's sum: exact
 *   p + t = v + w      the same
 *   a b + c = v + (w + u), of which w + u is rounded to odd: if it is not exact, its last bit is 1
 *
 * A sum rounded to odd is never halfway between two doubles, so v + (w + u) rounds as the exact sum
 * does (Boldo and Melquiond, 2008: Emulation of FMA and correctly rounded sums). This takes some 50
 * operations, and libm's way without the instruction 300 cycles a number.
 *
 * q is not exact if a b is below 2^-969, and a factor cannot be split above 2^996. |v| shows both:
 * sums outside ORDINARY are left to fma, and a factor that cannot be split makes v NaN. With |v| at
 * least 2^-900, either a b is large enough, or c is 2^60 times as large, and then no q matters.
 */
#ifndef FMANDEL_SIMD_EXACT_FMA_H
#define FMANDEL_SIMD_EXACT_FMA_H

/* the least and the largest |v| */
#define ORDINARY_LEAST 0x1p-900
#define ORDINARY_MOST 0x1p1000
/* Veltkamp's factor, for halves of 26 bits */
#define SPLITTER (0x1p27 + 1)

/* a number as a sum of two with half the digits each */
typedef struct {
  vec all, high, low;
} halves;

static inline halves split_vec(vec a) {
  const vec t = SPLITTER * a, high = t - (t - a);
  return (halves){a, high, a - high};
}

/* a + b = sum + *rest */
static inline vec exact_sum(vec a, vec b, vec *rest) {
  const vec sum = a + b, rounded = sum - a;
  *rest = (a - (sum - rounded)) + (b - rounded);
  return sum;
}

/* a b + c, and v of the sum. The sum is right if |v| is ordinary. */
static inline vec fma_of_halves(halves a, halves b, vec c, vec *v) {
  const vec p = a.all * b.all, q = a.low * b.low - (((p - a.high * b.high) - a.low * b.high) - a.high * b.low);
  vec u, w, rest;
  const vec t = exact_sum(c, q, &u);
  *v = exact_sum(p, t, &w);
  const vec sum = exact_sum(w, u, &rest);
  /* towards zero, and then odd */
  const bits inexact = (bits)(rest != 0), one = inexact & 1, down = ((bits)sum ^ (bits)rest) >> 63 & inexact;
  return *v + (vec)(((bits)sum - down) | one);
}

static inline vec size_of(vec v) { return (vec)((ivec)v & INT64_MAX); }

/* The lanes of the mask by fma, the others as they are. Apart, because it is rarely called. */
static __attribute__((noinline)) vec fma_where(ivec mask, vec a, vec b, vec c, vec others) {
  for (int lane = 0; lane < LANES; lane++)
    if (mask[lane]) others[lane] = fma(a[lane], b[lane], c[lane]);
  return others;
}

static inline vec exact_fma(vec a, vec b, vec c) {
  vec v;
  const vec sum = fma_of_halves(split_vec(a), split_vec(b), c, &v);
  const ivec rare = ~((size_of(v) >= ORDINARY_LEAST) & (size_of(v) <= ORDINARY_MOST));
  return __builtin_expect(mask_bits(rare), 0) ? fma_where(rare, a, b, c, sum) : sum;
}

/*
 * z <- z^2 + c with a splitting for each part of z, not for each factor. Parts beyond 2^996 may
 * become NaN where fma makes them infinite: no loop asks which.
 */
static inline void exact_square_add(vec *zr, vec *zi, vec cr, vec ci) {
  const halves r = split_vec(*zr), i = split_vec(*zi);
  const halves twice = {r.all + r.all, r.high + r.high, r.low + r.low}, minus = {-i.all, -i.high, -i.low};
  vec v, vr, vi;
  const vec t = fma_of_halves(r, r, cr, &v), re = fma_of_halves(minus, i, t, &vr), im = fma_of_halves(twice, i, ci, &vi);
  const ivec rare = (size_of(v) < ORDINARY_LEAST) | (size_of(vr) < ORDINARY_LEAST) | (size_of(vi) < ORDINARY_LEAST);
  *zr = re, *zi = im;
  if (__builtin_expect(mask_bits(rare), 0)) {
    const vec exact = fma_where(rare, r.all, r.all, cr, t);
    *zr = fma_where(rare, minus.all, i.all, exact, re);
    *zi = fma_where(rare, twice.all, i.all, ci, im);
  }
}

#endif
