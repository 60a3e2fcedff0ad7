// Videos, which ffmpeg makes from frames.
import { spawn, spawnSync } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure, mustBe } from '../core/errors.ts'
import { FRAME_PATTERN } from '../export/framename.ts'
import type { ImageRequest } from '../kernel/request.ts'

/** How each kind is encoded: every browser plays it, and fine detail is mostly kept. */
const ENCODERS: Record<string, string[]> = {
  mp4: ['-c:v', 'libx264', '-crf', '18', '-pix_fmt', 'yuv420p', '-movflags', '+faststart'],
  webm: ['-c:v', 'libvpx-vp9', '-crf', '24', '-b:v', '0', '-row-mt', '1', '-pix_fmt', 'yuv420p'],
}

export function isVideo(ending: string): boolean {
  return ending in ENCODERS
}

/** @throws Failure if a frame does not fit into a video, or there is no ffmpeg */
export function checkPlayable({ width, height, bits }: ImageRequest, kind: string): void {
  // yuv420p halves both sides for colour
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

/** Encodes a folder of frames. @throws Failure with the end of ffmpeg's output */
export async function encodeVideo(
  folder: string,
  fps: number,
  kind: string,
  out: string,
  signal: AbortSignal,
): Promise<void> {
  const input = ['-framerate', String(fps), '-i', join(folder, FRAME_PATTERN)]
  const words = ['-y', '-loglevel', 'error', ...input, ...ENCODERS[kind]!, out]
  const child = spawn('ffmpeg', words, { stdio: ['ignore', 'ignore', 'pipe'], signal })
  let output = ''
  child.stderr.on('data', (data) => {
    output = `${output}${data}`.slice(-500)
  })
  const code = await new Promise((resolve) => {
    child.once('error', () => resolve(undefined))
    child.once('close', resolve)
  })
  if (code === 0) return
  await rm(out, { force: true })
  throw new Failure('internal', `ffmpeg failed, the frames are in ${folder}: ${output.trim().replaceAll('\n', '; ')}`)
}
