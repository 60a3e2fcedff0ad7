/*
 * Fixed-point numbers from and to decimal, exactly rounded.
 *
 * In: the fraction 0.d1 d2 d3 ... in chunks of 19 digits is (c1 + (c2 + (c3 +
 * ...)/10^19)/10^19)/10^19, evaluated from the last chunk on. Each division is truncated to a
 * number of bits. But floor((k + floor(x))/m) = floor((k + x)/m) for integers k and m, so all the
 * truncations together are one truncation of the exact value. It happens one limb below the
 * number's end, and half an ulp is added.
 *
 * Out: the fraction times 10^19 has the next 19 digits as its integer part. Comparing the rest with
 * one half at the end says whether to round up.
 */
#include <string.h>

#include "fmandel/fixed.h"
#include "fixed/limbs.h"

enum { CHUNK = 19 }; /* 10^19 is the largest power of ten below 2^64 */
#define CHUNK_POWER 10000000000000000000u

typedef struct {
  const char *digits; /* from the first digit that is not 0; the point may be between them */
  int64_t count; /* digits */
  int64_t dot; /* digits before the point, or count */
  int64_t whole; /* digits of the integer part; negative for zeros after the point */
  int negative;
} decimal;

static int is_digit(char c) { return c >= '0' && c <= '9'; }

/*
 * Digit k of the fraction, from 0. Digits beyond those given are 0. For k < 0, a digit of the
 * integer part.
 */
static limb digit_at(const decimal *d, int64_t k) {
  int64_t i = d->whole + k;
  if (i < 0 || i >= d->count) return 0;
  return (limb)(d->digits[i + (i >= d->dot)] - '0');
}

/* The value of the digits k .. k + 18. */
static limb chunk_at(const decimal *d, int64_t k) {
  limb value = 0;
  for (int i = 0; i < CHUNK; i++) value = 10 * value + digit_at(d, k + i);
  return value;
}

static int parse(decimal *d, const char *text, int64_t length) {
  const char *at = text, *end = text + length;
  d->negative = at < end && *at == '-';
  if (at < end && (*at == '-' || *at == '+')) at++;

  const char *first = at, *point = NULL, *nonzero = NULL, *last = NULL;
  int64_t digits = 0;
  for (; at < end && (is_digit(*at) || (*at == '.' && point == NULL)); at++) {
    if (*at == '.') {
      point = at;
      continue;
    }
    digits++;
    if (*at != '0') {
      if (nonzero == NULL) nonzero = at;
      last = at;
    }
  }
  if (digits == 0) return 0;
  if (point == NULL) point = at;

  /* an exponent above 10^15 is as good as 10^15: no text is that long */
  int64_t exponent = 0;
  if (at < end && (*at == 'e' || *at == 'E')) {
    int minus = ++at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+')) at++;
    if (at == end) return 0;
    for (; at < end && is_digit(*at); at++)
      if (exponent < 1000000000000000) exponent = 10 * exponent + (*at - '0');
    if (minus) exponent = -exponent;
  }
  if (at != end) return 0;

  if (nonzero == NULL) {
    d->digits = first;
    d->count = d->dot = d->whole = 0;
    return 1;
  }
  d->digits = nonzero;
  d->count = last - nonzero + 1 - (nonzero < point && point < last);
  d->dot = nonzero < point ? point - nonzero : 0;
  d->whole = (nonzero < point ? point - nonzero : point + 1 - nonzero) + exponent;
  /* if the point comes before the first digit, there is none to skip */
  if (nonzero > point || d->dot > d->count) d->dot = d->count;
  return 1;
}

int fmandel_fixed_from_decimal(uint64_t *r, int n, const char *text, int64_t length) {
  decimal d;
  if (!parse(&d, text, length)) return 0;
  memset(r, 0, (size_t)n * sizeof(limb));
  if (d.count == 0) return 1;
  /* 2^62 has 19 digits */
  if (d.whole > CHUNK) return 0;
  /*
   * below 10^-(20 n) < 2^-(64 n + 1) it rounds to 0, so at most 20 n zeros are ever walked through
   */
  if (d.whole < -20 * (int64_t)n) return 1;

  /* r's own limbs below the top, and one guard limb below them */
  limb guard = 0;
  int64_t fraction = d.count - d.whole;
  for (int64_t k = (fraction - 1) / CHUNK * CHUNK; fraction > 0 && k >= 0; k -= CHUNK) {
    limb remainder = chunk_at(&d, k);
    for (int i = n - 2; i >= 0; i--) {
      limb2 t = (limb2)remainder << 64 | r[i];
      r[i] = (limb)(t / CHUNK_POWER);
      remainder = (limb)(t % CHUNK_POWER);
    }
    guard = (limb)(((limb2)remainder << 64 | guard) / CHUNK_POWER);
  }
  r[n - 1] = chunk_at(&d, -CHUNK);
  limbs_carry(r, guard >> 63);
  if (r[n - 1] >> 62 != 0) return 0;
  if (d.negative) fmandel_fixed_negate(r, r, n);
  return 1;
}

/* log10 2 < 0.30103; one more digit, so that half a unit of the last stays below half an ulp */
int64_t fmandel_fixed_digits(int n) { return 64 * (int64_t)(n - 1) * 30103 / 100000 + 2; }

/* Writes `count` decimal digits of value. */
static void write_digits(char *text, limb value, int count) {
  for (int i = count - 1; i >= 0; i--) {
    text[i] = (char)('0' + value % 10);
    value /= 10;
  }
}

/* Adds one in the last place. Returns 1 if all digits were 9. */
static int round_up(char *text, int64_t count) {
  for (int64_t i = count - 1; i >= 0; i--) {
    if (text[i] != '9') {
      text[i]++;
      return 0;
    }
    text[i] = '0';
  }
  return 1;
}

int64_t fmandel_fixed_to_decimal(char *text, int64_t size, const uint64_t *a, int n, int64_t digits,
                                 uint64_t *scratch) {
  if (digits < 0 || size < digits + 24) return -1;
  int negative = fmandel_fixed_sign(a, n) < 0;
  if (negative)
    fmandel_fixed_negate(scratch, a, n);
  else
    memcpy(scratch, a, (size_t)n * sizeof(limb));
  limb whole = scratch[n - 1];

  /* the fraction's digits, where they belong if the integer part has one digit: after "-0." */
  char *fraction = text + 23;
  for (int64_t k = 0; k < digits; k += CHUNK) {
    int count = digits - k < CHUNK ? (int)(digits - k) : CHUNK;
    limb power = 1, carry = 0;
    for (int i = 0; i < count; i++) power *= 10;
    for (int i = 0; i < n - 1; i++) {
      limb2 t = (limb2)scratch[i] * power + carry;
      scratch[i] = (limb)t;
      carry = (limb)(t >> 64);
    }
    write_digits(fraction + k, carry, count);
  }
  if (scratch[n - 2] >> 63 != 0) whole += (limb)round_up(fraction, digits);

  char *at = text;
  if (negative) *at++ = '-';
  int places = 1;
  for (limb rest = whole; rest >= 10; rest /= 10) places++;
  write_digits(at, whole, places);
  at += places;
  if (digits > 0) {
    *at++ = '.';
    memmove(at, fraction, (size_t)digits);
    at += digits;
  }
  *at = 0;
  return at - text;
}
