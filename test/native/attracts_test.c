/*
 * The proof by a near return that a sample is interior (deep/attracts.h), against orbits in fixed
 * point. The samples lie about an island of the seahorse valley, where the small set's edge is
 * hardest to determine: beside its cusp, the roots of its discs, Siegel points and Feigenbaum's
 * point.
 */
#include <fmandel/fmandel.h>
/* as the baseline has */
#define LANES 2
#include "deep/pixel.h"
#include "check.h"

enum { LIMIT = 1 << 24, PERIODS = 300, REBASES = 48 };

/* fixed point takes ten times as long under a sanitizer or an emulator */
#if defined(__SANITIZE_ADDRESS__) || !defined(__x86_64__)
enum { AROUND_EACH = 2 };
#else
enum { AROUND_EACH = 8 };
#endif

typedef struct {
  fmandel_orbit orbit;
  fmandel_reference *reference;
  double k_re, k_im; /* the small set's parameter is this times c, in units of 2^E */
} island;

static island island_at(const char *re, const char *im, int64_t zoom) {
  const int64_t bits = fmandel_orbit_bits(-zoom - 60, LIMIT);
  const int limbs = fmandel_orbit_limbs(bits);
  uint64_t *const at = calloc(2 * (size_t)limbs, sizeof *at);
  CHECK(fmandel_fixed_from_decimal(at, limbs, re, (int64_t)strlen(re)) && fmandel_fixed_from_decimal(at + limbs, limbs, im, (int64_t)strlen(im)), "%s", re);
  island found = {.orbit = {.capacity = 1 << 20, .tiny_capacity = 1000}};
  fmandel_orbit *const orbit = &found.orbit;
  orbit->z = malloc(2 * ((size_t)orbit->capacity + 1) * sizeof *orbit->z);
  orbit->low = malloc(2 * ((size_t)orbit->capacity + 1) * sizeof *orbit->low);
  orbit->tiny = malloc(1000 * sizeof *orbit->tiny);
  orbit->work = malloc((size_t)fmandel_orbit_work(bits) * sizeof *orbit->work);
  fmandel_orbit_start(orbit, at, at + limbs, bits, 1000);
  const fmandel_floatexp disc = {1, 0, 2 - zoom};
  int status = fmandel_orbit_run(orbit, orbit->capacity, &disc, NULL, NULL);
  while (status == FMANDEL_CANDIDATE && fmandel_nucleus(orbit, &disc, -zoom - 50, NULL, NULL) != FMANDEL_OK)
    status = fmandel_orbit_run(orbit, orbit->capacity, &disc, NULL, NULL);
  CHECK(orbit->period > 100, "period %lld", (long long)orbit->period);
  const int64_t exponent = fmandel_nucleus_size(orbit).exponent + 3, bytes = fmandel_reference_bytes(orbit, exponent);
  found.reference = malloc((size_t)bytes);
  CHECK(fmandel_reference_build(found.reference, bytes, orbit, exponent, NULL, NULL) == FMANDEL_OK, "a table");
  CHECK(found.reference->has_interior, "the period is a small set");
  found.k_re = found.reference->interior_re, found.k_im = found.reference->interior_im;
  /* so that samples inside are not settled by its closed form */
  found.reference->has_interior = 0;
  free(at);
  return found;
}

static void leave_island(island *at) {
  free(at->orbit.z);
  free(at->orbit.low);
  free(at->orbit.tiny);
  free(at->orbit.work);
  free(at->reference);
}

/* Is the sample at c, in units of 2^E, proven in one of its first near returns? */
static int is_proven(const island *at, double re, double im) {
  const fmandel_deep_view view = {re, im, 0x1p-10, 0, 0, -0x1p-10, at->reference->exponent, 1, 1, LIMIT, 256, 0};
  double nu;
  deep_kernel kernel;
  CHECK(fmandel_deep_prepare(&kernel, at->reference, &view, &nu, NULL), "%g %g", re, im);
  deep_pixel p;
  deep_state state = start_pixel(&kernel, &p, 0);
  for (int rebased = 0; rebased < REBASES && state == DEEP_DOUBLE && p.n < LIMIT;) {
    step_pixel(&kernel, &p);
    state = settle(&kernel, &p);
    if (state != DEEP_DOUBLE || p.m != 0) continue;
    rebased++;
    for (int around = 1; around <= 5; around++)
      if (rebased % 8 == 0 && attracts(&kernel, &p, around)) return 1;
  }
  return state == DEEP_INTERIOR;
}

/* Does its orbit stay for thousands of periods, in fixed point? */
static int stays(const island *at, double re, double im) {
  const fmandel_orbit *const orbit = &at->orbit;
  const int limbs = fmandel_orbit_limbs(orbit->bits);
  uint64_t *const c = calloc(3 * (size_t)limbs, sizeof *c), *const step = c + 2 * limbs;
  const double part[] = {re, im};
  for (int k = 0; k < 2; k++) {
    memcpy(c + k * limbs, k ? fmandel_orbit_im(orbit) : fmandel_orbit_re(orbit), (size_t)limbs * sizeof *c);
    fmandel_fixed_from_floatexp(step, limbs, part[k], at->reference->exponent);
    fmandel_fixed_add(c + k * limbs, c + k * limbs, step, limbs);
  }
  fmandel_exact exact = {.bits = orbit->bits, .max_iter = PERIODS * orbit->period, .radius = 256};
  exact.work = malloc((size_t)fmandel_exact_work(exact.bits) * sizeof *exact.work);
  CHECK(fmandel_exact_run(&exact, c, c + limbs, NULL) == FMANDEL_OK, "the truth");
  free(exact.work);
  free(c);
  return exact.n == 0;
}

int main(void) {
  /* turns of the multiplier at the edge of the cardioid; the last place is Feigenbaum's */
  static const double turns[] = {0, 1.0 / 2, 1.0 / 3, 1.0 / 5, 2.0 / 7, 0.6180339887498949, 0.41421356237309515};
  enum { EDGES = sizeof turns / sizeof *turns + 1 };
  island at = island_at("-0.743643887037158704752191506114774", "0.131825904205311970493132056385139", 40);
  int proven = 0, inside = 0;
  for (int edge = 0; edge < EDGES; edge++) {
    double kr = -1.401155189093315, ki = 0;
    if (edge < EDGES - 1) {
      const double x = cos(6.283185307179586 * turns[edge]) / 2, y = sin(6.283185307179586 * turns[edge]) / 2;
      kr = x - x * x + y * y, ki = y - 2 * x * y;
    }
    for (int turn = 0; turn < AROUND_EACH; turn++) {
      const double away = exp2(random_between(-7, -2)), angle = random_between(0, 6.283), re = kr + away * cos(angle), im = ki + away * sin(angle);
      const double size2 = at.k_re * at.k_re + at.k_im * at.k_im;
      const double cr = (re * at.k_re + im * at.k_im) / size2, ci = (im * at.k_re - re * at.k_im) / size2;
      inside++;
      if (!is_proven(&at, cr, ci)) continue;
      proven++;
      CHECK(stays(&at, cr, ci), "%.17g + %.17g i of the small set is shown as interior, and escapes", re, im);
    }
  }
  CHECK(proven > inside / 5, "of %d samples only %d are proven", inside, proven);
  leave_island(&at);
  return checked();
}
