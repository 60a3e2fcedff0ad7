/*
 * Reference orbits against iterates by Python's integers (orbit_data.h); periods and nuclei against
 * known ones and against the definition; and interrupted computations against uninterrupted ones.
 */
#include <fmandel/fmandel.h>
#include "check.h"
#include "orbit_data.h"

enum { PLACES = sizeof places / sizeof *places, TINY_CAPACITY = 1000 };

/* an orbit with its memory, started at C */
static fmandel_orbit *new_orbit(const char *re, const char *im, int64_t bits, int64_t capacity) {
  fmandel_orbit *orbit = calloc(1, sizeof *orbit);
  int n = fmandel_orbit_limbs(bits);
  uint64_t *c = malloc(2 * (size_t)n * sizeof *c);
  CHECK(fmandel_fixed_from_decimal(c, n, re, (int64_t)strlen(re)), "%s", re);
  CHECK(fmandel_fixed_from_decimal(c + n, n, im, (int64_t)strlen(im)), "%s", im);
  orbit->capacity = capacity;
  orbit->z = malloc(2 * (size_t)(capacity + 1) * sizeof(double));
  orbit->low = malloc(2 * (size_t)(capacity + 1) * sizeof(float));
  orbit->tiny_capacity = TINY_CAPACITY;
  orbit->tiny = malloc(TINY_CAPACITY * sizeof(fmandel_tiny));
  orbit->work = malloc((size_t)fmandel_orbit_work(bits) * sizeof(uint64_t));
  fmandel_orbit_start(orbit, c, c + n, bits, 1e4);
  free(c);
  return orbit;
}

static void end_orbit(fmandel_orbit *orbit) {
  free(orbit->z);
  free(orbit->low);
  free(orbit->tiny);
  free(orbit->work);
  free(orbit);
}

/* x 2^by as a double */
static double at(double x, int64_t by) { return by < -4000 ? 0 : by > 4000 ? INFINITY : ldexp(x, (int)by); }

static double absolute(fmandel_floatexp a, int64_t by) { return at(hypot(a.re, a.im), a.exponent + by); }

static void test_iterates(void) {
  for (int i = 0; i < PLACES; i++) {
    int64_t bits = fmandel_orbit_bits(-places[i].exponent - 7, 10000);
    /* the last has the lengths that are squared by Fourier transform, some 96 to 160 limbs */
    for (int more = 0; more < 4; more++) {
      const int64_t limit = more < 3 ? 10000 : 1000;
      const int64_t extra = more < 3 ? 128 * more : 6000;
      fmandel_orbit *orbit = new_orbit(places[i].re, places[i].im, bits + extra, limit);
      fmandel_orbit_run(orbit, limit, NULL, NULL, NULL);
      for (int k = 0; k < (int)(sizeof places->samples / sizeof *places->samples); k++) {
        int64_t m = places[i].samples[k].m;
        double re = places[i].samples[k].re, im = places[i].samples[k].im;
        if (m == 0 || m > limit) continue; /* the list is shorter where it escaped */
        CHECK(m <= orbit->length && fabs(orbit->z[2 * m] - re) <= fabs(re) * 0x1p-52 &&
                fabs(orbit->z[2 * m + 1] - im) <= fabs(im) * 0x1p-52,
              "%s at %d bits, m %lld: %a %a, not %a %a", places[i].name, (int)(bits + extra), (long long)m, orbit->z[2 * m],
              orbit->z[2 * m + 1], re, im);
      }
      end_orbit(orbit);
    }
  }
}

/*
 * how far two orbits' iterates of one length are apart in fixed point, as a change of C in units of
 * 2^by
 */
static double apart(const fmandel_orbit *a, const fmandel_orbit *finer, int64_t by) {
  enum { MOST = 500 };
  int n = fmandel_orbit_limbs(a->bits), more = fmandel_orbit_limbs(finer->bits);
  double worst = 0;
  for (int part = 2; part < 4; part++) { /* the work memory: re C, im C, re Z, im Z */
    uint64_t difference[MOST];
    memset(difference, 0, sizeof difference);
    memcpy(difference + more - n, a->work + part * n, (size_t)n * sizeof *difference);
    fmandel_fixed_sub(difference, difference, finer->work + part * more, more);
    int64_t exponent;
    double off = fmandel_fixed_to_floatexp(difference, more, &exponent);
    worst = fmax(worst, fabs(at(off, exponent - finer->derivative.exponent - by)));
  }
  return worst;
}

/* 256 bits more change every iterate by less than a change of C by 2^-64 of a sample would */
static void test_precision(void) {
  const int64_t limit = 40000;
  for (int i = 0; i < PLACES; i++) {
    const int64_t spacing = -places[i].exponent - 7, bits = fmandel_orbit_bits(spacing, limit);
    fmandel_orbit *orbit = new_orbit(places[i].re, places[i].im, bits, limit);
    fmandel_orbit *finer = new_orbit(places[i].re, places[i].im, bits + 256, limit);
    double worst = 0;
    for (int64_t m = 1; m < limit && !orbit->escaped; m += m / 50 + 1) {
      fmandel_orbit_run(orbit, m, NULL, NULL, NULL);
      fmandel_orbit_run(finer, m, NULL, NULL, NULL);
      worst = fmax(worst, apart(orbit, finer, spacing));
    }
    CHECK(worst < 0x1p-64, "%s is off by %a samples", places[i].name, worst);
    CHECK(orbit->length == finer->length && orbit->escaped == finer->escaped, "%s ends at %lld and %lld", places[i].name,
          (long long)orbit->length, (long long)finer->length);
    CHECK(orbit->limbs <= fmandel_orbit_limbs(bits) && (i < 3 || orbit->limbs < finer->limbs), "%s has %d limbs",
          places[i].name, orbit->limbs);
    end_orbit(orbit);
    end_orbit(finer);
  }
  CHECK(fmandel_orbit_bits(9, 100) == -1 && fmandel_orbit_bits(-((int64_t)1 << 27), 100) == -1, "a spacing out of range");
}

static void test_ends(void) {
  /* -2 stays at 2 forever, to the last bit; i runs into a cycle of two */
  fmandel_orbit *orbit = new_orbit("-2", "0", 1000, 5000);
  CHECK(fmandel_orbit_run(orbit, 5000, NULL, NULL, NULL) == FMANDEL_OK && orbit->length == 5000 && !orbit->escaped, "-2");
  CHECK(orbit->z[2 * 4999] == 2 && orbit->z[2 * 5000] == 2, "-2 gives %a", orbit->z[2 * 5000]);
  end_orbit(orbit);
  orbit = new_orbit("0", "1", 1000, 5000);
  fmandel_orbit_run(orbit, 5000, NULL, NULL, NULL);
  CHECK(orbit->z[2 * 4999] == 0 && orbit->z[2 * 4999 + 1] == -1 && orbit->z[2 * 5000] == -1 && orbit->z[2 * 5000 + 1] == 1, "i");
  end_orbit(orbit);

  /* an escape, and nothing after it */
  orbit = new_orbit("1", "0", 128, 100);
  int64_t progress = 0;
  CHECK(fmandel_orbit_run(orbit, 100, NULL, &progress, NULL) == FMANDEL_OK, "1");
  /* 1 2 5 26 677 458330 */
  CHECK(orbit->escaped && orbit->length == 6 && orbit->z[12] == 458330 && progress == 6, "1 escapes at %lld", (long long)orbit->length);
  CHECK(fmandel_orbit_run(orbit, 100, NULL, NULL, NULL) == FMANDEL_OK && orbit->length == 6, "1 runs on");
  end_orbit(orbit);
}

/*
 * at C = -1.003 Z_2 / D_2 = (C^2 + C) / (2 C + 1) = -0.0029911: a disc of that radius, and no
 * smaller one, contains it
 */
static void test_disc(void) {
  for (int larger = 0; larger < 2; larger++) {
    fmandel_orbit *orbit = new_orbit("-1.003", "0", 128, 10);
    const fmandel_floatexp disc = {(larger ? 0.002992 : 0.002990) * 512, 0, -9};
    int status = fmandel_orbit_run(orbit, 2, &disc, NULL, NULL);
    CHECK(status == (larger ? FMANDEL_CANDIDATE : FMANDEL_OK), "status %d", status);
    end_orbit(orbit);
  }
}

static int same(const fmandel_orbit *a, const fmandel_orbit *b) {
  return a->length == b->length && a->escaped == b->escaped && a->tiny_count == b->tiny_count &&
         memcmp(a->z, b->z, 2 * (size_t)(a->length + 1) * sizeof(double)) == 0 &&
         memcmp(a->low, b->low, 2 * (size_t)(a->length + 1) * sizeof(float)) == 0 &&
         memcmp(a->tiny, b->tiny, (size_t)a->tiny_count * sizeof(fmandel_tiny)) == 0 &&
         memcmp(&a->derivative, &b->derivative, sizeof a->derivative) == 0 && memcmp(&a->last, &b->last, sizeof a->last) == 0;
}

static void test_interruptions(void) {
  const int64_t limit = 20000;
  for (int i = 0; i < PLACES; i++) {
    int64_t bits = fmandel_orbit_bits(-places[i].exponent - 7, limit);
    fmandel_orbit *whole = new_orbit(places[i].re, places[i].im, bits, limit);
    fmandel_orbit_run(whole, limit, NULL, NULL, NULL);

    fmandel_orbit *parts = new_orbit(places[i].re, places[i].im, bits, 10);
    const int32_t stop = 1;
    for (int64_t to = 1; to < limit; to += to / 3 + 1) {
      int status = fmandel_orbit_run(parts, to, NULL, NULL, NULL);
      if (status != FMANDEL_FULL) continue;
      CHECK(parts->length == parts->capacity, "full at %lld", (long long)parts->length);
      /* cancelled after at most 64 more iterations */
      parts->capacity = 2 * to > limit ? limit : 2 * to;
      parts->z = realloc(parts->z, 2 * (size_t)(parts->capacity + 1) * sizeof(double));
      parts->low = realloc(parts->low, 2 * (size_t)(parts->capacity + 1) * sizeof(float));
      int64_t before = parts->length;
      status = fmandel_orbit_run(parts, limit, NULL, NULL, &stop);
      CHECK(parts->escaped || status == FMANDEL_FULL || (status == FMANDEL_CANCELLED && parts->length - before < 64),
            "status %d after %lld", status, (long long)(parts->length - before));
    }
    parts->capacity = limit;
    parts->z = realloc(parts->z, 2 * (size_t)(limit + 1) * sizeof(double));
    parts->low = realloc(parts->low, 2 * (size_t)(limit + 1) * sizeof(float));
    fmandel_orbit_run(parts, limit, NULL, NULL, NULL);
    CHECK(same(whole, parts), "%s in parts", places[i].name);
    end_orbit(whole);
    end_orbit(parts);
  }
}

static void test_tiny(void) {
  /*
   * -1 + 2^-1500: Z_2 = C (C + 1), and from there on Z_4 = Z_2^2 (Z_2^2 + 2 C) + Z_2 and so forth,
   * all about 2^-1500
   */
  fmandel_orbit *orbit = new_orbit("-1", "0", 1600, 50);
  int n = fmandel_orbit_limbs(1600);
  uint64_t c[64], zero[64] = {0}, step[64];
  memcpy(c, fmandel_orbit_re(orbit), (size_t)n * 8);
  fmandel_fixed_from_floatexp(step, n, 1, -1500);
  fmandel_fixed_add(c, c, step, n);
  fmandel_orbit_start(orbit, c, zero, 1600, 100);
  fmandel_orbit_run(orbit, 9, NULL, NULL, NULL);
  CHECK(orbit->tiny_count == 4, "%lld tiny", (long long)orbit->tiny_count);
  for (int i = 0; i < 4; i++) {
    fmandel_tiny t = orbit->tiny[i];
    CHECK(t.m == 2 * i + 2 && t.exponent == -1500 && t.re == -1 && t.im == 0, "%lld: %a 2^%lld", (long long)t.m, t.re,
          (long long)t.exponent);
    CHECK(orbit->z[2 * t.m] == 0, "its double is %a", orbit->z[2 * t.m]);
  }
  /* dZ_2/dC = 2 C + 1 = -1, dZ_4/dC = 2 Z_3 dZ_3/dC + 1 = 2 (-1) (2 Z_2 dZ_2/dC + 1) + 1 = -1 */
  CHECK(fmandel_orbit_run(orbit, 10, NULL, NULL, NULL) == FMANDEL_OK && absolute(orbit->derivative, 0) == 1, "derivative");

  /* the list is bounded */
  orbit->tiny_capacity = 7;
  CHECK(fmandel_orbit_run(orbit, 50, NULL, NULL, NULL) == FMANDEL_FULL && orbit->tiny_count == 7, "%lld tiny",
        (long long)orbit->tiny_count);
  orbit->tiny_capacity = TINY_CAPACITY;
  CHECK(fmandel_orbit_run(orbit, 50, NULL, NULL, NULL) == FMANDEL_OK && orbit->tiny_count == 25, "%lld tiny",
        (long long)orbit->tiny_count);

  /* and the nucleus is -1 again, far below the double's range */
  fmandel_orbit_start(orbit, c, zero, 1600, 100);
  fmandel_floatexp disc = {1, 0, -1495};
  CHECK(fmandel_orbit_run(orbit, 50, &disc, NULL, NULL) == FMANDEL_CANDIDATE && orbit->length == 2, "no candidate");
  CHECK(fmandel_nucleus(orbit, &disc, -1590, NULL, NULL) == FMANDEL_OK && orbit->period == 2, "no nucleus");
  CHECK(orbit->tiny_count == 0 && orbit->z[4] == 0, "Z_2 is not 0");
  fmandel_fixed_sub(c, fmandel_orbit_re(orbit), c, n);
  fmandel_fixed_add(c, c, step, n);
  int64_t e;
  double off = fmandel_fixed_to_floatexp(c, n, &e);
  CHECK(off == 0 || e < -1588, "off by %a 2^%lld", off, (long long)e);
  end_orbit(orbit);
}

static void test_known_nuclei(void) {
  static const struct {
    const char *name, *near_re, *near_im, *re, *im;
    int64_t period;
    double size;
  } known[] = {
    {"whole set", "0.001", "0.002", "0", "0", 1, 1},
    {"period-2 disc", "-1.003", "0.001", "-1", "0", 2, 0.5},
    {"airplane", "-1.7545", "0.0002", "-1.7548776662466927600495088963585286918946066177727931439892839706", "0", 3, 0.019035},
    {"rabbit", "-0.1222", "0.7445", "-0.1225611668766536199752455518207356540526966911136034280053580146",
     "0.7448617666197442365931704286043923672401630849068245742018475921", 3, 0.1889},
    {"period-4 island", "-1.9407", "0.0001", "-1.9407998065294847522320909796552041768690407144610355239382101766", "0", 4, 0.00099163},
    {"period-4 bulb", "-1.3106", "0.0001", "-1.3107026413368328835635707974121807785019316276258825529941257055", "0", 4, 0.1179},
  };
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    fmandel_orbit *orbit = new_orbit(known[i].near_re, known[i].near_im, 256, 1000);
    const fmandel_floatexp disc = {1.5, 0, -8};
    int status = fmandel_orbit_run(orbit, 1000, &disc, NULL, NULL);
    CHECK(status == FMANDEL_CANDIDATE && orbit->length == known[i].period, "%s: period %lld", known[i].name, (long long)orbit->length);
    status = fmandel_nucleus(orbit, &disc, -160, NULL, NULL);
    CHECK(status == FMANDEL_OK && orbit->period == known[i].period, "%s: status %d, period %lld", known[i].name,
          status, (long long)orbit->period);
    char text[200];
    uint64_t scratch[400];
    const char *expected[2] = {known[i].re, known[i].im};
    for (int part = 0; part < 2; part++) {
      uint64_t error[5], value[5];
      fmandel_fixed_from_decimal(value, 5, expected[part], (int64_t)strlen(expected[part]));
      const uint64_t *found = part == 0 ? fmandel_orbit_re(orbit) : fmandel_orbit_im(orbit);
      fmandel_fixed_sub(error, found, value, 5);
      fmandel_fixed_to_decimal(text, sizeof text, found, 5, 60, scratch);
      CHECK(fabs(fmandel_fixed_to_double(error, 5)) < 1e-44, "%s is at %s, not %s", known[i].name, text, expected[part]);
    }
    double size = absolute(fmandel_nucleus_size(orbit), 0);
    CHECK(fabs(size / known[i].size - 1) < 0.01, "%s has size %g", known[i].name, size);
    end_orbit(orbit);
  }
}

/* the disc around a place's picture contains a nucleus; the moved orbit is that of the nucleus */
static void test_places(void) {
  /* 0: too long for a test */
  static const int64_t periods[] = {39, 252, 378968, 86614, 0, 0, 52859, 0};
  for (int i = 0; i < PLACES; i++) {
    if (periods[i] == 0) continue;
    const int64_t limit = 400000;
    int64_t bits = fmandel_orbit_bits(-places[i].exponent - 7, limit);
    fmandel_orbit *orbit = new_orbit(places[i].re, places[i].im, bits, limit);
    int x;
    double m = frexp(2 * sqrt(2) / places[i].zoom, &x); /* half the picture's diagonal */
    fmandel_floatexp disc = {2 * m, 0, x - 1 - places[i].exponent};
    int64_t tolerance = disc.exponent - 60;
    for (;;) {
      int status = fmandel_orbit_run(orbit, limit, &disc, NULL, NULL);
      CHECK(status == FMANDEL_CANDIDATE, "%s: no nucleus up to %lld", places[i].name, (long long)orbit->length);
      if (status != FMANDEL_CANDIDATE) break;
      int64_t length = orbit->length;
      status = fmandel_nucleus(orbit, &disc, tolerance, NULL, NULL);
      if (status == FMANDEL_OK) break;
      CHECK(status == FMANDEL_NOT_CONVERGED && orbit->length == length && orbit->period == 0, "%s: status %d", places[i].name, status);
    }
    CHECK(orbit->period == periods[i] && orbit->length == periods[i], "%s: period %lld", places[i].name, (long long)orbit->period);

    /*
     * iterated in fixed point from the moved centre, all iterates are the moved ones, and the last
     * is 0
     */
    fmandel_orbit *fresh = new_orbit("0", "0", bits, limit);
    fmandel_orbit_start(fresh, fmandel_orbit_re(orbit), fmandel_orbit_im(orbit), bits, 1e4);
    double worst = 0;
    for (int64_t k = 1; k < orbit->period; k += k / 30 + 1) {
      fmandel_orbit_run(fresh, k, NULL, NULL, NULL);
      double error = hypot(orbit->z[2 * k] - fresh->z[2 * k], orbit->z[2 * k + 1] - fresh->z[2 * k + 1]);
      double rounding = hypot(fresh->z[2 * k], fresh->z[2 * k + 1]) * 0x1p-52;
      worst = fmax(worst, (error - rounding) / absolute(fresh->derivative, tolerance));
    }
    CHECK(worst < 1, "%s: the moved orbit is off by %g of the tolerance", places[i].name, worst);
    fmandel_orbit_run(fresh, orbit->period, NULL, NULL, NULL);
    double last = hypot(fresh->last.re, fresh->last.im), slope = hypot(fresh->derivative.re, fresh->derivative.im);
    double off = last / slope;
    CHECK(at(off, fresh->last.exponent - fresh->derivative.exponent - tolerance) < 1, "%s: the nucleus is off by %a 2^%lld",
          places[i].name, off, (long long)(fresh->last.exponent - fresh->derivative.exponent));

    /* cancelled at the first poll */
    const int32_t stop = 1;
    fresh->length = orbit->period;
    if (orbit->period > 10000)
      CHECK(fmandel_nucleus(fresh, &disc, -bits, NULL, &stop) != FMANDEL_OK, "%s: Newton's method does not stop", places[i].name);
    end_orbit(orbit);
    end_orbit(fresh);
  }
}

int main(void) {
  test_iterates();
  test_precision();
  test_ends();
  test_disc();
  test_interruptions();
  test_tiny();
  test_known_nuclei();
  test_places();
  return checked();
}
