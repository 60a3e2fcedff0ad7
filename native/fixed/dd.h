/* Double-double numbers: unevaluated sums of two doubles. */
#ifndef FMANDEL_FIXED_DD_H
#define FMANDEL_FIXED_DD_H

typedef struct {
  double high, low;
} dd;

static inline dd two_sum(double a, double b) {
  double sum = a + b, part = sum - a;
  return (dd){sum, (a - (sum - part)) + (b - part)};
}

/* x y + u v, and in addition `low`, the smaller products. The two parts may overlap. */
static inline dd product_sum(double x, double y, double u, double v, double low) {
  double p = x * y, q = u * v;
  dd sum = two_sum(p, q);
  return (dd){sum.high, low + ((__builtin_fma(x, y, -p) + __builtin_fma(u, v, -q)) + sum.low)};
}

/* The same, and the parts do not overlap. */
static inline dd two_product_sum(double x, double y, double u, double v, double low) {
  dd sum = product_sum(x, y, u, v, low);
  return two_sum(sum.high, sum.low);
}

#endif
