// The file of --like: an image that contains its parameters, or another program's location file.
import { open, readFile } from 'node:fs/promises'
import sharp from 'sharp'
import { Failure, mustBe } from '../../core/errors.ts'
import { readComment } from '../../formats/comment.ts'
import { type LocationFile, parseLocationFile } from '../../formats/locationfile.ts'
import { readMetadata } from '../../formats/png/metadata.ts'
import { decodeText } from '../../formats/text.ts'
import { formatDecimal } from '../../plane/decimal.ts'
import { IMAGE_DEFAULTS, type ImageParameters, LEAST_ZOOM, type RequestLimits } from '../../render/request.ts'
import { unreadable } from './files.ts'
import { withinLimit } from './limit.ts'

const FORM = 'a picture that mandeltiles rendered, a .kfr or a .toml'
const LOCATION = /\.(kfr|toml)$/i

/**
 * The parameters in a file, for an image of the size in `given`. It shows the part of the plane
 * that the file shows, in more or fewer pixels; with `sameScale`, its pixels are as wide as those
 * of the file, so it shows more or less.
 */
export async function readLike(
  file: string,
  given: ImageParameters,
  sameScale: boolean,
  limits: RequestLimits,
): Promise<ImageParameters> {
  const found = await contentOf(file)
  if (typeof found !== 'string') return sameScale ? found : resized(found, given)
  try {
    // a location has a height in the plane, but not in pixels
    const { height = IMAGE_DEFAULTS.height } = sameScale ? {} : given
    const options = { height: Number(height), maxDigits: limits['max-digits'] }
    return parametersOf(parseLocationFile(found, options), file, limits)
  } catch (error) {
    throw error instanceof Failure ? new Failure(error.code, `--like ${file}: ${error.message}`) : error
  }
}

/**
 * An image's parameters for another size. All that it shows remains visible, whatever the shape of
 * the new one. A missing side follows the shape of the image; a zoom flag replaces the image's
 * zoom.
 */
function resized(image: ImageParameters, { width, height, zoom }: ImageParameters): ImageParameters {
  if (zoom !== undefined || (width === undefined && height === undefined)) return image
  const [ownWidth, ownHeight] = [Number(image.width), Number(image.height)]
  const ratio = Math.min(
    ...[Number(width) / ownWidth, Number(height) / ownHeight].filter((ratio) => !Number.isNaN(ratio)),
  )
  // an invalid size is refused where flags are read
  if (!(ratio > 0 && ratio < Number.POSITIVE_INFINITY)) return image
  const side = (own: number) => String(Math.max(1, Math.round(own * ratio)))
  return {
    ...image,
    width: width ?? side(ownWidth),
    height: height ?? side(ownHeight),
    zoom: String(Number(image.zoom) + Math.log2(ratio)),
  }
}

/** An image's parameters, or the text of a location. */
async function contentOf(file: string): Promise<ImageParameters | string> {
  try {
    return LOCATION.test(file) ? decodeText(await readFile(file)) : await readImageFile(file)
  } catch (cause) {
    if (cause instanceof Failure) throw cause
    throw unreadable('--like', FORM, file, cause)
  }
}

function parametersOf(location: LocationFile, file: string, limits: RequestLimits): ImageParameters {
  const { re, im, zoom, maxIter, rotation, mirror } = location
  const [least, most] = [LEAST_ZOOM, limits['max-zoom']]
  if (zoom < least || zoom > most) {
    throw new Failure(
      'invalid',
      `the zoom must be from ${least} to ${most}, its magnification leads to ${zoom.toFixed(2)}`,
    )
  }
  return {
    re: formatDecimal(re),
    im: formatDecimal(im),
    zoom: String(zoom),
    ...(rotation !== undefined && { rotation: String(rotation) }),
    ...(mirror !== undefined && { mirror: String(mirror) }),
    ...(maxIter !== undefined && { max_iter: String(withinLimit(maxIter, file, limits)) }),
  }
}

/**
 * What an image contains: its parameters, or a location that another program put into it.
 */
async function readImageFile(file: string): Promise<ImageParameters | string> {
  const bytes = await beginning(file)
  const xmp = await sharp(file, { limitInputPixels: false })
    .metadata()
    .then(({ xmp }) => xmp?.toString())
    .catch(() => undefined)
  const found = readMetadata(bytes, xmp) ?? (await readComment(file))
  if (found !== undefined) return found
  throw new Failure('invalid', mustBe('--like', FORM, file))
}

// the chunks before the pixels of a PNG, with two coordinates of a hundred thousand digits, twice
const BEGINNING = 2 ** 20

async function beginning(path: string): Promise<Uint8Array> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(BEGINNING), 0, BEGINNING, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}
