/*
 * A reference of unknown origin. The header's numbers must be those of the layout, which
 * fmandel_reference_from compares. Then every number in the buffer that a kernel takes for an index
 * is compared with the one that the builder writes:
 *
 *   iterates   finite; the last is 0 if the orbit is periodic, and beyond the radius if it escaped,
 *              because that is what ends or rebases a pixel there
 *   tiny       in order, with exponents that add up to no overflow
 *   starts     follow from the iterates
 *   keys       never valid where a step would end past the last block
 *   steps      stand for the iterations between the starts of their blocks; exponents as above
 *   prefixes   the same, and their numbers in the index are those of existing steps
 *
 * Keys that are valid, and coefficients, may have any value: a wrong one makes a wrong picture.
 */
#include <string.h>

#include "bla/bla.h"
#include "orbit/sound.h"

static const void *part(const fmandel_reference *reference, int64_t at) { return (const char *)reference + at; }

/* as many iterations as there may be steps, times this, is far from overflow */
#define STEP_EXPONENT ((int64_t)1 << 28)

static int step_is_sound(const bla_step_ext *step) {
  return floatexp_is_sound(step->a.re, step->a.im, step->a.e, STEP_EXPONENT) && floatexp_is_sound(step->b.re, step->b.im, step->b.e, STEP_EXPONENT) &&
         exponent_is_sound(step->rho, STEP_EXPONENT);
}

static int64_t skip_of(const fmandel_reference *reference, const char *step) {
  return reference->mixed ? ((const mixed_step *)step)->skip : ((const bla_step *)step)->skip;
}

static int header_is_sound(const fmandel_reference *reference) {
  const double *last = (const double *)part(reference, reference->z) + 2 * reference->length;
  if ((reference->period != 0 && reference->period != reference->length) || reference->escaped < 0 || reference->escaped > 1) return 0;
  if (!exponent_is_sound(reference->tolerance, 2 * MOST_BITS)) return 0;
  if (reference->has_interior < 0 || reference->has_interior > 1) return 0;
  if (reference->bits < 64 || reference->bits > MOST_BITS || !(reference->radius >= 2 && reference->radius <= 0x1p30)) return 0;
  if (reference->period != 0 && (last[0] != 0 || last[1] != 0)) return 0;
  return !reference->escaped || last[0] * last[0] + last[1] * last[1] > reference->radius * reference->radius;
}

static int starts_are_sound(const fmandel_reference *reference) {
  const double *z = part(reference, reference->z);
  const int64_t *starts = part(reference, reference->starts), blocks = reference->blocks;
  if (starts[0] != 1 || starts[blocks + 1] != INT64_MAX) return 0;
  for (int64_t block = 0; block < blocks; block++)
    if (starts[block + 1] != next_start(z, reference->length, starts[block]) || starts[block + 1] == 0) return 0;
  return 1;
}

static int table_is_sound(const fmandel_reference *reference, const fmandel_bla_table *bla, int extended) {
  const int64_t *starts = part(reference, reference->starts), reaches = extended ? 1 : reaches_of(reference);
  const int64_t bytes = extended ? (int64_t)sizeof(bla_step_ext) : step_bytes(reference);
  for (int64_t g = 0; g < bla->groups; g++) {
    const int64_t first = bla_index(bla, g), levels = bla_levels_at(bla, g);
    for (int64_t level = 0; level < levels; level++) {
      int valid = 0;
      for (int64_t reach = 0; reach < reaches; reach++)
        valid |= ((const int32_t *)part(reference, bla->keys + reach * bla->key_bytes))[first + level] != LOG2_KEY_OF_ZERO;
      if (!valid) continue;
      const int64_t end = g + ((int64_t)1 << level);
      if (end > bla->groups) return 0;
      const char *step = part(reference, bla->steps + (first + level) * bytes);
      if (extended ? !step_is_sound((const bla_step_ext *)step) : skip_of(reference, step) != starts[end] - 1 - starts[g]) return 0;
    }
  }
  return 1;
}

static int prefixes_are_sound(const fmandel_reference *reference, const fmandel_bla_prefixes *prefixes, int extended) {
  const int64_t *starts = part(reference, reference->starts), unit = extended ? (int64_t)1 << EXT_FIRST : 1;
  const int32_t *index = part(reference, prefixes->index), *blocks = part(reference, prefixes->blocks);
  int64_t most = -1;
  for (int64_t slot = 0; slot < prefixes->slots; slot++) {
    if (index[slot] < -1 || index[slot] >= prefixes->count) return 0;
    if (index[slot] > most) most = index[slot];
  }
  for (int64_t k = 0; k <= most; k++) {
    if (blocks[k] < 1 || blocks[k] > reference->blocks || blocks[k] % unit || (k > 0 && blocks[k] <= blocks[k - 1])) return 0;
    const char *step = part(reference, prefixes->steps + k * (extended ? (int64_t)sizeof(bla_step_ext) : step_bytes(reference)));
    if (extended ? !step_is_sound((const bla_step_ext *)step) : skip_of(reference, step) != starts[blocks[k]] - 2) return 0;
  }
  return 1;
}

const fmandel_reference *fmandel_reference_check(const void *buffer, int64_t bytes) {
  const fmandel_reference *reference = fmandel_reference_from(buffer, bytes);
  if (!reference || !iterates_are_sound(part(reference, reference->z), reference->length) || !header_is_sound(reference)) return NULL;
  if (!tiny_are_sound(part(reference, reference->tiny), reference->tiny_count, reference->length) || !starts_are_sound(reference)) return NULL;
  if (!table_is_sound(reference, &reference->doubles, 0) || !table_is_sound(reference, &reference->extended, 1)) return NULL;
  for (int64_t reach = 0; reach < reaches_of(reference); reach++)
    if (!prefixes_are_sound(reference, &reference->prefixes[reach], 0)) return NULL;
  return prefixes_are_sound(reference, &reference->prefixes_ext, 1) ? reference : NULL;
}
