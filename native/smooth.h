/*
 * What becomes of an iteration count, in vectors: the smooth count nu, and its place in a palette. Include after vector.h.
 * Up to 4 vectors at once, as log2_all has it.
 */

/* a radius up to which the squares of samples that have just passed it are doubles */
#define NEAR 0x1p240

/*
 * nu = n - log2(log2 |z|), not below 0, of samples with |z| > R >= 2; n becomes nu. Only the square of |z| is at hand, and where it
 * leaves the double's range z is scaled first: `far` is 0 where R is at most NEAR.
 */
static inline void smooth_all(vec *n, const vec *zr, const vec *zi, int count, int far) {
  vec log[4], lift[4];
  for (int v = 0; v < count; v++) {
    log[v] = fused(zr[v], zr[v], zi[v] * zi[v]), lift[v] = all(0);
    if (!far) continue;
    const truth tame = above(all(0x1p1000), log[v]);
    const vec r = zr[v] * 0x1p-600, i = zi[v] * 0x1p-600;
    log[v] = choose(tame, log[v], fused(r, r, i * i)), lift[v] = choose(tame, all(0), all(1200));
  }
  log2_all(log, count);
  if (far)
    for (int v = 0; v < count; v++) log[v] += lift[v];
  log2_all(log, count);
  for (int v = 0; v < count; v++) {
    const vec nu = n[v] + 1 - log[v]; /* log2(log2 |z|^2) is 1 more than with |z| */
    n[v] = choose(above(nu, all(0)), nu, all(0));
  }
}

static inline vec smooth(vec n, vec zr, vec zi) {
  smooth_all(&n, &zr, &zi, 1, 1);
  return n;
}

/* the last bit of a double this large is worth 1: a smaller number that is added to it leaves its nearest whole one in the lowest bits */
#define WHOLE 0x1.8p52

/*
 * The nearest steps of the palette in the lowest bytes, 0 to 254, where 255 would be 0 again, or 255 for the set: the phase's distance to the
 * nearest whole number has at most half of 255 steps either way.
 */
static inline void steps_all(const vec *nu, mask *step, int count, double density, double bias, double offset) {
  vec phase[4];
  for (int v = 0; v < count; v++) phase[v] = nu[v] + bias;
  log2_all(phase, count);
  for (int v = 0; v < count; v++) {
    const vec turned = fused(phase[v], all(density), all(offset)), rest = turned - ((turned + WHOLE) - WHOLE);
    const mask nearest = (mask)fused(rest, all(255), all(WHOLE)) - (mask)all(WHOLE);
    step[v] = (nearest + (nearest < 0)) | (nu[v] < 0); /* a byte below 0 is 256 more, a step 255 */
  }
}
