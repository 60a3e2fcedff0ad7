/* What turns the numbers of a tile into bytes to send: palette indices, PNG rows, a zlib stream. */
#ifndef FMANDEL_ENCODE_H
#define FMANDEL_ENCODE_H

#include <stdint.h>

#include "fmandel/platform.h"

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default) /* the library hides all symbols but those declared here */

/*
 * The palette index of each smooth count nu >= 0: 255 frac(density log2(nu + bias) + offset),
 * rounded to the nearest integer, where 255 wraps to 0. Samples that did not escape get 255. bias >
 * 0; |density| and |offset| are at most 2^40. Every instruction set gives the same bits.
 */
void fmandel_palette_indices(const double *nu, int64_t count, double density, double bias, double offset, uint8_t *index);

/*
 * Dithers the indices of rows of smooth counts, where neighbouring phases are so close that steps
 * would show as bands: where a step is wider than 6 samples along one axis, and wider than 2 along
 * the other. There, an index is the nearest to the phase plus a threshold of the sample's place, up
 * to 4/7 of a step either way. All other indices stay. The rest is as above.
 *
 * `place` has six numbers: the first sample's place in the lattice of all samples, along re and
 * down im from 0; what a column adds to both of these, and what a row does: -1, 0 or 1. All places
 * fit int32_t.
 */
void fmandel_dither_indices(const double *nu, int width, int height, const int32_t *place, double density, double bias, double offset,
                            uint8_t *index);

/*
 * For colours that are not limited to 255 steps: the distance of each phase from its nearest step,
 * in 1/254 of a step. It is 0 where indices would not be dithered.
 */
void fmandel_step_parts(const double *nu, int width, int height, double density, double bias, double offset, int8_t *part);

/* Rounds each number to single precision. */
void fmandel_to_float(const double *from, int64_t count, float *to);

/*
 * Rows of a PNG with the filter Sub: each row starts with the filter's number, followed by the
 * differences of each pixel to the one on its left, modulo 256. `rows` has height (width + 1)
 * bytes.
 */
void fmandel_png_sub_filter(const uint8_t *index, int width, int height, uint8_t *rows);

/*
 * Rows of a PNG of colours: each is filtered by the difference to the pixel on the left (Sub) or to
 * the row above (Up), whichever leaves the smaller sum of differences as signed bytes; the first
 * row by Sub. `pixels` has `height` rows of `stride` bytes, and `pixel` bytes a pixel, 1 to 8.
 * `rows` has height (stride + 1) bytes.
 */
void fmandel_png_filter(const uint8_t *pixels, int64_t stride, int64_t height, int pixel, uint8_t *rows);

/*
 * Writes a zlib stream of the data and returns its length. `out` must have FMANDEL_DEFLATED(count)
 * bytes. That is enough, because no token takes more than 2 bytes for each byte that it stands for,
 * the head of a block takes less than 600, and each block but the last stands for at least 2^14.
 * count < 2^31.
 */
#define FMANDEL_DEFLATED(count) (2 * (count) + 600 * ((count) / 16384 + 1) + 16)
int64_t fmandel_deflate(const uint8_t *data, int64_t count, uint8_t *out);

/*
 * The same as a part of a stream, without its head and checksum: blocks of which none is the last,
 * up to a whole byte, which refer to nothing before the part. So parts in a row are one stream.
 * `sum` receives the Adler-32 of the data.
 */
int64_t fmandel_deflate_part(const uint8_t *data, int64_t count, uint8_t *out, uint32_t *sum);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
