/*
 * Finds discs that belong to the set entirely (disc.h) about a few samples of a view, before the
 * others are iterated: samples inside a disc are then known. A sample near the boundary of its
 * component would take thousands of iterations until its cycle is detected; here it takes none.
 *
 * The result depends on the view and the limit only, not on lanes. So it is the same on every
 * instruction set.
 */
#ifndef FMANDEL_INTERIOR_PROBE_TEMPLATE_H
#define FMANDEL_INTERIOR_PROBE_TEMPLATE_H

#include "cancel.h"
#include "inline.h"
#include "interior/disc.h"
#include "fmandel/status.h"
#include "interior/closed_form.h"
#include "simd/vector.h"
#include "tile/iteration.h"

enum {
  /*
   * columns and rows between two probes: 8 finds a few more samples, and takes as long as they
   * would
   */
  PROBE_STEP = 16,
  PROBES = 32, /* iterated together, as vectors */
  PROBE_PART = 8, /* a probe takes 1/8 of the limit, so that one without a cycle costs little */
  PROBE_LEAST = 1024, /* the least limit for which probing pays */
  PROBE_MOST = 1 << 11, /* the most iterations that a probe takes */
  PROBE_FAILURES = 64, /* probing stops when this many more probes have failed than succeeded */
};

static inline double square(double x) { return x * x; }

/*
 * A view's samples, with marks: nu is FMANDEL_INTERIOR inside a disc, and 0 elsewhere. re and im
 * are coordinates of columns and rows or, if points is 1, both of every sample, row by row.
 */
typedef struct {
  const double *re, *im;
  int width, height, points;
  double *nu;
  int marked; /* is nu filled at all? */
} marked_view;

/* A sample's coordinates. points is f->points, as a constant. */
static inline double re_at(const marked_view *f, int row, int column, const int points) {
  return f->re[points ? (int64_t)row * f->width + column : column];
}

static inline double im_at(const marked_view *f, int row, int column, const int points) {
  return f->im[points ? (int64_t)row * f->width + column : row];
}

/*
 * Marks the samples in the disc about a sample, outwards from its centre. This holds in a rotated
 * view too: row and column steps are perpendicular, so the disc meets a row in one piece around the
 * centre's column, or not at all.
 */
ALWAYS_INLINE void mark_disc_by(marked_view *f, int column, int row, double radius, const int points) {
  const double cr = re_at(f, row, column, points), ci = im_at(f, row, column, points), radius2 = radius * radius;
  if (!f->marked) memset(f->nu, 0, sizeof *f->nu * (size_t)f->width * (size_t)f->height), f->marked = 1;
  for (int down = 0; down < 2; down++)
    for (int j = down ? row + 1 : row; j >= 0 && j < f->height; j += down ? 1 : -1) {
      if (!(radius2 - square(im_at(f, j, column, points) - ci) > 0)) break;
      double *const nu = f->nu + (int64_t)j * f->width;
#define IN_DISC(i) (square(re_at(f, j, i, points) - cr) < radius2 - square(im_at(f, j, i, points) - ci))
      for (int i = column; i < f->width && IN_DISC(i); i++) nu[i] = FMANDEL_INTERIOR;
      for (int i = column - 1; i >= 0 && IN_DISC(i); i--) nu[i] = FMANDEL_INTERIOR;
#undef IN_DISC
    }
}

/*
 * Which of PROBES samples of a row, from `column` on, are in no closed form, have no mark, and stay
 * within 2 for `most` iterations: one bit each.
 */
ALWAYS_INLINE uint32_t probe_row_by(const marked_view *f, int row, int column, int most, const int points) {
  enum { VECS = PROBES / LANES };
  const double *const nu = f->nu + (int64_t)row * f->width;
  double line[PROBES], line_im[PROBES];
  for (int k = 0, i = column; k < PROBES; k++, i += PROBE_STEP) {
    line[k] = 4, line_im[k] = 0; /* escapes at once */
    if (i >= f->width || (f->marked && nu[i] < 0)) continue;
    const double re = re_at(f, row, i, points), im = im_at(f, row, i, points);
    if (!in_closed_form(re, im)) line[k] = re, line_im[k] = im;
  }
  vec zr[VECS], zi[VECS], cr[VECS], ci[VECS];
  for (int v = 0; v < VECS; v++) {
    zr[v] = zi[v] = splat(0), cr[v] = load(line + v * LANES);
    ci[v] = points ? load(line_im + v * LANES) : splat(f->im[row]);
  }
  uint32_t stay = ~0u;
  for (int n = 0; n < most && stay; n += BLOCK) {
    for (int k = 0; k < BLOCK; k++)
      for (int v = 0; v < VECS; v++) square_add(&zr[v], &zi[v], cr[v], ci[v]);
    stay = 0;
    for (int v = 0; v < VECS; v++) stay |= (uint32_t)mask_bits(vfma(zr[v], zr[v], zi[v] * zi[v]) <= splat(4)) << (v * LANES);
  }
  return stay;
}

/* Probes the view and marks the discs found. 0 if cancelled. */
ALWAYS_INLINE int probe_view_by(marked_view *f, int64_t max_iter, const int32_t *cancel, const int points) {
  f->marked = 0;
  if (max_iter < PROBE_LEAST) return 1;
  const int most = max_iter / PROBE_PART < PROBE_MOST ? (int)(max_iter / PROBE_PART) : PROBE_MOST;
  int failures = 0;
  for (int row = PROBE_STEP / 2; row < f->height; row += PROBE_STEP)
    for (int column = PROBE_STEP / 2; column < f->width; column += PROBES * PROBE_STEP)
      for (uint32_t stay = probe_row_by(f, row, column, most, points); stay; stay &= stay - 1) {
        if (cancelled(cancel)) return 0;
        const int at = column + __builtin_ctz(stay) * PROBE_STEP;
        if (f->marked && f->nu[(int64_t)row * f->width + at] < 0) continue;
        const double radius = interior_radius(re_at(f, row, at, points), im_at(f, row, at, points), most);
        if (radius > 0) mark_disc_by(f, at, row, radius, points), failures--;
        else if (++failures > PROBE_FAILURES) return 1;
      }
  return 1;
}

static int probe_view(marked_view *f, int64_t max_iter, const int32_t *cancel) {
  return f->points ? probe_view_by(f, max_iter, cancel, 1) : probe_view_by(f, max_iter, cancel, 0);
}

#endif
