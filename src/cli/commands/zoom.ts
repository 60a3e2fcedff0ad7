import { spawn, spawnSync } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { Failure, mustBe } from '../../core/errors.ts'
import { replaceFile } from '../../core/files.ts'
import { type OptionName, resolveOptions } from '../../core/options.ts'
import { parseNumber } from '../../core/parse.ts'
import { FRAME_PATTERN, type Studio, writeFilm } from '../../export/filmfile.ts'
import type { ImageRequest } from '../../kernel/request.ts'
import type { Film } from '../../render/film.ts'
import type { OrbitProgress } from '../../render/orbits.ts'
import { Renderer } from '../../render/renderer.ts'
import type { PreparedImage } from '../../render/strips.ts'
import { Ticket } from '../../scheduler/ticket.ts'
import { QueuedFrames } from '../../seed/queue/frames.ts'
import { QueuedStrips } from '../../seed/queue/strips.ts'
import { openQueue, readQueue } from '../batch.ts'
import type { Command } from '../command.ts'
import { describeOptions, optionFlags, readFlags } from '../flags.ts'
import { pictureFlags, readPicture } from '../imageflags.ts'
import { showProgress } from '../progress.ts'
import { ALONE, PICTURE_USAGE } from './render.ts'

const NAMES: readonly OptionName[] = ['threads', 'max-iterations', 'max-zoom']

const USAGE = `usage: mandeltiles zoom --out FOLDER|FILE --zoom ZOOM [options]

  --out             a folder for numbered frames, or an .mp4 or .webm, which ffmpeg makes of them
  --from            the map's zoom that the film begins with; default 0
  --zoom            and the one that it ends with, each maybe with a fraction
  --width, --height a frame's size in pixels; default 1280 x 720
  --fps             frames a second; default 30
  --pace            zooms a second, each of which doubles what is shown; default 1
  --resume          goes on with what was left of this film, where it was stopped
  --queue URL       a Redis: has key frames and frames made by \`mandeltiles work\` on any machines
${PICTURE_USAGE}`

/** How each kind of video is encoded: so that every browser plays it, and little of what is fine is lost. */
const VIDEOS: Record<string, string[]> = {
  mp4: ['-c:v', 'libx264', '-crf', '18', '-pix_fmt', 'yuv420p', '-movflags', '+faststart'],
  webm: ['-c:v', 'libvpx-vp9', '-crf', '24', '-b:v', '0', '-row-mt', '1', '-pix_fmt', 'yuv420p'],
}

/** A film into a place: frames in a folder, or a video. */
export const zoom: Command = {
  summary: 'a film into a place, as frames or as a video',

  async run(words) {
    const flags = readFlags(words, {
      ...pictureFlags(['out', 'from', 'fps', 'pace', 'queue']),
      ...optionFlags(NAMES),
      resume: { type: 'boolean' },
      help: { type: 'boolean' },
    })
    if (flags.help) return console.log(`${USAGE}${describeOptions(NAMES)}`)
    const text = flags as Record<string, string | undefined>
    const { options } = resolveOptions(text as Partial<Record<OptionName, string>>, process.env)
    const { out } = text
    if (!out) throw new Failure('invalid', mustBe('--out', 'a folder, an .mp4 or a .webm', out ?? ''))
    const kind = extname(out).slice(1).toLowerCase()
    const still = await readPicture(text, { ...options, 'max-image': LONGEST }, { width: '1280', height: '720' })
    const from = parseNumber('--from', text.from ?? '0', 0, options['max-zoom'])
    const fps = parseNumber('--fps', text.fps ?? '30', 1, 240)
    const pace = parseNumber('--pace', text.pace ?? '1', 0.001, 100)
    const film: Film = { still, from, frames: Math.round((Math.abs(still.zoom - from) / pace) * fps) + 1 }
    if (VIDEOS[kind]) playable(still, kind)
    else if (still.bits === 16) throw new Failure('invalid', mustBe('--bits', '8 in a film', 16))

    const stop = new AbortController()
    process.once('SIGINT', () => stop.abort())
    const folder = VIDEOS[kind] ? `${out}.frames` : out
    const resume = flags.resume === true
    const write = async <S extends Pick<PreparedImage, 'count'>>(studio: Studio<S>, orbits: () => OrbitProgress[]) => {
      const { done: onProgress, end } = showProgress(orbits)
      await writeFilm(
        studio,
        film,
        folder,
        { signal: stop.signal, ticket: new Ticket('bulk') },
        { resume, onProgress },
      ).finally(end)
    }
    if (text.queue !== undefined) {
      const orders = await openQueue(readQueue(text.queue))
      const studio = { images: new QueuedStrips(orders, resume), frames: new QueuedFrames(orders, resume) }
      await write(studio, () => []).finally(() => orders.close())
    } else {
      const renderer = new Renderer({ ...options, ...ALONE })
      const studio = { images: renderer.strips, frames: renderer.frames }
      await write(studio, () => renderer.orbits.progress).finally(() => renderer.close())
    }
    if (!VIDEOS[kind]) return
    // ffmpeg knows the kind by the ending
    await replaceFile(out, (beside) => encodeVideo(folder, fps, kind, beside), `${out}.new.${kind}`)
    await rm(folder, { recursive: true })
  },
}

// twice as many pixels of two key frames are held at once
const LONGEST = 8192

function playable({ width, height, bits }: ImageRequest, kind: string): void {
  if (width % 2 !== 0) throw new Failure('invalid', mustBe('--width', `even in an ${kind}`, width))
  if (height % 2 !== 0) throw new Failure('invalid', mustBe('--height', `even in an ${kind}`, height))
  if (bits === 16) throw new Failure('invalid', mustBe('--bits', '8 in a film', 16))
  const { error } = spawnSync('ffmpeg', ['-version'], { stdio: 'ignore' })
  if (!error) return
  throw new Failure(
    'invalid',
    `an .${kind} is made by ffmpeg, which was not found: install it, or name a folder for the frames`,
  )
}

async function encodeVideo(folder: string, fps: number, kind: string, out: string): Promise<void> {
  const input = ['-framerate', String(fps), '-i', join(folder, FRAME_PATTERN)]
  const words = ['-y', '-loglevel', 'error', ...input, ...VIDEOS[kind]!, out]
  const child = spawn('ffmpeg', words, { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (data) => {
    said = `${said}${data}`.slice(-500)
  })
  const code = await new Promise((resolve) => child.once('close', resolve))
  if (code !== 0)
    throw new Failure('internal', `ffmpeg failed, the frames are in ${folder}: ${said.trim().replaceAll('\n', '; ')}`)
}
