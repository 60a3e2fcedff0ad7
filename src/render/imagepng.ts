// An image as a PNG, from its strips.

import { isIndexed } from '../colour/appearance.ts'
import { colourTable } from '../colour/palette.ts'
import type { ImageFormat } from '../formats/format.ts'
import { EMPTY, join, pngHead, pngTail } from '../formats/png/strips.ts'
import type { ImageRequest } from '../kernel/request.ts'
import type { PixelKind } from '../kernel/task.ts'
import { writeImageRequest } from './request.ts'
import type { Strip } from './strips.ts'

const LOSSLESS: ImageFormat[] = ['png', 'tiff']

/**
 * The pixels of an image's PNG. Lossy formats get true colour, because it needs no dithering, which
 * costs many bytes there.
 */
export function pixelKind({ bits, appearance }: ImageRequest, format: ImageFormat): PixelKind {
  if (bits === 16) return 'rgb16'
  return LOSSLESS.includes(format) && isIndexed(appearance) ? 'index8' : 'rgb8'
}

/** The first bytes of an image's PNG: its size, its colours, and how it was made. */
export function imageHead(request: ImageRequest, format: ImageFormat): Buffer {
  const kind = pixelKind(request, format)
  const palette = kind === 'index8' ? colourTable(request.appearance) : undefined
  return pngHead(request.width, request.height, kind, palette, writeImageRequest(request))
}

/** The pieces of an image's PNG, one after the other. */
export async function* pngPieces(
  request: ImageRequest,
  format: ImageFormat,
  strips: AsyncIterable<Strip>,
): AsyncGenerator<Uint8Array> {
  yield imageHead(request, format)
  let sum = EMPTY
  for await (const strip of strips) {
    sum = join(sum, strip.sum!)
    yield strip.bytes
  }
  yield pngTail(sum)
}
