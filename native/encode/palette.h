/*
 * The palette indices of smooth counts, in vectors: up to 4 at once, which is the limit of
 * log2_vecs.
 */
#ifndef FMANDEL_ENCODE_PALETTE_H
#define FMANDEL_ENCODE_PALETTE_H

#include "simd/log2.h"

/*
 * The last bit of a double this large is worth 1, so adding a smaller number leaves the integer
 * nearest to it in the lowest bits.
 */
#define ROUNDING 0x1.8p52

/* The phases' distances to their nearest integers. */
static inline void phase_rests(const vec *nu, vec *rest, int count, double density, double bias, double offset) {
  for (int v = 0; v < count; v++) rest[v] = nu[v] + bias;
  log2_vecs(rest, count);
  for (int v = 0; v < count; v++) {
    const vec turned = vfma(rest[v], splat(density), splat(offset));
    rest[v] = turned - ((turned + ROUNDING) - ROUNDING);
  }
}

/* An index from the bits of a step plus ROUNDING. */
static inline ivec index_of(vec rounded, vec nu) {
  const ivec nearest = (ivec)rounded - (ivec)splat(ROUNDING);
  /* as a byte -k wraps to 256 - k, but its index is 255 - k */
  return (nearest + (nearest < 0)) | (nu < 0);
}

/*
 * The nearest palette index in the lowest byte of each lane: 0 to 254, where 255 wraps to 0; or 255
 * for the set. The phase's distance to the nearest integer is at most half of 255 steps either way.
 */
static inline void palette_steps(const vec *nu, ivec *step, int count, double density, double bias, double offset) {
  vec rest[4];
  phase_rests(nu, rest, count, density, bias, offset);
  for (int v = 0; v < count; v++) step[v] = index_of(vfma(rest[v], splat(255), splat(ROUNDING)), nu[v]);
}

#endif
