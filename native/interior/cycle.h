/*
 * Is a cycle of the rounded iteration an attracting cycle of the exact one, so that its sample
 * belongs to the set?
 *
 * In doubles every bounded orbit returns to an earlier state sooner or later. So does one beside a
 * parabolic point, whose exact orbit would creep past the point and escape. Therefore the exact
 * cycle is proven to exist. With F the iteration once around and z the state, Newton's step from z
 * to a point with F(z) = z is |F(z) - z| / |1 - F'| long, and the multiplier F' changes by |F''|
 * per unit of it. With E a bound of the rounding once around, F' stays inside the unit circle if
 * |F''| E < (1 - |F'|)^2 / 4 (Kantorovich's condition with a margin of two).
 */
#ifndef FMANDEL_INTERIOR_CYCLE_H
#define FMANDEL_INTERIOR_CYCLE_H

#include "simd/fma.h"

/*
 * a longer cycle comes from rounding: no cycle that doubles resolve is longer, and following it
 * would take long
 */
enum { LONGEST_CYCLE = 1 << 16 };

static inline int cycle_attracts(double zr, double zi, double cr, double ci) {
  double r = zr, i = zi, error = 0;
  double dr = 1, di = 0, er = 0, ei = 0; /* F' and F'' so far */
  int n = 0;
  do {
    const double r2 = r + r, i2 = i + i;
    /* F'' <- 2 z F'' + 2 F'^2, F' <- 2 z F' */
    const double t = fma(r2, er, fma(-i2, ei, 2 * (dr - di) * (dr + di)));
    ei = fma(r2, ei, fma(i2, er, 4 * dr * di)), er = t;
    const double s = fma(r2, dr, -i2 * di);
    di = fma(r2, di, i2 * dr), dr = s;
    /* an iteration of numbers below 4 rounds by less than 2^-50 */
    error = fma(sqrt(fma(r2, r2, i2 * i2)), error, 0x1p-50);
    const double u = fma(r, r, cr), v = i;
    i = fma(r2, v, ci), r = fma(-v, v, u);
  } while ((r != zr || i != zi) && ++n < LONGEST_CYCLE);
  const double slack = 1 - sqrt(fma(dr, dr, di * di));
  return n < LONGEST_CYCLE && slack > 0 && 4 * error * sqrt(fma(er, er, ei * ei)) < slack * slack;
}

#endif
