/*
 * Ordered dithering of palette indices where bands of one colour would show.
 *
 * One of 255 steps of a cycle is 4 to 12 levels of 255. In a wide sky, a step is up to hundreds of
 * samples wide, and its edge shows as a contour. There, an index is the nearest to the phase plus a
 * threshold between -1/2 and 1/2 of a step, so that the mean of the indices follows the phase. The
 * threshold depends on the sample's place in the plane only, so that tiles meet. Neighbours tell
 * how wide a step is: samples with steps narrower than 6 samples keep their nearest index, and so
 * do those in an edge, where steps narrower than 2 lie along the other axis. The neighbours are the
 * other samples of a pair in the row and in the column, and no pair lies in two tiles or strips.
 * Samples with steps wider than any screen are left alone too: they have one colour.
 *
 * Thresholds form a lattice of rank 1, as Roberts' R2 sequence (2018) does, which is spread evenly
 * over the plane. Of all such lattices with a period of 256, this is among the most even ones of
 * those in which any 16 samples of a row or column cover 7/8 of the range. The range is 8/7 of a
 * step, so that any 16 of them have two indices or more, even where the phase is that of a step.
 * The thresholds are mirrored in both axes, as the sets are.
 */
#ifndef FMANDEL_ENCODE_DITHER_TEMPLATE_H
#define FMANDEL_ENCODE_DITHER_TEMPLATE_H

#include "encode/palette_template.h"

/*
 * How strongly PALETTE_SAMPLES samples are dithered, 0 to 1, and in the result a bit for each that
 * is at all. Steps from 6 to 12 samples wide fade in, and so do those from 2 to 4 wide on the other
 * axis. `steps` times a difference over nu + bias is the difference of the phases in steps.
 */
ALWAYS_INLINE unsigned dither_strength(const double *nu, const double *left, const double *right, const double *pair, double bias, double steps,
                                       vec *strength) {
  vec size[PALETTE_VECTORS], low[PALETTE_VECTORS], high[PALETTE_VECTORS];
  unsigned some = 0;
  ivec odd;
  for (int lane = 0; lane < LANES; lane++) odd[lane] = -(lane & 1);
  for (int v = 0; v < PALETTE_VECTORS; v++) {
    const int at = v * LANES;
    const vec here = load(nu + at), beside = vselect64(odd, load(left + at), load(right + at));
    const vec across = vabs(here - beside), down = vabs(here - load(pair + at));
    size[v] = here + bias, low[v] = vmin(across, down) * steps, high[v] = vmax(across, down) * steps;
    const unsigned wide = vmask_bits(greater(size[v], vmax(low[v] * 6, high[v] * 2)));
    some |= (wide & vmask_bits(greater(high[v] * 65536, size[v])) & vmask_bits(less_equal(splat(0), here))) << at;
  }
  if (some == 0) return 0;
  for (int v = 0; v < PALETTE_VECTORS; v++) {
    const vec inverse = 1 / size[v];
    const vec wide = vmin(vmax(2 - 12 * low[v] * inverse, splat(0)), splat(1));
    strength[v] = wide * vmin(vmax(2 - 4 * high[v] * inverse, splat(0)), splat(1));
  }
  return some;
}

/* a coordinate of the lattice, mirrored: -1 is 0 again */
static inline unsigned from_axis(int32_t coordinate) { return (unsigned)(coordinate ^ coordinate >> 31); }

/* the thresholds of some samples of a row, in steps */
static inline void thresholds(const int32_t *place, int x, int y, int samples, double *out) {
  for (int k = 0; k < samples; k++) {
    const int32_t re = place[0] + (x + k) * place[2] + y * place[4], im = place[1] + (x + k) * place[3] + y * place[5];
    out[k] = ((double)((197 * from_axis(re) + 149 * from_axis(im)) & 255) - 127.5) / 224; /* 8/7 / 256 */
  }
}

/*
 * Dithers `index`; or, if `part` is not NULL, leaves it and fills `part` with the phase's distance
 * from the nearest index, in 1/254 of a step, as far as the sample would be dithered.
 */
static void dither(const double *nu, int width, int height, const int32_t *place, double density, double bias, double offset, uint8_t *index,
                   int8_t *part) {
  const double steps = fabs(density) * 255 * 0x1.71547652b82fep+0; /* 1 / ln 2 */
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x += PALETTE_SAMPLES) {
      const int samples = width - x < PALETTE_SAMPLES ? width - x : PALETTE_SAMPLES;
      const int64_t at = (int64_t)y * width + x;
      /* the last row or column is compared with the previous one if there is no next one */
      const double *here = nu + at, *left = here - 1, *right = here + 1;
      const double *pair = here + (y % 2 == 0 && y + 1 < height ? width : y > 0 ? -width : 0);
      double line[4][PALETTE_SAMPLES];
      if (x == 0 || x + PALETTE_SAMPLES >= width) {
        memset(line, 0, sizeof line);
        memcpy(line[0], here, sizeof *nu * (size_t)samples), memcpy(line[3], pair, sizeof *nu * (size_t)samples);
        memcpy(line[1] + 1, here, sizeof *nu * (size_t)(samples - 1));
        memcpy(line[2], here + 1, sizeof *nu * (size_t)(samples - 1));
        if (x + samples < width) line[2][samples - 1] = here[samples];
        else line[2][samples - 1] = here[width > 1 ? samples - 2 : 0];
        here = line[0], left = line[1], right = line[2], pair = line[3];
      }
      vec counts[PALETTE_VECTORS], strength[PALETTE_VECTORS], rest[PALETTE_VECTORS];
      const unsigned some = dither_strength(here, left, right, pair, bias, steps, strength);
      if (part) memset(part + at, 0, (size_t)samples);
      if (some == 0) continue;
      for (int v = 0; v < PALETTE_VECTORS; v++) counts[v] = load(here + v * LANES);
      phase_rests(counts, rest, PALETTE_VECTORS, density, bias, offset);
      double threshold[PALETTE_SAMPLES];
      if (!part) thresholds(place, x, y, PALETTE_SAMPLES, threshold);
      uint8_t bytes[PALETTE_SAMPLES];
      for (int v = 0; v < PALETTE_VECTORS; v++) {
        const vec nearest = vfma(rest[v], splat(255), splat(ROUNDING)) - ROUNDING;
        if (part) store_bytes(bytes + v * LANES, (ivec)(vfma(rest[v], splat(255), -nearest) * (254 * strength[v]) + ROUNDING));
        else {
          const vec moved = vfma(rest[v], splat(255), strength[v] * load(threshold + v * LANES));
          store_bytes(bytes + v * LANES, index_of(moved + ROUNDING, counts[v]));
        }
      }
      uint8_t *const to = part ? (uint8_t *)part + at : index + at;
      for (int k = 0; k < samples; k++) to[k] = some >> k & 1 ? bytes[k] : to[k];
    }
}

#endif
