/*
 * What happens to a pixel of a batch alone, and steps of the table, side by side. See
 * batch_state_template.h.
 */
#ifndef FMANDEL_DEEP_BLA_LANES_TEMPLATE_H
#define FMANDEL_DEEP_BLA_LANES_TEMPLATE_H

#include "deep/batch_state_template.h"
#include "deep/derivative.h"

/* ---- pixels one by one ---- */

/* The least number of single iterations that a pixel in double range takes next. */
static inline int64_t single_iterations_left(const deep_kernel *kernel, const deep_pixel *p) {
  const int64_t block = kernel->starts[p->g] - p->m, end = kernel->length - p->m, limit = kernel->max_iter - p->n;
  const int64_t least = end < limit ? end : limit;
  return block < least ? block : least;
}

/*
 * Runs a pixel, or the next sample in its place, until it fits a lane of either kind. 0 if
 * cancelled.
 */
static int schedule_pixel(deep_batch *w, int i, deep_state state, const int with_derivative) {
  const deep_kernel *const kernel = w->kernel;
  deep_pixel *const p = &w->pixel[i];
  /* samples that are done at once pass through here too, however many there are */
  for (int64_t turns = 1;; turns++) {
    if (turns % 1024 == 0 && cancelled(kernel->cancel)) return 0;
    if (state == DEEP_EXTENDED) state = w->extended(w, i);
    if (state == DEEP_CANCELLED) return 0;
    if (state == DEEP_DOUBLE && p->n < kernel->max_iter) {
      if (at_block_start(kernel, p->m, p->g)) {
        w->bla_list[w->bla_count++] = i;
        return 1;
      }
      const int64_t left = single_iterations_left(kernel, p);
      if (left >= LEAST_SINGLE) {
        w->zr[i] = p->z.re, w->zi[i] = p->z.im, w->cr[i] = p->cr * kernel->unit, w->ci[i] = p->ci * kernel->unit;
        w->m[i] = p->m, w->left[i] = left;
        w->single_count++;
        return 1;
      }
      if (with_derivative) derivative_iterate(kernel, p, &w->dr[i], &w->di[i], w->width);
      iterate_pixel(kernel, p);
      state = settle(kernel, p);
      continue;
    }
    w->end(w, i, state == DEEP_DOUBLE ? DEEP_LIMITED : state);
    const int got = w->next(w, i, &state);
    if (got == 0) w->idle_list[w->idle_count++] = i;
    if (got <= 0) return got == 0;
  }
}

/* The same for the next sample in a pixel's place, if there is one. 0 if cancelled. */
static int schedule_next(deep_batch *w, int i, const int with_derivative) {
  deep_state state;
  const int got = w->next(w, i, &state);
  if (got == 0) w->idle_list[w->idle_count++] = i;
  return got <= 0 ? got == 0 : schedule_pixel(w, i, state, with_derivative);
}

/* ---- steps of the table ---- */

/*
 * `step_by` for LANES pixels, up to settle. With the step z q(u) + B c, d becomes (z q)' d + B p,
 * by Horner's rule, whose polynomial has the derivative of u q(u) by u.
 */
ALWAYS_INLINE void apply_bla(pixel_lanes *s, const void *const *table, ivec blocks, derivatives *d, double width) {
  step_lanes t;
  gather_rows(table, t.column, COLUMNS);
  const vec ur = s->zr * t.scale, ui = s->zi * t.scale;
  vec tr = t.p[ORDER - 2][0], ti = t.p[ORDER - 2][1], dr = ORDER * tr, di = ORDER * ti;
#pragma GCC unroll 8
  for (int k = ORDER - 3; k >= -1; k--) {
    const vec nr = k < 0 ? t.ar : t.p[k][0], ni = k < 0 ? t.ai : t.p[k][1];
    const vec re = vfma(-ti, ui, vfma(tr, ur, nr)), slope = vfma(-di, ui, vfma(dr, ur, (k + 2) * nr));
    ti = vfma(tr, ui, vfma(ti, ur, ni)), di = vfma(dr, ui, vfma(di, ur, (k + 2) * ni));
    tr = re, dr = slope;
  }
  if (d) derivative_step_vec(d, dr, di, t.br * width, t.bi * width);
  const vec br = vfma(-t.bi, s->ci, t.br * s->cr), bi = vfma(t.bi, s->cr, t.br * s->ci);
  const vec re = vfma(-ti, s->zi, vfma(tr, s->zr, br));
  s->zi = vfma(ti, s->zr, vfma(tr, s->zi, bi));
  s->zr = re;
  s->m += t.skip, s->n += t.skip, s->g += blocks, s->steps += 1;
}

/* t <- t u + next */
ALWAYS_INLINE void horner_vec(derivatives *t, vec ur, vec ui, vec next_r, vec next_i) {
  const vec re = vfma(-t->im, ui, vfma(t->re, ur, next_r));
  t->im = vfma(t->re, ui, vfma(t->im, ur, next_i));
  t->re = re;
}

/* `mixed_step_by` for LANES pixels, up to settle; d follows the derivatives by u and by v. */
ALWAYS_INLINE void apply_mixed(pixel_lanes *s, const void *const *table, ivec blocks, derivatives *d, double width) {
  mixed_lanes t;
  gather_rows(table, t.column, MIXED_FIELDS);
  const vec ur = s->zr * t.scale, ui = s->zi * t.scale;
  derivatives sum = {t.t[MIXED_AT(DEGREE, 0)][0], t.t[MIXED_AT(DEGREE, 0)][1]}, by_u = {splat(0), splat(0)}, by_v = by_u;
#pragma GCC unroll 8
  for (int i = DEGREE - 1; i >= 0; i--) {
    derivatives row = {t.t[MIXED_AT(i, DEGREE - i)][0], t.t[MIXED_AT(i, DEGREE - i)][1]}, slope = {splat(0), splat(0)};
#pragma GCC unroll 8
    for (int j = DEGREE - i - 1; j >= 0; j--) {
      if (d) horner_vec(&slope, s->cr, s->ci, row.re, row.im);
      horner_vec(&row, s->cr, s->ci, i + j ? t.t[MIXED_AT(i, j)][0] : splat(0), i + j ? t.t[MIXED_AT(i, j)][1] : splat(0));
    }
    if (d) horner_vec(&by_u, ur, ui, sum.re, sum.im), horner_vec(&by_v, ur, ui, slope.re, slope.im);
    horner_vec(&sum, ur, ui, row.re, row.im);
  }
  if (d) derivative_step_vec(d, by_u.re * t.scale, by_u.im * t.scale, by_v.re * width, by_v.im * width);
  s->zr = sum.re, s->zi = sum.im;
  s->m += t.skip, s->n += t.skip, s->g += blocks, s->steps += 1;
}

/* `is_near` for LANES pixels, before the rebase. */
static inline vmask near_return(const pixel_lanes *s, vec xr, vec xi, vec own) {
  const ivec none = {0};
  return greater(NEAR_RETURN * own, sum_norms(xr - s->kept_r, xi - s->kept_i)) & greater(splat(NEAR_BELOW), own) &
         greater64(s->patience, none + (NEAR_PATIENCE - 1)) & greater64(s->patience, s->tested) & greater64(none + NEAR_AROUND, s->age) &
         ~greater64(s->kept_e, none);
}

/*
 * After steps of the table or single iterations: rebases where that is due, as settle does, and
 * takes the iteration that leads to the start of a block. All pixels take it if they are in a dip,
 * otherwise those that rebased. Returns, as bits, the pixels that are then not in double range at
 * the start of a block: they must be settled.
 */
ALWAYS_INLINE unsigned rebase_and_step(const deep_kernel *kernel, pixel_lanes *s, vmask dip, derivatives *d, double width) {
  const ivec none = {0}, length = none + kernel->length, max_iter = none + kernel->max_iter, groups = none + kernel->reference->doubles.groups;
  const double *at[LANES];
  vec ref_r, ref_i;
  EACH_LANE at[lane] = kernel->z + 2 * s->m[lane];
  gather_reference(at, 0, &ref_r, &ref_i);
  const vec xr = ref_r + s->zr, xi = ref_i + s->zi, delta = sum_norms(s->zr, s->zi), own = sum_norms(xr, xi);
  const vmask due = greater(rebase_below(delta), own) | ~greater64(length, s->m);
  const vmask special = greater(own, splat(kernel->radius)) | greater(splat(DOUBLE_FLOOR), vmin(delta, own)) | ~greater64(max_iter, s->n) |
                    (due & ~not_equal(xr, s->kept_r) & ~not_equal(xi, s->kept_i)) | (due & near_return(s, xr, xi, own));
  const vmask rebase = due & ~special;
  s->zr = vselect(rebase, xr, s->zr), s->zi = vselect(rebase, xi, s->zi);
  ref_r = vselect(rebase, splat(0), ref_r), ref_i = vselect(rebase, splat(0), ref_i);
  s->m = vselect_int(rebase, none, s->m), s->g = vselect_int(rebase, none, s->g);
  /* Brent's cycle detection */
  s->age = add_one_where(rebase, s->age);
  const vmask keep = rebase & ~greater64(s->patience, s->age);
  s->kept_r = vselect(keep, s->zr, s->kept_r), s->kept_i = vselect(keep, s->zi, s->kept_i);
  s->kept_e = vselect_int(keep, none, s->kept_e), s->age = vselect_int(keep, none, s->age);
  s->patience = vselect_int(keep, 2 * s->patience, s->patience);

  const vmask on = (dip | rebase) & ~special;
  vec zr = s->zr, zi = s->zi;
  derivatives next = d ? *d : (derivatives){splat(0), splat(0)};
  iterate_lanes(ref_r, ref_i, &zr, &zi, s->cr * kernel->unit, s->ci * kernel->unit, d ? &next : NULL, width);
  if (d) d->re = vselect(on, next.re, d->re), d->im = vselect(on, next.im, d->im);
  s->zr = vselect(on, zr, s->zr), s->zi = vselect(on, zi, s->zi);
  s->m = add_one_where(on, s->m), s->n = add_one_where(on, s->n), s->steps = add_one_where(on, s->steps);
  EACH_LANE at[lane] = kernel->z + 2 * s->m[lane];
  gather_reference(at, 0, &ref_r, &ref_i);
  const vec size = sum_norms(s->zr, s->zi), next_own = sum_norms(ref_r + s->zr, ref_i + s->zi);
  const vmask at_start = is_uneventful(kernel, size, next_own) & greater64(length, s->m) & greater64(max_iter, s->n) & greater64(groups, s->g);
  return vmask_bits(special | ~at_start);
}

/*
 * Takes pixels that are to take these steps or, if there are none, have taken single iterations,
 * side by side until they are at the start of a block again, or done. 0 if cancelled. The list is
 * padded to whole vectors.
 */
ALWAYS_INLINE int rebase_and_step_all(deep_batch *w, int *which, int count, const void **table, int64_t *blocks, const int with_derivative) {
  for (int k = count; k % LANES; k++) which[k] = BATCH;
  for (int k = 0; k < count; k += LANES) {
    pixel_lanes s;
    derivatives d;
    void *pixel[LANES];
    EACH_LANE pixel[lane] = &w->pixel[which[k + lane]];
    gather_rows((const void *const *)pixel, s.column, COLUMNS);
    if (with_derivative) {
      vec re = {0}, im = {0};
      EACH_LANE re[lane] = w->dr[which[k + lane]], im[lane] = w->di[which[k + lane]];
      d = (derivatives){re, im};
    }
    if (table) {
      const void *step[LANES];
      EACH_LANE step[lane] = table[k + lane];
      if (w->kernel->mixed) apply_mixed(&s, step, load_int(blocks + k), with_derivative ? &d : NULL, w->width_in_e);
      else apply_bla(&s, step, load_int(blocks + k), with_derivative ? &d : NULL, w->width_in_e);
    }
    const vmask dip = table ? less_equal(splat(0), splat(0)) : greater(splat(0), splat(0));
    const unsigned special = rebase_and_step(w->kernel, &s, dip, with_derivative ? &d : NULL, w->width);
    scatter_rows(s.column, pixel);
    if (with_derivative) EACH_LANE w->dr[which[k + lane]] = d.re[lane], w->di[which[k + lane]] = d.im[lane];
    for (int lane = 0; lane < LANES && k + lane < count; lane++) {
      const int i = which[k + lane];
      if (!(special >> lane & 1)) w->bla_list[w->bla_count++] = i;
      else if (!schedule_pixel(w, i, settle(w->kernel, &w->pixel[i]), with_derivative)) return 0;
    }
  }
  return 1;
}

/* A step of all BLA-step lanes that have one. 0 if cancelled. */
ALWAYS_INLINE int bla_turn(deep_batch *w, const int with_derivative) {
  const deep_kernel *const kernel = w->kernel;
  const void *table[BATCH + LANES];
  int64_t blocks[BATCH + LANES];
  int ready[BATCH + LANES], stuck[BATCH], steps = 0, rest = 0;
  for (int k = 0; k < w->bla_count; k++) {
    const int i = w->bla_list[k];
    deep_pixel *const p = &w->pixel[i];
    const void *const s = look_up(kernel, &p->g, p->n, log2_key(norm_sum(p->z.re, p->z.im)), &blocks[steps]);
    table[steps] = s, ready[steps] = stuck[rest] = i;
    if (s) {
      for (int64_t line = 0; line < kernel->step_bytes; line += 64) __builtin_prefetch((const char *)s + line);
      __builtin_prefetch(kernel->z + 2 * (kernel->starts[p->g + blocks[steps]] - 1));
    }
    steps += s != NULL, rest += s == NULL;
  }
  w->bla_count = 0;
  if (steps) w->pixel[BATCH] = w->pixel[ready[0]];
  for (int k = steps; k % LANES; k++) table[k] = table[0], blocks[k] = blocks[0];
  if (!rebase_and_step_all(w, ready, steps, table, blocks, with_derivative)) return 0;
  for (int k = 0; k < rest; k++) {
    const int taken = w->take ? w->take(w, stuck[k]) : 0;
    if (taken < 0) return 0;
    if (!(taken ? schedule_next(w, stuck[k], with_derivative) : schedule_pixel(w, stuck[k], DEEP_DOUBLE, with_derivative))) return 0;
  }
  return 1;
}

#endif
