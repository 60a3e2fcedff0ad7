/*
 * The deep kernel's loop for the instruction set of the including file: counts by a batch of
 * pixels. Samples come from region.h, with the steps that their region took for all of them.
 */
#ifndef FMANDEL_DEEP_DEEP_TEMPLATE_H
#define FMANDEL_DEEP_DEEP_TEMPLATE_H

#include "deep/direct_template.h"
#include "deep/region.h"
#include "tile/smooth.h"

/* Escaped pixels on their way to nu, a vector at a time. */
typedef struct {
  double n[LANES], re[LANES], im[LANES];
  int64_t sample[LANES];
  int count;
} escaped_queue;

typedef struct {
  region_queue from;
  escaped_queue done;
  direct_work direct;
  fmandel_counts *counts;
} counting;

static void write_escaped(const deep_kernel *kernel, escaped_queue *f) {
  const vec n = load(f->n), values = kernel->view->integer_counts ? n : smooth(n, load(f->re), load(f->im));
  for (int i = 0; i < f->count; i++) kernel->nu[f->sample[i]] = values[i];
  f->count = 0;
}

static void count_one(deep_batch *w, int i, deep_state state) {
  counting *const all = w->owner;
  escaped_queue *const f = &all->done;
  const deep_pixel *const p = &w->pixel[i];
  w->kernel->nu[w->sample[i]] = count_end(p, state, all->counts);
  if (state != DEEP_ESCAPED) return;
  f->n[f->count] = (double)p->n;
  f->re[f->count] = p->xr;
  f->im[f->count] = p->xi;
  f->sample[f->count] = w->sample[i];
  if (++f->count == LANES) write_escaped(w->kernel, f);
}

static int count_next(deep_batch *w, int i, deep_state *state) {
  counting *const all = w->owner;
  direct_work *const direct = &all->direct;
  for (;;) {
    if (direct->returned_count > 0) {
      direct_return(direct, &w->pixel[i], &w->sample[i], &w->dr[i], &w->di[i]);
      *state = DEEP_DOUBLE;
      return 1;
    }
    double d[2];
    const int got = next_sample(w->kernel, &all->from, &w->pixel[i], &w->sample[i], state, d, all->counts);
    w->dr[i] = d[0], w->di[i] = d[1];
    if (got <= 0 || !starts_direct(w->kernel, &w->pixel[i], d, *state)) return got;
    if (!direct_take(w->kernel, direct, &w->pixel[i], w->sample[i], d)) return -1;
  }
}

static int count_take(deep_batch *w, int i) {
  const double d[2] = {w->dr[i], w->di[i]};
  if (!goes_direct(w->kernel, &w->pixel[i], d)) return 0;
  return direct_take(w->kernel, &((counting *)w->owner)->direct, &w->pixel[i], w->sample[i], d) ? 1 : -1;
}

static int count_elsewhere(deep_batch *w, int all) { return direct_turn(w->kernel, &((counting *)w->owner)->direct, all); }

static deep_state count_extended(deep_batch *w, int i) {
  w->dr[i] = w->di[i] = NAN;
  return run_extended(w->kernel, &w->pixel[i]);
}

static deep_state count_in_double(deep_batch *w, int i) {
  double d[2] = {w->dr[i], w->di[i]};
  return run_counting(w->kernel, &w->pixel[i], w->sample[i], d, DEEP_DOUBLE);
}

static int deep_grid(const deep_kernel *kernel, fmandel_counts *counts) {
  counting all;
  all.counts = counts;
  all.done.count = 0;
  deep_batch w = {.kernel = kernel,
                  .owner = &all,
                  .next = count_next,
                  .end = count_one,
                  .extended = count_extended,
                  .in_double = count_in_double,
                  .take = count_take,
                  .elsewhere = count_elsewhere,
                  .width = kernel->width,
                  .width_in_e = kernel->width_in_e};
  direct_start(&all.direct, counts);
  region_queue_start(kernel, &all.from);
  const int status = kernel->width == kernel->width ? run_batch_with_derivative(&w) : run_batch(&w);
  direct_finish(kernel, &all.direct);
  write_escaped(kernel, &all.done);
  return status;
}

#endif
