/*
 * The deep kernel against multiprecision arithmetic (deep_truth.h) and long doubles, and every
 * instruction set against the plain loop.
 */
#include "neighbourhood.h"

/*
 * An orbit of a million iterations takes a minute under a sanitizer, and five under an emulator.
 * The long ones are left out there.
 */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { LONGEST = 100000 };
#elif !defined(__x86_64__)
enum { LONGEST = 20000 };
#else
enum { LONGEST = 10000000 };
#endif

/*
 * The emulator computes long doubles in software. There they check only one sample in this many, in
 * different columns in every row.
 */
#ifdef EMULATED
enum { EVERY = 5 };
#else
enum { EVERY = 1 };
#endif

/*
 * n of a smooth count, 0 for the set: |z_n| is above R and, since R is large, hardly ever above R^2
 */
static int64_t count_of(double nu) { return nu < 0 ? 0 : (int64_t)floor(nu + log2(log2(RADIUS))) + 1; }

typedef struct {
  long samples, equal, unexplained;
} agreement;

static agreement compare(const truth *t, const neighbourhood *at, const fmandel_deep_view *view) {
  agreement sum = {0};
  const int samples = t->samples * t->samples;
  double *nu = malloc((size_t)samples * sizeof *nu);
  fmandel_counts counts;
  const int status = count_deep(at->reference, view, t->max_iter, RADIUS, nu, &counts, NULL);
  CHECK(status == FMANDEL_OK, "%s: status %d", t->name, status);
  CHECK(counts.escaped + counts.interior + counts.limited == samples, "%s", t->name);
  for (int i = 0; i < samples && status == FMANDEL_OK; i++) {
    sum.samples++;
    if (count_of(nu[i]) == t->n[i]) {
      sum.equal++;
    } else if (t->moves[i] != 'x') {
      if (sum.unexplained++ < 3) printf("%s, sample %d: %f, not %d\n", t->name, i, nu[i], t->n[i]);
    }
    CHECK(nu[i] != FMANDEL_INTERIOR || t->n[i] == 0, "%s, sample %d: taken for interior, escapes at %d", t->name, i, t->n[i]);
  }
  free(nu);
  return sum;
}

static void test_truth(void) {
  agreement all = {0};
  for (int i = 0; i < TRUTHS; i++) {
    const truth *t = &truths[i];
    /* a cut-off at the iterations that the place needs, which is near the largest count */
    int64_t longest = 0;
    for (int k = 0; k < t->samples * t->samples; k++) longest = t->n[k] > longest ? t->n[k] : longest;
    if ((longest ? longest : t->max_iter) * (t->zoom > 256 ? t->zoom / 256 : 1) > LONGEST) continue;
    neighbourhood at = {0};
    settle(&at, t, 0, 0, 0);
    const fmandel_deep_view view = view_of(t, 0, 0, 0);
    const agreement one = compare(t, &at, &view);
    CHECK(one.unexplained == 0, "%s: %ld counts differ where the truth stands firm", t->name, one.unexplained);
    all.samples += one.samples;
    all.equal += one.equal;
    leave(&at);
  }
  CHECK(all.samples > 4000 && (double)all.equal >= 0.995 * (double)all.samples, "%ld counts of %ld", all.equal, all.samples);
  printf("%ld counts of %ld as by multiprecision\n", all.equal, all.samples);
}

/*
 * references beside the view, some far beside it, where they escape long before the view's samples
 * do
 */
static void test_other_references(void) {
  static const struct {
    const char *name;
    double re, im;
    int above; /* the offset is multiplied by 2^(above - zoom) */
  } cases[] = {
      {"floral_fantasy", 0.6, -0.3, 0}, {"floral_fantasy", 1, 1, 8},       {"minus_two_918", -1, 0, 20},
      {"minus_two_1030", -1, 0.5, 10},  {"imaginary_unit_918", 1, 1, 30}, {"imaginary_unit_3300", 0, 1, 12},
      {"imaginary_unit_290", 1, 0, 20}, {"seahorse_34", 1, -1, 12},       {"bench_1e14", -0.7, 0.7, 4},
      {"minus_two_10000", -1, 0.5, 10}, {"trip_4e533_449", 0.6, -0.3, 4}, {"trip_4e533_1024", -1, 0.4, 3},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const truth *t = named(cases[i].name);
    const int64_t exponent = cases[i].above - t->zoom;
    neighbourhood at = {0};
    settle(&at, t, cases[i].re, cases[i].im, exponent);
    const fmandel_deep_view view = view_of(t, cases[i].re, cases[i].im, exponent);
    const agreement one = compare(t, &at, &view);
    CHECK(one.unexplained == 0 && one.equal * 100 >= one.samples * 98, "%s from 2^%d beside: %ld of %ld, orbit of %lld", t->name,
          cases[i].above, one.equal, one.samples, (long long)at.orbit.length);
    leave(&at);
  }
}

/* every sample's bits, on whatever instruction set is in use */
static void test_lanes(void) {
  static const char *const names[] = {"minus_two_918", "imaginary_unit_3300", "seahorse_34", "bench_1e14", "floral_fantasy", "trees_42", "island_52"};
  static const int sizes[][2] = {{1, 1}, {3, 1}, {1, 9}, {17, 5}, {64, 40}};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    const truth *t = named(names[i]);
    neighbourhood at = {0};
    settle(&at, t, 0, 0, 0);
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
      for (int round = 0; round < 4; round++) {
        const int width = sizes[k][0], height = sizes[k][1];
        const size_t bytes = (size_t)width * height * sizeof(double);
        const int64_t max_iter = round == 0 ? 1 + (int64_t)(random_bits() % 20) : round == 1 ? 1 + (int64_t)(random_bits() % 2000) : at.orbit.length;
        fmandel_deep_view view = view_of(t, 0, 0, 0);
        view.width = width;
        view.height = height;
        view.column_step_re = random_between(0.1, 8);
        view.row_step_im = -random_between(0.1, 8);
        view.re = random_between(-384, 0);
        view.im = random_between(0, 384);
        if (round == 3) view.re = view.im = 0; /* the reference point itself */
        double *nu = malloc(bytes), *plain = malloc(bytes);
        fmandel_counts counts, plain_counts;
        CHECK(count_deep(at.reference, &view, max_iter, RADIUS, nu, &counts, NULL) == FMANDEL_OK, "%s", t->name);
        CHECK(count_deep_scalar(at.reference, &view, max_iter, RADIUS, plain, &plain_counts, NULL) == FMANDEL_OK, "%s", t->name);
        CHECK(memcmp(nu, plain, bytes) == 0, "%s, %d x %d, %lld iterations, %s", t->name, width, height, (long long)max_iter, fmandel_isa());
        CHECK(memcmp(&counts, &plain_counts, sizeof counts) == 0, "%s, %d x %d, %s", t->name, width, height, fmandel_isa());
        free(nu);
        free(plain);
      }
    leave(&at);
  }
}

/*
 * References of a few iterations, most of them too short for any block: those that close, those
 * that escape and those that are cut short, in and below the double's range, at iteration limits of
 * a few more.
 */
static void test_tiny(void) {
  static const struct {
    const char *re, *im;
    /* a nucleus of this period within 2^disc; if disc is 0, an orbit of this length */
    int disc, length;
  } cases[] = {{"0.01", "0.01", -2, 1},    {"-1.01", "0.01", -4, 2}, {"-1.7549", "0.00001", -9, 3}, {"-1.9408", "0.0001", -10, 4},
               {"-1.98542", "0", -12, 5},  {"3", "-2.5", 0, 3},      {"-0.1", "0.9", 0, 1},         {"0.3", "0.5", 0, 2},
               {"-1.25", "0.1", 0, 16},    {"0.3", "0.5", 0, 17},    {"-2", "0", 0, 18}};
  static const int64_t exponents[] = {1, -8, -40, -440, -700, -1060};
  int without_blocks = 0;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    for (size_t k = 0; k < sizeof exponents / sizeof *exponents; k++) {
      enum { WIDTH = 31, HEIGHT = 9 };
      neighbourhood at = {0};
      const fmandel_floatexp disc = {1, 0, cases[i].disc};
      start_orbit(&at.orbit, cases[i].re, cases[i].im, 1280, cases[i].length);
      const int status = fmandel_orbit_run(&at.orbit, cases[i].length, cases[i].disc ? &disc : NULL, NULL, NULL);
      CHECK(status == (cases[i].disc ? FMANDEL_CANDIDATE : FMANDEL_OK), "%s %s", cases[i].re, cases[i].im);
      if (cases[i].disc) CHECK(fmandel_nucleus(&at.orbit, &disc, -1200, NULL, NULL) == FMANDEL_OK, "%s %s", cases[i].re, cases[i].im);
      build(&at, exponents[k]);
      without_blocks += at.reference->blocks == 0;
      const fmandel_deep_view view = {-0.4, 0.3, 0.8 / WIDTH, -0.01, 0.01, -0.6 / HEIGHT, exponents[k], WIDTH, HEIGHT, 0, 0, 0};
      const int bounded = !at.reference->escaped && at.reference->period == 0;
      for (int64_t limit = 1; limit <= (bounded ? at.reference->length : 20); limit++) {
        double nu[WIDTH * HEIGHT], plain[WIDTH * HEIGHT];
        fmandel_counts counts, plain_counts;
        CHECK(count_deep(at.reference, &view, limit, RADIUS, nu, &counts, NULL) == FMANDEL_OK, "%s %s", cases[i].re, cases[i].im);
        CHECK(count_deep_scalar(at.reference, &view, limit, RADIUS, plain, &plain_counts, NULL) == FMANDEL_OK, "%s %s", cases[i].re, cases[i].im);
        CHECK(memcmp(nu, plain, sizeof nu) == 0 && memcmp(&counts, &plain_counts, sizeof counts) == 0, "%s %s, 2^%lld, %lld iterations, %s", cases[i].re,
              cases[i].im, (long long)exponents[k], (long long)limit, fmandel_isa());
      }
      leave(&at);
    }
  CHECK(without_blocks > 30, "%d without a block", without_blocks);
}

/*
 * Counts from a sample's region equal those of the sample on its own wherever a thousandth of a
 * sample's width changes nothing.
 */
static void test_rectangles(void) {
  static const char *const names[] = {"minus_two_918", "imaginary_unit_3300", "seahorse_34", "bench_1e14", "floral_fantasy", "trees_42"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    enum { WIDTH = 60, HEIGHT = 36 };
    const truth *t = named(names[i]);
    neighbourhood at = {0};
    settle(&at, t, 0, 0, 0);
    fmandel_deep_view view = view_of(t, 0, 0, 0);
    view.width = WIDTH;
    view.height = HEIGHT;
    view.column_step_re = i % 2 ? 1 : 12;
    view.row_step_im = -view.column_step_re;
    double nu[WIDTH * HEIGHT], own[3];
    int firm = 0, differ = 0;
    CHECK(count_deep(at.reference, &view, at.orbit.length, RADIUS, nu, NULL, NULL) == FMANDEL_OK, "%s", t->name);
    for (int k = 0; k < WIDTH * HEIGHT; k++) {
      fmandel_deep_view single = view;
      single.width = single.height = 1;
      single.im += k / WIDTH * view.row_step_im;
      for (int beside = 0; beside < 3; beside++) {
        single.re = view.re + (k % WIDTH + (beside - 1) * 1e-3) * view.column_step_re;
        CHECK(count_deep(at.reference, &single, at.orbit.length, RADIUS, &own[beside], NULL, NULL) == FMANDEL_OK, "%s", t->name);
      }
      if (fabs(own[0] - own[1]) > 0.05 || fabs(own[2] - own[1]) > 0.05) continue;
      firm++;
      differ += fabs(nu[k] - own[1]) > 1e-3;
    }
    CHECK(firm > WIDTH * HEIGHT / 2 && differ == 0, "%s: %d of %d differ", t->name, differ, firm);
    leave(&at);
  }
}

/*
 * nu, or -1 if the point does not escape, in long doubles straight from the definition. A state
 * that recurs bit by bit recurs forever, and most interior points do so soon (Brent's method, as in
 * the kernel). The emulator computes long doubles in software, and whole limits took it minutes.
 */
static double direct_count(long double re, long double im, int64_t max_iter) {
  long double x = 0, y = 0, kept_x = 0, kept_y = 0;
  int64_t keep = 1;
  for (int64_t n = 1; n <= max_iter; n++) {
    const long double t = x * x - y * y + re;
    y = 2 * x * y + im;
    x = t;
    if (x * x + y * y > (long double)RADIUS * RADIUS) return fmax(0, (double)n - log2(0.5 * log2((double)(x * x + y * y))));
    if (x == kept_x && y == kept_y) return -1;
    if (n == keep) {
      kept_x = x;
      kept_y = y;
      keep *= 2;
    }
  }
  return -1;
}

/*
 * A nucleus as the reference: wrapping, cycles and the minibrot's closed form, against long doubles
 * on the same samples.
 */
static void test_nucleus(void) {
  static const struct {
    const char *re, *im;
    int disc; /* candidates within 2^disc */
    int period; /* known, or 0 */
  } cases[] = {{"-0.1", "0.05", -2, 1},
               {"-1.01", "0.01", -4, 2},
               {"-1.7549", "0.00001", -9, 3},
               {"-0.743643887037158704752191506114774", "0.131825904205311970493132056385139", -20, 0},
               {"-0.7436438", "0.1318259", -14, 0},
               {"-1.7590", "-0.0126", -12, 0}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    enum { SIDE = 48, LIMIT = 30000 };
    neighbourhood at = {0};
    const fmandel_floatexp disc = {1, 0, cases[i].disc};
    start_orbit(&at.orbit, cases[i].re, cases[i].im, 256, LIMIT);
    int status = fmandel_orbit_run(&at.orbit, LIMIT, &disc, NULL, NULL);
    while (status == FMANDEL_CANDIDATE && fmandel_nucleus(&at.orbit, &disc, -200, NULL, NULL) != FMANDEL_OK)
      status = fmandel_orbit_run(&at.orbit, LIMIT, &disc, NULL, NULL);
    CHECK(status == FMANDEL_CANDIDATE && at.orbit.period > 0, "%s %s has a nucleus within 2^%d", cases[i].re, cases[i].im, cases[i].disc);
    if (at.orbit.period == 0) continue;
    CHECK(cases[i].period == 0 || at.orbit.period == cases[i].period, "its period is %lld", (long long)at.orbit.period);

    const int n = fmandel_orbit_limbs(at.orbit.bits);
    const double re = fmandel_fixed_to_double(fmandel_orbit_re(&at.orbit), n), im = fmandel_fixed_to_double(fmandel_orbit_im(&at.orbit), n);
    const fmandel_floatexp size = fmandel_nucleus_size(&at.orbit);
    /* samples a power of two apart, with re and im in doubles, so that both see the same points */
    const int64_t spacing = size.exponent + 2 - 5;
    build(&at, spacing + 6);
    uint64_t *limbs = malloc(2 * (size_t)n * sizeof *limbs);
    int64_t er, ei;
    fmandel_fixed_from_floatexp(limbs, n, re, 0);
    fmandel_fixed_sub(limbs, limbs, fmandel_orbit_re(&at.orbit), n);
    const double dr = fmandel_fixed_to_floatexp(limbs, n, &er);
    fmandel_fixed_from_floatexp(limbs, n, im, 0);
    fmandel_fixed_sub(limbs, limbs, fmandel_orbit_im(&at.orbit), n);
    const double di = fmandel_fixed_to_floatexp(limbs, n, &ei);
    free(limbs);
    fmandel_deep_view view = {ldexp(dr, (int)(er - spacing)) - SIDE / 2 + 0.375, ldexp(di, (int)(ei - spacing)) + SIDE / 2 + 0.375, 1, 0, 0, -1, spacing, SIDE, SIDE, 0, 0, 0};
    double x[SIDE], y[SIDE], *deep = malloc(SIDE * SIDE * sizeof *deep);
    for (int k = 0; k < SIDE; k++) {
      x[k] = re + ldexp(k - SIDE / 2 + 0.375, (int)spacing);
      y[k] = im + ldexp(SIDE / 2 - k + 0.375, (int)spacing);
    }
    fmandel_counts counts;
    CHECK(count_deep(at.reference, &view, LIMIT, RADIUS, deep, &counts, NULL) == FMANDEL_OK, "period %lld", (long long)at.orbit.period);
    int differ = 0, false_interior = 0, firm = 0;
    for (int k = 0; k < SIDE * SIDE; k += EVERY) {
      if (deep[k] == FMANDEL_LIMIT) continue;
      const long double re = x[k % SIDE], im = y[k / SIDE], near = ldexpl(1, (int)spacing - 10);
      const double count = direct_count(re, im, LIMIT);
      if (deep[k] == FMANDEL_INTERIOR && count < 0) {
        firm++;
        continue;
      }
      /* where it changes on the way to a neighbour, long doubles are inconclusive */
      if (fabs(count - direct_count(re + near, im + near, LIMIT)) > 0.01 || fabs(count - direct_count(re - near, im + near, LIMIT)) > 0.01) continue;
      firm++;
      differ += deep[k] >= 0 && fabs(deep[k] - count) > 0.01;
      false_interior += deep[k] == FMANDEL_INTERIOR && count >= 0;
    }
    double *alone = malloc(SIDE * SIDE * sizeof *alone);
    fmandel_counts alone_counts;
    CHECK(count_deep_scalar(at.reference, &view, LIMIT, RADIUS, alone, &alone_counts, NULL) == FMANDEL_OK, "period %lld", (long long)at.orbit.period);
    CHECK(memcmp(deep, alone, SIDE * SIDE * sizeof *alone) == 0 && memcmp(&counts, &alone_counts, sizeof counts) == 0, "period %lld, %s",
          (long long)at.orbit.period, fmandel_isa());
    free(alone);
    CHECK(firm > SIDE * SIDE / 5 / EVERY && differ == 0, "period %lld, spacing 2^%lld: %d counts of %d differ", (long long)at.orbit.period,
          (long long)spacing, differ, firm);
    CHECK(false_interior == 0, "period %lld: %d escape that were taken for interior", (long long)at.orbit.period, false_interior);
    CHECK(counts.interior > SIDE * SIDE / 30, "period %lld: %lld interior", (long long)at.orbit.period, (long long)counts.interior);
    free(deep);
    leave(&at);
  }
}

/*
 * Minibrots so small that their main cardioid and disc are known in closed form: what these
 * classify as interior does not escape without them.
 */
static void test_closed_form(void) {
  static const struct {
    const char *re, *im;
    int disc;
  } cases[] = {{"0", "1", -60}, {"-2", "0", -100}, {"-0.743643887037158704752191506114774", "0.131825904205311970493132056385139", -90},
               {"0", "1", -290}, {"0", "1", -600}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    enum { SIDE = 32, LIMIT = 100000 };
    neighbourhood at = {0};
    const fmandel_floatexp disc = {1, 0, cases[i].disc};
    start_orbit(&at.orbit, cases[i].re, cases[i].im, 256 - 4 * cases[i].disc, LIMIT);
    int status = fmandel_orbit_run(&at.orbit, LIMIT, &disc, NULL, NULL);
    while (status == FMANDEL_CANDIDATE && fmandel_nucleus(&at.orbit, &disc, 4 * cases[i].disc - 200, NULL, NULL) != FMANDEL_OK)
      status = fmandel_orbit_run(&at.orbit, LIMIT, &disc, NULL, NULL);
    CHECK(at.orbit.period > 0, "%s %s has a nucleus within 2^%d", cases[i].re, cases[i].im, cases[i].disc);
    if (at.orbit.period == 0) {
      leave(&at);
      continue;
    }
    const int64_t spacing = fmandel_nucleus_size(&at.orbit).exponent - 3;
    build(&at, spacing + 6);
    CHECK(at.reference->has_interior, "period %lld, spacing 2^%lld", (long long)at.orbit.period, (long long)spacing);
    const fmandel_deep_view view = {0.25 - SIDE / 2, SIDE / 2 + 0.25, 1, 0, 0, -1, spacing, SIDE, SIDE, 0, 0, 0};
    double *nu = malloc(2 * SIDE * SIDE * sizeof *nu), *without = nu + SIDE * SIDE;
    fmandel_counts counts;
    CHECK(count_deep(at.reference, &view, LIMIT, RADIUS, nu, &counts, NULL) == FMANDEL_OK, "period %lld", (long long)at.orbit.period);
    ((fmandel_reference *)at.buffer)->has_interior = 0;
    CHECK(count_deep(at.reference, &view, LIMIT, RADIUS, without, NULL, NULL) == FMANDEL_OK, "period %lld", (long long)at.orbit.period);
    int false_interior = 0, differ = 0;
    for (int k = 0; k < SIDE * SIDE; k++) {
      false_interior += nu[k] == FMANDEL_INTERIOR && without[k] >= 0;
      differ += nu[k] >= 0 && fabs(nu[k] - without[k]) > 1e-6;
    }
    CHECK(false_interior == 0 && differ == 0, "period %lld: %d escape, %d others differ", (long long)at.orbit.period, false_interior, differ);
    CHECK(counts.interior > SIDE * SIDE / 20 && counts.escaped > SIDE * SIDE / 20, "period %lld: %lld interior, %lld escape",
          (long long)at.orbit.period, (long long)counts.interior, (long long)counts.escaped);
    free(nu);
    leave(&at);
  }
}

int main(void) {
  test_truth();
  test_other_references();
  test_lanes();
  test_tiny();
  test_rectangles();
  test_nucleus();
  test_closed_form();
  return checked();
}
