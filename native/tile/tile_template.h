/*
 * The tile kernel in vectors: one source, included once for each instruction set, after LANES is
 * defined.
 *
 * Samples pass up to four stages:
 *
 *   tile_feed     takes a row of neighbouring samples from the view, and settles those in the main
 *                 cardioid, in the disc of period 2, and in discs that probe_template.h found
 *   iterate_row   iterates the row where it is; neighbours mostly escape together, and are then
 *                 finished there
 *   tile_advance  keeps TILE_LANES lanes busy with the remaining samples: a block of iterations
 *                 without a test, then one test of all lanes; a lane that is done takes the next
 *                 sample at once, whatever its neighbours do
 *   finish_row    takes samples that escaped within a block as they were at its start, and finds
 *                 the iteration
 *
 * One test a block is enough, because |z| only grows once it exceeds R >= 2: an escape inside the
 * block still shows at its end, if only as an infinity or NaN. All lanes do what tile_scalar.c
 * does, operation by operation, so a sample's bits depend on nothing but the sample.
 *
 * bench/results/tile.md lists what was tried and rejected.
 */
#ifndef FMANDEL_TILE_TILE_TEMPLATE_H
#define FMANDEL_TILE_TILE_TEMPLATE_H

#include "interior/probe_template.h"
#include "tile/lanes_template.h"

static void tile_begin(tile_work *w, const double *re, int width, const double *im, int height, int points, int64_t max_iter, double escape_radius,
                       double *nu, const int32_t *cancel) {
  w->re = re, w->im = im, w->width = width, w->height = height, w->points = points, w->column = w->row = 0;
  w->limit = (double)max_iter, w->last = (double)(max_iter - max_iter % BLOCK), w->radius2 = escape_radius * escape_radius;
  w->far = escape_radius > NEAR;
  w->nu = nu, w->cancel = cancel, w->counts = (fmandel_counts){0};
  w->fresh.count = w->leaving.count = 0, w->now = 0;
}

/* Samples given by columns and rows or, if points is 1, by both coordinates each. */
static int tile_samples(const double *re, int width, const double *im, int height, int points, int64_t max_iter, double escape_radius,
                        double *nu, fmandel_counts *counts, const int32_t *cancel) {
  tile_work w;
  const int twice = mirrored(re, im, width, height, points);
  tile_begin(&w, re, width, im, twice ? height / 2 : height, points, max_iter, escape_radius, nu, cancel);
  marked_view whole = {re, im, width, w.height, points, nu, 0};
  if (!probe_view(&whole, max_iter, cancel)) return FMANDEL_CANCELLED;
  w.marked = whole.marked;
  if (tile_run(&w) != FMANDEL_OK) return FMANDEL_CANCELLED;
  if (twice) {
    for (int j = 0; j < w.height; j++)
      memcpy(nu + (int64_t)(height - 1 - j) * width, nu + (int64_t)j * width, sizeof *nu * (size_t)width);
    w.counts.escaped *= 2, w.counts.interior *= 2, w.counts.limited *= 2, w.counts.iterations *= 2;
  }
  if (counts) *counts = w.counts;
  return FMANDEL_OK;
}

#endif
