/*
 * The attribute passes in doubles, for the instruction set of the including file.
 *
 * A sample's count tells how far it goes. So all lanes iterate without any test as long as the one
 * with the fewest iterations left; then those that have arrived are finished, and their lanes
 * refilled.
 */
#ifndef FMANDEL_STYLES_STYLES_TEMPLATE_H
#define FMANDEL_STYLES_STYLES_TEMPLATE_H

#include "cancel.h"
#include "styles/kernel.h"
#include "simd/log2.h"

enum { STYLES_VECTORS = 4, STYLES_LANES = STYLES_VECTORS * LANES };

/* Lanes under way: z, c, the derivative of z, and the iterations left. */
typedef struct {
  vec zr[STYLES_VECTORS], zi[STYLES_VECTORS], cr[STYLES_VECTORS], ci[STYLES_VECTORS], dr[STYLES_VECTORS], di[STYLES_VECTORS];
  ivec left[STYLES_VECTORS];
  int64_t sample[STYLES_LANES];
  int64_t next, samples;
} styles_lanes;

/* D for z and its derivative, times scale. */
static inline void put_distance(float *out, double zr, double zi, double dr, double di, double scale) {
  const double ln_root2 = 0x1.62e42fefa39efp-2, most = 0x1p120;
  const double square = fma(zr, zr, zi * zi), d2 = fma(dr, dr, di * di), factor = ln_root2 * log2_vec(splat(square))[0] * scale / d2;
  const double re = fma(zr, dr, zi * di) * factor, im = fma(zi, dr, -(zr * di)) * factor;
  /* beyond this, or NaN because squares overflowed: as far as possible */
  const int far = !(fabs(re) < most && fabs(im) < most);
  out[0] = far ? (float)most : (float)re;
  out[1] = far ? 0 : (float)im;
}

/*
 * Gives the lane its next sample that escaped. It goes to the iterate `to`, which follows from its
 * nu; nowhere if no sample is left.
 */
static void styles_refill(styles_lanes *w, const styles_pass *f, int lane, double before) {
  const fmandel_samples *view = f->samples;
  while (w->next < w->samples && f->nu[w->next] < 0) w->next++;
  const int v = lane / LANES, l = lane % LANES;
  if (w->next == w->samples) {
    w->sample[lane] = -1;
    w->left[v][l] = INT64_MAX;
    return;
  }
  const int64_t sample = w->sample[lane] = w->next++;
  const double re = view->re[view->points ? sample : sample % view->width], im = view->im[view->points ? sample : sample / view->width];
  const double to = floor(f->nu[sample] + f->last - before);
  w->zr[v][l] = re, w->zi[v][l] = im;
  w->cr[v][l] = view->julia ? view->cr : re, w->ci[v][l] = view->julia ? view->ci : im;
  w->dr[v][l] = f->pixel, w->di[v][l] = 0;
  /* a sample that starts far out stays there, so that it does not overflow */
  w->left[v][l] = to > 1 && norm_max(re, im) < 0x1p12 ? (int64_t)to - 1 : 0;
}

static inline int64_t soonest(const styles_lanes *w) {
  ivec least = w->left[0];
  for (int v = 1; v < STYLES_VECTORS; v++) {
    const ivec fewer = w->left[v] < least;
    least = (fewer & w->left[v]) | (~fewer & least);
  }
  int64_t soonest = least[0];
  for (int l = 1; l < LANES; l++) soonest = least[l] < soonest ? least[l] : soonest;
  return soonest;
}

/* Takes `steps` iterations in all lanes; z' <- 2 z z' + 1. */
static inline void styles_advance(styles_lanes *w, int64_t steps, vec one, int carry) {
  for (int64_t k = 0; k < steps; k++)
    for (int v = 0; v < STYLES_VECTORS; v++) {
      const vec zr = w->zr[v], zi = w->zi[v], r2 = zr + zr;
      if (carry) {
        const vec i2 = zi + zi, dr = w->dr[v];
        w->dr[v] = vfma(r2, dr, vfma(-i2, w->di[v], one));
        w->di[v] = vfma(r2, w->di[v], i2 * dr);
      }
      w->zr[v] = vfma(-zi, zi, vfma(zr, zr, w->cr[v]));
      w->zi[v] = vfma(r2, zi, w->ci[v]);
    }
  for (int v = 0; v < STYLES_VECTORS; v++) w->left[v] -= steps;
}

static void styles_begin(styles_lanes *w, const styles_pass *f, double before) {
  memset(w, 0, sizeof *w);
  w->samples = (int64_t)f->samples->width * f->samples->height;
  for (int lane = 0; lane < STYLES_LANES; lane++) styles_refill(w, f, lane, before);
}

/* iterations that lanes take in one piece, so that a cancel is noticed */
enum { PIECE = 1 << 16 };

/*
 * Goes at most to the iterate before the escape, and from there one by one to where c is
 * negligible.
 */
static int styles_distance(const styles_pass *f) {
  const double one = f->samples->julia ? 0 : f->pixel;
  styles_lanes w;
  memset(f->out, 0, 2 * sizeof *f->out * (size_t)f->samples->width * (size_t)f->samples->height);
  styles_begin(&w, f, 1);
  for (int64_t steps; (steps = soonest(&w)) < INT64_MAX / 2;) {
    if (cancelled(f->cancel)) return FMANDEL_CANCELLED;
    styles_advance(&w, steps < PIECE ? steps : PIECE, splat(one), 1);
    if (steps > PIECE) continue;
    for (int lane = 0; lane < STYLES_LANES; lane++) {
      const int v = lane / LANES, l = lane % LANES;
      while (w.sample[lane] >= 0 && w.left[v][l] == 0) {
        double zr = w.zr[v][l], zi = w.zi[v][l], dr = w.dr[v][l], di = w.di[v][l];
        while (fma(zr, zr, zi * zi) < FAR2) {
          const double r2 = zr + zr, i2 = zi + zi, t = fma(r2, dr, fma(-i2, di, one)), r = zr;
          di = fma(r2, di, i2 * dr), dr = t;
          zr = fma(-zi, zi, fma(r, r, w.cr[v][l])), zi = fma(r2, zi, w.ci[v][l]);
        }
        put_distance(f->out + 2 * w.sample[lane], zr, zi, dr, di, 1);
        styles_refill(&w, f, lane, 1);
      }
    }
  }
  return FMANDEL_OK;
}

/*
 * Samples that have reached the window before their escape: z, c, nu + log2(log2 R), and their age
 * from there.
 */
typedef struct {
  double zr[STYLES_LANES], zi[STYLES_LANES], cr[STYLES_LANES], ci[STYLES_LANES], age[STYLES_LANES];
  int64_t sample[STYLES_LANES];
  int count;
} stripe_tail;

/*
 * The weight of an iterate by age, counted back from the escape: 0 at -1, where it is not reached
 * yet, 1 at 0, and 0 from WINDOW on.
 */
static inline vec stripe_weight(vec age) {
  const vec rise = age + 1, fall = 1 - age * (1.0 / WINDOW), least = vselect64(rise < fall, rise, fall);
  return vselect64(least > 0, least, splat(0));
}

/*
 * (1 + cos(4 arg z)) / 2 = (re z^2)^2 / |z|^4, which takes no root. An iterate at 0, or so far out
 * that squares overflow, counts as one on the real axis.
 */
static inline vec stripe_at(vec zr, vec zi) {
  const vec a = vfma(zr, zr, -(zi * zi)), b = 2 * (zr * zi), a2 = a * a, size = a2 + b * b;
  return vselect64((size > 0) & (size < INFINITY), a2 / size, splat(1));
}

static void finish_tail(const styles_pass *f, stripe_tail *t) {
  vec zr[STYLES_VECTORS], zi[STYLES_VECTORS], cr[STYLES_VECTORS], ci[STYLES_VECTORS], age[STYLES_VECTORS], sum[STYLES_VECTORS], weights[STYLES_VECTORS];
  for (int v = 0; v < STYLES_VECTORS; v++) {
    zr[v] = load(t->zr + v * LANES), zi[v] = load(t->zi + v * LANES);
    cr[v] = load(t->cr + v * LANES), ci[v] = load(t->ci + v * LANES);
    age[v] = load(t->age + v * LANES);
    sum[v] = weights[v] = splat(0);
  }
  for (int k = 0; k < WINDOW + 2; k++)
    for (int v = 0; v < STYLES_VECTORS; v++) {
      const vec share = stripe_weight(age[v]);
      sum[v] += share * stripe_at(zr[v], zi[v]);
      weights[v] += share;
      const vec r = zr[v], far = splat(0x1p100);
      const ivec go_on = (r < far) & (r > -far) & (zi[v] < far) & (zi[v] > -far);
      zr[v] = vselect64(go_on, vfma(-zi[v], zi[v], vfma(r, r, cr[v])), r);
      zi[v] = vselect64(go_on, vfma(r + r, zi[v], ci[v]), zi[v]);
      age[v] = age[v] - 1;
    }
  for (int i = 0; i < t->count; i++) f->out[t->sample[i]] = (float)(sum[i / LANES][i % LANES] / weights[i / LANES][i % LANES]);
  t->count = 0;
}

/*
 * The same for one sample, all of whose iterates are known. The sums go in the order of the
 * iterates, so that LANES does not matter. If the last digit decided its count, the sample may have
 * escaped before its window: then only the last iterate counts.
 */
static inline float stripe_of(const double *re, const double *im, const double *age, int count) {
  double sum = 0, weights = 0, latest = 0;
  for (int k = 0; k < count; k += LANES) {
    double r[LANES] = {0}, i[LANES] = {0}, old[LANES] = {0}, value[LANES], share[LANES];
    const int some = count - k < LANES ? count - k : LANES;
    memcpy(r, re + k, sizeof *r * (size_t)some);
    memcpy(i, im + k, sizeof *i * (size_t)some);
    memcpy(old, age + k, sizeof *old * (size_t)some);
    const vec w = stripe_weight(load(old));
    store(share, w);
    store(value, stripe_at(load(r), load(i)));
    for (int l = 0; l < some; l++) sum += share[l] * value[l], weights += share[l], latest = value[l];
  }
  return (float)(weights > 0 ? sum / weights : latest);
}

static int styles_stripe(const styles_pass *f) {
  styles_lanes w;
  stripe_tail t;
  memset(&t, 0, sizeof t);
  memset(f->out, 0, sizeof *f->out * (size_t)f->samples->width * (size_t)f->samples->height);
  styles_begin(&w, f, WINDOW);
  for (int64_t steps; (steps = soonest(&w)) < INT64_MAX / 2;) {
    if (cancelled(f->cancel)) return FMANDEL_CANCELLED;
    styles_advance(&w, steps < PIECE ? steps : PIECE, splat(0), 0);
    if (steps > PIECE) continue;
    for (int lane = 0; lane < STYLES_LANES; lane++) {
      const int v = lane / LANES, l = lane % LANES;
      while (w.sample[lane] >= 0 && w.left[v][l] == 0) {
        const int64_t sample = w.sample[lane];
        const double whole = f->nu[sample] + f->last, to = floor(whole - WINDOW);
        t.zr[t.count] = w.zr[v][l], t.zi[t.count] = w.zi[v][l], t.cr[t.count] = w.cr[v][l], t.ci[t.count] = w.ci[v][l];
        t.age[t.count] = whole - (to > 1 ? to : 1);
        t.sample[t.count] = sample;
        if (++t.count == STYLES_LANES) finish_tail(f, &t);
        styles_refill(&w, f, lane, WINDOW);
      }
    }
  }
  finish_tail(f, &t);
  return FMANDEL_OK;
}

#endif
