/* What the doors of field.h hand to the loops of each instruction set, and what these have in common. */
#ifndef FMANDEL_FIELD_KERNEL_H
#define FMANDEL_FIELD_KERNEL_H

#include "deep_kernel.h"
#include "field.h"

/* a count is n - log2(log2 |z_n|): with this, log2(log2 R), added it is the sample's last whole age, in (n - 1, n] */
typedef struct {
  const fmandel_field_view *view;
  double last;
  double pixel;
  int64_t max_iter;
  const double *nu;
  float *out;
  const int32_t *cancel;
} field;

typedef struct {
  const deep_kernel *kernel;
  double last;
  scaled pixel;
  const double *nu;
  float *out;
} deep_field;

typedef struct {
  int (*distance)(const field *f);
  int (*stripe)(const field *f);
  int (*cycle)(const field *f);
  int (*deep_distance)(const deep_field *f);
  int (*deep_stripe)(const deep_field *f);
  int (*deep_cycle)(const deep_field *f);
} field_loops;

extern const field_loops fmandel_field_baseline, fmandel_field_avx2, fmandel_field_avx512, fmandel_field_neon;

/* |z|^2 from where on c counts for nothing beside z^2: the estimate is taken there */
#define FAR2 0x1p48

/* how many of the last iterates stripes are averaged over */
enum { WINDOW = 32 };

#endif
