/*
 * The Julia kernel in vectors: one source, included once for each instruction set, after LANES is
 * defined.
 *
 * A batch is JULIA_SAMPLES neighbouring samples that begin and end together. They take a block of
 * iterations without a test and are then tested once: |z| only grows once it exceeds R, so an
 * escape inside the block still shows at its end, if only as an infinity or NaN. A vector with an
 * escape repeats the block with a test after each iteration. Neighbours mostly escape in the same
 * few blocks, so waiting for the last of a batch costs little. The tile kernel, which refills its
 * lanes, is the model if more speed is needed.
 *
 * A state that returns bit by bit returns forever. It is saved and compared as tile/iteration.h
 * describes.
 */
#ifndef FMANDEL_JULIA_JULIA_TEMPLATE_H
#define FMANDEL_JULIA_JULIA_TEMPLATE_H

#include "cancel.h"
#include "julia/view.h"
#include "tile/iteration.h"
#include "simd/vector.h"

#include "tile/smooth.h"

enum { JULIA_VECTORS = 4, JULIA_SAMPLES = JULIA_VECTORS * LANES };

static inline ivec julia_outside(vec zr, vec zi, double radius2) {
  return ~(vfma(zr, zr, zi * zi) <= radius2);
}

typedef struct {
  vec zr[JULIA_VECTORS], zi[JULIA_VECTORS]; /* the samples' current values */
  vec end_r[JULIA_VECTORS], end_i[JULIA_VECTORS]; /* their first values beyond R */
  vec n[JULIA_VECTORS]; /* the iterate of these, or the marker of a sample that did not escape */
  vec made[JULIA_VECTORS]; /* iterates computed for such a sample */
  ivec open[JULIA_VECTORS]; /* neither escaped nor known to cycle */
} julia_batch;

/*
 * Repeats a vector's block, in which the lanes `out` escape, and saves their first iterate beyond R
 * and its number.
 */
static inline void julia_escape(julia_batch *b, int v, vec zr, vec zi, vec cr, vec ci, double n, int steps, ivec out, double radius2) {
  for (int k = 1; k <= steps; k++) {
    square_add(&zr, &zi, cr, ci);
    const ivec now = out & julia_outside(zr, zi, radius2);
    b->end_r[v] = vselect64(now, zr, b->end_r[v]), b->end_i[v] = vselect64(now, zi, b->end_i[v]);
    b->n[v] = vselect64(now, splat(n + k), b->n[v]);
    out &= ~now;
  }
}

/* Fills the batch. 0 if cancelled. */
static int julia_iterate(const julia_view *view, julia_batch *b) {
  const vec cr = splat(view->cr), ci = splat(view->ci);
  vec kept_r[JULIA_VECTORS], kept_i[JULIA_VECTORS];
  unsigned any = 0;
  for (int v = 0; v < JULIA_VECTORS; v++) {
    const ivec out = julia_outside(b->zr[v], b->zi[v], view->radius2);
    b->open[v] = ~out;
    b->end_r[v] = b->zr[v], b->end_i[v] = b->zi[v];
    b->n[v] = vselect64(out, splat(1), splat(FMANDEL_LIMIT));
    b->made[v] = splat((double)view->max_iter);
    kept_r[v] = kept_i[v] = splat(INFINITY);
    any |= mask_bits(b->open[v]);
  }
  int64_t n = 1, keep = BLOCK;
  while (any && n < view->max_iter) {
    if (cancelled(view->cancel)) return 0;
    /* the last block may be cut short: a cycle that shows in it has shown before */
    const int steps = view->max_iter - n < BLOCK ? (int)(view->max_iter - n) : BLOCK;
    vec from_r[JULIA_VECTORS], from_i[JULIA_VECTORS];
    for (int v = 0; v < JULIA_VECTORS; v++) from_r[v] = b->zr[v], from_i[v] = b->zi[v];
    for (int k = 0; k < steps; k++)
      for (int v = 0; v < JULIA_VECTORS; v++) square_add(&b->zr[v], &b->zi[v], cr, ci);
    any = 0;
    for (int v = 0; v < JULIA_VECTORS; v++) {
      const ivec out = b->open[v] & julia_outside(b->zr[v], b->zi[v], view->radius2);
      if (mask_bits(out)) julia_escape(b, v, from_r[v], from_i[v], cr, ci, (double)n, steps, out, view->radius2);
      b->open[v] &= ~out;
      const ivec cycle = b->open[v] & (b->zr[v] == kept_r[v]) & (b->zi[v] == kept_i[v]);
      b->n[v] = vselect64(cycle, splat(FMANDEL_INTERIOR), b->n[v]);
      b->made[v] = vselect64(cycle, splat((double)(n + steps)), b->made[v]);
      b->open[v] &= ~cycle;
      any |= mask_bits(b->open[v]);
    }
    n += steps;
    if (n - 1 == keep) {
      for (int v = 0; v < JULIA_VECTORS; v++) kept_r[v] = b->zr[v], kept_i[v] = b->zi[v];
      keep = n - 1 < KEEP ? KEEP : AGING * (n - 1);
    }
  }
  return 1;
}

static int julia_grid(const julia_view *view, fmandel_counts *counts) {
  double *nu = view->nu;
  for (int row = 0; row < view->height; row++)
    for (int column = 0; column < view->width; column += JULIA_SAMPLES) {
      const int samples = view->width - column < JULIA_SAMPLES ? view->width - column : JULIA_SAMPLES;
      double line[JULIA_SAMPLES], values[JULIA_SAMPLES];
      for (int i = 0; i < JULIA_SAMPLES; i++) line[i] = view->re[column + (i < samples ? i : 0)];
      julia_batch b;
      for (int v = 0; v < JULIA_VECTORS; v++) b.zr[v] = load(line + v * LANES), b.zi[v] = splat(view->im[row]);
      if (!julia_iterate(view, &b) || cancelled(view->cancel)) return FMANDEL_CANCELLED;
      double n[JULIA_SAMPLES], made[JULIA_SAMPLES];
      vec nu_of[JULIA_VECTORS];
      for (int v = 0; v < JULIA_VECTORS; v++) {
        store(n + v * LANES, nu_of[v] = b.n[v]);
        store(made + v * LANES, vselect64(b.n[v] > 0, b.n[v], b.made[v]));
      }
      smooth_vecs(nu_of, b.end_r, b.end_i, JULIA_VECTORS, 1);
      for (int v = 0; v < JULIA_VECTORS; v++) store(values + v * LANES, vselect64(b.n[v] < 0, b.n[v], nu_of[v]));
      for (int i = 0; i < samples; i++) {
        *nu++ = values[i];
        counts->escaped += n[i] > 0, counts->interior += n[i] == FMANDEL_INTERIOR, counts->limited += n[i] == FMANDEL_LIMIT;
        counts->iterations += (int64_t)made[i];
      }
    }
  return FMANDEL_OK;
}

#endif
