/*
 * What the scalar and the vector loops of the deep kernel share: the view and the reference unpacked, the state of one pixel,
 * and the steps that are taken one pixel at a time.
 *
 * A pixel is wide while its delta is below 2^-300 and plain above. It changes side after any step, by its own delta alone, so that
 * what it computes does not depend on which lanes run beside it.
 */
#ifndef FMANDEL_DEEP_KERNEL_H
#define FMANDEL_DEEP_KERNEL_H

#include "bla.h"
#include "deep.h"

typedef struct {
  const fmandel_reference *reference;
  const fmandel_deep_view *view;
  const double *z; /* the reference orbit, interleaved */
  const int32_t *plain_keys, *wide_keys;
  const plain_step *plain_steps;
  const wide_step *wide_steps;
  int64_t length, max_iter;
  double radius2;  /* R^2 */
  double unit;     /* 2^E, the unit of c; 0 below the double's range, where a plain delta does not feel it */
  double to_units; /* from the view's unit, 2^exponent, to that */
  double *nu;
  const int32_t *cancel;
} deep_kernel;

typedef struct {
  scaled z; /* the delta, while wide; while plain re and im alone count and e is 0 */
  double cr, ci; /* in units of 2^E */
  int64_t m, n;  /* the reference's iteration and the pixel's */
  /* Brent's cycle detection, over the states right after a rebase, where m is 0: the state kept, how many came after it, and
     how many may before the next is kept */
  scaled kept;
  int64_t age, patience;
  double size2; /* |Z + z|^2, once escaped */
} deep_pixel;

enum { DEEP_PLAIN, DEEP_WIDE, DEEP_ESCAPED, DEEP_INTERIOR, DEEP_LIMITED };

/* c of a sample */
void deep_place(const deep_kernel *kernel, int64_t sample, double *cr, double *ci);

/* the pixel after its first iteration, or found interior before it; what it is now */
int deep_start(const deep_kernel *kernel, deep_pixel *pixel, int64_t sample);

/* steps of a wide pixel, until it is something else */
int deep_wide(const deep_kernel *kernel, deep_pixel *pixel);

/* after a rebase: has this state been here before? */
static inline int deep_cycles(deep_pixel *p) {
  if (p->z.re == p->kept.re && p->z.im == p->kept.im && p->z.e == p->kept.e) return 1;
  if (++p->age == p->patience) {
    p->kept = p->z;
    p->age = 0;
    p->patience *= 2;
  }
  return 0;
}

/* highest level of the group whose radius is above the delta's key and that stays within the iteration limit; -1 when there is none */
static inline int64_t deep_level(const fmandel_bla *bla, const int32_t *keys, int64_t g, int64_t at, int32_t key, int64_t left) {
  int64_t levels = bla_levels_at(bla, g), level = 0;
  while (level < levels && key < keys[at + level]) level++;
  while (level > 0 && (int64_t)1 << (bla->first + level - 1) > left) level--;
  return level - 1;
}

#endif
