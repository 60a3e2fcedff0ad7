// An image's parameters as text. Links, flags and the metadata of images use the same names and
// forms.

import { readAppearance, writeAppearance } from '../colour/appearance.ts'
import { Failure, mustBe } from '../core/errors.ts'
import type { Options } from '../core/options.ts'
import { parseNumber, parseWhole } from '../core/parse.ts'
import type { ImageRequest } from '../kernel/request.ts'
import { readCoordinate } from '../plane/coordinate.ts'
import { formatDecimal } from '../plane/decimal.ts'

/** Values by the names of the query of /image.png; a missing one has its default. */
export type ImageParameters = Record<string, string | undefined>

export const IMAGE_DEFAULTS = {
  re: '-0.5',
  im: '0',
  zoom: '0',
  rotation: '0',
  mirror: 'false',
  width: '1024',
  height: '768',
  bits: '8',
  max_iter: 'auto',
}

/** The allowed values of the parameters that only images have, in words. */
export const IMAGE_FORMS = {
  rotation: 'a number of degrees from -360 to 360',
  mirror: 'true or false',
  bits: '8 or 16',
}

/**
 * The zoom from which images and films may start: 4 units of the plane, which hold the whole set,
 * are one pixel at zoom -8.4. The map starts at zoom 0.
 */
export const LEAST_ZOOM = -8

export type RequestLimits = Pick<Options, 'max-zoom' | 'max-digits' | 'max-image' | 'max-iterations'>

/** The request that the texts describe. @throws Failure with a message that names the value */
export function readImageRequest(text: ImageParameters, limits: RequestLimits): ImageRequest {
  const value = (name: keyof typeof IMAGE_DEFAULTS) => text[name] ?? IMAGE_DEFAULTS[name]
  const side = (name: 'width' | 'height') => parseWhole(name, value(name), 1, limits['max-image'])
  const limit = value('max_iter')
  return {
    re: readCoordinate('re', value('re'), limits['max-digits']),
    im: readCoordinate('im', value('im'), limits['max-digits']),
    zoom: readZoom(value('zoom'), limits, LEAST_ZOOM),
    ...(text.colour_zoom !== undefined && {
      colourZoom: readZoom(text.colour_zoom, limits, LEAST_ZOOM, 'colour_zoom'),
    }),
    rotation: readRotation(value('rotation')),
    mirror: readMirror(value('mirror')),
    width: side('width'),
    height: side('height'),
    bits: readBits(value('bits')),
    maxIter: limit === 'auto' ? 'auto' : parseWhole('max_iter', limit, 1, limits['max-iterations']),
    appearance: readAppearance(text),
  }
}

/** The texts from which readImageRequest reads the same request. */
export function writeImageRequest(request: ImageRequest): Record<string, string> {
  const {
    re,
    im,
    zoom,
    colourZoom,
    rotation = 0,
    mirror = false,
    width,
    height,
    bits = 8,
    maxIter,
    appearance,
  } = request
  return {
    re: formatDecimal(re),
    im: formatDecimal(im),
    zoom: String(zoom),
    ...(colourZoom !== undefined && { colour_zoom: String(colourZoom) }),
    ...(rotation === 0 ? {} : { rotation: String(rotation) }),
    ...(mirror ? { mirror: 'true' } : {}),
    width: String(width),
    height: String(height),
    ...(bits === 8 ? {} : { bits: String(bits) }),
    max_iter: String(maxIter),
    ...writeAppearance(appearance),
  }
}

/** The allowed zooms, in words. */
export function zoomForm({ 'max-zoom': most }: Pick<Options, 'max-zoom'>, least = 0): string {
  const below = least < 0 ? `, or below 0 down to ${least}` : ''
  return `a number from 0 to ${most}, possibly with a fraction${below}`
}

/** A zoom's text. @throws Failure with a message that names it */
export function readZoom(text: string, limits: Pick<Options, 'max-zoom'>, least = 0, name = 'zoom'): number {
  return parseNumber(name, text, least, limits['max-zoom'], zoomForm(limits, least))
}

/** A rotation's text, as degrees from 0 to below 360. @throws Failure */
export function readRotation(text: string): number {
  const value = parseNumber('rotation', text, -360, 360, IMAGE_FORMS.rotation)
  // in millionths, so that the text is the same after reading and writing
  return (((Math.round(value * 1e6) % 360e6) + 360e6) % 360e6) / 1e6
}

function readMirror(text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  throw new Failure('invalid', mustBe('mirror', IMAGE_FORMS.mirror, text))
}

function readBits(text: string): 8 | 16 {
  if (text === '8' || text === '16') return Number(text) as 8 | 16
  throw new Failure('invalid', mustBe('bits', IMAGE_FORMS.bits, text))
}
