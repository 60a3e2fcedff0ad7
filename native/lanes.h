/*
 * The tile kernel in vectors: one source, included once for each instruction set, after LANES is defined.
 *
 * Samples pass three stages, and between two stages wait in a pile:
 *
 *   feed     takes a row of neighbouring samples from the view, settles those in the main cardioid and the disc of period 2, and
 *            takes the others through their first block of iterations
 *   advance  keeps WIDTH lanes busy: a block of iterations without a test, then one look at all lanes. A lane that is done takes
 *            the next sample at once, whatever its neighbours do
 *   finish   gets samples that escaped within a block as they were at its start, redoes the block with a test after each
 *            iteration, and turns the counts into nu
 *
 * Looking once a block is right because |z| grows ever after it exceeds R >= 2: an escape inside is still seen at the end, if only as an
 * infinity or NaN. All lanes do what scalar.c does, operation by operation: a sample's bits depend on nothing but itself.
 *
 * Tried and left, in CPU time on AVX2: looking at each group of lanes by itself, +70 %; blocks of 16, +20 % where samples escape
 * early and nothing elsewhere; 2 or 8 groups, no difference; finishing 2 or 3 vectors at once, +6 % and +30 %; each logarithm by
 * itself, +15 %.
 */
#include "cancel.h"
#include "kernel.h"
#include "vector.h"

#include "smooth.h"

enum {
  VECTORS = 6, /* iterated together: an iteration takes 2 chained operations of 4 cycles, and fills 1.5 cycles of the two units */
  GROUP = VECTORS * LANES,
  GROUPS = 4, /* looked at together: one surprise of the branch predictor is shared by more lanes */
  WIDTH = GROUPS * GROUP,
  ROW = 4 * LANES, /* fed and finished together */
  PILE = 2 * WIDTH + 2 * ROW,
};

/* samples on their way: state, place, iterations done, and where nu goes */
typedef struct {
  _Alignas(64) double zr[PILE];
  double zi[PILE], cr[PILE], ci[PILE], n[PILE];
  int64_t at[PILE];
  int count;
} pile;

typedef struct {
  /* the view, and how far it has been taken */
  const double *re, *im;
  int width, height, column, row;
  double last;    /* the last end of a block within the limit */
  double limit;   /* max_iter */
  double radius2; /* R^2 */
  double *nu;
  fmandel_counts counts;
  const int32_t *cancel;

  pile fresh, leaving;

  /*
   * The lanes: c, z before and after the current block by turns, and the state kept to recognise a cycle. A lane whose n is 0 at `born`
   * (in iterations since the start) is looked at anew at `stop`.
   */
  _Alignas(64) double zr[2][WIDTH];
  double zi[2][WIDTH], cr[WIDTH], ci[WIDTH], kept_r[WIDTH], kept_i[WIDTH], stop[WIDTH];
  double born[WIDTH];
  int64_t at[WIDTH];
  double now; /* iterations since the start, at the end of the current block */
  int busy[GROUPS];
} work;

static inline void iteration(vec *zr, vec *zi, vec cr, vec ci) {
  const vec t = fused(*zr, *zr, cr), i = *zi;
  *zi = fused(*zr + *zr, i, ci);
  *zr = fused(-i, i, t);
}

static inline mask outside(vec zr, vec zi, double radius2) {
  return ~(fused(zr, zr, zi * zi) <= radius2);
}

static inline void push(pile *p, double zr, double zi, double cr, double ci, double n, int64_t at) {
  const int i = p->count++;
  p->zr[i] = zr, p->zi[i] = zi, p->cr[i] = cr, p->ci[i] = ci, p->n[i] = n, p->at[i] = at;
}

/* the lanes of a vector of neighbours, often all of them */
static inline void push_lanes(pile *p, unsigned set, vec zr, vec zi, vec cr, vec ci, double n, int64_t at) {
  if (set == (1u << LANES) - 1) {
    const int i = p->count;
    store(p->zr + i, zr), store(p->zi + i, zi), store(p->cr + i, cr), store(p->ci + i, ci), store(p->n + i, all(n));
    for (int lane = 0; lane < LANES; lane++) p->at[i + lane] = at + lane;
    p->count += LANES;
    return;
  }
  for (; set; set &= set - 1) {
    const int lane = __builtin_ctz(set);
    push(p, zr[lane], zi[lane], cr[lane], ci[lane], n, at + lane);
  }
}

/*
 * ROW places of the pile from `base` on, of which the first hold samples: their last block again, with a test after each iteration. Those that
 * only came near the limit may pass it here, which the count tells.
 */
static inline void finish_row(work *w, int base, int samples) {
  enum { N = ROW / LANES };
  const pile *const p = &w->leaving;
  vec zr[N], zi[N], end_r[N], end_i[N];
  mask inside[N], n[N];
  for (int v = 0; v < N; v++) {
    const int i = base + v * LANES;
    zr[v] = end_r[v] = load(p->zr + i), zi[v] = end_i[v] = load(p->zi + i);
    inside[v] = ~(mask){0}, n[v] = (mask){0};
  }
  for (int k = 0; k < BLOCK; k++)
    for (int v = 0; v < N; v++) {
      const int i = base + v * LANES;
      iteration(&zr[v], &zi[v], load(p->cr + i), load(p->ci + i));
      end_r[v] = pick(inside[v], zr[v], end_r[v]), end_i[v] = pick(inside[v], zi[v], end_i[v]);
      n[v] -= inside[v];
      inside[v] = ~outside(zr[v], zi[v], w->radius2);
    }

  vec nu[N], sum = all(0);
  double values[ROW];
  int escapes = 0;
  for (int v = 0; v < N; v++) {
    nu[v] = load(p->n + base + v * LANES) + count_of(n[v]);
    inside[v] |= nu[v] > w->limit;
    sum += pick(inside[v], all(0), nu[v]);
    escapes += LANES - __builtin_popcount(lanes_of(inside[v]));
  }
  smooth_all(nu, end_r, end_i, N);
  for (int v = 0; v < N; v++) store(values + v * LANES, pick(inside[v], all(FMANDEL_LIMIT), nu[v]));
  for (int i = 0; i < samples; i++) w->nu[p->at[base + i]] = values[i];
  w->counts.escaped += escapes;
  w->counts.limited += samples - escapes;
  w->counts.iterations += (samples - escapes) * (int64_t)w->limit;
  for (int lane = 0; lane < LANES; lane++) w->counts.iterations += (int64_t)sum[lane];
}

/*
 * The full rows of the pile, oldest first, so that what was written a number at a time has reached the cache before it is read as vectors.
 * The rest, less than a row, moves to the front.
 */
static void finish_full(work *w) {
  pile *const p = &w->leaving;
  const int rest = p->count % ROW, from = p->count - rest;
  for (int base = 0; base < from; base += ROW) finish_row(w, base, ROW);
  p->count = 0;
  for (int i = from; i < from + rest; i++) push(p, p->zr[i], p->zi[i], p->cr[i], p->ci[i], p->n[i], p->at[i]);
}

/* fills up the last row with the origin, which does not escape and is not counted */
static void finish_rest(work *w) {
  finish_full(w);
  const int samples = w->leaving.count;
  if (samples == 0) return;
  while (w->leaving.count < ROW) push(&w->leaving, 0, 0, 0, 0, 0, 0);
  finish_row(w, 0, samples);
}

static inline void settle(work *w, int64_t at, int64_t iterations) {
  w->nu[at] = FMANDEL_INTERIOR;
  w->counts.interior++;
  w->counts.iterations += iterations;
}

/* takes samples from the view until the pile of fresh ones is full enough; 0 when cancelled */
static int feed(work *w) {
  enum { N = ROW / LANES };
  while (w->row < w->height && w->fresh.count <= WIDTH) {
    if (cancelled(w->cancel)) return 0;
    const int left = w->width - w->column, taken = left < ROW ? left : ROW;
    const int64_t at = (int64_t)w->row * w->width + w->column;
    _Alignas(64) double line[ROW] = {0};
    memcpy(line, w->re + w->column, sizeof(double) * (size_t)taken);
    const vec ci = all(w->im[w->row]), im2 = ci * ci;
    w->column += taken;
    if (w->column == w->width) w->column = 0, w->row++;

    vec cr[N], zr[N], zi[N];
    unsigned open[N], any = 0;
    for (int v = 0; v < N; v++) {
      cr[v] = load(line + v * LANES);
      const vec x = cr[v] - 0.25, q = fused(x, x, im2);
      const mask closed = (q * (q + (x + CARDIOID_MARGIN)) < 0.25 * im2) | (fused(cr[v] + 1, cr[v] + 1, im2) < DISC);
      const int valid = taken - v * LANES;
      const unsigned present = valid >= LANES ? (1u << LANES) - 1 : valid > 0 ? (1u << valid) - 1 : 0;
      unsigned settled = lanes_of(closed) & present;
      any |= open[v] = present & ~settled;
      for (; settled; settled &= settled - 1) settle(w, at + v * LANES + __builtin_ctz(settled), 0);
    }
    if (!any) continue;

    for (int v = 0; v < N; v++) zr[v] = zi[v] = all(0);
    for (int k = 0; k < BLOCK; k++)
      for (int v = 0; v < N; v++) iteration(&zr[v], &zi[v], cr[v], ci);
    for (int v = 0; v < N; v++) {
      const unsigned out = w->last == 0 ? open[v] : lanes_of(outside(zr[v], zi[v], w->radius2)) & open[v];
      push_lanes(&w->leaving, out, all(0), all(0), cr[v], ci, 0, at + v * LANES);
      push_lanes(w->last == BLOCK ? &w->leaving : &w->fresh, open[v] & ~out, zr[v], zi[v], cr[v], ci, BLOCK, at + v * LANES);
    }
    /* a block of the lanes may add as many as there are lanes before the next look at the pile */
    if (w->leaving.count > PILE - WIDTH - ROW) finish_full(w);
  }
  return 1;
}

/* gives the lane its next sample, or nothing to do: a state that stays where it is and is never looked at; 0 when cancelled */
static inline int refill(work *w, int turn, int lane) {
  pile *const p = &w->fresh;
  if (p->count == 0 && !feed(w)) return 0;
  if (p->count == 0) {
    w->busy[lane / GROUP]--;
    w->zr[turn][lane] = w->zi[turn][lane] = w->cr[lane] = w->ci[lane] = 0;
    w->kept_r[lane] = w->kept_i[lane] = w->stop[lane] = INFINITY;
    return 1;
  }
  const int i = --p->count;
  w->zr[turn][lane] = w->kept_r[lane] = p->zr[i], w->zi[turn][lane] = w->kept_i[lane] = p->zi[i];
  w->cr[lane] = p->cr[i], w->ci[lane] = p->ci[i], w->at[lane] = p->at[i];
  w->born[lane] = w->now - p->n[i];
  w->stop[lane] = w->born[lane] + (KEEP < w->last ? KEEP : w->last);
  return 1;
}

/* lanes of a group, as bits from its lane 0: those that escaped, and those with anything to be looked at */
typedef struct {
  uint64_t out, any;
} events;

/* a block for the lanes of one group */
static inline events advance(work *w, int turn, int first) {
  const double *const from_r = w->zr[turn] + first, *const from_i = w->zi[turn] + first;
  double *const to_r = w->zr[!turn] + first, *const to_i = w->zi[!turn] + first;
  vec zr[VECTORS], zi[VECTORS];
  for (int v = 0; v < VECTORS; v++) zr[v] = load(from_r + v * LANES), zi[v] = load(from_i + v * LANES);
  for (int k = 0; k < BLOCK; k++)
    for (int v = 0; v < VECTORS; v++)
      iteration(&zr[v], &zi[v], load(w->cr + first + v * LANES), load(w->ci + first + v * LANES));
  events found = {0, 0};
  for (int v = 0; v < VECTORS; v++) {
    const int i = first + v * LANES;
    const mask cycle = (zr[v] == load(w->kept_r + i)) & (zi[v] == load(w->kept_i + i));
    const mask out = outside(zr[v], zi[v], w->radius2);
    found.out |= (uint64_t)lanes_of(out) << (v * LANES);
    found.any |= (uint64_t)lanes_of(out | cycle | (load(w->stop + i) <= w->now)) << (v * LANES);
    store(to_r + v * LANES, zr[v]), store(to_i + v * LANES, zi[v]);
  }
  return found;
}

/* looks at a lane after the block: 1 when it is done, and then gone where it belongs */
static inline int look(work *w, int turn, int lane, int out) {
  const double zr = w->zr[!turn][lane], zi = w->zi[!turn][lane], n = w->now - w->born[lane];
  if (out) {
    push(&w->leaving, w->zr[turn][lane], w->zi[turn][lane], w->cr[lane], w->ci[lane], n - BLOCK, w->at[lane]);
    return 1;
  }
  if (zr == w->kept_r[lane] && zi == w->kept_i[lane]) {
    settle(w, w->at[lane], (int64_t)n);
    return 1;
  }
  if (n >= w->last) {
    push(&w->leaving, zr, zi, w->cr[lane], w->ci[lane], n, w->at[lane]);
    return 1;
  }
  w->kept_r[lane] = zr, w->kept_i[lane] = zi;
  w->stop[lane] = w->born[lane] + (AGING * n < w->last ? AGING * n : w->last);
  return 0;
}

static int tile(const double *re, int width, const double *im, int height, int64_t max_iter, double escape_radius,
                double *nu, fmandel_counts *counts, const int32_t *cancel) {
  work w;
  w.re = re, w.im = im, w.width = width, w.height = height, w.column = w.row = 0;
  w.limit = (double)max_iter, w.last = (double)(max_iter - max_iter % BLOCK), w.radius2 = escape_radius * escape_radius;
  w.nu = nu, w.cancel = cancel, w.counts = (fmandel_counts){0};
  w.fresh.count = w.leaving.count = 0, w.now = 0;

  for (int group = 0; group < GROUPS; group++) w.busy[group] = GROUP;
  for (int lane = 0; lane < WIDTH; lane++)
    if (!refill(&w, 0, lane)) return FMANDEL_CANCELLED;

  for (int turn = 0, busy = 1; busy; turn = !turn) {
    if (cancelled(cancel)) return FMANDEL_CANCELLED;
    events found[GROUPS];
    w.now += BLOCK;
    for (int group = 0; group < GROUPS; group++)
      found[group] = w.busy[group] ? advance(&w, turn, group * GROUP) : (events){0, 0};
    busy = 0;
    for (int group = 0; group < GROUPS; group++) {
      for (uint64_t set = found[group].any; set; set &= set - 1) {
        const int bit = __builtin_ctzll(set), lane = group * GROUP + bit;
        if (look(&w, turn, lane, found[group].out >> bit & 1) && !refill(&w, !turn, lane)) return FMANDEL_CANCELLED;
      }
      busy |= w.busy[group];
    }
    if (w.leaving.count > WIDTH) finish_full(&w);
  }
  finish_rest(&w);
  if (counts) *counts = w.counts;
  return FMANDEL_OK;
}

/* `samples` steps, at most ROW */
static inline void index_row(const double *nu, int samples, double density, double bias, double offset, uint8_t *index) {
  enum { N = ROW / LANES };
  vec step[N];
  double steps[ROW] = {0};
  memcpy(steps, nu, sizeof *nu * (size_t)samples);
  for (int v = 0; v < N; v++) step[v] = load(steps + v * LANES);
  steps_all(step, N, density, bias, offset);
  for (int v = 0; v < N; v++) store(steps + v * LANES, step[v]);
  for (int i = 0; i < samples; i++) index[i] = (uint8_t)steps[i];
}

static void index_of(const double *nu, int64_t count, double density, double bias, double offset, uint8_t *index) {
  int64_t at = 0;
  for (; at + ROW <= count; at += ROW) index_row(nu + at, ROW, density, bias, offset, index + at);
  if (at < count) index_row(nu + at, (int)(count - at), density, bias, offset, index + at);
}
