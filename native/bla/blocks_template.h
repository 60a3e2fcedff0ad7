/* Composes blocks of iterations side by side, in vectors. */
#ifndef FMANDEL_BLA_BLOCKS_TEMPLATE_H
#define FMANDEL_BLA_BLOCKS_TEMPLATE_H

#include "bla/entry.h"
#include "simd/vector.h"

typedef struct {
  vec high, low;
} dd_vec;

typedef struct {
  dd_vec re, im;
} cdd_vec;

static inline dd_vec two_sums(vec a, vec b) {
  const vec sum = a + b, part = sum - a;
  return (dd_vec){sum, (a - (sum - part)) + (b - part)};
}

/* as two_product_sum */
static inline dd_vec two_product_sums(vec x, vec y, vec u, vec v, vec low) {
  const vec p = x * y, q = u * v;
  const dd_vec sum = two_sums(p, q);
  return two_sums(sum.high, low + ((vfma(x, y, -p) + vfma(u, v, -q)) + sum.low));
}

/* by x and its lower digits */
static inline cdd_vec cdd_times(const cdd_vec *a, const vec *x, const vec *low) {
  const vec re = a->re.low * x[0] - a->im.low * x[1] + (a->re.high * low[0] - a->im.high * low[1]);
  const vec im = a->re.low * x[1] + a->im.low * x[0] + (a->re.high * low[1] + a->im.high * low[0]);
  return (cdd_vec){two_product_sums(a->re.high, x[0], -a->im.high, x[1], re), two_product_sums(a->re.high, x[1], a->im.high, x[0], im)};
}

static inline cdd_vec select_cdd(ivec m, const cdd_vec *a, const cdd_vec *b) {
  return (cdd_vec){{vselect64(m, a->re.high, b->re.high), vselect64(m, a->re.low, b->re.low)}, {vselect64(m, a->im.high, b->im.high), vselect64(m, a->im.low, b->im.low)}};
}

static inline cdd cdd_lane(const cdd_vec *a, int lane) {
  return cdd_normal((cdd){{a->re.high[lane], a->re.low[lane]}, {a->im.high[lane], a->im.low[lane]}, 0});
}

static inline vec squares(const vec *a) { return a[0] * a[0] + a[1] * a[1]; }

/* out += x y */
static inline void accumulate_vec(vec *out, const vec *x, const vec *y) {
  out[0] = vfma(-x[1], y[1], vfma(x[0], y[0], out[0]));
  out[1] = vfma(x[1], y[0], vfma(x[0], y[1], out[1]));
}

/* 2 Z at iteration i of each lane's block, or at its last iteration if the block ends before. */
static inline void twice_reference(const double *z, ivec m, ivec last, int64_t i, vec *x) {
  vec re = {0}, im = {0};
  for (int lane = 0; lane < LANES; lane++) {
    const double *at = z + 2 * (m[lane] + (i < last[lane] ? i : last[lane]));
    re[lane] = at[0], im[lane] = at[1];
  }
  x[0] = re + re, x[1] = im + im;
}

/* What that leaves of 2 Z, from `low` as the orbit has it. */
static inline void twice_rest(const float *low, ivec m, ivec last, int64_t i, const vec *x, vec *rest) {
  vec re = {0}, im = {0};
  for (int lane = 0; lane < LANES; lane++) {
    const float *at = low + 2 * (m[lane] + (i < last[lane] ? i : last[lane]));
    re[lane] = at[0], im[lane] = at[1];
  }
  /* as low_unit: the larger part without its mantissa is its binade */
  const vec unit = (vec)((ivec)vmax(vabs(x[0]), vabs(x[1])) & (int64_t)0x7ff << 52) * 0x1p-53;
  rest[0] = re * unit, rest[1] = im * unit;
}

/*
 * The same as compose_scalar, for all but a few blocks, LANES of them side by side, from g on. It
 * works without exponents, and with the bounds of the single steps: |A| r and |B| cmax are held to
 * |Z|/8 each, and what the other powers add to A r to as much again, which keeps |z| within
 * |Z|/2. The first pass has |A| r only, and yields the unit in which the second keeps its powers: w
 * = sum w_k u^k, w_0 = 0, becomes (2 Z + w) w. Returns a bit for each block in which nothing leaves
 * the range where squares are safe. Lanes beyond the last block repeat it.
 */
static unsigned compose_blocks(const double *z, const float *rests, const int64_t *starts, int64_t g, int64_t groups, double cmax, bla_entry *out) {
  const double tolerance2 = BLA_TOLERANCE * BLA_TOLERANCE, low = 0x1p-400, high = 0x1p400;
  const ivec none = {0};
  ivec m, last;
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
  ivec fits = squares(a) >= low;
  for (int64_t i = 1; i <= longest; i++) {
    const ivec on = last >= none + i;
    twice_reference(z, m, last, i, x);
    const vec a2 = squares(a), near = squares(x) * 0x1p-8; /* (|Z|/8)^2 */
    fits &= ~on | ((a2 > low) & (a2 < high));
    r2 = vselect64(on & (near < r2 * a2), near / a2, r2);
    const vec re = a[0] * x[0] - a[1] * x[1], im = a[0] * x[1] + a[1] * x[0];
    a[0] = vselect64(on, re, a[0]), a[1] = vselect64(on, im, a[1]);
  }
  fits &= r2 > low;
  floatexp radius[LANES];
  vec unit = splat(1);
  for (int lane = 0; lane < LANES; lane++) {
    if (!fits[lane]) continue;
    radius[lane] = floatexp_of(__builtin_sqrt(r2[lane]), 0);
    unit[lane] = power_of_two(radius[lane].e + 1);
  }
  /* how much smaller the radius must be than that, in squares: directly, and to the sixth power */
  vec less2 = splat(1), less12 = splat(1);
  vec w[ORDER + 1][2] = {{{0}}};
  w[1][0] = first[0] * unit, w[1][1] = first[1] * unit, w[2][0] = unit * unit;
  vec rest[2] = {splat(0), splat(0)};
  if (rests) twice_rest(rests, m, last, 0, first, rest);
  cdd_vec A = {{first[0], rest[0]}, {first[1], rest[1]}}, B = {{splat(1), splat(0)}, {splat(0), splat(0)}};
  ivec linear = none;
  for (int64_t i = 1; i <= longest; i++) {
    const ivec on = last >= none + i;
    twice_reference(z, m, last, i, x);
    const vec b[2] = {B.re.high * cmax, B.im.high * cmax}, b2 = squares(b), x2 = squares(x);
    fits &= ~(on & (b2 > x2 * 0x1p-8));
    linear |= on & (4 * b2 > tolerance2 * x2);
    vec sum = splat(0), next[ORDER + 2][2];
    for (int k = 2; k <= ORDER; k++) sum += vabs(w[k][0]) + vabs(w[k][1]);
    const vec w2 = squares(w[1]), sum2 = sum * sum;
    less2 = vselect64(on & (w2 < less2 * sum2), w2 / sum2, less2);
    memset(next, 0, sizeof next);
#pragma GCC unroll 8
    for (int k = 1; k <= ORDER; k++) accumulate_vec(next[k], x, w[k]);
#pragma GCC unroll 8
    for (int k = 1; 2 * k <= ORDER + 1; k++) {
      const vec twice[2] = {w[k][0] + w[k][0], w[k][1] + w[k][1]};
      accumulate_vec(next[2 * k], w[k], w[k]);
      for (int l = k + 1; k + l <= ORDER + 1 && l <= ORDER; l++) accumulate_vec(next[k + l], twice, w[l]);
    }
    const vec a2 = squares(next[1]), left_out = vselect64(linear, squares(next[2]), squares(next[ORDER + 1]));
    const vec part = tolerance2 * a2;
    less2 = vselect64(on & linear & (part < less2 * left_out), part / left_out, less2);
    less12 = vselect64(on & ~linear & (part < less12 * left_out), part / left_out, less12);
    w[1][0] = vselect64(on, next[1][0], w[1][0]), w[1][1] = vselect64(on, next[1][1], w[1][1]);
#pragma GCC unroll 8
    for (int k = 2; k <= ORDER; k++) {
      w[k][0] = vselect64(on, vselect64(linear, splat(0), next[k][0]), w[k][0]);
      w[k][1] = vselect64(on, vselect64(linear, splat(0), next[k][1]), w[k][1]);
    }
    if (rests) twice_rest(rests, m, last, i, x, rest);
    const cdd_vec more = cdd_times(&A, x, rest);
    cdd_vec by = cdd_times(&B, x, rest);
    const dd_vec one_more = two_sums(splat(1), by.re.high);
    by.re = two_sums(one_more.high, one_more.low + by.re.low);
    A = select_cdd(on, &more, &A);
    B = select_cdd(on, &by, &B);
  }
  fits &= vabs(B.re.high) + vabs(B.im.high) < high;
  for (int lane = 0; lane < LANES; lane++) {
    if (!fits[lane]) continue;
    const int64_t rho = radius[lane].e + 1;
    bla_entry *x = out + lane;
    *x = (bla_entry){.a = cdd_lane(&A, lane), .b = cdd_lane(&B, lane), .rho = rho};
    const double inverse = power_of_two(-rho) * power_of_two(-x->a.e);
    x->p[0][0] = x->a.re.high;
    x->p[0][1] = x->a.im.high;
    for (int k = 1; k < ORDER; k++) {
      x->p[k][0] = w[k + 1][0][lane] * inverse;
      x->p[k][1] = w[k + 1][1][lane] * inverse;
    }
    floatexp r = floatexp_lesser(radius[lane], floatexp_mul(radius[lane], floatexp_of(__builtin_sqrt(less2[lane]), 0)));
    floatexp sixth = sixth_root(__builtin_sqrt(less12[lane]));
    sixth.e += rho;
    settle_radius(x, floatexp_lesser(r, sixth));
  }
  return mask_bits(fits);
}

#endif
