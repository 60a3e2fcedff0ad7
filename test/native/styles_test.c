/*
 * The attribute passes of the instruction set in use against the baseline's, bit for bit, and
 * against the definitions in long doubles.
 */
#include "simd/kernels.h"
#include <fmandel/fmandel.h>
#include "check.h"

enum { SIDE = 48, COUNT = SIDE * SIDE, LIMIT = 5000 };
#define RADIUS 256.0

static double re[SIDE], im[SIDE], nu[COUNT];
static float fast[2 * COUNT + 1], slow[2 * COUNT + 1];

static void square(double x, double y, double size) {
  for (int i = 0; i < SIDE; i++) re[i] = x + size * ((i + 0.5) / SIDE - 0.5), im[i] = y - size * ((i + 0.5) / SIDE - 0.5);
}

static void forget(void) {
  for (int i = 0; i <= 2 * COUNT; i++) fast[i] = slow[i] = 12345.5f;
}

static void same(int floats, const char *what, const char *where) {
  int differ = 0;
  for (int i = 0; i < floats; i++) differ += memcmp(&fast[i], &slow[i], sizeof *fast) != 0;
  CHECK(differ == 0 && fast[floats] == 12345.5f, "%s at %s: %d of %d differ", what, where, differ, floats);
}

/* D by the definition; the relative error of the kernel's */
static double off_by(const fmandel_samples *view, int sample, double pixel) {
  const long double x = view->re[sample % SIDE], y = view->im[sample / SIDE], cr = view->julia ? view->cr : x, ci = view->julia ? view->ci : y;
  long double r = x, i = y, dr = pixel, di = 0;
  while (r * r + i * i < 0x1p60L) {
    const long double t = 2 * (r * dr - i * di) + (view->julia ? 0 : pixel), u = r * r - i * i + cr;
    di = 2 * (r * di + i * dr), dr = t, i = 2 * r * i + ci, r = u;
  }
  const long double factor = logl(hypotl(r, i)) / (dr * dr + di * di);
  const long double right = (r * dr + i * di) * factor, up = (i * dr - r * di) * factor;
  return (double)(hypotl(fast[2 * sample] - right, fast[2 * sample + 1] - up) / hypotl(right, up));
}

static void looks(const fmandel_samples *view, const char *where) {
  const double pixel = re[1] - re[0], last = log2(log2(RADIUS));
  styles_pass f = {view, last, pixel, nu, slow, NULL};
  forget();
  CHECK(fmandel_distance(view, pixel, nu, fast, NULL) == FMANDEL_OK, "%s", where);
  fmandel_kernels_baseline.distance(&f);
  same(2 * COUNT, "distances", where);
  int escaped = 0, close = 0;
  for (int sample = 0; sample < COUNT; sample++) {
    if (nu[sample] < 0) {
      CHECK(fast[2 * sample] == 0 && fast[2 * sample + 1] == 0, "%s, sample %d belongs to the set", where, sample);
    } else if (hypot(fast[2 * sample], fast[2 * sample + 1]) > 1e-3) {
      escaped++;
      close += off_by(view, sample, pixel) < 1e-5;
    }
  }
  CHECK(escaped > COUNT / 10 && close >= 0.99 * escaped, "%s: %d of %d distances", where, close, escaped);

  forget();
  fmandel_stripe(view, nu, fast, NULL);
  fmandel_kernels_baseline.stripe(&f);
  same(COUNT, "stripes", where);
  for (int sample = 0; sample < COUNT; sample++) CHECK(fast[sample] >= 0 && fast[sample] <= 1, "%s: %g", where, fast[sample]);

  forget();
  fmandel_cycle(view, nu, fast, NULL);
  fmandel_kernels_baseline.cycle(&f);
  same(2 * COUNT, "cycles", where);
}

static void in_doubles(void) {
  static const struct {
    double re, im, size;
    const char *name;
  } places[] = {{-0.5, 0, 3, "all"},          {-0.1225, 0.7449, 0.3, "a bulb"}, {-0.7436499, 0.13188204, 3e-4, "seahorses"}, {40, 3, 1, "far out"},
                {-1.7549, 0, 0.05, "an island"}, {0, 0, 60, "a speck"}};
  for (unsigned p = 0; p < sizeof places / sizeof *places; p++) {
    square(places[p].re, places[p].im, places[p].size);
    fmandel_tile(re, SIDE, im, SIDE, LIMIT, RADIUS, nu, NULL, NULL);
    looks(&(fmandel_samples){re, im, SIDE, SIDE, 0, 0, 0, 0, LIMIT, RADIUS}, places[p].name);
  }
  square(0, 0, 4);
  fmandel_julia(-0.8, 0.156, re, SIDE, im, SIDE, LIMIT, RADIUS, nu, NULL, NULL);
  looks(&(fmandel_samples){re, im, SIDE, SIDE, 0, 1, -0.8, 0.156, LIMIT, RADIUS}, "a Julia set");
}

/*
 * |F'| of known cycles: along the axes of the main cardioid and the disc of period 2, and at nuclei
 */
static void cycles(void) {
  static const struct {
    double re, im, period, attraction;
  } known[] = {{0, 0, 1, 0},          {0.1875, 0, 1, 0.5},        {-0.4, 0, 1, 0.61245154965971},   {-1, 0, 2, 0},
               {-1.1, 0, 2, 0.4},     {-1.75487766624669, 0, 3, 0}, {-0.122561166876654, 0.744861766619744, 3, 0},
               {-1.94079980652948, 0, 4, 0}, {-1.98542425305421, 0, 5, 0}};
  for (unsigned k = 0; k < sizeof known / sizeof *known; k++) {
    const fmandel_samples view = {&known[k].re, &known[k].im, 1, 1, 0, 0, 0, 0, LIMIT, RADIUS};
    const double inside = FMANDEL_INTERIOR;
    float found[2];
    fmandel_cycle(&view, &inside, found, NULL);
    CHECK(found[0] == known[k].period && fabs(found[1] - known[k].attraction) < 1e-9 + 1e-6 * known[k].attraction, "%g %g: %g %g", known[k].re, known[k].im, found[0], found[1]);
  }
}

/*
 * Past the double's range, where a delta is in extended range, with a reference at -2, whose orbit
 * is 2 forever but for its rounding. At the end one beside it, so near that the derivative leaves
 * the double's range before it escapes.
 */
static void at_depth(void) {
  static const int64_t places[][2] = {{40, 0}, {400, 0}, {900, 0}, {1060, 0}, {3000, 0}, {40, 3000}};
  for (unsigned k = 0; k < sizeof places / sizeof *places; k++) {
    const int64_t zoom = places[k][0], beside = places[k][1], bits = fmandel_orbit_bits(-(zoom > beside ? zoom : beside) - 8, LIMIT);
    const int n = fmandel_orbit_limbs(bits);
    uint64_t *c = calloc(3 * (size_t)n, sizeof *c);
    fmandel_fixed_from_decimal(c, n, "-2", 2);
    if (beside) fmandel_fixed_from_floatexp(c + 2 * n, n, -1, -beside), fmandel_fixed_add(c, c, c + 2 * n, n);
    fmandel_orbit orbit;
    memset(&orbit, 0, sizeof orbit);
    orbit.capacity = LIMIT;
    orbit.z = malloc(2 * (size_t)(LIMIT + 1) * sizeof(double));
    orbit.low = malloc(2 * (size_t)(LIMIT + 1) * sizeof(float));
    orbit.tiny_capacity = 1000;
    orbit.tiny = malloc(1000 * sizeof(fmandel_tiny));
    orbit.work = malloc((size_t)fmandel_orbit_work(bits) * sizeof(uint64_t));
    fmandel_orbit_start(&orbit, c, c + n, bits, 1024);
    fmandel_orbit_run(&orbit, LIMIT, NULL, NULL, NULL);
    const int64_t bytes = fmandel_reference_bytes(&orbit, 4 - zoom);
    void *buffer = malloc((size_t)bytes);
    fmandel_reference_build(buffer, bytes, &orbit, 4 - zoom, NULL, NULL);
    const fmandel_reference *reference = fmandel_reference_from(buffer, bytes);
    CHECK(reference != NULL, "the reference at zoom %lld", (long long)zoom);
    const double step = 3.0 / SIDE;
    const fmandel_deep_view view = {-1.5, 1.5, step, 0, 0, -step, -zoom, SIDE, SIDE, LIMIT, RADIUS, 0};
    CHECK(fmandel_deep(reference, &view, nu, NULL, NULL) == FMANDEL_OK, "zoom %lld", (long long)zoom);
    deep_kernel kernel;
    fmandel_deep_prepare(&kernel, reference, &view, NULL, NULL);
    styles_deep_pass f = {&kernel, log2(log2(RADIUS)), floatexp_normal((floatexp){step, 0, -zoom}), nu, slow};
    char where[32];
    snprintf(where, sizeof where, "zoom %lld", (long long)zoom);
    forget();
    CHECK(fmandel_deep_distance(reference, &view, step, nu, fast, NULL) == FMANDEL_OK, "%s", where);
    fmandel_kernels_baseline.deep_distance(&f);
    same(2 * COUNT, "distances", where);
    const int middle = SIDE / 2 * SIDE + SIDE / 2; /* the reference itself */
    CHECK(fast[2 * middle] == 0 && fast[2 * middle + 1] == 0 && (nu[middle] > 0) == (beside > 0), "%s: %g, %g", where, fast[2 * middle], nu[middle]);
    forget();
    fmandel_deep_stripe(reference, &view, nu, fast, NULL);
    fmandel_kernels_baseline.deep_stripe(&f);
    same(COUNT, "stripes", where);
    forget();
    f.pixel = floatexp_normal((floatexp){0, 0, -zoom});
    fmandel_deep_cycle(reference, &view, nu, fast, NULL);
    fmandel_kernels_baseline.deep_cycle(&f);
    same(2 * COUNT, "cycles", where);
    /* samples that are done at once do not keep it from stopping */
    const int32_t cancel = 1;
    for (int i = 0; i < COUNT; i++) nu[i] = 1;
    CHECK(fmandel_deep_stripe(reference, &view, nu, fast, &cancel) == FMANDEL_CANCELLED && fast[COUNT - 1] == 0, "%s: stops", where);
    free(c), free(orbit.z), free(orbit.low), free(orbit.tiny), free(orbit.work), free(buffer);
  }
}

static void stops_when_cancelled(void) {
  const int32_t cancel = 1;
  square(0, 0, 3);
  for (int i = 0; i < COUNT; i++) nu[i] = 1000;
  const fmandel_samples view = {re, im, SIDE, SIDE, 0, 0, 0, 0, LIMIT, RADIUS};
  CHECK(fmandel_distance(&view, 1, nu, fast, &cancel) == FMANDEL_CANCELLED, "stops");
  CHECK(fmandel_stripe(&view, nu, fast, &cancel) == FMANDEL_CANCELLED, "stops");
  for (int i = 0; i < COUNT; i++) nu[i] = FMANDEL_INTERIOR;
  CHECK(fmandel_cycle(&view, nu, fast, &cancel) == FMANDEL_CANCELLED, "stops");
}

int main(void) {
  in_doubles();
  cycles();
  at_depth();
  stops_when_cancelled();
  return checked();
}
