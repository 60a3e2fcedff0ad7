/* What the doors of field.h hand to the loops of each instruction set, and what these have in common. */
#ifndef FMANDEL_STYLES_KERNEL_H
#define FMANDEL_STYLES_KERNEL_H

#include "deep/kernel.h"
#include "fmandel/styles.h"

/* a count is n - log2(log2 |z_n|): with this, log2(log2 R), added it is the sample's last whole age, in (n - 1, n] */
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

/* |z|^2 from where on c counts for nothing beside z^2: the estimate is taken there */
#define FAR2 0x1p48

/* how many of the last iterates stripes are averaged over */
enum { WINDOW = 32 };

#endif
