/*
 * Series approximation: the common part of a region's samples is computed once. Their deltas are a
 * polynomial of degree seven, the series, in the sample's position in the region:
 *
 *   z(u) = 2^e (a_0 + a_1 u + ... + a_7 u^7),   c = c_0 + rho u,   |u| <= 1
 *
 * where rho is half the region's diagonal. A single iteration or a step of the BLA table applies to
 * polynomials, truncated after u^7, as well as to numbers. So does a rebase, for which the region's
 * middle decides. If a step would bend the polynomial so far that the omitted terms could count,
 * the region is divided in four, and each part continues with the same polynomial about its own
 * middle. The samples of a small region continue alone from there. See docs/theory/series.md.
 *
 * Complex products of single numbers are written out with fma, because GCC makes one instruction of
 * x y - u v and x v + u y side by side, whether contraction is allowed or not.
 */
#ifndef FMANDEL_DEEP_SERIES_H
#define FMANDEL_DEEP_SERIES_H

#include "deep/pixel.h"

enum { SERIES_TERMS = 8 };

/* The last two coefficients must be below this part of what moves the picture by a sample. */
#define SERIES_TOLERANCE 0x1p-32

/* A region of this many samples is no longer divided. */
#define REGION_LEAF 64

typedef double coefficients __attribute__((vector_size(8 * SERIES_TERMS)));

typedef struct {
  coefficients re, im;
} series;

typedef struct {
  series z;
  int64_t e; /* 0 in double range */
  int64_t m, n, g;
  int64_t column, row, width, height;
  double cr, ci, rho; /* in units of 2^c_e, the largest of them near 1 */
  int64_t c_e;
} region;


/* ---- polynomials ---- */

static inline void series_mul(series *r, const series *a, const series *b) {
  double re[2 * SERIES_TERMS] = {0}, im[2 * SERIES_TERMS] = {0};
  coefficients x, y, sum_re = {0}, sum_im = {0};
  memcpy(re + SERIES_TERMS, &b->re, sizeof b->re);
  memcpy(im + SERIES_TERMS, &b->im, sizeof b->im);
#pragma GCC unroll 8
  for (int k = 0; k < SERIES_TERMS; k++) {
    const double p = a->re[k], q = a->im[k];
    memcpy(&x, re + SERIES_TERMS - k, sizeof x);
    memcpy(&y, im + SERIES_TERMS - k, sizeof y);
    sum_re += p * x - q * y;
    sum_im += p * y + q * x;
  }
  r->re = sum_re;
  r->im = sum_im;
}

static inline void series_scale(series *r, double re, double im) {
  const coefficients x = re * r->re - im * r->im;
  r->im = re * r->im + im * r->re;
  r->re = x;
}

static inline double series_rest(const series *a) {
  double sum = 0;
  for (int k = 1; k < SERIES_TERMS; k++) sum += norm_sum(a->re[k], a->im[k]);
  return sum;
}

/* At least |z(u)| 2^-e for all |u| <= 1. */
static inline double series_bound(const series *a) { return norm_sum(a->re[0], a->im[0]) + series_rest(a); }

/*
 * z <- (A + p_1 u + ...) z with u = z unit, and as many powers as count beside A, which they are as
 * large as.
 */
static inline void series_apply_powers(series *z, const double *a, const double (*p)[2], double unit) {
  const double size = series_bound(z) * unit;
  int top = 0;
  for (double power = size; top < ORDER - 1 && power > 0x1p-60; power *= size) top++;
  if (top == 0) {
    series_scale(z, a[0], a[1]);
    return;
  }
  series u = {z->re * unit, z->im * unit}, t = u;
  series_scale(&t, p[top - 1][0], p[top - 1][1]);
  for (int k = top - 1; k > 0; k--) {
    t.re[0] += p[k - 1][0];
    t.im[0] += p[k - 1][1];
    series_mul(&t, &t, &u);
  }
  t.re[0] += a[0];
  t.im[0] += a[1];
  series_mul(z, &t, z);
}

/* a <- a (v + rho u) + (re + i im) */
static inline void series_horner(series *a, double vr, double vi, double rho, const double *next) {
  double re[SERIES_TERMS + 1] = {0}, im[SERIES_TERMS + 1] = {0};
  coefficients x, y;
  memcpy(re + 1, &a->re, sizeof a->re);
  memcpy(im + 1, &a->im, sizeof a->im);
  memcpy(&x, re, sizeof x);
  memcpy(&y, im, sizeof y);
  const coefficients sum_re = vr * a->re - vi * a->im + rho * x;
  a->im = vr * a->im + vi * a->re + rho * y;
  a->re = sum_re;
  a->re[0] += next[0];
  a->im[0] += next[1];
}

/* ---- steps ---- */

/* Chooses units so that the largest coefficient is near 1. */
static inline void series_normal(region *r) {
  double norm = 0;
  for (int k = 0; k < SERIES_TERMS; k++) {
    const double size = norm_max(r->z.re[k], r->z.im[k]);
    if (size > norm) norm = size;
  }
  if (norm == 0) {
    r->e = FLOATEXP_ZERO_EXPONENT;
    return;
  }
  const floatexp a = floatexp_of(norm, 0);
  const double half = power_of_two(-a.e / 2), rest = power_of_two(-a.e - -a.e / 2);
  r->z.re = r->z.re * half * rest;
  r->z.im = r->z.im * half * rest;
  r->e += a.e;
}

/* Brings z to units of 2^e if that is more. Returns the factor for a number in units of 2^its. */
static inline double series_align(region *r, int64_t its) {
  if (its <= r->e) return power_of_two(its - r->e);
  const double unit = power_of_two(r->e - its);
  r->z.re *= unit;
  r->z.im *= unit;
  r->e = its;
  return 1;
}

static inline void region_advance(const deep_kernel *kernel, region *r, int64_t iterations) {
  r->m += iterations;
  r->n += iterations;
  if (r->m > kernel->starts[r->g]) r->g++;
}

/* z + B c */
static inline void series_add_c(region *r, double br, double bi, int64_t e) {
  const double unit = series_align(r, e + r->c_e);
  br *= unit;
  bi *= unit;
  r->z.re[0] += __builtin_fma(-bi, r->ci, br * r->cr);
  r->z.im[0] += __builtin_fma(bi, r->cr, br * r->ci);
  r->z.re[1] += br * r->rho;
  r->z.im[1] += bi * r->rho;
}

static inline void region_advance_blocks(const deep_kernel *kernel, region *r, int64_t blocks) {
  r->g += blocks;
  region_advance(kernel, r, kernel->starts[r->g] - 1 - r->m);
}

/* by a mixed step, with as many powers of z as count */
static inline void series_apply_mixed(const deep_kernel *kernel, region *r, const mixed_step *s) {
  const double unit = power_of_two(r->c_e - kernel->reference->exponent), cr = r->cr * unit, ci = r->ci * unit, rho = r->rho * unit;
  const double size = series_bound(&r->z) * s->scale, zero[2] = {0, 0};
  int top = 1;
  for (double power = size; top < DEGREE && power > 0x1p-60; power *= size) top++;
  series u = {r->z.re * s->scale, r->z.im * s->scale}, t;
  for (int i = top; i >= 0; i--) {
    series row;
    memset(&row, 0, sizeof row);
    row.re[0] = s->t[MIXED_AT(i, DEGREE - i)][0], row.im[0] = s->t[MIXED_AT(i, DEGREE - i)][1];
    for (int j = DEGREE - i - 1; j >= 0; j--) series_horner(&row, cr, ci, rho, i + j ? s->t[MIXED_AT(i, j)] : zero);
    if (i == top) {
      t = row;
      continue;
    }
    series_mul(&t, &t, &u);
    t.re += row.re;
    t.im += row.im;
  }
  r->z = t;
}

static inline void region_step_double(const deep_kernel *kernel, region *r) {
  const double bound = series_bound(&r->z);
  int64_t blocks;
  const void *step = at_block_start(kernel, r->m, r->g) ? look_up(kernel, &r->g, r->n, log2_key(bound), &blocks) : NULL;
  if (step && kernel->mixed) {
    series_apply_mixed(kernel, r, step);
    region_advance_blocks(kernel, r, blocks);
    return;
  }
  if (step) {
    const bla_step *const s = step;
    series_apply_powers(&r->z, s->a, s->p, s->scale);
    const double unit = power_of_two(r->c_e - kernel->reference->exponent), cr = r->cr * unit, ci = r->ci * unit, rho = r->rho * unit;
    r->z.re[0] += __builtin_fma(-s->b[1], ci, s->b[0] * cr);
    r->z.im[0] += __builtin_fma(s->b[1], cr, s->b[0] * ci);
    r->z.re[1] += s->b[0] * rho;
    r->z.im[1] += s->b[1] * rho;
    region_advance_blocks(kernel, r, blocks);
    return;
  }
  const double *z = kernel->z + 2 * r->m;
  if (bound < 0x1p-60 * norm_max(z[0], z[1])) {
    series_scale(&r->z, 2 * z[0], 2 * z[1]);
  } else {
    series x = r->z;
    x.re[0] += 2 * z[0];
    x.im[0] += 2 * z[1];
    series_mul(&r->z, &x, &r->z);
  }
  const double unit = power_of_two(r->c_e);
  r->z.re[0] += r->cr * unit;
  r->z.im[0] += r->ci * unit;
  r->z.re[1] += r->rho * unit;
  region_advance(kernel, r, 1);
}

static inline void region_step_extended(const deep_kernel *kernel, region *r) {
  int64_t blocks;
  const int32_t key = key_in_units(log2_key(series_bound(&r->z)), r->e);
  const bla_step_ext *s = bla_ext_at(kernel, r->m, r->g, key, kernel->max_iter - r->n, &blocks);
  if (s) {
    series_apply_powers(&r->z, &s->a.re, s->p, power_of_two(r->e - s->rho));
    r->e += s->a.e;
    series_add_c(r, s->b.re, s->b.im, s->b.e);
    region_advance_blocks(kernel, r, blocks);
  } else {
    const floatexp z = reference_iterate(kernel->reference, r->m);
    region x = *r;
    if (z.re != 0 || z.im != 0) {
      const double unit = 2 * series_align(&x, z.e);
      x.z.re[0] += z.re * unit;
      x.z.im[0] += z.im * unit;
    }
    series_mul(&r->z, &x.z, &r->z);
    r->e += x.e;
    series_add_c(r, 1, 0, 0);
    region_advance(kernel, r, 1);
  }
  series_normal(r);
}

/*
 * After a step. Returns 0 if the polynomial bends too far, or a sample may have escaped, or X may
 * be 0 in the region; then r must be discarded. Otherwise returns 1, or 2 after a rebase.
 *
 * X with a zero inside must not be squared as a polynomial: coefficients are rounded by 2^-53 of
 * the largest, so at distance d from the zero X^2 has a relative error of 2^-53 (rho/d)^2, which
 * the next such square raises to the fourth power of rho/d. On strips round a nucleus that was 0.06
 * of a sample. Divided down to samples that go alone, it was below 1e-12.
 */
static inline int region_settle(const deep_kernel *kernel, region *r, double tolerance) {
  series *z = &r->z;
  const double last = norm_max(z->re[SERIES_TERMS - 1], z->im[SERIES_TERMS - 1]), before = norm_max(z->re[SERIES_TERMS - 2], z->im[SERIES_TERMS - 2]);
  if (!((last > before ? last : before) <= tolerance * norm_max(z->re[1], z->im[1]))) return 0;
  if (r->e != 0 && r->e >= DOUBLE_FLOOR_LOG2) {
    const double unit = power_of_two(r->e);
    z->re *= unit;
    z->im *= unit;
    r->e = 0;
  }
  const double *ref = kernel->z + 2 * r->m;
  if (r->e == 0) {
    const double re = ref[0] + z->re[0], im = ref[1] + z->im[0], rest = series_rest(z);
    if (!(norm_sum(re, im) + rest < kernel->radius)) return 0;
    if (norm_max(re, im) < rest) return 0;
    const int rebased = rebases(norm_sum(re, im), norm_sum(z->re[0], z->im[0])) || r->m == kernel->length;
    if (rebased) {
      z->re[0] = re;
      z->im[0] = im;
      r->m = r->g = 0;
    }
    if (norm_sum(z->re[0], z->im[0]) + rest < DOUBLE_FLOOR) series_normal(r);
    return 1 + rebased;
  }
  if (norm_max(ref[0], ref[1]) > 2 * DOUBLE_FLOOR) return norm_sum(ref[0], ref[1]) < 0.9 * kernel->radius;
  const floatexp own = floatexp_normal((floatexp){z->re[0], z->im[0], r->e}), x = floatexp_add(reference_iterate(kernel->reference, r->m), own);
  if (floatexp_less(x, floatexp_normal((floatexp){series_rest(z), 0, r->e}))) return 0;
  if (!floatexp_less(x, own) && r->m < kernel->length) return 1;
  const double unit = series_align(r, x.e);
  z->re[0] = x.re * unit;
  z->im[0] = x.im * unit;
  r->m = r->g = 0;
  series_normal(r);
  return 2;
}

typedef enum { SA_INVALID, SA_INTERIOR, SA_LIMITED, SA_CANCELLED } series_end;

/*
 * Runs until the polynomial bends, or all samples are known to end alike. Cycles are detected as a
 * pixel's are.
 */
static series_end region_run(const deep_kernel *kernel, region *r, double tolerance) {
  series kept;
  int64_t kept_e = 1, age = 0, patience = 1;
  memset(&kept, 0, sizeof kept);
  for (int64_t steps = 1;; steps++) {
    if (r->n >= kernel->max_iter) return SA_LIMITED;
    if (steps % 1024 == 0 && cancelled(kernel->cancel)) return SA_CANCELLED;
    const region before = *r;
    if (r->e == 0) region_step_double(kernel, r);
    else region_step_extended(kernel, r);
    const int settled = region_settle(kernel, r, tolerance);
    if (settled == 0) {
      *r = before;
      return SA_INVALID;
    }
    if (settled == 2) {
      if (kept_e == r->e && memcmp(&kept, &r->z, sizeof kept) == 0) return SA_INTERIOR;
      if (++age == patience) {
        kept = r->z;
        kept_e = r->e;
        age = 0;
        patience *= 2;
      }
    }
  }
}

#endif
