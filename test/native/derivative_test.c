/*
 * The derivative by place at depth, as distances and slopes show it, against fixed point: D = z
 * ln|z| / z' of fmandel_deep_distance, on both sides of every change of arithmetic within
 * perturbation.
 */
#include "orbit/iterate.h"
#include "neighbourhood.h"

enum { SIDE = 8 };

/* an orbit of 26,000 digits in base 2 takes minutes under a sanitizer or an emulator */
#if defined(__SANITIZE_ADDRESS__) || !defined(__x86_64__)
enum { DEEPEST = 3600 };
#else
enum { DEEPEST = 26000 };
#endif

/* D of a point, in samples `step` 2^exponent apart */
static void distance_at(const fmandel_exact *at, double step, int64_t exponent, double D[2]) {
  const floatexp z = floatexp_from(at->z), d = floatexp_mul(floatexp_from(at->derivative), floatexp_of(step, 0));
  const double norm = d.re * d.re + d.im * d.im, size = hypot(z.re, z.im), scale = (log(size) + (double)z.e * log(2)) / norm;
  const int shift = (int)(z.e - d.e - exponent);
  D[0] = ldexp((z.re * d.re + z.im * d.im) * scale, shift);
  D[1] = ldexp((z.im * d.re - z.re * d.im) * scale, shift);
}

static void derivative_is_right(const truth *t, int most) {
  neighbourhood at;
  settle(&at, t, 0, 0, 0);
  fmandel_deep_view view = view_of(t, 0, 0, 0);
  view.max_iter = t->max_iter, view.escape_radius = 256;
  double nu[SIDE * SIDE];
  float D[2 * SIDE * SIDE];
  CHECK(fmandel_deep(at.reference, &view, nu, NULL, NULL) == FMANDEL_OK, "%s", t->name);
  CHECK(fmandel_deep_distance(at.reference, &view, view.column_step_re, nu, D, NULL) == FMANDEL_OK, "%s", t->name);
  /* twice the digits are not needed: errors grow as the derivative does, from 2^-64 of a sample */
  const int64_t bits = fmandel_orbit_bits(-t->zoom - 72, t->max_iter);
  const int n = fmandel_orbit_limbs(bits);
  uint64_t *re = malloc(3 * (size_t)n * sizeof *re), *im = re + n, *step = im + n;
  /* |z| is then beyond 2^24, where the kernel takes the derivative */
  fmandel_exact exact = {.bits = bits, .max_iter = t->max_iter + 10, .radius = 0x1p24};
  exact.work = malloc((size_t)fmandel_exact_work(bits) * sizeof *exact.work);
  int seen = 0;
  for (int turn = 0; turn < most; turn++) {
    const int k = (int)(random_bits() % (SIDE * SIDE));
    fmandel_fixed_from_decimal(re, n, t->re, (int64_t)strlen(t->re));
    fmandel_fixed_from_decimal(im, n, t->im, (int64_t)strlen(t->im));
    fmandel_fixed_from_floatexp(step, n, view.re + k % SIDE * view.column_step_re, view.exponent);
    fmandel_fixed_add(re, re, step, n);
    fmandel_fixed_from_floatexp(step, n, view.im + k / SIDE * view.row_step_im, view.exponent);
    fmandel_fixed_add(im, im, step, n);
    CHECK(fmandel_exact_run(&exact, re, im, NULL) == FMANDEL_OK && (exact.n > 0) == (nu[k] > 0), "%s, sample %d", t->name, k);
    if (exact.n == 0) continue;
    seen++;
    double truly[2];
    distance_at(&exact, view.column_step_re, view.exponent, truly);
    const double off = hypot(D[2 * k] - truly[0], D[2 * k + 1] - truly[1]) / hypot(truly[0], truly[1]);
    CHECK(off < 1e-6, "%s at zoom %lld, sample %d: off by %g", t->name, (long long)t->zoom, k, off);
  }
  CHECK(seen > most / 2, "%s: %d samples escape", t->name, seen);
  free(re);
  free(exact.work);
  leave(&at);
}

/*
 * Deltas start below 2^-450 from zoom 448 on. Iterates below 2^-960 have exponents of their own.
 * The doubles have no unit for c from zoom 1032 on, and then c itself is below their range.
 */
static void test_derivative(void) {
  static const int zooms[] = {30, 100, 444, 450, 456, 950, 960, 1020, 1026, 1030, 1034, 1040, 3600, 26000};
  for (size_t i = 0; i < sizeof zooms / sizeof *zooms && zooms[i] <= DEEPEST; i++) {
    const int zoom = zooms[i], most = zoom < 2000 ? 16 : zoom < 20000 ? 4 : 1;
    const truth tip = {.name = "-2", .re = "-2", .im = "0", .zoom = zoom, .samples = SIDE, .max_iter = zoom / 2 + 100};
    const truth dendrite = {.name = "i", .re = "0", .im = "1", .zoom = zoom, .samples = SIDE, .max_iter = zoom + 100};
    derivative_is_right(&tip, most);
    if (zoom < 20000) derivative_is_right(&dendrite, most);
  }
  /* among islands, with orbits of a hundred thousand iterations */
  static const char *const trip[] = {"trip_4e533_940", "trip_4e533_1024", "trip_4e533_1034"};
  for (size_t i = 0; i < sizeof trip / sizeof *trip && DEEPEST > 3600; i++) derivative_is_right(named(trip[i]), 8);
}

int main(void) {
  test_derivative();
  return checked();
}
