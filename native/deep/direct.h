/*
 * Direct iteration X <- X^2 + c in doubles, once its rounding errors are negligible.
 *
 * A sample near an island follows the reference only for a while. Then its delta is as large as Z,
 * no step is valid, and perturbation takes single iterations, 10,000 a sample on some islands. By
 * then X has spread so far that a rounding moves it by little of a sample: with D the derivative of
 * X by the position in samples, 2^-53 is 2^-53 / |D| of a sample. A direct iteration is a quarter
 * of one by perturbation.
 *
 * So a sample carries D, and continues directly where no step is valid and |D| >= DIRECT_FROM. It
 * is watched block by block: in its k-th block every |D| must be at least k DIRECT_FROM. The k
 * blocks of a stretch together lose at most
 *
 *   BLOCK 2^-53 / DIRECT_FROM (1 + 1/2 + ... + 1/k) = 2^-29 (1 + log k) of a sample.
 *
 * If a block fails, the sample returns to perturbation as it was before the block, with m = 0 and z
 * = X. That is a dip of X, from where z is small again, or a sample of the interior, whose D tends
 * to 0. In the first tiles that were tried three quarters of the samples came back once, so D
 * itself is computed again from where they left perturbation, unless that is long ago.
 *
 * With that D a sample may iterate directly again later. k then starts from 1, and the bound counts
 * once more: a sample that goes directly s times may lose s times as much. Only the iteration limit
 * bounds s.
 *
 * From |D| >= UNWATCHED_FROM on, D is no longer watched. A dip can make |D| small after that, but
 * only if a nucleus is near: at a distance of t samples from it |X| is t |D|, and the rounding
 * after it is 2^-54 / (t |D|^2) of a sample. It reaches 2^-27 for t below 2^-19, where D is least.
 *
 * A state of the unwatched that recurs bit by bit recurs forever, but c is rounded: the sample
 * then starts again, and perturbation decides.
 */
#ifndef FMANDEL_DEEP_DIRECT_H
#define FMANDEL_DEEP_DIRECT_H

#include "deep/pixel.h"
#include "tile/iteration.h"

#define DIRECT_FROM 0x1p-20
#define UNWATCHED_FROM 0x1p-4
/* Blocks after which the state of an unwatched sample is kept, to detect a cycle (Brent). */
enum { DIRECT_KEEP = 8 };
/* The most iterations that are taken again for D. */
enum { RETRACED = 16 * BLOCK };

/* |D|^2 */
static inline double spread(const double *d) { return __builtin_fma(d[0], d[0], d[1] * d[1]); }

/* Does a pixel in double range switch to direct iteration, if no step is valid here? */
static inline int goes_direct(const deep_kernel *kernel, const deep_pixel *p, const double *d) {
  return spread(d) >= DIRECT_FROM * DIRECT_FROM && kernel->max_iter - p->n >= BLOCK;
}

/* Does a sample from its region start with direct iteration at once? */
static inline int starts_direct(const deep_kernel *kernel, const deep_pixel *p, const double *d, deep_state state) {
  return state == DEEP_DOUBLE && !at_block_start(kernel, p->m, p->g) && goes_direct(kernel, p, d);
}

static inline void direct_iterate(double *re, double *im, double cr, double ci) {
  const double t = __builtin_fma(*re, *re, cr), i = *im;
  *im = __builtin_fma(*re + *re, i, ci);
  *re = __builtin_fma(-i, i, t);
}

/* c itself, rounded. */
static inline double direct_re(const deep_kernel *kernel, const deep_pixel *p) { return __builtin_fma(p->cr, kernel->unit, kernel->z[2]); }
static inline double direct_im(const deep_kernel *kernel, const deep_pixel *p) { return __builtin_fma(p->ci, kernel->unit, kernel->z[3]); }

/* A pixel that leaves direct iteration with this X, at this n. */
static inline void leave_direct(deep_pixel *p, double re, double im, int64_t n) {
  p->z = (floatexp){re, im, 0};
  p->steps += n - p->n;
  p->n = n;
  p->m = p->g = 0;
}

/*
 * A pixel, in its state before direct iteration, returns to perturbation at this n, with this X. d
 * becomes its derivative there, NaN if that is too far.
 */
static inline void return_pixel(const deep_kernel *kernel, deep_pixel *p, double *d, double re, double im, int64_t n) {
  if (n == p->n) return;
  if (n - p->n > RETRACED) d[0] = d[1] = NAN;
  else {
    const double cr = direct_re(kernel, p), ci = direct_im(kernel, p);
    double x = kernel->z[2 * p->m] + p->z.re, y = kernel->z[2 * p->m + 1] + p->z.im;
    for (int64_t k = p->n; k < n; k++) {
      derivative_step(&d[0], &d[1], x + x, y + y, kernel->width, 0);
      direct_iterate(&x, &y, cr, ci);
    }
  }
  leave_direct(p, re, im, n);
}

/* Takes a pixel from within a block before its escape, or near the limit, to its end. */
static inline deep_state finish_direct(const deep_kernel *kernel, deep_pixel *p, double re, double im, int64_t n, double cr, double ci) {
  while (n < kernel->max_iter) {
    direct_iterate(&re, &im, cr, ci);
    n++;
    if (__builtin_fma(re, re, im * im) <= kernel->radius2) continue;
    leave_direct(p, re, im, n);
    p->xr = re, p->xi = im;
    return DEEP_ESCAPED;
  }
  leave_direct(p, re, im, n);
  return DEEP_LIMITED;
}

/* As run_scalar from c on, by perturbation alone. */
static deep_state start_again(const deep_kernel *kernel, deep_pixel *p, int64_t sample) {
  const int64_t steps = p->steps;
  const deep_state state = run_scalar(kernel, p, start_pixel(kernel, p, sample));
  p->steps += steps;
  return state;
}

/* One pixel, until it is done or returns to perturbation. */
static deep_state run_direct(const deep_kernel *kernel, deep_pixel *p, int64_t sample, double *d) {
  const double cr = direct_re(kernel, p), ci = direct_im(kernel, p);
  double re = kernel->z[2 * p->m] + p->z.re, im = kernel->z[2 * p->m + 1] + p->z.im, d2 = spread(d), least_d = 0;
  double kept_re = INFINITY, kept_im = INFINITY;
  int watched = d2 < UNWATCHED_FROM * UNWATCHED_FROM;
  int64_t n = p->n, age = 0, patience = watched ? INT64_MAX : DIRECT_KEEP;
  for (;;) {
    const double from_re = re, from_im = im;
    double least = INFINITY;
    for (int k = 0; k < BLOCK; k++) {
      const double a = re + re, b = im + im;
      d2 *= __builtin_fma(a, a, b * b);
      if (d2 < least) least = d2;
      direct_iterate(&re, &im, cr, ci);
    }
    least_d += DIRECT_FROM;
    if (watched && !(least >= least_d * least_d)) {
      return_pixel(kernel, p, d, from_re, from_im, n);
      return DEEP_DOUBLE;
    }
    if (!(__builtin_fma(re, re, im * im) <= kernel->radius2)) return finish_direct(kernel, p, from_re, from_im, n, cr, ci);
    n += BLOCK;
    if (n % (1 << 16) < BLOCK && cancelled(kernel->cancel)) return DEEP_CANCELLED;
    if (re == kept_re && im == kept_im) {
      leave_direct(p, re, im, n);
      return start_again(kernel, p, sample);
    }
    if (kernel->max_iter - n < BLOCK) return finish_direct(kernel, p, re, im, n, cr, ci);
    if (watched && !(d2 < UNWATCHED_FROM * UNWATCHED_FROM)) watched = 0, age = 0, patience = DIRECT_KEEP;
    else if (++age == patience) kept_re = re, kept_im = im, patience *= AGING;
  }
}

/* As run_scalar, with the derivative, and directly where that is allowed. */
static deep_state run_counting(const deep_kernel *kernel, deep_pixel *p, int64_t sample, double *d, deep_state state) {
  for (int64_t steps = 1;; steps++) {
    if (steps % 16384 == 0 && cancelled(kernel->cancel)) return DEEP_CANCELLED;
    if (state == DEEP_EXTENDED) state = run_extended(kernel, p), d[0] = d[1] = NAN;
    if (state != DEEP_DOUBLE) return state;
    if (p->n >= kernel->max_iter) return DEEP_LIMITED;
    const int at_start = at_block_start(kernel, p->m, p->g);
    int64_t blocks;
    const void *const s = look_up_pixel(kernel, p, &blocks);
    if (at_start && !s && goes_direct(kernel, p, d)) {
      state = run_direct(kernel, p, sample, d);
      if (state != DEEP_DOUBLE) return state;
    }
    if (s) {
      derivative_by_step(kernel, s, p, &d[0], &d[1], kernel->width_in_e);
      apply_step(kernel, s, &p->z.re, &p->z.im, p->cr, p->ci);
      advance_blocks(kernel, p, blocks);
    } else {
      derivative_iterate(kernel, p, &d[0], &d[1], kernel->width);
      iterate_pixel(kernel, p);
    }
    state = settle(kernel, p);
  }
}

#endif
