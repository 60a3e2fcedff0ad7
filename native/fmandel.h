/*
 * fmandel: the Mandelbrot set in plain C. No dependency but libm; nothing is printed, nothing is allocated,
 * every array belongs to the caller. All functions may run in any number of threads at once.
 */
#ifndef FMANDEL_H
#define FMANDEL_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default) /* the library is compiled with hidden visibility: what stands here is its face */

/*
 * The original interface, unchanged, in single precision throughout and without fused multiply-add.
 *
 * f: 1 - n/max_iter, n (from 0) the iteration of z <- z^2 + x + iy, z from 0, after which |z| > 2; 0 where the
 * limit was reached.
 *
 * mandelbrot: f over a grid of grid x grid samples, row-major in mv: row m, column n is
 * f(x0 + n (x1 - x0)/grid, y0 + m (y1 - y0)/grid).
 */
float f(float x, float y, int max_iter);
void mandelbrot(float x0, float y0, float x1, float y1, int grid, int max_iter, float *mv);

enum { FMANDEL_OK = 0, FMANDEL_CANCELLED = 1 };

/*
 * The same grid, stopped early when *cancel becomes non-zero (cancel may be NULL). Returns FMANDEL_OK or
 * FMANDEL_CANCELLED; after a cancel the array is partly filled. grid32 is mandelbrot(); grid64 is its twin in double
 * precision, bit for bit the numbers of the original's plain Python version (|z| by hypot).
 */
int fmandel_grid32(float x0, float y0, float x1, float y1, int grid, int max_iter, float *mv, const int32_t *cancel);
int fmandel_grid64(double x0, double y0, double x1, double y1, int grid, int max_iter, double *mv,
                   const int32_t *cancel);

/* what stands in nu for a sample that did not escape: proven to belong to the set, or merely still inside at the limit */
#define FMANDEL_INTERIOR (-1.0)
#define FMANDEL_LIMIT (-2.0)

typedef struct {
  int64_t escaped, interior, limited; /* samples, adding up to width * height */
  int64_t iterations;                 /* iterations that the samples stand for: n for the escaped, work done for others */
  int64_t steps;                      /* of fmandel_deep alone: steps that were taken for these, however many iterations one skips */
} fmandel_counts;

/*
 * Smooth iteration counts of a view in double precision.
 *
 *   re[width], im[height]  the samples' real and imaginary parts, finite
 *   max_iter               the iteration limit, 1 .. 2^53
 *   escape_radius          R, 2 .. 1e100
 *   nu[height * width]     row-major, filled: n - log2(log2 |z_n|), never below 0, where n is the first iteration with
 *                          |z_n| > R (z_0 = 0, z_1 = c), so that for any R nu is in (n', n' + 1] for the original's n'
 *                          near |z| = 2; or FMANDEL_INTERIOR or FMANDEL_LIMIT
 *   counts                 filled, or NULL
 *   cancel                 polled at least every few milliseconds, or NULL
 *
 * The numbers are the same bits on every instruction set. Returns FMANDEL_OK or FMANDEL_CANCELLED.
 */
int fmandel_tile(const double *re, int width, const double *im, int height, int64_t max_iter, double escape_radius,
                 double *nu, fmandel_counts *counts, const int32_t *cancel);

/* the same by the plain scalar loop, one sample after the other: the oracle of the tests */
int fmandel_tile_scalar(const double *re, int width, const double *im, int height, int64_t max_iter,
                        double escape_radius, double *nu, fmandel_counts *counts, const int32_t *cancel);

/* The same for samples that lie anywhere: sample k at re[k] + i im[k]. A tile's numbers, where they are the samples of a tile. */
int fmandel_points(const double *re, const double *im, int count, int64_t max_iter, double escape_radius, double *nu,
                   fmandel_counts *counts, const int32_t *cancel);

/*
 * The radius of a disc about re + i im, exactly these doubles, that belongs to the set whole: by the multiplier of the cycle that attracts the orbit, about a
 * fifth of the distance to the boundary at the least. 0 where no cycle of a few thousand iterations is shown. A millisecond at the most, mostly far less.
 */
double fmandel_disc(double re, double im);

/*
 * The palette's step of each smooth count: the whole number nearest to 255 frac(density log2(nu + bias) + offset), 255 being 0 again, for
 * nu >= 0, and 255 for samples that did not escape. bias > 0; |density| and |offset| up to 2^40. The same bits on every instruction set.
 */
void fmandel_index(const double *nu, int64_t count, double density, double bias, double offset, uint8_t *index);

/* each number rounded to single precision */
void fmandel_narrow(const double *from, int64_t count, float *to);

/*
 * Rows of a PNG by its filter Sub: before each row the filter's number, then differences to the pixel on the left, modulo 256.
 * `rows` has height (width + 1) bytes.
 */
void fmandel_differences(const uint8_t *index, int width, int height, uint8_t *rows);

/*
 * A zlib stream of the data; returns its length. `out` has FMANDEL_DEFLATED(count) bytes: no token takes more than 2 bytes for each that it stands
 * for, a block's head less than 600, and each but the last stands for 2^14. count < 2^31.
 */
#define FMANDEL_DEFLATED(count) (2 * (count) + 600 * ((count) / 16384 + 1) + 16)
int64_t fmandel_deflate(const uint8_t *data, int64_t count, uint8_t *out);

/*
 * The instruction set that fmandel_tile uses: "baseline", "avx2", "avx512" or "neon": the best that the processor
 * has, chosen once. The environment variable FMANDEL_ISA names a lower one; a name that the processor
 * does not have is ignored.
 */
const char *fmandel_isa(void);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
