// Jobs and their results as JSON. Numbers with more digits than a double has are text, and so are
// bytes.

import { readAppearance, writeAppearance } from '../../colour/appearance.ts'
import type { PictureFormat } from '../../formats/format.ts'
import type { IterationLimit } from '../../kernel/request.ts'
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

export function unpackMetatile({
  z,
  x,
  y,
  side,
  tiles,
  size,
  max_iter: maxIter,
  format,
  appearance,
}: MetatileJob): Metatile {
  return {
    z,
    x: BigInt(x),
    y: BigInt(y),
    side,
    tiles,
    spec: { size, maxIter, format, appearance: readAppearance(appearance) },
  }
}

export function packBytes({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64')
}

export function unpackBytes(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text, 'base64'))
}
