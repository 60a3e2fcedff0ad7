/*
 * Cardioid or disc: an island is a small copy of the set, whose body is a cardioid, or it hangs on another component, and
 * is nearly a disc. With z -> F(z, c) the p-th iterate near the nucleus, expanded in both variables, the boundary is
 * that of the full set's cardioid or of its disc of period 2 according to
 *
 *   e = -(F_cc / (2 F_c) + F_zc / F_z) / (F_c F_z)
 *
 * which is 0 for the one and 1 for the other, and for all islands near one of the two (Dolotin and Morozov, "On the
 * shapes of elementary domains", 2008). The derivatives are those of Z_p by its first iterate and by c.
 */
#include "fixed/scaled.h"
#include "fmandel/orbit.h"
#include "orbit/iterate.h"

static scaled doubled(scaled a) {
  if (a.re != 0 || a.im != 0) a.e++;
  return a;
}

static scaled quotient(scaled a, scaled b) {
  const double norm = b.re * b.re + b.im * b.im;
  scaled q = scaled_mul(a, (scaled){b.re / norm, -b.im / norm, 0});
  if (q.re != 0 || q.im != 0) q.e -= b.e;
  return q;
}

int fmandel_nucleus_is_cardioid(const fmandel_orbit *orbit) {
  const fmandel_tiny *tiny = orbit->tiny, *tiny_end = orbit->tiny + orbit->tiny_count;
  const scaled one = scaled_of(1, 0);
  scaled z1 = one, c1 = one, zc = scaled_of(0, 0), cc = scaled_of(0, 0); /* F_z, F_c, F_zc, F_cc */
  for (int64_t m = 1; m < orbit->period; m++) {
    const int is_tiny = tiny < tiny_end && tiny->m == m;
    const scaled Z = is_tiny ? scaled_from_tiny(*tiny++) : scaled_of(orbit->z[2 * m], orbit->z[2 * m + 1]);
    cc = doubled(scaled_add(scaled_mul(Z, cc), scaled_mul(c1, c1)));
    zc = doubled(scaled_add(scaled_mul(Z, zc), scaled_mul(c1, z1)));
    c1 = scaled_add(doubled(scaled_mul(Z, c1)), one);
    z1 = doubled(scaled_mul(Z, z1));
  }
  const scaled sum = scaled_add(quotient(cc, doubled(c1)), quotient(zc, z1));
  const scaled e = quotient((scaled){-sum.re, -sum.im, sum.e}, scaled_mul(c1, z1));
  return scaled_less(e, scaled_add(e, scaled_of(-1, 0)));
}
