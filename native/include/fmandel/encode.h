/* What becomes of a tile's numbers on their way out. */
#ifndef FMANDEL_ENCODE_H
#define FMANDEL_ENCODE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default) /* the library is compiled with hidden visibility: what stands here is its face */

/*
 * The palette's step of each smooth count: the whole number nearest to 255 frac(density log2(nu + bias) + offset), 255 being 0 again, for
 * nu >= 0, and 255 for samples that did not escape. bias > 0; |density| and |offset| up to 2^40. The same bits on every instruction set.
 */
void fmandel_palette_indices(const double *nu, int64_t count, double density, double bias, double offset, uint8_t *index);

/* each number rounded to single precision */
void fmandel_to_float(const double *from, int64_t count, float *to);

/*
 * Rows of a PNG by its filter Sub: before each row the filter's number, then differences to the pixel on the left, modulo 256.
 * `rows` has height (width + 1) bytes.
 */
void fmandel_png_sub_filter(const uint8_t *index, int width, int height, uint8_t *rows);

/*
 * A zlib stream of the data; returns its length. `out` has FMANDEL_DEFLATED(count) bytes: no token takes more than 2 bytes for each that it stands
 * for, a block's head less than 600, and each but the last stands for 2^14. count < 2^31.
 */
#define FMANDEL_DEFLATED(count) (2 * (count) + 600 * ((count) / 16384 + 1) + 16)
int64_t fmandel_deflate(const uint8_t *data, int64_t count, uint8_t *out);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
