/*
 * Signed fixed-point numbers: n limbs of 64 bits, least significant first, in two's complement. The
 * top limb is the integer part, the other n - 1 are the fraction. n is at least 2; magnitudes stay
 * below 2^62.
 *
 * Two's complement, because apart from squaring an orbit adds numbers of unpredictable sign, and
 * that needs no branch here. A product takes the magnitudes first, which costs one pass over the
 * limbs.
 *
 * An ulp is 2^-(64 (n - 1)). Additions are exact; nothing checks for overflow of the integer part.
 * A result may be one of the operands unless stated otherwise. A function that takes scratch memory
 * needs fmandel_fixed_scratch(n) limbs.
 */
#ifndef FMANDEL_FIXED_H
#define FMANDEL_FIXED_H

#include <stdint.h>

#include "fmandel/platform.h"

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

int64_t fmandel_fixed_scratch(int n);

void fmandel_fixed_add(uint64_t *r, const uint64_t *a, const uint64_t *b, int n);
void fmandel_fixed_sub(uint64_t *r, const uint64_t *a, const uint64_t *b, int n);
void fmandel_fixed_negate(uint64_t *r, const uint64_t *a, int n);

/* The magnitude is rounded down: it is less than n ulp too small, and never too large. */
void fmandel_fixed_sqr(uint64_t *r, const uint64_t *a, int n, uint64_t *scratch);

/* The sign of a: -1, 0 or 1. */
int fmandel_fixed_sign(const uint64_t *a, int n);

/* Rounds to the nearest double, ties to even. Values below 2^-1022 give 0. */
double fmandel_fixed_to_double(const uint64_t *a, int n);

/*
 * A nearest double (either one for a tie), and what is left of the number, a - result, exact to
 * 2^-114 of the result or an ulp of a. The rest is 0 if the result is below 2^-900.
 */
double fmandel_fixed_to_doubles(const uint64_t *a, int n, double *rest);

/*
 * The same for any magnitude: a = mantissa 2^exponent, with the mantissa rounded as above and
 * |mantissa| in [1, 2). 0 gives 0 with the exponent -2^60.
 */
double fmandel_fixed_to_floatexp(const uint64_t *a, int n, int64_t *exponent);

/*
 * The number mantissa 2^exponent, with |mantissa| 2^exponent < 2^62. Exact if r has enough bits,
 * otherwise truncated towards 0.
 */
void fmandel_fixed_from_floatexp(uint64_t *r, int n, double mantissa, int64_t exponent);

/*
 * The number (-1)^negative words 2^-fraction_bits, rounded to the nearest, ties away from 0. The
 * words (of a bigint) come least significant first. Returns 1, or 0 if the magnitude is not below
 * 2^62.
 */
int fmandel_fixed_from_words(uint64_t *r, int n, const uint64_t *words, int64_t count, int negative,
                             int64_t fraction_bits);

/*
 * Reads a decimal number of any length: [+-]digits[.digits][e[+-]digits], with at least one digit
 * before or after the point. Rounds to the nearest, ties away from 0. Returns 1, or 0 if the text
 * is no such number or its magnitude is not below 2^62.
 */
int fmandel_fixed_from_decimal(uint64_t *r, int n, const char *text, int64_t length);

/*
 * Writes a with the given number of digits after the point, rounded to the nearest, ties away from
 * 0, and a final NUL. Returns the length without the NUL, or -1 if size is too small; digits + 24
 * is always enough. fmandel_fixed_digits(n) digits distinguish all numbers of n limbs.
 */
int64_t fmandel_fixed_to_decimal(char *text, int64_t size, const uint64_t *a, int n, int64_t digits, uint64_t *scratch);
int64_t fmandel_fixed_digits(int n);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
