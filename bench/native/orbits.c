/*
 * The cost of a reference before its BLA table, at well-known locations: the fractional bits, the
 * period of the picture's disc, and CPU seconds for the orbit up to it and for Newton's method.
 * bench/native/orbits.sh builds and runs this.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <fmandel/fmandel.h>
#include "../../test/native/orbit_data.h"

enum { LIMIT = 5000000, TINY = 100000, PIXELS = 256 };

static double cpu_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int main(void) {
  printf("%-16s %6s %9s %8s %8s %8s  %s\n", "place", "bits", "length", "orbit s", "ns/step", "Newton s", "ends as");
  fmandel_orbit orbit = {.capacity = LIMIT, .tiny_capacity = TINY};
  orbit.z = malloc(2 * (LIMIT + 1) * sizeof(double));
  orbit.low = malloc(2 * (LIMIT + 1) * sizeof(float));
  orbit.tiny = malloc(TINY * sizeof(fmandel_tiny));
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    /* a picture 4/zoom high, and the disc around it */
    int x;
    double mantissa = frexp(places[i].zoom, &x);
    int64_t zoom = places[i].exponent + x;
    fmandel_floatexp disc = {sqrt(2) / mantissa / 2, 0, 2 - zoom};
    int64_t spacing = 2 - zoom - (int64_t)log2(PIXELS), bits = fmandel_orbit_bits(spacing, LIMIT);
    int n = fmandel_orbit_limbs(bits);
    uint64_t *c = malloc(2 * (size_t)n * sizeof *c);
    orbit.work = malloc((size_t)fmandel_orbit_work(bits) * sizeof *orbit.work);
    fmandel_fixed_from_decimal(c, n, places[i].re, (int64_t)strlen(places[i].re));
    fmandel_fixed_from_decimal(c + n, n, places[i].im, (int64_t)strlen(places[i].im));

    double iterating = 0, moving = 0;
    int status;
    fmandel_orbit_start(&orbit, c, c + n, bits, 1e4);
    do {
      double start = cpu_seconds();
      status = fmandel_orbit_run(&orbit, LIMIT, &disc, NULL, NULL);
      double middle = cpu_seconds();
      if (status == FMANDEL_CANDIDATE) status = fmandel_nucleus(&orbit, &disc, disc.exponent - 38, NULL, NULL);
      iterating += middle - start;
      moving += cpu_seconds() - middle;
    } while (status == FMANDEL_NOT_CONVERGED);
    printf("%-16s %6lld %9lld %8.3f %8.0f %8.3f  %s", places[i].name, (long long)orbit.bits, (long long)orbit.length, iterating,
           iterating * 1e9 / (double)orbit.length, moving, orbit.period ? "nucleus" : orbit.escaped ? "escaped" : "cut short");
    if (orbit.period) {
      int64_t size = fmandel_nucleus_size(&orbit).exponent;
      printf(", minibrot 2^%lld in a picture 2^%lld high", (long long)size, (long long)(2 - zoom));
    }
    printf("\n");
    fflush(stdout);
    free(c);
    free(orbit.work);
  }
  free(orbit.z);
  free(orbit.low);
  free(orbit.tiny);
  return 0;
}
