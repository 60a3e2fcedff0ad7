/* The deep kernel, one sample after the other: what the vectors are held to, bit for bit. */
#define LANES 1
#include "deep/region.h"
#include "tile/smooth.h"

int fmandel_deep_scalar(const fmandel_reference *reference, const fmandel_deep_view *view, int64_t max_iter,
                        double escape_radius, double *nu, fmandel_counts *counts, const int32_t *cancel) {
  deep_kernel kernel;
  fmandel_counts sum = {0};
  if (!fmandel_deep_prepare(&kernel, reference, view, max_iter, escape_radius, nu, cancel)) return FMANDEL_REFUSED;
  region_source from;
  deep_pixel pixel;
  deep_state state = DEEP_PLAIN;
  int64_t sample = 0;
  open_source(&kernel, &from);
  for (int got; (got = next_sample(&kernel, &from, &pixel, &sample, &state, &sum)) != 0;) {
    if (got > 0) state = run_alone(&kernel, &pixel, state);
    if (got < 0 || state == DEEP_CANCELLED || cancelled(cancel)) return FMANDEL_CANCELLED;
    nu[sample] = ending(&pixel, state, &sum);
    if (state == DEEP_ESCAPED)
      nu[sample] = view->whole ? (double)pixel.n : smooth((vec){(double)pixel.n}, (vec){pixel.xr}, (vec){pixel.xi})[0];
  }
  if (counts) *counts = sum;
  return FMANDEL_OK;
}
