import { createReadStream } from 'node:fs'
import { extname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { parseLevels } from '../../colour/histogram.ts'
import { Failure, mustBe } from '../../core/errors.ts'
import type { Options } from '../../core/options.ts'
import { temporaryFolder } from '../../core/temporary.ts'
import type { FileFormat, FileOptions } from '../../export/imagefile.ts'
import { IMAGE_FORMATS } from '../../formats/format.ts'
import type { ImageRequest } from '../../kernel/request.ts'
import type { OrbitProgress } from '../../render/orbits.ts'
import type { Renderer } from '../../render/renderer.ts'
import type { PreparedImage, StripSource } from '../../render/strips.ts'
import { Ticket } from '../../scheduler/ticket.ts'
import { defineCommand } from '../command.ts'
import { stoppable, warn } from '../exit.ts'
import { checkOut } from '../flags/files.ts'
import {
  CENTRE_FLAGS,
  COLOUR_FLAGS,
  LIKE_FLAGS,
  LIMIT_FLAG,
  LONGEST_SIDE,
  ORIENTATION_FLAGS,
  readImage,
} from '../flags/image.ts'
import { openQueue, queueFlag } from '../flags/queue.ts'
import { showProgress } from '../progress.ts'

const FORMATS = [...IMAGE_FORMATS, 'npy'] as const
const ENDINGS: Record<string, string> = { tif: 'tiff', jpeg: 'jpg' }

/** Renders one image to a file, through the same pipeline as the server. */
export const render = defineCommand({
  name: 'render',
  summary: 'render one image to a file, of any size',
  usage: '--out FILE [flags]',
  about: [
    'Renders one image. It is written strip by strip, so memory use does not depend on its size. Interrupted? Run ' +
      'the same command with --resume.',
  ],
  flags: {
    out: {
      kind: 'text',
      short: 'o',
      value: 'FILE',
      meaning:
        'the file; its extension is the format: .png, .tiff, .webp, .avif, .jpg, or .npy for the smooth iteration ' +
        'counts as a NumPy array. - is standard output',
    },
    format: { kind: 'choice', choices: FORMATS, otherwise: "the file's ending; png for -", meaning: 'the format' },
    ...LIKE_FLAGS,
    ...CENTRE_FLAGS,
    zoom: {
      kind: 'text',
      value: 'ZOOM',
      otherwise: '1.5',
      meaning: "the map's zoom, which may have a fraction: a pixel is 3/(256 · 2^zoom) wide",
    },
    width: { kind: 'text', value: 'PIXELS', otherwise: '1024', meaning: `width in pixels, at most ${LONGEST_SIDE}` },
    height: { kind: 'text', value: 'PIXELS', otherwise: '768', meaning: 'height, likewise' },
    bits: { kind: 'text', value: '8|16', otherwise: '8', meaning: 'bits per channel; 16 only in a .png or .tiff' },
    ...ORIENTATION_FLAGS,
    ...LIMIT_FLAG,
    ...COLOUR_FLAGS,
    precision: {
      kind: 'choice',
      choices: ['float64', 'float32'],
      default: 'float64',
      meaning: 'type of the numbers in a .npy',
    },
    resume: { kind: 'switch', meaning: 'continue from FILE.part, which an interrupted run left' },
    ...queueFlag('a Redis: let `mandeltiles work` on other machines make the image strip by strip'),
  },
  options: ['threads', 'memory', 'max-iterations', 'max-zoom'],
  examples: [
    ['render -o valley.webp --re -0.743643887037 --im 0.131825904205 --zoom 13.2', 'one image'],
    ['render -o wall.png --like valley.webp --width 16384 --bits 16', 'the same, larger'],
    ['render -o counts.npy --width 400 --height 300', 'iteration counts for NumPy'],
    ['render -o - --zoom 1 | display', 'to another program'],
  ],

  async run(flags, { options }) {
    const { out = '' } = flags
    const format = flags.format ?? formatOf(out)
    if (out === '') throw new Failure('invalid', mustBe('--out', 'a file, or - for standard output', out))
    const request = await readImage(flags, { ...options, 'max-image': LONGEST_SIDE })
    const task = {
      request,
      format,
      how: { precision: flags.precision, resume: flags.resume, onDamage: warn },
      queue: flags.queue,
    }
    if (out === '-') return toStandardOutput(task, options)
    await checkOut(out)
    await stoppable((signal) => writeImage({ ...task, out }, options, signal))
  },
})

interface ImageTask {
  request: ImageRequest
  format: FileFormat
  out: string
  how: FileOptions
  queue: string | undefined
}

async function writeImage(task: ImageTask, options: Options, signal: AbortSignal): Promise<void> {
  const [{ localRenderer }, { writeImageFile }] = await Promise.all([
    import('../renderer.ts'),
    import('../../export/imagefile.ts'),
  ])
  const { request, format, out, how, queue } = task
  const write = async <S extends Pick<PreparedImage, 'count'>>(
    images: StripSource<S>,
    orbits: () => OrbitProgress[],
  ) => {
    const { done: onProgress, end } = showProgress(orbits)
    const taskOptions = { signal, ticket: new Ticket('bulk') }
    await writeImageFile(images, request, out, format, taskOptions, { ...how, onProgress }).finally(end)
  }
  const client = queue === undefined ? undefined : await openQueue(queue)
  const renderer = localRenderer(options)
  try {
    await addLevels(request, renderer, signal)
    if (!client) return await write(renderer.strips, () => renderer.orbits.progress)
    const { QueuedStrips } = await import('../../seed/queue/strips.ts')
    await write(new QueuedStrips(client, how.resume === true), () => [])
  } finally {
    await renderer.close()
    await client?.close()
  }
}

// the histogram style spreads the colours evenly over the view, so it needs the whole view once
async function addLevels(request: ImageRequest, renderer: Renderer, signal: AbortSignal): Promise<void> {
  if (request.appearance.style !== 'histogram' || request.appearance.levels) return
  const { bytes } = await renderer.levels(request).find({ signal })
  const { levels } = JSON.parse(Buffer.from(bytes).toString())
  request.appearance = { ...request.appearance, levels: parseLevels(levels) }
}

// through a temporary file, because most formats can be encoded only when all strips are there
async function toStandardOutput(task: Omit<ImageTask, 'out'>, options: Options): Promise<void> {
  if (task.how.resume) throw new Failure('invalid', '--resume continues a file, but --out is standard output')
  if (process.stdout.isTTY) {
    throw new Failure('invalid', '--out - writes an image to standard output, which is a terminal; name a file')
  }
  const { folder, remove } = await temporaryFolder()
  const out = join(folder, `image.${task.format}`)
  const work = async (signal: AbortSignal) => {
    await writeImage({ ...task, out }, options, signal)
    await pipeline(createReadStream(out), process.stdout, { signal })
  }
  try {
    await stoppable(work, () => 'stopped')
  } finally {
    await remove()
  }
}

function formatOf(out: string): FileFormat {
  if (out === '-') return 'png'
  const ending = extname(out).slice(1).toLowerCase()
  const format = FORMATS.find((name) => name === (ENDINGS[ending] ?? ending))
  if (format !== undefined) return format
  throw new Failure('invalid', mustBe('--out', `a file ending in ${FORMATS.join(', ')}`, out))
}
