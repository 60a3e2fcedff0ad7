/*
 * What the stages of the tile kernel work on: the view, samples between two stages, and the lanes.
 * See tile_template.h.
 */
#ifndef FMANDEL_TILE_WORK_TEMPLATE_H
#define FMANDEL_TILE_WORK_TEMPLATE_H

#include "fmandel/tile.h"
#include "simd/vector.h"

enum {
  /*
   * iterated together: an iteration is 2 chained operations of 4 cycles, and takes 2 cycles of both
   * units
   */
  TILE_VECTORS = 6,
  TILE_GROUP = TILE_VECTORS * LANES,
  TILE_GROUPS = 4, /* tested together, so that more lanes share one misprediction of a branch */
  TILE_LANES = TILE_GROUPS * TILE_GROUP,
  ROW_VECTORS = 4, /* vectors of a row, fed and finished together */
  ROW_SAMPLES = ROW_VECTORS * LANES,
  ROW_STEP = 8, /* iterations of a row between two tests: a divisor of BLOCK */
  ROW_ENOUGH = ROW_SAMPLES / 4, /* as many samples that leave a row together are finished in it */
  /*
   * iterations of idle lanes that a row may spend for each sample that it would have to hand over
   */
  ROW_PATIENCE = 8 * ROW_STEP,
  QUEUE_ROOM = 2 * TILE_LANES + 2 * ROW_SAMPLES,
};

/* Samples between two stages: state, c, iterations done, and where nu goes. */
typedef struct {
  _Alignas(64) double zr[QUEUE_ROOM];
  double zi[QUEUE_ROOM], cr[QUEUE_ROOM], ci[QUEUE_ROOM], n[QUEUE_ROOM];
  int64_t at[QUEUE_ROOM];
  int count;
} tile_queue;

typedef struct {
  /* the view, and how much of it has been taken */
  const double *re, *im;
  int width, height, column, row;
  int points; /* 1: re and im are both coordinates of every sample, row by row */
  double last; /* the last end of a block within the limit */
  double limit; /* max_iter */
  double radius2; /* R^2 */
  int far; /* R is more than NEAR */
  double *nu;
  int marked; /* does nu hold marks of discs of the interior? */
  fmandel_counts counts;
  const int32_t *cancel;

  tile_queue fresh, leaving;

  /*
   * The lanes: c; z before and after the current block, in turns; and the state saved to detect a
   * cycle. `born` is when the lane's n was 0, and `stop` when it must be inspected again, both in
   * iterations since the start.
   */
  _Alignas(64) double zr[2][TILE_LANES];
  double zi[2][TILE_LANES], cr[TILE_LANES], ci[TILE_LANES], kept_r[TILE_LANES], kept_i[TILE_LANES], stop[TILE_LANES];
  double born[TILE_LANES];
  int64_t at[TILE_LANES];
  double now; /* iterations since the start, at the end of the current block */
  int busy[TILE_GROUPS];
} tile_work;

/* |z| <= R, and not NaN */
static inline vmask tile_inside(vec zr, vec zi, double radius2) {
  return less_equal(vfma(zr, zr, zi * zi), splat(radius2));
}

/* Queues those samples of a vector of neighbours that are in the set of lanes. */
static inline void queue_push(tile_queue *p, unsigned set, vec zr, vec zi, vec cr, vec ci, double n, int64_t at) {
  ivec place = {0};
  for (int lane = 0; lane < LANES; lane++) place[lane] = at + lane;
  const int i = p->count;
  store(p->zr + i, compact_lanes(set, zr)), store(p->zi + i, compact_lanes(set, zi));
  store(p->cr + i, compact_lanes(set, cr)), store(p->ci + i, compact_lanes(set, ci)), store(p->n + i, splat(n));
  const vec packed = compact_lanes(set, (vec)place);
  memcpy(p->at + i, &packed, sizeof packed);
  p->count += __builtin_popcount(set);
}

static inline void queue_push_one(tile_queue *p, double zr, double zi, double cr, double ci, double n, int64_t at) {
  const int i = p->count++;
  p->zr[i] = zr, p->zi[i] = zi, p->cr[i] = cr, p->ci[i] = ci, p->n[i] = n, p->at[i] = at;
}


/* Loads the first `taken` numbers of a row, and 0 for the others. */
static inline void load_row(vec *row, const double *from, int taken) {
  double line[ROW_SAMPLES] = {0};
  if (taken < ROW_SAMPLES) memcpy(line, from, sizeof *from * (size_t)taken), from = line;
  for (int v = 0; v < ROW_VECTORS; v++) row[v] = load(from + v * LANES);
}

#endif
