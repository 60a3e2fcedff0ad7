/* What the doors of the deep kernel hand to the loops: the reference and the view, unpacked. */
#ifndef FMANDEL_DEEP_KERNEL_H
#define FMANDEL_DEEP_KERNEL_H

#include "bla/bla.h"
#include "fmandel/deep.h"

typedef struct {
  const fmandel_reference *reference;
  const fmandel_deep_view *view;
  const double *z; /* the reference orbit, interleaved */
  const int64_t *starts; /* of its blocks */
  const int32_t *plain_keys, *wide_keys;
  const plain_step *plain_steps;
  const wide_step *wide_steps;
  const int32_t *plain_index, *wide_index, *plain_blocks, *wide_blocks; /* of the prefixes */
  const plain_step *plain_prefixes;
  const wide_step *wide_prefixes;
  int64_t length, max_iter;
  double radius, radius2;
  double unit;     /* 2^E, the unit of c; 0 below the double's range, where a plain delta does not feel it */
  double to_units; /* from the view's unit, 2^exponent, to that */
  double *nu;
  const int32_t *cancel;
} deep_kernel;

/* unpacks; returns 0 where the reference does not serve the view */
int fmandel_deep_prepare(deep_kernel *kernel, const fmandel_reference *reference, const fmandel_deep_view *view, int64_t max_iter,
                         double escape_radius, double *nu, const int32_t *cancel);

#endif
