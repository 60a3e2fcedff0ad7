/*
 * Builds the BLA tables, for the instruction set of the including file. bla.h says what they are,
 * and docs/theory/bla.md has the algebra.
 *
 * The table is built in one pass along the orbit, as a binary counter counts. Blocks are composed,
 * as many side by side as a vector has lanes. Two neighbours of one level, with the dip between
 * them, merge into one of the next level as soon as the second exists, so at most one entry a level
 * is pending. A and B are carried with twice the double's digits until an entry is written, since
 * they are products over up to millions of iterations. In a first version, a table built in doubles
 * had 556 of 576 counts of evolution_trees right, and one with more digits 567. Here it is 560 and
 * 561, and costs a third of the table's time.
 *
 * Only + - * / and square roots of IEEE arithmetic are used, so the tables have the same bits
 * everywhere.
 */
#ifndef FMANDEL_BLA_BUILD_TEMPLATE_H
#define FMANDEL_BLA_BUILD_TEMPLATE_H

#include "bla/blocks_template.h"
#include "bla/mixed_template.h"
#include "bla/prefixes.h"
#include "cancel.h"
#include "fmandel/status.h"


/*
 * The effect of one whole period on a delta z at m = 0: the step over Z[1] .. Z[p-1], with
 * coefficients A, B and P, applied to s = z^2 + c. As long as its P do not count, that is v <- v^2
 * + k with v = A z and k = A (A + B) c: a small Mandelbrot set in k.
 *
 * The P add |A| |s| sum |P_k| |s/rho|^(k-1) to v, where |s| <= 4/|A|^2 + 2/(|A| |A + B|) while |v|
 * <= 2 and |k| <= 2. Held below 2^-12, they move the multiplier of an attracting cycle by less than
 * 2^-5 wherever it is below 1 - 2^-5. So those k are certainly interior.
 */
static void find_interior(fmandel_reference *reference, const bla_entry *period) {
  floatexp xa = cdd_to_floatexp(period->a), a = floatexp_abs(xa), sum = cdd_to_floatexp(cdd_add(period->a, period->b)), k = floatexp_mul(xa, sum);
  if (period->r.re == 0 || a.re == 0 || k.e == FLOATEXP_ZERO_EXPONENT) return;
  floatexp u = floatexp_add(floatexp_over(floatexp_of(4, 0), floatexp_mul(a, a)), floatexp_over(floatexp_of(2, 0), floatexp_mul(a, floatexp_abs(sum))));
  if (!floatexp_less(u, period->r)) return;
  const double part = u.re * power_of_two(u.e - period->rho);
  double others = 0;
  for (int k = ORDER - 1; k > 0; k--) others = (others + modulus(period->p[k])) * part;
  floatexp bend = floatexp_mul(floatexp_mul(a, u), floatexp_of(others, 0));
  bend.e += others == 0 ? 0 : period->a.e;
  if (!floatexp_less(bend, floatexp_of(0x1p-12, 0))) return;
  k.e += reference->exponent;
  /*
   * a minibrot so much smaller than the neighbourhood: at this factor, too, no sample but the
   * nucleus comes near it
   */
  if (k.e > 1000) k.e = 1000;
  reference->interior_re = floatexp_re(k);
  reference->interior_im = floatexp_im(k);
  reference->has_interior = 1;
}

static int bla_build(fmandel_reference *reference, const float *low, int64_t *progress, const int32_t *cancel) {
  if (reference->mixed) return mixed_build(reference, progress, cancel);
  const double *z = (const double *)((const char *)reference + reference->z);
  const int64_t *starts = (const int64_t *)((const char *)reference + reference->starts);
  const int64_t exponent = reference->exponent, groups = reference->blocks;
  const double cmax = power_of_two(exponent);
  bla_table doubles = bla_table_of(reference, &reference->doubles), extended = bla_table_of(reference, &reference->extended);
  /* entries that would reach past the orbit's end are not written below, and are never valid */
  for (int64_t i = 0; i < doubles.bla->entries; i++) doubles.keys[i] = LOG2_KEY_OF_ZERO;
  for (int64_t i = 0; i < extended.bla->entries; i++) extended.keys[i] = LOG2_KEY_OF_ZERO;

  bla_entry pending[64], ready[LANES];
  unsigned fits = 0;
  for (int64_t g = 0; g < groups; g++) {
    const int lane = (int)(g % LANES);
    int64_t level = 0;
    if (g % 4096 == 0) {
      if (progress) __atomic_store_n(progress, starts[g], __ATOMIC_RELAXED);
      if (cancelled(cancel)) return FMANDEL_CANCELLED;
    }
    if (lane == 0) fits = compose_blocks(z, low, starts, g, groups, cmax, ready);
    bla_entry x = fits >> lane & 1 ? ready[lane] : compose_scalar(reference, low, starts[g], starts[g + 1] - 1 - starts[g]);
    write_entry(reference, &doubles, &extended, g, 0, &x);
    for (; g >> level & 1; level++) {
      /* the dip between the two, then the second */
      const bla_entry dip = step_at(reference, low, starts[g + 1 - ((int64_t)1 << level)] - 1);
      x = join_steps(&pending[level], &dip, &x, exponent);
      write_entry(reference, &doubles, &extended, g, level + 1, &x);
    }
    pending[level] = x;
  }
  build_prefixes(reference, &doubles, &reference->prefixes[0], 0);
  build_prefixes(reference, &extended, &reference->prefixes_ext, 1);

  if (reference->period > 0) {
    /* the pending entries, the longest first, and the few iterations after the last block */
    bla_entry period = {.a = cdd_of(1, 0), .p = {{1, 0}}, .r = RADIUS_UNBOUNDED};
    int64_t g = 0;
    for (int64_t level = 62; level >= 0; level--)
      if (groups >> level & 1) {
        const bla_entry dip = step_at(reference, low, starts[g] - 1);
        period = g == 0 ? pending[level] : join_steps(&period, &dip, &pending[level], exponent);
        g += (int64_t)1 << level;
      }
    for (int64_t m = g == 0 ? 1 : starts[g] - 1; m < reference->period; m++) {
      const bla_entry next = step_at(reference, low, m);
      period = m == 1 ? next : merge_steps(&period, &next, 2, exponent);
    }
    find_interior(reference, &period);
  }
  if (progress) __atomic_store_n(progress, reference->length, __ATOMIC_RELAXED);
  return FMANDEL_OK;
}

#endif
