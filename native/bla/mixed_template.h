/*
 * Builds the table of mixed steps and its prefixes: the counterpart of build_template.h and
 * prefixes.h.
 */
#ifndef FMANDEL_BLA_MIXED_TEMPLATE_H
#define FMANDEL_BLA_MIXED_TEMPLATE_H

#include "bla/mixed_blocks_template.h"
#include "bla/prefixes.h"
#include "cancel.h"
#include "fmandel/status.h"

static int32_t *mixed_keys(fmandel_reference *reference, int reach) {
  return (int32_t *)((char *)reference + reference->doubles.keys + reach * reference->doubles.key_bytes);
}

static mixed_step mixed_of(const mixed_entry *x, int64_t skip) {
  mixed_step step;
  memset(&step, 0, sizeof step);
  if (greatest_reach(x->r) == 0) return step;
  for (int i = 0; i <= DEGREE; i++)
    for (int j = i == 0; i + j <= DEGREE; j++) memcpy(step.t[MIXED_AT(i, j)], x->w[i][j], sizeof step.t[0]);
  step.scale = 1 / x->rho;
  step.skip = skip;
  return step;
}

static void write_mixed(fmandel_reference *reference, int64_t g, int64_t level, const mixed_entry *x) {
  const int64_t start = g + 1 - ((int64_t)1 << level), at = bla_index(&reference->doubles, start) + level;
  const int64_t *starts = (const int64_t *)((const char *)reference + reference->starts);
  for (int reach = 0; reach < FMANDEL_REACHES; reach++) mixed_keys(reference, reach)[at] = log2_key(x->r[reach]);
  ((mixed_step *)((char *)reference + reference->doubles.steps))[at] = mixed_of(x, starts[g + 1] - 1 - starts[start]);
}

/* A step as it was before it was written, but for the digits beyond a double's. */
static mixed_entry mixed_stored(fmandel_reference *reference, int64_t g, int64_t level) {
  const int64_t at = bla_index(&reference->doubles, g) + level;
  const mixed_step *s = (const mixed_step *)((const char *)reference + reference->doubles.steps) + at;
  mixed_entry out = mixed_never();
  if (s->skip == 0) return out;
  for (int i = 0; i <= DEGREE; i++)
    for (int j = i == 0; i + j <= DEGREE; j++) memcpy(out.w[i][j], s->t[MIXED_AT(i, j)], sizeof out.w[i][j]);
  const double *a = out.w[1][0], *b = out.w[0][1], unit = power_of_two(-reference->exponent);
  out.rho = 1 / s->scale;
  out.a = cdd_normal(cdd_of(a[0] * s->scale, a[1] * s->scale));
  out.b = cdd_normal(cdd_of(b[0] * unit, b[1] * unit));
  for (int reach = 0; reach < FMANDEL_REACHES; reach++) {
    const floatexp r = radius_of_log2_key(mixed_keys(reference, reach)[at]);
    out.r[reach] = r.re * power_of_two(r.e);
  }
  return out;
}

static mixed_entry mixed_longer(fmandel_reference *reference, const mixed_entry *x, int64_t g, int64_t level) {
  const mixed_entry more = mixed_stored(reference, g, level);
  if (g == 0) return more;
  const int64_t *starts = (const int64_t *)((const char *)reference + reference->starts);
  return mixed_joined(x, reference_iterate(reference, starts[g] - 1), &more, power_of_two(reference->exponent));
}

static void build_mixed_prefixes(fmandel_reference *reference, int reach) {
  char *base = (char *)reference;
  const fmandel_bla_prefixes *prefixes = &reference->prefixes[reach];
  const int64_t *starts = (const int64_t *)(base + reference->starts), groups = reference->doubles.groups;
  int32_t *index = (int32_t *)(base + prefixes->index), *blocks = (int32_t *)(base + prefixes->blocks);
  mixed_step *steps = (mixed_step *)(base + prefixes->steps);
  int64_t count = 0, longest = 0;
  for (int64_t slot = 0; slot < prefixes->slots;) {
    floatexp least = radius_of_log2_key(prefixes->top - slot * prefixes->stride);
    double radius = least.re * power_of_two(least.e);
    mixed_entry x = mixed_never();
    int64_t g = 0;
    for (int64_t level = reference->doubles.levels - 1; level >= 0; level--) {
      if (g + ((int64_t)1 << level) > groups) continue;
      const mixed_entry more = mixed_longer(reference, &x, g, level);
      if (!(more.r[reach] >= radius)) continue;
      x = more;
      g += (int64_t)1 << level;
    }
    if (g > longest) {
      blocks[count] = (int32_t)g;
      steps[count++] = mixed_of(&x, starts[g] - 1 - starts[0]);
      longest = g;
    }
    /* as far down as a step that is longer by one block is not valid either */
    const mixed_entry next = g < groups ? mixed_longer(reference, &x, g, 0) : mixed_never();
    do {
      index[slot++] = (int32_t)(count - 1);
      least = radius_of_log2_key(prefixes->top - slot * prefixes->stride);
      radius = least.re * power_of_two(least.e);
    } while (slot < prefixes->slots && !(next.r[reach] >= radius));
  }
}

/* As find_interior, with every term but A z and B c counted among the others. */
static void find_mixed_interior(fmandel_reference *reference, const mixed_entry *period) {
  if (greatest_reach(period->r) == 0) return;
  floatexp xa = cdd_to_floatexp(period->a), a = floatexp_abs(xa), sum = cdd_to_floatexp(cdd_add(period->a, period->b)), k = floatexp_mul(xa, sum);
  if (a.re == 0 || k.e == FLOATEXP_ZERO_EXPONENT) return;
  const floatexp far = floatexp_over(floatexp_of(2, 0), floatexp_mul(a, floatexp_abs(sum))), s = floatexp_add(floatexp_over(floatexp_of(4, 0), floatexp_mul(a, a)), far);
  const double u = s.re * power_of_two(s.e), c = far.re * power_of_two(far.e - reference->exponent);
  int reach = FMANDEL_REACHES - 1;
  while (reach > 0 && power_of_two(-REACH_BITS * reach) < c) reach--;
  if (!(u < period->r[reach])) return;
  const double scatter_rows = u / period->rho, v = c < 1 ? c : 1;
  double others = 0;
  for (int i = DEGREE; i >= 0; i--) {
    double row = 0;
    for (int j = DEGREE - i; j >= 0; j--) row = row * v + (i + j > 1 ? modulus(period->w[i][j]) : 0);
    others = others * scatter_rows + row;
  }
  if (!(others * a.re * power_of_two(a.e) < 0x1p-12)) return;
  k.e += reference->exponent;
  if (k.e > 1000) k.e = 1000;
  reference->interior_re = floatexp_re(k);
  reference->interior_im = floatexp_im(k);
  reference->has_interior = 1;
}

static int mixed_build(fmandel_reference *reference, int64_t *progress, const int32_t *cancel) {
  const int64_t *starts = (const int64_t *)((const char *)reference + reference->starts), groups = reference->blocks;
  const double cmax = power_of_two(reference->exponent);
  for (int reach = 0; reach < FMANDEL_REACHES; reach++)
    for (int64_t i = 0; i < reference->doubles.entries; i++) mixed_keys(reference, reach)[i] = LOG2_KEY_OF_ZERO;
  memset((char *)reference + reference->doubles.steps, 0, (size_t)reference->doubles.entries * sizeof(mixed_step));
  const double *z = (const double *)((const char *)reference + reference->z);
  mixed_entry pending[64], ready[LANES];
  unsigned fits = 0;
  for (int64_t g = 0; g < groups; g++) {
    const int lane = (int)(g % LANES);
    int64_t level = 0;
    if (g % 256 == 0) {
      if (progress) __atomic_store_n(progress, starts[g], __ATOMIC_RELAXED);
      if (cancelled(cancel)) return FMANDEL_CANCELLED;
    }
    if (lane == 0) fits = mixed_composed(z, starts, g, groups, cmax, ready);
    mixed_entry x = fits >> lane & 1 ? ready[lane] : mixed_block(reference, starts[g], starts[g + 1] - 1 - starts[g], cmax);
    write_mixed(reference, g, 0, &x);
    for (; g >> level & 1; level++) {
      x = mixed_joined(&pending[level], reference_iterate(reference, starts[g + 1 - ((int64_t)1 << level)] - 1), &x, cmax);
      write_mixed(reference, g, level + 1, &x);
    }
    pending[level] = x;
  }
  for (int reach = 0; reach < FMANDEL_REACHES; reach++) build_mixed_prefixes(reference, reach);
  if (reference->period > 0) {
    mixed_entry period = mixed_never();
    int64_t g = 0;
    for (int64_t level = 62; level >= 0; level--)
      if (groups >> level & 1) {
        period = g == 0 ? pending[level] : mixed_joined(&period, reference_iterate(reference, starts[g] - 1), &pending[level], cmax);
        g += (int64_t)1 << level;
      }
    for (int64_t m = g == 0 ? 1 : starts[g] - 1; m < reference->period; m++) {
      const mixed_entry next = mixed_single(reference_iterate(reference, m), cmax);
      period = m == 1 ? next : mixed_merged(&period, &next, 2, cmax);
    }
    find_mixed_interior(reference, &period);
  }
  if (progress) __atomic_store_n(progress, reference->length, __ATOMIC_RELAXED);
  return FMANDEL_OK;
}

#endif
