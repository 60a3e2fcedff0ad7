// A film written to a folder of numbered frames, and gone on with where it was left. The folder holds film.json, which says what it is of; key frames
// while they are needed; and frames, each written under another name first, so that one that has its name is whole.
import { access, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { Failure } from './errors.ts'
import { type Film, frameAt, frameStill, keyStill } from './film.ts'
import type { OnProgress } from './image.ts'
import type { Errand } from './pool.ts'
import type { Renderer } from './renderer.ts'
import type { Rgb } from './resample.ts'
import { writeStill } from './still.ts'
import { writeStillFile } from './stillfile.ts'
import { RENDERER_VERSION } from './version.ts'

/** The name of frame k, which numbers from 0. */
export function frameName(k: number): string {
  return `frame-${String(k).padStart(6, '0')}.png`
}

/** The same for ffmpeg. */
export const FRAME_PATTERN = 'frame-%06d.png'

/**
 * Writes all frames of a film that a folder lacks.
 * @throws Failure `invalid` where the folder is in use, or is to be gone on with and is of another film
 */
export async function writeFilm(
  renderer: Renderer,
  film: Film,
  folder: string,
  errand: Errand,
  { resume = false, onProgress = () => {} }: { resume?: boolean; onProgress?: OnProgress } = {},
): Promise<void> {
  await begin(film, folder, resume)
  const missing: number[] = []
  for (let k = 0; k < film.frames; k++) if (!(await exists(join(folder, frameName(k))))) missing.push(k)
  const byKey = new Map<number, number[]>()
  for (const k of missing) {
    const { key } = frameAt(film, k)
    byKey.set(key, [...(byKey.get(key) ?? []), k])
  }
  let [done, keys] = [0, new Map<number, Rgb>()]
  const told = (part: number) => onProgress((done + part) / Math.max(byKey.size, 1))
  for (const [key, frames] of byKey) {
    const needed = frames.some((k) => frameAt(film, k).part > 0) ? [key, key + 1] : [key]
    const loaded = new Map<number, Rgb>()
    for (const [at, each] of needed.entries()) {
      const share = (part: number) => told((KEYS * (at + part)) / needed.length)
      loaded.set(each, keys.get(each) ?? (await loadKey(renderer, film, each, folder, errand, share)))
    }
    keys = loaded
    const width = 2 * renderer.pool.lanes.slots
    for (let from = 0; from < frames.length; from += width) {
      const some = frames.slice(from, from + width)
      await Promise.all(some.map((k) => writeFrame(renderer, film, k, keys, folder, errand)))
      told(KEYS + ((1 - KEYS) * (from + some.length)) / frames.length)
    }
    done++
  }
  await rm(join(folder, 'keys'), { recursive: true, force: true })
}

// the part of a film's time that its key frames take, about
const KEYS = 0.8

/** Renders a key frame into the folder, where it is not there yet, and reads it. */
export async function loadKey(
  { images }: Renderer,
  film: Film,
  key: number,
  folder: string,
  errand: Errand,
  onProgress?: OnProgress,
): Promise<Rgb> {
  const file = join(folder, 'keys', `key-${String(key).padStart(5, '0')}.png`)
  await mkdir(join(folder, 'keys'), { recursive: true })
  if (!(await exists(file))) {
    await writeStillFile(images, keyStill(film, key), file, 'png', errand, {
      resume: true,
      ...(onProgress && { onProgress }),
    })
  }
  const { data, info } = await sharp(file, { limitInputPixels: false })
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  // for threads to share
  const rgb = new Uint8Array(new SharedArrayBuffer(data.length))
  rgb.set(data)
  return { rgb, width: info.width, height: info.height }
}

/** Makes frame k of its key frames, and writes it into the folder. */
export async function writeFrame(
  { pool }: Renderer,
  film: Film,
  k: number,
  keys: ReadonlyMap<number, Rgb>,
  folder: string,
  errand: Errand,
): Promise<void> {
  const { key, part } = frameAt(film, k)
  const { width, height } = film.still
  const task = {
    key: keys.get(key)!,
    next: keys.get(key + 1),
    part,
    width,
    height,
    imprint: writeStill(frameStill(film, k)),
  }
  const { bytes } = await pool.run('frame', task, { ...errand, admitted: true })
  const file = join(folder, frameName(k))
  await writeFile(`${file}.new`, bytes)
  await rename(`${file}.new`, file)
}

async function begin(film: Film, folder: string, resume: boolean): Promise<void> {
  await mkdir(folder, { recursive: true })
  const { from, frames, still } = film
  const what = JSON.stringify({ ...writeStill(still), from, frames, version: RENDERER_VERSION }, undefined, 2)
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
