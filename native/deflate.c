/*
 * A zlib stream (RFC 1950, 1951) made for the rows of indexed tiles: bytes that are differences between neighbours, many of them 0 or the same as
 * before, few long repetitions. So there is one guess for a repetition at each place, the last one that began with the same four bytes, and
 * all care goes into the codes: blocks are short enough to follow the picture, and each has Huffman codes of its own.
 *
 * Against zlib on the same rows this takes a third of the time of its second level for the same bytes (bench/results.md). It asks for no memory: its
 * tables are some 120 KB of the caller's stack.
 */
#include <string.h>

#include "fmandel.h"

enum {
  TOKENS = 1 << 14, /* literals and repetitions in a block: a quarter of a tile of noise */
  HASH_BITS = 12,
  SHORTEST = 4,
  LONGEST = 258,
  FARTHEST = 1 << 15,
  ENTERED = 32, /* places of a repetition that may be repeated in turn: more saves next to no bytes */
  END = 256,    /* of a block, among the literals */
  LITERALS = 286,
  DISTANCES = 30,
  CODES = 19,
  MOST_BITS = 15,
};

/* the first length and the extra bits of each code from 257 on, and of each distance code: RFC 1951, 3.2.5 */
static const uint16_t LENGTH_FROM[29] = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                         31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
static const uint8_t LENGTH_EXTRA[29] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};

typedef struct {
  uint8_t *to;
  uint64_t bits;
  int count;
} writer;

static inline void put(writer *w, uint64_t value, int count) {
  w->bits |= value << w->count, w->count += count;
}

/* up to 7 bits stay */
static inline void flush(writer *w) {
  memcpy(w->to, &w->bits, 8); /* little-endian, as every processor that this is built for */
  w->to += w->count >> 3, w->bits >>= w->count & ~7, w->count &= 7;
}

typedef struct {
  uint8_t length[LITERALS];
  uint32_t word[LITERALS]; /* the bits as they are written, the first one lowest, and from 2^16 on how many they are */
} code;

/*
 * Lengths of a Huffman code for counts, none above `most`: lengths of the best code, those too long cut to `most`, then shorter ones drawn out until
 * the code fits.
 */
static void lengths_of(const uint32_t *counts, int symbols, int most, uint8_t *length) {
  uint64_t sorted[LITERALS]; /* count and symbol, the rarest first */
  int used = 0;
  for (int s = 0; s < symbols; s++) {
    length[s] = 0;
    if (counts[s]) sorted[used++] = (uint64_t)counts[s] << 16 | (uint64_t)s;
  }
  if (used < 2) { /* a code of one symbol has a bit all the same */
    if (used) length[sorted[0] & 0xffff] = 1;
    return;
  }
  for (int gap = 100; gap > 0; gap = gap == 1 ? 0 : gap == 100 ? 23 : gap == 23 ? 7 : gap == 7 ? 3 : 1) /* Shell's sort */
    for (int i = gap; i < used; i++) {
      const uint64_t one = sorted[i];
      int j = i;
      for (; j >= gap && sorted[j - gap] > one; j -= gap) sorted[j] = sorted[j - gap];
      sorted[j] = one;
    }

  /* leaves and joined nodes are two queues, each in order: the next to join are at their fronts */
  uint32_t weight[2 * LITERALS];
  uint16_t parent[2 * LITERALS];
  for (int i = 0; i < used; i++) weight[i] = (uint32_t)(sorted[i] >> 16);
  int leaf = 0, joined = used;
  for (int node = used; node < 2 * used - 1; node++) {
    weight[node] = 0;
    for (int side = 0; side < 2; side++) {
      const int next = joined == node || (leaf < used && weight[leaf] <= weight[joined]) ? leaf++ : joined++;
      weight[node] += weight[next], parent[next] = (uint16_t)node;
    }
  }
  uint8_t depth[2 * LITERALS];
  int at[MOST_BITS + 1] = {0}; /* symbols of each length */
  depth[2 * used - 2] = 0;
  for (int node = 2 * used - 3; node >= 0; node--) {
    depth[node] = (uint8_t)(depth[parent[node]] + 1);
    if (node < used) at[depth[node] < most ? depth[node] : most]++;
  }
  int64_t total = 0; /* of 2^-length, in units of 2^-most: 2^most where the code is full */
  for (int bits = 1; bits <= most; bits++) total += (int64_t)at[bits] << (most - bits);
  for (; total > (int64_t)1 << most; total--) {
    int bits = most - 1;
    while (at[bits] == 0) bits--;
    at[bits]--, at[bits + 1] += 2, at[most]--;
  }
  for (int i = 0, bits = most; i < used; i++) {
    while (at[bits] == 0) bits--;
    length[sorted[i] & 0xffff] = (uint8_t)bits, at[bits]--;
  }
}

/* the canonical code of these lengths (RFC 1951, 3.2.2) */
static void codes_of(code *c, int symbols) {
  int at[MOST_BITS + 2] = {0}, next[MOST_BITS + 2];
  for (int s = 0; s < symbols; s++) at[c->length[s]]++;
  at[0] = 0, next[0] = 0;
  for (int bits = 1; bits <= MOST_BITS; bits++) next[bits] = (next[bits - 1] + at[bits - 1]) << 1;
  for (int s = 0; s < symbols; s++) {
    unsigned forward = (unsigned)next[c->length[s]]++, reversed = 0;
    for (int bit = 0; bit < c->length[s]; bit++, forward >>= 1) reversed = reversed << 1 | (forward & 1);
    c->word[s] = reversed | (uint32_t)c->length[s] << 16;
  }
}

static inline void put_code(writer *w, const code *c, int symbol) {
  put(w, c->word[symbol] & 0xffff, (int)(c->word[symbol] >> 16));
}

/* the lengths of both codes, with runs of them written short (RFC 1951, 3.2.7) */
static void put_lengths(writer *w, const code *literals, const code *distances) {
  static const uint8_t ORDER[CODES] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
  uint8_t all[LITERALS + DISTANCES], symbol[LITERALS + DISTANCES], extra[LITERALS + DISTANCES];
  int literal_count = LITERALS, distance_count = DISTANCES, symbols = 0;
  while (literal_count > 257 && literals->length[literal_count - 1] == 0) literal_count--;
  while (distance_count > 1 && distances->length[distance_count - 1] == 0) distance_count--;
  memcpy(all, literals->length, (size_t)literal_count);
  memcpy(all + literal_count, distances->length, (size_t)distance_count);

  uint32_t counts[CODES] = {0};
  for (int i = 0, total = literal_count + distance_count; i < total;) {
    int run = 1;
    while (i + run < total && all[i + run] == all[i]) run++;
    int taken = 1;
    if (all[i] == 0 && run >= 3) {
      taken = run < 138 ? run : 138;
      symbol[symbols] = taken < 11 ? 17 : 18, extra[symbols] = (uint8_t)(taken - (taken < 11 ? 3 : 11));
    } else if (i > 0 && all[i] == all[i - 1] && run >= 3) {
      taken = run < 6 ? run : 6;
      symbol[symbols] = 16, extra[symbols] = (uint8_t)(taken - 3);
    } else {
      symbol[symbols] = all[i], extra[symbols] = 0;
    }
    counts[symbol[symbols++]]++;
    i += taken;
  }
  code c;
  lengths_of(counts, CODES, 7, c.length);
  codes_of(&c, CODES);
  int sent = CODES;
  while (sent > 4 && c.length[ORDER[sent - 1]] == 0) sent--;
  put(w, (uint64_t)(literal_count - 257), 5), put(w, (uint64_t)(distance_count - 1), 5), put(w, (uint64_t)(sent - 4), 4);
  flush(w);
  for (int i = 0; i < sent; i++) put(w, c.length[ORDER[i]], 3), flush(w);
  for (int i = 0; i < symbols; i++) {
    put_code(w, &c, symbol[i]);
    if (symbol[i] >= 16) put(w, extra[i], symbol[i] == 16 ? 2 : symbol[i] == 17 ? 3 : 7);
    flush(w);
  }
}

static inline int length_code(int length) {
  int k = 0;
  if (length == LONGEST) return 28;
  if (length > 10) {
    const int top = 31 - __builtin_clz((unsigned)(length - 3));
    k = 4 * (top - 1) + ((length - 3) >> (top - 2) & 3);
  } else {
    k = length - 3;
  }
  return k;
}

static inline int distance_code(int distance) {
  if (distance <= 2) return distance - 1;
  const int top = 31 - __builtin_clz((unsigned)(distance - 1));
  return 2 * top + ((distance - 1) >> (top - 1) & 1);
}

/* literals, as they stand in the data, and a repetition behind them; of the last ones of a block its length is 0 */
typedef struct {
  uint16_t literals, length;
  uint16_t distance; /* less 1 */
} sequence;

static writer put_block(writer from, const uint8_t *data, const sequence *sequences, int count, uint32_t *literal_counts,
                        const uint32_t *distance_counts, int last) {
  writer own = from, *const w = &own; /* its own, so that it lies in registers */
  code literals, distances;
  literal_counts[END] = 1;
  lengths_of(literal_counts, LITERALS, MOST_BITS, literals.length);
  lengths_of(distance_counts, DISTANCES, MOST_BITS, distances.length);
  codes_of(&literals, LITERALS), codes_of(&distances, DISTANCES);
  put(w, (uint64_t)last, 1), put(w, 2, 2);
  put_lengths(w, &literals, &distances);
  for (int i = 0; i < count; i++) {
    const int many = sequences[i].literals, length = sequences[i].length;
    int k = 0;
    for (; k + 3 <= many; k += 3) {
      put_code(w, &literals, data[k]), put_code(w, &literals, data[k + 1]), put_code(w, &literals, data[k + 2]);
      flush(w); /* at most 3 x 15 bits, and 7 that stayed */
    }
    for (; k < many; k++) put_code(w, &literals, data[k]);
    flush(w);
    data += many + length;
    if (length == 0) continue;
    const int distance = sequences[i].distance + 1;
    const int l = length_code(length), d = distance_code(distance), extra = d < 4 ? 0 : (d >> 1) - 1;
    put_code(w, &literals, 257 + l), put(w, (uint64_t)(length - LENGTH_FROM[l]), LENGTH_EXTRA[l]);
    put_code(w, &distances, d), put(w, (uint64_t)(distance - 1) & ((1u << extra) - 1), extra);
    flush(w); /* at most 15 + 5 + 15 + 13 bits, and 7 that stayed */
  }
  put_code(w, &literals, END), flush(w);
  return own;
}

static inline uint32_t four(const uint8_t *at) {
  uint32_t value;
  memcpy(&value, at, 4);
  return value;
}

static inline int common(const uint8_t *a, const uint8_t *b, int most) {
  int length = 0;
  while (length + 8 <= most) {
    uint64_t x, y;
    memcpy(&x, a + length, 8), memcpy(&y, b + length, 8);
    if (x != y) return length + (__builtin_ctzll(x ^ y) >> 3);
    length += 8;
  }
  while (length < most && a[length] == b[length]) length++;
  return length;
}

static uint32_t adler(const uint8_t *data, int64_t count) {
  uint32_t a = 1, b = 0;
  while (count > 0) {
    const int part = count < 5552 ? (int)count : 5552; /* as many as b holds without a remainder */
    int i = 0;
    for (; i + 32 <= part; i += 32, data += 32) {
      uint32_t sum = 0, weighted = 0; /* without a chain through every byte */
      for (int k = 0; k < 32; k++) sum += data[k], weighted += (uint32_t)(32 - k) * data[k];
      b += 32 * a + weighted, a += sum;
    }
    for (; i < part; i++) a += *data++, b += a;
    a %= 65521, b %= 65521, count -= part;
  }
  return b << 16 | a;
}

static inline int32_t *place_of(int32_t *last, const uint8_t *at) {
  return last + (four(at) * 2654435761u >> (32 - HASH_BITS));
}

int64_t fmandel_deflate(const uint8_t *data, int64_t count, uint8_t *out) {
  int32_t last[1 << HASH_BITS];
  sequence sequences[TOKENS + 1]; /* each but the last one has a repetition */
  writer w = {out + 2, 0, 0};
  out[0] = 0x78, out[1] = 0x01;
  for (int i = 0; i < 1 << HASH_BITS; i++) last[i] = -FARTHEST - 1;
  for (int64_t at = 0;;) {
    /* a block: counts of literals in two parts, since the same one often comes again at once */
    uint32_t literal_counts[2][LITERALS] = {{0}}, distance_counts[DISTANCES] = {0};
    const int64_t start = at;
    int held = 0, tokens = 0;
    while (at < count && tokens < TOKENS) {
      const int64_t first = at, room = at + TOKENS - tokens, end = room < count ? room : count, searched = end < count - SHORTEST + 1 ? end : count - SHORTEST + 1;
      int length = 0, distance = 0;
      for (; at < searched; at++) {
        int32_t *const place = place_of(last, data + at);
        const int64_t before = *place;
        *place = (int32_t)at;
        if (at - before > FARTHEST || four(data + before) != four(data + at)) continue;
        distance = (int)(at - before);
        length = common(data + at, data + before, count - at < LONGEST ? (int)(count - at) : LONGEST);
        break;
      }
      if (distance == 0) at = end;
      for (int64_t i = first; i < at; i++) literal_counts[i & 1][data[i]]++;
      tokens += (int)(at - first);
      sequences[held++] = (sequence){(uint16_t)(at - first), (uint16_t)length, (uint16_t)(distance - 1)};
      if (distance == 0) break;
      tokens++;
      literal_counts[0][257 + length_code(length)]++, distance_counts[distance_code(distance)]++;
      const int64_t behind = at + length, entered = behind - at > ENTERED ? at + ENTERED : behind;
      for (at++; at < entered; at++)
        if (at + SHORTEST <= count) *place_of(last, data + at) = (int32_t)at;
      at = behind;
    }
    for (int s = 0; s < END; s++) literal_counts[0][s] += literal_counts[1][s];
    w = put_block(w, data + start, sequences, held, literal_counts[0], distance_counts, at == count);
    if (at == count) break;
  }
  if (w.count) put(&w, 0, 8 - w.count), flush(&w);
  const uint32_t sum = adler(data, count);
  for (int byte = 3; byte >= 0; byte--) *w.to++ = (uint8_t)(sum >> (8 * byte));
  return w.to - out;
}
