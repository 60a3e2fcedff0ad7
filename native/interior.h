/*
 * Discs that belong to the set whole. Where a sample has an attracting cycle, its neighbours have too: the cycle's multiplier maps the sample's
 * component of the interior one to one onto the unit disc (Douady and Hubbard), so by Koebe's quarter theorem the component holds the disc about the
 * sample of radius
 *
 *   (1 - |F'|^2) / (4 |dF'/dc|)
 *
 * with F the iteration once around and F' its multiplier. Few samples are tried so, before all others are iterated; what lies in a disc then is known.
 * A sample near the boundary of its component takes thousands of iterations to be caught by its cycle, and here none.
 *
 * The period is that of an iterate nearer to 0 than all before; the cycle is found by Newton's method from there, and shown to exist and to attract by the
 * condition of cycle.h. What is found hangs on the view and the limit alone: not on lanes, so it is the same on every instruction set. Include after vector.h.
 */
#ifndef FMANDEL_INTERIOR_H
#define FMANDEL_INTERIOR_H

#include "cancel.h"
#include "cycle.h"
#include "kernel.h"

enum {
  PROBE_STEP = 16,      /* columns and rows between two probes: 8 finds a few more samples for as much time as they take */
  PROBES = 32,          /* iterated together, as vectors */
  PROBE_PART = 8,       /* a probe takes so much less than the limit: what finds no cycle then has cost little */
  PROBE_LEAST = 1024,   /* a limit below which nothing is probed */
  PROBE_MOST = 1 << 11, /* and iterations that a probe takes at most */
  NEAREST = 24,         /* iterates nearest to 0 that are kept as what may be periods */
  TURNS = 12,           /* of Newton's method, which may stray in the first ones only */
  EARLY = 6,
  FAILURES = 64,        /* probes without a cycle, beyond those with one, until nothing more is tried in this view */
};

/* rounding and margin: of the radius that Koebe's theorem gives, so much is taken */
#define TAKEN 0.75
/* what the multiplier may be off by, in parts of its distance to the unit circle */
#define CERTAINTY 64

/*
 * The radius of a disc about c within the set by a cycle of this period near z, or 0 where none is shown. z becomes a point of the cycle, and the period its
 * least.
 */
static double disc_of(double *zr, double *zi, double cr, double ci, int *period) {
  for (int turn = 0; turn < TURNS; turn++) {
    double r = *zr, i = *zi, ar = 1, ai = 0; /* z, F' */
    for (int n = 0; n < *period; n++) {
      const double r2 = r + r, i2 = i + i;
      const double s = fma(r2, ar, -i2 * ai);
      ai = fma(r2, ai, i2 * ar), ar = s;
      const double t = fma(r, r, cr);
      i = fma(r2, i, ci), r = fma(-0.5 * i2, 0.5 * i2, t);
    }
    /* z <- z - (F(z) - z) / (F' - 1) */
    const double er = r - *zr, ei = i - *zi, br = ar - 1, bi = ai, size = fma(br, br, bi * bi);
    const double sr = fma(er, br, ei * bi) / size, si = fma(ei, br, -er * bi) / size;
    *zr -= sr, *zi -= si;
    const double step = fma(sr, sr, si * si);
    if (!(step < (turn < EARLY ? 1 : 0x1p-20))) return 0;
    if (step < 0x1p-90) break;
  }

  double r = *zr, i = *zi, error = 0;
  double ar = 1, ai = 0, cr1 = 0, ci1 = 0; /* derivatives by z and by c */
  double er = 0, ei = 0, mr = 0, mi = 0;   /* by z twice, and by both */
  for (int n = 0; n < *period; n++) {
    const double r2 = r + r, i2 = i + i;
    /* by both: m <- 2 (z m + c' a); by z twice: e <- 2 (z e + a^2); by c: c' <- 2 z c' + 1; by z: a <- 2 z a */
    double t = fma(r2, mr, fma(-i2, mi, 2 * fma(cr1, ar, -ci1 * ai)));
    mi = fma(r2, mi, fma(i2, mr, 2 * fma(cr1, ai, ci1 * ar))), mr = t;
    t = fma(r2, er, fma(-i2, ei, 2 * fma(ar, ar, -ai * ai)));
    ei = fma(r2, ei, fma(i2, er, 4 * ar * ai)), er = t;
    t = fma(r2, cr1, fma(-i2, ci1, 1));
    ci1 = fma(r2, ci1, i2 * cr1), cr1 = t;
    t = fma(r2, ar, -i2 * ai);
    ai = fma(r2, ai, i2 * ar), ar = t;
    error = fma(sqrt(fma(r2, r2, i2 * i2)), error, 0x1p-50);
    t = fma(r, r, cr);
    const double v = i;
    i = fma(r2, v, ci), r = fma(-v, v, t);
    /* back already: the period is less */
    if (n + 1 < *period && fabs(r - *zr) < 0x1p-24 && fabs(i - *zi) < 0x1p-24) {
      *period = n + 1;
      return disc_of(zr, zi, cr, ci, period);
    }
  }
  error += fabs(r - *zr) + fabs(i - *zi);
  const double a2 = fma(ar, ar, ai * ai), slack = 1 - sqrt(a2);
  if (!(slack > 0 && CERTAINTY * 4 * error * sqrt(fma(er, er, ei * ei)) < slack * slack)) return 0;
  /* dF'/dc = m + e c' / (1 - F') */
  const double br = 1 - ar, bi = -ai, size = fma(br, br, bi * bi);
  const double qr = fma(cr1, br, ci1 * bi) / size, qi = fma(ci1, br, -cr1 * bi) / size;
  const double dr = mr + fma(er, qr, -ei * qi), di = mi + fma(er, qi, ei * qr);
  return TAKEN * 0.25 * (1 - a2) / sqrt(fma(dr, dr, di * di));
}

static inline int in_closed_form(double re, double im) {
  const double x = re - 0.25, im2 = im * im, q = fma(x, x, im2);
  return q * (q + (x + CARDIOID_MARGIN)) < 0.25 * im2 || fma(re + 1, re + 1, im2) < DISC;
}

/* are the rows below the middle those above it, with the other sign? Then so are their orbits, and nu is the same */
static inline int mirrored(const double *im, int height) {
  for (int j = 0; j < height / 2; j++)
    if (im[j] != -im[height - 1 - j]) return 0;
  return height % 2 == 0;
}

/* the radius of a disc about c within the set, or 0: by the periods that c's orbit of `most` iterations shows */
static double disc_about(double cr, double ci, int most) {
  double zr = 0, zi = 0, least = INFINITY, near_r[NEAREST], near_i[NEAREST];
  int near_n[NEAREST], count = 0;
  for (int n = 1; n <= most; n++) {
    const double t = fma(zr, zr, cr), r = fma(-zi, zi, t);
    zi = fma(zr + zr, zi, ci), zr = r;
    const double size = fma(zr, zr, zi * zi);
    if (!(size <= 4)) return 0;
    if (size >= least) continue;
    least = size;
    if (count < NEAREST) near_r[count] = zr, near_i[count] = zi, near_n[count++] = n;
  }
  for (int k = 0; k < count; k++) {
    int period = near_n[k];
    const double radius = disc_of(&near_r[k], &near_i[k], cr, ci, &period);
    if (radius > 0) return radius;
  }
  return 0;
}

/* a view's samples, as far as they are marked: nu is FMANDEL_INTERIOR in a disc, and 0 elsewhere */
typedef struct {
  const double *re, *im;
  int width, height;
  double *nu;
  int marked; /* is nu filled at all? */
} field;

/* marks what lies in the disc, from the middle outwards */
static void mark(field *f, int column, int row, double radius) {
  const double cr = f->re[column], ci = f->im[row], radius2 = radius * radius;
  if (!f->marked) memset(f->nu, 0, sizeof *f->nu * (size_t)f->width * (size_t)f->height), f->marked = 1;
  for (int down = 0; down < 2; down++)
    for (int j = down ? row + 1 : row; j >= 0 && j < f->height; j += down ? 1 : -1) {
      const double y = f->im[j] - ci, left = radius2 - y * y;
      if (!(left > 0)) break;
      double *const nu = f->nu + (int64_t)j * f->width;
      for (int i = column; i < f->width && (f->re[i] - cr) * (f->re[i] - cr) < left; i++) nu[i] = FMANDEL_INTERIOR;
      for (int i = column - 1; i >= 0 && (f->re[i] - cr) * (f->re[i] - cr) < left; i--) nu[i] = FMANDEL_INTERIOR;
    }
}

/*
 * Which of PROBES samples of a row from `column` on lie in no closed form, are not marked, and stay within 2 for `most` iterations: a bit for
 * each.
 */
static uint32_t lasting(const field *f, int row, int column, int most) {
  enum { VECS = PROBES / LANES };
  const double im = f->im[row], *const nu = f->nu + (int64_t)row * f->width;
  double line[PROBES];
  for (int k = 0, i = column; k < PROBES; k++, i += PROBE_STEP) {
    line[k] = 4; /* leaves at once */
    if (i < f->width && !(f->marked && nu[i] < 0) && !in_closed_form(f->re[i], im)) line[k] = f->re[i];
  }
  vec zr[VECS], zi[VECS], cr[VECS];
  const vec ci = all(im);
  for (int v = 0; v < VECS; v++) zr[v] = zi[v] = all(0), cr[v] = load(line + v * LANES);
  uint32_t stay = ~0u;
  for (int n = 0; n < most && stay; n += BLOCK) {
    for (int k = 0; k < BLOCK; k++)
      for (int v = 0; v < VECS; v++) {
        const vec t = fused(zr[v], zr[v], cr[v]), i = zi[v];
        zi[v] = fused(zr[v] + zr[v], i, ci), zr[v] = fused(-i, i, t);
      }
    stay = 0;
    for (int v = 0; v < VECS; v++) stay |= (uint32_t)lanes_of(fused(zr[v], zr[v], zi[v] * zi[v]) <= all(4)) << (v * LANES);
  }
  return stay;
}

/* probes the view and marks the discs found; 0 when cancelled */
static int probe(field *f, int64_t max_iter, const int32_t *cancel) {
  f->marked = 0;
  if (max_iter < PROBE_LEAST) return 1;
  const int most = max_iter / PROBE_PART < PROBE_MOST ? (int)(max_iter / PROBE_PART) : PROBE_MOST;
  int failures = 0;
  for (int row = PROBE_STEP / 2; row < f->height; row += PROBE_STEP)
    for (int column = PROBE_STEP / 2; column < f->width; column += PROBES * PROBE_STEP)
      for (uint32_t stay = lasting(f, row, column, most); stay; stay &= stay - 1) {
        if (cancelled(cancel)) return 0;
        const int at = column + __builtin_ctz(stay) * PROBE_STEP;
        if (f->marked && f->nu[(int64_t)row * f->width + at] < 0) continue;
        const double radius = disc_about(f->re[at], f->im[row], most);
        if (radius > 0) mark(f, at, row, radius), failures--;
        else if (++failures > FAILURES) return 1;
      }
  return 1;
}

#endif
