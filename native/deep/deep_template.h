/*
 * The deep kernel's loops for the instruction set of the including file: the building of the table,
 * and counts by a batch of pixels. Samples come from region.h, with the steps that their region
 * took for all of them.
 */
#ifndef FMANDEL_DEEP_DEEP_TEMPLATE_H
#define FMANDEL_DEEP_DEEP_TEMPLATE_H

#include "bla/build_template.h"
#include "deep/batch_template.h"
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
  return next_sample(w->kernel, &all->from, &w->pixel[i], &w->sample[i], state, all->counts);
}

static int deep_grid(const deep_kernel *kernel, fmandel_counts *counts) {
  counting all = {.counts = counts};
  deep_batch w = {.kernel = kernel, .owner = &all, .next = count_next, .end = count_one, .extended = extended_scalar, .in_double = double_scalar};
  region_queue_start(kernel, &all.from);
  const int status = run_batch(&w);
  write_escaped(kernel, &all.done);
  return status;
}

#endif
