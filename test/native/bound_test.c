/*
 * The backward error of counts: the tool that measures it (fmandel/exact.h) against GMP's counts
 * and known displacements; and the deep kernel where it is hardest, on views centred on a nucleus,
 * against that tool.
 */
#include <fmandel/fmandel.h>
#include "check.h"
#include "deep_truth.h"

enum { TRUTHS = sizeof truths / sizeof *truths };

/* orbits of hundreds of thousands of iterations take minutes under a sanitizer or an emulator */
#if defined(__SANITIZE_ADDRESS__) || !defined(__x86_64__)
enum { THOROUGH = 0 };
#else
enum { THOROUGH = 1 };
#endif

/* a point as fixed-point numbers, and room for its exact count */
typedef struct {
  int64_t bits;
  int limbs;
  uint64_t *re, *im, *step;
  fmandel_exact exact;
} point;

static point point_at(int64_t bits, int64_t max_iter, double radius) {
  point p = {.bits = bits, .limbs = fmandel_orbit_limbs(bits)};
  p.re = calloc(3 * (size_t)p.limbs, sizeof *p.re);
  p.im = p.re + p.limbs;
  p.step = p.im + p.limbs;
  p.exact = (fmandel_exact){.bits = bits, .max_iter = max_iter, .radius = radius};
  p.exact.work = malloc((size_t)fmandel_exact_work(bits) * sizeof *p.exact.work);
  return p;
}

static void leave_point(point *p) {
  free(p->re);
  free(p->exact.work);
}

/* moves the point by (re + i im) 2^exponent */
static void move_point(point *p, double re, double im, int64_t exponent) {
  fmandel_fixed_from_floatexp(p->step, p->limbs, re, exponent);
  fmandel_fixed_add(p->re, p->re, p->step, p->limbs);
  fmandel_fixed_from_floatexp(p->step, p->limbs, im, exponent);
  fmandel_fixed_add(p->im, p->im, p->step, p->limbs);
}

static void read_point(point *p, const char *re, const char *im) {
  CHECK(fmandel_fixed_from_decimal(p->re, p->limbs, re, (int64_t)strlen(re)), "%s", re);
  CHECK(fmandel_fixed_from_decimal(p->im, p->limbs, im, (int64_t)strlen(im)), "%s", im);
}

static void run_point(point *p) { CHECK(fmandel_exact_run(&p->exact, p->re, p->im, NULL) == FMANDEL_OK, "the truth"); }

/* sample (i, j) of a truth, see deep_truth.c */
static void go_to_sample(point *p, const truth *t, int i, int j) {
  const double stride = 256 / t->samples, first = (stride - 256) / 2;
  read_point(p, t->re, t->im);
  move_point(p, 3 * (first + i * stride), -3 * (first + j * stride), -t->zoom - 8);
}

/*
 * counts are GMP's; a count taken from a nearby point has at most that point's distance as its
 * backward error
 */
static void test_exact(void) {
  int beside = 0;
  for (int i = 0; i < TRUTHS; i++) {
    const truth *t = &truths[i];
    int64_t longest = 0;
    for (int k = 0; k < t->samples * t->samples; k++) longest = t->n[k] > longest ? t->n[k] : longest;
    if (longest == 0 || longest > (THOROUGH ? 20000 : 1000) || t->zoom > 2000) continue;
    point p = point_at(2 * fmandel_orbit_bits(-t->zoom - 8, t->max_iter), longest, 1000), other = point_at(p.bits, 2 * longest, 1000);
    const fmandel_floatexp spacing = {3, 0, -t->zoom - 8};
    for (int turn = 0; turn < 8; turn++) {
      const int column = (int)(random_bits() % (uint64_t)t->samples), row = (int)(random_bits() % (uint64_t)t->samples), k = row * t->samples + column;
      go_to_sample(&p, t, column, row);
      run_point(&p);
      CHECK(p.exact.n == t->n[k], "%s, sample %d: %lld, not %d", t->name, k, (long long)p.exact.n, t->n[k]);
      if (p.exact.n == 0) continue;
      CHECK(fmandel_exact_error(&p.exact, p.exact.nu, spacing, 0, 0.25, 1000000, NULL) == 0, "%s, sample %d", t->name, k);
      const double away = exp2(random_between(-40, -6)), angle = random_between(0, 6.28);
      go_to_sample(&other, t, column, row);
      move_point(&other, 3 * away * cos(angle), 3 * away * sin(angle), -t->zoom - 8);
      run_point(&other);
      if (other.exact.n == 0) continue;
      const double error = fmandel_exact_error(&p.exact, other.exact.nu, spacing, 1e-12, 0.25, 10000000, NULL);
      /* a circle may miss a small place once or twice, and is half as large again each time */
      CHECK(error <= 4 * away, "%s, sample %d: %g beside, found %g", t->name, k, away, error);
      beside += error > 0.01 * away;
    }
    leave_point(&p);
    leave_point(&other);
  }
  CHECK(beside > 20, "%d", beside);
}

/* samples that do not escape lie beside escaping ones, and vice versa, or nowhere near */
static void test_sides(void) {
  point p = point_at(256, 2000, 256);
  const fmandel_floatexp spacing = {1, 0, -20};
  read_point(&p, "-2", "0");
  run_point(&p);
  CHECK(p.exact.n == 0 && p.exact.nu == FMANDEL_LIMIT, "the antenna's tip does not escape");
  CHECK(fmandel_exact_error(&p.exact, FMANDEL_LIMIT, spacing, 1e-6, 1, 1000000, NULL) == 0, "nor is it to");
  point beside = point_at(256, 2000, 256);
  for (int k = 1; k < 12; k++) {
    /* all around the tip counts depend on the distance, and by less than one on the direction */
    read_point(&beside, "-2", "0");
    move_point(&beside, 0, -1, -20 - 4 * k);
    run_point(&beside);
    const double found = fmandel_exact_error(&p.exact, beside.exact.nu, spacing, 1e-6, 1, 1000000, NULL) * exp2(4 * k);
    CHECK(found > 0.25 && found < 1.5, "2^-%d samples beside, found %g times that", 4 * k, found);
  }
  const fmandel_floatexp fine = {1, 0, -70};
  CHECK(fmandel_exact_error(&p.exact, beside.exact.nu, fine, 1e-6, 1, 1000000, NULL) > 1, "farther than one sample");
  leave_point(&beside);
  read_point(&p, "0.26", "0");
  run_point(&p);
  CHECK(p.exact.n > 20 && p.exact.n < 40, "%lld", (long long)p.exact.n);
  CHECK(fmandel_exact_error(&p.exact, FMANDEL_INTERIOR, spacing, 1e-6, 1, 1000000, NULL) == INFINITY, "nothing near it stays");
  leave_point(&p);
  CHECK(fmandel_exact_work(64) == -1 && fmandel_exact_work((int64_t)1 << 28) == -1, "bits out of range");
}

/*
 * The deep kernel on views centred on a nucleus whose minibrot is far smaller than a sample: long
 * strips, odd sizes, and samples three times as close. A region that squares an iterate with a zero
 * inside loses the samples around it: by 0.06 of a sample at the first place.
 */
static void test_nuclei(void) {
  static const char *const names[] = {"safari", "bench_4e533", "bench_1e50"};
  static const struct {
    int width, height, closer;
  } views[] = {{16384, 4, 1}, {257, 257, 1}, {771, 771, 3}};
  if (!THOROUGH) return;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    const truth *t = truths;
    while (strcmp(t->name, names[i]) != 0) t++;
    enum { LIMIT = 1000000 };
    const int64_t bits = fmandel_orbit_bits(-t->zoom - 16, LIMIT);
    point p = point_at(bits, LIMIT, 256), start = point_at(bits, 1, 256);
    read_point(&start, t->re, t->im);
    fmandel_orbit orbit = {.capacity = LIMIT, .tiny_capacity = 1000};
    orbit.z = malloc(2 * (LIMIT + 1) * sizeof *orbit.z);
    orbit.low = malloc(2 * (LIMIT + 1) * sizeof *orbit.low);
    orbit.tiny = malloc(1000 * sizeof *orbit.tiny);
    orbit.work = malloc((size_t)fmandel_orbit_work(bits) * sizeof *orbit.work);
    fmandel_orbit_start(&orbit, start.re, start.im, bits, 10000);
    const fmandel_floatexp disc = {1, 0, 1 - t->zoom};
    int status = fmandel_orbit_run(&orbit, LIMIT, &disc, NULL, NULL);
    while (status == FMANDEL_CANDIDATE && fmandel_nucleus(&orbit, &disc, -t->zoom - 50, NULL, NULL) != FMANDEL_OK)
      status = fmandel_orbit_run(&orbit, LIMIT, &disc, NULL, NULL);
    CHECK(orbit.period > 1000, "%s: period %lld", t->name, (long long)orbit.period);
    const int64_t exponent = 12 - t->zoom, bytes = fmandel_reference_bytes(&orbit, exponent);
    void *buffer = malloc((size_t)bytes);
    CHECK(fmandel_reference_build(buffer, bytes, &orbit, exponent, NULL, NULL) == FMANDEL_OK, "%s", t->name);
    for (size_t k = 0; k < sizeof views / sizeof *views; k++) {
      const int width = views[k].width, height = views[k].height;
      const double step = 3.0 / views[k].closer, left = -step * (width - 1) / 2, top = step * (height - 1) / 2;
      const fmandel_deep_view view = {left, top, step, 0, 0, -step, -t->zoom - 8, width, height, LIMIT, 256, 0};
      const fmandel_floatexp spacing = {step, 0, -t->zoom - 8};
      double *nu = malloc((size_t)width * (size_t)height * sizeof *nu);
      CHECK(fmandel_deep(fmandel_reference_from(buffer, bytes), &view, nu, NULL, NULL) == FMANDEL_OK, "%s", t->name);
      for (int distance = 1; distance <= 16; distance *= 4) {
        const int column = width / 2 + distance, row = height / 2;
        const double found = nu[row * width + column];
        memcpy(p.re, fmandel_orbit_re(&orbit), (size_t)p.limbs * sizeof *p.re);
        memcpy(p.im, fmandel_orbit_im(&orbit), (size_t)p.limbs * sizeof *p.im);
        move_point(&p, left + column * step, top - row * step, -t->zoom - 8);
        run_point(&p);
        const double error = fmandel_exact_error(&p.exact, found, spacing, 1e-9, 0.25, 100000000, NULL);
        CHECK(p.exact.n > 0 && error < 1e-8, "%s, %d x %d, %d beside the nucleus: %.9f, not %.9f: off by %g samples", t->name, width, height, distance, found,
              p.exact.nu, error);
      }
      free(nu);
    }
    free(buffer);
    free(orbit.z);
    free(orbit.low);
    free(orbit.tiny);
    free(orbit.work);
    leave_point(&p);
    leave_point(&start);
  }
}

int main(void) {
  test_exact();
  test_sides();
  test_nuclei();
  return checked();
}
