/* The palette indices of any number of smooth counts. */
#ifndef FMANDEL_ENCODE_PALETTE_TEMPLATE_H
#define FMANDEL_ENCODE_PALETTE_TEMPLATE_H

#include "encode/palette.h"
#include "inline.h"

enum { PALETTE_VECTORS = 4, PALETTE_SAMPLES = PALETTE_VECTORS * LANES };

/* `samples` indices, at most PALETTE_SAMPLES */
ALWAYS_INLINE void palette_row(const double *nu, int samples, double density, double bias, double offset, uint8_t *indices) {
  double line[PALETTE_SAMPLES] = {0};
  vec counts[PALETTE_VECTORS];
  ivec steps[PALETTE_VECTORS];
  if (samples < PALETTE_SAMPLES) memcpy(line, nu, sizeof *nu * (size_t)samples), nu = line;
  for (int v = 0; v < PALETTE_VECTORS; v++) counts[v] = load(nu + v * LANES);
  palette_steps(counts, steps, PALETTE_VECTORS, density, bias, offset);
  uint8_t bytes[PALETTE_SAMPLES];
  for (int v = 0; v < PALETTE_VECTORS; v++) store_bytes(bytes + v * LANES, steps[v]);
  memcpy(indices, bytes, (size_t)samples);
}

static void palette_indices(const double *nu, int64_t count, double density, double bias, double offset, uint8_t *indices) {
  int64_t at = 0;
  for (; at + PALETTE_SAMPLES <= count; at += PALETTE_SAMPLES) palette_row(nu + at, PALETTE_SAMPLES, density, bias, offset, indices + at);
  if (at < count) palette_row(nu + at, (int)(count - at), density, bias, offset, indices + at);
}

#endif
