/* What calls return, what stands for samples that did not escape, and how many did what. */
#ifndef FMANDEL_STATUS_H
#define FMANDEL_STATUS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default) /* the library is compiled with hidden visibility: what stands here is its face */

/* FMANDEL_REFUSED: the arguments, or the buffer, are not what the function asks for; nothing was computed */
enum { FMANDEL_OK = 0, FMANDEL_CANCELLED = 1, FMANDEL_REFUSED = 2 };

/* what stands in nu for a sample that did not escape: proven to belong to the set, or merely still inside at the limit */
#define FMANDEL_INTERIOR (-1.0)
#define FMANDEL_LIMIT (-2.0)

typedef struct {
  int64_t escaped, interior, limited; /* samples, adding up to width * height */
  int64_t iterations;                 /* iterations that the samples stand for: n for the escaped, work done for others */
  int64_t steps;                      /* of fmandel_deep alone: steps that were taken for these, however many iterations one skips */
} fmandel_counts;

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
