/*
 * One iteration of an orbit in this library's fixed point and in GMP's: the same three squarings
 * and sums, once through fmandel_orbit_run, once by mpn_sqr, mpn_add_n and mpn_sub_n on magnitudes
 * with signs. Prints CPU nanoseconds an iteration (the least of several runs) and their ratio
 * beside the goal. The last Z of both must agree but for rounding.
 *
 * GMP is used for development only: the library does not link it. bench/native/gmp.sh builds and
 * runs this.
 */
#include <gmp.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <fmandel/fmandel.h>

#define GOAL 1.5
enum { RUNS = 7 };

static double cpu_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* sign and magnitude, the usual form with mpn functions */
typedef struct {
  int negative;
  mp_limb_t *limbs;
} number;

static void add(number *r, const number *a, const number *b, int subtract, mp_size_t n) {
  int b_negative = b->negative ^ subtract;
  if (a->negative == b_negative) {
    mpn_add_n(r->limbs, a->limbs, b->limbs, n);
    r->negative = a->negative;
  } else if (mpn_cmp(a->limbs, b->limbs, n) >= 0) {
    r->negative = a->negative;
    mpn_sub_n(r->limbs, a->limbs, b->limbs, n);
  } else {
    r->negative = b_negative;
    mpn_sub_n(r->limbs, b->limbs, a->limbs, n);
  }
}

static void from_fixed(number *r, const uint64_t *a, int n) {
  uint64_t *copy = malloc((size_t)n * 8);
  memcpy(copy, a, (size_t)n * 8);
  r->negative = fmandel_fixed_sign(a, n) < 0;
  if (r->negative) fmandel_fixed_negate(copy, a, n);
  memcpy(r->limbs, copy, (size_t)n * 8);
  free(copy);
}

static double gmp_orbit(const uint64_t *c_re, const uint64_t *c_im, int n, int iterations, double *z) {
  mp_limb_t *memory = calloc((size_t)n * 16, sizeof *memory);
  number C_re = {0, memory}, C_im = {0, memory + n};
  number re = {0, memory + 2 * n}, im = {0, memory + 3 * n}, sum = {0, memory + 4 * n};
  mp_limb_t *re_square = memory + 5 * n, *im_square = memory + 7 * n, *sum_square = memory + 9 * n;
  /* the products' limbs from n - 1 on */
  number re2 = {0, re_square + n - 1}, im2 = {0, im_square + n - 1}, sum2 = {0, sum_square + n - 1};
  from_fixed(&C_re, c_re, n);
  from_fixed(&C_im, c_im, n);
  double start = cpu_seconds();
  for (int m = 0; m < iterations; m++) {
    add(&sum, &re, &im, 0, n);
    mpn_sqr(re_square, re.limbs, n);
    mpn_sqr(im_square, im.limbs, n);
    mpn_sqr(sum_square, sum.limbs, n);
    add(&re, &re2, &im2, 1, n);
    add(&re, &re, &C_re, 0, n);
    add(&im, &sum2, &re2, 1, n);
    add(&im, &im, &im2, 1, n);
    add(&im, &im, &C_im, 0, n);
    /* as fmandel_orbit_run does: the iterate as doubles, and a test for escape */
    z[0] = ((double)re.limbs[n - 1] + 0x1p-64 * (double)re.limbs[n - 2]) * (re.negative ? -1 : 1);
    z[1] = ((double)im.limbs[n - 1] + 0x1p-64 * (double)im.limbs[n - 2]) * (im.negative ? -1 : 1);
    if (z[0] * z[0] + z[1] * z[1] > 1e4) break;
  }
  double seconds = cpu_seconds() - start;
  free(memory);
  return seconds;
}

int main(void) {
  static const int bits[] = {128, 192, 256, 320, 384, 512, 640, 704, 768, 896, 1024, 1280, 1536,
                             2048, 3072, 3712, 4096, 6144, 8192, 12288, 16384, 27072};
  static const char re[] = "-1.7548776662466927600495088963585286918946066", im[] = "0.00000000000012345678901234567";
  printf("%6s %12s %12s %7s %6s\n", "bits", "ours ns", "GMP ns", "ratio", "goal");
  int missed = 0;
  for (size_t i = 0; i < sizeof bits / sizeof *bits; i++) {
    int n = fmandel_orbit_limbs(bits[i]), iterations = 20 + 40000000 / (n * n + 400);
    uint64_t *c_re = malloc((size_t)n * 8), *c_im = malloc((size_t)n * 8);
    fmandel_fixed_from_decimal(c_re, n, re, sizeof re - 1);
    fmandel_fixed_from_decimal(c_im, n, im, sizeof im - 1);
    /* the two differ by rounding, which grows: so the orbit is short and is started many times */
    if (iterations > 60) iterations = 60;
    int rounds = 1 + 12000000 / (n * n + 400) / iterations;
    fmandel_orbit orbit = {.capacity = iterations, .tiny_capacity = 64};
    orbit.z = malloc((size_t)(2 * iterations + 2) * sizeof(double));
    orbit.low = malloc((size_t)(2 * iterations + 2) * sizeof(float));
    orbit.tiny = malloc(64 * sizeof(fmandel_tiny));
    orbit.work = malloc((size_t)fmandel_orbit_work(bits[i]) * 8);
    double ours = 1e9, gmp = 1e9, z[2] = {0, 0};
    for (int run = 0; run < RUNS; run++) {
      double seconds = 0, other = 0;
      for (int round = 0; round < rounds; round++) {
        double start = cpu_seconds();
        fmandel_orbit_start(&orbit, c_re, c_im, bits[i], 100);
        fmandel_orbit_run(&orbit, iterations, NULL, NULL, NULL);
        seconds += cpu_seconds() - start;
        other += gmp_orbit(c_re, c_im, n, iterations, z);
      }
      ours = fmin(ours, seconds / rounds / iterations);
      gmp = fmin(gmp, other / rounds / iterations);
    }
    int agree = fabs(z[0] - orbit.z[2 * iterations]) + fabs(z[1] - orbit.z[2 * iterations + 1]) < 1e-9;
    missed += ours > GOAL * gmp || !agree;
    printf("%6d %12.1f %12.1f %7.2f %6.2f%s\n", bits[i], ours * 1e9, gmp * 1e9, ours / gmp, GOAL, agree ? "" : "  THEY DIFFER");
    free(c_re);
    free(c_im);
    free(orbit.z);
    free(orbit.low);
    free(orbit.tiny);
    free(orbit.work);
  }
  return missed != 0;
}
