/*
 * Frames of a film from its key frames: resampled about the middle and cross-faded, in linear
 * light.
 *
 * A key frame is a picture of 3-byte sRGB pixels, rows from the top, with the proportions of the
 * frame. A frame that is `part` of the way from one key frame to the next shows the middle of the
 * first, 2^-part as wide, and fades the next one in from its middle outwards. The next key frame
 * shows half as much as the first one in each direction. Filter: Mitchell and Netravali,
 * "Reconstruction filters in computer graphics" (1988), B = C = 1/3. Every instruction set gives
 * the same bytes.
 */
#ifndef FMANDEL_FILM_H
#define FMANDEL_FILM_H

#include <stdint.h>

#include "fmandel/platform.h"

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

typedef struct {
  const uint8_t *rgb; /* 3 width height bytes */
  int64_t width, height;
} fmandel_picture;

/*
 * Writes a frame of width x height pixels to `rgb`, 3 bytes each.
 *
 *   key      the key frame that contains the frame: at least as wide and high, at most 8 times
 *   next     the key frame after it, of the same size; NULL if part is 0
 *   part     0 .. 1, the way from key to next, in zooms
 *   scratch  fmandel_film_scratch(...) bytes, aligned to 16
 *   cancel   polled once a row; the function stops when it is not 0; or NULL
 *
 * Returns FMANDEL_OK, FMANDEL_CANCELLED, or FMANDEL_REFUSED if an argument is out of range.
 */
int fmandel_film_frame(const fmandel_picture *key, const fmandel_picture *next, double part, int64_t width,
                       int64_t height, uint8_t *rgb, void *scratch, const int32_t *cancel);

/* Bytes of scratch memory for such a frame; -1 if an argument is out of range. */
int64_t fmandel_film_scratch(const fmandel_picture *key, int64_t width, int64_t height);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
