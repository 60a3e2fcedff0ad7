/*
 * What becomes of an iteration count, in vectors: the smooth count nu, and its place in a palette. Include after vector.h.
 * Up to 4 vectors at once, as log2_all has it.
 */

/*
 * nu = n - log2(log2 |z|), not below 0, of samples with |z| > R >= 2; n becomes nu. Only the square of |z| is at hand, and where it
 * leaves the double's range z is scaled first.
 */
static inline void smooth_all(vec *n, const vec *zr, const vec *zi, int count) {
  vec log[4], lift[4];
  for (int v = 0; v < count; v++) {
    const mask huge = ~(fused(zr[v], zr[v], zi[v] * zi[v]) < 0x1p1000);
    const vec scale = pick(huge, all(0x1p-600), all(1)), r = zr[v] * scale, i = zi[v] * scale;
    log[v] = fused(r, r, i * i), lift[v] = pick(huge, all(600), all(0));
  }
  log2_all(log, count);
  for (int v = 0; v < count; v++) log[v] = 0.5 * log[v] + lift[v];
  log2_all(log, count);
  for (int v = 0; v < count; v++) {
    const vec nu = n[v] - log[v];
    n[v] = pick(nu > 0, nu, all(0));
  }
}

static inline vec smooth(vec n, vec zr, vec zi) {
  smooth_all(&n, &zr, &zi, 1);
  return n;
}

/* the next whole number below, for |x| < 2^51: adding 1.5 2^52 rounds to a whole number, up or down */
static inline vec floor_of(vec x) {
  const vec nearest = (x + 0x1.8p52) - 0x1.8p52;
  return nearest - pick(nearest > x, all(1), all(0));
}

/* the nearest steps of the palette, whole numbers from 0 to 254, where 255 would be 0 again, or 255 for the set; nu becomes them */
static inline void steps_all(vec *nu, int count, double density, double bias, double offset) {
  vec phase[4];
  for (int v = 0; v < count; v++) phase[v] = nu[v] + bias;
  log2_all(phase, count);
  for (int v = 0; v < count; v++) {
    const vec turned = phase[v] * density + offset, step = floor_of((turned - floor_of(turned)) * 255 + 0.5);
    nu[v] = pick(nu[v] < 0, all(255), pick(step < 255, step, all(0)));
  }
}
