// An image written to a file strip by strip, so memory use does not depend on its size. It can be
// continued after an interruption. PNG and .npy are written as the strips come. sharp makes other
// formats from the finished PNG, file to file: libvips reads it row by row, and writes TIFF and
// JPEG likewise. An AVIF is a grid of tiles (formats/avifgrid.ts). The WebP encoder holds the whole
// image, so its size is limited, and only one is encoded at a time.
import { open, rm } from 'node:fs/promises'
import sharp, { type Sharp } from 'sharp'
import { Failure, mustBe } from '../core/errors.ts'
import { RENDERER_VERSION } from '../core/version.ts'
import { AVIF_WHOLE } from '../formats/avifgrid.ts'
import { encodeAlone, LARGE_ENCODE } from '../formats/encoderprocess.ts'
import { type ImageFormat, LARGE } from '../formats/format.ts'
import { npyHeader } from '../formats/npy.ts'
import { EMPTY, join, pngTail } from '../formats/png/strips.ts'
import { encoderOf, encodeTiles } from '../formats/sharp.ts'
import type { ImageRequest } from '../kernel/request.ts'
import type { Checksum, StripKind } from '../kernel/task.ts'
import { imageHead, pixelKind } from '../render/imagepng.ts'
import { writeImageRequest } from '../render/request.ts'
import type { OnProgress, PreparedImage, Strip, StripSource } from '../render/strips.ts'
import type { TaskOptions } from '../scheduler/ticket.ts'
import { ResumableFile } from './resumable.ts'

/** The kinds of files: a picture, or the smooth iteration counts as a NumPy array. */
export type FileFormat = ImageFormat | 'npy'

export interface FileOptions {
  /** of the counts in a .npy */
  precision?: 'float32' | 'float64'
  /** continue an interrupted file? */
  resume?: boolean
  /** called with a message if the interrupted file is damaged */
  onDamage?: ((sentence: string) => void) | undefined
  onProgress?: OnProgress
}

type Note = { sum?: Checksum | undefined; limit: number }

/**
 * Writes an image to a file.
 * @returns the highest iteration limit that was used
 * @throws Failure `invalid` if the format cannot hold it, or the part to continue belongs to
 * another image
 */
export async function writeImageFile<S extends Pick<PreparedImage, 'count'>>(
  images: StripSource<S>,
  request: ImageRequest,
  file: string,
  format: FileFormat,
  taskOptions: TaskOptions,
  { precision = 'float64', resume = false, onDamage, onProgress }: FileOptions = {},
): Promise<number> {
  holds(request, format)
  const kind = format === 'npy' ? precision : pixelKind(request, format)
  const part = await ResumableFile.open<Note>(file, describe(request, kind), { resume, onDamage })
  try {
    const [first, ...strips] = part.notes
    if (!first) await part.append(format === 'npy' ? npyHead(request, kind) : imageHead(request, format), { limit: 0 })
    let sum = strips.reduce((sum, { sum: next }) => (next ? join(sum, next) : sum), EMPTY)
    let limit = Math.max(0, ...strips.map(({ limit }) => limit))
    const image = await images.open(request, kind, taskOptions)
    const take = async ({ bytes, sum: next, limit: held }: Strip) => {
      if (next) sum = join(sum, next)
      limit = Math.max(limit, held)
      await part.append(bytes, { ...(next && { sum: next }), limit: held })
    }
    // the part may already end with the tail of the PNG
    for await (const strip of images.strips(image, Math.min(strips.length, image.count), taskOptions, onProgress))
      await take(strip)
    if (format !== 'npy' && strips.length <= image.count) await part.append(pngTail(sum), { limit: 0 })
    await part.finish(
      file,
      format === 'png' || format === 'npy'
        ? undefined
        : (from, to) => convert(request, format, from, to, taskOptions.signal),
    )
    return limit
  } catch (error) {
    await part.close()
    throw error
  }
}

/** Converts the PNG of an image to another format. */
async function convert(
  request: ImageRequest,
  format: ImageFormat,
  from: string,
  to: string,
  signal: AbortSignal,
): Promise<void> {
  const pixels = request.width * request.height
  const picture = sharp(from, { limitInputPixels: false, sequentialRead: true })
  if (format === 'avif' && pixels > AVIF_WHOLE) return tile(request, picture, to, signal)
  const metadata = writeImageRequest(request)
  const write = (): Promise<unknown> =>
    pixels < LARGE_ENCODE
      ? encoderOf(picture, format, metadata, pixels).toFile(to)
      : encodeAlone({ format, metadata, pixels, files: { from, to } }, undefined, signal)
  await (format === 'webp' && pixels > LARGE ? alone(write) : write()).catch((cause) => {
    if (cause instanceof Failure || signal.aborted) throw cause
    // the first partition of a WebP has a limited size, and a large detailed image may exceed it
    const why = (cause as Error).message.split('\n')[0]
    throw new Failure(
      'invalid',
      `this image could not be written as a ${format} (${why}); a png or a tiff can hold it`,
      {
        cause,
      },
    )
  })
}

// one at a time, because it holds a whole large image
let last: Promise<unknown> = Promise.resolve()
function alone<T>(work: () => Promise<T>): Promise<T> {
  const mine = last.then(work)
  last = mine.catch(() => {})
  return mine
}

// A PNG can only be read from its beginning, but a tiled TIFF anywhere: the tiles of an AVIF are
// cut out of a temporary TIFF.
async function tile(request: ImageRequest, picture: Sharp, to: string, signal: AbortSignal): Promise<void> {
  const parts = `${to}.tiles`
  try {
    await picture
      .tiff({ compression: 'deflate', predictor: 'horizontal', tile: true, tileWidth: 256, tileHeight: 256 })
      .toFile(parts)
    const file = await open(to, 'w')
    const put = (bytes: Uint8Array, at: number) => file.write(bytes, 0, bytes.length, at)
    const part = () => sharp(parts, { limitInputPixels: false })
    await encodeTiles(part, request, writeImageRequest(request), put, signal).finally(() => file.close())
  } finally {
    await rm(parts, { force: true })
  }
}

/**
 * Longest sides in pixels, as limited by the WebP format, by libjpeg, and by browsers that read
 * AVIF.
 */
const SIDES: Partial<Record<FileFormat, number>> = { webp: 16_383, avif: 16_384, jpg: 65_500 }
/** The encoder holds about nine bytes of each pixel: 600 MB. */
const WEBP_PIXELS = 8192 ** 2

/** @throws Failure `invalid` if a format cannot hold an image; it names the value */
export function holds({ width, height, bits = 8, appearance }: ImageRequest, format: FileFormat): void {
  const refuse = (name: string, form: string, was: unknown) => {
    throw new Failure('invalid', mustBe(name, `${form} in a ${format}`, was))
  }
  const most = SIDES[format] ?? Number.POSITIVE_INFINITY
  if (width > most) refuse('width', `at most ${most}`, width)
  if (height > most) refuse('height', `at most ${most}`, height)
  if (format === 'webp' && width * height > WEBP_PIXELS) {
    refuse('width · height', `at most ${WEBP_PIXELS}`, width * height)
  }
  if (bits === 16 && format !== 'png' && format !== 'tiff') refuse('bits', '8', bits)
  if (format === 'npy' && appearance.aa !== 1) refuse('aa', '1', appearance.aa)
}

// everything that affects the part file
function describe(request: ImageRequest, kind: StripKind): string {
  return `${new URLSearchParams(writeImageRequest(request))} as ${kind}, version ${RENDERER_VERSION}`
}

function npyHead({ width, height }: ImageRequest, kind: StripKind): Buffer {
  return npyHeader(kind === 'float32' ? '<f4' : '<f8', height, width)
}
