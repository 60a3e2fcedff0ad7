/*
 * The arguments of the deep kernel's loops: the reference and the view, unpacked.
 */
#ifndef FMANDEL_DEEP_KERNEL_H
#define FMANDEL_DEEP_KERNEL_H

#include "bla/bla.h"
#include "fmandel/deep.h"

typedef struct {
  const fmandel_reference *reference;
  const fmandel_deep_view *view;
  const double *z; /* the reference orbit, interleaved */
  const int64_t *starts; /* of its blocks */
  const int32_t *bla_keys, *bla_ext_keys;
  const char *bla_steps; /* mixed or not */
  const bla_step_ext *bla_ext_steps;
  /* of the prefixes */
  const int32_t *prefix_index, *prefix_ext_index, *prefix_blocks, *prefix_ext_blocks;
  const char *prefixes;
  const bla_step_ext *prefixes_ext;
  int64_t length, max_iter;
  int64_t step_bytes; /* of a step in double range */
  int reach, mixed; /* the reach of the steps that are valid for the view; are they mixed? */
  double radius, radius2;
  /*
   * 2^E, the unit of c; 0 below the double's range, where c is negligible beside a delta in double
   * range
   */
  double unit;
  /*
   * In that unit: how exactly the nucleus is known. A sample nearer to it is taken at this
   * distance, so that it does not seem to be the nucleus itself.
   */
  double least;
  /*
   * of a sample; also in units of 2^E. Not a number below the normal doubles: then no sample goes
   * directly, and none carries its derivative, which took 12 % of views at zooms 1020 to 3607
   */
  double width, width_in_e;
  double to_units; /* from the view's unit, 2^exponent, to that */
  double *nu;
  const int32_t *cancel;
} deep_kernel;

/* Unpacks. Returns 0 if the reference does not serve the view. */
int fmandel_deep_prepare(deep_kernel *kernel, const fmandel_reference *reference, const fmandel_deep_view *view, double *nu, const int32_t *cancel);

#endif
