/*
 * The caller's flag, which another thread may set at any time: 0 means continue, anything else
 * stop. NULL never stops.
 */
#ifndef FMANDEL_CANCEL_H
#define FMANDEL_CANCEL_H

#include <stdint.h>

static inline int cancelled(const int32_t *cancel) {
  return cancel && __atomic_load_n(cancel, __ATOMIC_RELAXED) != 0;
}

#endif
