/* The instruction set in use: the best that the processor has, or the lower one that FMANDEL_ISA names. Chosen once. */
#ifndef FMANDEL_ISA_H
#define FMANDEL_ISA_H

typedef enum { ISA_BASELINE, ISA_AVX2, ISA_AVX512, ISA_NEON, ISA_COUNT } isa_t;

isa_t isa_chosen(void);

#endif
