/*
 * Cardioid or disc? An island is a small copy of the set, whose body is a cardioid; or it is
 * attached to another component, and is nearly a disc. With z -> F(z, c) the p-th iterate near the
 * nucleus, expanded in both variables, the boundary is that of the whole set's cardioid or of its
 * disc of period 2 according to
 *
 *   e = -(F_cc / (2 F_c) + F_zc / F_z) / (F_c F_z)
 *
 * which is 0 for the former and 1 for the latter, and close to one of the two for all islands
 * (Dolotin and Morozov, "On the shapes of elementary domains", 2008). The derivatives are those of
 * Z_p by its first iterate and by c.
 */
#include "fixed/floatexp.h"
#include "fmandel/orbit.h"
#include "orbit/iterate.h"

static floatexp doubled(floatexp a) {
  if (a.re != 0 || a.im != 0) a.e++;
  return a;
}

static floatexp quotient(floatexp a, floatexp b) {
  const double norm = b.re * b.re + b.im * b.im;
  floatexp q = floatexp_mul(a, (floatexp){b.re / norm, -b.im / norm, 0});
  if (q.re != 0 || q.im != 0) q.e -= b.e;
  return q;
}

int fmandel_nucleus_is_cardioid(const fmandel_orbit *orbit) {
  const fmandel_tiny *tiny = orbit->tiny, *tiny_end = orbit->tiny + orbit->tiny_count;
  const floatexp one = floatexp_of(1, 0);
  /* F_z, F_c, F_zc, F_cc */
  floatexp z1 = one, c1 = one, zc = floatexp_of(0, 0), cc = floatexp_of(0, 0);
  for (int64_t m = 1; m < orbit->period; m++) {
    const int is_tiny = tiny < tiny_end && tiny->m == m;
    const floatexp Z = is_tiny ? floatexp_from_tiny(*tiny++) : floatexp_of(orbit->z[2 * m], orbit->z[2 * m + 1]);
    cc = doubled(floatexp_add(floatexp_mul(Z, cc), floatexp_mul(c1, c1)));
    zc = doubled(floatexp_add(floatexp_mul(Z, zc), floatexp_mul(c1, z1)));
    c1 = floatexp_add(doubled(floatexp_mul(Z, c1)), one);
    z1 = doubled(floatexp_mul(Z, z1));
  }
  const floatexp sum = floatexp_add(quotient(cc, doubled(c1)), quotient(zc, z1));
  const floatexp e = quotient((floatexp){-sum.re, -sum.im, sum.e}, floatexp_mul(c1, z1));
  return floatexp_less(e, floatexp_add(e, floatexp_of(-1, 0)));
}
