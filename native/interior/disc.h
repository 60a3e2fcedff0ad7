/*
 * Discs that belong to the set entirely. If a point has an attracting cycle, so have its
 * neighbours: the cycle's multiplier maps the point's component of the interior one to one onto the
 * unit disc (Douady and Hubbard). So, by Koebe's quarter theorem, the component contains the disc
 * about the point of radius
 *
 *   (1 - |F'|^2) / (4 |dF'/dc|)
 *
 * where F is the iteration once around and F' its multiplier. The period is that of an iterate
 * nearer to 0 than all before it. Newton's method finds the cycle from there, and the condition of
 * cycle.h proves that it exists and attracts.
 *
 * That condition looks at F'' in one point, so it holds only where Newton's method has converged.
 * Far outside a component it can jump to and fro between two points where F' and F'' are small by
 * chance: a disc about such a point once covered a whole tile.
 */
#ifndef FMANDEL_INTERIOR_DISC_H
#define FMANDEL_INTERIOR_DISC_H

#include "interior/bulb.h"
#include "interior/cycle.h"
#include "simd/fma.h"

enum {
  /* the longest period searched: doubles resolve no longer cycle, with rare exceptions */
  DISC_MAX_PERIOD = 1 << 11,
  /* steps may stray at first only; where two cycles meet they halve, and shrink no faster */
  NEWTON_STEPS = 12,
  STRAYING_STEPS = 6,
};

/* for rounding and as a margin, only this part of Koebe's radius is taken */
#define SAFETY 0.75
/* how much larger the multiplier's distance to the unit circle must be than its error */
#define CERTAINTY 64
/* dF'/dc in a component so small that the rounding of c to doubles shows: nothing can be said */
#define STEEPEST 0x1p38
/*
 * Two cycles about to part have multipliers within the root of this of 1. Then no other cycle of a
 * period below DISC_MAX_PERIOD attracts.
 */
#define PARTING 0x1p-18
/* a state this near to an earlier one is taken for it */
#define BACK 0x1p-24
/*
 * |step|^2 of Newton's method: the most at first, the most later, the most at the end if it
 * converges, and one too small to matter
 */
#define FIRST_STEP 1
#define LATER_STEP 0x1p-12
#define CLOSE_STEP 0x1p-44
#define LAST_STEP 0x1p-90

/*
 * Once around a cycle: the derivatives by z and by c, by z twice and by both, and the error; and
 * whether Newton's method came close.
 */
typedef struct {
  double ar, ai, cr, ci, er, ei, mr, mi, error;
  int close;
} disc_turn;

/* The radius of the disc, or 0, and then `least`, as interior_radius_by_period returns them. */
static double disc_radius_of(const disc_turn *t, int period, int *least) {
  const double a2 = fma(t->ar, t->ar, t->ai * t->ai), slack = 1 - sqrt(a2), bend = 4 * t->error * sqrt(fma(t->er, t->er, t->ei * t->ei));
  const double br = 1 - t->ar, bi = -t->ai, size = fma(br, br, bi * bi);
  const int certain = slack > 0 && CERTAINTY * bend < slack * slack;
  if (certain && !t->close) return 0;
  if (!certain) {
    /*
     * the multiplier is off by bend / |1 - F'| if there is a cycle, and also where two are about to
     * part
     */
    const int neutral = bend < size ? slack * sqrt(size) > -bend : bend < PARTING;
    const int beside = neutral ? DISC_MAX_PERIOD + 1 : bend < size ? least_attracting_period(t->ar, t->ai, period, DISC_MAX_PERIOD) : 1;
    if (beside > *least) *least = beside;
    return 0;
  }
  /* dF'/dc = m + e c' / (1 - F') */
  const double qr = fma(t->cr, br, t->ci * bi) / size, qi = fma(t->ci, br, -t->cr * bi) / size;
  const double dr = t->mr + fma(t->er, qr, -t->ei * qi), di = t->mi + fma(t->er, qi, t->ei * qr), steepness = sqrt(fma(dr, dr, di * di));
  if (steepness < STEEPEST) return SAFETY * 0.25 * (1 - a2) / steepness;
  *least = DISC_MAX_PERIOD + 1;
  return 0;
}

/* A point of a cycle, and its period; 0 if there is none. */
typedef struct {
  double re, im;
  int period;
} disc_cycle;

/*
 * The radius of a disc about c inside the set, by a cycle of this period, or of a divisor of it,
 * near z. If it is proven, `found` is the cycle. Otherwise returns 0 and raises `least` to the
 * least period that can still attract, if that is known.
 */
static double interior_radius_by_period(double zr, double zi, double cr, double ci, int period, int *least, disc_cycle *found) {
  double step = INFINITY;
  for (int turn = 0; turn < NEWTON_STEPS; turn++) {
    double r = zr, i = zi, ar = 1, ai = 0; /* z, F' */
    for (int n = 0; n < period; n++) {
      const double r2 = r + r, i2 = i + i;
      const double s = fma(r2, ar, -i2 * ai);
      ai = fma(r2, ai, i2 * ar), ar = s;
      const double t = fma(r, r, cr);
      i = fma(r2, i, ci), r = fma(-0.5 * i2, 0.5 * i2, t);
    }
    /* z <- z - (F(z) - z) / (F' - 1) */
    const double er = r - zr, ei = i - zi, br = ar - 1, bi = ai, size = fma(br, br, bi * bi);
    const double sr = fma(er, br, ei * bi) / size, si = fma(ei, br, -er * bi) / size;
    zr -= sr, zi -= si;
    step = fma(sr, sr, si * si);
    if (!(step < (turn < STRAYING_STEPS ? FIRST_STEP : LATER_STEP))) return 0;
    if (step < LAST_STEP) break;
  }

  double r = zr, i = zi;
  disc_turn t = {.ar = 1, .close = step < CLOSE_STEP};
  for (int n = 0; n < period; n++) {
    const double r2 = r + r, i2 = i + i;
    /*
     * by both: m <- 2 (z m + c' a); by z twice: e <- 2 (z e + a^2); by c: c' <- 2 z c' + 1; by z: a
     * <- 2 z a
     */
    double s = fma(r2, t.mr, fma(-i2, t.mi, 2 * fma(t.cr, t.ar, -t.ci * t.ai)));
    t.mi = fma(r2, t.mi, fma(i2, t.mr, 2 * fma(t.cr, t.ai, t.ci * t.ar))), t.mr = s;
    s = fma(r2, t.er, fma(-i2, t.ei, 2 * fma(t.ar, t.ar, -t.ai * t.ai)));
    t.ei = fma(r2, t.ei, fma(i2, t.er, 4 * t.ar * t.ai)), t.er = s;
    s = fma(r2, t.cr, fma(-i2, t.ci, 1));
    t.ci = fma(r2, t.ci, i2 * t.cr), t.cr = s;
    s = fma(r2, t.ar, -i2 * t.ai);
    t.ai = fma(r2, t.ai, i2 * t.ar), t.ar = s;
    t.error = fma(sqrt(fma(r2, r2, i2 * i2)), t.error, 0x1p-50);
    s = fma(r, r, cr);
    const double v = i;
    i = fma(r2, v, ci), r = fma(-v, v, s);
    /* back already: the period is shorter */
    if (n + 1 < period && fabs(r - zr) < BACK && fabs(i - zi) < BACK) {
      return interior_radius_by_period(zr, zi, cr, ci, n + 1, least, found);
    }
  }
  t.error += fabs(r - zr) + fabs(i - zi);
  const double radius = disc_radius_of(&t, period, least);
  if (radius > 0) *found = (disc_cycle){zr, zi, period};
  return radius;
}

/*
 * The radius of a disc about c inside the set, or 0, by the periods that `most` iterations of c's
 * orbit show. `found` is the cycle of the disc, if there is one.
 */
static double interior_radius(double cr, double ci, int most, disc_cycle *found) {
  double zr = 0, zi = 0, nearest = INFINITY;
  for (int n = 1, least = 1; n <= most && least <= most; n++) {
    const double t = fma(zr, zr, cr), r = fma(-zi, zi, t);
    zi = fma(zr + zr, zi, ci), zr = r;
    const double size = fma(zr, zr, zi * zi);
    if (!(size <= 4)) return 0;
    if (size >= nearest) continue;
    nearest = size;
    const double radius = n < least ? 0 : interior_radius_by_period(zr, zi, cr, ci, n, &least, found);
    if (radius > 0) return radius;
  }
  return 0;
}

#endif
