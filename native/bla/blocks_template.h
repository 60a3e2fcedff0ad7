/* Blocks of iterations composed side by side, in vectors. */
#ifndef FMANDEL_BLA_BLOCKS_TEMPLATE_H
#define FMANDEL_BLA_BLOCKS_TEMPLATE_H

#include "bla/entry.h"
#include "simd/vector.h"

typedef struct {
  vec high, low;
} twofolds;

typedef struct {
  twofolds re, im;
} fines;

static inline twofolds two_sums(vec a, vec b) {
  const vec sum = a + b, part = sum - a;
  return (twofolds){sum, (a - (sum - part)) + (b - part)};
}

/* as two_products */
static inline twofolds products(vec x, vec y, vec u, vec v, vec low) {
  const vec p = x * y, q = u * v;
  const twofolds sum = two_sums(p, q);
  return two_sums(sum.high, low + ((fused(x, y, -p) + fused(u, v, -q)) + sum.low));
}

static inline fines scaled_by(const fines *a, const vec *x) {
  return (fines){products(a->re.high, x[0], -a->im.high, x[1], a->re.low * x[0] - a->im.low * x[1]),
                 products(a->re.high, x[1], a->im.high, x[0], a->re.low * x[1] + a->im.low * x[0])};
}

static inline fines pick_fines(mask m, const fines *a, const fines *b) {
  return (fines){{pick(m, a->re.high, b->re.high), pick(m, a->re.low, b->re.low)}, {pick(m, a->im.high, b->im.high), pick(m, a->im.low, b->im.low)}};
}

static inline fine one_of(const fines *a, int lane) {
  return fine_normal((fine){{a->re.high[lane], a->re.low[lane]}, {a->im.high[lane], a->im.low[lane]}, 0});
}

static inline vec squares(const vec *a) { return a[0] * a[0] + a[1] * a[1]; }

/* out += x y */
static inline void accumulate_lanes(vec *out, const vec *x, const vec *y) {
  out[0] = fused(-x[1], y[1], fused(x[0], y[0], out[0]));
  out[1] = fused(x[1], y[0], fused(x[0], y[1], out[1]));
}

/* 2 Z at iteration i of each lane's block, or at its last where it ends before */
static inline void twice_reference(const double *z, mask m, mask last, int64_t i, vec *x) {
  vec re = {0}, im = {0};
  for (int lane = 0; lane < LANES; lane++) {
    const double *at = z + 2 * (m[lane] + (i < last[lane] ? i : last[lane]));
    re[lane] = at[0], im[lane] = at[1];
  }
  x[0] = re + re, x[1] = im + im;
}

/*
 * What composed_wide gives for all but a few blocks, LANES of them side by side, from g on: without exponents, and with the bounds of the single steps. |A| r and
 * |B| cmax are held to |Z|/8 each and what the other powers add to A r to as much again, which keeps |z| within |Z|/2. The first pass has |A| r alone, and with it
 * the unit in which the second keeps its powers: w = sum w_k u^k, w_0 = 0, becomes (2 Z + w) w. Returns a bit for each block in which nothing leaves the
 * range in which squares are safe; behind the last block it comes again.
 */
static unsigned composed(const double *z, const int64_t *starts, int64_t g, int64_t groups, double cmax, bla_entry *out) {
  const double tolerance2 = BLA_TOLERANCE * BLA_TOLERANCE, low = 0x1p-400, high = 0x1p400;
  const mask none = {0};
  mask m, last;
  int64_t longest = 0;
  for (int lane = 0; lane < LANES; lane++) {
    const int64_t block = g + lane < groups ? g + lane : groups - 1;
    m[lane] = starts[block];
    last[lane] = starts[block + 1] - 2 - starts[block];
    if (last[lane] > longest) longest = last[lane];
  }
  vec x[2], first[2];
  twice_reference(z, m, last, 0, first);
  vec a[2] = {first[0], first[1]};
  vec r2 = squares(a) * 0x1p-6;
  mask fits = squares(a) >= low;
  for (int64_t i = 1; i <= longest; i++) {
    const mask on = last >= none + i;
    twice_reference(z, m, last, i, x);
    const vec a2 = squares(a), near = squares(x) * 0x1p-8; /* (|Z|/8)^2 */
    fits &= ~on | ((a2 > low) & (a2 < high));
    r2 = pick(on & (near < r2 * a2), near / a2, r2);
    const vec re = a[0] * x[0] - a[1] * x[1], im = a[0] * x[1] + a[1] * x[0];
    a[0] = pick(on, re, a[0]), a[1] = pick(on, im, a[1]);
  }
  fits &= r2 > low;
  scaled radius[LANES];
  vec unit = all(1);
  for (int lane = 0; lane < LANES; lane++) {
    if (!fits[lane]) continue;
    radius[lane] = scaled_of(__builtin_sqrt(r2[lane]), 0);
    unit[lane] = power_of_two(radius[lane].e + 1);
  }
  /* how much less than that the radius is to be, in squares: of itself, and to the sixth power */
  vec less2 = all(1), less12 = all(1);
  vec w[ORDER + 1][2] = {{{0}}};
  w[1][0] = first[0] * unit, w[1][1] = first[1] * unit, w[2][0] = unit * unit;
  fines A = {{first[0], all(0)}, {first[1], all(0)}}, B = {{all(1), all(0)}, {all(0), all(0)}};
  mask linear = none;
  for (int64_t i = 1; i <= longest; i++) {
    const mask on = last >= none + i;
    twice_reference(z, m, last, i, x);
    const vec b[2] = {B.re.high * cmax, B.im.high * cmax}, b2 = squares(b), x2 = squares(x);
    fits &= ~(on & (b2 > x2 * 0x1p-8));
    linear |= on & (4 * b2 > tolerance2 * x2);
    vec sum = all(0), next[ORDER + 2][2];
    for (int k = 2; k <= ORDER; k++) sum += magnitude(w[k][0]) + magnitude(w[k][1]);
    const vec w2 = squares(w[1]), sum2 = sum * sum;
    less2 = pick(on & (w2 < less2 * sum2), w2 / sum2, less2);
    memset(next, 0, sizeof next);
#pragma GCC unroll 8
    for (int k = 1; k <= ORDER; k++) accumulate_lanes(next[k], x, w[k]);
#pragma GCC unroll 8
    for (int k = 1; 2 * k <= ORDER + 1; k++) {
      const vec twice[2] = {w[k][0] + w[k][0], w[k][1] + w[k][1]};
      accumulate_lanes(next[2 * k], w[k], w[k]);
      for (int l = k + 1; k + l <= ORDER + 1 && l <= ORDER; l++) accumulate_lanes(next[k + l], twice, w[l]);
    }
    const vec a2 = squares(next[1]), left_out = pick(linear, squares(next[2]), squares(next[ORDER + 1]));
    const vec part = tolerance2 * a2;
    less2 = pick(on & linear & (part < less2 * left_out), part / left_out, less2);
    less12 = pick(on & ~linear & (part < less12 * left_out), part / left_out, less12);
    w[1][0] = pick(on, next[1][0], w[1][0]), w[1][1] = pick(on, next[1][1], w[1][1]);
#pragma GCC unroll 8
    for (int k = 2; k <= ORDER; k++) {
      w[k][0] = pick(on, pick(linear, all(0), next[k][0]), w[k][0]);
      w[k][1] = pick(on, pick(linear, all(0), next[k][1]), w[k][1]);
    }
    const fines more = scaled_by(&A, x);
    fines by = scaled_by(&B, x);
    const twofolds one_more = two_sums(all(1), by.re.high);
    by.re = two_sums(one_more.high, one_more.low + by.re.low);
    A = pick_fines(on, &more, &A);
    B = pick_fines(on, &by, &B);
  }
  fits &= magnitude(B.re.high) + magnitude(B.im.high) < high;
  for (int lane = 0; lane < LANES; lane++) {
    if (!fits[lane]) continue;
    const int64_t rho = radius[lane].e + 1;
    bla_entry *x = out + lane;
    *x = (bla_entry){.a = one_of(&A, lane), .b = one_of(&B, lane), .rho = rho};
    const double inverse = power_of_two(-rho) * power_of_two(-x->a.e);
    x->p[0][0] = x->a.re.high;
    x->p[0][1] = x->a.im.high;
    for (int k = 1; k < ORDER; k++) {
      x->p[k][0] = w[k + 1][0][lane] * inverse;
      x->p[k][1] = w[k + 1][1][lane] * inverse;
    }
    scaled r = scaled_lesser(radius[lane], scaled_mul(radius[lane], scaled_of(__builtin_sqrt(less2[lane]), 0)));
    scaled sixth = sixth_root(__builtin_sqrt(less12[lane]));
    sixth.e += rho;
    settle_radius(x, scaled_lesser(r, sixth));
  }
  return lanes_of(fits);
}

#endif
