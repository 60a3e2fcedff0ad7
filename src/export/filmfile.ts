// A film written to a folder of numbered frames, which can be continued after an interruption. The
// folder holds film.json, which says what the film is of; key frames while they are needed; and
// frames. A frame is written under another name first, so a frame with its final name is complete.
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
import { frameName } from './framename.ts'
import { writeImageFile } from './imagefile.ts'
import { isWholePng } from './wholepng.ts'

/** Where key frames and frames come from: the threads of this process, or other machines. */
export interface Studio<S extends Pick<PreparedImage, 'count'>> {
  images: StripSource<S>
  frames: FrameSource
}

export interface FilmOptions {
  /** continue an interrupted film? */
  resume?: boolean
  /** called with a message if something in the folder is damaged */
  onDamage?: (sentence: string) => void
  onProgress?: OnProgress
}

/**
 * Writes the missing and damaged frames of a film in a folder.
 * @throws Failure `invalid` if the folder holds something else, or another film
 */
export async function writeFilm<S extends Pick<PreparedImage, 'count'>>(
  { images, frames }: Studio<S>,
  film: Film,
  folder: string,
  taskOptions: TaskOptions,
  { resume = false, onDamage = () => {}, onProgress = () => {} }: FilmOptions = {},
): Promise<void> {
  await open(film, folder, resume, onDamage)
  const wholeAt = async (file: string) => {
    const whole = await isWholePng(file)
    if (!whole && (await exists(file))) onDamage(`${file} is damaged, so it is rendered again`)
    return whole
  }
  const missing: number[] = []
  for (let k = 0; k < film.frames; k++) if (!(await wholeAt(join(folder, frameName(k))))) missing.push(k)
  const stretches = new Map<number, number[]>()
  for (const k of missing) {
    const { key } = frameAt(film, k)
    stretches.set(key, [...(stretches.get(key) ?? []), k])
  }
  const keysFor = (frames: number[]) => new Set(frames.flatMap((k) => keysOf(frameAt(film, k))))
  const needed = keysFor(missing)
  const rendered = new Map<number, number>()
  let made = 0
  const report = () => {
    const keys = [...rendered.values()].reduce((sum, part) => sum + part, 0) / needed.size
    onProgress(KEY_SHARE * keys + ((1 - KEY_SHARE) * made) / missing.length)
  }

  const keys = join(folder, 'keys')
  await mkdir(keys, { recursive: true })
  const file = (key: number) => join(keys, `key-${String(key).padStart(5, '0')}.png`)
  const render = async (key: number) => {
    if (await wholeAt(file(key))) return
    const image = keyFrameRequest(film, key)
    const onProgress = (part: number) => {
      rendered.set(key, part)
      report()
    }
    await writeImageFile(images, image, file(key), 'png', taskOptions, { resume: true, onDamage, onProgress })
  }
  const started = new Map<number, Promise<void>>()
  // the key frame of the next stretch is rendered while frames of this one are made, so that any
  // number of threads have work
  await inParallel(stretches, 2, async ([, own]) => {
    for (const key of keysFor(own)) {
      if (!started.has(key)) started.set(key, render(key))
      await started.get(key)
      rendered.set(key, 1)
    }
    await frames.make(film, own, file, taskOptions, async (k, bytes) => {
      await replaceFile(join(folder, frameName(k)), bytes)
      made++
      report()
    })
    // a key frame of a single frame
    for (const key of keysFor(own)) if (!Number.isInteger(key)) await rm(file(key))
  })
  await rm(keys, { recursive: true })
}

/** The share of the time that key frames take, about. */
const KEY_SHARE = 0.2

// film.json describes the film that the frames in a folder belong to
async function open(film: Film, folder: string, resume: boolean, onDamage: (sentence: string) => void): Promise<void> {
  await mkdir(folder, { recursive: true })
  const { from, frames, image } = film
  const what = JSON.stringify({ ...writeImageRequest(image), from, frames, version: RENDERER_VERSION }, undefined, 2)
  const file = join(folder, 'film.json')
  const was = await readFile(file, 'utf8').catch(() => undefined)
  if (was === what && resume) return
  if (resume && was !== undefined && isJson(was)) {
    throw new Failure('invalid', `${folder} holds another film, or one of another version: see ${file}`)
  }
  const others = await readdir(folder)
  if (resume && others.length > 0) {
    const state = was === undefined ? 'missing' : 'damaged'
    if (others.some((name) => name !== 'film.json' && name !== 'keys')) {
      const unknown = 'so it is unknown which film the folder holds; empty it to start again'
      throw new Failure('invalid', `${file} is ${state}, ${unknown}`)
    }
    onDamage(`${file} is ${state}, so the film is started again`)
    await rm(join(folder, 'keys'), { recursive: true, force: true })
  } else if (others.length > 0) {
    throw new Failure(
      'invalid',
      `${folder} must be empty, or be continued with --resume; it holds ${others.slice(0, 3).join(', ')}`,
    )
  }
  await writeFile(file, what)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}
