/*
 * The tile kernel's last stage: finds the iteration at which samples escaped within a block, and
 * counts them. See tile_template.h.
 */
#ifndef FMANDEL_TILE_ESCAPE_TEMPLATE_H
#define FMANDEL_TILE_ESCAPE_TEMPLATE_H

#include "tile/smooth.h"
#include "tile/work_template.h"

/* Takes `half` iterations for those samples that are still inside after them. */
static inline void tile_bisect(const tile_work *w, int half, vec *zr, vec *zi, const vec *cr, const vec *ci, vec *n) {
  vec r[ROW_VECTORS], i[ROW_VECTORS];
  for (int v = 0; v < ROW_VECTORS; v++) r[v] = zr[v], i[v] = zi[v];
  for (int k = 0; k < half; k++)
    for (int v = 0; v < ROW_VECTORS; v++) square_add(&r[v], &i[v], cr[v], ci[v]);
  for (int v = 0; v < ROW_VECTORS; v++) {
    const vmask in = tile_inside(r[v], i[v], w->radius2);
    zr[v] = vselect(in, r[v], zr[v]), zi[v] = vselect(in, i[v], zi[v]), n[v] = vselect(in, n[v] + half, n[v]);
  }
}

/*
 * Takes a row of samples that are outside after `block` more iterations to the first iteration at
 * which each is outside. Bisection finds the last one inside with 3 or 4 tests; a test after each
 * iteration would take 7 or 15.
 */
static inline void tile_find_escape(const tile_work *w, int block, vec *zr, vec *zi, const vec *cr, const vec *ci, vec *n) {
  if (block > 8) tile_bisect(w, 8, zr, zi, cr, ci, n);
  if (block > 4) tile_bisect(w, 4, zr, zi, cr, ci, n);
  tile_bisect(w, 2, zr, zi, cr, ci, n);
  tile_bisect(w, 1, zr, zi, cr, ci, n);
  for (int v = 0; v < ROW_VECTORS; v++) square_add(&zr[v], &zi[v], cr[v], ci[v]), n[v] += 1;
}

static inline int64_t sum_of_lanes(const vec *n) {
  vec sum = n[0];
  for (int v = 1; v < ROW_VECTORS; v++) sum += n[v];
  double total = 0;
  for (int lane = 0; lane < LANES; lane++) total += sum[lane];
  return (int64_t)total;
}

/* Finishes the samples of a row that are outside after ROW_STEP more iterations. */
static inline void finish_in_row(tile_work *w, const unsigned *out, vec *zr, vec *zi, const vec *cr, const vec *ci, double done, int64_t at) {
  vec n[ROW_VECTORS], counted[ROW_VECTORS];
  for (int v = 0; v < ROW_VECTORS; v++) n[v] = splat(done);
  tile_find_escape(w, ROW_STEP, zr, zi, cr, ci, n);
  for (int v = 0; v < ROW_VECTORS; v++) counted[v] = masked(out[v], n[v]);
  w->counts.iterations += sum_of_lanes(counted);
  smooth_vecs(n, zr, zi, ROW_VECTORS, w->far);
  for (int v = 0; v < ROW_VECTORS; v++) {
    w->counts.escaped += __builtin_popcount(out[v]);
    store_masked(w->nu + at + v * LANES, out[v], n[v]);
  }
}

/*
 * Finishes ROW_SAMPLES entries of the queue from `base` on, the first of which hold samples. Some
 * samples only came near the limit and pass it here; the count shows which.
 */
static inline void finish_row(tile_work *w, int base, int samples) {
  const tile_queue *const p = &w->leaving;
  vec zr[ROW_VECTORS], zi[ROW_VECTORS], cr[ROW_VECTORS], ci[ROW_VECTORS], n[ROW_VECTORS], counted[ROW_VECTORS];
  vmask escaped[ROW_VECTORS];
  for (int v = 0; v < ROW_VECTORS; v++) {
    const int i = base + v * LANES;
    zr[v] = load(p->zr + i), zi[v] = load(p->zi + i), cr[v] = load(p->cr + i), ci[v] = load(p->ci + i), n[v] = load(p->n + i);
  }
  tile_find_escape(w, BLOCK, zr, zi, cr, ci, n);
  int escapes = 0;
  for (int v = 0; v < ROW_VECTORS; v++) {
    escaped[v] = less_equal(n[v], splat(w->limit)) & ~tile_inside(zr[v], zi[v], w->radius2);
    counted[v] = vselect(escaped[v], n[v], splat(0));
    escapes += __builtin_popcount(vmask_bits(escaped[v]));
  }
  smooth_vecs(n, zr, zi, ROW_VECTORS, w->far);
  double values[ROW_SAMPLES];
  for (int v = 0; v < ROW_VECTORS; v++) store(values + v * LANES, vselect(escaped[v], n[v], splat(FMANDEL_LIMIT)));
  for (int i = 0; i < samples; i++) w->nu[p->at[base + i]] = values[i];
  w->counts.escaped += escapes;
  w->counts.limited += samples - escapes;
  w->counts.iterations += sum_of_lanes(counted) + (samples - escapes) * (int64_t)w->limit;
}

/*
 * Finishes the full rows of the queue, oldest first, so that numbers written one at a time have
 * reached the cache before they are read as vectors. The rest, less than a row, moves to the front.
 */
static void finish_full(tile_work *w) {
  tile_queue *const p = &w->leaving;
  const int rest = p->count % ROW_SAMPLES, from = p->count - rest;
  for (int base = 0; base < from; base += ROW_SAMPLES) finish_row(w, base, ROW_SAMPLES);
  p->count = 0;
  for (int i = from; i < from + rest; i++) queue_push_one(p, p->zr[i], p->zi[i], p->cr[i], p->ci[i], p->n[i], p->at[i]);
}

/* Pads the last row with the origin, which does not escape and is not counted. */
static void finish_rest(tile_work *w) {
  finish_full(w);
  const int samples = w->leaving.count;
  if (samples == 0) return;
  while (w->leaving.count < ROW_SAMPLES) queue_push_one(&w->leaving, 0, 0, 0, 0, 0, 0);
  finish_row(w, 0, samples);
}

#endif
