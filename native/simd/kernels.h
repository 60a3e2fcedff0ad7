/*
 * The functions that every instruction set provides, and the choice of one set: the best that the
 * processor has, or the lower one that FMANDEL_ISA names. It is chosen once. This is the only
 * dispatcher: the public functions call through this table.
 */
#ifndef FMANDEL_SIMD_KERNELS_H
#define FMANDEL_SIMD_KERNELS_H

#include "deep/kernel.h"
#include "fixed/limbs.h"
#include "julia/view.h"
#include "styles/kernel.h"

typedef struct {
  int (*tile)(const double *re, int width, const double *im, int height, int points, int64_t max_iter, double escape_radius, double *nu,
              fmandel_counts *counts, const int32_t *cancel);
  int (*julia)(const julia_view *view, fmandel_counts *counts);
  int (*bla_build)(fmandel_reference *reference, const float *low, int64_t *progress, const int32_t *cancel);
  int (*deep)(const deep_kernel *kernel, fmandel_counts *counts);
  int (*distance)(const styles_pass *f);
  int (*stripe)(const styles_pass *f);
  int (*cycle)(const styles_pass *f);
  int (*deep_distance)(const styles_deep_pass *f);
  int (*deep_stripe)(const styles_deep_pass *f);
  int (*deep_cycle)(const styles_deep_pass *f);
  void (*palette_indices)(const double *nu, int64_t count, double density, double bias, double offset, uint8_t *index);
  void (*dither)(const double *nu, int width, int height, const int32_t *place, double density, double bias, double offset, uint8_t *index,
                 int8_t *part);
  void (*fourier)(limb *re, limb *im, int n, limb *memory);
} kernels;

extern const kernels fmandel_kernels_baseline, fmandel_kernels_avx2, fmandel_kernels_avx512, fmandel_kernels_neon;

/* The functions of the instruction set in use. */
const kernels *fmandel_kernels(void);

#endif
