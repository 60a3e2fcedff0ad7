/*
 * Where the deep kernel ends: at the limit, at the last block of an orbit, when it is cancelled,
 * and at damaged or unsuitable references.
 */
#include <pthread.h>
#include <time.h>

#include "bla/bla.h"
#include "neighbourhood.h"

typedef struct {
  int32_t ended, cancel;
} watch;

/* a kernel that would run forever is cancelled, and its status says so */
static void *call_off(void *argument) {
  watch *w = argument;
  const struct timespec moment = {0, 10000000};
  for (int i = 0; i < 2000 && !__atomic_load_n(&w->ended, __ATOMIC_RELAXED); i++) nanosleep(&moment, NULL);
  __atomic_store_n(&w->cancel, 1, __ATOMIC_RELAXED);
  return NULL;
}

/*
 * No entry starts where the last whole block of an escaping orbit ends. A pixel there whose |re| +
 * |im| is above the radius, though its modulus is not, stops to be inspected alone. It must
 * continue from there, or it stops again forever.
 */
static void test_left_over(void) {
  enum { SIDE = 12, WANTED = 24 };
  int aimed = 0;
  for (int tries = 0; tries < 4000 && aimed < WANTED; tries++) {
    /* points beside the boundary, whose orbits are some hundred iterations long */
    char re[32], im[32];
    snprintf(re, sizeof re, "%.17f", random_between(-0.7483, -0.7473));
    snprintf(im, sizeof im, "%.17f", random_between(0.0995, 0.1005));
    neighbourhood at = {0};
    start_orbit(&at.orbit, re, im, 256, 2000);
    fmandel_orbit_run(&at.orbit, 2000, NULL, NULL, NULL);
    if (!at.orbit.escaped || at.orbit.length < 100) {
      leave(&at);
      continue;
    }
    /*
     * dZ/dC at every m, for samples whose deltas are a tenth of Z at the place, so that each goes
     * there alone
     */
    build(&at, -20);
    const int64_t *starts = (const int64_t *)((const char *)at.buffer + at.reference->starts), place = starts[at.reference->doubles.groups];
    const double *z = at.orbit.z + 2 * place, modulus = hypot(z[0], z[1]);
    double dr = 0, di = 0;
    for (int64_t m = 0; m < place; m++) {
      const double zr = 2 * at.orbit.z[2 * m], zi = 2 * at.orbit.z[2 * m + 1], t = zr * dr - zi * di + 1;
      di = zr * di + zi * dr;
      dr = t;
    }
    const int exponent = (int)floor(log2(0.1 * modulus / SIDE / hypot(dr, di)));
    /* for most samples above the radius by one measure, and below by the other */
    const double radius = 1.06 * modulus;
    if (radius > 2 && radius < REFERENCE_RADIUS / 2 && fabs(z[0]) + fabs(z[1]) > 1.2 * modulus && exponent < -26) {
      const fmandel_deep_view view = {-SIDE / 2 + 0.3, SIDE / 2 + 0.2, 1, 0, 0, -1, exponent, SIDE, SIDE, 0, 0, 0};
      double nu[SIDE * SIDE], plain[SIDE * SIDE];
      watch w = {0, 0};
      pthread_t thread;
      pthread_create(&thread, NULL, call_off, &w);
      const int status = count_deep(at.reference, &view, 2000, radius, nu, NULL, &w.cancel);
      __atomic_store_n(&w.ended, 1, __ATOMIC_RELAXED);
      pthread_join(thread, NULL);
      CHECK(status == FMANDEL_OK, "%s %s, radius %f: status %d", re, im, radius, status);
      CHECK(count_deep_scalar(at.reference, &view, 2000, radius, plain, NULL, NULL) == FMANDEL_OK, "%s %s", re, im);
      CHECK(status != FMANDEL_OK || memcmp(nu, plain, sizeof nu) == 0, "%s %s, radius %f", re, im, radius);
      if (status != FMANDEL_OK) tries = 4000;
      aimed++;
    }
    leave(&at);
  }
  CHECK(aimed == WANTED, "%d places", aimed);
}

/* the limit is reached at max_iter exactly */
static void test_limit(void) {
  const truth *t = named("imaginary_unit_918");
  neighbourhood at = {0};
  settle(&at, t, 0, 0, 0);
  fmandel_deep_view view = view_of(t, 0, 0, 0);
  view.width = view.height = 1;
  double nu;
  for (int64_t n = 1; n <= t->n[0] + 2; n++) {
    CHECK(count_deep(at.reference, &view, n, RADIUS, &nu, NULL, NULL) == FMANDEL_OK, "at %lld", (long long)n);
    CHECK((nu == FMANDEL_LIMIT) == (n < t->n[0]), "at %lld of %d: %f", (long long)n, t->n[0], nu);
  }
  leave(&at);
}

/*
 * Steps of radius 0 never hold, not even for a delta of 0: a reference with no other steps, whose
 * coefficients are no numbers, gives the counts of one without any. One sample is the reference's
 * point.
 */
static void test_radius_zero(void) {
  enum { WIDTH = 8 };
  const char *const places[] = {"imaginary_unit_310", "imaginary_unit_960"};
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    neighbourhood at = {0};
    settle(&at, named(places[i]), 0, 0, 0);
    fmandel_deep_view view = view_of(named(places[i]), 0, 0, 0);
    view.re = view.im = 0;
    view.width = view.height = WIDTH;
    double nu[WIDTH * WIDTH], bare[WIDTH * WIDTH];
    CHECK(count_deep(at.reference, &view, 3000, RADIUS, nu, NULL, NULL) == FMANDEL_OK, "%s", places[i]);
    char *const start = at.buffer;
    const fmandel_bla_table *const tables[] = {&at.reference->doubles, &at.reference->extended};
    for (int t = 0; t < 2; t++) {
      const int64_t steps = bla_index(tables[t], tables[t]->groups);
      /* only the deeper place has a table in extended range */
      CHECK((steps > 0) == (t == 0 || i == 1), "%s has %lld steps", places[i], (long long)steps);
      for (int64_t k = 0; k < steps; k++) ((int32_t *)(start + tables[t]->keys))[k] = LOG2_KEY_OF_ZERO;
      memset(start + tables[t]->steps, 255, (size_t)steps * (t ? sizeof(bla_step_ext) : sizeof(bla_step)));
    }
    const fmandel_bla_prefixes *const prefixes[] = {&at.reference->prefixes[0], &at.reference->prefixes_ext};
    for (int t = 0; t < 2; t++) memset(start + prefixes[t]->index, 255, (size_t)prefixes[t]->slots * sizeof(int32_t));
    CHECK(count_deep(at.reference, &view, 3000, RADIUS, bare, NULL, NULL) == FMANDEL_OK, "%s", places[i]);
    CHECK(nu[0] == FMANDEL_LIMIT && nu[1] > 0, "%s: the reference's point and its neighbour", places[i]);
    for (int k = 0; k < WIDTH * WIDTH; k++) CHECK(fabs(bare[k] - nu[k]) < 1e-6, "%s, sample %d: %f, not %f", places[i], k, bare[k], nu[k]);
    leave(&at);
  }
}

static void test_refusals(void) {
  const truth *t = named("floral_fantasy");
  neighbourhood at = {0};
  settle(&at, t, 0, 0, 0);
  CHECK(at.reference->escaped, "this one escapes");
  const fmandel_deep_view view = view_of(t, 0, 0, 0);
  double *nu = malloc((size_t)t->samples * t->samples * sizeof *nu);
  fmandel_deep_view other = view;
  other.exponent += 4;
  CHECK(count_deep(at.reference, &other, 100, RADIUS, nu, NULL, NULL) == FMANDEL_REFUSED, "a view larger than the neighbourhood");
  other.exponent = view.exponent - 1000;
  CHECK(count_deep(at.reference, &other, 100, RADIUS, nu, NULL, NULL) == FMANDEL_REFUSED, "a view far too small for it");
  CHECK(count_deep(at.reference, &view, 100, REFERENCE_RADIUS, nu, NULL, NULL) == FMANDEL_REFUSED, "the orbit's own radius");
  CHECK(count_deep(at.reference, &view, 0, RADIUS, nu, NULL, NULL) == FMANDEL_REFUSED, "no iterations");

  for (size_t bit = 0; bit < 8 * sizeof(fmandel_reference); bit++) {
    unsigned char *byte = (unsigned char *)at.buffer + bit / 8;
    *byte ^= (unsigned char)(1 << bit % 8);
    CHECK(fmandel_reference_from(at.buffer, at.bytes) == NULL, "bit %zu of the header damaged", bit);
    *byte ^= (unsigned char)(1 << bit % 8);
  }
  CHECK(fmandel_reference_from(at.buffer, at.bytes) != NULL, "whole again");
  CHECK(fmandel_reference_from(at.buffer, at.bytes - 1) == NULL, "cut short");
  CHECK(fmandel_reference_from(at.buffer, 16) == NULL, "cut short within the header");
  CHECK(fmandel_reference_build(at.buffer, at.bytes - 64, &at.orbit, -280, NULL, NULL) == FMANDEL_REFUSED, "no room");
  leave(&at);

  /* a truncated orbit serves no limit past its length */
  start_orbit(&at.orbit, "0", "1", 256, 500);
  fmandel_orbit_run(&at.orbit, 500, NULL, NULL, NULL);
  build(&at, -60);
  other = (fmandel_deep_view){0, 0, 1, 0, 0, -1, -70, 4, 4, 0, 0, 0};
  CHECK(count_deep(at.reference, &other, 500, RADIUS, nu, NULL, NULL) == FMANDEL_OK, "its length");
  CHECK(count_deep(at.reference, &other, 501, RADIUS, nu, NULL, NULL) == FMANDEL_REFUSED, "one more");
  leave(&at);
  free(nu);
}

typedef struct {
  const fmandel_reference *reference;
  const fmandel_deep_view *view;
  double *nu;
  int32_t cancel;
  int status;
} task;

static void *run_task(void *argument) {
  task *t = argument;
  t->status = count_deep(t->reference, t->view, (int64_t)1 << 50, RADIUS, t->nu, NULL, &t->cancel);
  return NULL;
}

static void test_cancel(void) {
  /* period 1 at 0: samples just outside the cusp take any length of time */
  neighbourhood at = {0};
  start_orbit(&at.orbit, "0", "0", 256, 1000);
  const fmandel_floatexp disc = {1, 0, -10};
  fmandel_orbit_run(&at.orbit, 1000, &disc, NULL, NULL);
  CHECK(fmandel_nucleus(&at.orbit, &disc, -200, NULL, NULL) == FMANDEL_OK && at.orbit.period == 1, "0 is the nucleus of period 1");
  build(&at, 0);
  const fmandel_deep_view view = {0.25 + 0x1p-50, 0, 0x1p-52, 0, 0, -0x1p-52, 0, 8, 8, 0, 0, 0};
  double nu[64];
  task t = {at.reference, &view, nu, 0, -1};
  pthread_t thread;
  pthread_create(&thread, NULL, run_task, &t);
  const struct timespec moment = {0, 30000000};
  nanosleep(&moment, NULL);
  __atomic_store_n(&t.cancel, 1, __ATOMIC_RELAXED);
  pthread_join(thread, NULL);
  CHECK(t.status == FMANDEL_CANCELLED, "status %d", t.status);

  const int32_t at_once = 1;
  CHECK(count_deep_scalar(at.reference, &view, 100, RADIUS, nu, NULL, &at_once) == FMANDEL_CANCELLED, "the plain loop");
  leave(&at);

  const truth *place = named("seahorse_34");
  settle(&at, place, 0, 0, 0);
  CHECK(fmandel_reference_build(at.buffer, at.bytes, &at.orbit, at.reference->exponent, NULL, &at_once) == FMANDEL_CANCELLED, "the builder");
  CHECK(fmandel_reference_from(at.buffer, at.bytes) == NULL, "what a cancelled builder leaves is no reference");
  leave(&at);
}

int main(void) {
  test_left_over();
  test_limit();
  test_radius_zero();
  test_refusals();
  test_cancel();
  return checked();
}
