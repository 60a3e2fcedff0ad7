// The flags of an image, and what they request together with the file of --like. The values are
// read by the same function that reads a query of /image.png, so both allow the same.
import { readFile } from 'node:fs/promises'
import { APPEARANCE_FORMS, DEFAULT_LIGHT } from '../../colour/appearance.ts'
import { formatGradient, GRADIENT_FORM } from '../../colour/gradient.ts'
import { DEFAULT_PALETTE } from '../../colour/palettes.ts'
import { DEFAULT_STYLE } from '../../colour/style.ts'
import { Failure, mustBe } from '../../core/errors.ts'
import { PALETTE_ENDINGS, PALETTE_FILE_FORM, parsePaletteFile } from '../../formats/palettefile.ts'
import type { ImageRequest } from '../../kernel/request.ts'
import { IMAGE_FORMS, type ImageParameters, type RequestLimits, readImageRequest } from '../../render/request.ts'
import type { Flags } from '../flag.ts'
import type { readLike } from './like.ts'

/**
 * Longest side of an image, in pixels: a strip of one row, with 4 x 4 samples a pixel, is 50 MB.
 */
export const LONGEST_SIDE = 2 ** 18

/** A file that provides everything that no other flag sets. */
export const LIKE_FLAGS = {
  like: {
    kind: 'text',
    value: 'FILE',
    meaning:
      'an image that mandeltiles rendered: the new one has its parameters, except those that other flags set. ' +
      "Or another program's location: a .kfr or a .toml of Fraktaler-3. With another --width or --height it shows " +
      'the same part of the plane in more or fewer pixels, unless --zoom says otherwise',
  },
  'same-scale': {
    kind: 'switch',
    meaning: 'with --like and another size: keep the width of a pixel, and show more or less of the plane',
  },
} as const satisfies Flags

export const CENTRE_FLAGS = {
  re: {
    kind: 'text',
    value: 'RE',
    otherwise: '-0.5',
    meaning: 'real part of the centre: a decimal number of any length',
  },
  im: { kind: 'text', value: 'IM', otherwise: '0', meaning: 'imaginary part of the centre, also of any length' },
} as const satisfies Flags

export const ORIENTATION_FLAGS = {
  rotation: {
    kind: 'text',
    value: 'DEGREES',
    form: IMAGE_FORMS.rotation,
    otherwise: '0',
    meaning: 'rotates the image counter-clockwise',
  },
  mirror: {
    kind: 'text',
    value: 'true',
    form: IMAGE_FORMS.mirror,
    otherwise: 'false',
    meaning: 'shows the plane with its imaginary axis pointing down',
  },
} as const satisfies Flags

export const LIMIT_FLAG = {
  'max-iter': { kind: 'text', value: 'N', otherwise: 'auto', meaning: 'the iteration limit, or auto' },
} as const satisfies Flags

export const COLOUR_FLAGS = {
  palette: {
    kind: 'text',
    value: 'NAME',
    form: APPEARANCE_FORMS.palette,
    otherwise: DEFAULT_PALETTE,
    meaning: `the palette by name, or a file: ${PALETTE_FILE_FORM}`,
  },
  gradient: { kind: 'text', value: 'COLOURS', form: GRADIENT_FORM, meaning: 'a custom palette' },
  offset: {
    kind: 'text',
    value: 'N',
    form: APPEARANCE_FORMS.offset,
    otherwise: '0',
    meaning: 'shifts the palette by a part of its cycle',
  },
  density: {
    kind: 'text',
    value: 'N',
    form: APPEARANCE_FORMS.density,
    otherwise: '1',
    meaning: 'multiplies the number of colour cycles',
  },
  contrast: {
    kind: 'text',
    value: 'NAME',
    form: APPEARANCE_FORMS.contrast,
    otherwise: 'place',
    meaning: 'what the density of colours follows besides the zoom; in films always zoom',
  },
  aa: {
    kind: 'text',
    value: 'N',
    form: APPEARANCE_FORMS.aa,
    otherwise: '1',
    meaning: 'samples along one side of a pixel; auto takes more where they are visible',
  },
  style: {
    kind: 'text',
    value: 'NAME',
    form: APPEARANCE_FORMS.style,
    otherwise: DEFAULT_STYLE,
    meaning: 'what the colours show',
  },
  light: {
    kind: 'text',
    value: 'DEGREES',
    form: APPEARANCE_FORMS.light,
    otherwise: String(DEFAULT_LIGHT),
    meaning: 'direction of the light on slopes, from the right counter-clockwise',
  },
  levels: {
    kind: 'text',
    value: 'LIST',
    form: APPEARANCE_FORMS.levels,
    otherwise: 'those of this image',
    meaning: 'levels of the histogram style',
  },
} as const satisfies Flags

/** The flags' names are those of the query of /image.png, with dashes for underscores. */
const PARAMETERS = [
  ...['zoom', 'width', 'height', 'bits'],
  ...Object.keys({ ...CENTRE_FLAGS, ...ORIENTATION_FLAGS, ...LIMIT_FLAG, ...COLOUR_FLAGS }),
]

/** The defaults of an image on the command line. */
const DEFAULTS: ImageParameters = { zoom: '1.5' }

/** The image that flags request. @throws Failure with a message that names the flag */
export async function readImage(
  flags: Partial<Record<string, unknown>>,
  limits: RequestLimits,
  defaults: ImageParameters = DEFAULTS,
): Promise<ImageRequest> {
  const given: ImageParameters = Object.fromEntries(
    PARAMETERS.flatMap((name) => (flags[name] === undefined ? [] : [[name.replace('-', '_'), String(flags[name])]])),
  )
  const like =
    flags.like === undefined ? {} : await readLikeFile(String(flags.like), given, flags['same-scale'] === true, limits)
  if (given.palette !== undefined && isFile(given.palette)) {
    given.gradient ??= formatGradient(parsePaletteFile(await readPalette(given.palette)))
    delete given.palette
  }
  return namingFlags(() => readImageRequest({ ...defaults, ...like, ...given }, limits))
}

async function readLikeFile(...args: Parameters<typeof readLike>): Promise<ImageParameters> {
  // it loads sharp
  const like = await import('./like.ts')
  return like.readLike(...args)
}

async function readPalette(file: string): Promise<Uint8Array> {
  if (!PALETTE_ENDINGS.some((ending) => file.toLowerCase().endsWith(`.${ending}`))) {
    const form = `${PALETTE_FILE_FORM}; palettes of other programs are not read`
    throw new Failure('invalid', mustBe('--palette', `${APPEARANCE_FORMS.palette}, or ${form}`, file))
  }
  return await readFile(file).catch((cause) => {
    throw new Failure('invalid', mustBe('--palette', 'a name, or a file that can be read', file), { cause })
  })
}

// no palette has a point in its name
function isFile(name: string): boolean {
  return name.includes('.')
}

/** The result of `read`; in errors parameters are renamed to flags. */
export function namingFlags<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    throw new Failure(error.code, `--${error.message.replace(/^max_/, 'max-')}`)
  }
}
