/*
 * Direct iteration in vectors: what run_direct of direct.h does for a pixel alone. See there.
 *
 * Two sets of lanes, as in the tile kernel: a block of iterations without a branch, then one look
 * at all lanes. A lane whose sample is done takes the next one of its queue. The watched follow
 * |D|^2 and its minimum, which doubles the time of an iteration. So samples whose D is large enough
 * move to the unwatched, where most iterations are.
 */
#ifndef FMANDEL_DEEP_DIRECT_TEMPLATE_H
#define FMANDEL_DEEP_DIRECT_TEMPLATE_H

#include "deep/batch_template.h"
#include "deep/direct.h"
#include "tile/smooth.h"

enum {
  DIRECT_LANES = 64, /* one bit each in a word */
  DIRECT_QUEUE = 2 * DIRECT_LANES,
  ENOUGH_DIRECT = 56, /* busy lanes for which a turn is worthwhile while there are other pixels */
  /* vectors whose iterations are interleaved */
  WATCHED_VECTORS = 2,
  UNWATCHED_VECTORS = 4,
  FINISH_VECTORS = 4,
  FINISHED = FINISH_VECTORS * LANES,
};

/* A sample on its way into a lane. Its steps so far are n more than `ahead`. */
typedef struct {
  double re, im, cr, ci, d2;
  int64_t n, ahead, sample;
} direct_sample;

typedef struct {
  /* X before and after the current block, in turns; c */
  _Alignas(64) double re[2][DIRECT_LANES];
  double im[2][DIRECT_LANES], cr[DIRECT_LANES], ci[DIRECT_LANES];
  double d2[DIRECT_LANES], least_d[DIRECT_LANES]; /* of the watched: |D|^2, and what |D| must be */
  double kept_re[DIRECT_LANES], kept_im[DIRECT_LANES]; /* of the unwatched: a state, for cycles */
  /* when n was 0, and when the lane must be looked at, in iterations since the start */
  double born[DIRECT_LANES], stop[DIRECT_LANES], patience[DIRECT_LANES], now;
  int64_t ahead[DIRECT_LANES], sample[DIRECT_LANES];
  deep_pixel pixel[DIRECT_LANES]; /* of the watched, as it was when it came; and its D */
  double d[DIRECT_LANES][2];
  uint64_t busy;
  int turn;
} direct_lanes;

typedef struct {
  direct_lanes watched, unwatched;
  direct_sample fresh[DIRECT_QUEUE], moving[DIRECT_QUEUE];
  deep_pixel fresh_pixel[DIRECT_QUEUE];
  double fresh_d[DIRECT_QUEUE][2];
  int fresh_count, moving_count;
  /* samples just before their escape, or near the limit */
  direct_sample leaving[FINISHED];
  int leaving_count;
  /* pixels that return to perturbation */
  deep_pixel returned[DIRECT_QUEUE];
  double returned_d[DIRECT_QUEUE][2];
  int64_t returned_sample[DIRECT_QUEUE];
  int returned_count;
  fmandel_counts *counts;
} direct_work;

static void direct_start(direct_work *w, fmandel_counts *counts) {
  w->watched.busy = w->unwatched.busy = 0;
  w->watched.turn = w->unwatched.turn = 0;
  w->watched.now = w->unwatched.now = 0;
  w->fresh_count = w->moving_count = w->leaving_count = w->returned_count = 0;
  w->counts = counts;
  for (int set = 0; set < 2; set++) {
    direct_lanes *const l = set ? &w->unwatched : &w->watched;
    for (int i = 0; i < DIRECT_LANES; i++) l->re[0][i] = l->im[0][i] = l->cr[i] = l->ci[i] = l->d2[i] = l->least_d[i] = 0;
  }
}

/* Takes samples that are within a block of their escape, or of the limit, to their end. */
static void direct_finish(const deep_kernel *kernel, direct_work *w) {
  const int count = w->leaving_count;
  if (count == 0) return;
  for (int k = count; k < FINISHED; k++) w->leaving[k] = w->leaving[0];
  vec re[FINISH_VECTORS], im[FINISH_VECTORS], cr[FINISH_VECTORS], ci[FINISH_VECTORS], n[FINISH_VECTORS];
  for (int v = 0; v < FINISH_VECTORS; v++) {
    const direct_sample *const from = w->leaving + v * LANES;
    EACH_LANE re[v][lane] = from[lane].re, im[v][lane] = from[lane].im, cr[v][lane] = from[lane].cr, ci[v][lane] = from[lane].ci, n[v][lane] = (double)from[lane].n;
  }
  /* the last X inside; then one iteration leads out, if the sample escapes within the block */
  for (int k = 0; k < BLOCK; k++)
    for (int v = 0; v < FINISH_VECTORS; v++) {
      vec r = re[v], i = im[v];
      square_add(&r, &i, cr[v], ci[v]);
      const vmask in = less_equal(vfma(r, r, i * i), splat(kernel->radius2));
      re[v] = vselect(in, r, re[v]), im[v] = vselect(in, i, im[v]), n[v] = vselect(in, n[v] + 1, n[v]);
    }
  vec counted[FINISH_VECTORS];
  unsigned escaped[FINISH_VECTORS];
  for (int v = 0; v < FINISH_VECTORS; v++) {
    square_add(&re[v], &im[v], cr[v], ci[v]);
    n[v] += 1;
    escaped[v] = vmask_bits(greater(vfma(re[v], re[v], im[v] * im[v]), splat(kernel->radius2)) & less_equal(n[v], splat((double)kernel->max_iter)));
    counted[v] = n[v];
  }
  if (!kernel->view->integer_counts) smooth_vecs(n, re, im, FINISH_VECTORS, kernel->radius > NEAR);
  for (int k = 0; k < count; k++) {
    const int out = escaped[k / LANES] >> k % LANES & 1;
    const int64_t iterations = out ? (int64_t)counted[k / LANES][k % LANES] : kernel->max_iter;
    kernel->nu[w->leaving[k].sample] = out ? n[k / LANES][k % LANES] : FMANDEL_LIMIT;
    w->counts->iterations += iterations, w->counts->steps += iterations + w->leaving[k].ahead;
    *(out ? &w->counts->escaped : &w->counts->limited) += 1;
  }
  w->leaving_count = 0;
}

static inline void direct_leave(const deep_kernel *kernel, direct_work *w, const direct_lanes *l, int lane, int end) {
  const int side = end ? !l->turn : l->turn;
  const int64_t n = (int64_t)(l->now - l->born[lane]) - (end ? 0 : BLOCK);
  w->leaving[w->leaving_count++] = (direct_sample){l->re[side][lane], l->im[side][lane], l->cr[lane], l->ci[lane], 0, n, l->ahead[lane], l->sample[lane]};
  if (w->leaving_count == FINISHED) direct_finish(kernel, w);
}

/* Puts a sample into an idle lane. */
static inline void direct_enter(const deep_kernel *kernel, direct_lanes *l, int lane, const direct_sample *from, int watched) {
  l->re[l->turn][lane] = from->re, l->im[l->turn][lane] = from->im;
  l->cr[lane] = from->cr, l->ci[lane] = from->ci, l->d2[lane] = from->d2, l->least_d[lane] = 0;
  l->kept_re[lane] = l->kept_im[lane] = INFINITY;
  l->born[lane] = l->now - (double)from->n, l->ahead[lane] = from->ahead, l->sample[lane] = from->sample;
  /* the last end of a block from where another one is within the limit */
  const double last = l->now + (double)((kernel->max_iter - from->n) / BLOCK * BLOCK);
  l->patience[lane] = watched ? INFINITY : DIRECT_KEEP * BLOCK;
  l->stop[lane] = last < l->now + l->patience[lane] ? last : l->now + l->patience[lane];
  l->busy |= (uint64_t)1 << lane;
}

/* A block of iterations for some vectors, and the lanes among them that need a look, as bits. */
ALWAYS_INLINE void direct_advance(const deep_kernel *kernel, direct_lanes *l, int first, const int watched, uint64_t *any, uint64_t *out, uint64_t *failed) {
  enum { MOST = UNWATCHED_VECTORS };
  const int vectors = watched ? WATCHED_VECTORS : UNWATCHED_VECTORS;
  vec re[MOST], im[MOST], d2[MOST], least[MOST];
#pragma GCC unroll 4
  for (int v = 0; v < vectors; v++) {
    const int i = first + v * LANES;
    re[v] = load(l->re[l->turn] + i), im[v] = load(l->im[l->turn] + i);
    if (watched) d2[v] = load(l->d2 + i), least[v] = splat(INFINITY);
  }
  for (int k = 0; k < BLOCK; k++)
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++) {
      const int i = first + v * LANES;
      if (watched) {
        const vec a = re[v] + re[v], b = im[v] + im[v];
        d2[v] *= vfma(a, a, b * b);
        least[v] = vmin(d2[v], least[v]);
      }
      square_add(&re[v], &im[v], load(l->cr + i), load(l->ci + i));
    }
#pragma GCC unroll 4
  for (int v = 0; v < vectors; v++) {
    const int i = first + v * LANES;
    const vmask in = less_equal(vfma(re[v], re[v], im[v] * im[v]), splat(kernel->radius2));
    vmask quiet = in & greater(load(l->stop + i), splat(l->now));
    if (watched) {
      const vec least_d = load(l->least_d + i) + DIRECT_FROM;
      const vmask holds = less_equal(least_d * least_d, least[v]);
      quiet &= holds & greater(splat(UNWATCHED_FROM * UNWATCHED_FROM), d2[v]);
      store(l->d2 + i, d2[v]), store(l->least_d + i, least_d);
      *failed |= (uint64_t)(vmask_bits(holds) ^ ((1u << LANES) - 1)) << i;
    } else {
      /* compare real parts only: few lanes that do not cycle are looked at in vain */
      quiet &= not_equal(re[v], load(l->kept_re + i));
    }
    store(l->re[!l->turn] + i, re[v]), store(l->im[!l->turn] + i, im[v]);
    *any |= (uint64_t)(vmask_bits(quiet) ^ ((1u << LANES) - 1)) << i;
    *out |= (uint64_t)(vmask_bits(in) ^ ((1u << LANES) - 1)) << i;
  }
}

ALWAYS_INLINE void direct_block(const deep_kernel *kernel, direct_lanes *l, const int watched, uint64_t *any, uint64_t *out, uint64_t *failed) {
  const int vectors = watched ? WATCHED_VECTORS : UNWATCHED_VECTORS;
  l->now += BLOCK;
  *any = *out = *failed = 0;
  for (int first = 0; first < DIRECT_LANES; first += vectors * LANES)
    if (l->busy >> first & (~(uint64_t)0 >> (DIRECT_LANES - vectors * LANES))) direct_advance(kernel, l, first, watched, any, out, failed);
  *any &= l->busy;
}

/* Leaves a lane idle, in a state in which nothing happens. */
static inline void direct_clear(direct_lanes *l, int lane) {
  l->busy &= ~((uint64_t)1 << lane);
  l->re[!l->turn][lane] = l->im[!l->turn][lane] = l->cr[lane] = l->ci[lane] = l->d2[lane] = 0;
}

/* Writes the count of a pixel that was run to its end alone. 0 if it was cancelled. */
static int direct_alone(const deep_kernel *kernel, direct_work *w, const deep_pixel *p, int64_t sample, deep_state state) {
  if (state == DEEP_CANCELLED) return 0;
  const double value = count_end(p, state, w->counts), n = (double)p->n;
  kernel->nu[sample] = state != DEEP_ESCAPED ? value : kernel->view->integer_counts ? n : smooth(splat(n), splat(p->xr), splat(p->xi))[0];
  return 1;
}

static int unwatched_turn(const deep_kernel *kernel, direct_work *w);

/* A block of the watched lanes. 0 if cancelled. */
static int watched_turn(const deep_kernel *kernel, direct_work *w) {
  while (w->moving_count > DIRECT_QUEUE - DIRECT_LANES)
    if (!unwatched_turn(kernel, w)) return 0;
  direct_lanes *const l = &w->watched;
  for (uint64_t idle = ~l->busy; idle && w->fresh_count; idle &= idle - 1) {
    const int lane = __builtin_ctzll(idle);
    l->pixel[lane] = w->fresh_pixel[--w->fresh_count];
    memcpy(l->d[lane], w->fresh_d[w->fresh_count], sizeof l->d[lane]);
    direct_enter(kernel, l, lane, &w->fresh[w->fresh_count], 1);
  }
  uint64_t any, out, failed;
  direct_block(kernel, l, 1, &any, &out, &failed);
  for (; any; any &= any - 1) {
    const int lane = __builtin_ctzll(any);
    const double n = l->now - l->born[lane];
    if (failed >> lane & 1) {
      deep_pixel *const p = &l->pixel[lane];
      return_pixel(kernel, p, l->d[lane], l->re[l->turn][lane], l->im[l->turn][lane], (int64_t)n - BLOCK);
      if (w->returned_count == DIRECT_QUEUE) {
        const deep_state state = run_counting(kernel, p, l->sample[lane], l->d[lane], DEEP_DOUBLE);
        if (!direct_alone(kernel, w, p, l->sample[lane], state)) return 0;
      } else {
        w->returned[w->returned_count] = *p;
        memcpy(w->returned_d[w->returned_count], l->d[lane], sizeof l->d[lane]);
        w->returned_sample[w->returned_count++] = l->sample[lane];
      }
    } else if (out >> lane & 1) direct_leave(kernel, w, l, lane, 0);
    else if ((double)kernel->max_iter - n < BLOCK) direct_leave(kernel, w, l, lane, 1);
    else w->moving[w->moving_count++] = (direct_sample){l->re[!l->turn][lane], l->im[!l->turn][lane], l->cr[lane], l->ci[lane], 0, (int64_t)n, l->ahead[lane], l->sample[lane]};
    direct_clear(l, lane);
  }
  l->turn = !l->turn;
  return !cancelled(kernel->cancel);
}

/* A block of the unwatched lanes. 0 if cancelled. */
static int unwatched_turn(const deep_kernel *kernel, direct_work *w) {
  direct_lanes *const l = &w->unwatched;
  for (uint64_t idle = ~l->busy; idle && w->moving_count; idle &= idle - 1) direct_enter(kernel, l, __builtin_ctzll(idle), &w->moving[--w->moving_count], 0);
  uint64_t any, out, failed;
  direct_block(kernel, l, 0, &any, &out, &failed);
  for (; any; any &= any - 1) {
    const int lane = __builtin_ctzll(any);
    const double re = l->re[!l->turn][lane], im = l->im[!l->turn][lane], n = l->now - l->born[lane];
    if (out >> lane & 1) direct_leave(kernel, w, l, lane, 0);
    else if (re == l->kept_re[lane] && im == l->kept_im[lane]) {
      deep_pixel p = {.steps = (int64_t)n + l->ahead[lane]};
      const deep_state state = start_again(kernel, &p, l->sample[lane]);
      if (!direct_alone(kernel, w, &p, l->sample[lane], state)) return 0;
    } else if ((double)kernel->max_iter - n < BLOCK) direct_leave(kernel, w, l, lane, 1);
    else {
      if (l->now < l->stop[lane]) continue;
      const double last = l->born[lane] + n + (double)((kernel->max_iter - (int64_t)n) / BLOCK * BLOCK);
      const double next = l->now + (AGING - 1) * l->patience[lane];
      l->kept_re[lane] = re, l->kept_im[lane] = im;
      l->patience[lane] *= AGING;
      l->stop[lane] = next < last ? next : last;
      continue;
    }
    direct_clear(l, lane);
  }
  l->turn = !l->turn;
  return !cancelled(kernel->cancel);
}

/*
 * A turn of the lanes that are full enough, or of any if `all`: 1; 0 if there was none, -1 if
 * cancelled.
 */
static int direct_turn(const deep_kernel *kernel, direct_work *w, int all) {
  const int watched = __builtin_popcountll(w->watched.busy) + w->fresh_count, unwatched = __builtin_popcountll(w->unwatched.busy) + w->moving_count;
  const int enough = all ? 1 : ENOUGH_DIRECT, room = w->returned_count <= DIRECT_QUEUE - DIRECT_LANES;
  if (room && watched >= enough && (watched >= ENOUGH_DIRECT || unwatched < ENOUGH_DIRECT)) return watched_turn(kernel, w) ? 1 : -1;
  if (unwatched >= enough) return unwatched_turn(kernel, w) ? 1 : -1;
  return 0;
}

/* Gives the batch a pixel that returned. */
static inline void direct_return(direct_work *w, deep_pixel *p, int64_t *sample, double *dr, double *di) {
  const int k = --w->returned_count;
  *p = w->returned[k], *sample = w->returned_sample[k];
  *dr = w->returned_d[k][0], *di = w->returned_d[k][1];
}

/* Takes a pixel from the batch. 0 if cancelled. */
static int direct_take(const deep_kernel *kernel, direct_work *w, const deep_pixel *p, int64_t sample, const double *d) {
  const double re = kernel->z[2 * p->m] + p->z.re, im = kernel->z[2 * p->m + 1] + p->z.im;
  const direct_sample from = {re, im, direct_re(kernel, p), direct_im(kernel, p), spread(d), p->n, p->steps - p->n, sample};
  if (!(from.d2 < UNWATCHED_FROM * UNWATCHED_FROM)) {
    w->moving[w->moving_count++] = from;
    while (w->moving_count > DIRECT_QUEUE - DIRECT_LANES)
      if (!unwatched_turn(kernel, w)) return 0;
  } else {
    w->fresh_pixel[w->fresh_count] = *p;
    memcpy(w->fresh_d[w->fresh_count], d, sizeof w->fresh_d[0]);
    w->fresh[w->fresh_count++] = from;
    while (w->fresh_count == DIRECT_QUEUE)
      if (!watched_turn(kernel, w)) return 0;
  }
  return 1;
}

#endif
