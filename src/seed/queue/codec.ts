// What jobs are and give, as JSON, and back: numbers that pass a double's digits are text, and so are bytes.

import { readLook, writeLook } from '../../colour/appearance.ts'
import type { PictureFormat } from '../../formats/format.ts'
import type { IterationLimit } from '../../kernel/request.ts'
import type { Block } from '../tileset.ts'

export interface BlockJob {
  z: number
  x: string
  y: string
  side: number
  tiles: number[]
  size: number
  max_iter: IterationLimit
  format: PictureFormat
  look: Record<string, string>
}

export function packBlock({ z, x, y, side, tiles, wish }: Block): BlockJob {
  const { size, maxIter, format, look } = wish
  return { z, x: String(x), y: String(y), side, tiles, size, max_iter: maxIter, format, look: writeLook(look) }
}

export function unpackBlock({ z, x, y, side, tiles, size, max_iter: maxIter, format, look }: BlockJob): Block {
  return { z, x: BigInt(x), y: BigInt(y), side, tiles, wish: { size, maxIter, format, look: readLook(look) } }
}

export function packBytes({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64')
}

export function unpackBytes(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text, 'base64'))
}
