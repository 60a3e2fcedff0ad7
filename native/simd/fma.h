/*
 * fma as C has it: a b + c, rounded once. The C library of mingw-w64 rounds twice in some cases, so
 * on Windows it is the function of simd/fma.c.
 */
#ifndef FMANDEL_SIMD_FMA_H
#define FMANDEL_SIMD_FMA_H

#include <math.h>

#if defined(_WIN32)
#define fma fmandel_fma
#endif
double fmandel_fma(double a, double b, double c);

#endif
