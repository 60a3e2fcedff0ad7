/*
 * For functions that must be compiled anew wherever they are called: for another length, or with
 * and without the derivative.
 */
#ifndef FMANDEL_INLINE_H
#define FMANDEL_INLINE_H

#define ALWAYS_INLINE static inline __attribute__((always_inline))

#endif
