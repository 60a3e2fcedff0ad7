/*
 * Frames of a film from its key frames: resampled about the middle, cross-faded, in linear light.
 *
 * A key frame is a picture of 3-byte sRGB pixels, rows from the top, as wide in proportion as the frame. A frame that
 * is `part` of the way from one key frame to the next shows the middle of the first, 2^-part as wide, and fades the
 * next one in from its middle outwards; the next key frame shows half of what the first one shows, a side.
 * Filter: Mitchell and Netravali, "Reconstruction filters in computer graphics" (1988), B = C = 1/3.
 * The bytes are the same on every instruction set.
 */
#ifndef FMANDEL_FILM_H
#define FMANDEL_FILM_H

#include <stdint.h>

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
 *   key      the key frame that the frame lies in, at least as wide and high as the frame, at most 8 times
 *   next     the key frame after it, of the same size; NULL where part is 0
 *   part     0 .. 1, the way from key to next, in zooms
 *   scratch  fmandel_film_scratch(...) bytes, aligned to 16
 *   cancel   polled once a row: not 0 stops; or NULL
 *
 * Returns FMANDEL_OK, FMANDEL_CANCELLED, or FMANDEL_REFUSED where an argument is out of range.
 */
int fmandel_film_frame(const fmandel_picture *key, const fmandel_picture *next, double part, int64_t width,
                       int64_t height, uint8_t *rgb, void *scratch, const int32_t *cancel);

/* bytes of scratch memory for such a frame; -1 where an argument is out of range */
int64_t fmandel_film_scratch(const fmandel_picture *key, int64_t width, int64_t height);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
