/*
 * The deep kernel's public functions, which check their arguments and call the instruction set in
 * use.
 */
#include "fmandel/deep.h"

#include <math.h>

#include "deep/kernel.h"
#include "simd/kernels.h"

/*
 * The magnitude of the coordinate at the farthest corner: `across` over the columns, `down` over
 * the rows.
 */
static double farthest(double from, double across, double down) {
  double most = 0;
  for (int corner = 0; corner < 4; corner++) {
    double size = __builtin_fabs(from + (corner & 1 ? across : 0) + (corner & 2 ? down : 0));
    if (size > most) most = size;
  }
  return most;
}

int fmandel_deep_prepare(deep_kernel *kernel, const fmandel_reference *reference, const fmandel_deep_view *view, double *nu,
                         const int32_t *cancel) {
  const int64_t max_iter = view->max_iter;
  const double escape_radius = view->escape_radius;
  const char *base = (const char *)reference;
  if (!(view->width >= 1 && view->height >= 1 && max_iter >= 1 && escape_radius >= 2 && escape_radius <= 1e100)) return 0;
  if (!reference->escaped && reference->period == 0 && max_iter > reference->length) return 0;
  if (reference->escaped && escape_radius > reference->radius / 2) return 0;
  if (view->exponent - reference->exponent > 1000 || view->exponent - reference->exponent < -1000) return 0;
  double columns = view->width - 1, rows = view->height - 1;
  double re = farthest(view->re, view->column_step_re * columns, view->row_step_re * rows);
  double im = farthest(view->im, view->column_step_im * columns, view->row_step_im * rows);
  floatexp far = floatexp_abs(floatexp_normal((floatexp){re, im, view->exponent}));
  /* rounding may lead a corner just past the circle: a thousandth of slack costs no accuracy */
  if (!floatexp_less(far, (floatexp){1.001, 0, reference->exponent}) || (far.re > 0 && far.e < reference->exponent - 900)) return 0;
  const double width = __builtin_sqrt(view->column_step_re * view->column_step_re + view->column_step_im * view->column_step_im);
  const double apart = width * power_of_two(view->exponent);
  const int follows = apart >= 0x1p-1022;
  int reach = 0;
  while (reach < reaches_of(reference) - 1 && floatexp_less(far, (floatexp){1.001, 0, reference->exponent - (reach + 1) * REACH_BITS})) reach++;
  *kernel = (deep_kernel){
      .reference = reference,
      .view = view,
      .z = (const double *)(base + reference->z),
      .starts = (const int64_t *)(base + reference->starts),
      .bla_keys = (const int32_t *)(base + reference->doubles.keys + reach * reference->doubles.key_bytes),
      .bla_ext_keys = (const int32_t *)(base + reference->extended.keys),
      .bla_steps = base + reference->doubles.steps,
      .bla_ext_steps = (const bla_step_ext *)(base + reference->extended.steps),
      .prefix_index = (const int32_t *)(base + reference->prefixes[reach].index),
      .prefix_ext_index = (const int32_t *)(base + reference->prefixes_ext.index),
      .prefix_blocks = (const int32_t *)(base + reference->prefixes[reach].blocks),
      .prefix_ext_blocks = (const int32_t *)(base + reference->prefixes_ext.blocks),
      .prefixes = base + reference->prefixes[reach].steps,
      .prefixes_ext = (const bla_step_ext *)(base + reference->prefixes_ext.steps),
      .step_bytes = step_bytes(reference),
      .reach = reach,
      .mixed = reference->mixed != 0,
      .length = reference->length,
      .max_iter = max_iter,
      .radius = escape_radius,
      .radius2 = escape_radius * escape_radius,
      .unit = power_of_two(reference->exponent),
      .least = reference->period > 0 ? power_of_two(reference->tolerance - reference->exponent) : 0,
      .width = follows ? apart : NAN,
      .width_in_e = follows ? width * power_of_two(view->exponent - reference->exponent) : NAN,
      .to_units = power_of_two(view->exponent - reference->exponent),
      .nu = nu,
      .cancel = cancel,
  };
  return 1;
}

int fmandel_deep(const fmandel_reference *reference, const fmandel_deep_view *view, double *nu, fmandel_counts *counts, const int32_t *cancel) {
  deep_kernel kernel;
  fmandel_counts sum = {0};
  if (!fmandel_deep_prepare(&kernel, reference, view, nu, cancel)) return FMANDEL_REFUSED;
  const int status = fmandel_kernels()->deep(&kernel, &sum);
  if (status == FMANDEL_OK && counts) *counts = sum;
  return status;
}
