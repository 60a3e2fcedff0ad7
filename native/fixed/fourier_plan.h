/*
 * The length of a Fourier transform, and the layout of its memory: shared by fourier.c and
 * fourier_template.h.
 */
#ifndef FMANDEL_FIXED_FOURIER_PLAN_H
#define FMANDEL_FIXED_FOURIER_PLAN_H

#include <math.h>

#include "fixed/limbs.h"

typedef double four __attribute__((vector_size(32), aligned(8), may_alias));
typedef struct {
  four re, im;
} four_points; /* four, side by side */
typedef struct {
  double re, im;
} fourier_root;

typedef struct {
  int q, digits, bits; /* 2^q points; `digits` digits of `bits` bits */
} fourier_plan;

/* integer bits and sign: |values| < 2^31 */
enum { WHOLE_BITS = 32 };

/* Does the proof hold for 2^q points and digits of b bits? */
static inline int fourier_is_exact(int q, int b) { return ldexp(19 * q + 3, q + 2 * b - 2 - 53) < 0.49; }

static inline fourier_plan fourier_plan_of(int n) {
  int64_t all = 64 * (int64_t)(n - 1) + WHOLE_BITS;
  for (int q = 6;; q++) {
    int64_t half = (int64_t)1 << (q - 1), b = (all + half - 1) / half;
    if (b < 26 && fourier_is_exact(q, (int)b)) return (fourier_plan){q, (int)((all + b - 1) / b), (int)b};
  }
}

/*
 * The layout of the memory: points, roots of the side-by-side transforms, roots of the last step,
 * half of every digit, the sums.
 */
typedef struct {
  four_points *x;
  fourier_root *roots;
  four_points *last; /* three for each four points */
  limb *halves, *sum, *out;
} fourier_places;

static inline fourier_places fourier_places_of(limb *memory, fourier_plan p, int n) {
  int64_t quarter = (int64_t)1 << (p.q - 2);
  fourier_places at;
  at.x = (four_points *)memory;
  at.roots = (fourier_root *)(at.x + quarter);
  at.last = (four_points *)(at.roots + quarter);
  at.halves = (limb *)(at.last + quarter / 4 * 3);
  at.sum = at.halves + n;
  at.out = at.sum + n + 1;
  return at;
}

#endif
