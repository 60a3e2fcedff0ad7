import { extname } from 'node:path'
import { APPEARANCE_FORMS, DEFAULT_LIGHT } from '../../colour/appearance.ts'
import { GRADIENT_FORM } from '../../colour/gradient.ts'
import { parseLevels } from '../../colour/histogram.ts'
import { DEFAULT_PALETTE } from '../../colour/palettes.ts'
import { DEFAULT_STYLE } from '../../colour/style.ts'
import { Failure, mustBe } from '../../core/errors.ts'
import { OPTIONS, type OptionName, resolveOptions } from '../../core/options.ts'
import { type FileFormat, type FileOptions, writeImageFile } from '../../export/imagefile.ts'
import { IMAGE_FORMATS } from '../../formats/format.ts'
import type { OrbitProgress } from '../../render/orbits.ts'
import { Renderer } from '../../render/renderer.ts'
import { IMAGE_FORMS } from '../../render/request.ts'
import type { PreparedImage, StripSource } from '../../render/strips.ts'
import { Ticket } from '../../scheduler/ticket.ts'
import { QueuedStrips } from '../../seed/queue/strips.ts'
import { openQueue, readQueue } from '../batch.ts'
import type { Command } from '../command.ts'
import { describeOptions, optionFlags, readFlags } from '../flags.ts'
import { pictureFlags, readPicture } from '../imageflags.ts'
import { showProgress } from '../progress.ts'

const NAMES: readonly OptionName[] = ['threads', 'max-iterations', 'max-zoom']

// for one who waits for it, and who may end it: nothing is kept, and nothing is too dear, or waits too long
export const ALONE = {
  'cache-bytes': 0,
  'cache-dir': '',
  redis: '',
  'max-cost': Number.POSITIVE_INFINITY,
  'queue-length': OPTIONS['queue-length'].max,
  'max-wait': OPTIONS['max-wait'].max,
}

// a strip of one row, four samples a pixel each way, still is a few tens of megabytes
const LONGEST = 2 ** 18

/** The flags that say what a picture shows, for --help. */
export const PICTURE_USAGE = `\
  --like FILE       a picture rendered before, whose every parameter holds that no flag here overrides; or a place of another
                    program, a .kfr or a Fraktaler .toml
  --re, --im        the centre, decimal numbers of any length; default -0.5 and 0
  --rotation        turns the picture counter-clockwise, ${IMAGE_FORMS.rotation}; default 0
  --max-iter        the iteration limit, or auto (the default)
  --palette         ${APPEARANCE_FORMS.palette}; default ${DEFAULT_PALETTE}; or a .map of Fractint, a .gpl of GIMP
  --gradient        a palette of your own: ${GRADIENT_FORM}
  --offset          turns the colours: ${APPEARANCE_FORMS.offset} cycles; default 0
  --density         multiplies the cycles of colour: ${APPEARANCE_FORMS.density}; default 1
  --aa              samples along one side of a pixel: ${APPEARANCE_FORMS.aa}; default 1
  --style           what the colours show: ${APPEARANCE_FORMS.style}; default ${DEFAULT_STYLE}
  --light           where slopes have their light from: ${APPEARANCE_FORMS.light}, from the right by way of above; default ${DEFAULT_LIGHT}
  --levels          the histogram's: ${APPEARANCE_FORMS.levels}; default those of this picture
`

const USAGE = `usage: mandeltiles render --out FILE [options]

  --out FILE        the picture: .png, .tiff (or .tif), .webp, .avif or .jpg; or .npy, its smooth iteration counts for NumPy
  --zoom            the map's zoom, maybe a fraction: a pixel is 3/(256 · 2^zoom) wide; default 1.5
  --width, --height the size in pixels, up to ${LONGEST} a side; default 1024 x 768
  --bits            a channel: 8 (the default), or 16 in a .png or .tiff
  --precision       of counts: float64 (the default) or float32
  --resume          goes on with what was left of this picture in FILE.part, where it was stopped
  --queue URL       a Redis: has the picture made strip by strip by \`mandeltiles work\` on any machines
${PICTURE_USAGE}`

/** Renders one picture to a file, through the same pipeline as the server. */
export const render: Command = {
  summary: 'render one picture to a file, of any size',

  async run(words) {
    const flags = readFlags(words, {
      ...pictureFlags(['out', 'precision', 'queue']),
      ...optionFlags(NAMES),
      resume: { type: 'boolean' },
      help: { type: 'boolean' },
    })
    if (flags.help) return console.log(`${USAGE}${describeOptions(NAMES)}`)
    const text = flags as Record<string, string | undefined>
    const { options } = resolveOptions(text as Partial<Record<OptionName, string>>, process.env)
    const out = text.out ?? ''
    const format = formatOf(out)
    const precision = readPrecision(text.precision ?? 'float64')
    const request = await readPicture(text, { ...options, 'max-image': LONGEST })

    const stop = new AbortController()
    process.once('SIGINT', () => stop.abort())
    const taskOptions = { signal: stop.signal, ticket: new Ticket('bulk') }
    const how: FileOptions = { precision, resume: flags.resume === true }
    const write = async <S extends Pick<PreparedImage, 'count'>>(
      images: StripSource<S>,
      orbits: () => OrbitProgress[],
    ) => {
      const { done: onProgress, end } = showProgress(orbits)
      await writeImageFile(images, request, out, format, taskOptions, { ...how, onProgress }).finally(end)
    }
    const alone = { ...options, ...ALONE }
    // colours evenly over the view take a look at all of it
    const level = async (renderer: Renderer) => {
      if (request.appearance.style !== 'histogram' || request.appearance.levels) return
      const { bytes } = await renderer.levels(request).find({ signal: stop.signal })
      request.appearance = {
        ...request.appearance,
        levels: parseLevels(JSON.parse(Buffer.from(bytes).toString()).levels),
      }
    }
    if (text.queue !== undefined) {
      const orders = await openQueue(readQueue(text.queue))
      const renderer = new Renderer(alone)
      await level(renderer).finally(() => renderer.close())
      return write(new QueuedStrips(orders, flags.resume === true), () => []).finally(() => orders.close())
    }
    const renderer = new Renderer(alone)
    try {
      await level(renderer)
      await write(renderer.strips, () => renderer.orbits.progress)
    } finally {
      await renderer.close()
    }
  },
}

function formatOf(out: string): FileFormat {
  const ending = extname(out).slice(1).toLowerCase()
  const format = ({ tif: 'tiff', jpeg: 'jpg' } as Record<string, string>)[ending] ?? ending
  const formats: readonly string[] = [...IMAGE_FORMATS, 'npy']
  if (formats.includes(format)) return format as FileFormat
  throw new Failure('invalid', mustBe('--out', `a file ending in ${formats.join(', ')}`, out))
}

function readPrecision(text: string): 'float64' | 'float32' {
  if (text === 'float64' || text === 'float32') return text
  throw new Failure('invalid', mustBe('--precision', 'float64 or float32', text))
}
