/*
 * Samples that belong to the set: the length of the attracting cycle in which their orbits end, and
 * how strongly it attracts.
 *
 * A period is tried whenever the orbit of 0 comes nearer to 0 than before. With n iterations up to
 * there, Newton's method from z_n solves F(w) = w, where F is those n iterations. If |F'(w)| <= 1
 * that is the cycle, since c has no other one. (C. Heiland-Allen's interior coordinates.)
 */
#ifndef FMANDEL_STYLES_CYCLE_TEMPLATE_H
#define FMANDEL_STYLES_CYCLE_TEMPLATE_H

#include <math.h>

#include "fmandel/tile.h"
#include "styles/deep_template.h"
#include "interior/bulb.h"

/* longer cycles are not searched: in doubles no picture shows one */
enum { LONGEST_PERIOD = 1 << 15, CYCLE_NEWTON_STEPS = 40 };

typedef struct {
  double period, attraction; /* |F'|, from 0 to 1; period 0 if there is none */
} cycle_found;

/*
 * The cycle of this period near w, if it attracts. If not, `least` is raised to the least period
 * that can.
 */
static cycle_found cycle_near(double cr, double ci, double wr, double wi, int period, int *least) {
  for (int step = 0; step < CYCLE_NEWTON_STEPS; step++) {
    double r = wr, i = wi, dr = 1, di = 0;
    for (int n = 0; n < period; n++) {
      const double r2 = r + r, i2 = i + i, t = fma(r2, dr, -(i2 * di)), u = fma(r, r, cr);
      di = fma(r2, di, i2 * dr), dr = t;
      i = fma(r2, i, ci), r = fma(-(i2 * 0.5), i2 * 0.5, u);
    }
    const double er = r - wr, ei = i - wi, gr = dr - 1, size2 = fma(gr, gr, di * di);
    /* e / (F' - 1) */
    const double sr = fma(er, gr, ei * di) / size2, si = fma(ei, gr, -(er * di)) / size2;
    wr -= sr, wi -= si;
    if (!(fabs(wr) < 4 && fabs(wi) < 4)) break;
    if (fma(sr, sr, si * si) > 0x1p-80) continue;
    const double attraction = sqrt(fma(dr, dr, di * di));
    if (attraction <= 1) return (cycle_found){(double)period, attraction};
    /* it may have gone round more than once */
    r = wr, i = wi;
    for (int n = 1; n < period; n++) {
      const double t = fma(r, r, cr), i0 = i;
      i = fma(r + r, i, ci), r = fma(-i0, i0, t);
      if (fabs(r - wr) < 0x1p-24 && fabs(i - wi) < 0x1p-24) return cycle_near(cr, ci, wr, wi, n, least);
    }
    const int beside = least_attracting_period(dr, di, period, LONGEST_PERIOD);
    if (beside > *least) *least = beside;
    break;
  }
  return (cycle_found){0, 0};
}

static cycle_found cycle_of(double cr, double ci, int64_t limit) {
  /* 1 - sqrt(1 - 4 c) and 4 (c + 1), for the main cardioid and the disc of period 2 */
  const double ur = 1 - 4 * cr, ui = -4 * ci, size = sqrt(fma(ur, ur, ui * ui)), root = sqrt((size + ur) / 2);
  const double rest = (size - ur) / 2, fixed = sqrt((1 - root) * (1 - root) + (rest > 0 ? rest : 0));
  if (fixed <= 1) return (cycle_found){1, fixed};
  const double two = 4 * sqrt(fma(cr + 1, cr + 1, ci * ci));
  if (two <= 1) return (cycle_found){2, two};
  double r = 0, i = 0, least = INFINITY;
  const int most = limit < LONGEST_PERIOD ? (int)limit : LONGEST_PERIOD;
  for (int n = 1, shortest = 1; n <= most && shortest <= most; n++) {
    const double t = fma(r, r, cr), i0 = i;
    i = fma(r + r, i, ci), r = fma(-i0, i0, t);
    const double near = fma(r, r, i * i);
    if (near > 16) break;
    if (near >= least) continue;
    least = near;
    if (n < shortest) continue;
    const cycle_found found = cycle_near(cr, ci, r, i, n, &shortest);
    if (found.period > 0) return found;
  }
  return (cycle_found){0, 0};
}

static inline void put_cycle(float *out, cycle_found found) {
  out[0] = (float)found.period;
  out[1] = (float)found.attraction;
}

static int styles_cycle(const styles_pass *f) {
  const fmandel_samples *view = f->samples;
  const int64_t samples = (int64_t)view->width * view->height;
  const cycle_found julia = view->julia ? cycle_of(view->cr, view->ci, f->samples->max_iter) : (cycle_found){0, 0};
  for (int64_t sample = 0; sample < samples; sample++) {
    cycle_found found = {0, 0};
    if (f->nu[sample] < 0) {
      if (cancelled(f->cancel)) return FMANDEL_CANCELLED;
      found = view->julia ? julia : cycle_of(view->re[view->points ? sample : sample % view->width], view->im[view->points ? sample : sample / view->width], f->samples->max_iter);
    }
    put_cycle(f->out + 2 * sample, found);
  }
  return FMANDEL_OK;
}

/*
 * A cycle found in perturbation: from a state right after a rebase, which is known to return, until
 * a state as near to it as doubles can tell. The derivative along it, from 1 on and with nothing
 * added, is that of the cycle.
 */
static cycle_found cycle_from(const styles_deep_pass *f, carried *t) {
  const floatexp from = t->p.z, one = {1, 0, 0};
  const int64_t n = t->p.n;
  deep_state state = from.e == 0 ? DEEP_DOUBLE : DEEP_EXTENDED;
  set_derivative(f, t, one);
  for (int64_t steps = 1; t->p.n < f->kernel->max_iter; steps++) {
    if (steps % 16384 == 0 && cancelled(f->kernel->cancel)) break;
    if (state == DEEP_EXTENDED) {
      state = carried_extended(f, t);
    } else {
      carried_step(f, t);
      state = settle(f->kernel, &t->p);
    }
    if (state != DEEP_DOUBLE && state != DEEP_EXTENDED && state != DEEP_INTERIOR) break;
    if (t->p.m == 0) {
      const floatexp z = t->p.z.e == 0 ? floatexp_of(t->p.z.re, t->p.z.im) : t->p.z, start = from.e == 0 ? floatexp_of(from.re, from.im) : from;
      const double apart = norm_max(z.re - start.re, z.im - start.im);
      if (z.e == start.e && apart < 0x1p-30) {
        const floatexp d = floatexp_abs(derivative(t));
        const double attraction = floatexp_re(d);
        return (cycle_found){(double)(t->p.n - n), attraction < 1 ? attraction : 1};
      }
    }
    if (state == DEEP_INTERIOR) state = t->p.z.e == 0 ? DEEP_DOUBLE : DEEP_EXTENDED;
  }
  return (cycle_found){0, 0};
}

/*
 * The cycle of a sample given in doubles, if they suffice: the sample has a disc, which also
 * contains the sample as it was before rounding. Far inside a component there is no nucleus to be a
 * reference, and views that lie entirely in such a disc have no reference at all; they are treated
 * by doubles.
 */
static cycle_found cycle_in_doubles(double cr, double ci, int64_t max_iter) {
  return fmandel_interior_radius(cr, ci) > 0x1p-51 ? cycle_of(cr, ci, max_iter) : (cycle_found){0, 0};
}

static int styles_deep_cycle(const styles_deep_pass *f) {
  const deep_kernel *kernel = f->kernel;
  const fmandel_reference *reference = kernel->reference;
  const int64_t samples = (int64_t)kernel->view->width * kernel->view->height;
  /* samples of a deep row are often the same doubles */
  double last_r = NAN, last_i = NAN;
  cycle_found last = {0, 0};
  for (int64_t sample = 0; sample < samples; sample++) {
    cycle_found found = {0, 0};
    if (f->nu[sample] < 0) {
      if (cancelled(kernel->cancel)) return FMANDEL_CANCELLED;
      carried t;
      deep_state state = DEEP_LIMITED;
      place_sample(kernel, sample, &t.p.cr, &t.p.ci);
      const double cr = kernel->z[2] + t.p.cr * kernel->unit, ci = kernel->z[3] + t.p.ci * kernel->unit;
      if (reference->has_interior) {
        /* in the minibrot around the nucleus, as the corresponding sample of the whole set */
        const double kr = reference->interior_re, ki = reference->interior_im;
        found = cycle_of(kr * t.p.cr - ki * t.p.ci, kr * t.p.ci + ki * t.p.cr, LONGEST_PERIOD);
        found.period *= (double)reference->period;
      }
      if (found.period == 0 && f->nu[sample] == FMANDEL_INTERIOR) {
        state = carried_run(f, &t, carried_start(f, &t, sample));
        if (state == DEEP_INTERIOR && t.p.n > 0) found = cycle_from(f, &t);
      }
      if (found.period == 0) {
        if (cr != last_r || ci != last_i) last = cycle_in_doubles(cr, ci, kernel->max_iter);
        last_r = cr, last_i = ci, found = last;
      }
    }
    put_cycle(f->out + 2 * sample, found);
  }
  return cancelled(kernel->cancel) ? FMANDEL_CANCELLED : FMANDEL_OK;
}

#endif
