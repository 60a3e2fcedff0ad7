// The libraries whose versions affect the bytes of a picture. The native library, whose version is
// the renderer's, writes the PNG of an image, and of a tile in indexed colour. The machine's own
// libraries write all other pictures, so replicas share these only if they have the same versions.
import { createHash } from 'node:crypto'
import sharp from 'sharp'
import type { ImageFormat } from './format.ts'

/** sharp, libvips and the codecs below it, in eight characters. */
const SHARP = createHash('sha256').update(JSON.stringify(sharp.versions)).digest('base64url').slice(0, 8)

/** The encoder of a tile, for its key: begins with a blank, or is empty for the native library. */
export function tileEncoder(format: ImageFormat, indexed: boolean): string {
  return indexed && format === 'png' ? '' : ` by ${SHARP}`
}

/** The same for an image. */
export function imageEncoder(format: ImageFormat): string {
  return format === 'png' ? '' : ` by ${SHARP}`
}
