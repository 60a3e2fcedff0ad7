/* Single iterations side by side, and the batch as a whole. See batch_state_template.h. */
#ifndef FMANDEL_DEEP_BATCH_TEMPLATE_H
#define FMANDEL_DEEP_BATCH_TEMPLATE_H

#include "deep/bla_lanes_template.h"

/*
 * Takes single iterations in INTERLEAVED vectors of lanes, from `first` on. Returns those that
 * stopped, as bits.
 */
ALWAYS_INLINE uint64_t step_many(deep_batch *w, int first, const int with_derivative) {
  const deep_kernel *const kernel = w->kernel;
  const ivec none = {0};
  vec zr[INTERLEAVED], zi[INTERLEAVED], ref_r[INTERLEAVED], ref_i[INTERLEAVED];
  vmask going[INTERLEAVED];
  derivatives d[INTERLEAVED];
  ivec done[INTERLEAVED];
  unsigned begun[INTERLEAVED], any = 0;
  const double *at[INTERLEAVED][LANES];
  for (int v = 0; v < INTERLEAVED; v++) {
    const int i = first + v * LANES;
    going[v] = greater64(load_int(w->left + i), none);
    any |= begun[v] = vmask_bits(going[v]);
    zr[v] = load(w->zr + i), zi[v] = load(w->zi + i), done[v] = none;
    if (with_derivative) d[v] = (derivatives){load(w->dr + i), load(w->di + i)};
    EACH_LANE at[v][lane] = kernel->z + 2 * w->m[i + lane];
    gather_reference(at[v], 0, &ref_r[v], &ref_i[v]);
  }
  if (!any) return 0;
#pragma GCC unroll 8
  for (int k = 0; k < SINGLE_STEPS; k++)
#pragma GCC unroll 2
    for (int v = 0; v < INTERLEAVED; v++) {
      const int i = first + v * LANES;
      vec re = zr[v], im = zi[v];
      derivatives next = with_derivative ? d[v] : (derivatives){splat(0), splat(0)};
      iterate_lanes(ref_r[v], ref_i[v], &re, &im, load(w->cr + i), load(w->ci + i), with_derivative ? &next : NULL, w->width);
      if (with_derivative) d[v] = (derivatives){vselect(going[v], next.re, d[v].re), vselect(going[v], next.im, d[v].im)};
      zr[v] = vselect(going[v], re, zr[v]), zi[v] = vselect(going[v], im, zi[v]), done[v] = add_one_where(going[v], done[v]);
      gather_reference(at[v], k + 1, &ref_r[v], &ref_i[v]);
      const vec delta = sum_norms(re, im), own = sum_norms(ref_r[v] + re, ref_i[v] + im);
      going[v] &= is_uneventful(kernel, delta, own) & greater64(load_int(w->left + i), none + (k + 1));
    }
  uint64_t stopped = 0;
  for (int v = 0; v < INTERLEAVED; v++) {
    const int i = first + v * LANES;
    store(w->zr + i, zr[v]), store(w->zi + i, zi[v]);
    if (with_derivative) store(w->dr + i, d[v].re), store(w->di + i, d[v].im);
    store_int(w->m + i, load_int(w->m + i) + done[v]), store_int(w->left + i, load_int(w->left + i) - done[v]);
    stopped |= (uint64_t)(begun[v] & ~vmask_bits(going[v])) << (v * LANES);
  }
  return stopped << first;
}

/* Writes the present state of a single-step lane back to its pixel. */
static inline void leave_single(deep_batch *w, int i) {
  deep_pixel *const p = &w->pixel[i];
  const int64_t done = w->m[i] - p->m;
  p->z.re = w->zr[i], p->z.im = w->zi[i];
  p->m += done, p->n += done, p->steps += done;
  w->left[i] = 0;
  w->single_count--;
}

/* A turn of all single-step lanes. 0 if cancelled. */
ALWAYS_INLINE int single_turn(deep_batch *w, const int with_derivative) {
  uint64_t stopped = 0;
  int which[BATCH + LANES], count = 0;
  for (int first = 0; first < BATCH; first += INTERLEAVED * LANES) stopped |= step_many(w, first, with_derivative);
  for (; stopped; stopped &= stopped - 1) leave_single(w, which[count++] = __builtin_ctzll(stopped));
  return rebase_and_step_all(w, which, count, NULL, NULL, with_derivative);
}

/*
 * Runs all samples that `next` provides, with the derivative or without. Returns FMANDEL_OK or
 * FMANDEL_CANCELLED.
 */
ALWAYS_INLINE int run_batch_by(deep_batch *w, const int with_derivative) {
  for (int i = 0; i < BATCH; i++)
    if (!schedule_next(w, i, with_derivative)) return FMANDEL_CANCELLED;
  for (;;) {
    if (cancelled(w->kernel->cancel)) return FMANDEL_CANCELLED;
    const int few = w->bla_count + w->single_count <= LEAST_BATCH, turned = w->elsewhere ? w->elsewhere(w, few) : 0;
    if (turned < 0) return FMANDEL_CANCELLED;
    if (turned) {
      for (int idle = w->idle_count; idle > 0 && w->idle_count == idle; idle--)
        if (!schedule_next(w, w->idle_list[--w->idle_count], with_derivative)) return FMANDEL_CANCELLED;
      continue;
    }
    if (few) break;
    if (!(w->bla_count >= ENOUGH_BLA || w->single_count == 0 ? bla_turn(w, with_derivative) : single_turn(w, with_derivative))) return FMANDEL_CANCELLED;
  }
  for (int i = 0; i < BATCH; i++)
    if (w->left[i] > 0) leave_single(w, i), w->bla_list[w->bla_count++] = i;
  for (int k = 0; k < w->bla_count; k++) {
    const deep_state state = w->in_double(w, w->bla_list[k]);
    if (state == DEEP_CANCELLED) return FMANDEL_CANCELLED;
    w->end(w, w->bla_list[k], state);
  }
  return cancelled(w->kernel->cancel) ? FMANDEL_CANCELLED : FMANDEL_OK;
}

static int run_batch(deep_batch *w) { return run_batch_by(w, 0); }
static int run_batch_with_derivative(deep_batch *w) { return run_batch_by(w, 1); }

/* for batches that carry nothing */
static deep_state extended_scalar(deep_batch *w, int i) { return run_extended(w->kernel, &w->pixel[i]); }
static deep_state double_scalar(deep_batch *w, int i) { return run_scalar(w->kernel, &w->pixel[i], DEEP_DOUBLE); }

#endif
