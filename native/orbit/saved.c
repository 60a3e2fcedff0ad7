/*
 * An orbit in a buffer: a magic word, the orbit's own numbers, C and Z in fixed point, the
 * iterates, what their doubles leave, and those that are tiny. The rest of the work memory is
 * scratch, and the tables of the Fourier transform, which are made again.
 */
#include <string.h>

#include "fixed/limbs.h"
#include "orbit/iterate.h"
#include "orbit/sound.h"
#include "orbit/work.h"

/* "orbitsav", read as a little-endian word */
#define MAGIC 0x766173746962726full

typedef struct {
  uint64_t magic;
  fmandel_orbit orbit;
} saved_orbit;

/* C and Z, two parts each */
static int64_t kept_limbs(int64_t bits) { return 4 * (int64_t)fmandel_orbit_limbs(bits); }

int64_t fmandel_orbit_saved_bytes(const fmandel_orbit *orbit) {
  return (int64_t)sizeof(saved_orbit) + 8 * kept_limbs(orbit->bits) + 24 * (orbit->length + 1) + orbit->tiny_count * (int64_t)sizeof(fmandel_tiny);
}

void fmandel_orbit_save(const fmandel_orbit *orbit, void *buffer) {
  saved_orbit *head = buffer;
  char *to = (char *)(head + 1);
  const size_t limbs = 8 * (size_t)kept_limbs(orbit->bits), iterates = 16 * (size_t)(orbit->length + 1), low = iterates / 2;
  memset(head, 0, sizeof *head);
  head->magic = MAGIC;
  head->orbit = *orbit;
  head->orbit.z = NULL;
  head->orbit.low = NULL;
  head->orbit.tiny = NULL;
  head->orbit.work = NULL;
  memcpy(to, orbit->work, limbs);
  memcpy(to + limbs, orbit->z, iterates);
  memcpy(to + limbs + iterates, orbit->low, low);
  if (orbit->tiny_count > 0) memcpy(to + limbs + iterates + low, orbit->tiny, (size_t)orbit->tiny_count * sizeof(fmandel_tiny));
}

/* The integer part of a number of n limbs is within -most .. most. */
static int is_within(const limb *a, int n, int64_t most) {
  const int64_t whole = (int64_t)a[n - 1];
  return whole >= -most && whole < most;
}

static int numbers_are_sound(const fmandel_orbit *orbit) {
  const fmandel_floatexp *numbers[] = {&orbit->derivative, &orbit->last, &orbit->nearest};
  for (int k = 0; k < 3; k++)
    /* a derivative doubles, and grows by the radius, with each iteration */
    if (!floatexp_is_sound(numbers[k]->re, numbers[k]->im, numbers[k]->exponent, 32 * LONGEST_ORBIT)) return 0;
  return 1;
}

const fmandel_orbit *fmandel_orbit_saved(const void *buffer, int64_t bytes) {
  const saved_orbit *head = buffer;
  const fmandel_orbit *orbit = &head->orbit;
  if (bytes < (int64_t)sizeof *head || head->magic != MAGIC) return NULL;
  if (orbit->z || orbit->low || orbit->tiny || orbit->work) return NULL;
  if (orbit->bits < 64 || orbit->bits > MOST_BITS || orbit->bits % 64) return NULL;
  const int n = fmandel_orbit_limbs(orbit->bits);
  if (orbit->limbs < 2 || orbit->limbs > n) return NULL;
  if (!(orbit->radius >= 2 && orbit->radius <= 0x1p30)) return NULL;
  if (orbit->length < 1 || orbit->length > LONGEST_ORBIT) return NULL;
  if (orbit->tiny_count < 0 || orbit->tiny_count > orbit->length) return NULL;
  if ((orbit->period != 0 && orbit->period != orbit->length) || (orbit->escaped != 0 && orbit->escaped != 1)) return NULL;
  if (bytes != fmandel_orbit_saved_bytes(orbit) || !numbers_are_sound(orbit)) return NULL;
  const limb *work = (const limb *)(head + 1);
  for (int part = 0; part < 4; part++)
    /* C is below 4. Z is below the radius, or has escaped and is not squared again */
    if (!is_within(work + part * n, n, part < 2 ? 4 : orbit->escaped ? INT64_MAX : (int64_t)orbit->radius + 1)) return NULL;
  const double *z = (const double *)(work + 4 * n);
  const float *low = (const float *)(z + 2 * (orbit->length + 1));
  const fmandel_tiny *tiny = (const fmandel_tiny *)(low + 2 * (orbit->length + 1));
  return iterates_are_sound(z, orbit->length) && low_is_sound(low, orbit->length) && tiny_are_sound(tiny, orbit->tiny_count, orbit->length) ? orbit : NULL;
}

void fmandel_orbit_resume(fmandel_orbit *orbit, const void *buffer) {
  const saved_orbit *head = buffer;
  const char *from = (const char *)(head + 1);
  fmandel_orbit resumed = head->orbit;
  const size_t limbs = 8 * (size_t)kept_limbs(resumed.bits), iterates = 16 * (size_t)(resumed.length + 1), low = iterates / 2;
  resumed.z = orbit->z;
  resumed.low = orbit->low;
  resumed.capacity = orbit->capacity;
  resumed.tiny = orbit->tiny;
  resumed.tiny_capacity = orbit->tiny_capacity;
  resumed.work = orbit->work;
  *orbit = resumed;
  memcpy(orbit->work, from, limbs);
  memcpy(orbit->z, from + limbs, iterates);
  memcpy(orbit->low, from + limbs + iterates, low);
  if (orbit->tiny_count > 0) memcpy(orbit->tiny, from + limbs + iterates + low, (size_t)orbit->tiny_count * sizeof(fmandel_tiny));
  fmandel_orbit_use_limbs(orbit, orbit->limbs);
}
