/* The public function for palette indices, which calls the instruction set in use. */
#include "fmandel/encode.h"
#include "simd/kernels.h"

void fmandel_palette_indices(const double *nu, int64_t count, double density, double bias, double offset, uint8_t *index) {
  fmandel_kernels()->palette_indices(nu, count, density, bias, offset, index);
}
