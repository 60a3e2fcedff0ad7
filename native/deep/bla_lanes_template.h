/* What happens to a pixel of a crowd alone, and leaps: steps of the table, side by side. See batch_state_template.h. */
#ifndef FMANDEL_DEEP_BLA_LANES_TEMPLATE_H
#define FMANDEL_DEEP_BLA_LANES_TEMPLATE_H

#include "deep/batch_state_template.h"

/* ---- what happens to a pixel alone ---- */

/* iterations that a plain pixel takes one by one at least */
static inline int64_t room(const deep_kernel *kernel, const deep_pixel *p) {
  const int64_t block = kernel->starts[p->g] - p->m, end = kernel->length - p->m, limit = kernel->max_iter - p->n;
  const int64_t least = end < limit ? end : limit;
  return block < least ? block : least;
}

/* d <- t d + b */
static inline void onward(double *dr, double *di, double tr, double ti, double br, double bi) {
  const double re = __builtin_fma(-ti, *di, __builtin_fma(tr, *dr, br));
  *di = __builtin_fma(ti, *dr, __builtin_fma(tr, *di, bi));
  *dr = re;
}

/* d <- 2 X d + p by a single iteration that a plain pixel is about to take */
static inline void carry_on(const deep_kernel *kernel, const deep_pixel *p, double *dr, double *di, double width) {
  const double *z = kernel->z + 2 * p->m, zr = p->z.re, zi = p->z.im;
  onward(dr, di, __builtin_fma(2, z[0], zr) + zr, __builtin_fma(2, z[1], zi) + zi, width, 0);
}

/* a pixel, or the next sample in its place, until it is a leaper or a walker; 0 when cancelled */
static int place_one(crowd *w, int i, deep_state state, const int carry) {
  const deep_kernel *const kernel = w->kernel;
  deep_pixel *const p = &w->pixel[i];
  /* samples that are done at once go by here too, as many as there are */
  for (int64_t turns = 1;; turns++) {
    if (turns % 1024 == 0 && cancelled(kernel->cancel)) return 0;
    if (state == DEEP_WIDE) state = w->wide(w, i);
    if (state == DEEP_CANCELLED) return 0;
    if (state == DEEP_PLAIN && p->n < kernel->max_iter) {
      if (stands(kernel, p->m, p->g)) {
        w->leapers[w->leaping++] = i;
        return 1;
      }
      const int64_t left = room(kernel, p);
      if (left >= FEW) {
        w->zr[i] = p->z.re, w->zi[i] = p->z.im, w->cr[i] = p->cr * kernel->unit, w->ci[i] = p->ci * kernel->unit;
        w->m[i] = p->m, w->left[i] = left;
        w->walking++;
        return 1;
      }
      if (carry) carry_on(kernel, p, &w->dr[i], &w->di[i], w->width);
      iterate_pixel(kernel, p);
      state = settle(kernel, p);
      continue;
    }
    w->end(w, i, state == DEEP_PLAIN ? DEEP_LIMITED : state);
    const int got = w->next(w, i, &state);
    if (got <= 0) return got == 0;
  }
}

/* ---- leaps ---- */

/*
 * `step_by` for LANES pixels, up to settle. With the step z q(u) + B c, d goes on by d <- (z q)' d + B p: by Horner's rule, whose polynomial has the derivative
 * of u q(u) by u.
 */
ALWAYS_INLINE void leap(pixels *s, const void *const *table, mask blocks, slopes *d, double width) {
  table_steps t;
  side_by_side(table, t.column);
  const vec ur = s->zr * t.scale, ui = s->zi * t.scale;
  vec tr = t.p[ORDER - 2][0], ti = t.p[ORDER - 2][1], dr = ORDER * tr, di = ORDER * ti;
#pragma GCC unroll 8
  for (int k = ORDER - 3; k >= -1; k--) {
    const vec nr = k < 0 ? t.ar : t.p[k][0], ni = k < 0 ? t.ai : t.p[k][1];
    const vec re = fused(-ti, ui, fused(tr, ur, nr)), slope = fused(-di, ui, fused(dr, ur, (k + 2) * nr));
    ti = fused(tr, ui, fused(ti, ur, ni)), di = fused(dr, ui, fused(di, ur, (k + 2) * ni));
    tr = re, dr = slope;
  }
  if (d) onward_all(d, dr, di, t.br * width, t.bi * width);
  const vec br = fused(-t.bi, s->ci, t.br * s->cr), bi = fused(t.bi, s->cr, t.br * s->ci);
  const vec re = fused(-ti, s->zi, fused(tr, s->zr, br));
  s->zi = fused(ti, s->zr, fused(tr, s->zi, bi));
  s->zr = re;
  s->m += t.skip, s->n += t.skip, s->g += blocks, s->steps += 1;
}

/*
 * After a leap or a walk: rebases where that is due, as settle does, and takes the iteration that leads to a block's start, of all pixels where they are in a
 * dip and else of those that rebased. Returns the pixels that are not plain ones at a block's start then, as bits: they are to be settled.
 */
ALWAYS_INLINE unsigned land(const deep_kernel *kernel, pixels *s, truth dip, slopes *d, double width) {
  const mask none = {0}, length = none + kernel->length, max_iter = none + kernel->max_iter, groups = none + kernel->reference->plain.groups;
  const double *at[LANES];
  vec ref_r, ref_i;
  EACH_LANE at[lane] = kernel->z + 2 * s->m[lane];
  reference_at(at, 0, &ref_r, &ref_i);
  const vec xr = ref_r + s->zr, xi = ref_i + s->zi, delta = sum_norms(s->zr, s->zi), own = sum_norms(xr, xi);
  const truth due = above(rebase_below(delta), own) | ~more(length, s->m);
  const truth odd = above(own, all(kernel->radius)) | above(all(PLAIN_FLOOR), smaller(delta, own)) | ~more(max_iter, s->n) |
                    (due & ~unlike(xr, s->kept_r) & ~unlike(xi, s->kept_i));
  const truth rebase = due & ~odd;
  s->zr = choose(rebase, xr, s->zr), s->zi = choose(rebase, xi, s->zi);
  ref_r = choose(rebase, all(0), ref_r), ref_i = choose(rebase, all(0), ref_i);
  s->m = choose_whole(rebase, none, s->m), s->g = choose_whole(rebase, none, s->g);
  /* Brent's cycle detection */
  s->age = one_more(rebase, s->age);
  const truth keep = rebase & ~more(s->patience, s->age);
  s->kept_r = choose(keep, s->zr, s->kept_r), s->kept_i = choose(keep, s->zi, s->kept_i);
  s->kept_e = choose_whole(keep, none, s->kept_e), s->age = choose_whole(keep, none, s->age);
  s->patience = choose_whole(keep, 2 * s->patience, s->patience);

  const truth on = (dip | rebase) & ~odd;
  vec zr = s->zr, zi = s->zi;
  slopes next = d ? *d : (slopes){all(0), all(0)};
  iterate_all(ref_r, ref_i, &zr, &zi, s->cr * kernel->unit, s->ci * kernel->unit, d ? &next : NULL, width);
  if (d) d->re = choose(on, next.re, d->re), d->im = choose(on, next.im, d->im);
  s->zr = choose(on, zr, s->zr), s->zi = choose(on, zi, s->zi);
  s->m = one_more(on, s->m), s->n = one_more(on, s->n), s->steps = one_more(on, s->steps);
  EACH_LANE at[lane] = kernel->z + 2 * s->m[lane];
  reference_at(at, 0, &ref_r, &ref_i);
  const vec size = sum_norms(s->zr, s->zi), whole = sum_norms(ref_r + s->zr, ref_i + s->zi);
  const truth at_start = calm(kernel, size, whole) & more(length, s->m) & more(max_iter, s->n) & more(groups, s->g);
  return set_of(odd | ~at_start);
}

/*
 * Pixels that have leapt by these steps, or have walked where there are none, side by side until they stand at a block's start again, or are done: 0 when
 * cancelled. The list is filled up to whole vectors.
 */
ALWAYS_INLINE int land_all(crowd *w, int *which, int count, const plain_step **table, int64_t *blocks, const int carry) {
  for (int k = count; k % LANES; k++) which[k] = CROWD;
  for (int k = 0; k < count; k += LANES) {
    pixels s;
    slopes d;
    void *pixel[LANES];
    EACH_LANE pixel[lane] = &w->pixel[which[k + lane]];
    side_by_side((const void *const *)pixel, s.column);
    if (carry) {
      vec re = {0}, im = {0};
      EACH_LANE re[lane] = w->dr[which[k + lane]], im[lane] = w->di[which[k + lane]];
      d = (slopes){re, im};
    }
    if (table) {
      const void *step[LANES];
      EACH_LANE step[lane] = table[k + lane];
      leap(&s, step, load_whole(blocks + k), carry ? &d : NULL, w->width_in_e);
    }
    const truth dip = table ? at_most(all(0), all(0)) : above(all(0), all(0));
    const unsigned odd = land(w->kernel, &s, dip, carry ? &d : NULL, w->width);
    part(s.column, pixel);
    if (carry) EACH_LANE w->dr[which[k + lane]] = d.re[lane], w->di[which[k + lane]] = d.im[lane];
    for (int lane = 0; lane < LANES && k + lane < count; lane++) {
      const int i = which[k + lane];
      if (!(odd >> lane & 1)) w->leapers[w->leaping++] = i;
      else if (!place_one(w, i, settle(w->kernel, &w->pixel[i]), carry)) return 0;
    }
  }
  return 1;
}

/* a step of all leapers, where there is one; 0 when cancelled */
ALWAYS_INLINE int leap_turn(crowd *w, const int carry) {
  const deep_kernel *const kernel = w->kernel;
  const plain_step *table[CROWD + LANES];
  int64_t blocks[CROWD + LANES];
  int ready[CROWD + LANES], stuck[CROWD], leaps = 0, rest = 0;
  for (int k = 0; k < w->leaping; k++) {
    const int i = w->leapers[k];
    deep_pixel *const p = &w->pixel[i];
    const plain_step *const s = look_up(kernel, &p->g, p->n, key_of(norm_sum(p->z.re, p->z.im)), &blocks[leaps]);
    table[leaps] = s, ready[leaps] = stuck[rest] = i;
    if (s) {
      __builtin_prefetch(s->a), __builtin_prefetch(&s->scale);
      __builtin_prefetch(kernel->z + 2 * (kernel->starts[p->g + blocks[leaps]] - 1));
    }
    leaps += s != NULL, rest += s == NULL;
  }
  w->leaping = 0;
  if (leaps) w->pixel[CROWD] = w->pixel[ready[0]];
  for (int k = leaps; k % LANES; k++) table[k] = table[0], blocks[k] = blocks[0];
  if (!land_all(w, ready, leaps, table, blocks, carry)) return 0;
  for (int k = 0; k < rest; k++)
    if (!place_one(w, stuck[k], DEEP_PLAIN, carry)) return 0;
  return 1;
}

#endif
