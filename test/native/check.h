/*
 * The first 20 checks that fail are printed with their place and reason. The program ends with the
 * line "N passed, N failed".
 */
#ifndef CHECK_H
#define CHECK_H

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long checks_passed, checks_failed;

#define CHECK(truth, ...)                                  \
  do {                                                     \
    if (truth) {                                           \
      checks_passed++;                                     \
    } else if (checks_failed++ < 20) {                     \
      printf("%s:%d: %s: ", __FILE__, __LINE__, #truth);   \
      printf(__VA_ARGS__);                                 \
      putchar('\n');                                       \
    }                                                      \
  } while (0)

static inline int checked(void) {
  printf("%ld passed, %ld failed\n", checks_passed, checks_failed);
  return checks_failed != 0;
}

/*
 * the same numbers in every run and on every machine: xorshift64*, and from it a double in [low,
 * high)
 */
static uint64_t random_state = 0x9e3779b97f4a7c15;

static inline uint64_t random_bits(void) {
  random_state ^= random_state >> 12;
  random_state ^= random_state << 25;
  random_state ^= random_state >> 27;
  return random_state * 0x2545f4914f6cdd1d;
}

static inline double random_between(double low, double high) {
  return low + (high - low) * (double)(random_bits() >> 11) * 0x1p-53;
}

#endif
