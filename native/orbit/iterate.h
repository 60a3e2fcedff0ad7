/*
 * Iterates, as orbit.c and nucleus.c see them: when they count as tiny, and the public numbers as
 * floatexp.h's.
 */
#ifndef FMANDEL_ORBIT_ITERATE_H
#define FMANDEL_ORBIT_ITERATE_H

#include "fmandel/fixed.h"
#include "fmandel/orbit.h"
#include "fixed/dd.h"
#include "fixed/floatexp.h"

/*
 * 2^-1022 with room for deltas 2^-62 of it: an iterate below this is also in the list of tiny ones
 */
#define TINY_EXPONENT (-960)
#define TINY 0x1p-960

static inline floatexp floatexp_from(fmandel_floatexp a) { return (floatexp){a.re, a.im, a.exponent}; }
static inline floatexp floatexp_from_tiny(fmandel_tiny a) { return (floatexp){a.re, a.im, a.exponent}; }
static inline fmandel_floatexp floatexp_out(floatexp a) { return (fmandel_floatexp){a.re, a.im, a.e}; }

/* the unit of what the doubles leave of an iterate: 2^-53 of the binade of its larger part */
static inline double low_unit(double re, double im) { return power_of_two((int64_t)(double_bits(norm_max(re, im)) >> 52) - 1023 - 53); }

/* Z_m becomes high + low, and what its doubles leave of it is kept. */
static inline void put_iterate(fmandel_orbit *orbit, int64_t m, dd re, dd im) {
  double *const z = orbit->z + 2 * m;
  float *const low = orbit->low + 2 * m;
  z[0] = re.high + re.low, z[1] = im.high + im.low;
  const double unit = low_unit(z[0], z[1]), inverse = unit > 0 ? 1 / unit : 0;
  low[0] = (float)(((re.high - z[0]) + re.low) * inverse);
  low[1] = (float)(((im.high - z[1]) + im.low) * inverse);
}

/* Z as the work memory has it, at any size */
static inline floatexp iterate_as_floatexp(const uint64_t *work, int n) {
  int64_t re_e, im_e;
  double re = fmandel_fixed_to_floatexp(work + 2 * n, n, &re_e), im = fmandel_fixed_to_floatexp(work + 3 * n, n, &im_e);
  int64_t e = re_e > im_e ? re_e : im_e;
  return floatexp_normal((floatexp){re * power_of_two(re_e - e), im * power_of_two(im_e - e), e});
}

#endif
