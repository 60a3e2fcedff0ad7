// Jobs and their results as JSON. Numbers with more digits than a double has are text, and so are
// bytes.

import { readAppearance, writeAppearance } from '../../colour/appearance.ts'
import { Failure, mustBe } from '../../core/errors.ts'
import { OPTIONS } from '../../core/options.ts'
import { PICTURE_FORMATS, type PictureFormat } from '../../formats/format.ts'
import type { IterationLimit } from '../../kernel/request.ts'
import { inPyramid, TILE_SIZE } from '../../plane/tile.ts'
import type { Metatile } from '../tileset.ts'

export interface MetatileJob {
  z: number
  x: string
  y: string
  side: number
  tiles: number[]
  size: number
  max_iter: IterationLimit
  format: PictureFormat
  appearance: Record<string, string>
}

export function packMetatile({ z, x, y, side, tiles, spec }: Metatile): MetatileJob {
  const { size, maxIter, format, appearance } = spec
  return {
    z,
    x: String(x),
    y: String(y),
    side,
    tiles,
    size,
    max_iter: maxIter,
    format,
    appearance: writeAppearance(appearance),
  }
}

/**
 * The metatile of a job. Whoever can write to the queue can forge jobs, so every field is checked
 * like those of a request: a zoom of a billion would take all of a worker's memory.
 * @throws Failure `invalid`
 */
export function unpackMetatile(job: unknown): Metatile {
  const { z, x, y, side, tiles, size, max_iter: maxIter, format, appearance } = record('the job', job)
  const zoom = whole('z', z, 0, OPTIONS['max-zoom'].max)
  const [column, row] = [index('x', x, zoom), index('y', y, zoom)]
  const most = whole('side', side, 1, LONGEST_SIDE)
  if (!Array.isArray(tiles) || tiles.length === 0 || tiles.length > most ** 2) {
    throw new Failure('invalid', mustBe('tiles', `a list of at most ${most ** 2} numbers`, tiles))
  }
  return {
    z: zoom,
    x: column,
    y: row,
    side: most,
    tiles: tiles.map((tile) => whole('a tile', tile, 0, most ** 2 - 1)),
    spec: {
      size: whole('size', size, 1, 4 * TILE_SIZE),
      maxIter: maxIter === 'auto' ? 'auto' : whole('max_iter', maxIter, 1, OPTIONS['max-iterations'].max),
      format: oneOf('format', format, PICTURE_FORMATS),
      appearance: readAppearance(texts('appearance', appearance)),
    },
  }
}

// of the metatiles of tileset.ts, in tiles
const LONGEST_SIDE = 32

/** An object that came as JSON. @throws Failure `invalid` */
export function record(name: string, value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw new Failure('invalid', mustBe(name, 'an object', value))
}

/** An object with only texts as values. @throws Failure `invalid` */
export function texts(name: string, value: unknown): Record<string, string> {
  const found = record(name, value)
  for (const [key, text] of Object.entries(found)) {
    if (typeof text !== 'string') throw new Failure('invalid', mustBe(`${name}.${key}`, 'a text', text))
  }
  return found as Record<string, string>
}

/** A whole number. @throws Failure `invalid` */
export function whole(name: string, value: unknown, min: number, max: number): number {
  if (Number.isInteger(value) && Number(value) >= min && Number(value) <= max) return Number(value)
  throw new Failure('invalid', mustBe(name, `a whole number from ${min} to ${max}`, value))
}

/** A number that a double holds. @throws Failure `invalid` */
export function number(name: string, value: unknown, min: number, max: number): number {
  if (typeof value === 'number' && value >= min && value <= max) return value
  throw new Failure('invalid', mustBe(name, `a number from ${min} to ${max}`, value))
}

/** One of some words. @throws Failure `invalid` */
export function oneOf<T extends string>(name: string, value: unknown, allowed: readonly T[]): T {
  const found = allowed.find((word) => word === value)
  if (found !== undefined) return found
  throw new Failure('invalid', mustBe(name, `one of ${allowed.join(', ')}`, value))
}

// a zoom's index has a decimal digit for every log2(10) zooms
function index(name: string, value: unknown, zoom: number): bigint {
  const digits = Math.ceil(zoom * Math.log10(2)) + 1
  if (typeof value === 'string' && value.length <= digits && /^\d+$/.test(value) && inPyramid(BigInt(value), zoom)) {
    return BigInt(value)
  }
  throw new Failure('invalid', mustBe(name, `a whole number below 2^${zoom}`, value))
}

export function packBytes({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64')
}

export function unpackBytes(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text, 'base64'))
}
