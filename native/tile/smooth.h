/*
 * The smooth count nu of an iteration count, in vectors: up to 4 at once, which is the limit of
 * log2_vecs.
 */
#ifndef FMANDEL_TILE_SMOOTH_H
#define FMANDEL_TILE_SMOOTH_H

#include "simd/log2.h"

/* Up to this radius, the squares of samples that have just passed it are doubles. */
#define NEAR 0x1p240

/*
 * Replaces n by nu = n - log2(log2 |z|), never below 0, for samples with |z| > R >= 2. Only the
 * square of |z| is at hand. Where it leaves the double's range, z is scaled first; `far` is 0 if R
 * is at most NEAR, when that cannot happen.
 */
static inline void smooth_vecs(vec *n, const vec *zr, const vec *zi, int count, int far) {
  vec log[4], lift[4];
  for (int v = 0; v < count; v++) {
    log[v] = vfma(zr[v], zr[v], zi[v] * zi[v]), lift[v] = splat(0);
    if (!far) continue;
    const vmask tame = greater(splat(0x1p1000), log[v]);
    const vec r = zr[v] * 0x1p-600, i = zi[v] * 0x1p-600;
    log[v] = vselect(tame, log[v], vfma(r, r, i * i)), lift[v] = vselect(tame, splat(0), splat(1200));
  }
  log2_vecs(log, count);
  if (far)
    for (int v = 0; v < count; v++) log[v] += lift[v];
  log2_vecs(log, count);
  for (int v = 0; v < count; v++) {
    const vec nu = n[v] + 1 - log[v]; /* log2(log2 |z|^2) is 1 more than with |z| */
    n[v] = vselect(greater(nu, splat(0)), nu, splat(0));
  }
}

static inline vec smooth(vec n, vec zr, vec zi) {
  smooth_vecs(&n, &zr, &zi, 1, 1);
  return n;
}

#endif
