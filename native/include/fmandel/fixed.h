/*
 * Signed fixed-point numbers: n limbs of 64 bits, least significant first, in two's complement; the top limb is the
 * integer part, the n - 1 others the fraction. n is at least 2; values stay below 2^62.
 *
 * Two's complement, because what an orbit does besides squaring is adding numbers of unpredictable sign, and that needs
 * no branch here; a product takes magnitudes first, which costs a pass over its limbs.
 *
 * ulp means 2^-(64 (n - 1)). Additions are exact; nothing checks for overflow of the integer part. Results may be
 * operands unless said otherwise. Where a function takes scratch, it needs fmandel_fixed_scratch(n) limbs.
 */
#ifndef FMANDEL_FIXED_H
#define FMANDEL_FIXED_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

int64_t fmandel_fixed_scratch(int n);

void fmandel_fixed_add(uint64_t *r, const uint64_t *a, const uint64_t *b, int n);
void fmandel_fixed_sub(uint64_t *r, const uint64_t *a, const uint64_t *b, int n);
void fmandel_fixed_negate(uint64_t *r, const uint64_t *a, int n);

/* the magnitude is rounded down, and then by less than n ulp too small, never too large */
void fmandel_fixed_sqr(uint64_t *r, const uint64_t *a, int n, uint64_t *scratch);

/* the sign of a: -1, 0 or 1 */
int fmandel_fixed_sign(const uint64_t *a, int n);

/* to the nearest double, ties to even; values below 2^-1022 give 0 */
double fmandel_fixed_to_double(const uint64_t *a, int n);

/* the same at any size: a = mantissa 2^exponent, mantissa rounded as above, |mantissa| in [1, 2); 0 for 0, exponent
   -2^60 */
double fmandel_fixed_to_floatexp(const uint64_t *a, int n, int64_t *exponent);

/* mantissa 2^exponent, |mantissa| 2^exponent < 2^62: exact where the number has the bits, else cut towards 0 */
void fmandel_fixed_from_floatexp(uint64_t *r, int n, double mantissa, int64_t exponent);

/*
 * (-1)^negative words 2^-fraction_bits to the nearest, ties away from 0; the words (of a bigint) least significant
 * first. Returns 1, or 0 when the value is not below 2^62.
 */
int fmandel_fixed_from_words(uint64_t *r, int n, const uint64_t *words, int64_t count, int negative,
                             int64_t fraction_bits);

/*
 * A decimal number of any length, [+-]digits[.digits][e[+-]digits] with at least one digit before or after the point,
 * to the nearest, ties away from 0. Returns 1, or 0 when the text is no such number or not below 2^62.
 */
int fmandel_fixed_from_decimal(uint64_t *r, int n, const char *text, int64_t length);

/*
 * Writes a with so many digits after the point, rounded to the nearest, ties away from 0, and a final NUL. Returns the
 * length without it, or -1 when size is too small; digits + 24 always suffices. fmandel_fixed_digits(n) digits tell all
 * numbers of n limbs apart.
 */
int64_t fmandel_fixed_to_decimal(char *text, int64_t size, const uint64_t *a, int n, int64_t digits, uint64_t *scratch);
int64_t fmandel_fixed_digits(int n);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
