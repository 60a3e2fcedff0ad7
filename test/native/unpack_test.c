/*
 * References and saved orbits of unknown origin: valid ones are accepted, forged ones are refused,
 * and accepted ones can be used.
 */
#include "check.h"
#include "forge.h"

/* a reference with one word replaced, and its sum corrected */
static int takes_with(const forge_seed *seed, int64_t at, const void *word, size_t width) {
  char *forged = malloc((size_t)seed->bytes);
  memcpy(forged, seed->buffer, (size_t)seed->bytes);
  memcpy(forged + at, word, width);
  forge_sum(forged);
  const int taken = fmandel_reference_check(forged, seed->bytes) != NULL;
  free(forged);
  return taken;
}

static void test_whole(void) {
  int mixed = 0, extended = 0, periodic = 0, escaped = 0, tiny = 0, prefixes = 0;
  for (int which = 0; which < SEEDS; which++) {
    const forge_seed seed = forge_reference(which);
    const fmandel_reference *reference = fmandel_reference_check(seed.buffer, seed.bytes);
    CHECK(reference != NULL, "seed %d", which);
    if (!reference) continue;
    mixed += reference->mixed != 0;
    extended += reference->extended.entries > 0;
    periodic += reference->period > 0;
    escaped += reference->escaped != 0;
    tiny += reference->tiny_count > 0;
    prefixes += reference->prefixes[0].slots > 0;
    free(seed.buffer);
  }
  CHECK(mixed > 1 && extended > 1 && periodic > 1 && escaped > 0 && tiny > 0 && prefixes > 1, "%d mixed, %d extended, %d periodic, %d escaped, %d tiny", mixed,
        extended, periodic, escaped, tiny);
}

/* every word of the header: 2^40, -1, and one more than it was */
static void test_header(void) {
  for (int which = 0; which < SEEDS; which++) {
    const forge_seed seed = forge_reference(which);
    for (int64_t at = 0; at < (int64_t)sizeof(fmandel_reference); at += 8) {
      /* numbers that may have other values: a wrong one leads to a wrong picture, or a refusal */
      const size_t free_ones[] = {offsetof(fmandel_reference, sum),      offsetof(fmandel_reference, radius),      offsetof(fmandel_reference, bits),
                                  offsetof(fmandel_reference, exponent), offsetof(fmandel_reference, interior_re), offsetof(fmandel_reference, interior_im),
                                  offsetof(fmandel_reference, has_interior), offsetof(fmandel_reference, tolerance)};
      int is_free = 0;
      for (size_t k = 0; k < sizeof free_ones / sizeof *free_ones; k++) is_free |= at == (int64_t)free_ones[k];
      if (is_free) continue;
      uint64_t was;
      memcpy(&was, seed.buffer + at, 8);
      const uint64_t words[] = {1ull << 40, ~0ull, was + 1, was - 64, was ^ 1ull << 63};
      for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        CHECK(words[k] == was || !takes_with(&seed, at, &words[k], 8), "seed %d: %llx instead of %llx at %lld", which, (unsigned long long)words[k],
              (unsigned long long)was, (long long)at);
    }
    CHECK(fmandel_reference_check(seed.buffer, seed.bytes - 1) == NULL, "cut short");
    free(seed.buffer);
  }
}

/* the indices behind the header: starts of blocks, skips of steps, prefixes */
static void test_indices(void) {
  for (int which = 0; which < SEEDS; which++) {
    const forge_seed seed = forge_reference(which);
    const fmandel_reference *reference = (const fmandel_reference *)seed.buffer;
    const int64_t far = (int64_t)1 << 40, before = -(1 << 20);
    const int32_t beyond = 1 << 30, below = -2;
    for (int64_t block = 0; block < reference->blocks + 2; block++) {
      CHECK(!takes_with(&seed, reference->starts + 8 * block, &far, 8), "seed %d: start %lld far away", which, (long long)block);
      CHECK(!takes_with(&seed, reference->starts + 8 * block, &before, 8), "seed %d: start %lld before the buffer", which, (long long)block);
    }
    for (int64_t slot = 0; slot < reference->prefixes[0].slots; slot += 100) {
      CHECK(!takes_with(&seed, reference->prefixes[0].index + 4 * slot, &beyond, 4), "seed %d: prefix of slot %lld", which, (long long)slot);
      CHECK(!takes_with(&seed, reference->prefixes[0].index + 4 * slot, &below, 4), "seed %d: prefix of slot %lld", which, (long long)slot);
    }
    const int32_t *index = (const int32_t *)(seed.buffer + reference->prefixes[0].index);
    if (reference->prefixes[0].slots > 0 && index[reference->prefixes[0].slots - 1] >= 0) {
      CHECK(!takes_with(&seed, reference->prefixes[0].blocks, &beyond, 4), "seed %d: blocks of a prefix", which);
      CHECK(!takes_with(&seed, reference->prefixes[0].blocks, &below, 4), "seed %d: blocks of a prefix", which);
    }
    for (int64_t k = 0; k < reference->tiny_count; k++) {
      CHECK(!takes_with(&seed, reference->tiny + k * (int64_t)sizeof(fmandel_tiny), &far, 8), "seed %d: tiny iterate %lld", which, (long long)k);
      CHECK(!takes_with(&seed, reference->tiny + k * (int64_t)sizeof(fmandel_tiny) + 8, &(int64_t){INT64_MIN}, 8), "seed %d: its exponent", which);
    }
    const double beside = 1, infinite = INFINITY;
    if (reference->period > 0) CHECK(!takes_with(&seed, reference->z + 16 * reference->length, &beside, 8), "seed %d: a period that does not close", which);
    CHECK(!takes_with(&seed, reference->z + 16, &infinite, 8), "seed %d: an infinite iterate", which);
    free(seed.buffer);
  }
}

/* an orbit that runs on from a saved one has the bits of one that was not interrupted */
static void test_saved(void) {
  for (int which = 0; which < SEEDS; which++) {
    const forge_seed seed = forge_saved(which);
    const fmandel_orbit *saved = fmandel_orbit_saved(seed.buffer, seed.bytes);
    CHECK(saved != NULL, "seed %d", which);
    if (!saved) continue;
    fmandel_orbit whole = forge_orbit(which), resumed = {0};
    forge_room(&resumed, saved->bits, 2 * forge_places[which].length, 1000);
    fmandel_orbit_resume(&resumed, seed.buffer);
    const int64_t further = saved->length + forge_places[which].length / 2;
    CHECK(fmandel_orbit_run(&whole, further, NULL, NULL, NULL) == fmandel_orbit_run(&resumed, further, NULL, NULL, NULL), "seed %d", which);
    CHECK(whole.length == resumed.length && whole.tiny_count == resumed.tiny_count && whole.limbs == resumed.limbs, "seed %d", which);
    CHECK(memcmp(whole.z, resumed.z, 16 * (size_t)(whole.length + 1)) == 0, "seed %d", which);
    CHECK(memcmp(whole.low, resumed.low, 8 * (size_t)(whole.length + 1)) == 0, "seed %d", which);
    CHECK(memcmp(&whole.derivative, &resumed.derivative, sizeof whole.derivative) == 0, "seed %d", which);
    forge_leave(&whole);
    forge_leave(&resumed);
    CHECK(fmandel_orbit_saved(seed.buffer, seed.bytes - 8) == NULL && fmandel_orbit_saved(seed.buffer, 8) == NULL, "cut short");
    const uint64_t words[] = {0, ~0ull, 1ull << 40, 1ull << 62, 1ull << 63};
    const size_t places[] = {offsetof(fmandel_orbit, length), offsetof(fmandel_orbit, tiny_count), offsetof(fmandel_orbit, bits), offsetof(fmandel_orbit, z)};
    for (size_t place = 0; place < sizeof places / sizeof *places; place++)
      for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
        char *at = seed.buffer + 8 + places[place];
        uint64_t was;
        memcpy(&was, at, 8);
        memcpy(at, &words[k], 8);
        CHECK(words[k] == was || fmandel_orbit_saved(seed.buffer, seed.bytes) == NULL, "seed %d: %llx at %zu", which, (unsigned long long)words[k], places[place]);
        memcpy(at, &was, 8);
      }
    free(seed.buffer);
  }
}

/* many random forgeries: accepted ones are used, without a sanitizer error */
static void test_random(void) {
  enum { TURNS = 4000 };
  int taken = 0;
  for (int turn = 0; turn < TURNS; turn++) {
    uint8_t data[2 + 2 * 13];
    for (size_t k = 0; k < sizeof data; k++) data[k] = (uint8_t)random_bits();
    if (turn % 64 != 0) data[1] %= SEEDS;
    taken += forge(data, 2 + 13 * (1 + random_bits() % 2));
  }
  CHECK(taken > TURNS / 20 && taken < TURNS, "%d of %d", taken, TURNS);
}

int main(void) {
  test_whole();
  test_header();
  test_indices();
  test_saved();
  test_random();
  return checked();
}
