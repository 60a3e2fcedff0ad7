/* Entries written to the tables and read again, and the prefixes made of them. */
#ifndef FMANDEL_BLA_PREFIXES_H
#define FMANDEL_BLA_PREFIXES_H

#include "bla/entry.h"

typedef struct {
  const fmandel_bla_table *bla;
  int32_t *keys;
  void *steps;
} bla_table;

static bla_table bla_table_of(fmandel_reference *reference, const fmandel_bla_table *bla) {
  char *base = (char *)reference;
  return (bla_table){bla, (int32_t *)(base + bla->keys), base + bla->steps};
}

/*
 * Deltas in double range may use it: r is above the floor, and A z well inside the range. See
 * bla.h.
 */
static int fits_double(const bla_entry *x) { return x->r.e >= DOUBLE_FLOOR_LOG2 && x->a.e >= -500; }

static bla_step bla_step_of(const bla_entry *x, int64_t skip, int64_t exponent) {
  const floatexp a = cdd_to_floatexp(x->a);
  floatexp b = cdd_to_floatexp(x->b);
  b.e += exponent;
  const double unit = power_of_two(x->a.e);
  bla_step step = {{floatexp_re(a), floatexp_im(a)}, {floatexp_re(b), floatexp_im(b)}, {{0}}, power_of_two(-x->rho), skip};
  for (int k = 1; k < ORDER; k++) {
    step.p[k - 1][0] = x->p[k][0] * unit;
    step.p[k - 1][1] = x->p[k][1] * unit;
  }
  return step;
}

static bla_step_ext bla_step_ext_of(const bla_entry *x) {
  bla_step_ext step = {cdd_to_floatexp(x->a), cdd_to_floatexp(x->b), {{0}}, x->rho};
  /* the polynomial in units of the current exponent of a */
  const double unit = power_of_two(x->a.e - step.a.e);
  for (int k = 1; k < ORDER; k++) {
    step.p[k - 1][0] = x->p[k][0] * unit;
    step.p[k - 1][1] = x->p[k][1] * unit;
  }
  return step;
}

static void write_double(bla_table *t, int64_t at, const bla_entry *x, int64_t skip, int64_t exponent) {
  t->keys[at] = fits_double(x) ? log2_key_of_floatexp(x->r) : LOG2_KEY_OF_ZERO;
  ((bla_step *)t->steps)[at] = fits_double(x) ? bla_step_of(x, skip, exponent) : (bla_step){0};
}

static void write_extended(bla_table *t, int64_t at, const bla_entry *x) {
  t->keys[at] = log2_key_of_floatexp(x->r);
  ((bla_step_ext *)t->steps)[at] = bla_step_ext_of(x);
}

/* Both tables' entry for 2^level blocks, the last of which is block g. */
static void write_entry(fmandel_reference *reference, bla_table *doubles, bla_table *extended, int64_t g, int64_t level, const bla_entry *x) {
  int64_t start = g + 1 - ((int64_t)1 << level);
  const int64_t *starts = (const int64_t *)((const char *)reference + reference->starts);
  write_double(doubles, bla_index(doubles->bla, start) + level, x, starts[g + 1] - 1 - starts[start], reference->exponent);
  if (level >= EXT_FIRST && start >> EXT_FIRST < extended->bla->groups)
    write_extended(extended, bla_index(extended->bla, start >> EXT_FIRST) + level - EXT_FIRST, x);
}

/* The least number with that key. */
static floatexp radius_of_log2_key(int64_t key) {
  return key == LOG2_KEY_OF_ZERO ? (floatexp){0, 0, FLOATEXP_ZERO_EXPONENT} : (floatexp){1 + (double)(key & 15) * 0x1p-4, 0, key >> 4};
}

/*
 * A table's step as it was before it was written, but for the digits beyond a double's: a prefix is
 * a product of few.
 */
static bla_entry read_entry(const fmandel_reference *reference, const bla_table *t, int extended, int64_t g, int64_t level) {
  const int64_t at = bla_index(t->bla, g) + level;
  bla_entry out = {.r = radius_of_log2_key(t->keys[at])};
  if (out.r.re == 0) return NO_STEP;
  if (extended) {
    const bla_step_ext *s = (const bla_step_ext *)t->steps + at;
    out.a = (cdd){{s->a.re, 0}, {s->a.im, 0}, s->a.e};
    out.b = (cdd){{s->b.re, 0}, {s->b.im, 0}, s->b.e};
    memcpy(out.p[1], s->p, sizeof s->p);
    out.rho = s->rho;
  } else {
    const bla_step *s = (const bla_step *)t->steps + at;
    const floatexp a = floatexp_of(s->a[0], s->a[1]), b = floatexp_of(s->b[0], s->b[1]);
    const double unit = power_of_two(-a.e);
    out.a = (cdd){{a.re, 0}, {a.im, 0}, a.e};
    out.b = (cdd){{b.re, 0}, {b.im, 0}, b.re == 0 && b.im == 0 ? b.e : b.e - reference->exponent};
    for (int k = 1; k < ORDER; k++) {
      out.p[k][0] = s->p[k - 1][0] * unit;
      out.p[k][1] = s->p[k - 1][1] * unit;
    }
    out.rho = -floatexp_of(s->scale, 0).e;
  }
  out.p[0][0] = out.a.re.high;
  out.p[0][1] = out.a.im.high;
  return out;
}

/* x, and after it the step of that level at group g, where x ends. At g = 0, x alone is nothing. */
static bla_entry extend_prefix(const fmandel_reference *reference, const bla_table *t, int extended, const bla_entry *x, int64_t g, int64_t level) {
  const bla_entry more = read_entry(reference, t, extended, g, level);
  if (g == 0) return more;
  const int64_t *starts = (const int64_t *)((const char *)reference + reference->starts);
  const bla_entry dip = step_of_iteration(reference_iterate(reference, starts[g << t->bla->first] - 1));
  return join_steps(x, &dip, &more, reference->exponent);
}

static int holds_for(const bla_entry *x, int extended, floatexp radius) { return !floatexp_less(x->r, radius) && (extended || fits_double(x)); }

static void build_prefixes(fmandel_reference *reference, const bla_table *t, const fmandel_bla_prefixes *prefixes, int extended) {
  char *base = (char *)reference;
  const int64_t *starts = (const int64_t *)(base + reference->starts);
  int32_t *index = (int32_t *)(base + prefixes->index), *blocks = (int32_t *)(base + prefixes->blocks);
  int64_t count = 0, longest = 0;
  for (int64_t slot = 0; slot < prefixes->slots;) {
    const floatexp radius = radius_of_log2_key(prefixes->top - slot * prefixes->stride);
    bla_entry x = NO_STEP;
    int64_t g = 0;
    for (int64_t level = t->bla->levels - 1; level >= 0; level--) {
      if (g + ((int64_t)1 << level) > t->bla->groups) continue;
      const bla_entry more = extend_prefix(reference, t, extended, &x, g, level);
      if (!holds_for(&more, extended, radius)) continue;
      x = more;
      g += (int64_t)1 << level;
    }
    if (g > longest) {
      const int64_t all = g << t->bla->first;
      blocks[count] = (int32_t)all;
      if (extended) ((bla_step_ext *)(base + prefixes->steps))[count] = bla_step_ext_of(&x);
      else ((bla_step *)(base + prefixes->steps))[count] = bla_step_of(&x, starts[all] - 1 - starts[0], reference->exponent);
      count++;
      longest = g;
    }
    /* as far down as a step that is longer by one group is not valid either */
    const bla_entry next = g < t->bla->groups ? extend_prefix(reference, t, extended, &x, g, 0) : NO_STEP;
    do index[slot++] = (int32_t)(count - 1);
    while (slot < prefixes->slots && !holds_for(&next, extended, radius_of_log2_key(prefixes->top - slot * prefixes->stride)));
  }
}

#endif
