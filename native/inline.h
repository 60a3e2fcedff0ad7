/*
 * For functions that must be compiled separately for every call: for another length, or with and
 * without the derivative.
 */
#ifndef FMANDEL_INLINE_H
#define FMANDEL_INLINE_H

#define ALWAYS_INLINE static inline __attribute__((always_inline))

#endif
