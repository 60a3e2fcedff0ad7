#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "fmandel/isa.h"
#include "simd/kernels.h"

/* FMANDEL_BASELINE leaves out all but the baseline, which compiles in a tenth of the time */
typedef enum { ISA_BASELINE, ISA_AVX2, ISA_AVX512, ISA_NEON, ISA_COUNT } isa_t;

static const char *const NAMES[ISA_COUNT] = {"baseline", "avx2", "avx512", "neon"};

/* avx512dq has the move from vector to mask; every processor that has it has the rest */
static int available(isa_t isa) {
  switch (isa) {
    case ISA_BASELINE: return 1;
#if defined(__x86_64__) && !defined(FMANDEL_BASELINE)
    case ISA_AVX2: return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case ISA_AVX512: return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq");
#elif defined(__aarch64__)
    case ISA_NEON: return 1;
#endif
    default: return 0;
  }
}

static isa_t choose(void) {
#if defined(__x86_64__) && !defined(FMANDEL_BASELINE)
  __builtin_cpu_init();
#endif
  const char *const wanted = getenv("FMANDEL_ISA");
  isa_t best = ISA_BASELINE;
  for (int isa = 0; isa < ISA_COUNT; isa++) {
    if (!available((isa_t)isa)) continue;
    best = (isa_t)isa;
    if (wanted && strcmp(wanted, NAMES[isa]) == 0) break;
  }
  return best;
}

/* threads that arrive at the same time all find the same, so the last store changes nothing */
static isa_t isa_chosen(void) {
  static atomic_int chosen = -1;
  int isa = atomic_load_explicit(&chosen, memory_order_relaxed);
  if (isa < 0) {
    isa = choose();
    atomic_store_explicit(&chosen, isa, memory_order_relaxed);
  }
  return (isa_t)isa;
}

const kernels *fmandel_kernels(void) {
  switch (isa_chosen()) {
#if defined(__x86_64__) && !defined(FMANDEL_BASELINE)
    case ISA_AVX2: return &fmandel_kernels_avx2;
    case ISA_AVX512: return &fmandel_kernels_avx512;
#elif defined(__aarch64__)
    case ISA_NEON: return &fmandel_kernels_neon;
#endif
    default: return &fmandel_kernels_baseline;
  }
}

const char *fmandel_isa(void) { return NAMES[isa_chosen()]; }
