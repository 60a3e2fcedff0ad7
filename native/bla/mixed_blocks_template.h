/* Blocks of iterations composed side by side into mixed steps, in vectors. */
#ifndef FMANDEL_BLA_MIXED_BLOCKS_TEMPLATE_H
#define FMANDEL_BLA_MIXED_BLOCKS_TEMPLATE_H

#include "bla/blocks_template.h"
#include "bla/mixed.h"

typedef vec mixed_vectors[DEGREE + 2][DEGREE + 2][2];

/* next = x w + w^2, cut behind degree DEGREE + 1 */
static inline void mixed_iterate(mixed_vectors next, const mixed_vectors w, const vec *x) {
  for (int i = 0; i <= DEGREE + 1; i++)
    for (int j = 0; i + j <= DEGREE + 1; j++) next[i][j][0] = next[i][j][1] = splat(0);
  for (int i = 0; i <= DEGREE; i++)
    for (int j = i == 0; i + j <= DEGREE; j++) {
      accumulate_vec(next[i][j], x, w[i][j]);
      if (2 * (i + j) <= DEGREE + 1) accumulate_vec(next[2 * i][2 * j], w[i][j], w[i][j]);
      const vec twice[2] = {w[i][j][0] + w[i][j][0], w[i][j][1] + w[i][j][1]};
      for (int k = i; k <= DEGREE; k++)
        for (int l = k == i ? j + 1 : 0; k + l <= DEGREE && i + j + k + l <= DEGREE + 1; l++)
          accumulate_vec(next[i + k][j + l], twice, w[k][l]);
    }
}

/*
 * The same as mixed_block, for all but a few blocks, LANES of them side by side, from g on. Its
 * bounds are simpler: |A| r is held to 3/16 of |Z|, what c alone adds to z to 2/16, the terms z c,
 * z c^2, ... to a quarter of A z, and the others to half of |A| r. Together they keep |z| within
 * |Z|/2. The first pass finds |A| r, and with it the unit of z for the second. Returns a bit for
 * each block in which nothing leaves the range in which squares are safe. One by one the blocks
 * took 102 ms for 60,000 iterations, so they take 15.
 */
static unsigned mixed_composed(const double *z, const int64_t *starts, int64_t g, int64_t groups, double cmax, mixed_entry *out) {
  const double low = 0x1p-400, high = 0x1p400;
  const ivec none = {0};
  ivec m, last;
  int64_t longest = 0;
  for (int lane = 0; lane < LANES; lane++) {
    const int64_t block = g + lane < groups ? g + lane : groups - 1;
    m[lane] = starts[block];
    last[lane] = starts[block + 1] - 2 - starts[block];
    if (last[lane] > longest) longest = last[lane];
  }
  vec x[2], first[2];
  twice_reference(z, m, last, 0, first);
  vec a[2] = {first[0], first[1]};
  vec r2 = squares(a) * (0x1.8p-4 * 0x1.8p-4); /* of 2 Z */
  ivec fits = squares(a) >= low;
  for (int64_t i = 1; i <= longest; i++) {
    const ivec on = last >= none + i;
    twice_reference(z, m, last, i, x);
    const vec a2 = squares(a), near = squares(x) * (0x1.8p-4 * 0x1.8p-4);
    fits &= ~on | ((a2 > low) & (a2 < high));
    r2 = vselect64(on & (near < r2 * a2), near / a2, r2);
    const vec re = a[0] * x[0] - a[1] * x[1], im = a[0] * x[1] + a[1] * x[0];
    a[0] = vselect64(on, re, a[0]), a[1] = vselect64(on, im, a[1]);
  }
  fits &= r2 > low;
  double radius[LANES];
  vec unit = splat(1);
  for (int lane = 0; lane < LANES; lane++) {
    if (!fits[lane]) continue;
    radius[lane] = __builtin_sqrt(r2[lane]);
    unit[lane] = unit_above(radius[lane]);
  }

  mixed_vectors w, next;
  for (int i = 0; i <= DEGREE + 1; i++)
    for (int j = 0; i + j <= DEGREE + 1; j++) w[i][j][0] = w[i][j][1] = splat(0);
  w[1][0][0] = first[0] * unit, w[1][0][1] = first[1] * unit, w[2][0][0] = unit * unit, w[0][1][0] = splat(cmax);
  cdd_vec A = {{first[0], splat(0)}, {first[1], splat(0)}}, B = {{splat(1), splat(0)}, {splat(0), splat(0)}};
  /* for each reach the part of r that holds, and whether any does; squares of what is left out,
     relative to A z and to B c */
  vec less[FMANDEL_REACHES], left_out2[DEGREE + 2];
  ivec holds[FMANDEL_REACHES];
  for (int k = 0; k < FMANDEL_REACHES; k++) less[k] = splat(1), holds[k] = ~none;
  for (int i = 0; i <= DEGREE + 1; i++) left_out2[i] = splat(0);
  for (int64_t i = 1; i <= longest; i++) {
    const ivec on = last >= none + i;
    twice_reference(z, m, last, i, x);
    vec size[DEGREE + 1][DEGREE + 1], v = splat(1);
    for (int k = 0; k <= DEGREE; k++)
      for (int l = 0; k + l <= DEGREE; l++) size[k][l] = vabs(w[k][l][0]) + vabs(w[k][l][1]);
    const vec x2 = squares(x), a2 = squares(w[1][0]);
    for (int reach = 0; reach < FMANDEL_REACHES; reach++, v *= power_of_two(-REACH_BITS)) {
      vec of_c = splat(0), first_degree = splat(0), rest = splat(0);
      for (int l = DEGREE; l > 0; l--) of_c = (of_c + size[0][l]) * v;
      for (int l = DEGREE - 1; l > 0; l--) first_degree = (first_degree + size[1][l]) * v;
      for (int k = 2; k <= DEGREE; k++) {
        vec row = size[k][DEGREE - k];
        for (int l = DEGREE - k - 1; l >= 0; l--) row = row * v + size[k][l];
        rest += row;
      }
      holds[reach] &= ~on | ((of_c * of_c <= x2 * 0x1p-8) & (first_degree * first_degree <= a2 * 0x1p-4));
      const vec rest2 = 4 * rest * rest;
      less[reach] = vselect64(on & (a2 < rest2 * less[reach] * less[reach]), a2 / rest2, less[reach]);
    }
    mixed_iterate(next, w, x);
    const vec inverse = 1 / squares(next[1][0]), pure = 1 / squares(next[0][1]);
    for (int k = 0; k <= DEGREE + 1; k++) {
      const vec now = squares(next[k][DEGREE + 1 - k]) * (k ? inverse : pure);
      left_out2[k] = vselect64(on & (now > left_out2[k]), now, left_out2[k]);
    }
    for (int k = 0; k <= DEGREE; k++)
      for (int l = 0; k + l <= DEGREE; l++) {
        w[k][l][0] = vselect64(on, next[k][l][0], w[k][l][0]);
        w[k][l][1] = vselect64(on, next[k][l][1], w[k][l][1]);
      }
    w[0][1][0] = vselect64(on, w[0][1][0] + cmax, w[0][1][0]);
    const vec rest[2] = {splat(0), splat(0)};
    const cdd_vec more = cdd_times(&A, x, rest);
    cdd_vec by = cdd_times(&B, x, rest);
    const dd_vec add_one_where = two_sums(splat(1), by.re.high);
    by.re = two_sums(add_one_where.high, add_one_where.low + by.re.low);
    A = select_cdd(on, &more, &A);
    B = select_cdd(on, &by, &B);
  }
  fits &= vabs(B.re.high) + vabs(B.im.high) < high;
  for (int lane = 0; lane < LANES; lane++) {
    if (!fits[lane]) continue;
    mixed_entry *entry = out + lane;
    memset(entry, 0, sizeof *entry);
    double rest[DEGREE + 2], ratio[DEGREE + 2], scatter_rows = 1;
    for (int i = 0; i <= DEGREE + 1; i++) ratio[i] = __builtin_sqrt(left_out2[i][lane]);
    entry->rho = unit[lane];
    for (int reach = 0; reach < FMANDEL_REACHES; reach++, scatter_rows *= power_of_two(-REACH_BITS)) {
      double power = 1;
      for (int i = DEGREE + 1; i >= 0; i--, power *= scatter_rows) rest[i] = ratio[i] * power;
      if (!holds[reach][lane] || rest[0] > PURE_TOLERANCE * scatter_rows) continue;
      entry->r[reach] = held_part(rest, radius[lane] / unit[lane] * less[reach][lane], BLA_TOLERANCE) * unit[lane];
    }
    if (greatest_reach(entry->r) == 0) {
      *entry = mixed_never();
      continue;
    }
    entry->a = cdd_lane(&A, lane), entry->b = cdd_lane(&B, lane);
    for (int i = 0; i <= DEGREE; i++)
      for (int j = 0; i + j <= DEGREE; j++) entry->w[i][j][0] = w[i][j][0][lane], entry->w[i][j][1] = w[i][j][1][lane];
    mixed_settle(entry, cmax);
  }
  return mask_bits(fits);
}

#endif
