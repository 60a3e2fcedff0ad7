/* Entries written to the tables and read again, and the prefixes made of them. */
#ifndef FMANDEL_BLA_PREFIXES_H
#define FMANDEL_BLA_PREFIXES_H

#include "bla/entry.h"

typedef struct {
  const fmandel_bla *bla;
  int32_t *keys;
  void *steps;
} bla_table;

static bla_table bla_table_of(fmandel_reference *reference, const fmandel_bla *bla) {
  char *base = (char *)reference;
  return (bla_table){bla, (int32_t *)(base + bla->keys), base + bla->steps};
}

/* plain deltas may use it: r above the floor, and A z well inside the range, see bla.h */
static int is_plain(const bla_entry *x) { return x->r.e >= PLAIN_FLOOR_EXPONENT && x->a.e >= -500; }

static plain_step plain_of(const bla_entry *x, int64_t skip, int64_t exponent) {
  const scaled a = rounded(x->a);
  scaled b = rounded(x->b);
  b.e += exponent;
  const double unit = power_of_two(x->a.e);
  plain_step step = {{scaled_re(a), scaled_im(a)}, {scaled_re(b), scaled_im(b)}, {{0}}, power_of_two(-x->rho), skip};
  for (int k = 1; k < ORDER; k++) {
    step.p[k - 1][0] = x->p[k][0] * unit;
    step.p[k - 1][1] = x->p[k][1] * unit;
  }
  return step;
}

static wide_step wide_of(const bla_entry *x) {
  wide_step step = {rounded(x->a), rounded(x->b), {{0}}, x->rho};
  /* the polynomial in units of the exponent that a has now */
  const double unit = power_of_two(x->a.e - step.a.e);
  for (int k = 1; k < ORDER; k++) {
    step.p[k - 1][0] = x->p[k][0] * unit;
    step.p[k - 1][1] = x->p[k][1] * unit;
  }
  return step;
}

static void write_plain(bla_table *t, int64_t at, const bla_entry *x, int64_t skip, int64_t exponent) {
  t->keys[at] = is_plain(x) ? key_of_scaled(x->r) : KEY_OF_ZERO;
  ((plain_step *)t->steps)[at] = is_plain(x) ? plain_of(x, skip, exponent) : (plain_step){0};
}

static void write_wide(bla_table *t, int64_t at, const bla_entry *x) {
  t->keys[at] = key_of_scaled(x->r);
  ((wide_step *)t->steps)[at] = wide_of(x);
}

/* both tables' entry of so many iterations, the last of them in block g */
static void write_entry(fmandel_reference *reference, bla_table *plain, bla_table *wide, int64_t g, int64_t level, const bla_entry *x) {
  int64_t start = g + 1 - ((int64_t)1 << level);
  const int64_t *starts = (const int64_t *)((const char *)reference + reference->starts);
  write_plain(plain, bla_index(plain->bla, start) + level, x, starts[g + 1] - 1 - starts[start], reference->exponent);
  if (level >= WIDE_FIRST && start >> WIDE_FIRST < wide->bla->groups)
    write_wide(wide, bla_index(wide->bla, start >> WIDE_FIRST) + level - WIDE_FIRST, x);
}

/* the least number of that key */
static scaled least_of(int64_t key) {
  return key == KEY_OF_ZERO ? (scaled){0, 0, SCALED_ZERO_EXPONENT} : (scaled){1 + (double)(key & 15) * 0x1p-4, 0, key >> 4};
}

/* a table's step as it was before it was written, but for the digits beyond a double's: a prefix is a product of few */
static bla_entry stored(const fmandel_reference *reference, const bla_table *t, int wide, int64_t g, int64_t level) {
  const int64_t at = bla_index(t->bla, g) + level;
  bla_entry out = {.r = least_of(t->keys[at])};
  if (out.r.re == 0) return NEVER;
  if (wide) {
    const wide_step *s = (const wide_step *)t->steps + at;
    out.a = (fine){{s->a.re, 0}, {s->a.im, 0}, s->a.e};
    out.b = (fine){{s->b.re, 0}, {s->b.im, 0}, s->b.e};
    memcpy(out.p[1], s->p, sizeof s->p);
    out.rho = s->rho;
  } else {
    const plain_step *s = (const plain_step *)t->steps + at;
    const scaled a = scaled_of(s->a[0], s->a[1]), b = scaled_of(s->b[0], s->b[1]);
    const double unit = power_of_two(-a.e);
    out.a = (fine){{a.re, 0}, {a.im, 0}, a.e};
    out.b = (fine){{b.re, 0}, {b.im, 0}, b.re == 0 && b.im == 0 ? b.e : b.e - reference->exponent};
    for (int k = 1; k < ORDER; k++) {
      out.p[k][0] = s->p[k - 1][0] * unit;
      out.p[k][1] = s->p[k - 1][1] * unit;
    }
    out.rho = -scaled_of(s->scale, 0).e;
  }
  out.p[0][0] = out.a.re.high;
  out.p[0][1] = out.a.im.high;
  return out;
}

/* x, and behind it the step of that level at group g, where x ends; x alone is nothing at g = 0 */
static bla_entry longer(const fmandel_reference *reference, const bla_table *t, int wide, const bla_entry *x, int64_t g, int64_t level) {
  const bla_entry more = stored(reference, t, wide, g, level);
  if (g == 0) return more;
  const int64_t *starts = (const int64_t *)((const char *)reference + reference->starts);
  const bla_entry dip = single_step(reference_iterate(reference, starts[g << t->bla->first] - 1));
  return joined(x, &dip, &more, reference->exponent);
}

static int reaches(const bla_entry *x, int wide, scaled radius) { return !scaled_less(x->r, radius) && (wide || is_plain(x)); }

static void build_prefixes(fmandel_reference *reference, const bla_table *t, const fmandel_prefixes *prefixes, int wide) {
  char *base = (char *)reference;
  const int64_t *starts = (const int64_t *)(base + reference->starts);
  int32_t *index = (int32_t *)(base + prefixes->index), *blocks = (int32_t *)(base + prefixes->blocks);
  int64_t count = 0, longest = 0;
  for (int64_t slot = 0; slot < prefixes->slots;) {
    const scaled radius = least_of(prefixes->top - slot * prefixes->stride);
    bla_entry x = NEVER;
    int64_t g = 0;
    for (int64_t level = t->bla->levels - 1; level >= 0; level--) {
      if (g + ((int64_t)1 << level) > t->bla->groups) continue;
      const bla_entry more = longer(reference, t, wide, &x, g, level);
      if (!reaches(&more, wide, radius)) continue;
      x = more;
      g += (int64_t)1 << level;
    }
    if (g > longest) {
      const int64_t all = g << t->bla->first;
      blocks[count] = (int32_t)all;
      if (wide) ((wide_step *)(base + prefixes->steps))[count] = wide_of(&x);
      else ((plain_step *)(base + prefixes->steps))[count] = plain_of(&x, starts[all] - 1 - starts[0], reference->exponent);
      count++;
      longest = g;
    }
    /* as far down as a step that is longer by one group would not do either */
    const bla_entry next = g < t->bla->groups ? longer(reference, t, wide, &x, g, 0) : NEVER;
    do index[slot++] = (int32_t)(count - 1);
    while (slot < prefixes->slots && !reaches(&next, wide, least_of(prefixes->top - slot * prefixes->stride)));
  }
}

#endif
