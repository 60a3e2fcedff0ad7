/* For functions that are programs of their own wherever they are called: with another length, with the derivative or without. */
#ifndef FMANDEL_INLINE_H
#define FMANDEL_INLINE_H

#define ALWAYS_INLINE static inline __attribute__((always_inline))

#endif
