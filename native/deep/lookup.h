/* Looks up the longest step of the BLA tables that is valid for a delta. */
#ifndef FMANDEL_DEEP_LOOKUP_H
#define FMANDEL_DEEP_LOOKUP_H

#include "deep/kernel.h"
#include "simd/vector.h"

/*
 * Where to look next for a step if none is valid at block g. A delta more than a binade too large
 * for it is rarely small enough for the next ones, so three are skipped, which saves 7 % of a
 * view's time.
 */
static inline int64_t block_after(const fmandel_bla_table *bla, int64_t g, int32_t key, int32_t radius) {
  const int64_t next = g + ((int64_t)key - radius > 16 ? 4 : 1);
  return next < bla->groups ? next : bla->groups;
}

/*
 * How many of a group's levels are valid for a delta. Radii never grow with the level. A vector
 * takes eight keys.
 */
static inline int64_t count_levels(const int32_t *keys, int64_t levels, int32_t key) {
  int64_t held = 0;
#if LANES >= 4
  for (; held < levels; held += 8) {
    const __m256i above = _mm256_cmpgt_epi32(_mm256_loadu_si256((const __m256i *)(keys + held)), _mm256_set1_epi32(key));
    const unsigned below = ~(unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(above)) & 255;
    if (below) {
      held += __builtin_ctz(below);
      break;
    }
  }
  return held < levels ? held : levels;
#else
  while (held < levels && key < keys[held]) held++;
  return held;
#endif
}

/*
 * The highest level at this group with a radius above the delta's key that ends within the
 * iteration limit; -1 if there is none.
 */
static inline int64_t find_level(const deep_kernel *kernel, const fmandel_bla_table *bla, const int32_t *keys, int64_t g, int64_t at, int32_t key,
                               int64_t left) {
  int64_t level = count_levels(keys + at, bla_levels_at(bla, g), key);
  while (level > 0 && kernel->starts[(g + ((int64_t)1 << (level - 1))) << bla->first] - 1 - kernel->starts[g << bla->first] > left) level--;
  return level - 1;
}

/*
 * The number of a prefix for a delta with this key that ends within the iteration limit; -1 if
 * there is none. Prefixes grow longer with their number.
 */
static inline int64_t find_prefix(const deep_kernel *kernel, const fmandel_bla_prefixes *prefixes, const int32_t *index, const int32_t *blocks,
                                int32_t key, int64_t left) {
  int64_t number = prefix_at(prefixes, index, key);
  while (number >= 0 && kernel->starts[blocks[number]] - 2 > left) number--;
  return number;
}

/*
 * The step for a delta in double range with this key, at m, n, where block g starts, and the blocks
 * that it spans. NULL if there is none.
 */
static inline const void *bla_at(const deep_kernel *kernel, int64_t g, int32_t key, int64_t left, int64_t *blocks) {
  const fmandel_bla_table *bla = &kernel->reference->doubles;
  if (g == 0) {
    const int64_t number = find_prefix(kernel, &kernel->reference->prefixes[kernel->reach], kernel->prefix_index, kernel->prefix_blocks, key, left);
    *blocks = number < 0 ? 0 : kernel->prefix_blocks[number];
    return number < 0 ? NULL : kernel->prefixes + number * kernel->step_bytes;
  }
  const int64_t at = bla_index(bla, g), level = find_level(kernel, bla, kernel->bla_keys, g, at, key, left);
  *blocks = (int64_t)1 << (level < 0 ? 0 : level);
  return level < 0 ? NULL : kernel->bla_steps + (at + level) * kernel->step_bytes;
}

/* The same for a delta in extended range, wherever it is. */
static inline const bla_step_ext *bla_ext_at(const deep_kernel *kernel, int64_t m, int64_t g, int32_t key, int64_t left, int64_t *blocks) {
  const fmandel_bla_table *bla = &kernel->reference->extended;
  if (m != kernel->starts[g] || g & (((int64_t)1 << bla->first) - 1) || g >> bla->first >= bla->groups) return NULL;
  if (g == 0) {
    const int64_t number = find_prefix(kernel, &kernel->reference->prefixes_ext, kernel->prefix_ext_index, kernel->prefix_ext_blocks, key, left);
    *blocks = number < 0 ? 0 : kernel->prefix_ext_blocks[number];
    return number < 0 ? NULL : kernel->prefixes_ext + number;
  }
  const int64_t at = bla_index(bla, g >> bla->first), level = find_level(kernel, bla, kernel->bla_ext_keys, g >> bla->first, at, key, left);
  *blocks = (int64_t)1 << (bla->first + (level < 0 ? 0 : level));
  return level < 0 ? NULL : kernel->bla_ext_steps + at + level;
}

/*
 * The key of a number in other units. Unsigned, because what is not a number has the least key, and
 * the sum wraps around: no step is valid for it.
 */
static inline int32_t key_in_units(int32_t key, int64_t exponent) { return (int32_t)((uint32_t)key + (uint32_t)exponent * 16); }

/* For a normal delta in extended range: |re| + |im| is at least the modulus, and below 4 here. */
static inline int32_t log2_key_of_delta(floatexp z) {
  return z.re == 0 && z.im == 0 ? LOG2_KEY_OF_ZERO : key_in_units(log2_key(norm_sum(z.re, z.im)), z.e);
}


/*
 * Can the table have a step for a delta in double range at m, where g is the first block that
 * starts there or later?
 */
static inline int at_block_start(const deep_kernel *kernel, int64_t m, int64_t g) {
  return m == kernel->starts[g] && g < kernel->reference->doubles.groups;
}

/*
 * The step for a delta with this key there, and the blocks that it spans. If there is none, returns
 * NULL, and g becomes where to look next.
 */
static inline const void *look_up(const deep_kernel *kernel, int64_t *g, int64_t n, int32_t key, int64_t *blocks) {
  const fmandel_bla_table *bla = &kernel->reference->doubles;
  const void *s = bla_at(kernel, *g, key, kernel->max_iter - n, blocks);
  if (!s) *g = block_after(bla, *g, key, kernel->bla_keys[bla_index(bla, *g)]);
  return s;
}

#endif
