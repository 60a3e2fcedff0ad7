/* Walks, single iterations side by side; and the crowd as a whole. See batch_state_template.h. */
#ifndef FMANDEL_DEEP_BATCH_TEMPLATE_H
#define FMANDEL_DEEP_BATCH_TEMPLATE_H

#include "deep/bla_lanes_template.h"

/* a stretch of TEAMS vectors of walkers, from one on; those that stopped, as bits */
ALWAYS_INLINE uint64_t stretch(crowd *w, int first, const int carry) {
  const deep_kernel *const kernel = w->kernel;
  const mask none = {0};
  vec zr[TEAMS], zi[TEAMS], ref_r[TEAMS], ref_i[TEAMS];
  truth going[TEAMS];
  slopes d[TEAMS];
  mask done[TEAMS];
  unsigned begun[TEAMS], any = 0;
  const double *at[TEAMS][LANES];
  for (int v = 0; v < TEAMS; v++) {
    const int i = first + v * LANES;
    going[v] = more(load_whole(w->left + i), none);
    any |= begun[v] = set_of(going[v]);
    zr[v] = load(w->zr + i), zi[v] = load(w->zi + i), done[v] = none;
    if (carry) d[v] = (slopes){load(w->dr + i), load(w->di + i)};
    EACH_LANE at[v][lane] = kernel->z + 2 * w->m[i + lane];
    reference_at(at[v], 0, &ref_r[v], &ref_i[v]);
  }
  if (!any) return 0;
#pragma GCC unroll 8
  for (int k = 0; k < STRETCH; k++)
#pragma GCC unroll 2
    for (int v = 0; v < TEAMS; v++) {
      const int i = first + v * LANES;
      vec re = zr[v], im = zi[v];
      slopes next = carry ? d[v] : (slopes){all(0), all(0)};
      iterate_all(ref_r[v], ref_i[v], &re, &im, load(w->cr + i), load(w->ci + i), carry ? &next : NULL, w->width);
      if (carry) d[v] = (slopes){choose(going[v], next.re, d[v].re), choose(going[v], next.im, d[v].im)};
      zr[v] = choose(going[v], re, zr[v]), zi[v] = choose(going[v], im, zi[v]), done[v] = one_more(going[v], done[v]);
      reference_at(at[v], k + 1, &ref_r[v], &ref_i[v]);
      const vec delta = sum_norms(re, im), own = sum_norms(ref_r[v] + re, ref_i[v] + im);
      going[v] &= calm(kernel, delta, own) & more(load_whole(w->left + i), none + (k + 1));
    }
  uint64_t stopped = 0;
  for (int v = 0; v < TEAMS; v++) {
    const int i = first + v * LANES;
    store(w->zr + i, zr[v]), store(w->zi + i, zi[v]);
    if (carry) store(w->dr + i, d[v].re), store(w->di + i, d[v].im);
    store_whole(w->m + i, load_whole(w->m + i) + done[v]), store_whole(w->left + i, load_whole(w->left + i) - done[v]);
    stopped |= (uint64_t)(begun[v] & ~set_of(going[v])) << (v * LANES);
  }
  return stopped << first;
}

/* a walker's pixel as it is now */
static inline void halt(crowd *w, int i) {
  deep_pixel *const p = &w->pixel[i];
  const int64_t done = w->m[i] - p->m;
  p->z.re = w->zr[i], p->z.im = w->zi[i];
  p->m += done, p->n += done, p->steps += done;
  w->left[i] = 0;
  w->walking--;
}

/* a stretch of all walkers; 0 when cancelled */
ALWAYS_INLINE int walk_turn(crowd *w, const int carry) {
  uint64_t stopped = 0;
  int which[CROWD + LANES], count = 0;
  for (int first = 0; first < CROWD; first += TEAMS * LANES) stopped |= stretch(w, first, carry);
  for (; stopped; stopped &= stopped - 1) halt(w, which[count++] = __builtin_ctzll(stopped));
  return land_all(w, which, count, NULL, NULL, carry);
}

/* all samples that `next` gives, with the derivative or without: FMANDEL_OK or FMANDEL_CANCELLED */
ALWAYS_INLINE int run_crowd_by(crowd *w, const int carry) {
  for (int i = 0; i < CROWD; i++) {
    deep_state state;
    const int got = w->next(w, i, &state);
    if (got < 0 || (got > 0 && !place_one(w, i, state, carry))) return FMANDEL_CANCELLED;
  }
  while (w->leaping + w->walking > LAST) {
    if (cancelled(w->kernel->cancel)) return FMANDEL_CANCELLED;
    if (!(w->leaping >= MANY || w->walking == 0 ? leap_turn(w, carry) : walk_turn(w, carry))) return FMANDEL_CANCELLED;
  }
  for (int i = 0; i < CROWD; i++)
    if (w->left[i] > 0) halt(w, i), w->leapers[w->leaping++] = i;
  for (int k = 0; k < w->leaping; k++) {
    const deep_state state = w->alone(w, w->leapers[k]);
    if (state == DEEP_CANCELLED) return FMANDEL_CANCELLED;
    w->end(w, w->leapers[k], state);
  }
  return cancelled(w->kernel->cancel) ? FMANDEL_CANCELLED : FMANDEL_OK;
}

static int run_crowd(crowd *w) { return run_crowd_by(w, 0); }
static int run_crowd_carrying(crowd *w) { return run_crowd_by(w, 1); }

/* for who carries nothing */
static deep_state wide_alone(crowd *w, int i) { return run_wide(w->kernel, &w->pixel[i]); }
static deep_state plain_alone(crowd *w, int i) { return run_alone(w->kernel, &w->pixel[i], DEEP_PLAIN); }

#endif
