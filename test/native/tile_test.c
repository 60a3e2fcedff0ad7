/*
 * The tile kernel of the instruction set in use against the plain loop, bit for bit, and both
 * against the definition.
 */
#include <pthread.h>
#include <time.h>

#include <fmandel/fmandel.h>
#include "tile/iteration.h"
#include "tile/tile_scalar.h"
#include "check.h"

/* an emulator takes a hundred times as long */
#ifdef EMULATED
enum { SIDE = 21, RANDOM_VIEWS = 30, EDGES = 1 };
#else
enum { SIDE = 32, RANDOM_VIEWS = 150, EDGES = 6 };
#endif
enum { SAMPLES = SIDE * SIDE, BORDER = 50 * SAMPLES };

typedef struct {
  double re[SIDE], im[SIDE];
  int width, height;
} view;

static view square(double re, double im, double size, int width, int height) {
  view v = {.width = width, .height = height};
  for (int i = 0; i < width; i++) v.re[i] = re + size * ((i + 0.5) / width - 0.5);
  for (int j = 0; j < height; j++) v.im[j] = im - size * ((j + 0.5) / height - 0.5);
  return v;
}

/*
 * Kernel and plain loop fill the view with the same bytes and counts, and so does the kernel with
 * the coordinates of every sample. Nothing is written past the end.
 */
static fmandel_counts twins_agree(const view *v, int64_t max_iter, double radius, double *nu) {
  static double fast[SAMPLES + 1], slow[SAMPLES + 1], points[SAMPLES + 1], re[SAMPLES], im[SAMPLES];
  fmandel_counts counts = {-1, -1, -1, -1, -1}, slow_counts = {-2, -2, -2, -2, -2}, point_counts = {-3, -3, -3, -3, -3};
  const int count = v->width * v->height;
  for (int i = 0; i <= count; i++) fast[i] = slow[i] = points[i] = 12345.5;
  for (int i = 0; i < count; i++) re[i] = v->re[i % v->width], im[i] = v->im[i / v->width];
  CHECK(fmandel_points(re, im, v->width, v->height, max_iter, radius, points, &point_counts, NULL) == FMANDEL_OK, "ends");
  CHECK(fmandel_tile(v->re, v->width, v->im, v->height, max_iter, radius, fast, &counts, NULL) == FMANDEL_OK, "ends");
  fmandel_tile_scalar(v->re, v->width, v->im, v->height, max_iter, radius, slow, &slow_counts, NULL);
  int differ = 0;
  for (int i = 0; i <= count; i++) differ += memcmp(&fast[i], &slow[i], sizeof *fast) != 0;
  CHECK(differ == 0 && fast[count] == 12345.5, "%d of %d samples differ at %.17g %.17g (%d x %d), limit %lld, radius %g", differ,
        count, v->re[0], v->im[0], v->width, v->height, (long long)max_iter, radius);
  CHECK(memcmp(&counts, &slow_counts, sizeof counts) == 0, "counts at %.17g %.17g, limit %lld", v->re[0], v->im[0],
        (long long)max_iter);
  CHECK(counts.escaped + counts.interior + counts.limited == count, "the counts add up");
  differ = 0;
  for (int i = 0; i <= count; i++) differ += memcmp(&fast[i], &points[i], sizeof *fast) != 0;
  CHECK(differ == 0, "as points %d of %d samples differ at %.17g %.17g (%d x %d), limit %lld, radius %g", differ, count, v->re[0], v->im[0],
        v->width, v->height, (long long)max_iter, radius);
  CHECK(memcmp(&counts, &point_counts, sizeof counts) == 0, "counts as points at %.17g %.17g, limit %lld", v->re[0], v->im[0], (long long)max_iter);
  if (nu) memcpy(nu, fast, sizeof *nu * (size_t)count);
  return counts;
}

static void chosen_views(void) {
  static const struct {
    double re, im, size;
    int64_t max_iter;
  } places[] = {
      {-0.5, 0, 3, 1000}, /* the whole set */
      {-0.5, 0, 0.3, 5000}, /* nothing but interior */
      {-0.1592, 1.0317, 0.02, 20000}, /* interior by cycles */
      {-1.7548777, 0, 0.03, 20000}, /* the minibrot of period 3 */
      {-1.7548777, 0, 0.03, 1 << 18}, /* its edge by discs */
      {-0.16, 1.034, 0.04, 1 << 18}, /* of several periods */
      {-1.75, 0, 1e-3, 3000}, /* its cusp */
      {0.25, 0, 1e-4, 20000}, /* the cardioid's */
      {-0.75, 0, 1e-3, 20000}, /* where disc and cardioid touch */
      {-0.743643887037151, 0.13182590420533, 0x1p-30, 5000}, /* a spiral */
      {-0.743643887037151, 0.13182590420533, 0x1p-44, 5000}, /* 2^-50 from sample to sample */
      {0.3602404434376144, -0.6413130610648032, 1e-9, 9000},
      {-2, 0, 1e-12, 100}, /* the tip, where |z| stays 2 */
      {0, 0, 1e5, 100}, /* far outside */
      {1e200, -1e200, 1e190, 100}, /* so far that its square is no number */
      {-1e154, 1e154, 1e153, 100},
  };
  for (size_t k = 0; k < sizeof places / sizeof *places; k++)
    for (int r = 0; r < 3; r++) {
      const view v = square(places[k].re, places[k].im, places[k].size, SIDE, SIDE);
      twins_agree(&v, places[k].max_iter, (double[]){2, 256, 1e100}[r], NULL);
    }

  for (int height = 1; height <= 8; height++) {
    /* its own mirror image, or nearly so: the rows differ in a last place */
    const view v = square(-0.9, 0, 1.4, SIDE, height);
    twins_agree(&v, 2000, 2, NULL);
    view off = v;
    off.im[0] = nextafter(off.im[0], 9);
    twins_agree(&off, 2000, 2, NULL);
  }

  view axis = square(-0.8, 0, 2.6, SIDE, 1);
  axis.im[0] = 0;
  twins_agree(&axis, 20000, 2, NULL);
  axis.im[0] = -0.0;
  twins_agree(&axis, 20000, 2, NULL);
}

/*
 * Samples classified as interior never escape, in extended precision and past the limit. This
 * includes the discs of interior/.
 */
static void interior_stays(void) {
  static const struct {
    double re, im, size;
    int max_iter, least; /* samples of the interior that only a disc can prove this early */
  } places[] = {
      {-1.36, 0.005, 3.0 / 256, 2000, 300}, /* near where periods double */
      {-0.11, 0.66, 3.0 / 256, 2000, 300}, /* beside where the bulb of period 3 touches */
      {-0.743644446135, 0.131825476885, 0x3p-24, 8000, 900}, /* a minibrot */
      {-1.7548777, 0, 0.03, 1200, 100}, /* another, on the axis */
      {-0.75, 0.1, 3.0 / 32, 1542, 300},
  };
  for (size_t k = 0; k < sizeof places / sizeof *places; k++) {
    static double nu[SAMPLES];
    const view v = square(places[k].re, places[k].im, places[k].size, SIDE, SIDE);
    const fmandel_counts counts = twins_agree(&v, places[k].max_iter, 2, nu);
    CHECK(SIDE < 32 || counts.interior >= places[k].least, "%lld of the interior at %.9g %.9g", (long long)counts.interior, places[k].re, places[k].im);
    int left = 0;
    for (int s = 0; s < SAMPLES; s++) {
      if (nu[s] != FMANDEL_INTERIOR) continue;
      const long double cr = v.re[s % SIDE], ci = v.im[s / SIDE];
      long double zr = 0, zi = 0;
      int n = 0;
      for (; n < 5 * places[k].max_iter && zr * zr + zi * zi <= 4; n++) {
        const long double t = zr * zr - zi * zi + cr;
        zi = 2 * zr * zi + ci, zr = t;
      }
      left += n < 5 * places[k].max_iter;
    }
    CHECK(left == 0, "%d of the interior leave at %.9g %.9g", left, places[k].re, places[k].im);
  }
}

/*
 * Beside islands, at limits from which the edges of discs are probed: no sample that a plain loop
 * in long doubles sees escape is shown as interior.
 */
static void edges_are_not_passed(void) {
  static const double places[6][3] = {{-0.7436438, 0.1318259, 17}, {-0.7436438, 0.1318259, 19}, {-1.7685736563, 0.0009642968, 20},
                                      {-0.1592466, 1.0339815, 16}, {0.2501, 0.0001, 13}, {-1.4011551, 0, 9}};
  enum { LIMIT = 1 << 18 };
  for (int k = 0; k < EDGES; k++) {
    double re[64], im[64], nu[64 * 64];
    const double step = 3 * exp2(-places[k][2]) / 64;
    for (int i = 0; i < 64; i++) re[i] = places[k][0] + (i - 31.5) * step, im[i] = places[k][1] + (31.5 - i) * step;
    fmandel_tile(re, 64, im, 64, LIMIT, 2, nu, NULL, NULL);
    int wrong = 0, inside = 0;
    for (int j = 3; j < 64; j += 7)
      for (int i = 3; i < 64; i += 7) {
        if (nu[64 * j + i] != FMANDEL_INTERIOR) continue;
        long double r = 0, t = 0;
        int n = 0;
        for (; n < LIMIT && r * r + t * t <= 4; n++) {
          const long double next = r * r - t * t + re[i];
          t = 2 * r * t + im[j], r = next;
        }
        inside++, wrong += n < LIMIT;
      }
    CHECK(wrong == 0, "%g %g at %g: %d of %d", places[k][0], places[k][1], places[k][2], wrong, inside);
  }
}

static void random_views(int count) {
  for (int k = 0; k < count; k++) {
    const double re = random_between(-2.1, 0.7), im = random_between(-1.3, 1.3), size = exp2(random_between(-44, 2));
    const int width = 1 + (int)random_between(0, SIDE), height = 1 + (int)random_between(0, 12);
    const view v = square(re, im, size, width, height);
    const double limit = exp2(random_between(0, 13)), radius = exp2(random_between(1, 20));
    twins_agree(&v, (int64_t)limit, radius, NULL);
  }
}

/* all small widths and limits, where no vector and no block is full */
static void small_views(void) {
  for (int width = 1; width <= 17; width++) {
    const view v = square(-0.7, 0.3, 1.7, width, 5);
    twins_agree(&v, 300, 2, NULL);
  }
  for (int max_iter = 1; max_iter <= 40; max_iter++) {
    const view v = square(-0.6, 0.4, 1.9, 21, 21);
    twins_agree(&v, max_iter, 2, NULL);
  }
}

/* n samples escape at the iteration n itself, and not at a limit one below it */
static void limit_is_exact(void) {
  int tried = 0;
  for (int k = 0; k < 400; k++) {
    const double re = random_between(-2, 0.5), im = random_between(-1.2, 1.2);
    double nu;
    fmandel_counts counts;
    fmandel_tile(&re, 1, &im, 1, 5000, 16, &nu, &counts, NULL);
    if (!counts.escaped) continue;
    const int64_t n = counts.iterations;
    double again;
    fmandel_tile(&re, 1, &im, 1, n, 16, &again, &counts, NULL);
    CHECK(again == nu && counts.escaped == 1 && counts.iterations == n, "n = %lld at its limit", (long long)n);
    if (n == 1) continue;
    fmandel_tile(&re, 1, &im, 1, n - 1, 16, &again, &counts, NULL);
    CHECK(again == FMANDEL_LIMIT && counts.limited == 1 && counts.iterations == n - 1, "n = %lld, limit one below", (long long)n);
    tried++;
  }
  CHECK(tried > 80, "%d samples were tried", tried);
}

/*
 * nu by long doubles, where the derivative says that rounding has not grown beyond a thousandth,
 * and where the first |z_n| > R is not so near R that one arithmetic escapes and the other does not
 * yet.
 */
static void nu_is_right(double radius) {
  static double nu[SAMPLES];
  int compared = 0;
  for (int k = 0; k < 6; k++) {
    const double re = random_between(-2, 0.5), im = random_between(-1.2, 1.2);
    const view v = square(re, im, exp2(-k), SIDE, SIDE);
    twins_agree(&v, 2000, radius, nu);
    for (int s = 0; s < SAMPLES; s++) {
      const long double cr = v.re[s % SIDE], ci = v.im[s / SIDE];
      long double zr = 0, zi = 0, dr = 0, di = 0, size = 0, before = 0;
      int n = 0;
      while (n < 2000 && size <= radius) {
        const long double r = zr, i = zi, e = dr;
        dr = 2 * (r * dr - i * di) + 1, di = 2 * (r * di + i * e);
        zr = r * r - i * i + cr, zi = 2 * r * i + ci;
        before = size, size = hypotl(zr, zi), n++;
      }
      const long double error = 16 * n * 0x1p-53L * (1 + hypotl(dr, di)), slope = 1 / (size * logl(size) * 0.69L);
      if (size <= radius || error * slope > 1e-3L) continue;
      if (size - radius < 2 * error || radius - before < 2 * error) continue;
      const long double want = fmaxl(0, n - log2l(log2l(size)));
      CHECK(fabsl(nu[s] - want) <= error * slope + 1e-13L, "nu is %.17g, should be %.17Lg", nu[s], want);
      compared++;
    }
  }
  CHECK(compared > SAMPLES / 2, "%d samples were compared", compared);
}

/*
 * along the border of cardioid and disc, a few units in the last place in and out: never a sample
 * outside
 */
static void closed_forms_are_inside(void) {
  int inside = 0;
  for (int k = 0; k < BORDER; k++) {
    const double angle = random_between(0, 6.283185307179586) * (k % 3 ? 1 : 1e-4), stretch = 1 + (k % 33 - 16) * 0x1p-52;
    double re = k % 2 ? 0.5 * cos(angle) - 0.25 * cos(2 * angle) : -1 + 0.25 * cos(angle) * stretch;
    double im = k % 2 ? 0.5 * sin(angle) - 0.25 * sin(2 * angle) : 0.25 * sin(angle) * stretch;
    if (k % 2) re *= stretch, im *= stretch;
    double nu;
    fmandel_tile(&re, 1, &im, 1, 8, 2, &nu, NULL, NULL);
    if (nu != FMANDEL_INTERIOR) continue;
    inside++;
    const long double x = re - 0.25L, y = im, q = x * x + y * y, u = re + 1.0L;
    const int truly = q * (q + x) <= 0.25L * y * y || u * u + y * y <= 0.0625L;
    if (!truly) CHECK(0, "%.17g %.17g is outside", re, im);
  }
  CHECK(inside > BORDER / 5, "%d samples were taken in", inside);
}

/* samples proven by a cycle do not escape in long doubles either, ten times as far */
static void cycles_are_inside(void) {
  static double nu[SAMPLES];
  static const double places[][3] = {{-0.1592, 1.0317, 0.05}, {-1.7548777, 0, 0.04}, {-0.5, 0, 3}, {0.28, 0.53, 0.1}};
  int proven = 0;
  for (size_t k = 0; k < sizeof places / sizeof *places; k++) {
    const view v = square(places[k][0], places[k][1], places[k][2], SIDE, SIDE);
    twins_agree(&v, 5000, 2, nu);
    for (int s = 0; s < SAMPLES; s += 7) {
      if (nu[s] != FMANDEL_INTERIOR) continue;
      const long double cr = v.re[s % SIDE], ci = v.im[s / SIDE];
      long double zr = 0, zi = 0;
      int n = 0;
      for (; n < 50000 && zr * zr + zi * zi <= 4; n++) {
        const long double r = zr;
        zr = r * r - zi * zi + cr, zi = 2 * r * zi + ci;
      }
      CHECK(n == 50000, "%.17Lg %.17Lg escapes at %d", cr, ci, n);
      proven++;
    }
  }
  CHECK(proven > SAMPLES / 10, "%d samples were proven inside", proven);
}

static void *stop_soon(void *flag) {
  nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
  __atomic_store_n((int32_t *)flag, 1, __ATOMIC_RELAXED);
  return NULL;
}

/* samples at 1/4 + e take pi / sqrt(e) iterations, here 30 thousand million together */
static void stops_when_told(void) {
  view v = square(0.25 + 1e-14, 0, 1e-15, SIDE, SIDE);
  memset(v.im, 0, sizeof v.im); /* above and below the axis is the set: this is its cusp */
  static double nu[SAMPLES];
  for (int twin = 0; twin < 2; twin++) {
    int32_t flag = 0;
    pthread_t thread;
    pthread_create(&thread, NULL, stop_soon, &flag);
    const int ended = (twin ? fmandel_tile_scalar : fmandel_tile)(v.re, SIDE, v.im, SIDE, 1ll << 53, 2, nu, NULL, &flag);
    CHECK(ended == FMANDEL_CANCELLED, "stopped");
    pthread_join(thread, NULL);
  }
  const int32_t set = 1;
  const view inside = square(-0.2, 0, 0.1, SIDE, SIDE);
  CHECK(fmandel_tile(inside.re, SIDE, inside.im, SIDE, 9, 2, nu, NULL, &set) == FMANDEL_CANCELLED, "set beforehand");
}

typedef struct {
  view v;
  double nu[SAMPLES];
} job;

static void *run(void *argument) {
  job *const j = argument;
  fmandel_tile(j->v.re, SIDE, j->v.im, SIDE, 3000, 256, j->nu, NULL, NULL);
  return NULL;
}

static void threads_do_not_meet(void) {
  static job jobs[4];
  pthread_t threads[4];
  for (int t = 0; t < 4; t++) {
    jobs[t].v = square(-0.75, 0.1, 0.1, SIDE, SIDE);
    pthread_create(&threads[t], NULL, run, &jobs[t]);
  }
  for (int t = 0; t < 4; t++) {
    pthread_join(threads[t], NULL);
    CHECK(memcmp(jobs[t].nu, jobs[0].nu, sizeof jobs[0].nu) == 0, "thread %d", t);
  }
}

int main(void) {
  threads_do_not_meet(); /* first, so that they choose the instruction set together */
  const char *const wanted = getenv("FMANDEL_ISA");
  CHECK(!wanted || strcmp(fmandel_isa(), wanted) == 0, "%s is in use, %s was asked for", fmandel_isa(), wanted);
  chosen_views();
  interior_stays();
  edges_are_not_passed();
  random_views(RANDOM_VIEWS);
  small_views();
  limit_is_exact();
  nu_is_right(2);
  nu_is_right(256);
  closed_forms_are_inside();
  cycles_are_inside();
  stops_when_told();
  return checked();
}
