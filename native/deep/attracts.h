/*
 * Is a pixel that returns near an earlier state in the basin of an attracting cycle?
 *
 * A pixel of the interior would continue until its state recurs bit by bit: 36 / (1 - |F'|) times
 * round its cycle, where F is once around and F' the cycle's multiplier, or to the limit. Here its
 * first near return is enough. Newton's method leads to the point z with F(z) = z. Then a disc
 * about z is taken once around, with its radius and a bound of all errors: if F maps the disc into
 * itself, it holds an attracting cycle (Schwarz), an orbit of the critical point ends there
 * (Fatou), and the sample is interior. Nothing else counts as a proof.
 *
 * What a step does to a radius is bounded by its derivative at the centre and by the absolute
 * values of all terms of the second derivative.
 */
#ifndef FMANDEL_DEEP_ATTRACTS_H
#define FMANDEL_DEEP_ATTRACTS_H

#include "deep/derivative.h"

enum {
  ATTRACTS_NEWTON = 8,
  ATTRACTS_STEPS = 1 << 12, /* the most steps once around */
};
/*
 * Bounds of relative errors: of a step, which is merged from others, each within 2^-44; of a single
 * iteration and of a rebase.
 */
#define STEP_ERROR 0x1p-40
#define ITERATION_ERROR 0x1p-48
/* a multiplier nearer to the unit circle proves nothing */
#define NEUTRAL 0x1p-12
/*
 * So near to an attracting cycle F' is within the unit circle or just outside. By chance returns of
 * samples that escape it is large mostly, and Newton's method need not continue.
 */
#define REPELS 2
/* the most that is left of a step in the next one, where Newton's method converges */
#define CONVERGES 0.4
/* the disc's radius, in parts of |z| and of the multiplier's distance to the circle */
#define DISC_PART 0x1p-10

/* A disc on its way, with the derivative of its centre by the centre at the start. */
typedef struct {
  deep_pixel p;
  double d[2], radius;
} deep_disc;

static inline double length_of(double re, double im) { return __builtin_sqrt(__builtin_fma(re, re, im * im)); }

/* The radius after a step of the table, for |z| <= size and |c| = c in units of 2^E. */
static inline double disc_radius(const deep_kernel *kernel, const void *step, double radius, double slope, double size, double c) {
  double bend = 0, sum = 0;
  if (kernel->mixed) {
    const mixed_step *s = step;
    const double u = size * s->scale;
    for (int i = DEGREE; i >= 0; i--) {
      double row = 0;
      for (int j = DEGREE - i; j >= 0; j--) row = row * c + (i + j ? length_of(s->t[MIXED_AT(i, j)][0], s->t[MIXED_AT(i, j)][1]) : 0);
      if (i >= 2) bend = bend * u + i * (i - 1) * row;
      sum = sum * u + row;
    }
    bend *= s->scale * s->scale;
  } else {
    const bla_step *s = step;
    const double u = size * s->scale;
    for (int k = ORDER - 2; k >= 0; k--) {
      const double part = length_of(s->p[k][0], s->p[k][1]);
      bend = bend * u + (k + 2) * (k + 1) * part;
      sum = sum * u + part;
    }
    bend *= s->scale;
    sum = (sum * u + length_of(s->a[0], s->a[1])) * size + length_of(s->b[0], s->b[1]) * c;
  }
  return radius * (slope + 0.5 * bend * radius) + STEP_ERROR * sum;
}

/* Takes a disc from m = 0 through as many rebases. 0 if it cannot be followed. */
static int disc_around(const deep_kernel *kernel, deep_disc *b, int64_t rebases_left) {
  deep_pixel *const p = &b->p;
  const double c = length_of(p->cr, p->ci);
  for (int steps = 0; steps < ATTRACTS_STEPS; steps++) {
    const double size = length_of(p->z.re, p->z.im) + b->radius, before[2] = {b->d[0], b->d[1]};
    int64_t blocks = 0;
    const void *s = NULL;
    if (at_block_start(kernel, p->m, p->g)) {
      s = bla_at(kernel, p->g, log2_key(norm_sum(p->z.re, p->z.im) + b->radius), INT64_MAX, &blocks);
      if (!s) p->g++;
    }
    double slope[2], by_c[2];
    if (s) {
      slopes_of_step(kernel, s, p, slope, by_c);
      b->radius = disc_radius(kernel, s, b->radius, length_of(slope[0], slope[1]), size, c);
      apply_step(kernel, s, &p->z.re, &p->z.im, p->cr, p->ci);
      advance_blocks(kernel, p, blocks);
    } else {
      const double *z = kernel->z + 2 * p->m, xr = z[0] + p->z.re, xi = z[1] + p->z.im;
      slope[0] = 2 * xr, slope[1] = 2 * xi;
      b->radius = b->radius * (2 * length_of(xr, xi) + b->radius) + ITERATION_ERROR * (size * (2 * length_of(z[0], z[1]) + size) + c * kernel->unit);
      iterate_pixel(kernel, p);
    }
    b->d[0] = __builtin_fma(slope[0], before[0], -slope[1] * before[1]);
    b->d[1] = __builtin_fma(slope[0], before[1], slope[1] * before[0]);
    const double *z = kernel->z + 2 * p->m, re = z[0] + p->z.re, im = z[1] + p->z.im, own = norm_sum(re, im), delta = norm_sum(p->z.re, p->z.im);
    if (!(own < 4) || own < DOUBLE_FLOOR || delta < DOUBLE_FLOOR || !(b->radius < 4)) return 0;
    if (!rebases(own, delta) && p->m < kernel->length) continue;
    b->radius += ITERATION_ERROR * (norm_sum(z[0], z[1]) + delta);
    p->z.re = re, p->z.im = im, p->m = p->g = 0;
    if (--rebases_left == 0) return 1;
  }
  return 0;
}

/* Is the pixel, at m = 0, near an attracting cycle that closes after this many rebases? */
static int attracts(const deep_kernel *kernel, const deep_pixel *pixel, int64_t around) {
  deep_disc b;
  double zr = pixel->z.re, zi = pixel->z.im, most = length_of(zr, zi);
  for (int turn = 0;; turn++) {
    b = (deep_disc){.p = *pixel, .d = {1, 0}};
    b.p.z.re = zr, b.p.z.im = zi;
    if (turn == ATTRACTS_NEWTON || !disc_around(kernel, &b, around)) return 0;
    if (!(length_of(b.d[0], b.d[1]) < REPELS)) return 0;
    /* z + (F(z) - z) / (1 - F') */
    const double er = b.p.z.re - zr, ei = b.p.z.im - zi, fr = 1 - b.d[0], fi = -b.d[1], size2 = __builtin_fma(fr, fr, fi * fi);
    const double sr = __builtin_fma(er, fr, ei * fi) / size2, si = __builtin_fma(ei, fr, -er * fi) / size2;
    /* steps that only halve lead past a cusp, where two cycles are about to part */
    if (!(length_of(sr, si) < most)) return 0;
    zr += sr, zi += si, most = CONVERGES * length_of(sr, si);
    if (length_of(sr, si) < 0x1p-32 * length_of(zr, zi)) break;
  }
  const double slack = 1 - length_of(b.d[0], b.d[1]), radius = DISC_PART * slack * length_of(zr, zi);
  if (!(slack > NEUTRAL)) return 0;
  b = (deep_disc){.p = *pixel, .d = {1, 0}, .radius = radius};
  b.p.z.re = zr, b.p.z.im = zi;
  return disc_around(kernel, &b, around) && length_of(b.p.z.re - zr, b.p.z.im - zi) + b.radius < radius;
}

#endif
