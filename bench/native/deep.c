/*
 * 256 x 256 views at well-known locations by the library alone: CPU seconds of orbit (to the
 * nucleus of the view, or an escape), BLA table and pixels, beside the goals for their sum;
 * iterations a second, skipped ones included; and the gain of two threads. bench/native/deep.sh
 * builds and runs this.
 */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <fmandel/fmandel.h>
#include "../../test/native/orbit_data.h"

enum { LIMIT = 5000000, TINY = 100000, SIDE = 256, TURNS = 5 };

static const struct {
  const char *name;
  double seconds;
} goals[] = {{"1e50_bench", 0.4}, {"dragon", 1.5}, {"evolution_trees", 0.9}, {"4e533_bench", 0.4}, {"1e1086_bench", 0.8}};

static double seconds(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double cpu(void) { return seconds(CLOCK_PROCESS_CPUTIME_ID); }

typedef struct {
  const fmandel_reference *reference;
  fmandel_deep_view view;
  double *nu;
  fmandel_counts counts;
} picture;

static void *run(void *argument) {
  picture *h = argument;
  if (fmandel_deep(h->reference, &h->view, h->nu, &h->counts, NULL) != FMANDEL_OK) printf("refused\n");
  return NULL;
}

int main(int count, char **names) {
  printf("%s\n%-16s %8s %8s %8s %8s %8s %6s %6s %8s\n", fmandel_isa(), "place", "length", "orbit s", "table s", "pixels s", "sum s", "goal", "G it/s",
         "2 threads");
  double logs = 0;
  int views = 0;
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    if (count > 1 && strcmp(names[1], places[i].name) != 0) continue;
    int x;
    const double mantissa = frexp(places[i].zoom, &x);
    const int64_t zoom = places[i].exponent + x, spacing = 2 - zoom - 8;
    const fmandel_floatexp disc = {sqrt(2) / mantissa / 2, 0, 2 - zoom};
    const int64_t bits = fmandel_orbit_bits(spacing, LIMIT);
    const int n = fmandel_orbit_limbs(bits);
    uint64_t *c = malloc(4 * (size_t)n * sizeof *c);
    fmandel_fixed_from_decimal(c, n, places[i].re, (int64_t)strlen(places[i].re));
    fmandel_fixed_from_decimal(c + n, n, places[i].im, (int64_t)strlen(places[i].im));
    fmandel_orbit orbit = {.capacity = LIMIT, .tiny_capacity = TINY};
    orbit.z = malloc(2 * (LIMIT + 1) * sizeof(double));
    orbit.low = malloc(2 * (LIMIT + 1) * sizeof(float));
    orbit.tiny = malloc(TINY * sizeof(fmandel_tiny));
    orbit.work = malloc((size_t)fmandel_orbit_work(bits) * sizeof *orbit.work);

    const double start = cpu();
    fmandel_orbit_start(&orbit, c, c + n, bits, 1e4);
    int status;
    do {
      status = fmandel_orbit_run(&orbit, LIMIT, &disc, NULL, NULL);
      if (status == FMANDEL_CANDIDATE) status = fmandel_nucleus(&orbit, &disc, disc.exponent - 38, NULL, NULL);
    } while (status == FMANDEL_NOT_CONVERGED);
    const double orbited = cpu();
    const int64_t exponent = 2 - zoom + 2, bytes = fmandel_reference_bytes(&orbit, exponent);
    void *buffer = malloc((size_t)bytes);
    fmandel_reference_build(buffer, bytes, &orbit, exponent, NULL, NULL);
    const double built = cpu();

    /* the centre minus the reference point, which a nucleus moved, in units of 2^spacing */
    int64_t e;
    fmandel_fixed_sub(c + 2 * n, c, fmandel_orbit_re(&orbit), n);
    double re = fmandel_fixed_to_floatexp(c + 2 * n, n, &e);
    re = ldexp(re, (int)fmax(e - spacing, -1000));
    fmandel_fixed_sub(c + 2 * n, c + n, fmandel_orbit_im(&orbit), n);
    double im = fmandel_fixed_to_floatexp(c + 2 * n, n, &e);
    im = ldexp(im, (int)fmax(e - spacing, -1000));
    const double step = 1 / mantissa, corner = step * (SIDE - 1) / 2;
    double *nu = malloc(SIDE * SIDE * sizeof *nu);
    const int64_t limit = orbit.escaped || orbit.period || orbit.length > places[i].max_iter ? places[i].max_iter : orbit.length;
    picture whole = {fmandel_reference_from(buffer, bytes), {re - corner, im + corner, step, 0, 0, -step, spacing, SIDE, SIDE, limit, 1000, 0}, nu, {0}};
    const double warm = cpu();
    run(&whole);
    const double pixels = cpu() - warm;
    picture other = whole;
    other.nu = malloc(SIDE * SIDE * sizeof *nu);
    /*
     * two threads with a picture each, as tiles are rendered; the best of some turns, because a
     * core that has slept takes longer to wake than the shortest of these views takes
     */
    double one = INFINITY, two = INFINITY;
    for (int turn = 0; turn < TURNS; turn++) {
      const double start = seconds(CLOCK_MONOTONIC);
      run(&whole);
      one = fmin(one, seconds(CLOCK_MONOTONIC) - start);
      const double again = seconds(CLOCK_MONOTONIC);
      pthread_t thread;
      pthread_create(&thread, NULL, run, &other);
      run(&whole);
      pthread_join(thread, NULL);
      two = fmin(two, seconds(CLOCK_MONOTONIC) - again);
    }

    double goal = 0;
    for (size_t k = 0; k < sizeof goals / sizeof *goals; k++)
      if (strcmp(goals[k].name, places[i].name) == 0) goal = goals[k].seconds;
    logs += log(2 * one / two), views++;
    printf("%-16s %8lld %8.3f %8.3f %8.3f %8.3f %6.1f %6.1f %8.2fx  %s, %lld escaped, %lld interior\n", places[i].name, (long long)orbit.length,
           orbited - start, built - orbited, pixels, built - start + pixels, goal, (double)whole.counts.iterations / pixels * 1e-9,
           2 * one / two, orbit.period ? "nucleus" : orbit.escaped ? "escaped" : "cut short", (long long)whole.counts.escaped,
           (long long)whole.counts.interior);
    fflush(stdout);
    free(nu);
    free(other.nu);
    free(buffer);
    free(orbit.z);
    free(orbit.low);
    free(orbit.tiny);
    free(orbit.work);
    free(c);
  }
  const double mean = exp(logs / views);
  printf("two threads give %.2f times the pixels of one, in geometric mean (goal at least 1.9%s)\n", mean, mean >= 1.9 ? ", met" : ": MISSED");
  return 0;
}
