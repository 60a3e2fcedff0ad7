/*
 * Fixed-point arithmetic against plain schoolbook products of 32-bit digits, on random numbers and
 * on the patterns that make carries run: all ones, all zeros, single bits. Decimals and roundings
 * against values written out by hand.
 */
#include <fmandel/fmandel.h>
#include "fixed/fourier.h"
#include "fixed/limbs.h"
#include "check.h"

enum { MAX = 460 }; /* limbs: more than e8000's 27,000 bits */

/* runs of ones and of zeros as often as random limbs */
static void fill(limb *a, int n) {
  switch (random_bits() % 4) {
    case 0:
      for (int i = 0; i < n; i++) a[i] = random_bits();
      break;
    case 1:
      for (int i = 0; i < n; i++) a[i] = ~(limb)0;
      break;
    case 2:
      memset(a, 0, (size_t)n * sizeof(limb));
      a[random_bits() % (uint64_t)n] = (limb)1 << random_bits() % 64;
      break;
    default:
      for (int i = 0; i < n; i++) a[i] = random_bits() % 2 ? ~(limb)0 : random_bits() % 3 ? 0 : random_bits();
  }
}

/* a fixed-point number with an integer part below 2^30, of either sign */
static void fill_fixed(limb *a, int n) {
  fill(a, n);
  a[n - 1] &= 0x3fffffff;
  if (random_bits() % 2) fmandel_fixed_negate(a, a, n);
}

static void plain_mul(limb *r, const limb *a, const limb *b, int n) {
  static uint32_t x[2 * MAX], y[2 * MAX], p[4 * MAX];
  memcpy(x, a, (size_t)n * 8);
  memcpy(y, b, (size_t)n * 8);
  memset(p, 0, (size_t)n * 16);
  for (int i = 0; i < 2 * n; i++) {
    uint64_t carry = 0;
    for (int j = 0; j < 2 * n; j++) {
      carry += (uint64_t)x[i] * y[j] + p[i + j];
      p[i + j] = (uint32_t)carry;
      carry >>= 32;
    }
    p[i + 2 * n] = (uint32_t)carry;
  }
  memcpy(r, p, (size_t)n * 16);
}

/* what an upper half lacks of the exact product's limbs n - 2 .. 2n - 1 must be 0 .. n B */
static void check_upper(const limb *upper, const limb *product, int n, const char *name) {
  limb lack[MAX + 2] = {0};
  limb borrow = limbs_sub(lack, product + n - 2, upper, n + 2);
  int small = borrow == 0 && lack[1] < (limb)n;
  for (int i = 2; i < n + 2; i++) small &= lack[i] == 0;
  CHECK(small, "%s of %d limbs", name, n);
}

static void test_products(void) {
  static limb a[MAX], b[MAX], r[2 * MAX + 1], expected[2 * MAX], scratch[16 * MAX + 1000];
  for (int n = 2; n <= MAX; n += n < 140 ? 1 : 16) {
    const limb guard = 0xfeedfacecafebeef;
    scratch[fmandel_limbs_scratch(n)] = guard;
    for (int round = 0; round < (n < 140 ? 24 : 6); round++) {
      fill(a, n);
      fill(b, n);
      plain_mul(expected, a, b, n);
      r[2 * n] = guard;
      fmandel_limbs_mul(r, a, b, n, scratch);
      CHECK(memcmp(r, expected, (size_t)n * 16) == 0 && r[2 * n] == guard, "mul of %d limbs", n);
      r[n + 2] = guard;
      fmandel_limbs_mul_high(r, a, b, n, scratch);
      check_upper(r, expected, n, "mul_high");
      CHECK(r[n + 2] == guard, "mul_high of %d limbs writes past its result", n);
      plain_mul(expected, a, a, n);
      r[2 * n] = guard;
      fmandel_limbs_sqr(r, a, n, scratch);
      CHECK(memcmp(r, expected, (size_t)n * 16) == 0 && r[2 * n] == guard, "sqr of %d limbs", n);
      r[n + 2] = guard;
      fmandel_limbs_sqr_high(r, a, n, scratch);
      check_upper(r, expected, n, "sqr_high");
      CHECK(r[n + 2] == guard, "sqr_high of %d limbs writes past its result", n);
    }
    CHECK(scratch[fmandel_limbs_scratch(n)] == guard, "scratch of %d limbs", n);
  }
}

/*
 * e[2n] = a b of two's complement numbers: for a negative a, b at a's place is subtracted, and vice
 * versa
 */
static void signed_mul(limb *e, const limb *a, const limb *b, int n) {
  plain_mul(e, a, b, n);
  if ((int64_t)a[n - 1] < 0) limbs_sub(e + n, e + n, b, n);
  if ((int64_t)b[n - 1] < 0) limbs_sub(e + n, e + n, a, n);
}

/* r is within an ulp of an exact product's limbs from n - 1 on */
static int is_cut(const limb *r, const limb *exact, int n) {
  limb lack[MAX] = {0};
  limbs_sub(lack, exact + n - 1, r, n);
  int small = lack[0] + 1 <= 2;
  for (int i = 1; i < n; i++) small &= lack[i] == (lack[0] + 1 == 0 ? ~(limb)0 : 0);
  return small;
}

/*
 * digits of the largest size that the transform can meet: a bit in every b, alike or with random
 * signs
 */
static void fill_extreme(limb *a, int n, int b) {
  memset(a, 0, (size_t)n * sizeof(limb));
  int chance = (int)(random_bits() % 2);
  for (int bit = b - 1; bit < 64 * n - 34; bit += b)
    if (!chance || random_bits() % 2) a[bit / 64] |= (limb)1 << bit % 64;
  if (random_bits() % 2) fmandel_fixed_negate(a, a, n);
}

static void test_transform(void) {
  static limb re[MAX], im[MAX], x[MAX], y[MAX], exact[2 * MAX], other[2 * MAX];
  for (int n = 8; n <= MAX; n += n / 7 + 1) {
    int64_t words = fmandel_fourier_memory(n);
    int most = fmandel_fourier_capacity(n);
    CHECK(most >= n && fmandel_fourier_memory(most) - 3 * most == words - 3 * n && fmandel_fourier_memory(most + 1) > words + 3 * (most + 1 - n),
          "%d limbs for %d", most, n);
    limb *memory = malloc((size_t)(words + 1) * sizeof(limb));
    memory[words] = 0xfeedface;
    fmandel_fourier_start(memory, n);
    for (int round = 0; round < 40; round++) {
      fill_fixed(re, n);
      fill_fixed(im, n);
      if (round >= 16) {
        fill_extreme(re, n, 13 + round % 12);
        if (round % 2) fill_extreme(im, n, 13 + round % 12);
        else memcpy(im, re, (size_t)n * sizeof(limb));
      }
      memcpy(x, re, (size_t)n * sizeof(limb));
      memcpy(y, im, (size_t)n * sizeof(limb));
      fmandel_fourier_square(x, y, n, memory);
      signed_mul(exact, re, re, n);
      signed_mul(other, im, im, n);
      limbs_sub(exact, exact, other, 2 * n);
      CHECK(is_cut(x, exact, n), "re^2 - im^2 of %d limbs, round %d", n, round);
      signed_mul(exact, re, im, n);
      limbs_add(exact, exact, exact, 2 * n);
      CHECK(is_cut(y, exact, n), "2 re im of %d limbs, round %d", n, round);
    }
    CHECK(memory[words] == 0xfeedface, "memory of %d limbs", n);
    free(memory);
  }
}

static void test_signs(void) {
  static limb a[MAX], b[MAX], ab[MAX], other[MAX], zero[MAX], scratch[16 * MAX + 1000];
  for (int n = 2; n <= 80; n++)
    for (int round = 0; round < 20; round++) {
      fill_fixed(a, n);
      fill_fixed(b, n);
      size_t bytes = (size_t)n * sizeof(limb);

      /* (-a)^2 = a^2; both sides of a sum */
      fmandel_fixed_sqr(ab, a, n, scratch);
      CHECK(fmandel_fixed_sign(ab, n) >= 0, "a square of %d limbs is negative", n);
      fmandel_fixed_negate(other, a, n);
      fmandel_fixed_sqr(other, other, n, scratch);
      CHECK(memcmp(ab, other, bytes) == 0, "(-a)^2, %d limbs", n);
      fmandel_fixed_sub(other, a, b, n);
      fmandel_fixed_add(other, other, b, n);
      CHECK(memcmp(a, other, bytes) == 0, "a - b + b, %d limbs", n);
      fmandel_fixed_negate(other, a, n);
      fmandel_fixed_add(other, other, a, n);
      CHECK(memcmp(zero, other, bytes) == 0, "a - a, %d limbs", n);
    }
}

/* floor(a 2^-by), a bit at a time */
static void shift_right(limb *a, int n, int by) {
  for (; by > 0; by--)
    for (int i = 0; i < n; i++) a[i] = i + 1 < n ? a[i] >> 1 | a[i + 1] << 63 : (limb)((int64_t)a[i] >> 1);
}

/*
 * the double nearest to a, by comparing with its neighbours in fixed point: none is closer, and at
 * a tie it is even
 */
static void test_doubles(void) {
  enum { N = 8, WIDE = 24 };
  limb a[WIDE], x[WIDE], error[WIDE], least[WIDE];
  for (int round = 0; round < 40000; round++) {
    fill_fixed(a, N);
    if (round % 3 == 0) shift_right(a, N, (int)(random_bits() % (64 * N - 1)));
    if (round % 5 == 0) /* exactly between two doubles, or next to it */
      fmandel_fixed_from_floatexp(a, N, (double)((random_bits() >> 12) | 1) * (round % 2 ? 1 : -1), -(int64_t)(random_bits() % 300)),
          a[0] += random_bits() % 3 - 1;
    double d = fmandel_fixed_to_double(a, N), rest, with_rest = fmandel_fixed_to_doubles(a, N, &rest);
    /* in more limbs */
    memmove(a + WIDE - N, a, N * sizeof *a), memset(a, 0, (WIDE - N) * sizeof *a);
    fmandel_fixed_from_floatexp(x, WIDE, with_rest, 0);
    fmandel_fixed_sub(error, a, x, WIDE);
    fmandel_fixed_from_floatexp(x, WIDE, rest, 0);
    fmandel_fixed_sub(error, error, x, WIDE);
    /* what both leave: 2^-105 of the number, or its last digits */
    const double left = fabs(fmandel_fixed_to_double(error, WIDE));
    CHECK(fabs(rest) <= fmax(fabs(d) * 0x1p-53, 0x1p-447) && left <= fmax(fabs(d) * 0x1p-105, 0x1p-447), "%a and %a leave %a", with_rest, rest, left);
    double candidates[3] = {d, nextafter(d, INFINITY), nextafter(d, -INFINITY)};
    for (int i = 0; i < 3; i++) {
      fmandel_fixed_from_floatexp(x, WIDE, candidates[i], 0);
      fmandel_fixed_sub(error, a, x, WIDE);
      if (fmandel_fixed_sign(error, WIDE) < 0) fmandel_fixed_negate(error, error, WIDE);
      if (i == 0) memcpy(least, error, sizeof least);
      fmandel_fixed_sub(x, error, least, WIDE);
      int order = fmandel_fixed_sign(x, WIDE);
      uint64_t bits;
      memcpy(&bits, &d, sizeof bits);
      CHECK(i == 0 || order > 0 || (order == 0 && bits % 2 == 0), "%a is not the nearest", d);
    }
    int64_t e;
    double m = fmandel_fixed_to_floatexp(a, WIDE, &e);
    CHECK(d == 0 ? m == 0 : ldexp(m, (int)e) == d && fabs(m) >= 1 && fabs(m) < 2, "%a 2^%lld for %a", m, (long long)e, d);
  }

  /* below the double's range */
  limb tiny[MAX];
  for (int64_t exponent = -30; exponent > -64 * (MAX - 2); exponent = exponent * 3 / 2) {
    fmandel_fixed_from_floatexp(tiny, MAX, -0x1.23456789abcdep0, exponent);
    int64_t e;
    double m = fmandel_fixed_to_floatexp(tiny, MAX, &e);
    CHECK(m == -0x1.23456789abcdep0 && e == exponent, "%a 2^%lld", m, (long long)e);
    double d = fmandel_fixed_to_double(tiny, MAX);
    CHECK(d == (exponent < -1022 ? 0 : ldexp(m, (int)exponent)), "2^%lld as %a", (long long)exponent, d);
  }
  fmandel_fixed_from_floatexp(tiny, MAX, 1, -1022);
  CHECK(fmandel_fixed_to_double(tiny, MAX) == 0x1p-1022, "the least normal double");
  memset(tiny, 0xff, sizeof tiny);
  int64_t e;
  CHECK(fmandel_fixed_to_floatexp(tiny, MAX, &e) == -1 && e == -64 * (MAX - 1), "-1 ulp");
  tiny[0] = 0;
  CHECK(fmandel_fixed_to_floatexp(tiny, MAX, &e) == -1 && e == -64 * (MAX - 2), "-B ulp");
  memset(tiny, 0, sizeof tiny);
  CHECK(fmandel_fixed_to_floatexp(tiny, MAX, &e) == 0 && e == -((int64_t)1 << 60), "0");
}

static int reads(limb *r, int n, const char *text) {
  memset(r, 0x55, (size_t)n * sizeof(limb));
  return fmandel_fixed_from_decimal(r, n, text, (int64_t)strlen(text));
}

static void test_decimals(void) {
  static const struct {
    const char *text;
    limb whole, fraction;
  } two_limbs[] = {
    {"0", 0, 0},
    {"-0", 0, 0},
    {"000.000", 0, 0},
    {"0e999999999999999999999", 0, 0},
    {"1", 1, 0},
    {"+12.5", 12, (limb)1 << 63},
    {"-12.5", (limb)-13, (limb)1 << 63},
    {".25", 0, (limb)1 << 62},
    {"25.e-2", 0, (limb)1 << 62},
    {"0.0025E2", 0, (limb)1 << 62},
    {"4611686018427387903", 0x3fffffffffffffff, 0},
    {"46116860184273879030e-1", 0x3fffffffffffffff, 0},
    {"0.00000000000000000000000000000000000000000000000000000000000000000001e68", 1, 0},
    /* 2^-64 = 5.42e-20; its half, from which on it rounds away from 0, has all these digits */
    {"0.0000000000000000000542101086242752217003726400434970855712890625", 0, 1},
    {"0.00000000000000000002710505431213761085018632002174854278564453125", 0, 1},
    {"0.000000000000000000027105054312137610850186320021748542785644531249999", 0, 0},
    {"-0.00000000000000000002710505431213761085018632002174854278564453125", ~(limb)0, ~(limb)0},
    {"0.99999999999999999999999", 1, 0},
    {"1e-1000000000000000000000000", 0, 0},
    {"3.14159265358979323846264338327950288419716939937510", 3, 0x243f6a8885a308d3},
  };
  limb r[MAX];
  for (size_t i = 0; i < sizeof two_limbs / sizeof *two_limbs; i++)
    CHECK(reads(r, 2, two_limbs[i].text) && r[1] == two_limbs[i].whole && r[0] == two_limbs[i].fraction,
          "%s gives %llx.%016llx", two_limbs[i].text, (unsigned long long)r[1], (unsigned long long)r[0]);

  static const char *const refused[] = {"", "-", ".", "1e", "1e+", "1 ", " 1", "1..2", "0x10", "1e5.", "nan",
                                        "4611686018427387904", "4611686018427387903.99999999999999999999", "1e19", "1e400"};
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
    CHECK(!reads(r, 2, refused[i]), "'%s' is accepted", refused[i]);

  /* out, and rounding on the way */
  static const struct {
    const char *text;
    int64_t digits;
    const char *expected;
  } written[] = {
    {"0", 0, "0"},          {"0.5", 0, "1"},      {"-0.5", 0, "-1"},    {"0.49", 0, "0"},
    {"999.9996", 3, "1000.000"}, {"-1.25", 1, "-1.3"}, {"2.125", 30, "2.125000000000000000000000000000"},
    {"0.0009765625", 10, "0.0009765625"}, {"4611686018427387902.75", 1, "4611686018427387902.8"},
  };
  static char text[20 * MAX + 100];
  static limb scratch[16 * MAX + 1000], again[MAX];
  for (size_t i = 0; i < sizeof written / sizeof *written; i++) {
    reads(r, 4, written[i].text);
    int64_t length = fmandel_fixed_to_decimal(text, sizeof text, r, 4, written[i].digits, scratch);
    CHECK(strcmp(text, written[i].expected) == 0 && length == (int64_t)strlen(text), "%s written as %s", written[i].text, text);
  }
  CHECK(fmandel_fixed_to_decimal(text, 33, r, 4, 10, scratch) == -1, "a text too small is written to");

  /* in and out are inverse to each other */
  for (int n = 2; n <= MAX; n += n / 3 + 1)
    for (int round = 0; round < 30; round++) {
      fill_fixed(r, n);
      int64_t length = fmandel_fixed_to_decimal(text, sizeof text, r, n, fmandel_fixed_digits(n), scratch);
      CHECK(fmandel_fixed_from_decimal(again, n, text, length), "%s is refused", text);
      CHECK(memcmp(r, again, (size_t)n * sizeof(limb)) == 0, "there and back through %s", text);
    }
}

static void test_words(void) {
  limb r[6], expected[6], words[8];
  for (int round = 0; round < 3000; round++) {
    /*
     * w 2^-f with few bits is a number that fmandel_fixed_from_floatexp, which is exact, knows too
     */
    double m = (double)(random_bits() >> 11);
    int64_t f = 20 + (int64_t)(random_bits() % 500), up = (int64_t)(random_bits() % 300);
    int negative = (int)(random_bits() % 2);
    memset(words, 0, sizeof words);
    limb2 wide = (limb2)(uint64_t)m << up % 64;
    words[up / 64] = (limb)wide;
    words[up / 64 + 1] = (limb)(wide >> 64);
    if (53 + up - f > 60) continue;
    CHECK(fmandel_fixed_from_words(r, 6, words, 8, negative, f), "refused");
    fmandel_fixed_from_floatexp(expected, 6, negative ? -m : m, up - f);
    limb odd = 0;
    /*
     * bits of m below an ulp: fmandel_fixed_from_floatexp truncates, fmandel_fixed_from_words
     * rounds
     */
    int64_t cut = f - up - 320;
    if (cut > 0 && cut <= 53) odd = (uint64_t)m >> (cut - 1) & 1;
    limb unit[6] = {odd};
    if (negative) fmandel_fixed_negate(unit, unit, 6);
    fmandel_fixed_add(expected, expected, unit, 6);
    CHECK(memcmp(r, expected, sizeof r) == 0, "%s%.0f 2^%lld", negative ? "-" : "", m, (long long)(up - f));
  }
  words[0] = (limb)1 << 62;
  CHECK(!fmandel_fixed_from_words(r, 6, words, 1, 0, 0), "2^62 is accepted");
  words[0]--;
  CHECK(fmandel_fixed_from_words(r, 6, words, 1, 1, 0) && r[5] == -(((limb)1 << 62) - 1), "1 - 2^62");
  CHECK(fmandel_fixed_from_words(r, 6, words, 0, 1, 0) && fmandel_fixed_sign(r, 6) == 0, "no words are 0");
}

int main(void) {
  test_products();
  test_transform();
  test_signs();
  test_doubles();
  test_decimals();
  test_words();
  return checked();
}
