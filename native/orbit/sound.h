/*
 * What can be said of an orbit's arrays without computing it again: for buffers of unknown origin.
 */
#ifndef FMANDEL_ORBIT_SOUND_H
#define FMANDEL_ORBIT_SOUND_H

#include "orbit/iterate.h"

/* 2^40 iterations are 16 TB */
#define LONGEST_ORBIT ((int64_t)1 << 40)
/* as many fractional bits as the deepest zoom of any caller takes, and more */
#define MOST_BITS ((int64_t)1 << 26)

/* An exponent that can be added to others for as long as any orbit is, and does not overflow. */
static inline int exponent_is_sound(int64_t e, int64_t most) { return e >= -most && e <= most; }

/* Normal, or 0 with the exponent that 0 has, of either sign. */
static inline int floatexp_is_sound(double re, double im, int64_t e, int64_t most) {
  const double norm = norm_max(re, im);
  if (re == 0 && im == 0) return e == FLOATEXP_ZERO_EXPONENT || e == -FLOATEXP_ZERO_EXPONENT;
  /* a NaN fails one of these comparisons */
  return norm >= 1 && norm < 2 && re - re == 0 && im - im == 0 && exponent_is_sound(e, most);
}

/* Z[0 .. length] are finite, and so are their squares. */
static inline int iterates_are_sound(const double *z, int64_t length) {
  int sound = 1;
  for (int64_t k = 0; k < 2 * (length + 1); k++) sound &= __builtin_fabs(z[k]) <= 0x1p62;
  return sound;
}

/* What the doubles leave of Z[0 .. length] is at most half of their last digit. */
static inline int low_is_sound(const float *low, int64_t length) {
  int sound = 1;
  for (int64_t k = 0; k < 2 * (length + 1); k++) sound &= __builtin_fabsf(low[k]) <= 1;
  return sound;
}

/* The list of tiny iterates is in order, and each is one. */
static inline int tiny_are_sound(const fmandel_tiny *tiny, int64_t count, int64_t length) {
  for (int64_t k = 0; k < count; k++) {
    if (tiny[k].m < 1 || tiny[k].m > length || (k > 0 && tiny[k].m <= tiny[k - 1].m)) return 0;
    if (tiny[k].exponent >= 0 || !floatexp_is_sound(tiny[k].re, tiny[k].im, tiny[k].exponent, 2 * MOST_BITS)) return 0;
  }
  return 1;
}

#endif
