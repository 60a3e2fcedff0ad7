// A film written to a folder of numbered frames, and gone on with where it was left. The folder holds film.json, which says what it is of; key frames
// while they are needed; and frames, each written under another name first, so that one that has its name is whole.
import { access, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inParallel } from '../core/concurrency.ts'
import { Failure } from '../core/errors.ts'
import { replaceFile } from '../core/files.ts'
import { RENDERER_VERSION } from '../core/version.ts'
import { type Film, frameAt, keyFrameRequest, keysOf } from '../render/film.ts'
import type { FrameSource } from '../render/filmframes.ts'
import { writeImageRequest } from '../render/request.ts'
import type { OnProgress, PreparedImage, StripSource } from '../render/strips.ts'
import type { TaskOptions } from '../scheduler/ticket.ts'
import { writeImageFile } from './imagefile.ts'

/** The name of frame k, which numbers from 0. */
export function frameName(k: number): string {
  return `frame-${String(k).padStart(6, '0')}.png`
}

/** The same for ffmpeg. */
export const FRAME_PATTERN = 'frame-%06d.png'

/** Where a film's key frames and frames come from: this process's threads, or others. */
export interface Studio<S extends Pick<PreparedImage, 'count'>> {
  images: StripSource<S>
  frames: FrameSource
}

/**
 * Writes all frames of a film that a folder lacks.
 * @throws Failure `invalid` where the folder is in use, or is to be gone on with and is of another film
 */
export async function writeFilm<S extends Pick<PreparedImage, 'count'>>(
  { images, frames }: Studio<S>,
  film: Film,
  folder: string,
  taskOptions: TaskOptions,
  { resume = false, onProgress = () => {} }: { resume?: boolean; onProgress?: OnProgress } = {},
): Promise<void> {
  await begin(film, folder, resume)
  const missing: number[] = []
  for (let k = 0; k < film.frames; k++) if (!(await exists(join(folder, frameName(k))))) missing.push(k)
  const stretches = new Map<number, number[]>()
  for (const k of missing) {
    const { key } = frameAt(film, k)
    stretches.set(key, [...(stretches.get(key) ?? []), k])
  }
  const keysFor = (frames: number[]) => new Set(frames.flatMap((k) => keysOf(frameAt(film, k))))
  const needed = keysFor(missing)
  const parts = new Map<number, number>()
  let made = 0
  const tell = () => {
    const rendered = [...parts.values()].reduce((sum, part) => sum + part, 0) / needed.size
    onProgress(KEYS * rendered + ((1 - KEYS) * made) / missing.length)
  }

  const keys = join(folder, 'keys')
  await mkdir(keys, { recursive: true })
  const file = (key: number) => join(keys, `key-${String(key).padStart(5, '0')}.png`)
  const render = async (key: number) => {
    if (await exists(file(key))) return
    const still = keyFrameRequest(film, key)
    const told = (part: number) => {
      parts.set(key, part)
      tell()
    }
    await writeImageFile(images, still, file(key), 'png', taskOptions, { resume: true, onProgress: told })
  }
  const rendered = new Map<number, Promise<void>>()
  // the next stretch's key frame is rendered while frames are made, so that any number of threads have work
  await inParallel(stretches, 2, async ([, own]) => {
    for (const key of keysFor(own)) {
      if (!rendered.has(key)) rendered.set(key, render(key))
      await rendered.get(key)
      parts.set(key, 1)
    }
    await frames.make(film, own, file, taskOptions, async (k, bytes) => {
      await replaceFile(join(folder, frameName(k)), bytes)
      made++
      tell()
    })
  })
  await rm(keys, { recursive: true })
}

// the part of a film's time that its key frames take, about
const KEYS = 0.2

async function begin(film: Film, folder: string, resume: boolean): Promise<void> {
  await mkdir(folder, { recursive: true })
  const { from, frames, still } = film
  const what = JSON.stringify({ ...writeImageRequest(still), from, frames, version: RENDERER_VERSION }, undefined, 2)
  const file = join(folder, 'film.json')
  const was = await readFile(file, 'utf8').catch(() => undefined)
  if (was === what && resume) return
  if (was !== undefined && resume) {
    throw new Failure('invalid', `${folder} is of another film, or of another version: see ${file}`)
  }
  const others = await readdir(folder)
  if (others.length > 0) {
    throw new Failure(
      'invalid',
      `${folder} must be empty, or be gone on with by --resume; it held ${others.slice(0, 3).join(', ')}`,
    )
  }
  await writeFile(file, what)
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}
