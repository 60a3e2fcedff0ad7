/*
 * Which periods an attracting cycle can still have, once another cycle of the point is known.
 *
 * A point has at most one cycle that does not repel (Fatou). And a cycle that repels weakly leaves
 * few limbs in which the point can lie. In the limb p/q of a connected Julia set, where q rays meet
 * at each point of the cycle, log F' lies within L/q of 2 pi i p/q + L/q, where F' is the cycle's
 * multiplier and L = period log 2 (Pommerenke, Levin, Yoccoz). An attracting cycle in that limb has
 * at least q times the period. Beside a Siegel disc of the golden mean, with the multiplier 2^-32
 * outside the unit circle, q is above 2900.
 */
#ifndef FMANDEL_INTERIOR_BULB_H
#define FMANDEL_INTERIOR_BULB_H

#include "simd/fma.h"

/* a multiplier farther outside the unit circle says nothing */
#define NEAR_CIRCLE 0x1p-5

/*
 * The least q of such a limb, or most + 1. With w = log F'^q, on some branch, (im w)^2 <= 2 L re w.
 * Here re w <= h = (|F'^q|^2 - 1) / 2 and |im w| >= |sin|. 3 instead of 2 log 2 leaves room for
 * rounding.
 */
static int bulb_denominator(double re, double im, int period, int most) {
  double x = re, y = im;
  for (int q = 1; q <= most; q++) {
    const double s = fma(x, x, y * y), h = 0.5 * (s - 1);
    if ((x > 0 ? y * y : s) <= 3 * period * h * s) return q;
    const double t = fma(x, re, -y * im);
    y = fma(x, im, y * re), x = t;
  }
  return most + 1;
}

/*
 * The least period that can attract, beside a cycle of this period and with this multiplier outside
 * the unit circle; most + 1 if it is above most.
 */
static inline int least_attracting_period(double re, double im, int period, int most) {
  return fma(re, re, im * im) < 1 + 2 * NEAR_CIRCLE ? period * bulb_denominator(re, im, period, most / period) : 1;
}

#endif
