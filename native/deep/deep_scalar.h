/*
 * The plain loop, one sample after the other, whose bits the vectors must give. For tests; not
 * exported.
 */
#ifndef FMANDEL_DEEP_DEEP_SCALAR_H
#define FMANDEL_DEEP_DEEP_SCALAR_H

#include "fmandel/deep.h"

#ifdef __cplusplus
extern "C" {
#endif

int fmandel_deep_scalar(const fmandel_reference *reference, const fmandel_deep_view *view, double *nu, fmandel_counts *counts,
                        const int32_t *cancel);

#ifdef __cplusplus
}
#endif
#endif
