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

/*
 * The nearest palette index in the lowest byte of each lane: 0 to 254, where 255 wraps to 0; or 255
 * for the set. The phase's distance to the nearest integer is at most half of 255 steps either way.
 */
static inline void palette_steps(const vec *nu, ivec *step, int count, double density, double bias, double offset) {
  vec phase[4];
  for (int v = 0; v < count; v++) phase[v] = nu[v] + bias;
  log2_vecs(phase, count);
  for (int v = 0; v < count; v++) {
    const vec turned = vfma(phase[v], splat(density), splat(offset)), rest = turned - ((turned + ROUNDING) - ROUNDING);
    const ivec nearest = (ivec)vfma(rest, splat(255), splat(ROUNDING)) - (ivec)splat(ROUNDING);
    /* as a byte -k wraps to 256 - k, but its index is 255 - k */
    step[v] = (nearest + (nearest < 0)) | (nu[v] < 0);
  }
}

#endif
