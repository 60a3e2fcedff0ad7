// A picture's parameters as text, the same whether a link says them, a flag, or the metadata of a picture that was made before.

import { readAppearance, writeAppearance } from '../colour/appearance.ts'
import { Failure, mustBe } from '../core/errors.ts'
import type { Options } from '../core/options.ts'
import type { ImageRequest } from '../kernel/request.ts'
import { readCoordinate } from '../plane/coordinate.ts'
import { formatDecimal } from '../plane/decimal.ts'
import type { Lane } from '../scheduler/admission.ts'

/** Values by the names that the query of /image.png has; what is left out has its default. */
export type ImageParameters = Record<string, string | undefined>

export const IMAGE_DEFAULTS = {
  re: '-0.5',
  im: '0',
  zoom: '0',
  rotation: '0',
  width: '1024',
  height: '768',
  bits: '8',
  max_iter: 'auto',
}

/** What a still's own parameters may be, in words. */
export const IMAGE_FORMS = { rotation: 'a number of degrees from -360 to 360', bits: '8 or 16' }

type Limits = Pick<Options, 'max-zoom' | 'max-digits' | 'max-image' | 'max-iterations'>

/** What the texts ask for. @throws Failure with a sentence that names the value */
export function readImageRequest(text: ImageParameters, limits: Limits): ImageRequest {
  const value = (name: keyof typeof IMAGE_DEFAULTS) => text[name] ?? IMAGE_DEFAULTS[name]
  const side = (name: 'width' | 'height') => whole(name, value(name), limits['max-image'])
  const limit = value('max_iter')
  return {
    re: readCoordinate('re', value('re'), limits['max-digits']),
    im: readCoordinate('im', value('im'), limits['max-digits']),
    zoom: readZoom(value('zoom'), limits),
    rotation: readRotation(value('rotation')),
    width: side('width'),
    height: side('height'),
    bits: readBits(value('bits')),
    maxIter: limit === 'auto' ? 'auto' : whole('max_iter', limit, limits['max-iterations']),
    appearance: readAppearance(text),
  }
}

/** The texts that readStill reads the same request from. */
export function writeImageRequest(request: ImageRequest): Record<string, string> {
  const { re, im, zoom, rotation = 0, width, height, bits = 8, maxIter, appearance } = request
  return {
    re: formatDecimal(re),
    im: formatDecimal(im),
    zoom: String(zoom),
    ...(rotation === 0 ? {} : { rotation: String(rotation) }),
    width: String(width),
    height: String(height),
    ...(bits === 8 ? {} : { bits: String(bits) }),
    max_iter: String(maxIter),
    ...writeAppearance(appearance),
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

function readRotation(text: string): number {
  const value = /^[+-]?(\d{1,3}\.?\d{0,6}|\.\d{1,6})$/.test(text) ? Number(text) : Number.NaN
  // in millionths, so that it is written as it is read
  if (Math.abs(value) <= 360) return (((Math.round(value * 1e6) % 360e6) + 360e6) % 360e6) / 1e6
  throw new Failure('invalid', mustBe('rotation', IMAGE_FORMS.rotation, text))
}

function readBits(text: string): 8 | 16 {
  if (text === '8' || text === '16') return Number(text) as 8 | 16
  throw new Failure('invalid', mustBe('bits', IMAGE_FORMS.bits, text))
}

function whole(name: string, text: string, max: number): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : 0
  if (value >= 1 && value <= max) return value
  throw new Failure('invalid', mustBe(name, `a whole number from 1 to ${max}`, text))
}

/** On whose behalf something is asked for. Its signal is looked at only where there is something to wait for, so that it may be made then. */
export interface Caller {
  /** the caller has left, or has waited long enough, once it aborts */
  readonly signal?: AbortSignal | undefined
  readonly lane?: Lane | undefined
  /** asked before a render begins for this caller: throws where it has had its share */
  readonly spend?: (() => void) | undefined
  /** handed what the tiers do with a fresh answer: it resolves to whether they keep it */
  readonly onKept?: ((kept: Promise<boolean>) => void) | undefined
}
