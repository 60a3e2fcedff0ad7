#ifndef FMANDEL_ISA_H
#define FMANDEL_ISA_H

#include "fmandel/platform.h"


#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default) /* the library hides all symbols but those declared here */

/*
 * The instruction set in use: "baseline", "avx2", "avx512" or "neon". It is chosen once, and is the
 * best that the processor has. The environment variable FMANDEL_ISA can name a lower one. A name
 * that the processor does not support is ignored.
 */
const char *fmandel_isa(void);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
