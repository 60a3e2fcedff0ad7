/*
 * The tile kernel's first stages: rows of neighbouring samples are taken from the view and iterated
 * where they are. See tile_template.h.
 */
#ifndef FMANDEL_TILE_ROWS_TEMPLATE_H
#define FMANDEL_TILE_ROWS_TEMPLATE_H

#include "interior/closed_form.h"
#include "tile/escape_template.h"
#include "tile/iteration.h"


/*
 * Iterates a row of neighbours from their first iteration on, as long as that is cheaper than
 * handing the remaining samples over to the lanes. It stops when its idle lanes have cost as much
 * as handing over would: so it costs at most twice as much as the better choice.
 */
static inline void iterate_row(tile_work *w, unsigned *open, const vec *cr, const vec *ci, int64_t at) {
  vec zr[ROW_VECTORS], zi[ROW_VECTORS];
  int staying = 0, idle = 0;
  for (int v = 0; v < ROW_VECTORS; v++) zr[v] = zi[v] = splat(0), staying += __builtin_popcount(open[v]);
  for (int n = 0;; n += ROW_STEP) {
    const int over = n == w->last;
    if (over || (n % BLOCK == 0 && (n == KEEP || idle > ROW_PATIENCE * staying))) {
      for (int v = 0; v < ROW_VECTORS; v++) queue_push(over ? &w->leaving : &w->fresh, open[v], zr[v], zi[v], cr[v], ci[v], n, at + v * LANES);
      return;
    }
    vec r[ROW_VECTORS], i[ROW_VECTORS];
    unsigned out[ROW_VECTORS], leaving = 0;
    for (int v = 0; v < ROW_VECTORS; v++) r[v] = zr[v], i[v] = zi[v];
    for (int k = 0; k < ROW_STEP; k++)
      for (int v = 0; v < ROW_VECTORS; v++) square_add(&r[v], &i[v], cr[v], ci[v]);
    for (int v = 0; v < ROW_VECTORS; v++) {
      out[v] = open[v] & ~vmask_bits(tile_inside(r[v], i[v], w->radius2));
      open[v] ^= out[v], leaving += (unsigned)__builtin_popcount(out[v]);
    }
    if (leaving >= ROW_ENOUGH) finish_in_row(w, out, zr, zi, cr, ci, n, at);
    else if (leaving)
      for (int v = 0; v < ROW_VECTORS; v++) queue_push(&w->leaving, out[v], zr[v], zi[v], cr[v], ci[v], n, at + v * LANES);
    staying -= (int)leaving;
    if (staying == 0) return;
    idle += ROW_STEP * (ROW_SAMPLES - staying);
    for (int v = 0; v < ROW_VECTORS; v++) zr[v] = r[v], zi[v] = i[v];
  }
}



/* Takes samples from the view until the queue of fresh ones is full enough. 0 if cancelled. */
static int tile_feed(tile_work *w) {
  while (w->row < w->height && w->fresh.count <= TILE_LANES) {
    if (cancelled(w->cancel)) return 0;
    const int left = w->width - w->column, taken = left < ROW_SAMPLES ? left : ROW_SAMPLES;
    const int64_t at = (int64_t)w->row * w->width + w->column;
    vec cr[ROW_VECTORS], ci[ROW_VECTORS], marks[ROW_VECTORS];
    load_row(cr, w->re + (w->points ? at : w->column), taken);
    for (int v = 0; v < ROW_VECTORS; v++) marks[v] = splat(0);
    if (w->points) load_row(ci, w->im + at, taken);
    else
      for (int v = 0; v < ROW_VECTORS; v++) ci[v] = splat(w->im[w->row]);
    if (w->marked) load_row(marks, w->nu + at, taken);
    w->column += taken;
    if (w->column == w->width) w->column = 0, w->row++;

    unsigned open[ROW_VECTORS], any = 0;
    for (int v = 0; v < ROW_VECTORS; v++) {
      const vec x = cr[v] - 0.25, im2 = ci[v] * ci[v], q = vfma(x, x, im2);
      const unsigned closed =
          vmask_bits(greater(0.25 * im2, q * (q + (x + CARDIOID_MARGIN))) | greater(splat(PERIOD_2_DISC), vfma(cr[v] + 1, cr[v] + 1, im2)) |
                 greater(splat(0), marks[v]));
      const int valid = taken - v * LANES;
      const unsigned present = valid >= LANES ? (1u << LANES) - 1 : valid > 0 ? (1u << valid) - 1 : 0;
      any |= open[v] = present & ~closed;
      if (!(closed & present)) continue;
      store_masked(w->nu + at + v * LANES, closed & present, splat(FMANDEL_INTERIOR));
      w->counts.interior += __builtin_popcount(closed & present);
    }
    if (any) iterate_row(w, open, cr, ci, at);
    /* a block may add as many as there are lanes before the next look at the queue */
    if (w->leaving.count > QUEUE_ROOM - TILE_LANES - 2 * ROW_SAMPLES) finish_full(w);
  }
  return 1;
}

#endif
