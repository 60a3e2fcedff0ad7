/* What every instruction set offers, and what they have in common. */
#ifndef FMANDEL_KERNEL_H
#define FMANDEL_KERNEL_H

#include "fmandel.h"

/* iterations between two looks at a sample: escape, cycle and limit are tested at its multiples */
enum { BLOCK = 16 };

/*
 * A sample that comes back to a state that it had before never escapes in doubles, and cycle.h tells whether it does in truth. The state is
 * kept after KEEP iterations, a multiple of BLOCK, and then whenever the count is AGING times higher (Brent), and each later block's end is
 * compared with it, exactly.
 */
enum { KEEP = 128, AGING = 4 };

/*
 * The main cardioid is q (q + x) < im^2 / 4 with x = re - 1/4, q = x^2 + im^2; the disc of period 2 is (re + 1)^2 + im^2 < 1/16.
 * Both are shrunk by more than the rounding of either side, so that no sample outside is ever taken in: q (q + x) by 2^-49 q where
 * it is off by at most 11 units of 2^-53 q, and the disc by 2^-53 where the sum, near 1/16, is off by 3/16 of that.
 */
#define CARDIOID_MARGIN 0x1p-49
#define DISC (0.0625 - 0x1p-53)

typedef struct {
  int (*tile)(const double *re, int width, const double *im, int height, int64_t max_iter, double escape_radius, double *nu,
              fmandel_counts *counts, const int32_t *cancel);
  int (*points)(const double *re, const double *im, int count, int64_t max_iter, double escape_radius, double *nu,
                fmandel_counts *counts, const int32_t *cancel);
  void (*index)(const double *nu, int64_t count, double density, double bias, double offset, uint8_t *index);
} kernels;

extern const kernels fmandel_baseline, fmandel_avx2, fmandel_avx512, fmandel_neon;

#endif
