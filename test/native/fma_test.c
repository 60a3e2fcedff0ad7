/*
 * The multiply-adds of processors without the instruction, and of Windows, against fma, bit for
 * bit: random numbers of all sizes, sums that cancel, that lie halfway between two doubles or
 * beside that, zeros, and what overflows or is subnormal. And an iteration against its three
 * multiply-adds.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#define LANES 2
#include "simd/vector.h"
#include "simd/exact_fma.h"
#include "simd/fma.h"
#include "check.h"

/* an emulator takes a hundred times as long */
#ifdef EMULATED
enum { TURNS = 20000 };
#else
enum { TURNS = 300000 };
#endif

static double of_bits(uint64_t bits) {
  double a;
  memcpy(&a, &bits, sizeof a);
  return a;
}

static uint64_t bits_of(double a) {
  uint64_t bits;
  memcpy(&bits, &a, sizeof bits);
  return bits;
}

/* A number with an exponent between the two, of few digits half of the time. */
static double random_number(int least, int most) {
  const uint64_t r = random_bits(), digits = r >> 60 & 1 ? r << 12 >> 12 : (r << 12 >> 12) >> (r >> 54 & 31) << (r >> 54 & 31);
  const int exponent = least + (int)(random_bits() % (uint64_t)(most - least + 1));
  return ldexp(of_bits((r & 1ull << 63) | 0x3ff0000000000000 | (digits & 0xfffffffffffff)), exponent);
}

static int same(double a, double b) { return bits_of(a) == bits_of(b) || (isnan(a) && isnan(b)); }

static int differ;

static void agrees(double a, double b, double c) {
  const vec got = exact_fma((vec){a, 0.75}, (vec){b, a}, (vec){c, 1.25});
  const double want[2] = {fma(a, b, c), fma(0.75, a, 1.25)};
  for (int lane = 0; lane < 2; lane++)
    if (!same(got[lane], want[lane]) && differ++ < 20) printf("%a %a %a: %a, not %a\n", lane ? 0.75 : a, lane ? a : b, lane ? 1.25 : c, got[lane], want[lane]);
  const double whole = fmandel_fma(a, b, c);
  if (!same(whole, want[0]) && differ++ < 20) printf("%a %a %a by integers: %a, not %a\n", a, b, c, whole, want[0]);
}

static void random_sums(void) {
  static const int ranges[][2] = {{-3, 3}, {-60, 60}, {-540, 540}, {-1074, 1023}, {-1074, -400}, {-520, -430}, {480, 1023}, {-1074, -1000}};
  for (size_t k = 0; k < sizeof ranges / sizeof *ranges; k++)
    for (int turn = 0; turn < TURNS; turn++) {
      const double a = random_number(ranges[k][0], ranges[k][1]), b = random_number(ranges[k][0], ranges[k][1]);
      agrees(a, b, random_number(ranges[k][0], ranges[k][1]));
      /* of the product's size, and nearly or wholly its opposite */
      const double p = a * b;
      agrees(a, b, p * random_number(-2, 2));
      agrees(a, b, -p);
      agrees(a, b, of_bits(bits_of(-p) + random_bits() % 5 - 2));
    }
  CHECK(differ == 0, "%d random sums differ", differ);
}

/*
 * Sums that lie at the middle of two doubles, or beside it: half a unit of the large number's last
 * place, or nearly so, and products of more than 53 digits.
 */
static void middles(void) {
  for (int turn = 0; turn < TURNS; turn++) {
    const double a = ldexp(1 + ldexp((double)(random_bits() % 1024), -26), (int)(random_bits() % 40) - 20), b = 1 + ldexp((double)(random_bits() % 1024), -27 - (int)(random_bits() % 25));
    const double large = ldexp(1 + ldexp((double)(random_bits() % 4), -52), (int)(random_bits() % 120) - 60);
    agrees(a, b, large), agrees(-a, b, large), agrees(a, b, -large);
    const double half = ldexp(large, -53);
    agrees(half, b, large), agrees(half, 1, large), agrees(half, -1, large), agrees(half, 1 - 0x1p-53, large), agrees(half, 1 + 0x1p-52, large);
  }
  CHECK(differ == 0, "%d sums beside a middle differ", differ);
}

static void odd_ones(void) {
  static const double all[] = {0, 0x1p-1074, 0x1.8p-1073, 0x1p-1022, 0x1.fffffffffffffp-1023, 0x1p-970, 0x1p-900, 0x1p-450, 0x1p-53, 1, 1 + 0x1p-52, 2, 3,
                               0x1p53, 0x1p450, 0x1p500, 0x1p511, 0x1.8p511, 0x1p995, 0x1p996, 0x1.fp996, 0x1p1000, 0x1p1022, 0x1.fffffffffffffp1023, INFINITY, NAN};
  enum { ALL = sizeof all / sizeof *all };
  for (int i = 0; i < 8 * ALL * ALL * ALL; i++)
    agrees((i & 1 ? -1 : 1) * all[i / 8 % ALL], (i & 2 ? -1 : 1) * all[i / 8 / ALL % ALL], (i & 4 ? -1 : 1) * all[i / 8 / ALL / ALL]);
  CHECK(differ == 0, "%d of the odd ones differ", differ);
}

/* Of any size that is not squared past 2^996. */
static void iterations(void) {
  int wrong = 0;
  static const int ranges[][2] = {{-40, 2}, {-1074, 2}, {-520, -400}, {-1074, 480}};
  for (size_t k = 0; k < sizeof ranges / sizeof *ranges; k++)
    for (int turn = 0; turn < TURNS; turn++) {
      double z[2], c[2];
      for (int part = 0; part < 2; part++) {
        z[part] = random_bits() % 16 ? random_number(ranges[k][0], ranges[k][1]) : 0;
        c[part] = random_bits() % 16 ? random_number(ranges[k][0], 2) : 0;
      }
      vec re = {z[0], z[1]}, im = {z[1], 0.5};
      exact_square_add(&re, &im, (vec){c[0], c[1]}, (vec){c[1], -0.25});
      for (int lane = 0; lane < 2; lane++) {
        const double r = z[lane], i = lane ? 0.5 : z[1], t = fma(r, r, c[lane]);
        wrong += !same(re[lane], fma(-i, i, t)) || !same(im[lane], fma(r + r, i, lane ? -0.25 : c[1]));
      }
    }
  CHECK(wrong == 0, "%d iterations differ", wrong);
}

int main(void) {
  random_sums();
  middles();
  odd_ones();
  iterations();
  return checked();
}
