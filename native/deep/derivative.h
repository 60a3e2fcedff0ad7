/*
 * The derivative d of X by the sample's position in pixels, along a pixel that goes alone. The
 * vectors of bla_lanes_template.h must give the same bits.
 */
#ifndef FMANDEL_DEEP_DERIVATIVE_H
#define FMANDEL_DEEP_DERIVATIVE_H

#include "deep/step.h"

/* d <- t d + b */
static inline void derivative_step(double *dr, double *di, double tr, double ti, double br, double bi) {
  const double re = __builtin_fma(-ti, *di, __builtin_fma(tr, *dr, br));
  *di = __builtin_fma(ti, *dr, __builtin_fma(tr, *di, bi));
  *dr = re;
}

/* d <- 2 X d + p, for the single iteration that a pixel in double range is about to take. */
static inline void derivative_iterate(const deep_kernel *kernel, const deep_pixel *p, double *dr, double *di, double width) {
  const double *z = kernel->z + 2 * p->m, zr = p->z.re, zi = p->z.im;
  derivative_step(dr, di, __builtin_fma(2, z[0], zr) + zr, __builtin_fma(2, z[1], zi) + zi, width, 0);
}

/* (q z)' by Horner's rule; p[k] belongs to u^(k+1) */
static inline void bla_slope(const double p[ORDER - 1][2], const double *a, double ur, double ui, double *tr, double *ti) {
  double re = ORDER * p[ORDER - 2][0], im = ORDER * p[ORDER - 2][1];
  for (int k = ORDER - 3; k >= -1; k--) {
    const double *c = k >= 0 ? p[k] : a, n = k + 2;
    const double next = __builtin_fma(-im, ui, __builtin_fma(re, ur, n * c[0]));
    im = __builtin_fma(re, ui, __builtin_fma(im, ur, n * c[1]));
    re = next;
  }
  *tr = re, *ti = im;
}

/* The derivatives of a mixed step's polynomial by u and by v. */
static inline void mixed_slopes(const mixed_step *s, double zr, double zi, double cr, double ci, double *by_u, double *by_v) {
  const double ur = zr * s->scale, ui = zi * s->scale, zero[2] = {0, 0};
  double tr = s->t[MIXED_AT(DEGREE, 0)][0], ti = s->t[MIXED_AT(DEGREE, 0)][1];
  by_u[0] = by_u[1] = by_v[0] = by_v[1] = 0;
  for (int i = DEGREE - 1; i >= 0; i--) {
    double row[2] = {s->t[MIXED_AT(i, DEGREE - i)][0], s->t[MIXED_AT(i, DEGREE - i)][1]}, slope[2] = {0, 0};
    for (int j = DEGREE - i - 1; j >= 0; j--) {
      horner(&slope[0], &slope[1], cr, ci, row);
      horner(&row[0], &row[1], cr, ci, i + j ? s->t[MIXED_AT(i, j)] : zero);
    }
    const double t[2] = {tr, ti};
    horner(&by_u[0], &by_u[1], ur, ui, t);
    horner(&by_v[0], &by_v[1], ur, ui, slope);
    horner(&tr, &ti, ur, ui, row);
  }
}

/*
 * The derivatives, by z and by c in units of 2^E, of a step of the table in double range that a
 * pixel is about to take.
 */
static inline void slopes_of_step(const deep_kernel *kernel, const void *step, const deep_pixel *p, double *by_z, double *by_c) {
  if (kernel->mixed) {
    const mixed_step *s = step;
    mixed_slopes(s, p->z.re, p->z.im, p->cr, p->ci, by_z, by_c);
    by_z[0] *= s->scale, by_z[1] *= s->scale;
  } else {
    const bla_step *s = step;
    bla_slope(s->p, s->a, p->z.re * s->scale, p->z.im * s->scale, &by_z[0], &by_z[1]);
    by_c[0] = s->b[0], by_c[1] = s->b[1];
  }
}

/* d by such a step. The width of a sample is in units of 2^E times that of d. */
static inline void derivative_by_step(const deep_kernel *kernel, const void *step, const deep_pixel *p, double *dr, double *di, double width) {
  double by_z[2], by_c[2];
  slopes_of_step(kernel, step, p, by_z, by_c);
  derivative_step(dr, di, by_z[0], by_z[1], by_c[0] * width, by_c[1] * width);
}

#endif
