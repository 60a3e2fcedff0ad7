/*
 * The tile kernel against the original loop on the same samples: CPU milliseconds of a 256 x 256
 * view, alternating in one run, the best of several rounds. The views are those of
 * bench/data/views.ts; the limits are those at which `auto` starts.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <fmandel/fmandel.h>

double peak(const char *isa);
float original_f(float x, float y, int max_iter);
double original_double(double x, double y, int max_iter);

enum { SIDE = 256, SAMPLES = SIDE * SIDE, ROUNDS = 5 };

static const struct {
  const char *name;
  double re, im;
  int zoom;
} VIEWS[] = {
    {"whole set", -0.5, 0, 0},
    {"seahorse valley", -0.75, 0.1, 5},
    {"elephant valley", 0.2925755, 0.0149977, 9},
    {"period 3 island", -1.7548776662466927, 0, 6},
    {"upper bulb", -0.16, 1.04, 6},
    {"triple spiral valley", -0.088, 0.654, 8},
    {"scepter valley", -1.36, 0.005, 8},
    {"feigenbaum point", -1.401155189093314712, 0, 14},
    {"seahorse tail minibrot", -0.743643887037158704752, 0.131825904205311970493, 16},
    {"needle island", -1.985540371654130485531439267191, 0, 20},
    {"cardioid cusp", 0.25, 0.0000003, 22},
    {"double spiral minibrot", -0.7436447860, 0.1318252536, 24},
    {"antenna tip", -1.999999, 0.0000004, 10},
    {"seahorse tail", -0.7453, 0.1127, 12},
    {"misiurewicz 4,1", -0.1010963638456221, 0.9562865108091415, 12},
    {"lightning", -1.25066, 0.02012, 13},
    {"dendrite i", 0, 1, 16},
    {"dendrite i, deep", 0, 1, 20},
    {"spiral", 0.262070620416157101340705043, -0.00216815264700656475880373613, 24},
    {"branches", 0.360240443437614363236125244449, -0.641313061064803174860375015179, 30},
    {"antenna, deep", -1.9999999, 0.00000000001, 30},
    {"seahorse, deep", -0.743643887037158704752191506114, 0.131825904205311970493132056385, 38},
    {"branches, deep", 0.360240443437614363236125244449, -0.641313061064803174860375015179, 40},
    {"misiurewicz 4,1, deep", -0.10109636384562216103, 0.95628651080914150771, 40},
};

static double cpu(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return 1e3 * t.tv_sec + 1e-6 * t.tv_nsec;
}

static double re[SIDE], im[SIDE], nu[SAMPLES];
static volatile double sink;

static double original(int max_iter) {
  const double start = cpu();
  for (int j = 0; j < SIDE; j++)
    for (int i = 0; i < SIDE; i++) sink = original_f(re[i], im[j], max_iter);
  return cpu() - start;
}

static double in_double(int max_iter) {
  const double start = cpu();
  for (int j = 0; j < SIDE; j++)
    for (int i = 0; i < SIDE; i++) sink = original_double(re[i], im[j], max_iter);
  return cpu() - start;
}

static double kernel(int max_iter, fmandel_counts *counts) {
  const double start = cpu();
  fmandel_tile(re, SIDE, im, SIDE, max_iter, 256, nu, counts, NULL);
  return cpu() - start;
}

int main(void) {
  double product = 1, product_double = 1, whole = 0, work = 0, took = 0;
  const int views = sizeof VIEWS / sizeof *VIEWS;
  printf("%s; original is single precision and meets its end there past zoom 16, double is the same loop in doubles\n", fmandel_isa());
  const double most = peak(fmandel_isa());
  printf("this core does %.1f G multiply-adds a second; an iteration takes 3\n", most * 1e-9);
  printf("%-24s%5s%8s%10s%9s%9s%8s%8s%9s%8s\n", "view", "zoom", "limit", "original", "double", "tile ms", "ratio", "ratio", "Giter/s", "peak %");
  for (int v = 0; v < views; v++) {
    const double size = 3 * exp2(-VIEWS[v].zoom);
    for (int i = 0; i < SIDE; i++) {
      re[i] = VIEWS[v].re + size * ((i + 0.5) / SIDE - 0.5);
      im[i] = VIEWS[v].im - size * ((i + 0.5) / SIDE - 0.5);
    }
    const int max_iter = (int)round(1000 * exp2(VIEWS[v].zoom / 8.0));
    fmandel_counts counts;
    double best[3] = {INFINITY, INFINITY, INFINITY};
    for (int round = 0; round < ROUNDS; round++) {
      if (round < 1) best[0] = fmin(best[0], original(max_iter)), best[1] = fmin(best[1], in_double(max_iter));
      for (int k = 0; k < 5; k++) best[2] = fmin(best[2], kernel(max_iter, &counts));
    }
    const double rate = (double)counts.iterations / best[2] * 1e3;
    printf("%-24s%5d%8d%10.2f%9.2f%9.3f%8.1f%8.1f%9.2f%8.0f\n", VIEWS[v].name, VIEWS[v].zoom, max_iter, best[0], best[1], best[2],
           best[0] / best[2], best[1] / best[2], rate * 1e-9, 300 * rate / most);
    whole = v == 0 ? best[0] / best[2] : whole, work += counts.iterations, took += best[2];
    product *= best[0] / best[2], product_double *= best[1] / best[2];
  }
  /* how many times the original, for the whole set and in the mean of all; 0 is no goal */
  static const struct {
    const char *isa;
    int whole, mean;
  } goals[] = {{"avx512", 100, 12}, {"avx2", 60, 7}, {"baseline", 4, 0}};
  int goal = 0, goal_mean = 0;
  for (size_t k = 0; k < sizeof goals / sizeof *goals; k++) {
    if (strcmp(goals[k].isa, fmandel_isa()) != 0) continue;
    goal = goals[k].whole;
    goal_mean = goals[k].mean;
  }
  printf("whole set: %.1f times the original", whole);
  if (goal) printf(" (goal at least %d%s)", goal, whole >= goal ? ", met" : ": MISSED");
  const double mean = pow(product, 1.0 / views);
  printf("\ngeometric mean of %d: %.2f times it", views, mean);
  if (goal_mean) printf(" (goal at least %d%s)", goal_mean, mean >= goal_mean ? ", met" : ": MISSED");
  printf(", %.2f times the same loop in doubles\n", pow(product_double, 1.0 / views));
  printf("all %d together: %.2f G iterations a second, %.0f %% of the peak\n", views, work / took * 1e-6, 100 * 3 * work / took * 1e3 / most);

  uint8_t steps[SAMPLES];
  double best = INFINITY;
  for (int k = 0; k < 50; k++) {
    const double start = cpu();
    fmandel_palette_indices(nu, SAMPLES, 0.8, 16, 0, steps);
    best = fmin(best, cpu() - start);
  }
  printf("palette steps of %d samples: %.3f ms\n", SAMPLES, best);
  return 0;
}
