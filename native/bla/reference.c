#include "fmandel/reference.h"

#include <stddef.h>
#include <string.h>

#include "bla/bla.h"
#include "orbit/sound.h"
#include "simd/kernels.h"

/* "mandlref", read as a little-endian word: another byte order gives another magic */
#define MAGIC 0x6665726c646e616dull
#define VERSION 6

/* Neighbourhoods above this exponent have mixed steps, unless they have more blocks than this. */
#define MIXED_EXPONENT (-80)
#define MIXED_BLOCKS (1 << 14)

/* Parts start on cache lines, so that an entry of the table in double range fills just one. */
static int64_t aligned(int64_t bytes) { return (bytes + 63) / 64 * 64; }

static void plan_table(fmandel_bla_table *bla, int64_t blocks, int64_t first) {
  *bla = (fmandel_bla_table){.first = first, .groups = blocks >> first};
  if (bla->groups == 0) return;
  while (bla->groups >> bla->levels) bla->levels++;
  bla->entries = bla_index(bla, bla->groups - 1) + bla_levels_at(bla, bla->groups - 1);
}

/* The vector search reads keys past a group's end, up to a cache line. */
static int64_t place_table(fmandel_bla_table *bla, int64_t at, int64_t step_bytes, int64_t reaches) {
  bla->keys = at;
  bla->key_bytes = aligned(bla->entries * (int64_t)sizeof(int32_t) + 64);
  at += reaches * bla->key_bytes;
  bla->steps = at;
  return aligned(at + bla->entries * step_bytes);
}

/* Slots for keys from top down to bottom, at least `stride` apart. */
static void plan_prefixes(fmandel_bla_prefixes *prefixes, int64_t blocks, int64_t top, int64_t bottom, int64_t stride, int64_t most) {
  if (blocks == 0 || bottom >= top) return;
  while ((top - bottom) / stride >= most) stride *= 2;
  const int64_t slots = (top - bottom) / stride + 1;
  *prefixes = (fmandel_bla_prefixes){.slots = slots, .top = top, .stride = stride};
  prefixes->count = prefixes->slots < blocks ? prefixes->slots : blocks;
}

static int64_t place_prefixes(fmandel_bla_prefixes *prefixes, int64_t at, int64_t step_bytes) {
  prefixes->index = at;
  at = aligned(at + prefixes->slots * (int64_t)sizeof(int32_t));
  prefixes->blocks = at;
  at = aligned(at + prefixes->count * (int64_t)sizeof(int32_t));
  prefixes->steps = at;
  return aligned(at + prefixes->count * step_bytes);
}

/* Every size and offset follows from four numbers. Returns 0 if they describe no orbit. */
static int lay_out(fmandel_reference *reference, int64_t length, int64_t tiny_count, int64_t blocks, int64_t exponent) {
  /* 2^26 is as far as the keys of radii reach */
  if (length < 1 || length > LONGEST_ORBIT || tiny_count < 0 || tiny_count > length || exponent > 8 ||
      exponent < -((int64_t)1 << 26) || blocks < 0 || blocks > length)
    return 0;
  memset(reference, 0, sizeof *reference);
  reference->magic = MAGIC;
  reference->version = VERSION;
  reference->length = length;
  reference->tiny_count = tiny_count;
  reference->exponent = exponent;
  reference->blocks = blocks;
  plan_table(&reference->doubles, blocks, 0);
  /*
   * deltas fall below the floor only at dips of orbits that start well above it: single steps do
   * there
   */
  if (exponent < DOUBLE_FLOOR_LOG2 + 50) plan_table(&reference->extended, blocks, EXT_FIRST);
  reference->mixed = exponent > MIXED_EXPONENT && blocks <= MIXED_BLOCKS;
  const int64_t reaches = reaches_of(reference);
  /* mixed ones take longer to make: half as many, as long as each is longer than the last */
  const int64_t smallest = reference->mixed ? exponent - 24 : DOUBLE_FLOOR_LOG2;
  for (int64_t reach = 0; reach < reaches; reach++)
    plan_prefixes(&reference->prefixes[reach], blocks, 0, 16 * smallest, reference->mixed ? 8 : 4, 2048);
  plan_prefixes(&reference->prefixes_ext, reference->extended.groups, 16 * DOUBLE_FLOOR_LOG2, 16 * (exponent - 64), 8, 2048);
  int64_t at = aligned(sizeof *reference);
  reference->z = at;
  at = aligned(at + (length + 1) * 2 * (int64_t)sizeof(double));
  reference->tiny = at;
  at = aligned(at + tiny_count * (int64_t)sizeof(fmandel_tiny));
  reference->starts = at;
  at = aligned(at + (blocks + 2) * (int64_t)sizeof(int64_t));
  at = place_table(&reference->doubles, at, step_bytes(reference), reaches);
  at = place_table(&reference->extended, at, sizeof(bla_step_ext), 1);
  for (int64_t reach = 0; reach < reaches; reach++)
    at = place_prefixes(&reference->prefixes[reach], at, step_bytes(reference));
  at = place_prefixes(&reference->prefixes_ext, at, sizeof(bla_step_ext));
  reference->bytes = at;
  return 1;
}

static int lay_out_orbit(fmandel_reference *reference, const fmandel_orbit *orbit, int64_t exponent) {
  int64_t blocks = 0;
  for (int64_t start = 1; (start = next_start(orbit->z, orbit->length, start)) != 0;) blocks++;
  return lay_out(reference, orbit->length, orbit->tiny_count, blocks, exponent);
}

int64_t fmandel_reference_bytes(const fmandel_orbit *orbit, int64_t exponent) {
  fmandel_reference reference;
  return lay_out_orbit(&reference, orbit, exponent) ? reference.bytes : -1;
}

/* Of the header's words except the sum itself: FNV-1a, a word at a time. */
static uint64_t header_sum(const fmandel_reference *reference) {
  uint64_t words[sizeof *reference / sizeof(uint64_t)], sum = 0xcbf29ce484222325;
  memcpy(words, reference, sizeof words);
  words[offsetof(fmandel_reference, sum) / sizeof *words] = 0;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) sum = (sum ^ words[i]) * 0x100000001b3;
  return sum;
}

int fmandel_reference_build(void *buffer, int64_t bytes, const fmandel_orbit *orbit, int64_t exponent,
                            int64_t *progress, const int32_t *cancel) {
  fmandel_reference *reference = buffer, plan;
  if (!lay_out_orbit(&plan, orbit, exponent) || bytes < plan.bytes) return FMANDEL_REFUSED;
  if (orbit->period != 0 && orbit->period != orbit->length) return FMANDEL_REFUSED;
  if (!(orbit->radius >= 2)) return FMANDEL_REFUSED;
  *reference = plan;
  reference->magic = 0; /* until the buffer is complete */
  reference->period = orbit->period;
  reference->escaped = orbit->escaped != 0;
  reference->bits = orbit->bits;
  reference->tolerance = orbit->tolerance;
  reference->radius = orbit->radius;
  memcpy((char *)buffer + plan.z, orbit->z, (size_t)(plan.length + 1) * 2 * sizeof(double));
  if (orbit->period > 0) {
    /* the nucleus is known to far more digits than this last iterate, which is only rounding */
    double *last = (double *)((char *)buffer + plan.z) + 2 * plan.length;
    last[0] = last[1] = 0;
  }
  if (plan.tiny_count > 0)
    memcpy((char *)buffer + plan.tiny, orbit->tiny, (size_t)plan.tiny_count * sizeof(fmandel_tiny));
  int64_t *starts = (int64_t *)((char *)buffer + plan.starts);
  starts[0] = 1;
  for (int64_t block = 0; block < plan.blocks; block++) starts[block + 1] = next_start(orbit->z, plan.length, starts[block]);
  starts[plan.blocks + 1] = INT64_MAX;
  const int status = fmandel_kernels()->bla_build(reference, orbit->low, progress, cancel);
  if (status == FMANDEL_OK) {
    reference->magic = MAGIC;
    reference->sum = header_sum(reference);
  }
  return status;
}

const fmandel_reference *fmandel_reference_from(const void *buffer, int64_t bytes) {
  const fmandel_reference *reference = buffer;
  fmandel_reference plan;
  if (bytes < (int64_t)sizeof *reference || reference->magic != MAGIC || reference->version != VERSION) return NULL;
  if (!lay_out(&plan, reference->length, reference->tiny_count, reference->blocks, reference->exponent) || plan.bytes > bytes)
    return NULL;
  /* what the builder knows, and the layout does not */
  plan.period = reference->period;
  plan.escaped = reference->escaped;
  plan.bits = reference->bits;
  plan.tolerance = reference->tolerance;
  plan.radius = reference->radius;
  plan.interior_re = reference->interior_re;
  plan.interior_im = reference->interior_im;
  plan.has_interior = reference->has_interior;
  plan.sum = header_sum(reference);
  return memcmp(&plan, reference, sizeof plan) == 0 ? reference : NULL;
}
