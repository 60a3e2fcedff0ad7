/*
 * The proofs that a point is interior, against the known cardioid and discs and against orbits in
 * long doubles.
 */
#include "interior/cycle.h"
#define LANES 2
#include "interior/discs_template.h"
#include <fmandel/fmandel.h>
#include "check.h"

/*
 * the state to which the rounded iteration returns, followed from z; 0 if it leaves or takes too
 * long
 */
static int settles(double c[2], double z[2]) {
  double kept_r = NAN, kept_i = NAN;
  for (int n = 1, keep = 1; n < 2000000; n++) {
    const double t = fma(z[0], z[0], c[0]), r = fma(-z[1], z[1], t);
    z[1] = fma(z[0] + z[0], z[1], c[1]), z[0] = r;
    if (z[0] == kept_r && z[1] == kept_i) return 1;
    if (!(fabs(r) < 4)) return 0;
    if (n == keep) kept_r = z[0], kept_i = z[1], keep *= 2;
  }
  return 0;
}

/*
 * Beside a parabolic point of cardioid and discs, rounding stops orbits that would creep past it:
 * no such cycle attracts in truth. Those of discs of period 3 and 8 do, and so do those of the
 * minibrots of period 3, 4 and 5 on the axis.
 */
static void only_attracting_cycles_count(void) {
  static const double beside[][4] = {{0.25 + 0x1p-54, 0, 0.5 - 0x1p-20, 0}, {0.25 + 0x1p-54, 0x1p-60, 0.5 - 0x1p-20, 0},
                                     {-0.75, 0x1p-53, -0.5, 0x1p-30}, {-0.75, 0x1p-54, -0.5, -0x1p-30}};
  int stopped = 0;
  for (size_t k = 0; k < sizeof beside / sizeof *beside; k++) {
    double c[2] = {beside[k][0], beside[k][1]}, z[2] = {beside[k][2], beside[k][3]};
    if (!settles(c, z)) continue;
    CHECK(!cycle_attracts(z[0], z[1], c[0], c[1]), "%.17g %.17g", c[0], c[1]);
    stopped++;
  }
  CHECK(stopped > 0, "%d of them stopped", stopped);
  static const double discs[][2] = {{-0.12, 0.74}, {-1.31, 0.01}, {-1.7548777, 1e-4}, {-1.9407998065, 1e-6}, {-1.985424253, 1e-7}};
  for (size_t k = 0; k < sizeof discs / sizeof *discs; k++) {
    double c[2] = {discs[k][0], discs[k][1]}, z[2] = {0, 0};
    CHECK(settles(c, z) && cycle_attracts(z[0], z[1], c[0], c[1]), "%.17g %.17g", c[0], c[1]);
  }
}

/*
 * The least period with which the orbit of 0 returns, in long doubles, after it had time to settle;
 * 0 if it left, or does not return up to `most`.
 */
static int period_of(double re, double im, int most) {
  long double r = 0, i = 0;
  for (int n = 0; n < 20000; n++) {
    const long double t = r * r - i * i + re;
    i = 2 * r * i + im, r = t;
    if (r * r + i * i > 4) return 0;
  }
  const long double r0 = r, i0 = i;
  for (int n = 1; n <= most; n++) {
    const long double t = r * r - i * i + re;
    i = 2 * r * i + im, r = t;
    if (fabsl(r - r0) < 1e-9 && fabsl(i - i0) < 1e-9) return n;
  }
  return 0;
}

/*
 * A cycle that does not repel excludes all other periods, and one that repels weakly excludes the
 * short ones: never the one that attracts. So points just outside the main cardioid, in discs of q
 * times its period and in smaller ones on these, have their own disc all the same.
 */
static void periods_are_ruled_out(void) {
  static const double golden = 0.61803398874989485, turn = 6.2831853071795865;
  const struct {
    double angle, size; /* of the multiplier, in turns */
    int ruled_out;
  } beside[] = {{0, 1, 1}, {0.5, 1, 1}, {1.0 / 3, 1, 1}, {golden, 1 - 0x1p-40, 1}, {golden, 1, 1}, {golden, 1 + 0x1p-32, 1}, {golden, 1 + 0x1p-20, 0}, {golden, 1.5, 0}};
  for (size_t k = 0; k < sizeof beside / sizeof *beside; k++) {
    const double re = beside[k].size * cos(turn * beside[k].angle), im = beside[k].size * sin(turn * beside[k].angle);
    const double cr = re / 2 - (re * re - im * im) / 4, ci = im / 2 - re * im / 2;
    int least = 1;
    disc_cycle cycle;
    CHECK(interior_radius_by_period(cr, ci, cr, ci, 1, &least, &cycle) == 0, "no disc at %g turns, %.17g", beside[k].angle, beside[k].size);
    CHECK((least > DISC_MAX_PERIOD) == beside[k].ruled_out, "at %g turns, %.17g: %d", beside[k].angle, beside[k].size, least);
  }
  /* an emulator takes a hundred times as long */
#ifdef EMULATED
  const int steps = 12;
#else
  const int steps = 2;
#endif
  int shown = 0, longer = 0;
  for (int q = 2; q <= 61; q += steps)
    for (int p = 1; p < q; p += 1 + q / 7)
      for (double out = 0.1; out < 3; out += 0.47) {
        const double size = 1 + out / q / q, re = size * cos(turn * p / q + 0.2 * out / q / q), im = size * sin(turn * p / q + 0.2 * out / q / q);
        const double cr = re / 2 - (re * re - im * im) / 4, ci = im / 2 - re * im / 2;
        const int period = period_of(cr, ci, 4 * q);
        if (period == 0) continue;
        disc_cycle cycle;
        const int limb = bulb_denominator(re, im, 1, 4 * q);
        CHECK(limb <= period, "%d/%d, %g: a limb of %d at least, and %d is the period", p, q, out, limb, period);
        if (limb > 1) CHECK(interior_radius(cr, ci, DISC_MAX_PERIOD, &cycle) > 0, "%d/%d, %g: no disc", p, q, out);
        shown += limb > 1, longer += period > q && limb > 1;
      }
  CHECK(shown > 5 && longer > 0, "%d shown, %d of them of longer periods", shown, longer);
}

/*
 * Discs about many points at once are those about each alone, as far as rounding allows: inside,
 * outside and beside the boundary of components of periods 3 to 8, from a cycle of their middle.
 */
static void many_are_as_one(void) {
  static const struct {
    double re, im, size;
  } middles[] = {{-0.1225611669, 0.7448617666, 0.2}, {-1.7548776662, 0, 0.02}, {-1.3107026413, 0, 0.1}, {0.3795135880, 0.3349323056, 0.1}};
  int found = 0, none = 0;
  for (size_t k = 0; k < sizeof middles / sizeof *middles; k++) {
    disc_cycle cycle;
    CHECK(interior_radius(middles[k].re, middles[k].im, DISC_MAX_PERIOD, &cycle) > 0, "the middle of component %zu", k);
    for (int turn = 0; turn < 200; turn++) {
      double re[DISC_POINTS], im[DISC_POINTS], radius[DISC_POINTS];
      for (int i = 0; i < DISC_POINTS; i++) {
        const double out = middles[k].size * (turn + 1) / 200, angle = 0.7 * turn + i;
        re[i] = middles[k].re + out * cos(angle), im[i] = middles[k].im + out * sin(angle);
      }
      interior_radii(re, im, &cycle, radius);
      for (int i = 0; i < DISC_POINTS; i++) {
        int least = 1;
        disc_cycle its = {0};
        const double alone = interior_radius_by_period(cycle.re, cycle.im, re[i], im[i], cycle.period, &least, &its);
        const double one = its.period == cycle.period ? alone : 0;
        CHECK(fabs(radius[i] - one) <= 1e-9 * one, "%.17g %.17g: %g among others, %g alone", re[i], im[i], radius[i], one);
        one > 0 ? found++ : none++;
      }
    }
  }
  CHECK(found > 500 && none > 500, "%d discs, %d without", found, none);
}

/*
 * Newton's method jumps to and fro between two points at which F' and F'' are small, and no cycle
 * of this period is near: beside an island of period 481, from a cycle of one of its satellites.
 */
static void a_cycle_is_found_or_not(void) {
  const double cr = -0.74364440143108368, ci = 0.13182561099529266;
  const disc_cycle cycle = {-0.00013665051854161626, 4.3207834777619312e-05, 1443};
  int least = 1;
  disc_cycle its;
  const double alone = interior_radius_by_period(cycle.re, cycle.im, cr, ci, cycle.period, &least, &its);
  CHECK(alone == 0 && least == 1, "alone: %g, %d", alone, least);
  double re[DISC_POINTS], im[DISC_POINTS], radius[DISC_POINTS];
  for (int k = 0; k < DISC_POINTS; k++) re[k] = cr + k * 1e-8, im[k] = ci;
  interior_radii(re, im, &cycle, radius);
  for (int k = 0; k < DISC_POINTS; k++) CHECK(radius[k] < 1e-6, "among others, %d: %g", k, radius[k]);
}

int main(void) {
  many_are_as_one();
  a_cycle_is_found_or_not();
  only_attracting_cycles_count();
  periods_are_ruled_out();
  return checked();
}
