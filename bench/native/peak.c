/*
 * Multiply-adds a second of this CPU with an instruction set: twelve independent chains, so that
 * both units are busy during the four cycles that one multiply-add takes.
 */
#include <math.h>
#include <string.h>
#include <time.h>

enum { CHAINS = 12, TURNS = 4000000 };

static double cpu(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

static volatile double sink;

#if defined(__x86_64__)
#include <immintrin.h>
#define MEASURE(name, isa, vec, set1, fma, first, lanes)                            \
  __attribute__((target(isa))) static double name(void) {                          \
    vec a[CHAINS];                                                                  \
    for (int k = 0; k < CHAINS; k++) a[k] = set1(1 + 1e-9 * k);                     \
    const vec b = set1(0.999999), c = set1(1e-6);                                   \
    const double start = cpu();                                                     \
    for (int n = 0; n < TURNS; n++) {                                               \
      for (int k = 0; k < CHAINS; k++) a[k] = fma(a[k], b, c);                      \
    }                                                                               \
    const double taken = cpu() - start;                                             \
    for (int k = 0; k < CHAINS; k++) sink = first(a[k]);                            \
    return (double)lanes * CHAINS * TURNS / taken;                                  \
  }
MEASURE(by_avx512, "avx512f", __m512d, _mm512_set1_pd, _mm512_fmadd_pd, _mm512_cvtsd_f64, 8)
MEASURE(by_avx2, "avx2,fma", __m256d, _mm256_set1_pd, _mm256_fmadd_pd, _mm256_cvtsd_f64, 4)
#endif

/* the C library's fma, one at a time */
static double by_library(void) {
  double a[CHAINS];
  for (int k = 0; k < CHAINS; k++) a[k] = 1 + 1e-9 * k;
  const double start = cpu();
  for (int n = 0; n < TURNS / 16; n++)
    for (int k = 0; k < CHAINS; k++) a[k] = fma(a[k], 0.999999, 1e-6);
  const double taken = cpu() - start;
  for (int k = 0; k < CHAINS; k++) sink = a[k];
  return (double)CHAINS * (TURNS / 16) / taken;
}

/* multiply-adds a second, the best of five */
double peak(const char *isa) {
  double best = 0;
  for (int round = 0; round < 5; round++) {
    double rate = 0;
#if defined(__x86_64__)
    if (strcmp(isa, "avx512") == 0) rate = by_avx512();
    else if (strcmp(isa, "avx2") == 0) rate = by_avx2();
#endif
    if (rate == 0) rate = by_library();
    best = fmax(best, rate);
  }
  return best;
}
