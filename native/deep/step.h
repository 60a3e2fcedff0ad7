/*
 * A pixel of the deep kernel and what it steps by: an iteration, or a step of the table. See
 * pixel.h.
 */
#ifndef FMANDEL_DEEP_STEP_H
#define FMANDEL_DEEP_STEP_H

#include "cancel.h"
#include "deep/lookup.h"
#include "inline.h"

typedef struct {
  floatexp z; /* the delta; in double range only re and im count, and e is 0 */
  double cr, ci; /* in units of 2^E */
  int64_t m, n; /* the iteration of the reference, and of the pixel */
  int64_t steps; /* that it took alone */
  int64_t g; /* the first block that starts at m or later */
  /*
   * Brent's cycle detection, over the states right after a rebase, where m is 0: the saved state,
   * how many came after it, and how many may come before the next is saved
   */
  floatexp kept;
  int64_t age, patience;
  double xr; /* X, once escaped */
  union {
    double xi;
    int64_t tested; /* before: the patience with which a near return was tested last */
  };
} deep_pixel;

typedef enum { DEEP_DOUBLE, DEEP_EXTENDED, DEEP_ESCAPED, DEEP_INTERIOR, DEEP_LIMITED, DEEP_CANCELLED } deep_state;

/* t <- t u + next */
static inline void horner(double *tr, double *ti, double ur, double ui, const double *next) {
  const double re = __builtin_fma(-*ti, ui, __builtin_fma(*tr, ur, next[0]));
  *ti = __builtin_fma(*tr, ui, __builtin_fma(*ti, ur, next[1]));
  *tr = re;
}

/* z by a step of the table in double range, c in units of 2^E. */
static inline void step_by(const bla_step *s, double *zr, double *zi, double cr, double ci) {
  const double ur = *zr * s->scale, ui = *zi * s->scale;
  double tr = s->p[ORDER - 2][0], ti = s->p[ORDER - 2][1];
  for (int k = ORDER - 3; k >= 0; k--) horner(&tr, &ti, ur, ui, s->p[k]);
  horner(&tr, &ti, ur, ui, s->a);
  const double br = __builtin_fma(-s->b[1], ci, s->b[0] * cr), bi = __builtin_fma(s->b[1], cr, s->b[0] * ci);
  const double re = __builtin_fma(-ti, *zi, __builtin_fma(tr, *zr, br));
  *zi = __builtin_fma(ti, *zr, __builtin_fma(tr, *zi, bi));
  *zr = re;
}

/* z by a mixed step: Horner's rule by rows, one for each power of u. */
static inline void mixed_step_by(const mixed_step *s, double *zr, double *zi, double cr, double ci) {
  const double ur = *zr * s->scale, ui = *zi * s->scale, zero[2] = {0, 0};
  double tr = s->t[MIXED_AT(DEGREE, 0)][0], ti = s->t[MIXED_AT(DEGREE, 0)][1];
  for (int i = DEGREE - 1; i >= 0; i--) {
    double row[2] = {s->t[MIXED_AT(i, DEGREE - i)][0], s->t[MIXED_AT(i, DEGREE - i)][1]};
    for (int j = DEGREE - i - 1; j >= 0; j--) horner(&row[0], &row[1], cr, ci, i + j ? s->t[MIXED_AT(i, j)] : zero);
    horner(&tr, &ti, ur, ui, row);
  }
  *zr = tr;
  *zi = ti;
}

/* z by a step of the table in double range, of either kind. */
static inline void apply_step(const deep_kernel *kernel, const void *s, double *zr, double *zi, double cr, double ci) {
  if (kernel->mixed) mixed_step_by(s, zr, zi, cr, ci);
  else step_by(s, zr, zi, cr, ci);
}

/* Advances by one iteration, or by a step from block g to the dip before another. */
static inline void advance(const deep_kernel *kernel, deep_pixel *p, int64_t iterations) {
  p->m += iterations;
  p->n += iterations;
  p->steps++;
  if (p->m > kernel->starts[p->g]) p->g++;
}

static inline void advance_blocks(const deep_kernel *kernel, deep_pixel *p, int64_t blocks) {
  p->g += blocks;
  advance(kernel, p, kernel->starts[p->g] - 1 - p->m);
}

/*
 * Below EAGER_BELOW a pixel rebases even if |X| is up to EAGER_FACTOR times |z|. That costs z two
 * bits, no more than any step does, and leads to the prefixes.
 */
#define EAGER_BELOW 0x1p-6
#define EAGER_FACTOR 4
static inline int rebases(double own, double delta) { return own < (own < EAGER_BELOW ? EAGER_FACTOR * delta : delta); }

/* One iteration of a pixel in double range, up to settle. */
ALWAYS_INLINE void iterate_pixel(const deep_kernel *kernel, deep_pixel *p) {
  const double *z = kernel->z + 2 * p->m, zr = p->z.re, zi = p->z.im;
  const double xr = __builtin_fma(2, z[0], zr), xi = __builtin_fma(2, z[1], zi);
  p->z.re = __builtin_fma(-xi, zi, __builtin_fma(xr, zr, p->cr * kernel->unit));
  p->z.im = __builtin_fma(xi, zr, __builtin_fma(xr, zi, p->ci * kernel->unit));
  advance(kernel, p, 1);
}

#endif
