// Reads addresses of the IIIF Image API 3: a region of a view, a size, a rotation, a quality and a
// format. https://iiif.io/api/image/3.0
//
// The identifier contains the view itself, so every replica knows every image: the zoom, the
// centre, and the full size in pixels; then possibly its colours and iteration limit.
//
//   12,-0.75,0.1,65536,65536;palette=ember;max_iter=2000
//
// Each region and size is rendered as one image, centred on the region. So a thumbnail of a view of
// a billion pixels costs no more than any other thumbnail. All sizes have the colours of the full
// size.
import { Failure, mustBe } from '../core/errors.ts'
import type { Options } from '../core/options.ts'
import { readNumber } from '../core/parse.ts'
import type { PictureChange } from '../formats/transform.ts'
import { fromFixed, parseDecimal, toFixed } from '../plane/decimal.ts'
import { pixelStep } from '../plane/view.ts'
import { type ImageParameters, LEAST_ZOOM, readZoom } from '../render/request.ts'

/** The view of an identifier, as text, and its size in pixels. */
export interface Whole {
  zoom: string
  re: string
  im: string
  width: number
  height: number
  look: ImageParameters
}

/** A rectangle of the full image, in its pixels. */
export interface Region {
  x: number
  y: number
  w: number
  h: number
}

export interface Size {
  width: number
  height: number
}

const LONGEST = 2 ** 53 - 1
const FORM = 'zoom,re,im,width,height and then possibly ;name=value for colours and max_iter'
const LOOKS = ['max_iter', 'palette', 'gradient', 'offset', 'density', 'style', 'light', 'aa']

/**
 * @throws Failure `unknown` if the text names no view, `invalid` if its zoom is not allowed here
 */
export function readIdentifier(id: string, limits: Pick<Options, 'max-zoom'>): Whole {
  const [place = '', ...settings] = id.split(';')
  const [zoom = '', re = '', im = '', width = '', height = '', ...more] = place.split(',')
  const sides = [width, height].map((text) => readNumber(text))
  const look = Object.fromEntries(settings.map((setting) => setting.split('=') as [string, string]))
  const known = settings.every((setting) => LOOKS.includes(setting.split('=')[0]!) && setting.includes('='))
  const right = sides.every((side) => Number.isInteger(side) && side >= 1 && side <= LONGEST)
  if (!right || !known || more.length > 0 || !parseDecimal(re) || !parseDecimal(im) || Number.isNaN(readNumber(zoom))) {
    throw new Failure('unknown', mustBe('the identifier', FORM, id))
  }
  readZoom(zoom, limits, LEAST_ZOOM)
  return { zoom, re, im, width: sides[0]!, height: sides[1]!, look }
}

/** @throws Failure `invalid` */
export function readRegion(text: string, { width, height }: Whole): Region {
  if (text === 'full') return { x: 0, y: 0, w: width, h: height }
  if (text === 'square') {
    const side = Math.min(width, height)
    return { x: Math.floor((width - side) / 2), y: Math.floor((height - side) / 2), w: side, h: side }
  }
  const percent = text.startsWith('pct:')
  const parts = (percent ? text.slice(4) : text).split(',')
  const numbers = parts.map((part) => (/^\d{1,16}(\.\d{1,16})?$/.test(part) ? Number(part) : Number.NaN))
  const whole = percent
    ? numbers.map((value, k) => Math.round((value * (k % 2 === 0 ? width : height)) / 100))
    : numbers
  const [x = Number.NaN, y = Number.NaN, w = Number.NaN, h = Number.NaN] = whole
  const right = parts.length === 4 && whole.every(Number.isSafeInteger) && w > 0 && h > 0 && x < width && y < height
  if (!right)
    throw new Failure(
      'invalid',
      mustBe('region', `full, square, x,y,w,h or pct:x,y,w,h within ${width},${height}`, text),
    )
  return { x, y, w: Math.min(w, width - x), h: Math.min(h, height - y) }
}

/**
 * The requested size of a region; `most` is the longest side that the server allows. @throws
 * Failure `invalid`
 */
export function readSize(text: string, { w, h }: Region, most: number): Size {
  const up = text.startsWith('^')
  const size = up ? text.slice(1) : text
  const refuse = () =>
    new Failure(
      'invalid',
      mustBe('size', `max, w, or ,h or pct:n or w,h or !w,h, of at most ${most} pixels a side`, text),
    )
  const scaled = (scale: number) => ({
    width: Math.max(1, Math.round(w * scale)),
    height: Math.max(1, Math.round(h * scale)),
  })
  const found = sizeOf(size, { w, h }, up ? most : Math.min(most, Math.max(w, h)), scaled)
  if (!found || found.width > most || found.height > most) throw refuse()
  // a size larger than the region needs a ^ in the request
  if (!up && (found.width > w || found.height > h)) throw refuse()
  return found
}

function sizeOf(size: string, { w, h }: Pick<Region, 'w' | 'h'>, most: number, scaled: (scale: number) => Size) {
  if (size === 'max') return scaled(most / Math.max(w, h))
  const percent = /^pct:(\d{1,9}(?:\.\d{1,9})?)$/.exec(size)?.[1]
  if (percent !== undefined) return Number(percent) > 0 ? scaled(Number(percent) / 100) : undefined
  const [, confined, across, down] = /^(!?)(\d{0,9}),(\d{0,9})$/.exec(size) ?? []
  if (across === undefined || down === undefined || (across === '' && down === '')) return undefined
  const [width, height] = [Number(across), Number(down)]
  if ((across !== '' && width === 0) || (down !== '' && height === 0)) return undefined
  if (confined === '!') return across === '' || down === '' ? undefined : scaled(Math.min(width / w, height / h))
  if (down === '') return { ...scaled(width / w), width }
  if (across === '') return { ...scaled(height / h), height }
  return { width, height }
}

/** @throws Failure `invalid` */
export function readRotation(text: string): Pick<PictureChange, 'mirror' | 'degrees'> {
  const [, mirror, degrees = ''] = /^(!?)(0|90|180|270|360)$/.exec(text) ?? []
  if (degrees !== '') return { mirror: mirror === '!', degrees: Number(degrees) % 360 }
  throw new Failure('invalid', mustBe('rotation', '0, 90, 180 or 270, possibly after !', text))
}

/** The image of a region, as the parameters of /image, and its requested size. */
export function imageOf(whole: Whole, { x, y, w, h }: Region, { width, height }: Size): ImageParameters {
  const zoom = Number(whole.zoom)
  const { step, bits } = pixelStep(zoom)
  const centre = (text: string, twice: bigint) =>
    fromFixed(toFixed(parseDecimal(text)!, bits) + (step * twice) / 2n, bits, Math.ceil(bits * Math.log10(2)) + 1)
  return {
    ...whole.look,
    re: centre(whole.re, 2n * BigInt(x) + BigInt(w) - BigInt(whole.width)),
    im: centre(whole.im, BigInt(whole.height) - 2n * BigInt(y) - BigInt(h)),
    zoom: String(zoom + Math.log2(Math.max(width / w, height / h))),
    colour_zoom: whole.zoom,
    width: String(width),
    height: String(height),
  }
}

/** Does a size have a region's proportions, to less than a pixel? */
export function isProportional({ w, h }: Region, { width, height }: Size): boolean {
  return Math.abs(width * h - height * w) < Math.max(w, h)
}

/** The description of a view as an image service. */
export function describe(whole: Whole, id: string, most: number) {
  const { width, height } = whole
  const levels = Math.max(0, Math.ceil(Math.log2(Math.max(width, height) / TILE)))
  const factors = Array.from({ length: levels + 1 }, (_, level) => 2 ** level)
  return {
    '@context': 'http://iiif.io/api/image/3/context.json',
    id,
    type: 'ImageService3',
    protocol: 'http://iiif.io/api/image',
    profile: 'level2',
    width,
    height,
    maxWidth: most,
    maxHeight: most,
    tiles: [{ width: TILE, height: TILE, scaleFactors: factors }],
    extraFormats: ['webp'],
    extraQualities: ['color', 'gray'],
    extraFeatures: ['mirroring', 'regionSquare', 'rotationBy90s', 'sizeUpscaling'],
  }
}

const TILE = 512
