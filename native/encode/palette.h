/* The palette's step of smooth counts, in vectors: up to 4 at once, as log2_all has it. */
#ifndef FMANDEL_ENCODE_PALETTE_H
#define FMANDEL_ENCODE_PALETTE_H

#include "simd/log2.h"

/* the last bit of a double this large is worth 1: a smaller number that is added to it leaves its nearest whole one in the lowest bits */
#define ROUNDING 0x1.8p52

/*
 * The nearest steps of the palette in the lowest bytes, 0 to 254, where 255 would be 0 again, or 255 for the set: the phase's distance to the
 * nearest whole number has at most half of 255 steps either way.
 */
static inline void palette_steps(const vec *nu, ivec *step, int count, double density, double bias, double offset) {
  vec phase[4];
  for (int v = 0; v < count; v++) phase[v] = nu[v] + bias;
  log2_vecs(phase, count);
  for (int v = 0; v < count; v++) {
    const vec turned = vfma(phase[v], splat(density), splat(offset)), rest = turned - ((turned + ROUNDING) - ROUNDING);
    const ivec nearest = (ivec)vfma(rest, splat(255), splat(ROUNDING)) - (ivec)splat(ROUNDING);
    step[v] = (nearest + (nearest < 0)) | (nu[v] < 0); /* a byte below 0 is 256 more, a step 255 */
  }
}

#endif
