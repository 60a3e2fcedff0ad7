/*
 * The tile kernel in vectors: one source, included once for each instruction set, after LANES is defined.
 *
 * Samples pass up to four stages:
 *
 *   feed     takes a row of neighbouring samples from the view and settles those in the main cardioid, in the disc of period 2 and in the
 *            discs that interior.h found beforehand
 *   walk     iterates the row as it stands. Neighbours mostly leave together, and then they are finished where they are
 *   advance  keeps WIDTH lanes busy with what is left of the rows: a block of iterations without a test, then one look at all lanes. A
 *            lane that is done takes the next sample at once, whatever its neighbours do
 *   finish   takes samples that escaped within a block as they were at its start, and finds the iteration
 *
 * Looking once a block is right because |z| grows ever after it exceeds R >= 2: an escape inside is still seen at the end, if only as an
 * infinity or NaN. All lanes do what scalar.c does, operation by operation: a sample's bits depend on nothing but itself.
 *
 * What was tried and left stands in bench/results.md.
 */
#include "cancel.h"
#include "cycle.h"
#include "kernel.h"
#include "vector.h"

#include "interior.h"
#include "smooth.h"

enum {
  VECTORS = 6, /* iterated together: an iteration takes 2 chained operations of 4 cycles, and fills 2 cycles of the two units */
  GROUP = VECTORS * LANES,
  GROUPS = 4, /* looked at together: one surprise of the branch predictor is shared by more lanes */
  WIDTH = GROUPS * GROUP,
  ABREAST = 4, /* vectors of a row, fed and finished together */
  ROW = ABREAST * LANES,
  STEP = 8,            /* iterations of a row between two looks: a divisor of BLOCK */
  ENOUGH = ROW / 4,    /* samples that leave a row together and are finished in it */
  PATIENCE = 8 * STEP, /* iterations of idle lanes that a row is allowed for each sample that it would have to hand over */
  PILE = 2 * WIDTH + 2 * ROW,
};

/* samples between two stages: state, place, iterations done, and where nu goes */
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
  int points; /* 1: one row, whose samples have imaginary parts of their own, im[column] */
  double last;    /* the last end of a block within the limit */
  double limit;   /* max_iter */
  double radius2; /* R^2 */
  int far;        /* R is more than NEAR */
  double *nu;
  int marked; /* does nu say what lies in a disc of the interior? */
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

/* |z| <= R, and no NaN */
static inline truth inside(vec zr, vec zi, double radius2) {
  return at_most(fused(zr, zr, zi * zi), all(radius2));
}

/* the samples of the set out of a vector of neighbours */
static inline void push(pile *p, unsigned set, vec zr, vec zi, vec cr, vec ci, double n, int64_t at) {
  mask place = {0};
  for (int lane = 0; lane < LANES; lane++) place[lane] = at + lane;
  const int i = p->count;
  store(p->zr + i, pack(set, zr)), store(p->zi + i, pack(set, zi));
  store(p->cr + i, pack(set, cr)), store(p->ci + i, pack(set, ci)), store(p->n + i, all(n));
  const vec packed = pack(set, (vec)place);
  memcpy(p->at + i, &packed, sizeof packed);
  p->count += __builtin_popcount(set);
}

static inline void push_one(pile *p, double zr, double zi, double cr, double ci, double n, int64_t at) {
  const int i = p->count++;
  p->zr[i] = zr, p->zi[i] = zi, p->cr[i] = cr, p->ci[i] = ci, p->n[i] = n, p->at[i] = at;
}

/* `half` iterations for the samples that are still inside after them */
static inline void halve(const work *w, int half, vec *zr, vec *zi, const vec *cr, const vec *ci, vec *n) {
  vec r[ABREAST], i[ABREAST];
  for (int v = 0; v < ABREAST; v++) r[v] = zr[v], i[v] = zi[v];
  for (int k = 0; k < half; k++)
    for (int v = 0; v < ABREAST; v++) iteration(&r[v], &i[v], cr[v], ci[v]);
  for (int v = 0; v < ABREAST; v++) {
    const truth in = inside(r[v], i[v], w->radius2);
    zr[v] = choose(in, r[v], zr[v]), zi[v] = choose(in, i[v], zi[v]), n[v] = choose(in, n[v] + half, n[v]);
  }
}

/*
 * A row of samples that are outside after `block` more iterations, taken to the first one that is outside: what is inside last is found by halving,
 * with 3 or 4 tests where one after each iteration would take 7 or 15.
 */
static inline void leave(const work *w, int block, vec *zr, vec *zi, const vec *cr, const vec *ci, vec *n) {
  if (block > 8) halve(w, 8, zr, zi, cr, ci, n);
  if (block > 4) halve(w, 4, zr, zi, cr, ci, n);
  halve(w, 2, zr, zi, cr, ci, n);
  halve(w, 1, zr, zi, cr, ci, n);
  for (int v = 0; v < ABREAST; v++) iteration(&zr[v], &zi[v], cr[v], ci[v]), n[v] += 1;
}

static inline int64_t sum_of(const vec *n) {
  vec sum = n[0];
  for (int v = 1; v < ABREAST; v++) sum += n[v];
  double total = 0;
  for (int lane = 0; lane < LANES; lane++) total += sum[lane];
  return (int64_t)total;
}

/* the samples of a row that are outside after STEP more iterations */
static inline void finish_here(work *w, const unsigned *out, vec *zr, vec *zi, const vec *cr, const vec *ci, double done, int64_t at) {
  vec n[ABREAST], counted[ABREAST];
  for (int v = 0; v < ABREAST; v++) n[v] = all(done);
  leave(w, STEP, zr, zi, cr, ci, n);
  for (int v = 0; v < ABREAST; v++) counted[v] = some(out[v], n[v]);
  w->counts.iterations += sum_of(counted);
  smooth_all(n, zr, zi, ABREAST, w->far);
  for (int v = 0; v < ABREAST; v++) {
    w->counts.escaped += __builtin_popcount(out[v]);
    store_some(w->nu + at + v * LANES, out[v], n[v]);
  }
}

/*
 * ROW places of the pile from `base` on, of which the first hold samples. Those that only came near the limit may pass it here, which the count
 * tells.
 */
static inline void finish_row(work *w, int base, int samples) {
  const pile *const p = &w->leaving;
  vec zr[ABREAST], zi[ABREAST], cr[ABREAST], ci[ABREAST], n[ABREAST], counted[ABREAST];
  truth escaped[ABREAST];
  for (int v = 0; v < ABREAST; v++) {
    const int i = base + v * LANES;
    zr[v] = load(p->zr + i), zi[v] = load(p->zi + i), cr[v] = load(p->cr + i), ci[v] = load(p->ci + i), n[v] = load(p->n + i);
  }
  leave(w, BLOCK, zr, zi, cr, ci, n);
  int escapes = 0;
  for (int v = 0; v < ABREAST; v++) {
    escaped[v] = at_most(n[v], all(w->limit)) & ~inside(zr[v], zi[v], w->radius2);
    counted[v] = choose(escaped[v], n[v], all(0));
    escapes += __builtin_popcount(set_of(escaped[v]));
  }
  smooth_all(n, zr, zi, ABREAST, w->far);
  double values[ROW];
  for (int v = 0; v < ABREAST; v++) store(values + v * LANES, choose(escaped[v], n[v], all(FMANDEL_LIMIT)));
  for (int i = 0; i < samples; i++) w->nu[p->at[base + i]] = values[i];
  w->counts.escaped += escapes;
  w->counts.limited += samples - escapes;
  w->counts.iterations += sum_of(counted) + (samples - escapes) * (int64_t)w->limit;
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
  for (int i = from; i < from + rest; i++) push_one(p, p->zr[i], p->zi[i], p->cr[i], p->ci[i], p->n[i], p->at[i]);
}

/* fills up the last row with the origin, which does not escape and is not counted */
static void finish_rest(work *w) {
  finish_full(w);
  const int samples = w->leaving.count;
  if (samples == 0) return;
  while (w->leaving.count < ROW) push_one(&w->leaving, 0, 0, 0, 0, 0, 0);
  finish_row(w, 0, samples);
}

/*
 * A row of neighbours from their first iteration on, as long as that is cheaper than to hand over those that are left: until the idle lanes
 * have cost as much as handing over would, so at most twice what the better choice would have been.
 */
static inline void walk(work *w, unsigned *open, const vec *cr, const vec *ci, int64_t at) {
  vec zr[ABREAST], zi[ABREAST];
  int staying = 0, idle = 0;
  for (int v = 0; v < ABREAST; v++) zr[v] = zi[v] = all(0), staying += __builtin_popcount(open[v]);
  for (int n = 0;; n += STEP) {
    const int over = n == w->last;
    if (over || (n % BLOCK == 0 && (n == KEEP || idle > PATIENCE * staying))) {
      for (int v = 0; v < ABREAST; v++) push(over ? &w->leaving : &w->fresh, open[v], zr[v], zi[v], cr[v], ci[v], n, at + v * LANES);
      return;
    }
    vec r[ABREAST], i[ABREAST];
    unsigned out[ABREAST], leaving = 0;
    for (int v = 0; v < ABREAST; v++) r[v] = zr[v], i[v] = zi[v];
    for (int k = 0; k < STEP; k++)
      for (int v = 0; v < ABREAST; v++) iteration(&r[v], &i[v], cr[v], ci[v]);
    for (int v = 0; v < ABREAST; v++) {
      out[v] = open[v] & ~set_of(inside(r[v], i[v], w->radius2));
      open[v] ^= out[v], leaving += (unsigned)__builtin_popcount(out[v]);
    }
    if (leaving >= ENOUGH) finish_here(w, out, zr, zi, cr, ci, n, at);
    else if (leaving)
      for (int v = 0; v < ABREAST; v++) push(&w->leaving, out[v], zr[v], zi[v], cr[v], ci[v], n, at + v * LANES);
    staying -= (int)leaving;
    if (staying == 0) return;
    idle += STEP * (ROW - staying);
    for (int v = 0; v < ABREAST; v++) zr[v] = r[v], zi[v] = i[v];
  }
}

/* the first numbers of a row, and 0 for the others */
static inline void load_row(vec *row, const double *from, int taken) {
  double line[ROW] = {0};
  if (taken < ROW) memcpy(line, from, sizeof *from * (size_t)taken), from = line;
  for (int v = 0; v < ABREAST; v++) row[v] = load(from + v * LANES);
}

/* takes samples from the view until the pile of fresh ones is full enough; 0 when cancelled */
static int feed(work *w) {
  while (w->row < w->height && w->fresh.count <= WIDTH) {
    if (cancelled(w->cancel)) return 0;
    const int left = w->width - w->column, taken = left < ROW ? left : ROW;
    const int64_t at = (int64_t)w->row * w->width + w->column;
    vec cr[ABREAST], ci[ABREAST], marks[ABREAST];
    load_row(cr, w->re + w->column, taken);
    for (int v = 0; v < ABREAST; v++) ci[v] = all(w->im[w->row]), marks[v] = all(0);
    if (w->points) load_row(ci, w->im + w->column, taken);
    if (w->marked) load_row(marks, w->nu + at, taken);
    w->column += taken;
    if (w->column == w->width) w->column = 0, w->row++;

    unsigned open[ABREAST], any = 0;
    for (int v = 0; v < ABREAST; v++) {
      const vec x = cr[v] - 0.25, im2 = ci[v] * ci[v], q = fused(x, x, im2);
      const unsigned closed =
          set_of(above(0.25 * im2, q * (q + (x + CARDIOID_MARGIN))) | above(all(DISC), fused(cr[v] + 1, cr[v] + 1, im2)) |
                 above(all(0), marks[v]));
      const int valid = taken - v * LANES;
      const unsigned present = valid >= LANES ? (1u << LANES) - 1 : valid > 0 ? (1u << valid) - 1 : 0;
      any |= open[v] = present & ~closed;
      if (!(closed & present)) continue;
      store_some(w->nu + at + v * LANES, closed & present, all(FMANDEL_INTERIOR));
      w->counts.interior += __builtin_popcount(closed & present);
    }
    if (any) walk(w, open, cr, ci, at);
    /* a block of the lanes may add as many as there are lanes before the next look at the pile */
    if (w->leaving.count > PILE - WIDTH - 2 * ROW) finish_full(w);
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
  w->zr[turn][lane] = p->zr[i], w->zi[turn][lane] = p->zi[i];
  w->cr[lane] = p->cr[i], w->ci[lane] = p->ci[i], w->at[lane] = p->at[i];
  w->born[lane] = w->now - p->n[i];
  const int keeps = p->n[i] == KEEP;
  const double next = keeps ? AGING * KEEP : KEEP;
  w->kept_r[lane] = keeps ? p->zr[i] : INFINITY, w->kept_i[lane] = p->zi[i];
  w->stop[lane] = w->born[lane] + (next < w->last ? next : w->last);
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
    const truth in = inside(zr[v], zi[v], w->radius2);
    /* a cycle shows in its real part first: few that do not come back are looked at for it */
    const truth quiet = in & unlike(zr[v], load(w->kept_r + i)) & above(load(w->stop + i), all(w->now));
    found.out |= (uint64_t)set_of(in) << (v * LANES), found.any |= (uint64_t)set_of(quiet) << (v * LANES);
    store(to_r + v * LANES, zr[v]), store(to_i + v * LANES, zi[v]);
  }
  const uint64_t group = ~0ull >> (64 - GROUP);
  return (events){found.out ^ group, found.any ^ group};
}

/* looks at a lane after the block: 1 when it is done, and then gone where it belongs */
static inline int look(work *w, int turn, int lane, int out) {
  const double zr = w->zr[!turn][lane], zi = w->zi[!turn][lane], n = w->now - w->born[lane];
  if (out) {
    push_one(&w->leaving, w->zr[turn][lane], w->zi[turn][lane], w->cr[lane], w->ci[lane], n - BLOCK, w->at[lane]);
    return 1;
  }
  if (zr == w->kept_r[lane] && zi == w->kept_i[lane]) {
    const int attracts = attracting(zr, zi, w->cr[lane], w->ci[lane]);
    w->nu[w->at[lane]] = attracts ? FMANDEL_INTERIOR : FMANDEL_LIMIT;
    *(attracts ? &w->counts.interior : &w->counts.limited) += 1;
    w->counts.iterations += (int64_t)(attracts ? n : w->limit);
    return 1;
  }
  if (n >= w->last) {
    push_one(&w->leaving, zr, zi, w->cr[lane], w->ci[lane], n, w->at[lane]);
    return 1;
  }
  if (w->now < w->stop[lane]) return 0;
  w->kept_r[lane] = zr, w->kept_i[lane] = zi;
  w->stop[lane] = w->born[lane] + (AGING * n < w->last ? AGING * n : w->last);
  return 0;
}

static int run(work *w) {
  for (int group = 0; group < GROUPS; group++) w->busy[group] = GROUP;
  for (int lane = 0; lane < WIDTH; lane++)
    if (!refill(w, 0, lane)) return FMANDEL_CANCELLED;

  for (int turn = 0, busy = 1; busy; turn = !turn) {
    if (cancelled(w->cancel)) return FMANDEL_CANCELLED;
    events found[GROUPS];
    w->now += BLOCK;
    for (int group = 0; group < GROUPS; group++)
      found[group] = w->busy[group] ? advance(w, turn, group * GROUP) : (events){0, 0};
    busy = 0;
    for (int group = 0; group < GROUPS; group++) {
      for (uint64_t set = found[group].any; set; set &= set - 1) {
        const int bit = __builtin_ctzll(set), lane = group * GROUP + bit;
        if (look(w, turn, lane, found[group].out >> bit & 1) && !refill(w, !turn, lane)) return FMANDEL_CANCELLED;
      }
      busy |= w->busy[group];
    }
    if (w->leaving.count > WIDTH) finish_full(w);
  }
  finish_rest(w);
  return FMANDEL_OK;
}

static void begin(work *w, const double *re, int width, const double *im, int height, int64_t max_iter, double escape_radius, double *nu,
                  const int32_t *cancel) {
  w->re = re, w->im = im, w->width = width, w->height = height, w->column = w->row = w->points = w->marked = 0;
  w->limit = (double)max_iter, w->last = (double)(max_iter - max_iter % BLOCK), w->radius2 = escape_radius * escape_radius;
  w->far = escape_radius > NEAR;
  w->nu = nu, w->cancel = cancel, w->counts = (fmandel_counts){0};
  w->fresh.count = w->leaving.count = 0, w->now = 0;
}

static int points(const double *re, const double *im, int count, int64_t max_iter, double escape_radius, double *nu,
                  fmandel_counts *counts, const int32_t *cancel) {
  work w;
  begin(&w, re, count, im, 1, max_iter, escape_radius, nu, cancel);
  w.points = 1;
  if (run(&w) != FMANDEL_OK) return FMANDEL_CANCELLED;
  if (counts) *counts = w.counts;
  return FMANDEL_OK;
}

static int tile(const double *re, int width, const double *im, int height, int64_t max_iter, double escape_radius,
                double *nu, fmandel_counts *counts, const int32_t *cancel) {
  work w;
  const int twice = mirrored(im, height);
  begin(&w, re, width, im, twice ? height / 2 : height, max_iter, escape_radius, nu, cancel);
  field whole = {re, im, width, w.height, nu, 0};
  if (!probe(&whole, max_iter, cancel)) return FMANDEL_CANCELLED;
  w.marked = whole.marked;
  if (run(&w) != FMANDEL_OK) return FMANDEL_CANCELLED;
  if (twice) {
    for (int j = 0; j < w.height; j++)
      memcpy(nu + (int64_t)(height - 1 - j) * width, nu + (int64_t)j * width, sizeof *nu * (size_t)width);
    w.counts.escaped *= 2, w.counts.interior *= 2, w.counts.limited *= 2, w.counts.iterations *= 2;
  }
  if (counts) *counts = w.counts;
  return FMANDEL_OK;
}

/* `samples` steps, at most ROW */
static inline void index_row(const double *nu, int samples, double density, double bias, double offset, uint8_t *index) {
  vec row[ABREAST];
  mask steps[ABREAST];
  load_row(row, nu, samples);
  steps_all(row, steps, ABREAST, density, bias, offset);
  uint8_t bytes[ROW];
  for (int v = 0; v < ABREAST; v++) store_bytes(bytes + v * LANES, steps[v]);
  memcpy(index, bytes, (size_t)samples);
}

static void index_of(const double *nu, int64_t count, double density, double bias, double offset, uint8_t *index) {
  int64_t at = 0;
  for (; at + ROW <= count; at += ROW) index_row(nu + at, ROW, density, bias, offset, index + at);
  if (at < count) index_row(nu + at, (int)(count - at), density, bias, offset, index + at);
}
