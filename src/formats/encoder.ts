// Which libraries' versions shape the bytes of a picture. The PNG of a tile in indexed colour is
// written by the native library, whose version is the renderer's. All others are written by what
// the machine has, and replicas that differ in it share no such picture, but all others.
import { createHash } from 'node:crypto'
import { versions } from 'node:process'
import sharp from 'sharp'
import type { ImageFormat } from './format.ts'

/** sharp, libvips and the codecs below it, in eight characters. */
const SHARP = createHash('sha256').update(JSON.stringify(sharp.versions)).digest('base64url').slice(0, 8)

/** What writes a tile, for its key: begins with a blank, or is empty for the native library. */
export function tileEncoder(format: ImageFormat, indexed: boolean): string {
  return indexed && format === 'png' ? '' : ` by ${SHARP}`
}

/** What writes an image, for its key: strips of a PNG are deflated by Node's zlib. */
export function imageEncoder(format: ImageFormat): string {
  return format === 'png' ? ` by zlib ${versions.zlib}` : ` by ${SHARP}`
}
