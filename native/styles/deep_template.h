/*
 * The attribute pass at any depth: a batch of pixels follows the deep kernel's way to the escape,
 * and carries the derivative d of X by the sample's position in pixels, through steps of many
 * iterations too:
 *
 *   d <- 2 X d + p                  a single iteration; p is a pixel's width
 *   d <- (q z)' d + B p             a step z <- q(u) z + B c of the BLA,
 *                                   (q z)' = A + 2 P2 u + 3 P3 u^2 + ...
 *
 * Where a pixel goes alone, d has an exponent of its own, which is adjusted when the mantissa has
 * left the middle of the double's range.
 */
#ifndef FMANDEL_STYLES_DEEP_TEMPLATE_H
#define FMANDEL_STYLES_DEEP_TEMPLATE_H

#include "deep/batch_template.h"
#include "styles/styles_template.h"

typedef struct {
  deep_pixel p;
  double dr, di; /* d in units of 2^e */
  int64_t e;
  double one; /* p in that unit */
  double to_b; /* and in units of 2^(E + e), as B's are */
} carried;

static inline void units(const styles_deep_pass *f, carried *t) {
  t->one = f->pixel.re * power_of_two(f->pixel.e - t->e);
  t->to_b = f->pixel.re * power_of_two(f->pixel.e - f->kernel->reference->exponent) * power_of_two(-t->e);
}

static inline floatexp derivative(const carried *t) { return floatexp_normal((floatexp){t->dr, t->di, t->e}); }

static inline void set_derivative(const styles_deep_pass *f, carried *t, floatexp d) {
  t->dr = d.re, t->di = d.im, t->e = d.e;
  units(f, t);
}

static inline void keep_in_range(const styles_deep_pass *f, carried *t) {
  const double size = norm_max(t->dr, t->di);
  if (size > 0x1p-200 && size < 0x1p200) return;
  set_derivative(f, t, derivative(t));
}

/* One step of a pixel in double range, up to settle. */
static inline void carried_step(const styles_deep_pass *f, carried *t) {
  const deep_kernel *kernel = f->kernel;
  deep_pixel *p = &t->p;
  int64_t blocks;
  const void *step = look_up_pixel(kernel, p, &blocks);
  if (step) {
    derivative_by_step(kernel, step, p, &t->dr, &t->di, t->to_b);
    keep_in_range(f, t);
    apply_step(kernel, step, &p->z.re, &p->z.im, p->cr, p->ci);
    advance_blocks(kernel, p, blocks);
    return;
  }
  derivative_iterate(kernel, p, &t->dr, &t->di, t->one);
  keep_in_range(f, t);
  iterate_pixel(kernel, p);
}

/* Steps of a pixel in extended range, until it is something else, as run_extended takes them. */
static deep_state carried_extended(const styles_deep_pass *f, carried *t) {
  const deep_kernel *kernel = f->kernel;
  deep_pixel *p = &t->p;
  const floatexp c = floatexp_normal((floatexp){p->cr, p->ci, kernel->reference->exponent});
  deep_state state;
  int64_t steps = 0;
  do {
    if (++steps % 4096 == 0 && cancelled(kernel->cancel)) return DEEP_CANCELLED;
    if (p->n >= kernel->max_iter) return DEEP_LIMITED;
    const int64_t from = p->m;
    int64_t blocks;
    int count;
    const bla_step_ext *s = bla_ext_at(kernel, p->m, p->g, log2_key_of_delta(p->z), kernel->max_iter - p->n, &blocks);
    if (s) {
      const double unit = power_of_two(p->z.e - s->rho), ur = p->z.re * unit, ui = p->z.im * unit, a[2] = {s->a.re, s->a.im};
      double tr = a[0], ti = a[1], qr = a[0], qi = a[1];
      if (unit > 0x1p-80) {
        bla_slope(s->p, a, ur, ui, &tr, &ti);
        qr = s->p[ORDER - 2][0], qi = s->p[ORDER - 2][1];
        for (int k = ORDER - 3; k >= 0; k--) horner(&qr, &qi, ur, ui, s->p[k]);
        horner(&qr, &qi, ur, ui, a);
      }
      const floatexp d = floatexp_mul(floatexp_normal((floatexp){tr, ti, s->a.e}), derivative(t));
      set_derivative(f, t, floatexp_add(d, floatexp_mul(s->b, f->pixel)));
      p->z = floatexp_add(floatexp_mul(floatexp_normal((floatexp){qr, qi, s->a.e}), p->z), floatexp_mul(s->b, c));
      advance_blocks(kernel, p, blocks);
    } else if ((count = iterate_extended_run(kernel, p, &c))) {
      /* z is negligible beside Z there */
      for (int k = 0; k < count; k++) derivative_step(&t->dr, &t->di, 2 * kernel->z[2 * (from + k)], 2 * kernel->z[2 * (from + k) + 1], t->one, 0);
      keep_in_range(f, t);
    } else {
      floatexp x = floatexp_add(reference_iterate(kernel->reference, p->m), p->z), sum = floatexp_add(reference_iterate(kernel->reference, p->m), x);
      x.e++;
      set_derivative(f, t, floatexp_add(floatexp_mul(x, derivative(t)), f->pixel));
      p->z = floatexp_add(floatexp_mul(sum, p->z), c);
      advance(kernel, p, 1);
    }
    state = settle_extended(kernel, p);
  } while (state == DEEP_EXTENDED);
  return state;
}

/* A sample's first iterate, and its derivative there. */
static deep_state carried_start(const styles_deep_pass *f, carried *t, int64_t sample) {
  const deep_state state = start_pixel(f->kernel, &t->p, sample);
  set_derivative(f, t, f->pixel);
  return state;
}

static deep_state carried_run(const styles_deep_pass *f, carried *t, deep_state state) {
  for (int64_t steps = 1;; steps++) {
    if (steps % 16384 == 0 && cancelled(f->kernel->cancel)) return DEEP_CANCELLED;
    if (state == DEEP_EXTENDED) state = carried_extended(f, t);
    if (state != DEEP_DOUBLE) return state;
    if (t->p.n >= f->kernel->max_iter) return DEEP_LIMITED;
    carried_step(f, t);
    state = settle(f->kernel, &t->p);
  }
}

/* An attribute pass under way: the samples that escaped, in order. */
typedef struct {
  const styles_deep_pass *f;
  int64_t next;
  /* added to a pixel's n, so that it meets the iteration limit where it must stop */
  int64_t ahead[BATCH];
} attribute_run;

static inline const styles_deep_pass *pass_of(const deep_batch *w) { return ((const attribute_run *)w->owner)->f; }

/*
 * The next sample that escaped, as pixel i after its first iteration. 1, or 0 if there is none
 * left.
 */
static int next_escaped(deep_batch *w, int i, deep_state *state) {
  attribute_run *const all = w->owner;
  const fmandel_deep_view *const view = w->kernel->view;
  const int64_t samples = (int64_t)view->width * view->height;
  while (all->next < samples && all->f->nu[all->next] < 0) all->next++;
  if (all->next == samples) return 0;
  *state = start_pixel(w->kernel, &w->pixel[i], w->sample[i] = all->next++);
  w->dr[i] = w->width, w->di[i] = 0;
  return 1;
}

static deep_batch attribute_batch(attribute_run *all) {
  const styles_deep_pass *const f = all->f;
  return (deep_batch){.kernel = f->kernel,
                 .owner = all,
                 .next = next_escaped,
                 .extended = extended_scalar,
                 .in_double = double_scalar,
                 .width = f->pixel.re * power_of_two(f->pixel.e),
                 .width_in_e = f->pixel.re * power_of_two(f->pixel.e - f->kernel->reference->exponent)};
}

/* Pixel i with its derivative. The first derivative may be below the double's range. */
static carried carried_from(const deep_batch *w, int i) {
  const styles_deep_pass *const f = pass_of(w);
  carried t = {.p = w->pixel[i]};
  set_derivative(f, &t, t.p.n == 1 ? f->pixel : floatexp_of(w->dr[i], w->di[i]));
  return t;
}

static void carried_to(deep_batch *w, int i, const carried *t) {
  const floatexp d = derivative(t);
  w->pixel[i] = t->p, w->dr[i] = floatexp_re(d), w->di[i] = floatexp_im(d);
}

static deep_state carried_extended_end(deep_batch *w, int i) {
  carried t = carried_from(w, i);
  const deep_state state = carried_extended(pass_of(w), &t);
  carried_to(w, i, &t);
  return state;
}

static deep_state carried_double_end(deep_batch *w, int i) {
  carried t = carried_from(w, i);
  const deep_state state = carried_run(pass_of(w), &t, DEEP_DOUBLE);
  carried_to(w, i, &t);
  return state;
}

static void end_distance(deep_batch *w, int i, deep_state state) {
  const deep_kernel *const kernel = w->kernel;
  const deep_pixel *const p = &w->pixel[i];
  /*
   * the derivative is above all doubles, and the sample nearer to the set than they can tell: the
   * distance is 0
   */
  if (state != DEEP_ESCAPED || !(norm_sum(w->dr[i], w->di[i]) < INFINITY)) return;
  /* c itself in doubles, which is close enough beyond the escape */
  const double cr = kernel->z[2] + p->cr * kernel->unit, ci = kernel->z[3] + p->ci * kernel->unit;
  double zr = p->xr, zi = p->xi;
  carried t = carried_from(w, i);
  while (__builtin_fma(zr, zr, zi * zi) < FAR2) {
    const double r = zr;
    derivative_step(&t.dr, &t.di, 2 * zr, 2 * zi, t.one, 0);
    zr = __builtin_fma(-zi, zi, __builtin_fma(r, r, cr));
    zi = __builtin_fma(r + r, zi, ci);
  }
  put_distance(pass_of(w)->out + 2 * w->sample[i], zr, zi, t.dr, t.di, power_of_two(-t.e));
}

static int styles_deep_distance(const styles_deep_pass *f) {
  attribute_run all = {.f = f};
  deep_batch w = attribute_batch(&all);
  w.end = end_distance, w.extended = carried_extended_end, w.in_double = carried_double_end;
  memset(f->out, 0, 2 * sizeof *f->out * (size_t)f->kernel->view->width * (size_t)f->kernel->view->height);
  return run_batch_with_derivative(&w);
}

/* One iteration, whatever the delta is, up to and including settle. */
static deep_state single_iteration(const deep_kernel *kernel, deep_pixel *p, deep_state state) {
  if (state == DEEP_EXTENDED) {
    const floatexp c = floatexp_normal((floatexp){p->cr, p->ci, kernel->reference->exponent}), Z = reference_iterate(kernel->reference, p->m);
    p->z = floatexp_add(floatexp_mul(floatexp_add(Z, floatexp_add(Z, p->z)), p->z), c);
    advance(kernel, p, 1);
    return settle_extended(kernel, p);
  }
  iterate_pixel(kernel, p);
  return settle(kernel, p);
}

/* X, or a number with the same argument. */
static inline void iterate_of(const deep_kernel *kernel, const deep_pixel *p, deep_state state, double *re, double *im) {
  floatexp x = {p->xr, p->xi, 0};
  if (state == DEEP_EXTENDED) x = floatexp_add(reference_iterate(kernel->reference, p->m), p->z);
  if (state == DEEP_DOUBLE) x = (floatexp){kernel->z[2 * p->m] + p->z.re, kernel->z[2 * p->m + 1] + p->z.im, 0};
  *re = x.re, *im = x.im;
}

/* Iterates pixel i one by one through its window of last iterates. */
static void end_stripe(deep_batch *w, int i, deep_state state) {
  const deep_kernel *const kernel = w->kernel;
  attribute_run *const all = w->owner;
  deep_pixel *const p = &w->pixel[i];
  const double whole = all->f->nu[w->sample[i]] + all->f->last;
  double re[WINDOW + 8], im[WINDOW + 8], age[WINDOW + 8];
  int count = 0;
  if (state == DEEP_LIMITED) state = p->z.e == 0 ? DEEP_DOUBLE : DEEP_EXTENDED;
  p->n -= all->ahead[i];
  while (count < WINDOW + 4) {
    if (state != DEEP_DOUBLE && state != DEEP_EXTENDED && state != DEEP_ESCAPED) break;
    iterate_of(kernel, p, state, &re[count], &im[count]);
    age[count++] = whole - (double)p->n;
    if (state == DEEP_ESCAPED || p->n >= kernel->max_iter) break;
    state = single_iteration(kernel, p, state);
  }
  all->f->out[w->sample[i]] = stripe_of(re, im, age, count);
}

static int next_striped(deep_batch *w, int i, deep_state *state) {
  attribute_run *const all = w->owner;
  if (!next_escaped(w, i, state)) return 0;
  const double from = floor(all->f->nu[w->sample[i]] + all->f->last - WINDOW);
  const int64_t most = w->kernel->max_iter;
  all->ahead[i] = most - (from > 1 ? from < (double)most ? (int64_t)from : most : 1);
  w->pixel[i].n += all->ahead[i];
  return 1;
}

static int styles_deep_stripe(const styles_deep_pass *f) {
  attribute_run all = {.f = f};
  deep_batch w = attribute_batch(&all);
  w.next = next_striped, w.end = end_stripe;
  memset(f->out, 0, sizeof *f->out * (size_t)f->kernel->view->width * (size_t)f->kernel->view->height);
  return run_batch(&w);
}

#endif
