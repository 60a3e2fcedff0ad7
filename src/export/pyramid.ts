// Pyramids of tiles in files, for viewers that need no server: Deep Zoom (.dzi, for OpenSeadragon
// and others), and folders z/x/y for map viewers. Each tile is a function of its address, so files
// that exist are skipped.
import { mkdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import type { Appearance } from '../colour/appearance.ts'
import { inParallel } from '../core/concurrency.ts'
import { Failure } from '../core/errors.ts'
import { replaceFile } from '../core/files.ts'
import type { PictureFormat } from '../formats/format.ts'
import { encode } from '../formats/sharp.ts'
import type { IterationLimit } from '../kernel/request.ts'
import { LEFT, SPAN, TILE_SIZE, TOP } from '../plane/tile.ts'
import type { Caller } from '../render/handle.ts'
import type { Renderer } from '../render/renderer.ts'
import type { OnProgress } from '../render/strips.ts'
import { type Area, areaOfBounds, type Point, tileCount } from '../seed/tileset.ts'

/** A pyramid of the plane between two corners, down to a zoom. */
export interface Pyramid {
  a: Point
  b: Point
  zoom: number
  format: PictureFormat
  maxIter: IterationLimit
  appearance: Appearance
}

/** A file of a pyramid: its path within the folder, and how to make it. */
export interface PyramidTile {
  path: string
  make(renderer: Renderer, caller: Caller): Promise<Uint8Array>
}

/** The tiles of each zoom between the corners. */
export function areasOf({ a, b, zoom }: Pyramid): Area[] {
  return Array.from({ length: zoom + 1 }, (_, z) => areaOfBounds(a, b, z)).filter((area) => area !== undefined)
}

/** The slippy tiles, from zoom 0 on. */
function* slippyTiles(pyramid: Pyramid): Generator<PyramidTile> {
  const { format, maxIter, appearance } = pyramid
  for (const { z, x0, y0, x1, y1 } of areasOf(pyramid)) {
    for (let y = y0; y <= y1; y++) {
      for (let x = x0; x <= x1; x++) {
        const request = { tile: { z, x, y }, size: TILE_SIZE, maxIter }
        yield {
          path: `${z}/${x}/${y}.${format}`,
          make: async (renderer, caller) => (await renderer.tile(request, appearance, format).find(caller)).bytes,
        }
      }
    }
  }
}

/**
 * The tiles of a Deep Zoom image at the deepest zoom, its size in pixels, and the level of that
 * size, the last.
 */
function deepZoomSize(pyramid: Pyramid): { area: Area; width: number; height: number; last: number } {
  const area = areaOfBounds(pyramid.a, pyramid.b, pyramid.zoom)
  if (!area) throw new Failure('invalid', '--bounds must overlap re from -2 to 1 and im from -1.5 to 1.5, they do not')
  const [width, height] = [area.x1 - area.x0 + 1n, area.y1 - area.y0 + 1n].map(
    (tiles) => Number(tiles) * TILE_SIZE,
  ) as [number, number]
  return { area, width, height, last: Math.ceil(Math.log2(Math.max(width, height))) }
}

/** The text of a .dzi. */
function deepZoomText(pyramid: Pyramid): string {
  const { width, height } = deepZoomSize(pyramid)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<Image xmlns="http://schemas.microsoft.com/deepzoom/2008" Format="${pyramid.format}" Overlap="0" TileSize="${TILE_SIZE}">`,
    `  <Size Width="${width}" Height="${height}"/>`,
    '</Image>\n',
  ].join('\n')
}

/**
 * The tiles of a Deep Zoom image, level by level. Each level shows the map at its zoom, starting at
 * the corner of the image, which need not be the corner of a tile. Levels below zoom 0 are rendered
 * at zoom 0 and made smaller.
 */
function* deepZoomTiles(pyramid: Pyramid): Generator<PyramidTile> {
  const { area, width, height, last } = deepZoomSize(pyramid)
  const { zoom, format, maxIter, appearance } = pyramid
  for (let level = 0; level <= last; level++) {
    const shrink = 2 ** (last - level)
    const [wide, tall] = [Math.ceil(width / shrink), Math.ceil(height / shrink)]
    for (let row = 0; row * TILE_SIZE < tall; row++) {
      for (let column = 0; column * TILE_SIZE < wide; column++) {
        const w = Math.min(TILE_SIZE, wide - column * TILE_SIZE)
        const h = Math.min(TILE_SIZE, tall - row * TILE_SIZE)
        const own = zoom - (last - level)
        // the zoom of an image is at least 0
        const finer = own < 0 ? 2 ** -own : 1
        const [re, im] = middle(area, 2 * column * TILE_SIZE + w, 2 * row * TILE_SIZE + h, last - level)
        const request = { re, im, zoom: Math.max(own, 0), width: w * finer, height: h * finer, maxIter, appearance }
        yield {
          path: `${level}/${column}_${row}.${format}`,
          make: async (renderer, caller) => {
            if (finer === 1) return (await renderer.image(request, format).find(caller)).bytes
            return smaller((await renderer.image(request, 'png').find(caller)).bytes, w, h, format)
          },
        }
      }
    }
  }
}

// the point that many half pixels of a level to the right of the image's corner, and below it. A
// pixel of the deepest level is 3 / (256 · 2^z) wide, so the point is a decimal exactly
function middle({ z, x0, y0 }: Area, halfRight: number, halfDown: number, up: number) {
  const bits = BigInt(z + 9)
  const half = (tile: bigint, halves: number) => tile * 512n + (BigInt(halves) << BigInt(up))
  const re = (BigInt(LEFT) << bits) + BigInt(SPAN) * half(x0, halfRight)
  const im = (BigInt(2 * TOP) << (bits - 1n)) - BigInt(SPAN) * half(y0, halfDown)
  // n / 2^bits = n 5^bits / 10^bits
  const decimal = (n: bigint) => ({ digits: n * 5n ** bits, scale: Number(bits) })
  return [decimal(re), decimal(im)] as const
}

async function smaller(png: Uint8Array<ArrayBuffer>, width: number, height: number, format: PictureFormat) {
  const rgb = await sharp(png).resize(width, height, { fit: 'fill', kernel: 'lanczos3' }).removeAlpha().raw().toBuffer()
  return encode({ rgb, width, height }, format)
}

/** The number of files of a pyramid. */
export function fileCount(pyramid: Pyramid, kind: 'dzi' | 'slippy'): number {
  if (kind === 'slippy') return areasOf(pyramid).reduce((sum, area) => sum + Number(tileCount(area)), 0)
  const { width, height, last } = deepZoomSize(pyramid)
  const across = (pixels: number, level: number) => Math.ceil(Math.ceil(pixels / 2 ** (last - level)) / TILE_SIZE)
  return Array.from({ length: last + 1 }, (_, level) => across(width, level) * across(height, level)).reduce(
    (a, b) => a + b,
    0,
  )
}

/** Writes the missing files of a folder, each completely or not at all. */
async function writeTiles(
  renderer: Renderer,
  tiles: Iterable<PyramidTile>,
  folder: string,
  caller: Caller,
  onWritten: () => void = () => {},
): Promise<void> {
  await inParallel(tiles, 2 * renderer.pool.admission.slots, async ({ path, make }) => {
    caller.signal?.throwIfAborted()
    const file = join(folder, path)
    // a full disk leaves empty files
    const there = await stat(file).catch(() => undefined)
    if (!there?.size) {
      const bytes = await make(renderer, caller)
      await mkdir(dirname(file), { recursive: true })
      await replaceFile(file, bytes)
    }
    onWritten()
  })
}

/** Writes a whole pyramid: `out`.dzi and `out`_files, or a folder z/x/y with a tile.json. */
export async function writePyramid(
  renderer: Renderer,
  pyramid: Pyramid,
  out: string,
  kind: 'dzi' | 'slippy',
  caller: Caller,
  onProgress: OnProgress = () => {},
): Promise<void> {
  const count = fileCount(pyramid, kind)
  let written = 0
  const onWritten = () => onProgress(++written / count)
  if (kind === 'dzi') {
    await writeTiles(renderer, deepZoomTiles(pyramid), `${out.replace(/\.dzi$/, '')}_files`, caller, onWritten)
    await writeFile(out, deepZoomText(pyramid))
    return
  }
  await writeTiles(renderer, slippyTiles(pyramid), out, caller, onWritten)
  await writeFile(join(out, 'tile.json'), `${JSON.stringify(tileJson(pyramid), undefined, 2)}\n`)
}

function tileJson({ zoom, format }: Pyramid) {
  return {
    tilejson: '3.0.0',
    name: 'mandeltiles',
    description: 'The Mandelbrot set: re from -2 to 1, im from -1.5 to 1.5 at zoom 0',
    scheme: 'xyz',
    tiles: [`{z}/{x}/{y}.${format}`],
    minzoom: 0,
    maxzoom: zoom,
  }
}
