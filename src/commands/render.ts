import { writeFile } from 'node:fs/promises'
import { extname } from 'node:path'
import type { Command } from '../cli.ts'
import { readCoordinate } from '../coordinate.ts'
import { PICTURE_FORMATS, type PictureFormat } from '../encode.ts'
import { Failure, mustBe } from '../errors.ts'
import { DEFAULT_LOOK } from '../look.ts'
import { type OptionName, resolveOptions } from '../options.ts'
import { DEFAULT_PALETTE, PALETTE_NAMES, type PaletteName } from '../palettes.ts'
import { Renderer } from '../renderer.ts'
import { describeOptions, optionFlags, readFlags } from './flags.ts'
import { showProgress } from './progress.ts'

const NAMES: readonly OptionName[] = ['threads', 'max-cost', 'max-iterations', 'max-zoom', 'max-image']

const USAGE = `usage: mandeltiles render --out FILE [options]

  --out FILE        the picture: .png, .webp, .avif or .jpg
  --re, --im        the centre, decimal numbers of any length; default -0.5 and 0
  --zoom            the map's zoom, maybe a fraction: a pixel is 3/(256 · 2^zoom) wide; default 1.5
  --width, --height the size in pixels; default 1024 x 768
  --max-iter        the iteration limit, or auto (the default)
  --palette         one of ${PALETTE_NAMES.join(', ')}; default ${DEFAULT_PALETTE}
`

/** Renders one picture to a file, through the same pipeline as the server. */
export const render: Command = {
  summary: 'render one picture to a file',

  async run(words) {
    const own = ['out', 're', 'im', 'zoom', 'width', 'height', 'max-iter', 'palette']
    const flags = readFlags(words, {
      ...Object.fromEntries(own.map((name) => [name, { type: 'string' as const }])),
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
    const zoom = number('zoom', flags.zoom ?? '1.5', 0, options['max-zoom'])
    const palette = flags.palette ?? DEFAULT_PALETTE
    if (!PALETTE_NAMES.includes(palette as PaletteName)) {
      throw new Failure('invalid', mustBe('--palette', `one of ${PALETTE_NAMES.join(', ')}`, palette))
    }
    const limit = flags['max-iter'] ?? 'auto'
    const image = {
      re: readCoordinate('--re', flags.re ?? '-0.5', options['max-digits']),
      im: readCoordinate('--im', flags.im ?? '0', options['max-digits']),
      zoom,
      width: whole('width', flags.width ?? '1024', options['max-image']),
      height: whole('height', flags.height ?? '768', options['max-image']),
      maxIter: limit === 'auto' ? ('auto' as const) : whole('max-iter', limit, options['max-iterations']),
      look: { ...DEFAULT_LOOK, palette: palette as PaletteName },
    }

    const renderer = new Renderer({ ...options, 'cache-bytes': 0, 'cache-dir': '', redis: '' })
    const stop = new AbortController()
    process.once('SIGINT', () => stop.abort())
    const progress = showProgress(() => renderer.orbits.progress)
    try {
      renderer.affordable(image.width * image.height, image.maxIter)
      const { bytes } = await renderer.image(image, format, {
        lane: 'bulk',
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

function number(name: string, text: string, min: number, max: number): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (value >= min && value <= max) return value
  throw new Failure('invalid', mustBe(`--${name}`, `a number from ${min} to ${max}`, text))
}

function whole(name: string, text: string, max: number): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1 && value <= max) return value
  throw new Failure('invalid', mustBe(`--${name}`, `a whole number from 1 to ${max}`, text))
}
