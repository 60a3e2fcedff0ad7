/* log2 against long doubles, and the palette indices against the formula, dithered ones too. */
#include <fmandel/fmandel.h>
#include "check.h"

#define LANES 1
#include "encode/palette.h"
#include "tile/smooth.h"

/* the error of log2_vec(x), in units of the last place */
static double ulps_off(double x) {
  const double got = log2_vec((vec){x})[0];
  const long double want = log2l(x);
  return want == 0 ? got != 0 : (double)(fabsl(got - want) / (nextafter(fabs((double)want), INFINITY) - fabs((double)want)));
}

static void log2_is_right(void) {
  double worst = 0;
  for (int k = 0; k < 400000; k++) worst = fmax(worst, ulps_off(exp2(random_between(-1000, 1000))));
  for (int k = 0; k < 400000; k++) worst = fmax(worst, ulps_off(random_between(0.5, 4)));
  for (int k = -2000; k <= 2000; k++) worst = fmax(worst, ulps_off(1 + k * 0x1p-52));
  CHECK(worst <= 4, "log2 is %.3f ulp off", worst);
  for (int k = -1022; k <= 1023; k++) CHECK(log2_vec((vec){ldexp(1, k)})[0] == k, "log2 of 2^%d", k);
  CHECK(log2_vec((vec){0})[0] == -1022 && log2_vec((vec){-1})[0] == -1022, "what is not above 0 counts as the smallest");
}

static void smooth_is_right(void) {
  /* |z| whose square is not a double */
  const double huge = smooth((vec){20}, (vec){1e200}, (vec){-1e200})[0];
  CHECK(fabs(huge - (20 - log2(log2(sqrt(2)) + log2(1e200)))) < 1e-14, "%.17g", huge);
  CHECK(smooth((vec){1}, (vec){1e200}, (vec){0})[0] == 0, "never below 0");
  CHECK(fabs(smooth((vec){9}, (vec){2}, (vec){0})[0] - 9) < 1e-15, "|z| = 2 is n itself");
}

enum { COUNT = 1000 };

static void steps_are_right(double density, double bias, double offset) {
  static double nu[COUNT];
  static uint8_t got[COUNT + 1];
  for (int i = 0; i < COUNT; i++) nu[i] = exp2(random_between(-3, 20));
  for (int i = 0; i < COUNT; i += 10) nu[i] = i % 20 ? FMANDEL_INTERIOR : FMANDEL_LIMIT;
  nu[1] = 0;
  for (int count = 1; count <= COUNT; count += count < 20 ? 1 : 97) {
    memset(got, 77, sizeof got);
    fmandel_palette_indices(nu, count, density, bias, offset, got);
    CHECK(got[count] == 77, "nothing is written past the end");
    int differ = 0, off = 0;
    for (int i = 0; i < count; i++) {
      ivec step;
      palette_steps(&(vec){nu[i]}, &step, 1, density, bias, offset);
      differ += got[i] != (uint8_t)step[0];
      const long double phase = density * log2l(nu[i] + bias) + offset, part = 255 * (phase - floorl(phase)) + 0.5L;
      /* next to the edge of a step, rounding may go either way */
      const double blur = 255 * (fabs(density) * 64 + fabs(offset) + 64) * 0x1p-50;
      if (nu[i] < 0) off += got[i] != 255;
      else if (part - floorl(part) > blur && part - floorl(part) < 1 - blur) off += got[i] != (int)floorl(part) % 255;
    }
    CHECK(differ == 0, "%d of %d steps differ from the scalar's", differ, count);
    CHECK(off == 0, "%d of %d steps differ from the formula's", off, count);
  }
}

/* a number from 0 to 1 */
static double within(double value) { return fmin(fmax(value, 0), 1); }

/*
 * Indices of a plane of counts whose step grows from row to row, some of them of the set, against
 * the formula: dithered, and with the parts of their steps. Returns how many dithering changed.
 */
static int dithering_is_right(int width, int height, double gradient, double density) {
  static double nu[COUNT];
  static uint8_t nearest[COUNT], got[COUNT + 1];
  static int8_t part[COUNT + 1];
  const int count = width * height;
  const int32_t place[6] = {-3, 77, 1, 0, 0, -1};
  for (int i = 0; i < count; i++) nu[i] = i % 61 == 60 ? FMANDEL_INTERIOR : 40 + gradient * (i % width) * (1 + i / width) + random_between(0, 1e-9);
  fmandel_palette_indices(nu, count, density, 16, 0.25, nearest);
  memcpy(got, nearest, sizeof nearest), got[count] = 77, part[count] = 77;
  fmandel_dither_indices(nu, width, height, place, density, 16, 0.25, got);
  fmandel_step_parts(nu, width, height, density, 16, 0.25, part);
  CHECK(got[count] == 77 && part[count] == 77, "nothing is written past the end");
  int off = 0, dithered = 0;
  for (int i = 0; i < count; i++) {
    const int x = i % width, y = i / width;
    /* the other of a pair, or the previous one if there is none */
    const int beside = x % 2 || x + 1 == width ? -(x > 0) : 1, above = y % 2 || y + 1 == height ? -(y > 0) : 1;
    const double across = fabs(nu[i] - nu[i + beside]), down = fabs(nu[i] - nu[i + above * width]);
    const double slope = density * 255 / log(2) / (nu[i] + 16);
    const double strength = within(2 - 12 * slope * fmin(across, down)) * within(2 - 4 * slope * fmax(across, down));
    if (nu[i] < 0 || strength == 0 || slope * fmax(across, down) < 0x1p-16) {
      off += got[i] != nearest[i] || part[i] != 0;
      continue;
    }
    const double steps = 255 * (density * log2(nu[i] + 16) + 0.25);
    const int re = x < 3 ? 2 - x : x - 3, im = y > 77 ? y - 78 : 77 - y;
    const double threshold = ((197 * re + 149 * im) % 256 - 127.5) / 224, moved = steps + strength * threshold;
    dithered += got[i] != nearest[i];
    /* next to the edge of a step, rounding may go either way */
    if (fabs(moved - floor(moved) - 0.5) > 1e-6) off += got[i] != (int)fmod(floor(moved + 0.5), 255);
    if (fabs(steps - floor(steps) - 0.5) > 1e-6) off += fabs(part[i] - 254 * strength * (steps - floor(steps + 0.5))) > 0.51;
  }
  CHECK(off == 0, "%d of %d x %d samples are not dithered as the formula says", off, width, height);
  return dithered;
}

int main(void) {
  log2_is_right();
  smooth_is_right();
  steps_are_right(0.8, 16, 0);
  steps_are_right(-3.7, 0.001, 12.25);
  steps_are_right(0, 1, 0.999);
  steps_are_right(1e6, 1, -1e6);
  int dithered = dithering_is_right(40, 25, 1e-2, 0.05);
  for (int width = 1; width <= 41; width++)
    for (int height = 1; height <= 23; height += 2)
      for (double gradient = 1e-4; gradient < 10; gradient *= 10) dithered += dithering_is_right(width, height, gradient, 0.8);
  CHECK(dithered > 1000, "only %d samples are dithered", dithered);
  return checked();
}
