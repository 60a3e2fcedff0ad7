/*
 * Mixed steps under construction: polynomials in z and c, truncated at a total degree. See
 * docs/theory/bla.md.
 *
 * The other steps leave out the terms in z c and c^2. Where c is not small beside Z these terms
 * count, and no such step is valid: at zoom 51, on an island of period 998, a sample took 10,385
 * single iterations. A mixed step is the whole polynomial of degree 6, 27 terms. Its radius depends
 * on how far the view's samples are from the reference, so it has one for each of several bounds of
 * |c|. Its coefficients fit the double's range, because |B| 2^E stays below |Z| where a step is
 * valid.
 */
#ifndef FMANDEL_BLA_MIXED_H
#define FMANDEL_BLA_MIXED_H

#include "bla/entry.h"

/*
 * What a step may omit of the powers of c alone, beside B c. A sample is at least 2^-21 of 2^E
 * wide, so this is 2^-31 of a sample where |c| is largest, and less by its sixth power elsewhere.
 */
#define PURE_TOLERANCE 0x1p-52

typedef struct {
  cdd a, b;
  double w[DEGREE + 1][DEGREE + 1][2]; /* of u^i v^j; 0 if i + j is 0 or above DEGREE */
  double r[FMANDEL_REACHES], rho; /* u = z/rho */
} mixed_entry;

/* Polynomials of total degree DEGREE + 1. The terms of that degree tell what is omitted. */
typedef double mixed_terms[DEGREE + 2][DEGREE + 2][2];

static inline double greatest_reach(const double *r) {
  double most = 0;
  for (int k = 0; k < FMANDEL_REACHES; k++) most = r[k] > most ? r[k] : most;
  return most;
}

/* a power of two above r */
static inline double unit_above(double r) { return power_of_two(floatexp_of(r, 0).e + 1); }

static mixed_entry mixed_never(void) {
  mixed_entry out;
  memset(&out, 0, sizeof out);
  return out;
}

static void mixed_rescale(mixed_entry *x, double rho) {
  const double factor = rho / x->rho;
  double power = 1;
  for (int i = 1; i <= DEGREE; i++) {
    power *= factor;
    for (int j = 0; i + j <= DEGREE; j++) {
      x->w[i][j][0] *= power;
      x->w[i][j][1] *= power;
    }
  }
  x->rho = rho;
}

/* A and B as they are with more digits, and as small a rho as the radii allow */
static void mixed_settle(mixed_entry *x, double cmax) {
  const floatexp a = cdd_to_floatexp(x->a), b = cdd_to_floatexp(x->b);
  x->w[1][0][0] = floatexp_re(a) * x->rho;
  x->w[1][0][1] = floatexp_im(a) * x->rho;
  x->w[0][1][0] = floatexp_re(b) * cmax;
  x->w[0][1][1] = floatexp_im(b) * cmax;
  mixed_rescale(x, unit_above(greatest_reach(x->r)));
}

static mixed_entry mixed_single(floatexp z, double cmax) {
  mixed_entry out = mixed_never();
  if (z.e < -400) return out;
  const double re = floatexp_re(z), im = floatexp_im(z), r = 0.5 * floatexp_abs(z).re * power_of_two(floatexp_abs(z).e);
  out.a = cdd_normal(cdd_of(2 * re, 2 * im));
  out.b = cdd_normal(cdd_of(1, 0));
  for (int k = 0; k < FMANDEL_REACHES; k++) out.r[k] = r;
  out.rho = unit_above(r);
  out.w[1][0][0] = 2 * re * out.rho;
  out.w[1][0][1] = 2 * im * out.rho;
  out.w[2][0][0] = out.rho * out.rho;
  out.w[0][1][0] = cmax;
  return out;
}

/* next += x y, truncated at degree `top` */
static inline void mixed_multiply(mixed_terms next, const double x[DEGREE + 1][DEGREE + 1][2], const mixed_terms y, int top) {
  for (int i = 0; i <= DEGREE && i <= top; i++)
    for (int j = i == 0; i + j <= DEGREE && i + j <= top; j++)
      for (int k = 0; i + j + k <= top; k++)
        for (int l = 0; i + j + k + l <= top; l++) accumulate(next[i + k][j + l], x[i][j], y[k][l]);
}

/* x, then y: y's u is w/rho_y, by Horner's rule */
static void mixed_compose(mixed_terms out, const mixed_entry *x, const mixed_entry *y, int powers) {
  const double inverse = 1 / y->rho;
  double scaled_x[DEGREE + 1][DEGREE + 1][2];
  for (int i = 0; i <= DEGREE; i++)
    for (int j = 0; i + j <= DEGREE; j++) {
      scaled_x[i][j][0] = x->w[i][j][0] * inverse;
      scaled_x[i][j][1] = x->w[i][j][1] * inverse;
    }
  mixed_terms sum;
  memset(sum, 0, sizeof sum);
  for (int j = 0; powers + j <= DEGREE; j++) memcpy(sum[0][j], y->w[powers][j], sizeof sum[0][j]);
  for (int power = powers - 1; power >= 0; power--) {
    mixed_terms next;
    memset(next, 0, sizeof next);
    for (int j = 0; power + j <= DEGREE; j++) memcpy(next[0][j], y->w[power][j], sizeof next[0][j]);
    mixed_multiply(next, (const double(*)[DEGREE + 1][2])scaled_x, (const double(*)[DEGREE + 2][2])sum, DEGREE + 1 - power);
    memcpy(sum, next, sizeof sum);
  }
  memcpy(out, sum, sizeof sum);
}

/* the largest part of rho at which the omitted terms with z are below the tolerance */
static double held_part(const double left_out[DEGREE + 2], double most, double least) {
  double scatter_rows = most;
  for (int tries = 0; tries < 64; tries++, scatter_rows *= 0.875) {
    double sum = 0;
    for (int i = DEGREE + 1; i > 0; i--) sum = sum * scatter_rows + left_out[i];
    if (sum <= least) return scatter_rows;
  }
  return 0;
}

/* x, then y, which has `powers` powers of z: 2 for a single iteration */
static mixed_entry mixed_merged(const mixed_entry *x, const mixed_entry *y, int powers, double cmax) {
  if (greatest_reach(x->r) == 0 || greatest_reach(y->r) == 0) return mixed_never();
  mixed_entry from = *x, out;
  double size[DEGREE + 1][DEGREE + 1], room[FMANDEL_REACHES], reach[FMANDEL_REACHES];
  for (int i = 0; i <= DEGREE; i++)
    for (int j = 0; i + j <= DEGREE; j++) size[i][j] = modulus(from.w[i][j]);
  double v = 1;
  for (int k = 0; k < FMANDEL_REACHES; k++, v *= power_of_two(-REACH_BITS)) {
    /* the effect of c alone on z, and how large z may be so that y is valid */
    double of_c = 0;
    for (int j = DEGREE; j > 0; j--) of_c = (of_c + size[0][j]) * v;
    room[k] = y->r[k] - of_c;
    const double lead = room[k] / size[1][0] * from.rho;
    reach[k] = x->r[k] == 0 || room[k] <= 0 ? 0 : lead < x->r[k] ? lead : x->r[k];
  }
  if (!(greatest_reach(reach) > 0x1p-300)) return mixed_never();
  mixed_rescale(&from, unit_above(greatest_reach(reach)));
  for (int i = 1; i <= DEGREE; i++)
    for (int j = 0; i + j <= DEGREE; j++) size[i][j] = modulus(from.w[i][j]);

  mixed_terms terms;
  mixed_compose(terms, &from, y, powers);
  double left_out[DEGREE + 2], rest[DEGREE + 2];
  for (int i = 0; i <= DEGREE + 1; i++) left_out[i] = modulus(terms[i][DEGREE + 1 - i]);
  const double az = modulus(terms[1][0]), bc = modulus(terms[0][1]);
  v = 1;
  for (int k = 0; k < FMANDEL_REACHES; k++, v *= power_of_two(-REACH_BITS)) {
    out.r[k] = 0;
    if (reach[k] == 0) continue;
    double power = 1; /* of v */
    for (int i = DEGREE + 1; i >= 0; i--, power *= v) rest[i] = left_out[i] * power;
    if (rest[0] > PURE_TOLERANCE * bc * v) continue;
    /* how large a z of that size becomes at most, beside its size */
    double scatter_rows = reach[k] / from.rho, growth = 0;
    for (int i = DEGREE; i > 0; i--) {
      double row = 0;
      for (int j = DEGREE - i; j >= 0; j--) row = row * v + size[i][j];
      growth = growth * scatter_rows + row;
    }
    const double lead = room[k] / growth;
    scatter_rows = lead < scatter_rows ? lead : scatter_rows;
    out.r[k] = held_part(rest, scatter_rows, BLA_TOLERANCE * az) * from.rho;
  }
  if (!(greatest_reach(out.r) > 0x1p-300)) return mixed_never();
  out.a = cdd_mul(y->a, x->a);
  out.b = cdd_add(cdd_mul(y->a, x->b), y->b);
  out.rho = from.rho;
  memset(out.w, 0, sizeof out.w);
  for (int i = 0; i <= DEGREE; i++)
    for (int j = 0; i + j <= DEGREE; j++) memcpy(out.w[i][j], terms[i][j], sizeof out.w[i][j]);
  mixed_settle(&out, cmax);
  return out;
}

/* x, the dip after it, and y */
static mixed_entry mixed_joined(const mixed_entry *x, floatexp dip, const mixed_entry *y, double cmax) {
  const mixed_entry single = mixed_single(dip, cmax), to = mixed_merged(x, &single, 2, cmax);
  return mixed_merged(&to, y, DEGREE, cmax);
}

/* a block of iterations one after the other */
static mixed_entry mixed_block(const fmandel_reference *reference, int64_t m, int64_t count, double cmax) {
  mixed_entry out = mixed_single(reference_iterate(reference, m), cmax);
  for (int64_t i = 1; i < count; i++) {
    const mixed_entry next = mixed_single(reference_iterate(reference, m + i), cmax);
    out = mixed_merged(&out, &next, 2, cmax);
  }
  return out;
}

#endif
