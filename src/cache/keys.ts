// Keys: everything that shapes an answer's numbers or bytes, as a string. The caches and flights go by them, and an ETag is a key's hash.
import { createHash } from 'node:crypto'
import { type Appearance, appearanceKey, DEFAULT_APPEARANCE, indexable, styleKey } from '../colour/appearance.ts'
import { ATTRIBUTE_PASS } from '../colour/style.ts'
import { RENDERER_VERSION } from '../core/version.ts'
import type { PictureFormat } from '../formats/format.ts'
import type { ImageRequest, TileRequest } from '../kernel/request.ts'
import type { GridNumbers, TileNumbers } from '../kernel/task.ts'
import type { GridRequest } from '../plane/grid.ts'

export function tileKey({ tile, julia, size, maxIter }: TileRequest): string {
  const set = julia ? `julia ${julia.re} ${julia.im} ` : ''
  return `${set}tile ${tile.z} ${tile.x} ${tile.y} ${size} ${maxIter}`
}

/** A tile's palette indices: its counts, or its style's numbers, in a look's phase. */
export function indexKey(request: TileRequest, appearance: Appearance): string {
  const { density } = appearance
  return `${tileKey(request)}${styleKey(appearance)}${density === 1 ? '' : ` density ${density}`}`
}

/** What is known of a tile's samples: all that looks which take the same second look at them are made from. */
export function samplesKey(request: TileRequest, { style }: Appearance): string {
  return `${tileKey(request)} ${ATTRIBUTE_PASS[style] ?? 'counts'}`
}

/** A tile's counts in one format. */
export function numbersKey(request: TileRequest, format: TileNumbers): string {
  return `${tileKey(request)} ${format}`
}

export function gridKey({ x0, y0, x1, y1, grid, maxIter, precision }: GridRequest, format: GridNumbers): string {
  return `grid ${x0} ${y0} ${x1} ${y1} ${grid} ${maxIter} ${precision} ${format}`
}

/** A picture's key but for its format. */
export function imageKey({
  re,
  im,
  zoom,
  rotation = 0,
  width,
  height,
  bits = 8,
  maxIter,
  appearance,
}: ImageRequest): string {
  const centre = [re, im].map(({ digits, scale }) => `${digits}e-${scale}`)
  return `image ${centre.join(' ')} ${zoom} ${rotation} ${width} ${height} ${bits} ${maxIter} ${appearanceKey(appearance)}`
}

/** A view's levels. */
export function levelsKey(request: ImageRequest): string {
  return `levels ${imageKey({ ...request, appearance: DEFAULT_APPEARANCE })}`
}

/** A tile's picture in one look and format. */
export function pictureKey(request: TileRequest, appearance: Appearance, format: PictureFormat): string {
  return `${tileKey(request)} ${appearanceKey(appearance)} ${format}`
}

/** What a tile's picture is kept by: as a PNG it may be kept once for all colours. */
export function keptKey(request: TileRequest, appearance: Appearance, format: PictureFormat): string {
  return format === 'png' && indexable(appearance)
    ? indexKey(request, appearance)
    : pictureKey(request, appearance, format)
}

/** A strong ETag for a key: known before rendering, the same on every process of the same version. */
export function etag(key: string): string {
  return `"${createHash('sha256').update(`${RENDERER_VERSION} ${key}`).digest('base64url').slice(0, 22)}"`
}
