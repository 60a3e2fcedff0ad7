/*
 * The tile kernel in vectors: one source, included once for each instruction set, after LANES is defined.
 *
 * Samples pass three stages, and between two stages wait in a pile:
 *
 *   feed     takes neighbouring samples from the view, a vector at a time, settles those in the main cardioid and the disc of
 *            period 2, and takes the others through their first block of iterations
 *   iterate  keeps WIDTH lanes busy: blocks of iterations without a test, then one look at all lanes. A lane that is done takes
 *            the next sample at once, whatever its neighbours do
 *   finish   gets samples that escaped within a block as they were at its start, redoes the block with a test after each
 *            iteration, and turns the counts into nu
 *
 * Looking once a block is right because |z| grows ever after it exceeds R >= 2: an escape inside is still seen at the end, if only as an
 * infinity or NaN. All lanes do what scalar.c does, operation by operation: a sample's bits depend on nothing but itself.
 */
#include "cancel.h"
#include "kernel.h"
#include "vector.h"

#include "smooth.h"

enum {
  VECTORS = 6, /* in flight: an iteration is 4 operations of 4 cycles, of which two can start in a cycle */
  WIDTH = VECTORS * LANES,
  GROUP = 4 * LANES, /* finished together */
  PILE = 2 * WIDTH + GROUP,
};

/* samples on their way: state, place, iterations done, and where nu goes */
typedef struct {
  double zr[PILE], zi[PILE], cr[PILE], ci[PILE], n[PILE];
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

  /* the lanes: beside the state the one kept to recognise a cycle, and when there is more to do than iterate */
  double zr[WIDTH], zi[WIDTH], cr[WIDTH], ci[WIDTH], n[WIDTH], kept_r[WIDTH], kept_i[WIDTH], stop[WIDTH];
  int64_t at[WIDTH];
  int busy;
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
 * The top GROUP samples of the pile: their last block again, with a test after each iteration. Those that only met the limit may pass it
 * here, which the count tells.
 */
static void finish_group(work *w) {
  enum { N = GROUP / LANES };
  pile *const p = &w->leaving;
  vec zr[N], zi[N], n[N], end_r[N], end_i[N];
  mask inside[N];
  const int base = p->count - GROUP;
  for (int v = 0; v < N; v++) {
    const int i = base + v * LANES;
    zr[v] = end_r[v] = load(p->zr + i), zi[v] = end_i[v] = load(p->zi + i), n[v] = load(p->n + i);
    inside[v] = ~(mask){0};
  }
  for (int k = 0; k < BLOCK; k++)
    for (int v = 0; v < N; v++) {
      const int i = base + v * LANES;
      iteration(&zr[v], &zi[v], load(p->cr + i), load(p->ci + i));
      end_r[v] = pick(inside[v], zr[v], end_r[v]), end_i[v] = pick(inside[v], zi[v], end_i[v]);
      n[v] += (vec)(inside[v] & (mask)all(1));
      inside[v] &= ~outside(zr[v], zi[v], w->radius2);
    }
  for (int v = 0; v < N; v++) {
    const mask escaped = ~inside[v] & (n[v] <= w->limit);
    const vec nu = pick(escaped, smooth(n[v], end_r[v], end_i[v]), all(FMANDEL_LIMIT));
    const vec done = pick(escaped, n[v], all(w->limit));
    const int64_t *const at = p->at + base + v * LANES;
    for (int lane = 0; lane < LANES; lane++)
      if (at[lane] >= 0) {
        w->nu[at[lane]] = nu[lane];
        w->counts.iterations += (int64_t)done[lane];
        w->counts.escaped += -escaped[lane];
        w->counts.limited += 1 + escaped[lane];
      }
  }
  p->count = base;
}

static void finish_full(work *w) {
  while (w->leaving.count >= GROUP) finish_group(w);
}

/* fills up the last group with samples that lead nowhere */
static void finish_rest(work *w) {
  finish_full(w);
  if (w->leaving.count == 0) return;
  while (w->leaving.count < GROUP) push(&w->leaving, 0, 0, 0, 0, 0, -1);
  finish_group(w);
}

static inline void settle(work *w, int64_t at, int64_t iterations) {
  w->nu[at] = FMANDEL_INTERIOR;
  w->counts.interior++;
  w->counts.iterations += iterations;
}

/* takes samples from the view until the pile of fresh ones is full enough; 0 when cancelled */
static int feed(work *w) {
  while (w->row < w->height && w->fresh.count <= PILE - LANES) {
    if (cancelled(w->cancel)) return 0;
    const int left = w->width - w->column;
    const unsigned valid = left < LANES ? (1u << left) - 1 : (1u << LANES) - 1;
    vec cr = all(0);
    const vec ci = all(w->im[w->row]);
    memcpy(&cr, w->re + w->column, sizeof(double) * (size_t)(left < LANES ? left : LANES));
    const int64_t at = (int64_t)w->row * w->width + w->column;
    w->column += LANES;
    if (w->column >= w->width || w->column < 0) w->column = 0, w->row++;

    const vec x = cr - CARDIOID, im2 = ci * ci, q = fused(x, x, im2);
    const mask closed = (q * (q + x) < 0.25 * im2) | (fused(cr + 1, cr + 1, im2) < DISC);
    const unsigned settled = lanes_of(closed) & valid, open = valid & ~settled;
    for (unsigned set = settled; set; set &= set - 1) settle(w, at + __builtin_ctz(set), 0);
    if (!open) continue;

    vec zr = all(0), zi = all(0);
    for (int k = 0; k < BLOCK; k++) iteration(&zr, &zi, cr, ci);
    const unsigned out = w->last == 0 ? open : lanes_of(outside(zr, zi, w->radius2)) & open;
    push_lanes(&w->leaving, out, all(0), all(0), cr, ci, 0, at);
    push_lanes(w->last == BLOCK ? &w->leaving : &w->fresh, open & ~out, zr, zi, cr, ci, BLOCK, at);
    finish_full(w);
  }
  return 1;
}

/* gives the lane its next sample, or nothing to do: a state that stays where it is and is never looked at; 0 when cancelled */
static int refill(work *w, int lane) {
  pile *const p = &w->fresh;
  if (p->count == 0 && !feed(w)) return 0;
  if (p->count == 0) {
    w->busy--;
    w->zr[lane] = w->zi[lane] = w->cr[lane] = w->ci[lane] = w->n[lane] = 0;
    w->kept_r[lane] = w->kept_i[lane] = w->stop[lane] = INFINITY;
    return 1;
  }
  const int i = --p->count;
  w->zr[lane] = w->kept_r[lane] = p->zr[i], w->zi[lane] = w->kept_i[lane] = p->zi[i];
  w->cr[lane] = p->cr[i], w->ci[lane] = p->ci[i], w->n[lane] = p->n[i], w->at[lane] = p->at[i];
  w->stop[lane] = KEEP < w->last ? KEEP : w->last;
  return 1;
}

/* one block for all lanes; those that are done leave, and others take their place; 0 when cancelled */
static int block(work *w) {
  vec zr[VECTORS], zi[VECTORS];
  unsigned events[VECTORS], any = 0;
  for (int v = 0; v < VECTORS; v++) zr[v] = load(w->zr + v * LANES), zi[v] = load(w->zi + v * LANES);
  for (int k = 0; k < BLOCK; k++)
    for (int v = 0; v < VECTORS; v++) iteration(&zr[v], &zi[v], load(w->cr + v * LANES), load(w->ci + v * LANES));
  for (int v = 0; v < VECTORS; v++) {
    const int i = v * LANES;
    const mask cycle = (zr[v] == load(w->kept_r + i)) & (zi[v] == load(w->kept_i + i));
    const mask due = load(w->n + i) + BLOCK >= load(w->stop + i);
    any |= events[v] = lanes_of(outside(zr[v], zi[v], w->radius2) | cycle | due);
  }
  for (int v = 0; v < VECTORS; v++) {
    const int i = v * LANES;
    if (any && events[v]) {
      const unsigned out = lanes_of(outside(zr[v], zi[v], w->radius2));
      const unsigned cycle = lanes_of((zr[v] == load(w->kept_r + i)) & (zi[v] == load(w->kept_i + i)));
      unsigned done = 0;
      for (unsigned set = events[v]; set; set &= set - 1) {
        const unsigned bit = set & -set;
        const int lane = __builtin_ctz(set), s = i + lane;
        const double n = w->n[s] + BLOCK;
        if (out & bit) {
          push(&w->leaving, w->zr[s], w->zi[s], w->cr[s], w->ci[s], w->n[s], w->at[s]);
        } else if (cycle & bit) {
          settle(w, w->at[s], (int64_t)n);
        } else if (n >= w->last) {
          push(&w->leaving, zr[v][lane], zi[v][lane], w->cr[s], w->ci[s], n, w->at[s]);
        } else {
          w->kept_r[s] = zr[v][lane], w->kept_i[s] = zi[v][lane];
          w->stop[s] = 2 * n < w->last ? 2 * n : w->last;
          continue;
        }
        done |= bit;
      }
      store(w->zr + i, zr[v]), store(w->zi + i, zi[v]), store(w->n + i, load(w->n + i) + BLOCK);
      for (; done; done &= done - 1)
        if (!refill(w, i + __builtin_ctz(done))) return 0;
      continue;
    }
    store(w->zr + i, zr[v]), store(w->zi + i, zi[v]), store(w->n + i, load(w->n + i) + BLOCK);
  }
  return 1;
}

static int tile(const double *re, int width, const double *im, int height, int64_t max_iter, double escape_radius,
                double *nu, fmandel_counts *counts, const int32_t *cancel) {
  work w;
  w.re = re, w.im = im, w.width = width, w.height = height, w.column = w.row = 0;
  w.limit = (double)max_iter, w.last = (double)(max_iter - max_iter % BLOCK), w.radius2 = escape_radius * escape_radius;
  w.nu = nu, w.cancel = cancel, w.counts = (fmandel_counts){0};
  w.fresh.count = w.leaving.count = 0, w.busy = WIDTH;

  for (int lane = 0; lane < WIDTH; lane++)
    if (!refill(&w, lane)) return FMANDEL_CANCELLED;
  while (w.busy) {
    if (cancelled(cancel) || !block(&w)) return FMANDEL_CANCELLED;
    if (w.leaving.count >= GROUP) finish_full(&w);
  }
  finish_rest(&w);
  if (counts) *counts = w.counts;
  return FMANDEL_OK;
}

static void index_of(const double *nu, int64_t count, double density, double bias, double offset, uint8_t *index) {
  int64_t at = 0;
  for (; at + LANES <= count; at += LANES) {
    const vec step = step_of(load(nu + at), density, bias, offset);
    for (int lane = 0; lane < LANES; lane++) index[at + lane] = (uint8_t)(int)step[lane];
  }
  for (; at < count; at++) index[at] = (uint8_t)(int)step_of(all(nu[at]), density, bias, offset)[0];
}
