/*
 * Finds discs that belong to the set entirely (disc.h) about a few samples of a view, before the
 * others are iterated: samples inside a disc are then known. A sample near the boundary of its
 * component would take thousands of iterations until its cycle is detected; here it takes none. On
 * an island, where it would take a hundred thousand, discs are then placed closer and closer along
 * the edge of those that were found.
 *
 * The result depends on the view and the limit only, not on lanes. So it is the same on every
 * instruction set.
 */
#ifndef FMANDEL_INTERIOR_PROBE_TEMPLATE_H
#define FMANDEL_INTERIOR_PROBE_TEMPLATE_H

#include "cancel.h"
#include "inline.h"
#include "interior/discs_template.h"
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
  /*
   * the most iterations that a probe takes: by then most samples beside an island of a period of
   * some hundreds have escaped
   */
  PROBE_MOST = 1 << 15,
  PROBE_FAILURES = 64, /* probing stops when this many more probes have failed than succeeded */
  /*
   * from this limit on a sample inside takes longer than a probe: probing continues between the
   * first probes, and at the edge of the discs
   */
  PROBE_EDGE = 1 << 18,
  CYCLES = 4, /* an island's, and those of its satellites of 2, 3 and 4 times its period */
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

/* Samples that are probed together, by column and row. */
typedef struct {
  int column[PROBES], row[PROBES], count;
} probe_group;

/*
 * Which of a group's samples are in no closed form and stay within 2 for `most` iterations: one bit
 * each.
 */
ALWAYS_INLINE uint32_t probes_that_stay(const marked_view *f, const probe_group *g, int most, const int points) {
  enum { VECS = PROBES / LANES };
  double re[PROBES], im[PROBES];
  for (int k = 0; k < PROBES; k++) {
    re[k] = 4, im[k] = 0; /* escapes at once */
    if (k >= g->count) continue;
    const double x = re_at(f, g->row[k], g->column[k], points), y = im_at(f, g->row[k], g->column[k], points);
    if (!in_closed_form(x, y)) re[k] = x, im[k] = y;
  }
  vec zr[VECS], zi[VECS], cr[VECS], ci[VECS];
  for (int v = 0; v < VECS; v++) zr[v] = zi[v] = splat(0), cr[v] = load(re + v * LANES), ci[v] = load(im + v * LANES);
  uint32_t stay = ~0u;
  for (int n = 0; n < most && stay; n += BLOCK) {
    for (int k = 0; k < BLOCK; k++)
      for (int v = 0; v < VECS; v++) square_add(&zr[v], &zi[v], cr[v], ci[v]);
    stay = 0;
    for (int v = 0; v < VECS; v++) stay |= (uint32_t)mask_bits(vfma(zr[v], zr[v], zi[v] * zi[v]) <= splat(4)) << (v * LANES);
  }
  return stay;
}

/* What the probes of a view have in common. */
typedef struct {
  int most, longest; /* iterations, and the longest period */
  int failures; /* how many more probes have failed than succeeded */
  /* the discs' cycles, one of each period, the last one first */
  disc_cycle cycle[CYCLES];
  int cycles;
} probes;

static void keep_cycle(probes *p, disc_cycle cycle) {
  int at = 0;
  while (at < p->cycles && p->cycle[at].period != cycle.period) at++;
  if (at == p->cycles && at < CYCLES) p->cycles++;
  else if (at == CYCLES) at--;
  for (; at > 0; at--) p->cycle[at] = p->cycle[at - 1];
  p->cycle[0] = cycle;
}

static inline int is_marked(const marked_view *f, int row, int column) {
  return f->marked && row >= 0 && row < f->height && column >= 0 && column < f->width && f->nu[(int64_t)row * f->width + column] < 0;
}

/* Marks a group's samples in discs about those that stay. 0 if cancelled. */
ALWAYS_INLINE int probe_group_by(marked_view *f, probes *p, const probe_group *g, const int32_t *cancel, const int points) {
  for (uint32_t stay = probes_that_stay(f, g, p->most, points); stay && p->failures <= PROBE_FAILURES; stay &= stay - 1) {
    if (cancelled(cancel)) return 0;
    const int k = __builtin_ctz(stay), row = g->row[k], column = g->column[k];
    if (is_marked(f, row, column)) continue;
    disc_cycle cycle;
    const double radius = interior_radius(re_at(f, row, column, points), im_at(f, row, column, points), p->longest, &cycle);
    if (radius > 0) keep_cycle(p, cycle), mark_disc_by(f, column, row, radius, points), p->failures--;
    else p->failures++;
  }
  return !cancelled(cancel);
}

/* Leaves out those of a group's samples that are marked. */
static void drop_marked(const marked_view *f, probe_group *g) {
  int count = 0;
  for (int k = 0; k < g->count; k++)
    if (!is_marked(f, g->row[k], g->column[k])) g->row[count] = g->row[k], g->column[count++] = g->column[k];
  g->count = count;
}

/* The same by the cycles known so far alone, for all of a group at once. */
ALWAYS_INLINE int edge_group_by(marked_view *f, const probes *p, probe_group *g, const int32_t *cancel, const int points) {
  for (int c = 0; c < p->cycles; c++) {
    drop_marked(f, g);
    for (int first = 0; first < g->count; first += DISC_POINTS) {
      if (cancelled(cancel)) return 0;
      double re[DISC_POINTS], im[DISC_POINTS], radius[DISC_POINTS];
      for (int k = 0; k < DISC_POINTS; k++) {
        const int at = first + k < g->count ? first + k : g->count - 1;
        re[k] = re_at(f, g->row[at], g->column[at], points), im[k] = im_at(f, g->row[at], g->column[at], points);
      }
      interior_radii(re, im, &p->cycle[c], radius);
      for (int k = 0, at = first; k < DISC_POINTS && at < g->count; k++, at++)
        if (radius[k] > 0 && !is_marked(f, g->row[at], g->column[at])) mark_disc_by(f, g->column[at], g->row[at], radius[k], points);
    }
  }
  return 1;
}

/*
 * Probes samples `step` apart: all of them or, of those that are not marked, the ones beside a
 * marked one. 0 if cancelled.
 */
ALWAYS_INLINE int probe_step_by(marked_view *f, probes *p, int step, int edge, const int32_t *cancel, const int points) {
  probe_group g = {.count = 0};
  for (int row = step / 2; row < f->height && p->failures <= PROBE_FAILURES; row += step)
    for (int column = step / 2; column < f->width; column += step) {
      if (is_marked(f, row, column)) continue;
      if (edge && !is_marked(f, row, column - step) && !is_marked(f, row, column + step) && !is_marked(f, row - step, column) &&
          !is_marked(f, row + step, column))
        continue;
      g.column[g.count] = column, g.row[g.count++] = row;
      if (g.count < PROBES) continue;
      if (!(edge ? edge_group_by(f, p, &g, cancel, points) : probe_group_by(f, p, &g, cancel, points))) return 0;
      g.count = 0;
    }
  return edge ? edge_group_by(f, p, &g, cancel, points) : probe_group_by(f, p, &g, cancel, points);
}

/* Probes the view and marks the discs found. 0 if cancelled. */
ALWAYS_INLINE int probe_view_by(marked_view *f, int64_t max_iter, const int32_t *cancel, const int points) {
  f->marked = 0;
  if (max_iter < PROBE_LEAST) return 1;
  probes p = {.most = max_iter / PROBE_PART < PROBE_MOST ? (int)(max_iter / PROBE_PART) : PROBE_MOST};
  p.longest = p.most < DISC_MAX_PERIOD ? p.most : DISC_MAX_PERIOD;
  if (!probe_step_by(f, &p, PROBE_STEP, 0, cancel, points)) return 0;
  if (!f->marked || max_iter < PROBE_EDGE) return 1;
  for (int step = PROBE_STEP / 2; step >= 1; step /= 2) {
    p.failures = 0;
    if (!probe_step_by(f, &p, step, step < PROBE_STEP / 2, cancel, points)) return 0;
  }
  return 1;
}

static int probe_view(marked_view *f, int64_t max_iter, const int32_t *cancel) {
  return f->points ? probe_view_by(f, max_iter, cancel, 1) : probe_view_by(f, max_iter, cancel, 0);
}

#endif
