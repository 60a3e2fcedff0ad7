/*
 * A frame of a film from one or two key frames, row by row. The source rows that make up a row of
 * the frame are in a ring, as linear light, each converted once. They are summed down the columns
 * first, where neighbouring numbers are adjacent, which compilers turn into vectors; and then along
 * the row, a pixel's three channels at a time.
 *
 * Everything is single precision: linear light in 24 bits is 16 times finer than the closest two
 * values of sRGB. No sum is reordered and no multiply-add is fused, so all instruction sets give
 * the same bytes.
 */
#include "fmandel/film.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "cancel.h"
#include "fmandel/status.h"

/*
 * A key frame's pixels along a frame's pixel. The next key frame shows half as much, so its pixels
 * are half as wide.
 */
enum { MOST_FINER = 8, MOST_TAPS = 4 * 2 * MOST_FINER + 1 };

/*
 * cells of the table that finds the value of a light, finer than the values are apart: at least
 * 1/3295 of full light
 */
enum { SRGB_CELLS = 4096 };

/* sRGB (IEC 61966-2-1) and linear light, 0 to 1 */
typedef struct {
  float light[256]; /* of each value */
  float middle[256]; /* the least light that rounds to the next value; above 1 for the last */
  uint8_t below[SRGB_CELLS + 1]; /* a value, at most one less than the nearest */
} srgb;

/* one picture on its way to the rows of a frame */
typedef struct {
  const fmandel_picture *source;
  const float *light;
  int64_t width, height; /* the frame's */
  double scale; /* the source's pixels along one of the frame's */
  int64_t x0, x1, y0, y1; /* the region of the frame that is wanted */
  int count; /* taps along either axis */
  /* the source's columns that the region needs; they may lie beyond its border */
  int64_t left, columns;
  int64_t stride; /* floats between the ring's rows */
  int64_t held[MOST_TAPS]; /* the source's row in each slot of the ring */
  int64_t *first; /* for each of the region's columns, its first tap, counted from left */
  float *weights, *ring, *sum;
} resampler;

static double to_light(double value) {
  const double s = value / 255;
  return s <= 0.04045 ? s / 12.92 : pow((s + 0.055) / 1.055, 2.4);
}

/*
 * Some 500 powers: a thousandth of a frame's time. Rounded to single precision they are the same
 * with every libm.
 */
static void fill_tables(srgb *tables) {
  for (int value = 0; value < 256; value++) {
    tables->light[value] = (float)to_light(value);
    tables->middle[value] = value < 255 ? (float)to_light(value + 0.5) : 2;
  }
  for (int cell = 0, value = 0; cell <= SRGB_CELLS; cell++) {
    while ((float)cell / SRGB_CELLS >= tables->middle[value]) value++;
    tables->below[cell] = (uint8_t)value;
  }
}

typedef float v4 __attribute__((vector_size(16)));

/*
 * The filter of Mitchell and Netravali (1988) with B = C = 1/3, which reaches 2 pixels of the
 * result.
 */
static double mitchell(double distance) {
  const double x = fabs(distance);
  if (x >= 2) return 0;
  if (x >= 1) return (((-7.0 / 3 * x + 12) * x - 20) * x) / 6 + 16.0 / 9;
  return ((7 * x - 12) * x * x + 16.0 / 3) / 6;
}

/*
 * The source pixels that make up pixel `at` of `pixels`: returns the first of `count`, and the
 * weight of each.
 */
static int64_t taps(int64_t size, int64_t pixels, double scale, int64_t at, int count, float *weights) {
  /* pixel centres are at halves */
  const double centre = ((double)at + 0.5 - 0.5 * (double)pixels) * scale + 0.5 * (double)size - 0.5;
  const int64_t first = (int64_t)ceil(centre - 2 * scale);
  double sum = 0, own[MOST_TAPS];
  for (int k = 0; k < count; k++) sum += own[k] = mitchell(((double)(first + k) - centre) / scale);
  for (int k = 0; k < count; k++) weights[k] = (float)(own[k] / sum);
  return first;
}

static int64_t clamp(int64_t at, int64_t size) { return at < 0 ? 0 : at >= size ? size - 1 : at; }

/*
 * The window of a source's columns that a region needs, as light, with its border repeated beyond
 * the source's own.
 */
static void convert_row(const resampler *r, int64_t row, float *restrict light) {
  const uint8_t *restrict rgb = r->source->rgb + 3 * r->source->width * clamp(row, r->source->height);
  const int64_t left = r->left, end = r->left + r->columns;
  int64_t column = left;
  for (; column < 0 && column < end; column++, light += 3)
    for (int c = 0; c < 3; c++) light[c] = r->light[rgb[c]];
  const int64_t inside = end < r->source->width ? end : r->source->width;
  const uint8_t *restrict from = rgb + 3 * column;
  for (int64_t k = 0; k < 3 * (inside - column); k++) light[k] = r->light[from[k]];
  if (inside > column) light += 3 * (inside - column), column = inside;
  const uint8_t *const last = rgb + 3 * (r->source->width - 1);
  for (; column < end; column++, light += 3)
    for (int c = 0; c < 3; c++) light[c] = r->light[last[c]];
}

/* Row y of the frame, from column x0 to below x1, as light. */
static void resample_row(resampler *r, int64_t y, float *restrict out) {
  float weights[MOST_TAPS];
  const int64_t first = taps(r->source->height, r->height, r->scale, y, r->count, weights), floats = 3 * r->columns;
  float *restrict sum = r->sum;
  for (int k = 0; k < r->count; k++) {
    const int64_t slot = ((first + k) % r->count + r->count) % r->count;
    float *row = r->ring + slot * r->stride;
    if (r->held[slot] != first + k) {
      convert_row(r, first + k, row);
      r->held[slot] = first + k;
    }
    const float *restrict light = row;
    const float weight = weights[k];
    if (k == 0)
      for (int64_t i = 0; i < floats; i++) sum[i] = weight * light[i];
    else
      for (int64_t i = 0; i < floats; i++) sum[i] += weight * light[i];
  }
  for (int64_t x = 0; x < r->x1 - r->x0; x++) {
    const float *from = sum + 3 * r->first[x], *own = r->weights + x * r->count;
    v4 pixel = {0};
    for (int k = 0; k < r->count; k++) {
      v4 light;
      /* three channels, and one number that is not used */
      memcpy(&light, from + 3 * k, sizeof light);
      pixel += own[k] * light;
    }
    for (int c = 0; c < 3; c++) out[3 * x + c] = pixel[c];
  }
}

/* The integer value nearest to each light. */
static void values_of(const srgb *tables, const float *restrict light, int64_t count, uint8_t *restrict values) {
  for (int64_t i = 0; i < count; i++) {
    float l = light[i];
    l = l < 0 ? 0 : l;
    l = l > 1 ? 1 : l;
    const uint8_t value = tables->below[(int)(l * SRGB_CELLS)];
    values[i] = (uint8_t)(value + (l >= tables->middle[value]));
  }
}

/* row += share (over - row); the share falls off towards the border of the inner key frame */
static void blend(float *restrict row, const float *restrict over, int64_t columns, float strength, float border,
                  float vertical) {
  for (int64_t x = 0; x < columns; x++) {
    const int64_t side = x < columns - 1 - x ? x : columns - 1 - x;
    const float inside = ((float)side < vertical ? (float)side : vertical) + 0.5f, part = inside / border;
    const float share = strength * (part < 1 ? part : 1);
    for (int c = 0; c < 3; c++) row[3 * x + c] += share * (over[3 * x + c] - row[3 * x + c]);
  }
}

static int64_t aligned(int64_t bytes) { return (bytes + 15) / 16 * 16; }

/*
 * the window's columns are at most the source's, and what the first and the last pixel's taps reach
 * beyond
 */
static int64_t resampler_bytes(int64_t source_width, int64_t width, double scale) {
  const int64_t count = (int64_t)ceil(4 * scale) + 1;
  const int64_t columns = (int64_t)ceil((double)width * scale) + 2 * count;
  const int64_t stride = (3 * (columns > source_width ? columns : source_width) + 7) / 4 * 4;
  return aligned(8 * width) + aligned(4 * width * count) + 4 * stride * (count + 1);
}

static int valid(const fmandel_picture *key, int64_t width, int64_t height) {
  return width >= 1 && height >= 1 && key->width >= width && key->height >= height &&
         key->width <= MOST_FINER * width && key->width <= INT32_MAX && key->height <= INT32_MAX;
}

int64_t fmandel_film_scratch(const fmandel_picture *key, int64_t width, int64_t height) {
  if (!valid(key, width, height)) return -1;
  const double finer = (double)key->width / (double)width;
  return aligned(sizeof(srgb)) + 2 * aligned(12 * width) + resampler_bytes(key->width, width, finer) +
         resampler_bytes(key->width, width, 2 * finer);
}

/*
 * Prepares the columns' taps. `room` is where the rings, weights and sums go. Returns the place
 * behind them.
 */
static char *open_resampler(resampler *r, char *room) {
  const int64_t wide = r->x1 - r->x0;
  r->count = (int)ceil(4 * r->scale) + 1;
  for (int k = 0; k < r->count; k++) r->held[k] = INT64_MIN;
  r->first = (int64_t *)room;
  room += aligned(8 * wide);
  r->weights = (float *)room;
  for (int64_t x = 0; x < wide; x++)
    r->first[x] = taps(r->source->width, r->width, r->scale, r->x0 + x, r->count, r->weights + x * r->count);
  r->left = r->first[0];
  r->columns = r->first[wide - 1] + r->count - r->left;
  for (int64_t x = wide - 1; x >= 0; x--) r->first[x] -= r->left;
  room += aligned(4 * wide * r->count);
  /* one number more than the pixels have, because the last load reads it */
  r->stride = (3 * r->columns + 7) / 4 * 4;
  r->sum = (float *)room;
  memset(r->sum, 0, 4 * (size_t)r->stride);
  r->ring = r->sum + r->stride;
  return (char *)(r->ring + r->count * r->stride);
}

/*
 * the part of the shorter side over which the inner key frame's border fades, when it begins to
 * show
 */
#define BORDER (1.0 / 6)

int fmandel_film_frame(const fmandel_picture *key, const fmandel_picture *next, double part, int64_t width,
                       int64_t height, uint8_t *rgb, void *scratch, const int32_t *cancel) {
  if (!valid(key, width, height) || !(part >= 0 && part <= 1)) return FMANDEL_REFUSED;
  if (next ? next->width != key->width || next->height != key->height : part > 0) return FMANDEL_REFUSED;
  srgb *const tables = scratch;
  fill_tables(tables);
  char *room = (char *)scratch + aligned(sizeof *tables);
  const double finer = (double)key->width / (double)width;
  resampler outer = {.source = key, .light = tables->light, .width = width, .height = height,
                     .scale = finer * exp2(-part), .x1 = width, .y1 = height};
  room = open_resampler(&outer, room);
  float *row = (float *)room;
  room += aligned(12 * width);
  float *over = (float *)room;
  room += aligned(12 * width);

  resampler inner = {.y0 = height, .y1 = height};
  const double share = exp2(part - 1); /* of the frame's side that the next key frame covers */
  const float strength = (float)(part * part * (3 - 2 * part));
  const float border = (float)(BORDER * (double)(width < height ? width : height) * (1 - part) + 1);
  if (next && part > 0) {
    const int64_t left = (int64_t)ceil((double)width * (1 - share) / 2);
    const int64_t top = (int64_t)ceil((double)height * (1 - share) / 2);
    inner = (resampler){.source = next, .light = tables->light, .width = width, .height = height,
                        .scale = finer * exp2(1 - part), .x0 = left, .x1 = width - left, .y0 = top, .y1 = height - top};
    if (inner.x1 > inner.x0 && inner.y1 > inner.y0) open_resampler(&inner, room);
    else inner.y0 = inner.y1 = height;
  }
  for (int64_t y = 0; y < height; y++) {
    if (cancelled(cancel)) return FMANDEL_CANCELLED;
    resample_row(&outer, y, row);
    if (y >= inner.y0 && y < inner.y1) {
      resample_row(&inner, y, over);
      const int64_t above = y - inner.y0, below = inner.y1 - 1 - y;
      blend(row + 3 * inner.x0, over, inner.x1 - inner.x0, strength, border, (float)(above < below ? above : below));
    }
    values_of(tables, row, 3 * width, rgb + 3 * width * y);
  }
  return FMANDEL_OK;
}
