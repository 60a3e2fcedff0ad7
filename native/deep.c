/*
 * The deep kernel's doors, its scalar loop, and the wide steps.
 *
 * Rebasing. With X = Z[m] + z the pixel's own value, (m, z) -> (0, X) is exact algebra at any time, since Z[0] = 0: the same X, and the recurrence
 * goes on from the start of the reference. It is done when |X| < |z|, so that no digit of z is lost by it and the delta stays as small as it can.
 *
 * The reference's end, m = length:
 *   periodic   Z[length] is Z[0] again: X = z, m = 0 loses nothing.
 *   escaped    |Z[length]| > 2 R, R the view's escape radius. The pixel has either escaped, |X| > R, and is done; or |X| <= R, and then
 *              |z| >= |Z| - |X| > R >= |X|: the criterion asks for the rebase anyway.
 *   cut short  at length >= max_iter, and n >= m always: the limit ends the pixel there.
 * So no pixel ever needs an iterate past the end, and none is rebased where that would cost digits.
 */
#include "deep.h"

#include <math.h>

#include "bla.h"
#include "deep_kernel.h"

void deep_place(const deep_kernel *kernel, int64_t sample, double *cr, double *ci) {
  const fmandel_deep_view *view = kernel->view;
  double i = (double)(sample % view->width), j = (double)(sample / view->width);
  *cr = __builtin_fma(i, view->step_re, view->re) * kernel->to_units;
  *ci = __builtin_fma(j, view->step_im, view->im) * kernel->to_units;
}

/* main cardioid and period-2 disc of the small Mandelbrot set around the nucleus, less a rim; see find_interior in bla.c */
static int inside(const deep_kernel *kernel, double cr, double ci) {
  const fmandel_reference *reference = kernel->reference;
  if (!reference->has_interior) return 0;
  const double rim = 1 - 0x1p-5;
  double kr = reference->interior_re, ki = reference->interior_im;
  double re = kr * cr - ki * ci, im = kr * ci + ki * cr;
  if (!(norm_max(re, im) < 4)) return 0;
  /* the multiplier of the period-2 cycle is 4 (k + 1) */
  if ((re + 1) * (re + 1) + im * im < rim * rim / 16) return 1;
  /* of the fixed point: w with k = w/2 - w^2/4, so (1 - w)^2 = 1 - 4 k */
  double ur = 1 - 4 * re, ui = -4 * im, size = __builtin_sqrt(ur * ur + ui * ui);
  double root_re = __builtin_sqrt((size + ur) / 2), root_im2 = (size - ur) / 2;
  if (root_im2 < 0) root_im2 = 0;
  return (1 - root_re) * (1 - root_re) + root_im2 < rim * rim;
}

/* what the pixel is at its new m, n and plain z */
static int settle(const deep_kernel *kernel, deep_pixel *p) {
  const double *z = kernel->z + 2 * p->m;
  double re = z[0] + p->z.re, im = z[1] + p->z.im, size2 = __builtin_fma(im, im, re * re);
  if (size2 > kernel->radius2) {
    p->size2 = size2;
    return DEEP_ESCAPED;
  }
  if (norm_max(re, im) < norm_max(p->z.re, p->z.im) || p->m == kernel->length) {
    p->z = (scaled){re, im, 0};
    p->m = 0;
    if (norm_max(re, im) < PLAIN_FLOOR) p->z = scaled_of(re, im);
    if (deep_cycles(p)) return DEEP_INTERIOR;
    return p->z.e == 0 ? DEEP_PLAIN : DEEP_WIDE;
  }
  if (norm_max(p->z.re, p->z.im) >= PLAIN_FLOOR) return DEEP_PLAIN;
  p->z = scaled_of(p->z.re, p->z.im);
  return DEEP_WIDE;
}

/* the same for a wide z, whose size beside Z is known before any sum is formed */
static int settle_wide(const deep_kernel *kernel, deep_pixel *p) {
  if (p->z.e >= PLAIN_FLOOR_EXPONENT) {
    p->z = (scaled){scaled_re(p->z), scaled_im(p->z), 0};
    return settle(kernel, p);
  }
  const double *z = kernel->z + 2 * p->m;
  double norm = norm_max(z[0], z[1]);
  if (norm > 2 * PLAIN_FLOOR) {
    double size2 = __builtin_fma(z[1], z[1], z[0] * z[0]);
    p->size2 = size2;
    return size2 > kernel->radius2 ? DEEP_ESCAPED : DEEP_WIDE;
  }
  scaled x = scaled_add(reference_iterate(kernel->reference, p->m), p->z);
  if (!scaled_less(x, p->z) && p->m < kernel->length) return DEEP_WIDE;
  p->z = x;
  p->m = 0;
  return deep_cycles(p) ? DEEP_INTERIOR : DEEP_WIDE;
}

int deep_start(const deep_kernel *kernel, deep_pixel *p, int64_t sample) {
  deep_place(kernel, sample, &p->cr, &p->ci);
  if (inside(kernel, p->cr, p->ci)) return DEEP_INTERIOR;
  p->m = p->n = 1;
  p->kept = (scaled){0, 0, 1}; /* no state at all */
  p->age = 0;
  p->patience = 1;
  p->z = scaled_of(p->cr, p->ci);
  p->z.e += kernel->reference->exponent;
  if (p->z.re == 0 && p->z.im == 0) p->z.e = SCALED_ZERO_EXPONENT;
  return settle_wide(kernel, p);
}

int deep_wide(const deep_kernel *kernel, deep_pixel *p) {
  const fmandel_bla *bla = &kernel->reference->wide;
  const scaled c = scaled_normal((scaled){p->cr, p->ci, kernel->reference->exponent});
  const int64_t mask = ((int64_t)1 << bla->first) - 1;
  int state;
  do {
    if (p->n >= kernel->max_iter) return DEEP_LIMITED;
    int64_t m = p->m - 1, level = -1, at = 0;
    if (m >= 0 && (m & mask) == 0 && m >> bla->first < bla->groups) {
      /* |re| + |im| is at least the modulus, and below 4 here */
      int32_t key = p->z.re == 0 && p->z.im == 0
                        ? KEY_OF_ZERO
                        : key_of(__builtin_fabs(p->z.re) + __builtin_fabs(p->z.im)) + (int32_t)(p->z.e * 16);
      at = bla_index(bla, m >> bla->first);
      level = deep_level(bla, kernel->wide_keys, m >> bla->first, at, key, kernel->max_iter - p->n);
    }
    if (level >= 0) {
      const wide_step *s = kernel->wide_steps + at + level;
      scaled t = scaled_add(scaled_mul(s->e, p->z), s->d);
      t = scaled_add(scaled_mul(t, p->z), s->a);
      p->z = scaled_add(scaled_mul(t, p->z), scaled_mul(s->b, c));
      p->m += (int64_t)1 << (bla->first + level);
      p->n += (int64_t)1 << (bla->first + level);
    } else {
      scaled z = reference_iterate(kernel->reference, p->m);
      if (z.re != 0 || z.im != 0) z.e += 1;
      p->z = scaled_add(scaled_mul(scaled_add(z, p->z), p->z), c);
      p->m++;
      p->n++;
    }
    state = settle_wide(kernel, p);
  } while (state == DEEP_WIDE);
  return state;
}

/* one step of a plain pixel, up to settle */
static void step(const deep_kernel *kernel, deep_pixel *p) {
  const fmandel_bla *bla = &kernel->reference->plain;
  const int64_t mask = ((int64_t)1 << PLAIN_FIRST) - 1;
  double zr = p->z.re, zi = p->z.im, cr = p->cr, ci = p->ci, xr, xi;
  int64_t m = p->m - 1, level = -1, at = 0;
  if (m >= 0 && (m & mask) == 0 && m >> PLAIN_FIRST < bla->groups) {
    at = bla_index(bla, m >> PLAIN_FIRST);
    level = deep_level(bla, kernel->plain_keys, m >> PLAIN_FIRST, at, key_of(__builtin_fabs(zr) + __builtin_fabs(zi)),
                       kernel->max_iter - p->n);
  }
  if (level >= 0) {
    const plain_step *s = kernel->plain_steps + at + level;
    double tr = __builtin_fma(-s->e[1], zi, __builtin_fma(s->e[0], zr, s->d[0]));
    double ti = __builtin_fma(s->e[0], zi, __builtin_fma(s->e[1], zr, s->d[1]));
    xr = __builtin_fma(-ti, zi, __builtin_fma(tr, zr, s->a[0]));
    xi = __builtin_fma(tr, zi, __builtin_fma(ti, zr, s->a[1]));
    cr = __builtin_fma(-s->b[1], p->ci, s->b[0] * p->cr);
    ci = __builtin_fma(s->b[1], p->cr, s->b[0] * p->ci);
    m = (int64_t)1 << (PLAIN_FIRST + level);
  } else {
    const double *z = kernel->z + 2 * p->m;
    xr = __builtin_fma(2, z[0], zr);
    xi = __builtin_fma(2, z[1], zi);
    cr *= kernel->unit;
    ci *= kernel->unit;
    m = 1;
  }
  p->z.re = __builtin_fma(-xi, zi, __builtin_fma(xr, zr, cr));
  p->z.im = __builtin_fma(xi, zr, __builtin_fma(xr, zi, ci));
  p->m += m;
  p->n += m;
}

static int run(const deep_kernel *kernel, deep_pixel *p, int64_t sample) {
  int state = deep_start(kernel, p, sample);
  for (int64_t steps = 0;; steps++) {
    if (state == DEEP_WIDE) state = deep_wide(kernel, p);
    if (state != DEEP_PLAIN) return state;
    if (p->n >= kernel->max_iter) return DEEP_LIMITED;
    step(kernel, p);
    state = settle(kernel, p);
    if (steps % 65536 == 0 && kernel->cancel && __atomic_load_n(kernel->cancel, __ATOMIC_RELAXED)) return -1;
  }
}

static double farthest(double from, double step, int count) {
  double last = __builtin_fabs(from + step * (count - 1));
  return last > __builtin_fabs(from) ? last : __builtin_fabs(from);
}

/* unpacks; returns 0 where the reference does not serve the view */
static int prepare(deep_kernel *kernel, const fmandel_reference *reference, const fmandel_deep_view *view, int64_t max_iter,
                   double escape_radius, double *nu, const int32_t *cancel) {
  const char *base = (const char *)reference;
  if (!(view->width >= 1 && view->height >= 1 && max_iter >= 1 && escape_radius >= 2 && escape_radius <= 1e100)) return 0;
  if (!reference->escaped && reference->period == 0 && max_iter > reference->length) return 0;
  if (reference->escaped && escape_radius > reference->radius / 2) return 0;
  if (view->exponent - reference->exponent > 1000 || view->exponent - reference->exponent < -1000) return 0;
  double re = farthest(view->re, view->step_re, view->width), im = farthest(view->im, view->step_im, view->height);
  scaled far = scaled_abs(scaled_normal((scaled){re, im, view->exponent}));
  /* rounding may lead a corner just past the circle: a thousandth of slack costs no accuracy */
  if (!scaled_less(far, (scaled){1.001, 0, reference->exponent}) || far.e < reference->exponent - 900) return 0;
  *kernel = (deep_kernel){
      .reference = reference,
      .view = view,
      .z = (const double *)(base + reference->z),
      .plain_keys = (const int32_t *)(base + reference->plain.keys),
      .wide_keys = (const int32_t *)(base + reference->wide.keys),
      .plain_steps = (const plain_step *)(base + reference->plain.steps),
      .wide_steps = (const wide_step *)(base + reference->wide.steps),
      .length = reference->length,
      .max_iter = max_iter,
      .radius2 = escape_radius * escape_radius,
      .unit = power_of_two(reference->exponent),
      .to_units = power_of_two(view->exponent - reference->exponent),
      .nu = nu,
      .cancel = cancel,
  };
  return 1;
}

int fmandel_deep_scalar(const fmandel_reference *reference, const fmandel_deep_view *view, int64_t max_iter,
                        double escape_radius, double *nu, fmandel_counts *counts, const int32_t *cancel) {
  deep_kernel kernel;
  deep_pixel pixel;
  fmandel_counts sum = {0};
  if (!prepare(&kernel, reference, view, max_iter, escape_radius, nu, cancel)) return FMANDEL_REFUSED;
  for (int64_t sample = 0, samples = (int64_t)view->width * view->height; sample < samples; sample++) {
    int state = run(&kernel, &pixel, sample);
    switch (state) {
      case DEEP_ESCAPED:
        nu[sample] = fmax(0, (double)pixel.n - log2(0.5 * log2(pixel.size2)));
        sum.escaped++;
        sum.iterations += pixel.n;
        break;
      case DEEP_INTERIOR:
        nu[sample] = FMANDEL_INTERIOR;
        sum.interior++;
        break;
      case DEEP_LIMITED:
        nu[sample] = FMANDEL_LIMIT;
        sum.limited++;
        sum.iterations += pixel.n;
        break;
      default:
        return FMANDEL_CANCELLED;
    }
  }
  if (counts) *counts = sum;
  return FMANDEL_OK;
}
