/* What becomes of an iteration count, in vectors: the smooth count nu, and its place in a palette. Include after vector.h. */

/*
 * nu = n - log2(log2 |z|), not below 0, of samples with |z| > R >= 2. Only the square of |z| is at hand, and where it leaves
 * the double's range z is scaled first.
 */
static inline vec smooth(vec n, vec zr, vec zi) {
  const mask huge = ~(fused(zr, zr, zi * zi) < 0x1p1000);
  const vec scale = pick(huge, all(0x1p-600), all(1)), r = zr * scale, i = zi * scale;
  const vec log_z = 0.5 * log2_of(fused(r, r, i * i)) + pick(huge, all(600), all(0));
  const vec nu = n - log2_of(log_z);
  return pick(nu > 0, nu, all(0));
}

/* the next whole number below, for |x| < 2^51: adding 1.5 2^52 rounds to a whole number, up or down */
static inline vec floor_of(vec x) {
  const vec nearest = (x + 0x1.8p52) - 0x1.8p52;
  return nearest - pick(nearest > x, all(1), all(0));
}

/* the step of the palette, a whole number from 0 to 254, or 255 for the set */
static inline vec step_of(vec nu, double density, double bias, double offset) {
  const vec phase = log2_of(nu + bias) * density + offset;
  const vec step = floor_of((phase - floor_of(phase)) * 255);
  return pick(nu < 0, all(255), pick(step < 254, step, all(254)));
}
