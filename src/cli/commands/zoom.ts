import { rm } from 'node:fs/promises'
import { extname } from 'node:path'
import { Failure, mustBe } from '../../core/errors.ts'
import { replaceFile } from '../../core/files.ts'
import { readValue } from '../../core/option.ts'
import type { Options } from '../../core/options.ts'
import type { Studio } from '../../export/filmfile.ts'
import type { Film } from '../../render/film.ts'
import type { OrbitProgress } from '../../render/orbits.ts'
import { LEAST_ZOOM } from '../../render/request.ts'
import type { PreparedImage } from '../../render/strips.ts'
import { Ticket } from '../../scheduler/ticket.ts'
import { defineCommand } from '../command.ts'
import { stoppable, warn } from '../exit.ts'
import { checkOut } from '../flags/files.ts'
import { CENTRE_FLAGS, COLOUR_FLAGS, LIKE_FLAGS, LIMIT_FLAG, ORIENTATION_FLAGS, readImage } from '../flags/image.ts'
import { openQueue, queueFlag } from '../flags/queue.ts'
import { showProgress } from '../progress.ts'
import { checkPlayable, encodeVideo, isVideo } from '../video.ts'

/** Longest side of a frame, in pixels: two key frames, of twice the size, are held at once. */
const LONGEST_SIDE = 8192

/** Makes a film that zooms into a location: frames in a folder, or a video. */
export const zoom = defineCommand({
  name: 'zoom',
  summary: 'a film into a location, as frames or as a video',
  usage: '--out FOLDER|FILE --zoom ZOOM [flags]',
  about: [
    'Makes a film that zooms into a location. A folder gets numbered frames; for .mp4 and .webm, ffmpeg makes a ' +
      'video of them. Interrupted? Run the same command with --resume.',
  ],
  flags: {
    out: { kind: 'text', short: 'o', value: 'PATH', meaning: 'a folder for frames, or an .mp4 or .webm' },
    from: { kind: 'text', value: 'ZOOM', otherwise: '0', meaning: "the map's zoom at the beginning" },
    zoom: { kind: 'text', value: 'ZOOM', otherwise: '1.5', meaning: 'the zoom at the end; both may have a fraction' },
    width: { kind: 'text', value: 'PIXELS', otherwise: '1280', meaning: `width in pixels, at most ${LONGEST_SIDE}` },
    height: { kind: 'text', value: 'PIXELS', otherwise: '720', meaning: 'height, likewise' },
    fps: { kind: 'number', min: 1, max: 240, fraction: true, default: 30, meaning: 'frames a second' },
    pace: {
      kind: 'number',
      min: 0.001,
      max: 100,
      fraction: true,
      default: 1,
      meaning: 'zooms per second; each one doubles the magnification',
    },
    ...LIKE_FLAGS,
    ...CENTRE_FLAGS,
    ...ORIENTATION_FLAGS,
    ...LIMIT_FLAG,
    ...COLOUR_FLAGS,
    bits: {
      kind: 'text',
      value: '8',
      otherwise: '8',
      meaning: 'bits per channel: 8, whatever the file of --like says',
    },
    resume: { kind: 'switch', meaning: 'continue an interrupted film' },
    ...queueFlag('a Redis: let `mandeltiles work` on other machines make key frames and frames'),
  },
  options: ['threads', 'memory', 'max-iterations', 'max-zoom'],
  examples: [
    ['zoom -o valley.mp4 --like valley.webp --zoom 13.2', 'a video into the location of an image'],
    ['zoom -o frames --re -1.25 --im 0.02 --zoom 40 --fps 60 --pace 2', 'numbered frames, 60 a second'],
  ],

  async run(flags, { options }) {
    const { out = '', fps, pace } = flags
    if (out === '' || out === '-') throw new Failure('invalid', mustBe('--out', 'a folder, an .mp4 or a .webm', out))
    const kind = extname(out).slice(1).toLowerCase()
    const limits = { ...options, 'max-image': LONGEST_SIDE }
    const still = await readImage(flags, limits, { width: '1280', height: '720' })
    const from = readFrom(flags.from ?? '0', options)
    if (isVideo(kind)) checkPlayable(still, kind)
    else if (still.bits === 16) throw new Failure('invalid', mustBe('--bits', '8 in a film', 16))
    await checkOut(out)

    const film: Film = { image: still, from, frames: Math.round((Math.abs(still.zoom - from) / pace) * fps) + 1 }
    const folder = isVideo(kind) ? `${out}.frames` : out
    await stoppable(async (signal) => {
      await makeFrames({ film, folder, resume: flags.resume, queue: flags.queue }, options, signal)
      if (!isVideo(kind)) return
      // ffmpeg knows the kind by the ending
      await replaceFile(out, (beside) => encodeVideo(folder, fps, kind, beside, signal), `${out}.new.${kind}`)
      await rm(folder, { recursive: true })
    })
  },
})

function readFrom(text: string, options: Options): number {
  return Number(
    readValue('--from', { kind: 'number', min: LEAST_ZOOM, max: options['max-zoom'], fraction: true }, text),
  )
}

interface FilmTask {
  film: Film
  folder: string
  resume: boolean
  queue: string | undefined
}

async function makeFrames(task: FilmTask, options: Options, signal: AbortSignal): Promise<void> {
  const { film, folder, resume, queue } = task
  const { writeFilm } = await import('../../export/filmfile.ts')
  const write = async <S extends Pick<PreparedImage, 'count'>>(studio: Studio<S>, orbits: () => OrbitProgress[]) => {
    const { done: onProgress, end } = showProgress(orbits)
    const taskOptions = { signal, ticket: new Ticket('bulk') }
    await writeFilm(studio, film, folder, taskOptions, { resume, onDamage: warn, onProgress }).finally(end)
  }
  if (queue !== undefined) {
    const [{ QueuedStrips }, { QueuedFrames }, client] = await Promise.all([
      import('../../seed/queue/strips.ts'),
      import('../../seed/queue/frames.ts'),
      openQueue(queue),
    ])
    const studio = { images: new QueuedStrips(client, resume), frames: new QueuedFrames(client, resume) }
    return write(studio, () => []).finally(() => client.close())
  }
  const { localRenderer } = await import('../renderer.ts')
  const renderer = localRenderer(options)
  const studio = { images: renderer.strips, frames: renderer.frames }
  await write(studio, () => renderer.orbits.progress).finally(() => renderer.close())
}
