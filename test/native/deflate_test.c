/*
 * Filtered rows, and the encoder's streams, decoded bit by bit by a reader that follows only RFC
 * 1950 and 1951: they give the same bytes, and stay within the bound.
 */
#include <fmandel/fmandel.h>
#include "check.h"

enum { LITERALS = 288, DISTANCES = 32, MOST_BITS = 15 };

typedef struct {
  const uint8_t *from;
  int64_t bytes, bit;
} reader;

static int bits_of(reader *r, int count) {
  int value = 0;
  for (int i = 0; i < count; i++, r->bit++)
    if (r->bit / 8 < r->bytes) value |= (r->from[r->bit / 8] >> (r->bit % 8) & 1) << i;
  return value;
}

/* how many codes have each length, and the symbols in the order of their codes */
typedef struct {
  int counts[MOST_BITS + 1], symbols[LITERALS];
} code;

static void code_of(code *c, const uint8_t *length, int symbols) {
  memset(c, 0, sizeof *c);
  int at = 0;
  for (int bits = 1; bits <= MOST_BITS; bits++)
    for (int s = 0; s < symbols; s++)
      if (length[s] == bits) c->symbols[at++] = s, c->counts[bits]++;
}

/* the next symbol, or -1 if there is no such code */
static int symbol_of(reader *r, const code *c) {
  int word = 0, first = 0, at = 0;
  for (int bits = 1; bits <= MOST_BITS; bits++) {
    word = word << 1 | bits_of(r, 1);
    if (word - first < c->counts[bits]) return c->symbols[at + word - first];
    at += c->counts[bits], first = (first + c->counts[bits]) << 1;
  }
  return -1;
}

/* the two codes of a block; 0 if they are invalid */
static int read_codes(reader *r, code *literals, code *distances) {
  static const int ORDER[19] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
  uint8_t length[LITERALS + DISTANCES] = {0}, of_lengths[19] = {0};
  const int literal_count = bits_of(r, 5) + 257, distance_count = bits_of(r, 5) + 1, sent = bits_of(r, 4) + 4;
  for (int i = 0; i < sent; i++) of_lengths[ORDER[i]] = (uint8_t)bits_of(r, 3);
  code c;
  code_of(&c, of_lengths, 19);
  for (int i = 0; i < literal_count + distance_count;) {
    const int symbol = symbol_of(r, &c);
    if (symbol < 0 || (symbol == 16 && i == 0)) return 0;
    const uint8_t value = symbol < 16 ? (uint8_t)symbol : symbol == 16 ? length[i - 1] : 0;
    int times = symbol < 16 ? 1 : symbol == 16 ? 3 + bits_of(r, 2) : symbol == 17 ? 3 + bits_of(r, 3) : 11 + bits_of(r, 7);
    while (times--)
      if (i < literal_count + distance_count) length[i++] = value;
      else return 0;
  }
  code_of(literals, length, literal_count);
  code_of(distances, length + literal_count, distance_count);
  return 1;
}

/* the bytes of a zlib stream of blocks with codes of their own; how many, or -1 if it is invalid */
static int64_t inflate(const uint8_t *from, int64_t bytes, uint8_t *out, int64_t room) {
  static const int LENGTH[29] = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
  reader r = {from, bytes, 16};
  int64_t count = 0;
  if (bytes < 6 || from[0] != 0x78 || (from[0] << 8 | from[1]) % 31 != 0) return -1;
  for (int last = 0; !last;) {
    code literals, distances;
    last = bits_of(&r, 1);
    if (bits_of(&r, 2) != 2 || !read_codes(&r, &literals, &distances)) return -1;
    for (int symbol; (symbol = symbol_of(&r, &literals)) != 256;) {
      if (symbol < 0 || symbol > 285 || r.bit / 8 > bytes || count == room) return -1;
      if (symbol < 256) {
        out[count++] = (uint8_t)symbol;
        continue;
      }
      const int k = symbol - 257, length = LENGTH[k] + (k < 8 || k == 28 ? 0 : bits_of(&r, k / 4 - 1));
      const int d = symbol_of(&r, &distances);
      if (d < 0 || d > 29) return -1;
      const int64_t distance = d < 4 ? d + 1 : ((2 + d % 2) << (d / 2 - 1)) + 1 + bits_of(&r, d / 2 - 1);
      if (distance > count || count + length > room) return -1;
      for (int i = 0; i < length; i++, count++) out[count] = out[count - distance];
    }
  }
  uint32_t a = 1, b = 0, sum = 0;
  for (int64_t i = 0; i < count; i++) a = (a + out[i]) % 65521, b = (b + a) % 65521;
  const int64_t end = (r.bit + 7) / 8;
  if (end + 4 != bytes) return -1;
  for (int byte = 0; byte < 4; byte++) sum = sum << 8 | from[end + byte];
  return sum == (b << 16 | a) ? count : -1;
}

static void comes_back(const uint8_t *data, int64_t count, const char *what) {
  /* of exactly these sizes, so that the address sanitizer detects overruns */
  uint8_t *const own = malloc((size_t)(count > 0 ? count : 1)), *const out = malloc((size_t)FMANDEL_DEFLATED(count)), *const back = malloc((size_t)count + 1);
  memcpy(own, data, (size_t)count);
  const int64_t length = fmandel_deflate(own, count, out);
  CHECK(length <= FMANDEL_DEFLATED(count), "%s, %lld bytes: %lld", what, (long long)count, (long long)length);
  const int64_t got = inflate(out, length, back, count);
  CHECK(got == count && memcmp(back, data, (size_t)count) == 0, "%s, %lld bytes: %lld", what, (long long)count, (long long)got);
  /* a part of a stream has the same blocks: if it is one, the same bytes but for its first bit */
  uint8_t *const part = malloc((size_t)FMANDEL_DEFLATED(count));
  uint32_t sum;
  const int64_t taken = fmandel_deflate_part(own, count, part, &sum), blocks = length - 6;
  CHECK(sum == ((uint32_t)out[length - 4] << 24 | (uint32_t)out[length - 3] << 16 | (uint32_t)out[length - 2] << 8 | out[length - 1]), "%s: %x", what, sum);
  CHECK(taken - blocks >= 4 && taken - blocks <= 5 && memcmp(part + taken - 4, "\0\0\xff\xff", 4) == 0, "%s, %lld bytes: %lld", what, (long long)count, (long long)taken);
  if (count < 16384) CHECK(part[0] == (out[2] & ~1) && memcmp(part + 1, out + 3, (size_t)blocks - 1) == 0, "%s, %lld bytes", what, (long long)count);
  free(own), free(out), free(back), free(part);
}

/* rows filtered by Sub or Up give the pixels back, and a row like the one above is all zeros */
static void rows_come_back(void) {
  for (int turn = 0; turn < 500; turn++) {
    const int pixel = 1 + (int)(random_bits() % 6), height = 1 + (int)(random_bits() % 5);
    const int stride = pixel * (1 + (int)(random_bits() % 200)), same = (int)(random_bits() % 2);
    uint8_t *const pixels = malloc((size_t)(stride * height)), *const rows = malloc((size_t)((stride + 1) * height));
    for (int at = 0; at < stride * height; at++) pixels[at] = same && at >= stride ? pixels[at - stride] : (uint8_t)(random_bits() >> 56);
    fmandel_png_filter(pixels, stride, height, pixel, rows);
    for (int y = 0; y < height; y++) {
      const uint8_t *const row = rows + y * (stride + 1), *const own = pixels + y * stride;
      CHECK(row[0] == 1 || (row[0] == 2 && y > 0), "row %d: filter %d", y, row[0]);
      for (int x = 0; x < stride; x++) {
        const int before = row[0] == 2 ? own[x - stride] : x >= pixel ? own[x - pixel] : 0;
        CHECK((uint8_t)(row[1 + x] + before) == own[x], "row %d, byte %d of %d", y, x, stride);
        if (same && y > 0 && row[0] == 2) CHECK(row[1 + x] == 0, "row %d, byte %d", y, x);
      }
    }
    free(pixels), free(rows);
  }
}

enum { MOST = 300000 };

int main(void) {
  static uint8_t data[MOST];
  static const int64_t counts[] = {0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 63, 64, 65, 71, 72, 73, 321, 322, 323, 4096, 16383, 16384, 16385, 65792, 131584, MOST};
  const int many = (int)(sizeof counts / sizeof *counts);
#define ALL(what, value)                                        \
  for (int i = 0; i < MOST; i++) data[i] = (uint8_t)(value);    \
  for (int k = 0; k < many; k++) comes_back(data, counts[k], what)
  ALL("zeros", 0);
  ALL("one byte", 255);
  ALL("noise", random_bits() >> 56);
  ALL("noise of two", random_bits() >> 63);
  ALL("seldom anything", random_bits() >> 56 ? 0 : random_bits() >> 56);
  ALL("small differences", (random_bits() >> 61) - 4);
  ALL("a row again and again", i % 257 * 7);
  ALL("as far back as may be", (i % 32768) * 2654435761u >> 24);
  ALL("farther back than may be", (i % 32769) * 2654435761u >> 24);
  /*
   * Codes that would be longer than fifteen bits: noise, and in it bytes as frequent as Lucas'
   * numbers say, so that together with a block's single end symbol each joins all rarer ones.
   */
  for (int i = 0; i < MOST; i++) data[i] = (uint8_t)(64 + (random_bits() >> 58));
  for (int symbol = 0, at = 0, now = 1, next = 3; symbol < 15; symbol++) {
    for (int i = 0; i < now; i++) data[at++] = (uint8_t)symbol;
    const int sum = now + next;
    now = next, next = sum;
  }
  for (int i = 15999; i > 0; i--) {
    const int k = (int)(random_bits() % (uint64_t)(i + 1));
    const uint8_t one = data[i];
    data[i] = data[k], data[k] = one;
  }
  for (int k = 0; k < many; k++) comes_back(data, counts[k], "rare and frequent bytes");
  for (int turn = 0; turn < 2000; turn++) {
    const int64_t count = (int64_t)(random_bits() % 3000);
    const int kinds = 1 + (int)(random_bits() % 40), run = 1 + (int)(random_bits() % 30);
    for (int64_t i = 0; i < count; i++) data[i] = i > 0 && random_bits() % (uint64_t)run ? data[i - 1] : (uint8_t)(random_bits() % (uint64_t)kinds);
    comes_back(data, count, "runs");
  }
  rows_come_back();
  return checked();
}
