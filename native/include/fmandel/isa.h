#ifndef FMANDEL_ISA_H
#define FMANDEL_ISA_H


#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default) /* the library is compiled with hidden visibility: what stands here is its face */

/*
 * The instruction set that fmandel_tile uses: "baseline", "avx2", "avx512" or "neon": the best that the processor
 * has, chosen once. The environment variable FMANDEL_ISA names a lower one; a name that the processor
 * does not have is ignored.
 */
const char *fmandel_isa(void);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
