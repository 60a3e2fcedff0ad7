// What the flags of `render` and `zoom` say of a picture, together with the file that --like names.
import { open, readFile } from 'node:fs/promises'
import sharp from 'sharp'
import { formatGradient } from '../colour/gradient.ts'
import { Failure, mustBe } from '../core/errors.ts'
import type { Options } from '../core/options.ts'
import { parseLocationFile } from '../formats/locationfile.ts'
import { PALETTE_FILES, parsePaletteFile } from '../formats/palettefile.ts'
import { readMetadata } from '../formats/png/metadata.ts'
import type { ImageRequest } from '../kernel/request.ts'
import { formatDecimal } from '../plane/decimal.ts'
import { IMAGE_DEFAULTS, type ImageParameters, readImageRequest } from '../render/request.ts'

/** Flags that are a picture's parameters, but for the dash in place of the underscore. */
const PARAMETERS = [
  ...['re', 'im', 'zoom', 'rotation', 'width', 'height', 'bits', 'max-iter'],
  ...['palette', 'gradient', 'offset', 'density', 'aa', 'style', 'light', 'levels'],
]

/** A picture's flags, all of them texts, and --like; `more` beside them. */
export function pictureFlags(more: string[]) {
  return Object.fromEntries(['like', ...PARAMETERS, ...more].map((name) => [name, { type: 'string' as const }]))
}

/** What a picture is by default on the command line. */
const DEFAULTS: ImageParameters = { zoom: '1.5' }

type Limits = Pick<Options, 'max-zoom' | 'max-digits' | 'max-image' | 'max-iterations'>

/** The picture that flags ask for. @throws Failure with a sentence that names the flag */
export async function readPicture(
  flags: ImageParameters,
  limits: Limits,
  defaults: ImageParameters = DEFAULTS,
): Promise<ImageRequest> {
  const said = PARAMETERS.flatMap((name) => (flags[name] === undefined ? [] : [[name.replace('-', '_'), flags[name]]]))
  const given: ImageParameters = Object.fromEntries(said)
  const like = flags.like === undefined ? {} : await readLike(flags.like, given.height)
  if (given.palette !== undefined && isPaletteFile(given.palette)) {
    given.gradient ??= formatGradient(parsePaletteFile(await readPalette(given.palette)))
    delete given.palette
  }
  return asFlags(() => readImageRequest({ ...defaults, ...like, ...given }, limits))
}

async function readPalette(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause) => {
    throw new Failure('invalid', mustBe('--palette', 'a name, or a file that can be read', file), { cause })
  })
}

function isPaletteFile(name: string): boolean {
  return PALETTE_FILES.some((ending) => name.toLowerCase().endsWith(`.${ending}`))
}

/** What `read` gives; what it refuses by a parameter's name is refused by the flag's. */
function asFlags<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    throw new Failure(error.code, `--${error.message.replace(/^max_/, 'max-')}`)
  }
}

/** The parameters that a file holds: a picture's imprint, or another program's place, for a picture of this height. */
async function readLike(file: string, height: string | undefined): Promise<ImageParameters> {
  if (/\.(kfr|toml)$/i.test(file)) {
    const place = parseLocationFile(await readFile(file, 'utf8'), { height: Number(height ?? IMAGE_DEFAULTS.height) })
    const { maxIter, re, im, zoom } = place
    return {
      re: formatDecimal(re),
      im: formatDecimal(im),
      zoom: String(zoom),
      ...(maxIter === undefined ? {} : { max_iter: String(maxIter) }),
    }
  }
  const xmp = await sharp(file, { limitInputPixels: false })
    .metadata()
    .then(({ xmp }) => xmp?.toString())
    .catch(() => undefined)
  const metadata = readMetadata(await beginning(file), xmp)
  if (metadata) return metadata
  throw new Failure('invalid', mustBe('--like', 'a picture that mandeltiles rendered, a .kfr or a .toml', file))
}

// the chunks before a PNG's pixels: coordinates of a hundred thousand digits fit, in the address too
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
