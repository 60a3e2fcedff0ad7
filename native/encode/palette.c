/* The public functions for palette indices, which call the instruction set in use. */
#include <stddef.h>

#include "fmandel/encode.h"
#include "simd/kernels.h"

void fmandel_palette_indices(const double *nu, int64_t count, double density, double bias, double offset, uint8_t *index) {
  fmandel_kernels()->palette_indices(nu, count, density, bias, offset, index);
}

void fmandel_dither_indices(const double *nu, int width, int height, const int32_t *place, double density, double bias, double offset,
                            uint8_t *index) {
  fmandel_kernels()->dither(nu, width, height, place, density, bias, offset, index, NULL);
}

void fmandel_step_parts(const double *nu, int width, int height, double density, double bias, double offset, int8_t *part) {
  fmandel_kernels()->dither(nu, width, height, NULL, density, bias, offset, NULL, part);
}
