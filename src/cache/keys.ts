// Cache keys: everything that affects an answer's numbers or bytes, as a string. The caches and the
// request coalescing use them, and an ETag is a key's hash.
import { createHash } from 'node:crypto'
import {
  type Appearance,
  appearanceKey,
  DEFAULT_APPEARANCE,
  densityKey,
  isIndexed,
  styleKey,
} from '../colour/appearance.ts'
import { ATTRIBUTE_PASS } from '../colour/style.ts'
import { RENDERER_VERSION } from '../core/version.ts'
import { imageEncoder, tileEncoder } from '../formats/encoder.ts'
import type { ImageFormat, PictureFormat } from '../formats/format.ts'
import type { FeatureKind, FeatureRequest, ImageRequest, IteratesRequest, TileRequest } from '../kernel/request.ts'
import type { GridNumbers, TileNumbers } from '../kernel/task.ts'
import type { Decimal } from '../plane/decimal.ts'
import type { GridRequest } from '../plane/grid.ts'
import type { TileAddress } from '../plane/tile.ts'

/**
 * The beginning of a tile's other keys. A deep tile's numbers are long, so it is made once per
 * request.
 */
export function tileKey({ tile, julia, size, maxIter }: TileRequest): string {
  const set = julia ? `julia ${julia.re} ${julia.im} ` : ''
  return `${set}tile ${tile.z} ${tile.x} ${tile.y} ${size} ${maxIter}`
}

/** A tile's palette indices: its counts, or its style's numbers, in an appearance's phase. */
export function indexKey(tile: string, appearance: Appearance): string {
  return `${tile}${styleKey(appearance)}${densityKey(appearance)}`
}

/** A tile's samples, from which all appearances with the same attribute pass are made. */
export function samplesKey(tile: string, { style }: Appearance): string {
  return `${tile} ${ATTRIBUTE_PASS[style] ?? 'counts'}`
}

/** A tile's counts in one format. */
export function numbersKey(tile: string, format: TileNumbers): string {
  return `${tile} ${format}`
}

export function gridKey(request: GridRequest, format: GridNumbers): string {
  const { x0, y0, x1, y1, grid, maxIter, precision } = request
  return `grid ${x0} ${y0} ${x1} ${y1} ${grid} ${maxIter} ${precision} ${format}`
}

/** An image in one format, and of at most so many bytes where they are bounded. */
export function imagePictureKey(request: ImageRequest, format: ImageFormat, maxBytes?: number): string {
  const bound = maxBytes ? ` of ${maxBytes} bytes` : ''
  return `${imageKey(request)} ${format}${imageEncoder(format)}${bound}`
}

/** An image's key without its format. */
export function imageKey(request: ImageRequest): string {
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
  const frame = `${placeKey(re, im)} ${zoom}${colourZoom === undefined ? '' : ` coloured as ${colourZoom}`} ${rotation}${mirror ? ' mirror' : ''} ${width} ${height} ${bits}`
  return `image ${frame} ${maxIter} ${appearanceKey(appearance)}`
}

// in base 32, because conversion to decimal takes quadratic time
function placeKey(re: Decimal, im: Decimal): string {
  return [re, im].map(({ digits, scale }) => `${digits.toString(32)}e-${scale}`).join(' ')
}

/** A view's levels. */
export function levelsKey(request: ImageRequest): string {
  return `levels ${imageKey({ ...request, appearance: DEFAULT_APPEARANCE })}`
}

/** The feature that dominates a view. */
export function featureKey({ kind, re, im, zoom }: FeatureRequest): string {
  return `${kind} ${placeKey(re, im)} ${zoom}`
}

/** A tile's islands, or its Misiurewicz points. */
export function listedKey(kind: FeatureKind, { z, x, y }: TileAddress): string {
  return `${kind === 'nucleus' ? 'islands' : 'spirals'} ${z} ${x} ${y}`
}

/** A point's first iterates. */
export function iteratesKey({ re, im, count, digits }: IteratesRequest): string {
  return `iterates ${placeKey(re, im)} ${count} ${digits}`
}

/** A tile's picture in one appearance and format. */
export function pictureKey(tile: string, appearance: Appearance, format: PictureFormat): string {
  return `${tile} ${appearanceKey(appearance)} ${format}${tileEncoder(format, isIndexed(appearance))}`
}

/** The cache key of a tile's picture: one PNG may serve all palettes. */
export function cachedPictureKey(tile: string, appearance: Appearance, format: PictureFormat): string {
  return format === 'png' && isIndexed(appearance) ? indexKey(tile, appearance) : pictureKey(tile, appearance, format)
}

/** A strong ETag for a key: known before rendering, equal on every process of a version. */
export function etag(key: string): string {
  const hash = createHash('sha256').update(`${RENDERER_VERSION} ${key}`).digest('base64url')
  return `"${hash.slice(0, 22)}"`
}
