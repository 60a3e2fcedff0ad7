/* The deep kernel, one sample after the other. The vectors must give the same bits. */
#include "deep/deep_scalar.h"

#define LANES 1
#include "deep/direct.h"
#include "deep/region.h"
#include "tile/smooth.h"

int fmandel_deep_scalar(const fmandel_reference *reference, const fmandel_deep_view *view, double *nu, fmandel_counts *counts,
                        const int32_t *cancel) {
  deep_kernel kernel;
  fmandel_counts sum = {0};
  if (!fmandel_deep_prepare(&kernel, reference, view, nu, cancel)) return FMANDEL_REFUSED;
  region_queue from;
  deep_pixel pixel;
  deep_state state = DEEP_DOUBLE;
  int64_t sample = 0;
  region_queue_start(&kernel, &from);
  double d[2];
  for (int got; (got = next_sample(&kernel, &from, &pixel, &sample, &state, d, &sum)) != 0;) {
    if (got > 0 && starts_direct(&kernel, &pixel, d, state)) state = run_direct(&kernel, &pixel, sample, d);
    if (got > 0) state = run_counting(&kernel, &pixel, sample, d, state);
    if (got < 0 || state == DEEP_CANCELLED || cancelled(cancel)) return FMANDEL_CANCELLED;
    nu[sample] = count_end(&pixel, state, &sum);
    if (state == DEEP_ESCAPED)
      nu[sample] = view->integer_counts ? (double)pixel.n : smooth((vec){(double)pixel.n}, (vec){pixel.xr}, (vec){pixel.xi})[0];
  }
  if (counts) *counts = sum;
  return FMANDEL_OK;
}
