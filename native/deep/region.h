/*
 * Regions, which are rectangles of samples: how they are divided, and how their samples are handed
 * out one by one. See series.h.
 */
#ifndef FMANDEL_DEEP_REGION_H
#define FMANDEL_DEEP_REGION_H

#include "deep/series.h"

/*
 * Samples in the order in which they are handed out: the waiting regions, the next one last; and
 * the region whose samples are being handed out.
 */
enum { REGIONS = 3 * 32 };
typedef struct {
  region waiting[REGIONS], leaf;
  int count;
  int64_t next, left; /* of the leaf's samples */
  int fresh; /* the leaf's samples start from c */
  int all_fresh; /* all samples do */
  double column_re, column_im, row_re, row_im; /* from sample to sample, in units of 2^E */
} region_queue;


/* The position of sample i, j of the view from the middle of the region, in units of 2^E. */
static inline void offset_from_middle(const region_queue *from, const region *r, double i, double j, double *re, double *im) {
  const double x = i - ((double)r->column + 0.5 * (double)(r->width - 1)), y = j - ((double)r->row + 0.5 * (double)(r->height - 1));
  *re = __builtin_fma(y, from->row_re, x * from->column_re);
  *im = __builtin_fma(x, from->column_im, y * from->row_im);
}

/* Sets c_0 and rho. Returns rho in units of 2^E. */
static double region_place(const deep_kernel *kernel, const region_queue *from, region *r) {
  const fmandel_deep_view *view = kernel->view;
  const double i = (double)r->column + 0.5 * (double)(r->width - 1), j = (double)r->row + 0.5 * (double)(r->height - 1);
  const double cr = __builtin_fma(i, view->column_step_re, __builtin_fma(j, view->row_step_re, view->re)) * kernel->to_units;
  const double ci = __builtin_fma(j, view->row_step_im, __builtin_fma(i, view->column_step_im, view->im)) * kernel->to_units;
  /* from the middle to a corner: in a rectangle, rotated or not, all are equally far */
  const double across = 0.5 * (double)(r->width - 1), down = 0.5 * (double)(r->height - 1);
  const double w = __builtin_fma(down, from->row_re, across * from->column_re), h = __builtin_fma(across, from->column_im, down * from->row_im);
  const double large = norm_max(w, h), x = large > 0 ? w / large : 0, y = large > 0 ? h / large : 0, rho = large * __builtin_sqrt(x * x + y * y);
  const floatexp size = floatexp_of(norm_max(norm_max(cr, ci), rho), 0);
  if (size.re == 0) return 0;
  const double half = power_of_two(-size.e / 2), rest = power_of_two(-size.e - -size.e / 2);
  r->cr = cr * half * rest;
  r->ci = ci * half * rest;
  r->rho = rho * half * rest;
  r->c_e = size.e + kernel->reference->exponent;
  return rho;
}

/*
 * The polynomial about another middle, which is re + i im away from the old one in its units, in
 * units smaller by the ratio.
 */
static void series_shift(series *a, double re, double im, double ratio) {
  for (int i = 0; i < SERIES_TERMS - 1; i++)
    for (int k = SERIES_TERMS - 2; k >= i; k--) {
      const double x = a->re[k + 1], y = a->im[k + 1];
      a->re[k] = __builtin_fma(-im, y, __builtin_fma(re, x, a->re[k]));
      a->im[k] = __builtin_fma(im, x, __builtin_fma(re, y, a->im[k]));
    }
  double power = 1;
  for (int k = 1; k < SERIES_TERMS; k++) {
    power *= ratio;
    a->re[k] *= power;
    a->im[k] *= power;
  }
}

static void quarter_of(const deep_kernel *kernel, region_queue *from, const region *whole, double rho, int right, int below) {
  region *r = &from->waiting[from->count];
  *r = *whole;
  const int64_t w = whole->width > 1 ? whole->width / 2 : 1, h = whole->height > 1 ? whole->height / 2 : 1;
  r->width = right ? whole->width - w : w;
  r->height = below ? whole->height - h : h;
  if (r->width == 0 || r->height == 0) return;
  r->column += right ? w : 0;
  r->row += below ? h : 0;
  double re, im;
  offset_from_middle(from, whole, (double)r->column + 0.5 * (double)(r->width - 1), (double)r->row + 0.5 * (double)(r->height - 1), &re, &im);
  series_shift(&r->z, re / rho, im / rho, region_place(kernel, from, r) / rho);
  if (r->e != 0) series_normal(r);
  from->count++;
}

/* All of a region's samples end alike. */
static void fill_region(const deep_kernel *kernel, const region *r, double nu, int64_t *sum, fmandel_counts *counts) {
  const int64_t samples = r->width * r->height;
  for (int64_t j = 0; j < r->height; j++)
    for (int64_t i = 0; i < r->width; i++) kernel->nu[(r->row + j) * kernel->view->width + r->column + i] = nu;
  *sum += samples;
  counts->iterations += samples * r->n;
}

static void region_queue_start(const deep_kernel *kernel, region_queue *from) {
  const fmandel_deep_view *view = kernel->view;
  from->column_re = view->column_step_re * kernel->to_units;
  from->row_im = view->row_step_im * kernel->to_units;
  from->row_re = view->row_step_re * kernel->to_units;
  from->column_im = view->column_step_im * kernel->to_units;
  from->next = from->left = 0;
  from->count = 1;
  region *r = &from->waiting[0];
  memset(r, 0, sizeof *r);
  r->width = view->width;
  r->height = view->height;
  region_place(kernel, from, r);
  r->m = r->n = 1;
  r->z.re[0] = r->cr;
  r->z.im[0] = r->ci;
  r->z.re[1] = r->rho;
  r->e = r->c_e;
  from->all_fresh = region_settle(kernel, r, 1) == 0;
}

/* Are the middle and the corners in the minibrot? */
static int all_inside(const deep_kernel *kernel, const region *r) {
  if (!kernel->reference->has_interior) return 0;
  const int64_t width = kernel->view->width, right = r->width - 1, low = (r->height - 1) * width, first = r->row * width + r->column;
  const int64_t at[] = {first, first + right, first + low, first + low + right, first + (r->height / 2) * width + r->width / 2};
  for (int k = 0; k < 5; k++) {
    double cr, ci;
    place_sample(kernel, at[k], &cr, &ci);
    if (!in_small_set(kernel, cr, ci)) return 0;
  }
  return 1;
}

/* Makes the next region whose samples go alone the leaf. 0 if there is none, -1 if cancelled. */
static int next_leaf(const deep_kernel *kernel, region_queue *from, fmandel_counts *counts) {
  while (from->count > 0) {
    if (cancelled(kernel->cancel)) return -1;
    region r = from->waiting[--from->count];
    const double rho = region_place(kernel, from, &r);
    const int64_t samples = r.width * r.height;
    from->fresh = from->all_fresh || rho == 0 || all_inside(kernel, &r) || kernel->max_iter == 1;
    if (!from->fresh) {
      const double step = norm_max(norm_max(from->column_re, from->row_im), norm_max(from->row_re, from->column_im));
      const series_end end = region_run(kernel, &r, SERIES_TOLERANCE * (step / rho));
      if (end == SA_CANCELLED) return -1;
      if (end == SA_INTERIOR) fill_region(kernel, &r, FMANDEL_INTERIOR, &counts->interior, counts);
      if (end == SA_LIMITED) fill_region(kernel, &r, FMANDEL_LIMIT, &counts->limited, counts);
      if (end != SA_INVALID) continue;
      if (samples > REGION_LEAF) {
        /* the first is taken first */
        for (int scatter_rows = 3; scatter_rows >= 0; scatter_rows--) quarter_of(kernel, from, &r, rho, scatter_rows & 1, scatter_rows >> 1);
        continue;
      }
    }
    from->leaf = r;
    from->next = 0;
    from->left = samples;
    return 1;
  }
  return 0;
}

/*
 * A sample in its state after the steps that its region took, with the derivative of X by its
 * position in samples, NaN if that is unknown: 1; 0 if there is none left, -1 if cancelled.
 */
static int next_sample(const deep_kernel *kernel, region_queue *from, deep_pixel *p, int64_t *sample, deep_state *state, double *d,
                       fmandel_counts *counts) {
  if (from->left == 0) {
    const int got = next_leaf(kernel, from, counts);
    if (got <= 0) return got;
  }
  const region *r = &from->leaf;
  const int64_t i = r->column + from->next % r->width, j = r->row + from->next / r->width;
  from->next++;
  from->left--;
  *sample = j * kernel->view->width + i;
  *state = start_pixel(kernel, p, *sample);
  d[0] = kernel->width, d[1] = 0;
  /*
   * A real sample of a real reference stays real only if computed by itself. A sample that
   * start_pixel moved away from the nucleus is not where its region has it.
   */
  if (from->fresh || *state == DEEP_INTERIOR || p->ci == 0 || norm_max(p->cr, p->ci) <= kernel->least) return 1;
  double re, im;
  offset_from_middle(from, r, (double)i, (double)j, &re, &im);
  const double unit = power_of_two(kernel->reference->exponent - r->c_e), ur = re * unit / r->rho, ui = im * unit / r->rho;
  double zr = r->z.re[SERIES_TERMS - 1], zi = r->z.im[SERIES_TERMS - 1], slope_re = 0, slope_im = 0;
  for (int k = SERIES_TERMS - 2; k >= 0; k--) {
    const double next_slope = __builtin_fma(-slope_im, ui, __builtin_fma(slope_re, ur, zr));
    slope_im = __builtin_fma(slope_re, ui, __builtin_fma(slope_im, ur, zi));
    slope_re = next_slope;
    const double t = __builtin_fma(-zi, ui, __builtin_fma(zr, ur, r->z.re[k]));
    zi = __builtin_fma(zr, ui, __builtin_fma(zi, ur, r->z.im[k]));
    zr = t;
  }
  const double sample_width = r->e == 0 ? kernel->width_in_e * unit / r->rho : NAN;
  d[0] = slope_re * sample_width, d[1] = slope_im * sample_width;
  p->m = r->m;
  p->n = r->n;
  p->g = r->g;
  p->z = r->e == 0 ? (floatexp){zr, zi, 0} : floatexp_normal((floatexp){zr, zi, r->e});
  *state = r->e == 0 ? settle(kernel, p) : settle_extended(kernel, p);
  return 1;
}

#endif
