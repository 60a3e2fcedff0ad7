// How much memory a render takes, in bytes: conservative estimates from measurements. Each render
// reserves that much before it starts.

import { AVIF_WHOLE } from '../formats/avifgrid.ts'
import { LARGE_ENCODE } from '../formats/encoderprocess.ts'
import type { ImageFormat } from '../formats/format.ts'
import { OPTIMAL } from '../formats/sharp.ts'
import type { PixelKind } from '../kernel/task.ts'

/** Samples of a tile that need no reserve, because each thread has room for them. */
const SMALL = 2 ** 18

/**
 * A sample of a tile at most: its count, three times in double and once in single precision, a
 * vector and its shade in single precision, and two indices.
 */
const SAMPLE_BYTES = 42

/** A pixel of a PNG in memory, at most: if compression saves nothing. */
const PIXEL_BYTES: Record<PixelKind, number> = { index8: 1, rgb8: 3, rgb16: 6 }

/**
 * Bytes that sharp takes for a pixel, besides the PNG. Peaks over 2048 x 2048 and 4096 x 4096
 * pixels: WebP 9.5 and 7.4, JPEG with optimal codes 12.9, TIFF 2.5 and 1.3, AVIF as a whole 21.7.
 */
const ENCODER_BYTES: Record<ImageFormat, number> = { png: 0, jpg: 3, webp: 8, tiff: 3, avif: 3 }
/**
 * Further bytes for each of the first pixels, or for each of a picture that is encoded as a whole.
 */
const WHOLE_BYTES: Partial<Record<ImageFormat, { pixels: number; each: number }>> = {
  jpg: { pixels: OPTIMAL, each: 13 },
  webp: { pixels: OPTIMAL, each: 2 },
  avif: { pixels: AVIF_WHOLE, each: 22 },
}

/** Bytes of the process that encodes a large picture, besides its pixels. */
const ENCODER_PROCESS = 60 * 2 ** 20

/** An AVIF of 8192 x 8192 took 275 MB in all, the process included; TIFF and JPEG less. */
const FILE_BYTES = 2 ** 27

export function tileFootprint(samples: number): number {
  return samples <= SMALL ? 0 : samples * SAMPLE_BYTES
}

/** The strips of a grid, then the complete answer; `each` is the size of a sample in its format. */
export function gridFootprint(samples: number, each: number): number {
  return 2 * samples * each
}

export function imageFootprint(pixels: number, kind: PixelKind, format: ImageFormat): number {
  const depth = kind === 'rgb16' ? 2 : 1
  const whole = WHOLE_BYTES[format]
  const encoder = ENCODER_BYTES[format] * pixels + (whole ? whole.each * Math.min(pixels, whole.pixels) : 0)
  const alone = pixels >= LARGE_ENCODE && format !== 'png' && format !== 'avif' ? ENCODER_PROCESS : 0
  return Math.ceil(PIXEL_BYTES[kind] * pixels + depth * encoder) + alone
}

/** An image sent from a temporary file, which is made from a PNG there, part by part. */
export function fileFootprint(pixels: number, kind: PixelKind, format: ImageFormat): number {
  return format === 'webp' ? imageFootprint(pixels, kind, format) : FILE_BYTES
}

/**
 * An iterate of an orbit that a task computes for itself: two doubles, their remainders, and its
 * share of the list of tiny iterates.
 */
const ITERATE_BYTES = 36

/** An iterate as JavaScript numbers, besides their bits. */
const NUMBERS_BYTES = 200

/** An orbit, and beside it a copy of one and a half times the size while it grows. */
export function orbitsFootprint(length: number): number {
  return 2.5 * length * ITERATE_BYTES
}

/** An orbit whose iterates are kept in full precision. */
export function numbersFootprint(length: number, bits: number): number {
  return length * (2 * Math.ceil(bits / 8) + NUMBERS_BYTES)
}
