// A finished picture, resized, mirrored, rotated or in grey.
import sharp from 'sharp'

/** What to do with a picture, in this order. */
export interface PictureChange {
  stretch: { width: number; height: number } | undefined
  mirror: boolean
  /** clockwise, a multiple of 90 */
  degrees: number
  grey: boolean
}

/** Transforms a PNG, and returns the bytes of the new picture. */
export async function transformed(
  png: Uint8Array,
  { stretch, mirror, degrees, grey }: PictureChange,
  format: 'png' | 'jpg' | 'webp',
): Promise<Uint8Array<ArrayBuffer>> {
  let picture = sharp(png, { limitInputPixels: false }).removeAlpha()
  if (stretch) picture = picture.resize(stretch.width, stretch.height, { fit: 'fill' })
  // one step at a time, because sharp rotates before it mirrors
  if (mirror) picture = sharp(await picture.flop().png({ compressionLevel: 0 }).toBuffer())
  if (degrees !== 0) picture = sharp(await picture.rotate(degrees).png({ compressionLevel: 0 }).toBuffer())
  if (grey) picture = picture.greyscale()
  const encoded = { png: () => picture.png(), jpg: () => picture.jpeg({ quality: 90 }), webp: () => picture.webp() }
  return new Uint8Array(await encoded[format]().toBuffer())
}
