/*
 * Forged references and saved orbits: valid ones with words replaced and the header's sum
 * corrected, because an attacker who can write a buffer can do that too. Buffers that the library
 * accepts are then used, under sanitizers.
 */
#ifndef FORGE_H
#define FORGE_H

#include <fmandel/fmandel.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { FORGE_RADIUS = 10000, SEEDS = 8 };

/* A valid buffer: a reference, or a saved orbit. */
typedef struct {
  char *buffer;
  int64_t bytes;
} forge_seed;

/* orbits that are truncated, escape, close, have tiny iterates, use the Fourier transform */
static const struct {
  const char *re, *im;
  double beside; /* added to re, times 2^beside_exponent */
  int64_t beside_exponent, bits, length, disc, exponent;
} forge_places[SEEDS] = {
    {"0", "1", 0, 0, 256, 300, 0, -60},
    {"0", "1", 0, 0, 256, 700, 0, -100},
    {"-0.1", "0.1", 0, 0, 960, 900, 0, -600},
    {"0.3", "0.6", 0, 0, 128, 60, 0, -30},
    {"-0.7436438870371587", "0.1318259042053119", 0, 0, 128, 2000, -30, -27},
    {"-1.7685736563152709", "0.0009642968513582", 0, 0, 256, 2000, -40, -90},
    {"-1", "0", 1, -1000, 1280, 400, 0, -1030},
    {"-1.25", "0.01", 0, 0, 8192, 250, 0, -50},
};

static void forge_room(fmandel_orbit *orbit, int64_t bits, int64_t capacity, int64_t tiny) {
  orbit->capacity = capacity;
  orbit->z = malloc(2 * (size_t)(capacity + 1) * sizeof(double));
  orbit->low = malloc(2 * (size_t)(capacity + 1) * sizeof(float));
  orbit->tiny_capacity = tiny;
  orbit->tiny = malloc((size_t)tiny * sizeof(fmandel_tiny));
  orbit->work = malloc((size_t)fmandel_orbit_work(bits) * sizeof(uint64_t));
}

static void forge_leave(fmandel_orbit *orbit) {
  free(orbit->z);
  free(orbit->low);
  free(orbit->tiny);
  free(orbit->work);
}

static fmandel_orbit forge_orbit(int which) {
  const int64_t bits = forge_places[which].bits, length = forge_places[which].length;
  const int n = fmandel_orbit_limbs(bits);
  fmandel_orbit orbit = {0};
  uint64_t *c = malloc(3 * (size_t)n * sizeof *c);
  fmandel_fixed_from_decimal(c, n, forge_places[which].re, (int64_t)strlen(forge_places[which].re));
  fmandel_fixed_from_decimal(c + n, n, forge_places[which].im, (int64_t)strlen(forge_places[which].im));
  fmandel_fixed_from_floatexp(c + 2 * n, n, forge_places[which].beside, forge_places[which].beside_exponent);
  fmandel_fixed_add(c, c, c + 2 * n, n);
  forge_room(&orbit, bits, 2 * length, 1000);
  fmandel_orbit_start(&orbit, c, c + n, bits, FORGE_RADIUS);
  free(c);
  const fmandel_floatexp disc = {1, 0, forge_places[which].disc};
  while (fmandel_orbit_run(&orbit, length, forge_places[which].disc ? &disc : NULL, NULL, NULL) == FMANDEL_CANDIDATE)
    if (fmandel_nucleus(&orbit, &disc, forge_places[which].disc - 60, NULL, NULL) == FMANDEL_OK) break;
  return orbit;
}

static forge_seed forge_reference(int which) {
  fmandel_orbit orbit = forge_orbit(which);
  forge_seed seed = {.bytes = fmandel_reference_bytes(&orbit, forge_places[which].exponent)};
  seed.buffer = calloc(1, (size_t)seed.bytes);
  if (fmandel_reference_build(seed.buffer, seed.bytes, &orbit, forge_places[which].exponent, NULL, NULL) != FMANDEL_OK) abort();
  forge_leave(&orbit);
  return seed;
}

static forge_seed forge_saved(int which) {
  fmandel_orbit orbit = forge_orbit(which);
  forge_seed seed = {.bytes = fmandel_orbit_saved_bytes(&orbit)};
  seed.buffer = malloc((size_t)seed.bytes);
  fmandel_orbit_save(&orbit, seed.buffer);
  forge_leave(&orbit);
  return seed;
}

/* the header's sum, as reference.c has it */
static void forge_sum(char *buffer) {
  fmandel_reference *reference = (fmandel_reference *)buffer;
  uint64_t words[sizeof *reference / sizeof(uint64_t)], sum = 0xcbf29ce484222325;
  reference->sum = 0;
  memcpy(words, reference, sizeof words);
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) sum = (sum ^ words[i]) * 0x100000001b3;
  reference->sum = sum;
}

/* Renders a small view by a reference, with every attribute pass. */
static void forge_render(const fmandel_reference *reference) {
  enum { SIDE = 12 };
  double nu[SIDE * SIDE];
  float out[2 * SIDE * SIDE];
  const int settled = reference->escaped || reference->period > 0;
  fmandel_deep_view view = {-5, 5.5, 1, 0, 0, -1, reference->exponent - 3, SIDE, SIDE, settled ? 300 : reference->length, FORGE_RADIUS / 2, 0};
  if (view.max_iter > 1000) view.max_iter = 1000;
  for (int zoom = 0; zoom < 2; zoom++, view.exponent -= 20) {
    if (reference->escaped && view.escape_radius > reference->radius / 2) view.escape_radius = 2;
    if (fmandel_deep(reference, &view, nu, NULL, NULL) != FMANDEL_OK) return;
    fmandel_deep_distance(reference, &view, 1, nu, out, NULL);
    fmandel_deep_stripe(reference, &view, nu, out, NULL);
    fmandel_deep_cycle(reference, &view, nu, out, NULL);
  }
}

/* Runs on from a saved orbit, and makes and uses its reference. */
static void forge_resume(const fmandel_orbit *saved, const void *buffer, int64_t exponent) {
  fmandel_orbit orbit = {0};
  forge_room(&orbit, saved->bits, saved->length + 200, saved->tiny_count + 200);
  fmandel_orbit_resume(&orbit, buffer);
  const fmandel_floatexp disc = {1, 0, exponent};
  int status = fmandel_orbit_run(&orbit, saved->length + 150, &disc, NULL, NULL);
  if (status == FMANDEL_CANDIDATE && orbit.bits >= 60 - exponent) status = fmandel_nucleus(&orbit, &disc, exponent - 60, NULL, NULL);
  const int64_t bytes = status == FMANDEL_FULL ? -1 : fmandel_reference_bytes(&orbit, exponent);
  if (bytes > 0 && bytes < 1 << 24) {
    char *reference = calloc(1, (size_t)bytes);
    if (fmandel_reference_build(reference, bytes, &orbit, exponent, NULL, NULL) == FMANDEL_OK) {
      const fmandel_reference *built = fmandel_reference_check(reference, bytes);
      if (built) forge_render(built);
    }
    free(reference);
  }
  forge_leave(&orbit);
}

/* Candidate values of an index, a length, an exponent or a double. */
static const uint64_t FORGE_WORDS[] = {0, 1, 2, ~0ull, ~1ull, 63, 64, 1ull << 31, (1ull << 31) - 1, 1ull << 40, 1ull << 62, 1ull << 63, (1ull << 63) - 1,
                                       0x7ff0000000000000, 0x7ff8000000000000, 0x7fefffffffffffff, 0x10000000000000, 0x3ff0000000000000};

/*
 * One forged buffer from these bytes. The first chooses what it is of: a reference or a saved
 * orbit; the second which seed, or that what follows is the buffer itself. Every twelve bytes after
 * that replace a word: how, where (four bytes), and by what. Returns 1 if the library accepted it.
 */
static int forge(const uint8_t *data, size_t size) {
  static forge_seed seeds[2][SEEDS];
  if (size < 2) return 0;
  const int kind = data[0] & 1, which = data[1] % SEEDS, raw = data[1] >= 248;
  if (!seeds[kind][which].buffer) seeds[kind][which] = kind ? forge_saved(which) : forge_reference(which);
  const forge_seed *seed = &seeds[kind][which];
  int64_t bytes = raw ? (int64_t)size - 2 : seed->bytes;
  char *buffer = malloc((size_t)bytes + 1);
  memcpy(buffer, raw ? (const char *)data + 2 : seed->buffer, (size_t)bytes);
  for (const uint8_t *patch = data + 2; !raw && patch + 13 <= data + size; patch += 13) {
    uint32_t where;
    uint64_t word;
    memcpy(&where, patch + 1, sizeof where);
    memcpy(&word, patch + 5, sizeof word);
    const int how = patch[0];
    if (how & 1) word = FORGE_WORDS[word % (sizeof FORGE_WORDS / sizeof *FORGE_WORDS)];
    const size_t width = how & 2 ? 4 : 8;
    /* half of the words are the header's, which is the smallest part */
    const int64_t within = how & 4 ? 512 : bytes;
    const int64_t at = (int64_t)(where % (uint64_t)(within / 4)) * 4;
    uint64_t old = 0;
    if (at + (int64_t)width > bytes) continue;
    memcpy(&old, buffer + at, width);
    if (how & 8) word = old + (uint64_t)(int64_t)(int8_t)word;
    if (how & 16) word = old ^ 1ull << word % (8 * width);
    memcpy(buffer + at, &word, width);
  }
  char *exact = malloc((size_t)bytes + (bytes == 0));
  memcpy(exact, buffer, (size_t)bytes);
  free(buffer);
  int whole;
  if (kind) {
    const fmandel_orbit *saved = fmandel_orbit_saved(exact, bytes);
    whole = saved != NULL;
    if (whole) forge_resume(saved, exact, forge_places[which].exponent);
  } else {
    if (bytes >= (int64_t)sizeof(fmandel_reference)) forge_sum(exact);
    const fmandel_reference *reference = fmandel_reference_check(exact, bytes);
    whole = reference != NULL;
    if (whole) forge_render(reference);
  }
  free(exact);
  return whole;
}

#endif
