// A picture's parameters as text, the same whether a link says them, a flag, or the metadata of a picture that was made before.
import { readCoordinate } from './coordinate.ts'
import { formatDecimal } from './decimal.ts'
import { Failure, mustBe } from './errors.ts'
import { readLook, writeLook } from './look.ts'
import type { Options } from './options.ts'
import type { ImageRequest } from './request.ts'

/** Values by the names that the query of /image.png has; what is left out has its default. */
export type StillText = Record<string, string | undefined>

export const STILL_DEFAULTS = { re: '-0.5', im: '0', zoom: '0', width: '1024', height: '768', max_iter: 'auto' }

type Limits = Pick<Options, 'max-zoom' | 'max-digits' | 'max-image' | 'max-iterations'>

/** What the texts ask for. @throws Failure with a sentence that names the value */
export function readStill(text: StillText, limits: Limits): ImageRequest {
  const value = (name: keyof typeof STILL_DEFAULTS) => text[name] ?? STILL_DEFAULTS[name]
  const side = (name: 'width' | 'height') => whole(name, value(name), limits['max-image'])
  const limit = value('max_iter')
  return {
    re: readCoordinate('re', value('re'), limits['max-digits']),
    im: readCoordinate('im', value('im'), limits['max-digits']),
    zoom: readZoom(value('zoom'), limits),
    width: side('width'),
    height: side('height'),
    maxIter: limit === 'auto' ? 'auto' : whole('max_iter', limit, limits['max-iterations']),
    look: readLook(text),
  }
}

/** The texts that readStill reads the same request from. */
export function writeStill({ re, im, zoom, width, height, maxIter, look }: ImageRequest): Record<string, string> {
  return {
    re: formatDecimal(re),
    im: formatDecimal(im),
    zoom: String(zoom),
    width: String(width),
    height: String(height),
    max_iter: String(maxIter),
    ...writeLook(look),
  }
}

/** What a picture's zoom may be, in words. */
export function zoomForm(limits: Pick<Options, 'max-zoom'>): string {
  return `a number from 0 to ${limits['max-zoom']}, maybe with a fraction`
}

function readZoom(text: string, limits: Limits): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (value <= limits['max-zoom']) return value
  throw new Failure('invalid', mustBe('zoom', zoomForm(limits), text))
}

function whole(name: string, text: string, max: number): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : 0
  if (value >= 1 && value <= max) return value
  throw new Failure('invalid', mustBe(name, `a whole number from 1 to ${max}`, text))
}
