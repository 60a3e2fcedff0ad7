/*
 * The discs of disc.h about many points at once, by cycles of one period: what
 * interior_radius_by_period does for a point alone, where Newton's method waits for one operation
 * after the other. DISC_VECTORS vectors of points take a tenth of the time a point.
 */
#ifndef FMANDEL_INTERIOR_DISCS_TEMPLATE_H
#define FMANDEL_INTERIOR_DISCS_TEMPLATE_H

#include "inline.h"
#include "interior/disc.h"
#include "simd/vector.h"

enum {
  DISC_VECTORS = 4,
  DISC_POINTS = DISC_VECTORS * LANES,
};

/* t <- a b + t, in complex numbers */
static inline void add_product(vec *tr, vec *ti, vec ar, vec ai, vec br, vec bi) {
  const vec re = vfma(ar, br, vfma(-ai, bi, *tr));
  *ti = vfma(ar, bi, vfma(ai, br, *ti)), *tr = re;
}

/*
 * Newton's method for F(z) = z, from one z for all points on. Returns, as bits, the points at which
 * it converges.
 */
static unsigned discs_newton(vec *zr, vec *zi, const vec *cr, const vec *ci, int period) {
  vmask going[DISC_VECTORS];
  unsigned strayed = 0;
  for (int v = 0; v < DISC_VECTORS; v++) going[v] = less_equal(splat(0), splat(0));
  for (int turn = 0; turn < NEWTON_STEPS; turn++) {
    vec r[DISC_VECTORS], i[DISC_VECTORS], ar[DISC_VECTORS], ai[DISC_VECTORS];
    for (int v = 0; v < DISC_VECTORS; v++) r[v] = zr[v], i[v] = zi[v], ar[v] = splat(1), ai[v] = splat(0);
    for (int n = 0; n < period; n++)
#pragma GCC unroll 4
      for (int v = 0; v < DISC_VECTORS; v++) {
        const vec r2 = r[v] + r[v], i2 = i[v] + i[v], s = vfma(r2, ar[v], -i2 * ai[v]);
        ai[v] = vfma(r2, ai[v], i2 * ar[v]), ar[v] = s;
        square_add(&r[v], &i[v], cr[v], ci[v]);
      }
    unsigned any = 0;
    for (int v = 0; v < DISC_VECTORS; v++) {
      /* z <- z - (F(z) - z) / (F' - 1) */
      const vec er = r[v] - zr[v], ei = i[v] - zi[v], br = ar[v] - 1, size = vfma(br, br, ai[v] * ai[v]);
      const vec sr = vfma(er, br, ei * ai[v]) / size, si = vfma(ei, br, -er * ai[v]) / size, step = vfma(sr, sr, si * si);
      zr[v] = vselect(going[v], zr[v] - sr, zr[v]), zi[v] = vselect(going[v], zi[v] - si, zi[v]);
      const double most = turn < STRAYING_STEPS ? FIRST_STEP : turn < NEWTON_STEPS - 1 ? LATER_STEP : CLOSE_STEP;
      const vmask near = greater(splat(most), step);
      strayed |= vmask_bits(going[v] & ~near) << (v * LANES);
      going[v] &= near & ~greater(splat(LAST_STEP), step);
      any |= vmask_bits(going[v]);
    }
    if (!any) break;
  }
  return ~strayed;
}

/*
 * Once around from z, for the points as arrays. Returns, as bits, those whose period is not a
 * shorter one.
 */
static unsigned discs_turn(const vec *zr, const vec *zi, const vec *cr, const vec *ci, int period, disc_turn *turns) {
  unsigned back = 0;
  /* nine numbers a point: two vectors at once fit the registers */
  for (int first = 0; first < DISC_VECTORS; first += 2) {
    vec r[2], i[2], ar[2], ai[2], br[2], bi[2], er[2], ei[2], mr[2], mi[2], error[2], nearest[2];
    for (int v = 0; v < 2; v++) {
      r[v] = zr[first + v], i[v] = zi[first + v], ar[v] = splat(1), nearest[v] = splat(INFINITY);
      ai[v] = br[v] = bi[v] = er[v] = ei[v] = mr[v] = mi[v] = error[v] = splat(0);
    }
    for (int n = 0; n < period; n++)
#pragma GCC unroll 2
      for (int v = 0; v < 2; v++) {
        const vec r2 = r[v] + r[v], i2 = i[v] + i[v], twice_ar = ar[v] + ar[v], twice_ai = ai[v] + ai[v];
        vec tr = splat(0), ti = splat(0);
        add_product(&tr, &ti, br[v], bi[v], twice_ar, twice_ai), add_product(&tr, &ti, r2, i2, mr[v], mi[v]);
        mr[v] = tr, mi[v] = ti, tr = ti = splat(0);
        add_product(&tr, &ti, ar[v], ai[v], twice_ar, twice_ai), add_product(&tr, &ti, r2, i2, er[v], ei[v]);
        er[v] = tr, ei[v] = ti, tr = splat(1), ti = splat(0);
        add_product(&tr, &ti, r2, i2, br[v], bi[v]);
        br[v] = tr, bi[v] = ti, tr = ti = splat(0);
        add_product(&tr, &ti, r2, i2, ar[v], ai[v]);
        ar[v] = tr, ai[v] = ti;
        error[v] = vfma(vsqrt(vfma(r2, r2, i2 * i2)), error[v], splat(0x1p-50));
        square_add(&r[v], &i[v], cr[first + v], ci[first + v]);
        if (n + 1 < period) nearest[v] = vmin(nearest[v], vabs(r[v] - zr[first + v]) + vabs(i[v] - zi[first + v]));
      }
    for (int v = 0; v < 2; v++) {
      error[v] += vabs(r[v] - zr[first + v]) + vabs(i[v] - zi[first + v]);
      back |= vmask_bits(greater(splat(BACK), nearest[v])) << ((first + v) * LANES);
      for (int lane = 0; lane < LANES; lane++)
        turns[(first + v) * LANES + lane] = (disc_turn){ar[v][lane], ai[v][lane], br[v][lane], bi[v][lane], er[v][lane], ei[v][lane], mr[v][lane], mi[v][lane], error[v][lane], 1};
    }
  }
  return ~back;
}

/*
 * The radii of discs about DISC_POINTS points, or 0, by cycles with the period of `cycle` and near
 * it. A cycle of a shorter period counts as none.
 */
static void interior_radii(const double *cr, const double *ci, const disc_cycle *cycle, double *radius) {
  vec zr[DISC_VECTORS], zi[DISC_VECTORS], re[DISC_VECTORS], im[DISC_VECTORS];
  disc_turn turns[DISC_POINTS];
  for (int v = 0; v < DISC_VECTORS; v++) {
    zr[v] = splat(cycle->re), zi[v] = splat(cycle->im);
    re[v] = load(cr + v * LANES), im[v] = load(ci + v * LANES);
  }
  const unsigned near = discs_newton(zr, zi, re, im, cycle->period);
  const unsigned right = near ? discs_turn(zr, zi, re, im, cycle->period, turns) & near : 0;
  for (int k = 0; k < DISC_POINTS; k++) {
    int least = 1;
    radius[k] = right >> k & 1 ? disc_radius_of(&turns[k], cycle->period, &least) : 0;
  }
}

#endif
