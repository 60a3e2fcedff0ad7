/*
 * A number's bits are cut into digits of b bits, made symmetric around 0 by adding half a digit everywhere beforehand;
 * the transform has at least twice as many points as there are digits, so nothing wraps around. All sums are whole
 * numbers, and the transform's error stays below one half, so rounding gives them exactly: whatever the order of
 * operations and the instruction set.
 *
 * The proof (R. P. Brent, C. Percival, P. Zimmermann, "Error bounds on complex floating-point multiplication", 2007):
 * with e = 2^-53 and roots of unity off by at most 3 e, the convolution of x with itself by N = 2^q points is off by
 * less than |x|^2 e (9 q + sqrt 5 (3 q + 1) + 3 q), so by less than |x|^2 e (19 q + 3). |x|^2, the sum of squares, is at
 * most 2 (N/2) 2^(2b-2), since there are at most N/2 digits. The plan takes the least N, and b, for which that is below
 * one half.
 *
 * Point 4 r + c is lane c of vector r. Four transforms of N/4 points run side by side in the lanes, by radix 4 from the
 * top (frequencies come out with their digits reversed, and the way back takes them so); the last step goes across the
 * lanes, together with the squaring and the first step back.
 */
#include "fourier.h"

#include <math.h>
#include <string.h>

#include "isa.h"

#define ALWAYS_INLINE static inline __attribute__((always_inline))

typedef double vec __attribute__((vector_size(32), aligned(8), may_alias));
typedef struct {
  vec re, im;
} points; /* four, side by side */
typedef struct {
  double re, im;
} root;

typedef struct {
  int q, digits, bits; /* 2^q points; digits of so many bits */
} plan;

/* integer bits and sign: |values| < 2^31 */
enum { WHOLE_BITS = 32 };

/* whether the proof holds for 2^q points and digits of b bits */
static int is_exact(int q, int b) { return ldexp(19 * q + 3, q + 2 * b - 2 - 53) < 0.49; }

static plan plan_of(int n) {
  int64_t all = 64 * (int64_t)(n - 1) + WHOLE_BITS;
  for (int q = 6;; q++) {
    int64_t half = (int64_t)1 << (q - 1), b = (all + half - 1) / half;
    if (b < 26 && is_exact(q, (int)b)) return (plan){q, (int)((all + b - 1) / b), (int)b};
  }
}

int fourier_capacity(int n) {
  int q = plan_of(n).q, b = 1;
  while (is_exact(q, b + 1)) b++;
  return (int)((((int64_t)b << (q - 1)) - WHOLE_BITS) / 64) + 1;
}

/* where things stand in the memory: points, roots of the side-by-side transforms, roots of the last step, half of
   every digit, the sums */
typedef struct {
  points *x;
  root *roots;
  points *last; /* three for each four points */
  limb *halves, *sum, *out;
} places;

static places places_of(limb *memory, plan p, int n) {
  int64_t quarter = (int64_t)1 << (p.q - 2);
  places at;
  at.x = (points *)memory;
  at.roots = (root *)(at.x + quarter);
  at.last = (points *)(at.roots + quarter);
  at.halves = (limb *)(at.last + quarter / 4 * 3);
  at.sum = at.halves + n;
  at.out = at.sum + n + 1;
  return at;
}

int64_t fourier_memory(int n) { return ((int64_t)4 << plan_of(n).q) + 3 * (int64_t)n + 16; }

/* the frequency that stands at position r of a transform of m points */
static int64_t frequency_at(int64_t r, int64_t m) {
  int64_t k = 0, unit = 1;
  while (m > 1) {
    int radix = m == 2 ? 2 : 4;
    m /= radix;
    k += r / m * unit;
    r %= m;
    unit *= radix;
  }
  return k;
}

/*
 * e^(-2 pi i k/m), 0 <= k < m, m a power of two. The angle is folded into the first eighth of the circle, exactly,
 * where it is below 1 and so off by less than 1.2 e; sine and cosine add less than e each.
 */
static root root_of(int64_t k, int64_t m) {
  int64_t quarter = 4 * k / m, rest = 4 * k % m; /* the angle is (quarter + rest/m) pi/2 */
  int64_t folded = 2 * rest > m ? m - rest : rest;
  double angle = 1.57079632679489661923 * ((double)folded / (double)m), x = cos(angle), y = sin(angle);
  if (folded != rest) {
    double t = x;
    x = y;
    y = t;
  }
  switch (quarter) {
    case 0: return (root){x, -y};
    case 1: return (root){-y, -x};
    case 2: return (root){-x, y};
    default: return (root){y, x};
  }
}

void fourier_start(limb *memory, int n) {
  plan p = plan_of(n);
  places at = places_of(memory, p, n);
  int64_t all = (int64_t)1 << p.q, quarter = all / 4;
  for (int64_t k = 0; k < quarter; k++) at.roots[k] = root_of(k, quarter);
  for (int64_t r = 0; r < quarter; r++)
    for (int c = 1; c < 4; c++) {
      root w = root_of(c * frequency_at(r, quarter), all);
      points *to = &at.last[r / 4 * 3 + c - 1];
      to->re[r % 4] = w.re;
      to->im[r % 4] = w.im;
    }
  memset(at.halves, 0, (size_t)n * sizeof(limb));
  for (int i = 0; i < p.digits; i++) {
    int64_t bit = (int64_t)i * p.bits + p.bits - 1;
    at.halves[bit / 64] |= (limb)1 << bit % 64;
  }
}

/* the digits of a into one part of the points; the rest of that part 0 */
ALWAYS_INLINE void split(double *part, const limb *a, int n, plan p, places at) {
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

/* one step of radix 4 over blocks of m vectors, from the top */
ALWAYS_INLINE void step_forth(points *x, int64_t count, int64_t m, const root *roots) {
  int64_t q = m / 4, stride = count / m;
  for (points *block = x; block < x + count; block += m)
    for (int64_t j = 0; j < q; j++) {
      points *a = block + j, *b = a + q, *c = b + q, *d = c + q;
      root w1 = roots[j * stride], w2 = roots[2 * j * stride], w3 = roots[3 * j * stride];
      vec sum_re = a->re + c->re, sum_im = a->im + c->im, dif_re = a->re - c->re, dif_im = a->im - c->im;
      vec odd_re = b->re + d->re, odd_im = b->im + d->im, turn_re = b->im - d->im, turn_im = d->re - b->re;
      vec re = dif_re + turn_re, im = dif_im + turn_im;
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

/* and its inverse but for the factor 4, with the conjugate roots */
ALWAYS_INLINE void step_back(points *x, int64_t count, int64_t m, const root *roots) {
  int64_t q = m / 4, stride = count / m;
  for (points *block = x; block < x + count; block += m)
    for (int64_t j = 0; j < q; j++) {
      points *a = block + j, *b = a + q, *c = b + q, *d = c + q;
      root w1 = roots[j * stride], w2 = roots[2 * j * stride], w3 = roots[3 * j * stride];
      vec b_re = b->re * w1.re + b->im * w1.im, b_im = b->im * w1.re - b->re * w1.im;
      vec c_re = c->re * w2.re + c->im * w2.im, c_im = c->im * w2.re - c->re * w2.im;
      vec d_re = d->re * w3.re + d->im * w3.im, d_im = d->im * w3.re - d->re * w3.im;
      vec sum_re = a->re + c_re, sum_im = a->im + c_im, dif_re = a->re - c_re, dif_im = a->im - c_im;
      vec odd_re = b_re + d_re, odd_im = b_im + d_im, turn_re = d_im - b_im, turn_im = b_re - d_re;
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

/* the two points of radix 2 that are left when the number of vectors is twice a power of 4; its own inverse */
ALWAYS_INLINE void step_two(points *x, int64_t count) {
  for (points *a = x; a < x + count; a += 2) {
    vec re = a[0].re - a[1].re, im = a[0].im - a[1].im;
    a[0].re += a[1].re;
    a[0].im += a[1].im;
    a[1].re = re;
    a[1].im = im;
  }
}

#define TRANSPOSE(a, b, c, d)                                                               \
  do {                                                                                      \
    vec low_ab = __builtin_shufflevector(a, b, 0, 4, 2, 6), high_ab = __builtin_shufflevector(a, b, 1, 5, 3, 7); \
    vec low_cd = __builtin_shufflevector(c, d, 0, 4, 2, 6), high_cd = __builtin_shufflevector(c, d, 1, 5, 3, 7); \
    a = __builtin_shufflevector(low_ab, low_cd, 0, 1, 4, 5);                                \
    b = __builtin_shufflevector(high_ab, high_cd, 0, 1, 4, 5);                              \
    c = __builtin_shufflevector(low_ab, low_cd, 2, 3, 6, 7);                                \
    d = __builtin_shufflevector(high_ab, high_cd, 2, 3, 6, 7);                              \
  } while (0)

/* four vectors turned so that a lane is a frequency: across them the last step forth, the squares, the first step
   back */
ALWAYS_INLINE void square_points(points *x, int64_t count, const points *last) {
  for (points *a = x; a < x + count; a += 4, last += 3) {
    vec re[4] = {a[0].re, a[1].re, a[2].re, a[3].re}, im[4] = {a[0].im, a[1].im, a[2].im, a[3].im};
    TRANSPOSE(re[0], re[1], re[2], re[3]);
    TRANSPOSE(im[0], im[1], im[2], im[3]);
    for (int c = 1; c < 4; c++) {
      vec t = re[c] * last[c - 1].re - im[c] * last[c - 1].im;
      im[c] = re[c] * last[c - 1].im + im[c] * last[c - 1].re;
      re[c] = t;
    }
    vec sum_re = re[0] + re[2], sum_im = im[0] + im[2], dif_re = re[0] - re[2], dif_im = im[0] - im[2];
    vec odd_re = re[1] + re[3], odd_im = im[1] + im[3], turn_re = im[1] - im[3], turn_im = re[3] - re[1];
    vec f_re[4] = {sum_re + odd_re, dif_re + turn_re, sum_re - odd_re, dif_re - turn_re};
    vec f_im[4] = {sum_im + odd_im, dif_im + turn_im, sum_im - odd_im, dif_im - turn_im};
    for (int s = 0; s < 4; s++) {
      vec t = f_re[s] * f_re[s] - f_im[s] * f_im[s];
      f_im[s] = 2 * f_re[s] * f_im[s];
      f_re[s] = t;
    }
    sum_re = f_re[0] + f_re[2], sum_im = f_im[0] + f_im[2], dif_re = f_re[0] - f_re[2], dif_im = f_im[0] - f_im[2];
    odd_re = f_re[1] + f_re[3], odd_im = f_im[1] + f_im[3], turn_re = f_im[3] - f_im[1], turn_im = f_re[1] - f_re[3];
    re[0] = sum_re + odd_re, im[0] = sum_im + odd_im, re[1] = dif_re + turn_re, im[1] = dif_im + turn_im;
    re[2] = sum_re - odd_re, im[2] = sum_im - odd_im, re[3] = dif_re - turn_re, im[3] = dif_im - turn_im;
    for (int c = 1; c < 4; c++) {
      vec t = re[c] * last[c - 1].re + im[c] * last[c - 1].im;
      im[c] = im[c] * last[c - 1].re - re[c] * last[c - 1].im;
      re[c] = t;
    }
    TRANSPOSE(re[0], re[1], re[2], re[3]);
    TRANSPOSE(im[0], im[1], im[2], im[3]);
    for (int r = 0; r < 4; r++) {
      a[r].re = re[r];
      a[r].im = im[r];
    }
  }
}

/*
 * The limbs of sum part_k 2^(b k) from bit 64 (n - 1) on. The sums below bit 64 (n - 1) - 128 are left out: each is
 * below 2^46, together they are less than 2^-64 ulp.
 */
ALWAYS_INLINE void join(limb *r, const double *part, int n, plan p, places at) {
  /* 1.5 2^52 moves a double's whole part into its lowest bits, rounded to the nearest */
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

ALWAYS_INLINE void square(limb *re, limb *im, int n, limb *memory) {
  plan p = plan_of(n);
  places at = places_of(memory, p, n);
  int64_t count = (int64_t)1 << (p.q - 2), m;
  double *parts = (double *)at.x;
  split(parts, re, n, p, at);
  split(parts + 4, im, n, p, at);
  for (m = count; m >= 4; m /= 4) step_forth(at.x, count, m, at.roots);
  if (m == 2) step_two(at.x, count);
  square_points(at.x, count, at.last);
  if (m == 2) step_two(at.x, count);
  for (m *= 4; m <= count; m *= 4) step_back(at.x, count, m, at.roots);
  join(re, parts, n, p, at);
  join(im, parts + 4, n, p, at);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static void square_avx2(limb *re, limb *im, int n, limb *memory) {
  square(re, im, n, memory);
}
#endif
static void square_baseline(limb *re, limb *im, int n, limb *memory) { square(re, im, n, memory); }

void fourier_square(limb *re, limb *im, int n, limb *memory) {
#if defined(__x86_64__)
  isa_t isa = isa_chosen();
  if (isa == ISA_AVX2 || isa == ISA_AVX512) {
    square_avx2(re, im, n, memory);
    return;
  }
#endif
  square_baseline(re, im, n, memory);
}
