/* The tile kernel's doors: the instruction set's own functions behind the public names. */
#include "isa.h"
#include "kernel.h"

static const kernels *chosen(void) {
  switch (isa_chosen()) {
#if defined(__x86_64__)
    case ISA_AVX2: return &fmandel_avx2;
    case ISA_AVX512: return &fmandel_avx512;
#elif defined(__aarch64__)
    case ISA_NEON: return &fmandel_neon;
#endif
    default: return &fmandel_baseline;
  }
}

int fmandel_tile(const double *re, int width, const double *im, int height, int64_t max_iter, double escape_radius,
                 double *nu, fmandel_counts *counts, const int32_t *cancel) {
  return chosen()->tile(re, width, im, height, max_iter, escape_radius, nu, counts, cancel);
}

int fmandel_points(const double *re, const double *im, int count, int64_t max_iter, double escape_radius, double *nu,
                   fmandel_counts *counts, const int32_t *cancel) {
  return chosen()->points(re, im, count, max_iter, escape_radius, nu, counts, cancel);
}

void fmandel_index(const double *nu, int64_t count, double density, double bias, double offset, uint8_t *index) {
  chosen()->index(nu, count, density, bias, offset, index);
}
