/*
 * The tile kernel's lanes. Each takes the next sample as soon as its own is done. See
 * tile_template.h.
 */
#ifndef FMANDEL_TILE_LANES_TEMPLATE_H
#define FMANDEL_TILE_LANES_TEMPLATE_H

#include "interior/cycle.h"
#include "tile/rows_template.h"

/*
 * Gives the lane its next sample, or nothing to do: a state that stays where it is and is never
 * inspected. 0 if cancelled.
 */
static inline int tile_refill(tile_work *w, int turn, int lane) {
  tile_queue *const p = &w->fresh;
  if (p->count == 0 && !tile_feed(w)) return 0;
  if (p->count == 0) {
    w->busy[lane / TILE_GROUP]--;
    w->zr[turn][lane] = w->zi[turn][lane] = w->cr[lane] = w->ci[lane] = 0;
    w->kept_r[lane] = w->kept_i[lane] = w->stop[lane] = INFINITY;
    return 1;
  }
  const int i = --p->count;
  w->zr[turn][lane] = p->zr[i], w->zi[turn][lane] = p->zi[i];
  w->cr[lane] = p->cr[i], w->ci[lane] = p->ci[i], w->at[lane] = p->at[i];
  w->born[lane] = w->now - p->n[i];
  const int keeps = p->n[i] == KEEP;
  const double next = keeps ? AGING * KEEP : KEEP;
  w->kept_r[lane] = keeps ? p->zr[i] : INFINITY, w->kept_i[lane] = p->zi[i];
  w->stop[lane] = w->born[lane] + (next < w->last ? next : w->last);
  return 1;
}

/* Lanes of a group as bits, lane 0 lowest: those that escaped, and all that need inspection. */
typedef struct {
  uint64_t out, any;
} lane_events;

/* A block of iterations for the lanes of one group. */
static inline lane_events tile_advance(tile_work *w, int turn, int first) {
  const double *const from_r = w->zr[turn] + first, *const from_i = w->zi[turn] + first;
  double *const to_r = w->zr[!turn] + first, *const to_i = w->zi[!turn] + first;
  vec zr[TILE_VECTORS], zi[TILE_VECTORS];
  for (int v = 0; v < TILE_VECTORS; v++) zr[v] = load(from_r + v * LANES), zi[v] = load(from_i + v * LANES);
  for (int k = 0; k < BLOCK; k++)
    for (int v = 0; v < TILE_VECTORS; v++)
      square_add(&zr[v], &zi[v], load(w->cr + first + v * LANES), load(w->ci + first + v * LANES));
  lane_events found = {0, 0};
  for (int v = 0; v < TILE_VECTORS; v++) {
    const int i = first + v * LANES;
    const vmask in = tile_inside(zr[v], zi[v], w->radius2);
    /* compare real parts only: few lanes that do not cycle are inspected in vain */
    const vmask quiet = in & not_equal(zr[v], load(w->kept_r + i)) & greater(load(w->stop + i), splat(w->now));
    found.out |= (uint64_t)vmask_bits(in) << (v * LANES), found.any |= (uint64_t)vmask_bits(quiet) << (v * LANES);
    store(to_r + v * LANES, zr[v]), store(to_i + v * LANES, zi[v]);
  }
  const uint64_t group = ~0ull >> (64 - TILE_GROUP);
  return (lane_events){found.out ^ group, found.any ^ group};
}

/*
 * Inspects a lane after the block. Returns 1 if its sample is done, and then has queued or written
 * it.
 */
static inline int tile_inspect(tile_work *w, int turn, int lane, int out) {
  const double zr = w->zr[!turn][lane], zi = w->zi[!turn][lane], n = w->now - w->born[lane];
  if (out) {
    queue_push_one(&w->leaving, w->zr[turn][lane], w->zi[turn][lane], w->cr[lane], w->ci[lane], n - BLOCK, w->at[lane]);
    return 1;
  }
  if (zr == w->kept_r[lane] && zi == w->kept_i[lane]) {
    const int attracts = cycle_attracts(zr, zi, w->cr[lane], w->ci[lane]);
    w->nu[w->at[lane]] = attracts ? FMANDEL_INTERIOR : FMANDEL_LIMIT;
    *(attracts ? &w->counts.interior : &w->counts.limited) += 1;
    w->counts.iterations += (int64_t)(attracts ? n : w->limit);
    return 1;
  }
  if (n >= w->last) {
    queue_push_one(&w->leaving, zr, zi, w->cr[lane], w->ci[lane], n, w->at[lane]);
    return 1;
  }
  if (w->now < w->stop[lane]) return 0;
  w->kept_r[lane] = zr, w->kept_i[lane] = zi;
  w->stop[lane] = w->born[lane] + (AGING * n < w->last ? AGING * n : w->last);
  return 0;
}

static int tile_run(tile_work *w) {
  for (int group = 0; group < TILE_GROUPS; group++) w->busy[group] = TILE_GROUP;
  for (int lane = 0; lane < TILE_LANES; lane++)
    if (!tile_refill(w, 0, lane)) return FMANDEL_CANCELLED;

  for (int turn = 0, busy = 1; busy; turn = !turn) {
    if (cancelled(w->cancel)) return FMANDEL_CANCELLED;
    lane_events found[TILE_GROUPS];
    w->now += BLOCK;
    for (int group = 0; group < TILE_GROUPS; group++)
      found[group] = w->busy[group] ? tile_advance(w, turn, group * TILE_GROUP) : (lane_events){0, 0};
    busy = 0;
    for (int group = 0; group < TILE_GROUPS; group++) {
      for (uint64_t set = found[group].any; set; set &= set - 1) {
        const int bit = __builtin_ctzll(set), lane = group * TILE_GROUP + bit;
        if (tile_inspect(w, turn, lane, found[group].out >> bit & 1) && !tile_refill(w, !turn, lane)) return FMANDEL_CANCELLED;
      }
      busy |= w->busy[group];
    }
    if (w->leaving.count > TILE_LANES) finish_full(w);
  }
  finish_rest(w);
  return FMANDEL_OK;
}

#endif
