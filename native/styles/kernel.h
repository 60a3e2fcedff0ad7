/*
 * What the public functions of styles.h pass to the loops of each instruction set, and what these
 * share.
 */
#ifndef FMANDEL_STYLES_KERNEL_H
#define FMANDEL_STYLES_KERNEL_H

#include "deep/kernel.h"
#include "fmandel/styles.h"

/*
 * A count is n - log2(log2 |z_n|). Adding log2(log2 R) gives the sample's age at its last iterate,
 * in (n - 1, n].
 */
typedef struct {
  const fmandel_samples *samples;
  double last;
  double pixel;
  const double *nu;
  float *out;
  const int32_t *cancel;
} styles_pass;

typedef struct {
  const deep_kernel *kernel;
  double last;
  floatexp pixel;
  const double *nu;
  float *out;
} styles_deep_pass;

/* The distance is estimated where |z|^2 exceeds this, so that c is negligible beside z^2. */
#define FAR2 0x1p48

/* how many of the last iterates the stripe average covers */
enum { WINDOW = 32 };

#endif
