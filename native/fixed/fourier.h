/*
 * The square of a complex fixed-point number by a Fourier transform, for many limbs. (re + i im)^2
 * is one complex convolution of the digits re_k + i im_k with themselves, so one transform forth
 * and one back replace three real squarings.
 */
#ifndef FMANDEL_FIXED_FOURIER_H
#define FMANDEL_FIXED_FOURIER_H

#include "fixed/limbs.h"

/*
 * Limbs of memory for numbers of n limbs, 8-byte aligned; fmandel_fourier_start fills the tables in
 * it.
 */
int64_t fmandel_fourier_memory(int n);
void fmandel_fourier_start(limb *memory, int n);

/* The most limbs for which the transform is no longer than for n. */
int fmandel_fourier_capacity(int n);

/*
 * re <- re^2 - im^2 and im <- 2 re im, for fixed-point numbers of n >= 8 limbs with |re|, |im| <
 * 2^31. Each is within an ulp of the exact value's truncation. Every machine gives the same bits.
 */
void fmandel_fourier_square(limb *re, limb *im, int n, limb *memory);

#endif
