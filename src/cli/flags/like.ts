// The file that --like names: an image with the parameters that it was rendered with, or the
// location of another program.
import { open, readFile } from 'node:fs/promises'
import sharp from 'sharp'
import { Failure, mustBe } from '../../core/errors.ts'
import { parseLocationFile } from '../../formats/locationfile.ts'
import { readMetadata } from '../../formats/png/metadata.ts'
import { formatDecimal } from '../../plane/decimal.ts'
import { IMAGE_DEFAULTS, type ImageParameters } from '../../render/request.ts'
import { unreadable } from './files.ts'

const FORM = 'a picture that mandeltiles rendered, a .kfr or a .toml'

/**
 * The parameters in a file.
 * @param height of the image to be rendered: a location says how tall it is in the plane only
 */
export async function readLike(file: string, height: string | undefined): Promise<ImageParameters> {
  try {
    return /\.(kfr|toml)$/i.test(file) ? await readLocation(file, height) : await readImageFile(file)
  } catch (cause) {
    if (cause instanceof Failure) throw cause
    throw unreadable('--like', FORM, file, cause)
  }
}

async function readLocation(file: string, height = IMAGE_DEFAULTS.height): Promise<ImageParameters> {
  const { maxIter, re, im, zoom } = parseLocationFile(await readFile(file, 'utf8'), { height: Number(height) })
  return {
    re: formatDecimal(re),
    im: formatDecimal(im),
    zoom: String(zoom),
    ...(maxIter === undefined ? {} : { max_iter: String(maxIter) }),
  }
}

async function readImageFile(file: string): Promise<ImageParameters> {
  const bytes = await beginning(file)
  const xmp = await sharp(file, { limitInputPixels: false })
    .metadata()
    .then(({ xmp }) => xmp?.toString())
    .catch(() => undefined)
  const metadata = readMetadata(bytes, xmp)
  if (metadata) return metadata
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
