/*
 * Results of calls, the values that stand for samples that did not escape, and the counts of
 * samples.
 */
#ifndef FMANDEL_STATUS_H
#define FMANDEL_STATUS_H

#include <stdint.h>

#include "fmandel/platform.h"

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default) /* the library hides all symbols but those declared here */

/*
 * FMANDEL_REFUSED: the arguments or the buffer do not meet the function's requirements; nothing was
 * computed
 */
enum { FMANDEL_OK = 0, FMANDEL_CANCELLED = 1, FMANDEL_REFUSED = 2 };

/*
 * In nu, for a sample that did not escape: proven to belong to the set, or merely still inside at
 * the limit.
 */
#define FMANDEL_INTERIOR (-1.0)
#define FMANDEL_LIMIT (-2.0)

typedef struct {
  int64_t escaped, interior, limited; /* samples; they add up to width * height */
  /* that the samples stand for: n for those that escaped, the work done for others */
  int64_t iterations;
  /* from fmandel_deep only: steps taken for these iterations; a step may skip any number */
  int64_t steps;
} fmandel_counts;

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
