/*
 * Building the BLA tables, for the instruction set that the including file is compiled for: see bla.h for what they are, and docs/theory.md, "BLA", for the algebra.
 *
 * The table is built in one pass along the orbit, as a binary counter counts: blocks are composed, as many side by side as a vector has lanes, and
 * two neighbours of one level, with the dip between them, merge into one of the next as soon as the second is there, so no more than one entry a level is
 * ever pending. A and B are carried with twice the double's digits until an entry is written, since they are products over up to
 * millions of iterations. A table built in doubles had 556 of 576 counts of evolution_trees right in a first sketch and 567 with more digits;
 * in what stands here it is 560 and 561, and costs a third of the table's time.
 *
 * Only + - * / and square roots of IEEE arithmetic are used, so the tables are the same bits everywhere.
 */
#ifndef FMANDEL_BLA_BUILD_H
#define FMANDEL_BLA_BUILD_H

#include "bla.h"
#include "cancel.h"
#include "fmandel.h"
#include "vector.h"

/*
 * At 2^-32 three pixels of 64 at the place "layers" had wrong counts; from 2^-40 on no grid changes any more, and the doubles' own
 * rounding is what is left. 2^-44 keeps a distance from that and costs 5 % of the time; 2^-52 would cost 25.
 */
#define TOLERANCE 0x1p-44

/* ---- arithmetic: numbers with twice the double's digits, as unevaluated sums ---- */

typedef struct {
  double high, low;
} twofold;

static twofold two_sum(double a, double b) {
  double sum = a + b, part = sum - a;
  return (twofold){sum, (a - (sum - part)) + (b - part)};
}

/* x y + u v, the smaller products xy_low + uv_low besides */
static twofold two_products(double x, double y, double u, double v, double low) {
  double p = x * y, q = u * v;
  twofold sum = two_sum(p, q);
  low += (__builtin_fma(x, y, -p) + __builtin_fma(u, v, -q)) + sum.low;
  return two_sum(sum.high, low);
}

/* a complex number of that kind, times 2^e */
typedef struct {
  twofold re, im;
  int64_t e;
} fine;

static fine fine_of(double re, double im) { return (fine){{re, 0}, {im, 0}, 0}; }

static fine fine_normal(fine a) {
  scaled s = scaled_normal((scaled){a.re.high, a.im.high, 0});
  if (s.e == SCALED_ZERO_EXPONENT) return (fine){{0, 0}, {0, 0}, s.e};
  double half = power_of_two(-s.e / 2), rest = power_of_two(-s.e - -s.e / 2);
  return (fine){{s.re, a.re.low * half * rest}, {s.im, a.im.low * half * rest}, a.e + s.e};
}

static scaled rounded(fine a) { return scaled_normal((scaled){a.re.high, a.im.high, a.e}); }

static fine fine_mul(fine a, fine b) {
  fine out;
  out.re = two_products(a.re.high, b.re.high, -a.im.high, b.im.high,
                        a.re.high * b.re.low + a.re.low * b.re.high - (a.im.high * b.im.low + a.im.low * b.im.high));
  out.im = two_products(a.re.high, b.im.high, a.im.high, b.re.high,
                        a.re.high * b.im.low + a.re.low * b.im.high + (a.im.high * b.re.low + a.im.low * b.re.high));
  out.e = a.e + b.e;
  return fine_normal(out);
}

static fine fine_add(fine a, fine b) {
  if (a.e < b.e) {
    fine t = a;
    a = b;
    b = t;
  }
  double shift = power_of_two(b.e - a.e);
  twofold re = two_sum(a.re.high, b.re.high * shift), im = two_sum(a.im.high, b.im.high * shift);
  a.re = two_sum(re.high, re.low + (a.re.low + b.re.low * shift));
  a.im = two_sum(im.high, im.low + (a.im.low + b.im.low * shift));
  return fine_normal(a);
}

/* ---- entries ---- */

typedef struct {
  fine a, b;
  double p[ORDER][2]; /* in units of 2^(a.e), p[k] that of u^k, p[0] = a rounded */
  scaled r;           /* a real number, 0 for a step that never holds */
  int64_t rho;        /* u = z 2^-rho; |u| <= 1 while |z| <= r */
} entry;

/* beyond any delta: samples stay within 2^8 of the reference, and everything within its escape radius */
static const scaled ENDLESS = {1, 0, 4096};
static const entry NEVER = {.r = {0, 0, SCALED_ZERO_EXPONENT}};

static scaled times(scaled a, double x) { return scaled_mul(a, scaled_of(x, 0)); }
static scaled over(scaled a, scaled b) { return scaled_normal((scaled){a.re / b.re, 0, a.e - b.e}); }
static scaled lesser(scaled a, scaled b) { return scaled_less(a, b) ? a : b; }
static double square(const double *a) { return a[0] * a[0] + a[1] * a[1]; }
static double modulus(const double *a) { return __builtin_sqrt(square(a)); }

/* out += x y */
static inline void accumulate(double *out, const double *x, const double *y) {
  out[0] = __builtin_fma(-x[1], y[1], __builtin_fma(x[0], y[0], out[0]));
  out[1] = __builtin_fma(x[1], y[0], __builtin_fma(x[0], y[1], out[1]));
}

/* x^(1/6): the root of the cube root, that by two rounds of Newton from the chord between 1 and 8, at most a thousandth too large */
static scaled sixth_root(double x) {
  if (x == 0) return (scaled){0, 0, SCALED_ZERO_EXPONENT};
  const scaled a = scaled_of(x, 0);
  const int64_t third = (a.e + 30000) / 3 - 10000, rest = a.e - 3 * third; /* 0, 1 or 2 */
  const double v = a.re * power_of_two(rest);
  double y = 1 + (v - 1) * (1.0 / 7);
  for (int i = 0; i < 2; i++) y = (2 * y + v / (y * y)) * (1.0 / 3);
  const int64_t half = third >> 1;
  return scaled_of(__builtin_sqrt(y * power_of_two(third - 2 * half)) * power_of_two(half), 0);
}

/* the same step in units of another rho */
static void rescale(entry *x, int64_t rho) {
  const double factor = power_of_two(rho - x->rho);
  double power = 1;
  for (int k = 1; k < ORDER; k++) {
    power *= factor;
    x->p[k][0] *= power;
    x->p[k][1] *= power;
  }
  x->rho = rho;
}

/* as small a rho as the radius lets it have */
static void settle_radius(entry *x, scaled r) {
  x->r = r;
  rescale(x, r.e + 1);
}

static entry single(scaled z) {
  const scaled a = times(z, 2);
  if (a.re == 0 && a.im == 0) return NEVER;
  entry out = {.a = {{a.re, 0}, {a.im, 0}, a.e}, .b = fine_of(1, 0), .r = times(scaled_abs(z), 0.5)};
  out.rho = out.r.e + 1;
  out.p[0][0] = a.re;
  out.p[0][1] = a.im;
  out.p[1][0] = power_of_two(out.rho - a.e);
  return out;
}

/*
 * x, then y, which has so many powers of z: 2 for a single iteration. With q = sum x_k u^k, x is w = 2^e z q, so that y's own u is
 * sigma u q, sigma = 2^(e + rho - rho_y), and x then y is z q sum y_k (sigma u q)^k: Horner's rule with polynomials cut behind u^6, whose
 * last coefficient tells how far what is left out may be left out.
 */
static entry merged(const entry *x, const entry *y, int powers, int64_t exponent) {
  scaled reach = scaled_abs(rounded(x->b));
  reach.e += exponent;
  if (x->r.re == 0 || !scaled_less(reach, y->r)) return NEVER;
  const double ax = modulus(x->p[0]), ay = modulus(y->p[0]);
  const scaled lead = over(scaled_add(y->r, (scaled){-reach.re, 0, reach.e}), (scaled){ax, 0, x->a.e}), most = lesser(lead, x->r);
  entry from = *x;
  rescale(&from, most.e + 1);
  double growth = 0;
  for (int k = 1; k < ORDER; k++) growth += modulus(from.p[k]);
  entry out = {.a = fine_mul(y->a, x->a), .b = fine_add(fine_mul(y->a, x->b), y->b), .rho = from.rho};
  scaled r = lesser(x->r, over(lead, scaled_of(1 + growth / ax, 0)));

  const double sigma = power_of_two(x->a.e + from.rho - y->rho);
  double sum[ORDER + 1][2] = {{y->p[powers - 1][0], y->p[powers - 1][1]}}, next[ORDER + 1][2];
  for (int power = powers - 2; power >= 0; power--) {
    /* sum = y_power + sigma u q sum, of degree powers - 1 - power at least as far as ORDER; what is beyond stays 0 */
    memset(next, 0, sizeof next);
    for (int i = 0; i < ORDER; i++) {
      const double h[2] = {sigma * from.p[i][0], sigma * from.p[i][1]};
      for (int k = 0; k + i + 1 <= ORDER && k <= (powers - 1 - power - 1) * ORDER; k++) accumulate(next[k + i + 1], h, sum[k]);
    }
    next[0][0] = y->p[power][0];
    next[0][1] = y->p[power][1];
    memcpy(sum, next, sizeof sum);
  }
  memset(next, 0, sizeof next);
  for (int i = 0; i < ORDER; i++)
    for (int k = 0; k + i <= ORDER; k++) accumulate(next[k + i], from.p[i], sum[k]);

  /* in units of 2^(x.e + y.e), which may be one off from the product's own exponent */
  const double unit = power_of_two(x->a.e + y->a.e - out.a.e), least = TOLERANCE * modulus(next[0]);
  const scaled a = rounded(out.a);
  out.p[0][0] = a.re * power_of_two(a.e - out.a.e);
  out.p[0][1] = a.im * power_of_two(a.e - out.a.e);
  /* 2 |D| |B| cmax <= tolerance |A| of y, or z c and c^2 would matter */
  const scaled mixed = scaled_mul(scaled_of(2 * modulus(y->p[1]), 0), reach);
  scaled bound = scaled_of(TOLERANCE * ay, 0);
  bound.e += y->rho;
  if (!scaled_less(bound, mixed)) {
    for (int k = 1; k < ORDER; k++) {
      out.p[k][0] = next[k][0] * unit;
      out.p[k][1] = next[k][1] * unit;
    }
    const double left_out = modulus(next[ORDER]);
    if (left_out > 0) {
      scaled root = sixth_root(least / left_out);
      root.e += out.rho;
      r = lesser(r, root);
    }
  } else {
    const double left_out = modulus(next[1]);
    if (left_out > 0) {
      scaled most_linear = scaled_of(least / left_out, 0);
      most_linear.e += out.rho;
      r = lesser(r, most_linear);
    }
  }
  settle_radius(&out, r);
  return out;
}

/* x, the dip behind it, and y */
static entry joined(const entry *x, const entry *dip, const entry *y, int64_t exponent) {
  const entry to = merged(x, dip, 2, exponent);
  return merged(&to, y, ORDER, exponent);
}

/* a block of iterations one after the other, whatever their magnitudes */
static entry composed_wide(const fmandel_reference *reference, int64_t m, int64_t count) {
  entry out = single(reference_iterate(reference, m));
  for (int64_t i = 1; i < count; i++) {
    entry next = single(reference_iterate(reference, m + i));
    out = merged(&out, &next, 2, reference->exponent);
  }
  return out;
}

/* ---- blocks side by side ---- */

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
static inline vec sizes(vec a) { return (vec)((mask)a & INT64_MAX); }

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
static unsigned composed(const double *z, const int64_t *starts, int64_t g, int64_t groups, double cmax, entry *out) {
  const double tolerance2 = TOLERANCE * TOLERANCE, low = 0x1p-400, high = 0x1p400;
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
    for (int k = 2; k <= ORDER; k++) sum += sizes(w[k][0]) + sizes(w[k][1]);
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
  fits &= sizes(B.re.high) + sizes(B.im.high) < high;
  for (int lane = 0; lane < LANES; lane++) {
    if (!fits[lane]) continue;
    const int64_t rho = radius[lane].e + 1;
    entry *x = out + lane;
    *x = (entry){.a = one_of(&A, lane), .b = one_of(&B, lane), .rho = rho};
    const double inverse = power_of_two(-rho) * power_of_two(-x->a.e);
    x->p[0][0] = x->a.re.high;
    x->p[0][1] = x->a.im.high;
    for (int k = 1; k < ORDER; k++) {
      x->p[k][0] = w[k + 1][0][lane] * inverse;
      x->p[k][1] = w[k + 1][1][lane] * inverse;
    }
    scaled r = lesser(radius[lane], scaled_mul(radius[lane], scaled_of(__builtin_sqrt(less2[lane]), 0)));
    scaled sixth = sixth_root(__builtin_sqrt(less12[lane]));
    sixth.e += rho;
    settle_radius(x, lesser(r, sixth));
  }
  return lanes_of(fits);
}

/* ---- the tables ---- */

typedef struct {
  const fmandel_bla *bla;
  int32_t *keys;
  void *steps;
} table;

static table table_of(fmandel_reference *reference, const fmandel_bla *bla) {
  char *base = (char *)reference;
  return (table){bla, (int32_t *)(base + bla->keys), base + bla->steps};
}

/* plain deltas may use it: r above the floor, and A z well inside the range, see bla.h */
static int is_plain(const entry *x) { return x->r.e >= PLAIN_FLOOR_EXPONENT && x->a.e >= -500; }

static plain_step plain_of(const entry *x, int64_t skip, int64_t exponent) {
  const scaled a = rounded(x->a);
  scaled b = rounded(x->b);
  b.e += exponent;
  const double unit = power_of_two(x->a.e);
  plain_step step = {{scaled_re(a), scaled_im(a)}, {scaled_re(b), scaled_im(b)}, {{0}}, power_of_two(-x->rho), skip};
  for (int k = 1; k < ORDER; k++) {
    step.p[k - 1][0] = x->p[k][0] * unit;
    step.p[k - 1][1] = x->p[k][1] * unit;
  }
  return step;
}

static wide_step wide_of(const entry *x) {
  wide_step step = {rounded(x->a), rounded(x->b), {{0}}, x->rho};
  /* the polynomial in units of the exponent that a has now */
  const double unit = power_of_two(x->a.e - step.a.e);
  for (int k = 1; k < ORDER; k++) {
    step.p[k - 1][0] = x->p[k][0] * unit;
    step.p[k - 1][1] = x->p[k][1] * unit;
  }
  return step;
}

static void write_plain(table *t, int64_t at, const entry *x, int64_t skip, int64_t exponent) {
  t->keys[at] = is_plain(x) ? key_of_scaled(x->r) : KEY_OF_ZERO;
  ((plain_step *)t->steps)[at] = is_plain(x) ? plain_of(x, skip, exponent) : (plain_step){0};
}

static void write_wide(table *t, int64_t at, const entry *x) {
  t->keys[at] = key_of_scaled(x->r);
  ((wide_step *)t->steps)[at] = wide_of(x);
}

/* both tables' entry of so many iterations, the last of them in block g */
static void write(fmandel_reference *reference, table *plain, table *wide, int64_t g, int64_t level, const entry *x) {
  int64_t start = g + 1 - ((int64_t)1 << level);
  const int64_t *starts = (const int64_t *)((const char *)reference + reference->starts);
  write_plain(plain, bla_index(plain->bla, start) + level, x, starts[g + 1] - 1 - starts[start], reference->exponent);
  if (level >= WIDE_FIRST && start >> WIDE_FIRST < wide->bla->groups)
    write_wide(wide, bla_index(wide->bla, start >> WIDE_FIRST) + level - WIDE_FIRST, x);
}

/* ---- prefixes ---- */

/* the least number of that key */
static scaled least_of(int64_t key) {
  return key == KEY_OF_ZERO ? (scaled){0, 0, SCALED_ZERO_EXPONENT} : (scaled){1 + (double)(key & 15) * 0x1p-4, 0, key >> 4};
}

/* a table's step as it was before it was written, but for the digits beyond a double's: a prefix is a product of few */
static entry stored(const fmandel_reference *reference, const table *t, int wide, int64_t g, int64_t level) {
  const int64_t at = bla_index(t->bla, g) + level;
  entry out = {.r = least_of(t->keys[at])};
  if (out.r.re == 0) return NEVER;
  if (wide) {
    const wide_step *s = (const wide_step *)t->steps + at;
    out.a = (fine){{s->a.re, 0}, {s->a.im, 0}, s->a.e};
    out.b = (fine){{s->b.re, 0}, {s->b.im, 0}, s->b.e};
    memcpy(out.p[1], s->p, sizeof s->p);
    out.rho = s->rho;
  } else {
    const plain_step *s = (const plain_step *)t->steps + at;
    const scaled a = scaled_of(s->a[0], s->a[1]), b = scaled_of(s->b[0], s->b[1]);
    const double unit = power_of_two(-a.e);
    out.a = (fine){{a.re, 0}, {a.im, 0}, a.e};
    out.b = (fine){{b.re, 0}, {b.im, 0}, b.re == 0 && b.im == 0 ? b.e : b.e - reference->exponent};
    for (int k = 1; k < ORDER; k++) {
      out.p[k][0] = s->p[k - 1][0] * unit;
      out.p[k][1] = s->p[k - 1][1] * unit;
    }
    out.rho = -scaled_of(s->scale, 0).e;
  }
  out.p[0][0] = out.a.re.high;
  out.p[0][1] = out.a.im.high;
  return out;
}

/* x, and behind it the step of that level at group g, where x ends; x alone is nothing at g = 0 */
static entry longer(const fmandel_reference *reference, const table *t, int wide, const entry *x, int64_t g, int64_t level) {
  const entry more = stored(reference, t, wide, g, level);
  if (g == 0) return more;
  const int64_t *starts = (const int64_t *)((const char *)reference + reference->starts);
  const entry dip = single(reference_iterate(reference, starts[g << t->bla->first] - 1));
  return joined(x, &dip, &more, reference->exponent);
}

static int reaches(const entry *x, int wide, scaled radius) { return !scaled_less(x->r, radius) && (wide || is_plain(x)); }

static void build_prefixes(fmandel_reference *reference, const table *t, const fmandel_prefixes *prefixes, int wide) {
  char *base = (char *)reference;
  const int64_t *starts = (const int64_t *)(base + reference->starts);
  int32_t *index = (int32_t *)(base + prefixes->index), *blocks = (int32_t *)(base + prefixes->blocks);
  int64_t count = 0, longest = 0;
  for (int64_t slot = 0; slot < prefixes->slots;) {
    const scaled radius = least_of(prefixes->top - slot * prefixes->stride);
    entry x = NEVER;
    int64_t g = 0;
    for (int64_t level = t->bla->levels - 1; level >= 0; level--) {
      if (g + ((int64_t)1 << level) > t->bla->groups) continue;
      const entry more = longer(reference, t, wide, &x, g, level);
      if (!reaches(&more, wide, radius)) continue;
      x = more;
      g += (int64_t)1 << level;
    }
    if (g > longest) {
      const int64_t all = g << t->bla->first;
      blocks[count] = (int32_t)all;
      if (wide) ((wide_step *)(base + prefixes->steps))[count] = wide_of(&x);
      else ((plain_step *)(base + prefixes->steps))[count] = plain_of(&x, starts[all] - 1 - starts[0], reference->exponent);
      count++;
      longest = g;
    }
    /* as far down as a step that is longer by one group would not do either */
    const entry next = g < t->bla->groups ? longer(reference, t, wide, &x, g, 0) : NEVER;
    do index[slot++] = (int32_t)(count - 1);
    while (slot < prefixes->slots && !reaches(&next, wide, least_of(prefixes->top - slot * prefixes->stride)));
  }
}

/*
 * What one whole period does to a delta z at m = 0: the step over Z[1] .. Z[p-1], with coefficients A, B and P, applied to
 * s = z^2 + c. As far as its P do not count that is v <- v^2 + k with v = A z and k = A (A + B) c: a small Mandelbrot set
 * in k.
 *
 * The P add |A| |s| sum |P_k| |s/rho|^(k-1) to v, where |s| <= 4/|A|^2 + 2/(|A| |A + B|) while |v| <= 2 and |k| <= 2. Held below
 * 2^-12 they move the multiplier of an attracting cycle by less than 2^-5 wherever it is below 1 - 2^-5, so those k are
 * interior for certain.
 */
static void find_interior(fmandel_reference *reference, const entry *period) {
  scaled xa = rounded(period->a), a = scaled_abs(xa), sum = rounded(fine_add(period->a, period->b)), k = scaled_mul(xa, sum);
  if (period->r.re == 0 || a.re == 0 || k.e == SCALED_ZERO_EXPONENT) return;
  scaled u = scaled_add(over(scaled_of(4, 0), scaled_mul(a, a)), over(scaled_of(2, 0), scaled_mul(a, scaled_abs(sum))));
  if (!scaled_less(u, period->r)) return;
  const double part = u.re * power_of_two(u.e - period->rho);
  double others = 0;
  for (int k = ORDER - 1; k > 0; k--) others = (others + modulus(period->p[k])) * part;
  scaled bend = scaled_mul(scaled_mul(a, u), scaled_of(others, 0));
  bend.e += others == 0 ? 0 : period->a.e;
  if (!scaled_less(bend, scaled_of(0x1p-12, 0))) return;
  k.e += reference->exponent;
  /* a minibrot so much smaller than the neighbourhood: no sample but the nucleus comes near it at this factor either */
  if (k.e > 1000) k.e = 1000;
  reference->interior_re = scaled_re(k);
  reference->interior_im = scaled_im(k);
  reference->has_interior = 1;
}

static int bla_build(fmandel_reference *reference, int64_t *progress, const int32_t *cancel) {
  const double *z = (const double *)((const char *)reference + reference->z);
  const int64_t *starts = (const int64_t *)((const char *)reference + reference->starts);
  const int64_t exponent = reference->exponent, groups = reference->blocks;
  const double cmax = power_of_two(exponent);
  table plain = table_of(reference, &reference->plain), wide = table_of(reference, &reference->wide);
  /* entries that reach past the orbit's end are never written below, and never hold */
  for (int64_t i = 0; i < plain.bla->entries; i++) plain.keys[i] = KEY_OF_ZERO;
  for (int64_t i = 0; i < wide.bla->entries; i++) wide.keys[i] = KEY_OF_ZERO;

  entry pending[64], ready[LANES];
  unsigned fits = 0;
  for (int64_t g = 0; g < groups; g++) {
    const int lane = (int)(g % LANES);
    int64_t level = 0;
    if (g % 4096 == 0) {
      if (progress) __atomic_store_n(progress, starts[g], __ATOMIC_RELAXED);
      if (cancelled(cancel)) return FMANDEL_CANCELLED;
    }
    if (lane == 0) fits = composed(z, starts, g, groups, cmax, ready);
    entry x = fits >> lane & 1 ? ready[lane] : composed_wide(reference, starts[g], starts[g + 1] - 1 - starts[g]);
    write(reference, &plain, &wide, g, 0, &x);
    for (; g >> level & 1; level++) {
      /* the dip between the two, then the second */
      const entry dip = single(reference_iterate(reference, starts[g + 1 - ((int64_t)1 << level)] - 1));
      x = joined(&pending[level], &dip, &x, exponent);
      write(reference, &plain, &wide, g, level + 1, &x);
    }
    pending[level] = x;
  }
  build_prefixes(reference, &plain, &reference->plain_prefixes, 0);
  build_prefixes(reference, &wide, &reference->wide_prefixes, 1);

  if (reference->period > 0) {
    /* what is pending, the longest first, and the few iterations behind the last block */
    entry period = {.a = fine_of(1, 0), .p = {{1, 0}}, .r = ENDLESS};
    int64_t g = 0;
    for (int64_t level = 62; level >= 0; level--)
      if (groups >> level & 1) {
        const entry dip = single(reference_iterate(reference, starts[g] - 1));
        period = g == 0 ? pending[level] : joined(&period, &dip, &pending[level], exponent);
        g += (int64_t)1 << level;
      }
    for (int64_t m = g == 0 ? 1 : starts[g] - 1; m < reference->period; m++) {
      const entry next = single(reference_iterate(reference, m));
      period = m == 1 ? next : merged(&period, &next, 2, exponent);
    }
    find_interior(reference, &period);
  }
  if (progress) __atomic_store_n(progress, reference->length, __ATOMIC_RELAXED);
  return FMANDEL_OK;
}

#endif
