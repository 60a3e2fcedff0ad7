import { readFile, writeFile } from 'node:fs/promises'
import { extname } from 'node:path'
import sharp from 'sharp'
import type { Command } from '../cli.ts'
import { formatDecimal } from '../decimal.ts'
import { PICTURE_FORMATS, type PictureFormat } from '../encode.ts'
import { Failure, mustBe } from '../errors.ts'
import { GRADIENT_FORM } from '../gradient.ts'
import { readImprint } from '../imprint.ts'
import { DEFAULT_LIGHT, LOOK_FORMS } from '../look.ts'
import { type OptionName, resolveOptions } from '../options.ts'
import { DEFAULT_PALETTE } from '../palettes.ts'
import { parsePlaceFile } from '../placefile.ts'
import { Renderer } from '../renderer.ts'
import { readStill, STILL_DEFAULTS, type StillText } from '../still.ts'
import { DEFAULT_STYLE } from '../style.ts'
import { describeOptions, optionFlags, readFlags } from './flags.ts'
import { showProgress } from './progress.ts'

const NAMES: readonly OptionName[] = ['threads', 'max-cost', 'max-iterations', 'max-zoom', 'max-image']

const USAGE = `usage: mandeltiles render --out FILE [options]

  --out FILE        the picture: .png, .webp, .avif or .jpg
  --like FILE       a picture rendered before, whose every parameter holds that no flag here overrides; or a place of another
                    program, a .kfr or a Fraktaler .toml
  --re, --im        the centre, decimal numbers of any length; default -0.5 and 0
  --zoom            the map's zoom, maybe a fraction: a pixel is 3/(256 · 2^zoom) wide; default 1.5
  --width, --height the size in pixels; default 1024 x 768
  --max-iter        the iteration limit, or auto (the default)
  --palette         ${LOOK_FORMS.palette}; default ${DEFAULT_PALETTE}
  --gradient        a palette of your own: ${GRADIENT_FORM}
  --offset          turns the colours: ${LOOK_FORMS.offset} cycles; default 0
  --density         multiplies the cycles of colour: ${LOOK_FORMS.density}; default 1
  --aa              samples along one side of a pixel: ${LOOK_FORMS.aa}; default 1
  --style           what the colours show: ${LOOK_FORMS.style}; default ${DEFAULT_STYLE}
  --light           where slopes have their light from: ${LOOK_FORMS.light}, from the right by way of above; default ${DEFAULT_LIGHT}
`

// flags that are a picture's parameters, but for the dash in place of the underscore
const PARAMETERS = [
  're',
  'im',
  'zoom',
  'width',
  'height',
  'max-iter',
  'palette',
  'gradient',
  'offset',
  'density',
  'aa',
  'style',
  'light',
]

/** Renders one picture to a file, through the same pipeline as the server. */
export const render: Command = {
  summary: 'render one picture to a file',

  async run(words) {
    const flags = readFlags(words, {
      ...Object.fromEntries(['out', 'like', ...PARAMETERS].map((name) => [name, { type: 'string' as const }])),
      ...optionFlags(NAMES),
      help: { type: 'boolean' },
    }) as Record<string, string | undefined>
    if (flags.help) return console.log(`${USAGE}${describeOptions(NAMES)}`)

    const { options } = resolveOptions(flags as Partial<Record<OptionName, string>>, process.env)
    const out = flags.out ?? ''
    const format = extname(out).slice(1) as PictureFormat
    if (!PICTURE_FORMATS.includes(format)) {
      throw new Failure('invalid', mustBe('--out', `a file ending in ${PICTURE_FORMATS.join(', ')}`, out))
    }
    const said = PARAMETERS.flatMap((name) =>
      flags[name] === undefined ? [] : [[name.replace('-', '_'), flags[name]]],
    )
    const given = Object.fromEntries(said)
    const like = flags.like === undefined ? {} : await readLike(flags.like, given.height)
    const image = asFlags(() => readStill({ zoom: '1.5', ...like, ...given }, options))

    const renderer = new Renderer({ ...options, 'cache-bytes': 0, 'cache-dir': '', redis: '' })
    const stop = new AbortController()
    process.once('SIGINT', () => stop.abort())
    const progress = showProgress(() => renderer.orbits.progress)
    try {
      renderer.affordable(image.width * image.height * image.look.aa ** 2, image.maxIter)
      const { bytes } = await renderer.image(image, format, {
        signal: stop.signal,
        onProgress: progress.done,
      })
      await writeFile(out, bytes)
    } finally {
      progress.end()
      await renderer.close()
    }
  },
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
async function readLike(file: string, height: string | undefined): Promise<StillText> {
  const bytes = await readFile(file)
  if (/\.(kfr|toml)$/i.test(file)) {
    const place = parsePlaceFile(bytes.toString(), { height: Number(height ?? STILL_DEFAULTS.height) })
    const { maxIter, re, im, zoom } = place
    return {
      re: formatDecimal(re),
      im: formatDecimal(im),
      zoom: String(zoom),
      ...(maxIter === undefined ? {} : { max_iter: String(maxIter) }),
    }
  }
  const xmp = await sharp(bytes)
    .metadata()
    .then(({ xmp }) => xmp?.toString())
    .catch(() => undefined)
  const imprint = readImprint(bytes, xmp)
  if (imprint) return imprint
  throw new Failure('invalid', mustBe('--like', 'a picture that mandeltiles rendered, a .kfr or a .toml', file))
}
